//! How long workers wait, with no faults: for a number that is free, and for a code after its webhook was answered.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use futures_util::future::join_all;
use otpwire::clock::Clock;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{from_environment, make_pool, workers};
use crate::{
    platform::Platform,
    provider::{Outcome, post_message},
};

/// How long the page under test takes, in milliseconds, before it asks for a code, and after the code was typed in.
const PAGE: std::ops::Range<u64> = 300..1700;

/// What was measured, in microseconds.
#[derive(Debug, Default)]
struct Latencies {
    /// From the request for a lease, while numbers are free, to its answer.
    acquiring: Vec<u64>,
    /// From the 200 of the webhook to the answer with the code; 0 if that came first.
    code: Vec<u64>,
}

struct Worker {
    platform: Arc<Platform>,
    client: reqwest::Client,
    key: String,
    random: StdRng,
    name: usize,
}

impl Worker {
    fn base(&mut self) -> String {
        self.platform.address(self.random.random_range(0..self.platform.replicas.len()))
    }

    async fn page(&mut self) {
        let page = Duration::from_millis(self.random.random_range(PAGE));
        tokio::time::sleep(page).await;
    }

    async fn post(&mut self, message: &Value) {
        let base = self.base();
        assert_eq!(post_message(&self.client, &base, message).await, Outcome::Acknowledged);
    }

    async fn work(mut self, rounds: usize) -> Latencies {
        let mut latencies = Latencies::default();
        // The first round, in which all connect at once, is not counted.
        for round in 0..=rounds {
            self.page().await;
            let leases = format!("{}/v1/leases", self.base());
            let request = self.client.post(leases).bearer_auth(&self.key);
            let request = request.header("content-type", "application/json").body(r#"{"pool":"ci","wait_seconds":50}"#);
            let asked = Instant::now();
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 201, "a number is free");
            let lease: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
            latencies.acquiring.push(microseconds(asked.elapsed()));
            let number = lease["phone_number"].as_str().unwrap().to_owned();
            let query = format!("fence={}&message_type=otp&timeout=50", lease["fence"]);
            let wait = format!("{}/v1/leases/{}/wait?{query}", self.base(), lease["id"]);
            let request = self.client.get(wait).bearer_auth(&self.key);
            let waiting = tokio::spawn(async move {
                let text = request.send().await.unwrap().text().await.unwrap();
                (Instant::now(), text)
            });
            // An old code comes first.
            let sent_at = Clock::System.now() - TimeDelta::seconds(20);
            let id = format!("{}-{round}", self.name);
            let old = json!({ "id": format!("old-{id}"), "from": "GOOGLE", "to": number, "text": "Your code is 999999",
                "sent_at": sent_at });
            self.post(&old).await;
            self.page().await;
            let code = format!("{:06}", 100_000 + (self.name * 1009 + round) % 800_000);
            let text = format!("Your code is {code}");
            let sent_at = Clock::System.now();
            let own = json!({ "id": id, "from": "GOOGLE", "to": number, "text": text, "sent_at": sent_at });
            self.post(&own).await;
            let acknowledged = Instant::now();
            let (answered, answer) = waiting.await.unwrap();
            latencies.code.push(microseconds(answered.saturating_duration_since(acknowledged)));
            let answer: Value = serde_json::from_str(&answer).unwrap();
            assert_eq!(answer["message"]["otp"]["code"], code, "{answer}");
            self.page().await;
            let path = format!("{}/v1/leases/{}?fence={}", self.base(), lease["id"], lease["fence"]);
            let released = self.client.delete(path).bearer_auth(&self.key).send().await.unwrap();
            assert_eq!(released.status(), 200);
        }
        latencies.acquiring.remove(0);
        latencies.code.remove(0);
        latencies
    }
}

fn microseconds(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap()
}

fn describe(what: &str, mut times: Vec<u64>) {
    times.sort_unstable();
    let at = |share: usize| Duration::from_micros(times[(times.len() * share / 1000).min(times.len() - 1)]);
    println!("{what}: p50 {:.1?}, p99 {:.1?}, p99.9 {:.1?}, of {}", at(500), at(990), at(999), times.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement, for a release build: see docs/pipelines.md"]
async fn latencies_of_leases() {
    let _machine = crate::exclusive().await;
    let workers = workers();
    let rounds = from_environment("OTPWIRE_LEASES_COUNT", 240).div_ceil(workers);
    let platform = Arc::new(Platform::start_with(2, &[], &[("OTPWIRE_LOG", "warn")]).await);
    let (key, _) = make_pool(&platform, workers + 1).await;
    let started = Instant::now();
    let working = (0..workers).map(|name| {
        let worker = Worker {
            platform: Arc::clone(&platform),
            // Of its own, as the workers of a pipeline have.
            client: otpwire::fetch::client().unwrap().build().unwrap(),
            key: key.clone(),
            random: StdRng::seed_from_u64(name as u64),
            name,
        };
        tokio::spawn(worker.work(rounds))
    });
    let mut all = Latencies::default();
    for done in join_all(working.collect::<Vec<_>>()).await {
        let done = done.unwrap();
        all.acquiring.extend(done.acquiring);
        all.code.extend(done.code);
    }
    println!(
        "{workers} workers on two replicas, {:.1} leases a second",
        all.code.len() as f64 / started.elapsed().as_secs_f64()
    );
    describe("acquiring a free number (goal: p99 of 20 ms)", all.acquiring);
    describe("the code in the worker, after the webhook's 200 (goal: p99 of 50 ms)", all.code);
}
