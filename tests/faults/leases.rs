//! Leases under faults: workers lease the numbers of a pool on two replicas, have codes sent, and read them. Some die
//! without releasing, some pause for longer than their lease and read on, and an old code is planted before every
//! action, while replicas are killed and Redis is cut off. Afterwards what each worker was answered is compared with
//! what it may see. Switching fencing off must show.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use otpwire::clock::Clock;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use sea_orm::FromQueryResult;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    platform::{Platform, Renter},
    provider::{Outcome, post},
    proxy::Network,
};

const WORKERS: u64 = 12;
const NUMBERS: usize = 3;
/// The shortest lease there is, in seconds.
const TTL: i64 = 5;
/// How long after the end of its lease a paused worker reads on.
const PAUSE: Duration = Duration::from_millis(700);
/// A code that was stored so long before the end of its lease must have been seen.
const MARGIN: TimeDelta = TimeDelta::seconds(2);

/// A broken promise of leases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Violation {
    /// A worker was given a code that was sent to the number before its lease.
    Stale,
    /// A worker was given a code of another lease.
    OutsideLease,
    /// A lease that was over was answered.
    OutdatedAnswered,
    /// A code that arrived in time was not in its lease.
    Missed,
    /// A number had two leases at once.
    Overlap,
}

/// When a message was on its way: it arrived in between. Without an acknowledgement it may arrive later.
#[derive(Clone, Copy, Debug)]
struct Sending {
    from: DateTime<Utc>,
    acknowledged: Option<DateTime<Utc>>,
}

/// What the workers did and saw.
#[derive(Debug, Default)]
struct History {
    sent: HashMap<String, Vec<Sending>>,
    leases: usize,
    seen: usize,
    refused: usize,
    violations: BTreeMap<Violation, (usize, String)>,
}

impl History {
    fn add(&mut self, violation: Violation, example: String) {
        self.violations.entry(violation).or_insert((0, example)).0 += 1;
    }

    /// Whether a message can have arrived in a lease: a code of another worker may, if it was sent late.
    fn can_have_arrived(&self, id: &str, lease: &Value) -> bool {
        let (start, end) = (time(lease, "starts_at"), time(lease, "expires_at"));
        self.sent.get(id).is_some_and(|sent| {
            sent.iter().any(|sending| sending.from < end && sending.acknowledged.is_none_or(|at| at >= start))
        })
    }

    fn count(&self, violation: Violation) -> usize {
        self.violations.get(&violation).map_or(0, |(count, _)| *count)
    }
}

/// One worker, which acts on a random replica each time.
struct Worker {
    platform: Arc<Platform>,
    history: Arc<Mutex<History>>,
    token: String,
    numbers: Vec<String>,
    name: u64,
    random: StdRng,
}

/// The end of an answer: its status and its body.
type Answer = Option<(u16, Value)>;

impl Worker {
    fn base(&mut self) -> String {
        let replica = self.random.random_range(0..self.platform.replicas.len());
        self.platform.address(replica)
    }

    async fn send(&mut self, request: impl FnOnce(&reqwest::Client, String) -> reqwest::RequestBuilder) -> Answer {
        let base = self.base();
        let request = request(self.platform.client(), base).bearer_auth(&self.token).timeout(Duration::from_secs(10));
        let answer = request.send().await.ok()?;
        let status = answer.status().as_u16();
        Some((status, serde_json::from_str(&answer.text().await.ok()?).unwrap_or_default()))
    }

    async fn acquire(&mut self, until: Instant) -> Option<Value> {
        let mut ticket = None;
        while Instant::now() < until {
            let body = json!({ "pool": "ci", "ttl_seconds": TTL, "wait_seconds": 3, "ticket": ticket });
            let sent = self.send(|client, base| {
                let request = client.post(format!("{base}/v1/leases")).header("content-type", "application/json");
                request.body(body.to_string())
            });
            match sent.await {
                Some((201, lease)) => return Some(lease),
                Some((202, queued)) => ticket = queued["ticket"].as_str().map(str::to_owned),
                // The ticket may have expired while no replica answered.
                _ => {
                    ticket = None;
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
        None
    }

    async fn read(&mut self, lease: &Value, what: &str) -> Answer {
        let path = format!("/v1/leases/{}/{what}fence={}", lease["id"], lease["fence"]);
        self.send(|client, base| client.get(format!("{base}{path}"))).await
    }

    /// Posts a message, and remembers when.
    async fn post(&mut self, id: &str, number: &str) -> Outcome {
        let base = self.base();
        let sending = Sending { from: Clock::System.now(), acknowledged: None };
        self.history.lock().unwrap().sent.entry(id.to_owned()).or_default().push(sending);
        let outcome = post(self.platform.client(), &base, id, number).await;
        if outcome == Outcome::Acknowledged {
            // Only its worker sends a message, one attempt after the other.
            let mut history = self.history.lock().unwrap();
            let sending = history.sent.get_mut(id).and_then(|sent| sent.last_mut());
            sending.unwrap().acknowledged = Some(Clock::System.now());
        }
        outcome
    }

    /// The ids of the messages in an answer, which must all be of this lease.
    fn check(&self, lease: &Value, body: &Value) -> Vec<String> {
        let listed = body["messages"].as_array().cloned().unwrap_or_else(|| vec![body.clone()]);
        let texts = listed.iter().filter_map(|one| one["message"]["message_content"].as_str());
        let ids: Vec<_> = texts.filter_map(|text| Some(text.split_once(' ')?.0.to_owned())).collect();
        let mut history = self.history.lock().unwrap();
        history.seen += ids.len();
        for id in &ids {
            // One's own may be seen before the provider hears that it is stored.
            if *id != own_id(lease) && !history.can_have_arrived(id, lease) {
                let violation = if id.starts_with("old-") { Violation::Stale } else { Violation::OutsideLease };
                history.add(violation, format!("{id} in lease {}", lease["id"]));
            }
        }
        ids
    }

    async fn work(mut self, until: Instant) {
        for round in 0.. {
            if Instant::now() >= until {
                return;
            }
            let planted = self.numbers[self.random.random_range(0..self.numbers.len())].clone();
            self.post(&format!("old-{}-{round}", self.name), &planted).await;
            let Some(lease) = self.acquire(until).await else { return };
            self.history.lock().unwrap().leases += 1;
            // By the lease, so that each happens however few there are.
            match lease["id"].as_i64().unwrap() % 5 {
                0 => self.outstay(&lease).await,
                // It dies: nobody releases the lease.
                1 => self.send_code(&lease).await.map_or((), drop),
                _ => self.use_lease(&lease).await,
            }
        }
    }

    /// Has a code sent until it is acknowledged, sometimes twice. Returns when it was.
    async fn send_code(&mut self, lease: &Value) -> Option<DateTime<Utc>> {
        let number = lease["phone_number"].as_str().unwrap().to_owned();
        for _ in 0..10 {
            if self.post(&own_id(lease), &number).await == Outcome::Acknowledged {
                if self.random.random_bool(0.3) {
                    self.post(&own_id(lease), &number).await;
                }
                return Some(Clock::System.now());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        None
    }

    async fn use_lease(&mut self, lease: &Value) {
        let sent = self.send_code(lease).await;
        let (mut seen, mut was_read) = (false, false);
        while !seen && Clock::System.now() < end_of(lease) {
            // Both ways: the live one, and the one that reads the store.
            for what in ["wait?timeout=1&", "messages?"] {
                if let Some((200, body)) = self.read(lease, what).await {
                    was_read = what == "messages?";
                    seen |= self.check(lease, &body).contains(&own_id(lease));
                }
            }
        }
        if !seen && was_read && sent.is_some_and(|sent| sent + MARGIN < end_of(lease)) {
            self.history.lock().unwrap().add(Violation::Missed, own_id(lease));
        }
        let path = format!("/v1/leases/{}?fence={}", lease["id"], lease["fence"]);
        self.send(|client, base| client.delete(format!("{base}{path}"))).await;
    }

    /// Reads on after the end of the lease.
    async fn outstay(&mut self, lease: &Value) {
        let left = (end_of(lease) - Clock::System.now()).to_std().unwrap_or_default();
        tokio::time::sleep(left + PAUSE).await;
        for what in ["messages?", "wait?timeout=0&"] {
            let answer = self.read(lease, what).await;
            if let Some((200, body)) = &answer {
                self.check(lease, body);
            }
            let mut history = self.history.lock().unwrap();
            match answer {
                Some((200 | 204, _)) => history.add(Violation::OutdatedAnswered, own_id(lease)),
                Some((409, _)) => history.refused += 1,
                _ => {}
            }
        }
    }
}

/// The id of the message that is sent to the number of a lease, while it lasts.
fn own_id(lease: &Value) -> String {
    format!("lease-{}", lease["id"])
}

fn end_of(lease: &Value) -> DateTime<Utc> {
    time(lease, "expires_at")
}

fn time(lease: &Value, field: &str) -> DateTime<Utc> {
    lease[field].as_str().unwrap().parse().unwrap()
}

#[derive(FromQueryResult)]
struct Counted {
    n: i64,
}

/// Lets the workers work while replicas are killed and Redis is cut off.
async fn run(disabled: &[&str], length: Duration) -> History {
    let _machine = crate::exclusive().await;
    let platform = Arc::new(Platform::start(2, disabled).await);
    let Renter { token, numbers, .. } = platform.create_renters(1, NUMBERS).await.remove(0);
    let pool = r#"mutation { createPool(input: { name: "ci", rule: {} }) { pool { id } } }"#;
    platform.graphql(Some(&token), pool, json!({})).await;
    let history = Arc::new(Mutex::new(History::default()));
    let until = Instant::now() + length;
    let workers = (0..WORKERS).map(|name| {
        let worker = Worker {
            platform: Arc::clone(&platform),
            history: Arc::clone(&history),
            token: token.clone(),
            numbers: numbers.clone(),
            name,
            random: StdRng::seed_from_u64(name),
        };
        tokio::spawn(worker.work(until))
    });
    let workers: Vec<_> = workers.collect();
    let mut replica = 0;
    while Instant::now() + Duration::from_secs(4) < until {
        tokio::time::sleep(Duration::from_secs(3)).await;
        platform.signal(replica, "-KILL");
        platform.wait_for_exit(replica).await;
        platform.launch(replica);
        platform.wait_until_ready(replica, false).await;
        replica = 1 - replica;
        platform.set_network(|replica| &replica.to_redis, None, Network::Cut);
        tokio::time::sleep(Duration::from_millis(500)).await;
        platform.set_network(|replica| &replica.to_redis, None, Network::Up);
    }
    for worker in join_all(workers).await {
        worker.unwrap();
    }
    let overlaps = "SELECT count(*) AS n FROM leases a JOIN leases b ON a.phone_number_id = b.phone_number_id
                    AND a.fence < b.fence AND coalesce(a.ended_at, a.expires_at) > b.started_at";
    let overlaps: Vec<Counted> = platform.query(overlaps).await;
    let mut history = std::mem::take(&mut *history.lock().unwrap());
    for _ in 0..overlaps[0].n {
        history.add(Violation::Overlap, "see the table of leases".to_owned());
    }
    history.sent.clear();
    println!("{history:?}");
    history
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_see_the_codes_of_their_leases_alone() {
    let history = run(&[], Duration::from_secs(30)).await;
    assert!(history.violations.is_empty(), "{history:?}");
    assert!(history.leases > 5 && history.seen > 2 && history.refused > 0, "{history:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_fencing_workers_see_the_codes_of_others() {
    let history = run(&["fencing"], Duration::from_secs(30)).await;
    assert!(history.count(Violation::OutdatedAnswered) > 0, "{history:?}");
    assert!(history.count(Violation::Stale) + history.count(Violation::OutsideLease) > 0, "{history:?}");
    assert_eq!(history.count(Violation::Overlap), 0, "{history:?}");
}
