//! Providers: they post signed webhooks, retry until they are told 200, and sometimes when they were.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use otpwire::providers::sandbox::{SIGNATURE, Sandbox, TIMESTAMP};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::platform::{Platform, SECRET};

/// How long a provider waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What providers did, and what they were told.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    /// The ids that were answered 200.
    pub(crate) acknowledged: Mutex<HashSet<String>>,
    /// The ids that were posted.
    pub(crate) posted: Mutex<HashSet<String>>,
    /// How many requests were made.
    pub(crate) attempts: AtomicU64,
    /// How many of them were answered 503.
    pub(crate) busy: AtomicU64,
    /// How many got no answer.
    pub(crate) unanswered: AtomicU64,
    /// Answers that a signed webhook for a number of ours must never get.
    pub(crate) odd: Mutex<Vec<String>>,
}

/// What a webhook was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Stored,
    Busy,
    Nothing,
    Odd(String),
}

/// Posts one message for a number, signed now.
pub(crate) async fn post(client: &reqwest::Client, base: &str, id: &str, to: &str) -> Told {
    let body = json!({ "id": id, "from": "GOOGLE", "to": to, "text": format!("{id} is a text for {to}") }).to_string();
    let now = otpwire::clock::Clock::System.now().timestamp();
    let request = client
        .post(format!("{base}/v1/webhooks/sms?provider=sandbox"))
        .header(TIMESTAMP, now)
        .header(SIGNATURE, Sandbox::new(SECRET.into()).sign(now, body.as_bytes()))
        .timeout(PATIENCE)
        .body(body);
    match request.send().await {
        Ok(answer) => match answer.status().as_u16() {
            200 => Told::Stored,
            503 if answer.headers().contains_key("retry-after") => Told::Busy,
            status => Told::Odd(format!("{status} {}", answer.text().await.unwrap_or_default())),
        },
        Err(_) => Told::Nothing,
    }
}

/// One provider: a message to a random number every `pause`, each posted until it is acknowledged, to a random
/// replica each time. One in ten is posted again afterwards, elsewhere: the answer may have been lost on its way.
pub(crate) async fn provide(
    platform: Arc<Platform>,
    traffic: Arc<Traffic>,
    numbers: Vec<String>,
    (seed, name): (u64, String),
    pause: Duration,
    stop: CancellationToken,
) {
    let mut random = StdRng::seed_from_u64(seed);
    let client = otpwire::fetch::client().unwrap().build().unwrap();
    for n in 0.. {
        if stop.is_cancelled() {
            return;
        }
        let id = format!("{name}-{n}");
        let to = &numbers[random.random_range(0..numbers.len())];
        let mut left = if random.random_bool(0.1) { 2 } else { 1 };
        while left > 0 {
            let doors = platform.doors();
            let base = format!("http://127.0.0.1:{}", doors[random.random_range(0..doors.len())]);
            traffic.attempts.fetch_add(1, Ordering::Relaxed);
            traffic.posted.lock().unwrap().insert(id.clone());
            match post(&client, &base, &id, to).await {
                Told::Stored => {
                    traffic.acknowledged.lock().unwrap().insert(id.clone());
                    left -= 1;
                    continue;
                }
                Told::Busy => drop(traffic.busy.fetch_add(1, Ordering::Relaxed)),
                Told::Nothing => drop(traffic.unanswered.fetch_add(1, Ordering::Relaxed)),
                Told::Odd(answer) => traffic.odd.lock().unwrap().push(answer),
            }
            tokio::time::sleep(Duration::from_millis(random.random_range(50..400))).await;
        }
        tokio::time::sleep(pause).await;
    }
}
