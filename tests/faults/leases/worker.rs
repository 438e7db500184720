//! A worker: it leases a number of the pool, has a code sent to it, and reads. It is a process of its own, so that it
//! can be killed in the middle of anything: this program, with a test that is none. It reports on its standard output,
//! and stops when its standard input is closed.

use std::{
    io::{Read, Write},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use otpwire::clock::Clock;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::history::{Event, History, LONG_AGO, own_id};
use crate::provider::{Outcome, post_message};

/// The shortest lease there is, in seconds.
const TTL: i64 = 5;
/// How long after the end of its lease a paused worker reads on.
const PAUSE: Duration = Duration::from_millis(700);
/// A code that was stored so long before the end of its lease must have been seen.
const MARGIN: TimeDelta = TimeDelta::seconds(2);
/// What a line of a report begins with: the test harness prints lines as well.
const MARK: &str = "@";
const VARIABLE: &str = "OTPWIRE_LEASES_WORKER";

/// What a worker is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Orders {
    pub(super) name: String,
    pub(super) seed: u64,
    pub(super) replicas: Vec<String>,
    pub(super) key: String,
    pub(super) numbers: Vec<String>,
    /// One lease in so many is outstayed, and another one is left without being released.
    pub(super) one_in: i64,
}

/// A worker's process. Its events go into the history as they happen.
pub(super) struct Process {
    child: Child,
    reader: std::thread::JoinHandle<()>,
}

impl Process {
    pub(super) fn start(orders: &Orders, history: &Arc<Mutex<History>>) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "leases::worker::process", "--ignored", "--nocapture", "--test-threads=1"])
            .env(VARIABLE, serde_json::to_string(orders).unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (stdout, history) = (child.stdout.take().unwrap(), Arc::clone(history));
        let reader = std::thread::spawn(move || {
            for line in std::io::BufRead::lines(std::io::BufReader::new(stdout)).map_while(Result::ok) {
                // A worker that is killed may leave half a line.
                let event = line.strip_prefix(MARK).and_then(|event| serde_json::from_str(event).ok());
                if let Some(event) = event {
                    history.lock().unwrap().record(event);
                }
            }
        });
        Self { child, reader }
    }

    /// Ends it by SIGKILL.
    pub(super) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.reader.join().unwrap();
    }

    /// Tells it to stop.
    pub(super) fn stop(&mut self) {
        drop(self.child.stdin.take());
    }

    /// Waits until it has stopped.
    pub(super) fn join(mut self) {
        assert!(self.child.wait().unwrap().success(), "a worker failed");
        self.reader.join().unwrap();
    }
}

/// A worker's process.
#[tokio::test]
#[ignore = "a worker, which the tests of leases start"]
async fn process() {
    #[expect(clippy::disallowed_methods, reason = "it tells this process what to do")]
    let orders = std::env::var(VARIABLE).expect("only the tests of leases start a worker");
    let is_over = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&is_over);
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        flag.store(true, Ordering::Relaxed);
    });
    let orders: Orders = serde_json::from_str(&orders).unwrap();
    let random = StdRng::seed_from_u64(orders.seed);
    let client = otpwire::fetch::client().unwrap().build().unwrap();
    Worker { orders, client, random, is_over }.work().await;
}

/// One worker, which acts on a random replica each time.
struct Worker {
    orders: Orders,
    client: reqwest::Client,
    random: StdRng,
    is_over: Arc<AtomicBool>,
}

/// The end of an answer: its status and its body.
type Answer = Option<(u16, Value)>;

/// A lease, as far as a worker has to know it.
#[derive(Clone, Debug, Deserialize)]
struct Lease {
    id: i64,
    fence: i64,
    phone_number: String,
    starts_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

fn report(event: &Event) {
    // In one piece, and at once: nothing is left in a buffer of a worker that is killed.
    // The test harness may have begun a line.
    let line = format!("\n{MARK}{}\n", serde_json::to_string(event).unwrap());
    std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
}

fn now() -> DateTime<Utc> {
    Clock::System.now()
}

impl Worker {
    fn base(&mut self) -> String {
        self.orders.replicas[self.random.random_range(0..self.orders.replicas.len())].clone()
    }

    async fn send(&mut self, request: impl FnOnce(&reqwest::Client, String) -> reqwest::RequestBuilder) -> Answer {
        let base = self.base();
        let request = request(&self.client, base).bearer_auth(&self.orders.key).timeout(Duration::from_secs(15));
        let answer = request.send().await.ok()?;
        let status = answer.status().as_u16();
        Some((status, serde_json::from_str(&answer.text().await.ok()?).unwrap_or_default()))
    }

    async fn acquire(&mut self) -> Option<Lease> {
        let mut ticket = None;
        while !self.is_over.load(Ordering::Relaxed) {
            let body = json!({ "pool": "ci", "ttl_seconds": TTL, "wait_seconds": 8, "ticket": ticket });
            let sent = self.send(|client, base| {
                let request = client.post(format!("{base}/v1/leases")).header("content-type", "application/json");
                request.body(body.to_string())
            });
            match sent.await {
                Some((201, lease)) => {
                    let lease: Lease = serde_json::from_value(lease).unwrap();
                    report(&Event::Leased { id: lease.id, waited: ticket.is_some() });
                    return Some(lease);
                }
                Some((202, queued)) => ticket = queued["ticket"].as_str().map(str::to_owned),
                // The ticket has expired while no replica answered.
                Some((404, _)) => ticket = None,
                None | Some((503, _)) => tokio::time::sleep(Duration::from_millis(100)).await,
                Some((status, _)) => {
                    report(&Event::Unexpected { what: format!("{status} to whoever acquires a lease") });
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
        None
    }

    /// Does something through a lease, and reports what was answered. Returns the ids of the messages, if there was an
    /// answer.
    async fn use_through(&mut self, lease: &Lease, method: reqwest::Method, path: &str) -> Option<Vec<String>> {
        let is_over = lease.expires_at <= now();
        let is_posted = method == reqwest::Method::POST;
        let mut url = format!("/v1/leases/{}{path}", lease.id);
        if !is_posted {
            url = format!("{url}{}fence={}", if path.contains('?') { '&' } else { '?' }, lease.fence);
        }
        let body = json!({ "fence": lease.fence }).to_string();
        let answer = self
            .send(|client, base| match is_posted {
                true => client.post(base + &url).header("content-type", "application/json").body(body),
                false => client.request(method, base + &url),
            })
            .await;
        let (status, body) = answer?;
        match status {
            200 | 204 => {
                let listed = body["messages"].as_array().cloned().unwrap_or_else(|| vec![body.clone()]);
                let texts = listed.iter().filter_map(|one| one["message"]["message_content"].as_str());
                let ids: Vec<_> = texts.filter_map(|text| Some(text.split_once(' ')?.0.to_owned())).collect();
                report(&Event::Read { lease: lease.id, ids: ids.clone(), is_over });
                Some(ids)
            }
            409 => {
                report(&Event::Refused { is_over });
                None
            }
            503 => None,
            status => {
                report(&Event::Unexpected { what: format!("{status} through a lease: {path}") });
                None
            }
        }
    }

    /// Posts a message, and reports when. Returns whether it was acknowledged.
    async fn post(&mut self, id: &str, number: &str, sent_at: Option<DateTime<Utc>>) -> bool {
        let base = self.base();
        report(&Event::Sending { id: id.to_owned(), from: now(), sent_at });
        let mut message = json!({ "id": id, "from": "GOOGLE", "to": number, "text": format!("{id} is a text") });
        if let Some(sent_at) = sent_at {
            message["sent_at"] = json!(sent_at);
        }
        let outcome = post_message(&self.client, &base, &message).await;
        if outcome == Outcome::Acknowledged {
            report(&Event::Acknowledged { id: id.to_owned(), at: now() });
        }
        outcome == Outcome::Acknowledged
    }

    async fn work(mut self) {
        for round in 0.. {
            // An old code for any number, which another worker may hold: the provider's time says that it is old, or
            // nothing does, and it comes between leases or in one.
            let any = self.orders.numbers[self.random.random_range(0..self.orders.numbers.len())].clone();
            let sent_at = self.random.random_bool(0.5).then(|| now() - LONG_AGO);
            self.post(&format!("old-{}-{round}-any", self.orders.name), &any, sent_at).await;
            let Some(lease) = self.acquire().await else { return };
            // And one for the number, from before the lease.
            let id = format!("old-{}-{round}", self.orders.name);
            self.post(&id, &lease.phone_number, Some(lease.starts_at - LONG_AGO)).await;
            // By the lease, so that each happens however few there are.
            match lease.id % self.orders.one_in {
                0 => self.outstay(&lease).await,
                // It forgets the lease: nobody releases it.
                1 => drop(self.send_code(&lease).await),
                _ => self.use_lease(&lease).await,
            }
        }
    }

    /// Has a code sent until it is acknowledged, sometimes twice. Returns when it was.
    async fn send_code(&mut self, lease: &Lease) -> Option<DateTime<Utc>> {
        let (id, sent_at) = (own_id(lease.id), Some(now()));
        for _ in 0..10 {
            if self.post(&id, &lease.phone_number, sent_at).await {
                let acknowledged = now();
                if self.random.random_bool(0.3) {
                    self.post(&id, &lease.phone_number, sent_at).await;
                }
                return Some(acknowledged);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        None
    }

    async fn use_lease(&mut self, lease: &Lease) {
        let acknowledged = self.send_code(lease).await;
        let (mut seen, mut was_read) = (false, false);
        while !seen && now() < lease.expires_at {
            // Both ways: the live one, and the one that reads the store.
            for path in ["/wait?timeout=1", "/messages"] {
                if let Some(ids) = self.use_through(lease, reqwest::Method::GET, path).await {
                    was_read |= path == "/messages";
                    seen |= ids.contains(&own_id(lease.id));
                }
            }
        }
        if !seen && was_read && acknowledged.is_some_and(|at| at + MARGIN < lease.expires_at) {
            report(&Event::Missed { lease: lease.id });
        }
        let _ = self.use_through(lease, reqwest::Method::DELETE, "").await;
        if self.random.random_bool(0.2) {
            // A webhook that comes when its lease is over, and the next one may have begun.
            let id = format!("late-{}", lease.id);
            self.post(&id, &lease.phone_number, Some(lease.starts_at)).await;
        }
    }

    /// Uses everything after the end of the lease.
    async fn outstay(&mut self, lease: &Lease) {
        self.send_code(lease).await;
        let left = (lease.expires_at - now()).to_std().unwrap_or_default();
        tokio::time::sleep(left + PAUSE).await;
        for path in ["/messages", "/wait?timeout=0", ""] {
            let _ = self.use_through(lease, reqwest::Method::GET, path).await;
        }
        let _ = self.use_through(lease, reqwest::Method::POST, "/renew").await;
    }
}
