//! Providers: they post signed webhooks, retry until they get a 200, and sometimes repeat one that got it.

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
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::platform::{Platform, SECRET};

/// How long a provider waits for an answer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// What providers posted, and the answers they got.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    /// The ids of the messages that were answered with 200.
    pub(crate) acknowledged: Mutex<HashSet<String>>,
    /// The ids of the messages that were posted.
    pub(crate) posted: Mutex<HashSet<String>>,
    /// How many requests were made.
    pub(crate) attempts: AtomicU64,
    /// How many of them were answered with 503.
    pub(crate) busy: AtomicU64,
    /// How many got no answer.
    pub(crate) unanswered: AtomicU64,
    /// Answers that a correctly signed webhook for a known number must never get.
    pub(crate) unexpected: Mutex<Vec<String>>,
}

/// The outcome of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Acknowledged,
    Busy,
    Unanswered,
    Unexpected(String),
}

/// Posts one message for a number, signed now.
pub(crate) async fn post(client: &reqwest::Client, base: &str, id: &str, to: &str) -> Outcome {
    let text = format!("{id} is a text for {to}");
    post_message(client, base, &json!({ "id": id, "from": "GOOGLE", "to": to, "text": text })).await
}

/// Posts a message with all its fields, signed now.
pub(crate) async fn post_message(client: &reqwest::Client, base: &str, message: &Value) -> Outcome {
    let body = message.to_string();
    let now = otpwire::clock::Clock::System.now().timestamp();
    let request = client
        .post(format!("{base}/v1/webhooks/sms?provider=sandbox"))
        .header(TIMESTAMP, now)
        .header(SIGNATURE, Sandbox::new(SECRET.into()).sign(now, body.as_bytes()))
        .timeout(REQUEST_TIMEOUT)
        .body(body);
    match request.send().await {
        Ok(answer) => match answer.status().as_u16() {
            200 => Outcome::Acknowledged,
            503 if answer.headers().contains_key("retry-after") => Outcome::Busy,
            status => Outcome::Unexpected(format!("{status} {}", answer.text().await.unwrap_or_default())),
        },
        Err(_) => Outcome::Unanswered,
    }
}

/// One provider. Every `pause` it has a message for a random number, and posts it to a random replica each time until
/// it is acknowledged. One message in ten is posted again afterwards, as if the acknowledgement had been lost.
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
            let ports = platform.client_ports();
            let base = format!("http://127.0.0.1:{}", ports[random.random_range(0..ports.len())]);
            traffic.attempts.fetch_add(1, Ordering::Relaxed);
            traffic.posted.lock().unwrap().insert(id.clone());
            match post(&client, &base, &id, to).await {
                Outcome::Acknowledged => {
                    traffic.acknowledged.lock().unwrap().insert(id.clone());
                    left -= 1;
                    continue;
                }
                Outcome::Busy => drop(traffic.busy.fetch_add(1, Ordering::Relaxed)),
                Outcome::Unanswered => drop(traffic.unanswered.fetch_add(1, Ordering::Relaxed)),
                Outcome::Unexpected(answer) => traffic.unexpected.lock().unwrap().push(answer),
            }
            tokio::time::sleep(Duration::from_millis(random.random_range(50..400))).await;
        }
        tokio::time::sleep(pause).await;
    }
}
