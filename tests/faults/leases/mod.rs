//! Leases under faults: workers, each a process, lease the numbers of a pool on two replicas, have codes sent, and read
//! them. Some are killed, some forget their lease, some pause for longer than it lasts and go on; an old code is
//! planted before every action, and webhooks are repeated and late, while replicas are killed and Redis is cut off.
//! Afterwards what each worker was answered is compared with what it may see. Switching fencing off must show.
//!
//! `OTPWIRE_LEASES_COUNT`, `OTPWIRE_LEASES_WORKERS` and `OTPWIRE_LEASES_NUMBERS` make it larger, and
//! `OTPWIRE_LEASES_SECONDS` ends it earlier. See docs/pipelines.md.

mod history;
mod latencies;
mod worker;

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::json;
use tokio::time::Instant;

use self::{
    history::{History, TRIGGERS, Violation},
    worker::{Orders, Process},
};
use crate::{platform::Platform, proxy::Network};

/// A number from the environment.
fn from_environment(name: &str, default: usize) -> usize {
    #[expect(clippy::disallowed_methods, reason = "the program under test reads none of it")]
    std::env::var(name).map_or(default, |value| value.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}

fn workers() -> usize {
    from_environment("OTPWIRE_LEASES_WORKERS", 12)
}

/// How long replicas and Redis are left alone between two faults, in a long run more than the fifteen seconds for which
/// the tickets of requests that died with their replica are kept, and free numbers with them.
const BETWEEN_FAULTS: [Duration; 2] = [Duration::from_secs(8), Duration::from_secs(20)];
/// From so many leases on, a run is a long one.
const LONG: usize = 1000;
/// How long a worker lives, on average. The ticket of one that is killed is kept for fifteen seconds as well.
const LIFE_OF_A_WORKER: [Duration; 2] = [Duration::from_secs(20), Duration::from_secs(120)];

/// A pool `ci` of so many numbers, and a key that may lease them.
async fn make_pool(platform: &Platform, numbers: usize) -> (String, Vec<String>) {
    let token = platform.create_administrator(numbers).await;
    let rent = r#"mutation { assignPhoneNumber(input: { countryCode: "US", durationHours: 24 }) { phoneNumber { phoneNumber } } }"#;
    let mut rented = Vec::new();
    for _ in 0..numbers {
        let number = platform.graphql(Some(&token), rent, json!({})).await;
        rented.push(number["assignPhoneNumber"]["phoneNumber"]["phoneNumber"].as_str().unwrap().to_owned());
    }
    let pool = r#"mutation { createPool(input: { name: "ci", rule: {} }) { pool { id } } }"#;
    platform.graphql(Some(&token), pool, json!({})).await;
    let key = r#"mutation { createApiKey(input: { name: "ci", scopes: [LEASE_NUMBERS] }) { key } }"#;
    let key = platform.graphql(Some(&token), key, json!({})).await["createApiKey"]["key"].clone();
    (key.as_str().unwrap().to_owned(), rented)
}

/// The workers, and what has become of them.
struct Crew {
    history: Arc<Mutex<History>>,
    orders: Orders,
    processes: Vec<Process>,
    random: StdRng,
}

impl Crew {
    fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap()
    }

    fn start_one(&mut self) -> Process {
        let seed = self.random.random_range(0..u64::MAX);
        Process::start(&Orders { name: format!("{seed:x}"), seed, ..self.orders.clone() }, &self.history)
    }

    /// Kills one in the middle of whatever it does; another one takes its place.
    fn kill_one(&mut self) {
        let n = self.random.random_range(0..self.processes.len());
        let successor = self.start_one();
        std::mem::replace(&mut self.processes[n], successor).kill();
        self.history().workers_killed += 1;
    }
}

/// Lets workers work while some of them and the replicas are killed and Redis is cut off, until they have had so many
/// leases.
async fn run(disabled: &[&str], leases: usize) -> History {
    let _machine = crate::exclusive().await;
    let workers = workers();
    let numbers = from_environment("OTPWIRE_LEASES_NUMBERS", (workers * 3 / 8).max(3));
    let platform = Platform::start(2, disabled).await;
    let (key, numbers) = make_pool(&platform, numbers).await;
    platform.sql(TRIGGERS).await;
    let orders = Orders {
        name: String::new(),
        seed: 0,
        replicas: (0..platform.replicas.len()).map(|n| platform.address(n)).collect(),
        key,
        numbers,
        one_in: if leases < LONG { 5 } else { 12 },
    };
    let history = Arc::new(Mutex::new(History::default()));
    let mut crew = Crew { history, orders, processes: Vec::new(), random: StdRng::seed_from_u64(18) };
    for _ in 0..workers {
        let process = crew.start_one();
        crew.processes.push(process);
    }
    let started = Instant::now();
    let is_long = leases >= LONG;
    let between_faults = BETWEEN_FAULTS[usize::from(is_long)];
    let life = LIFE_OF_A_WORKER[usize::from(is_long)];
    let longest = Duration::from_secs(from_environment("OTPWIRE_LEASES_SECONDS", usize::MAX) as u64);
    let (mut replica, mut next_fault) = (0, started + between_faults);
    // Each kind of fault happens several times, however fast the leases are given.
    while crew.history().leases < leases && started.elapsed() < longest || crew.history().replicas_killed < 2 {
        assert!(started.elapsed() < Duration::from_secs(60 + leases as u64 / 2), "too slow: {}", crew.history());
        tokio::time::sleep(life / u32::try_from(workers).unwrap()).await;
        crew.kill_one();
        if Instant::now() < next_fault {
            continue;
        }
        platform.signal(replica, "-KILL");
        platform.wait_for_exit(replica).await;
        platform.launch(replica);
        platform.wait_until_ready(replica, false).await;
        crew.history().replicas_killed += 1;
        replica = 1 - replica;
        platform.set_network(|replica| &replica.to_redis, None, Network::Cut);
        tokio::time::sleep(Duration::from_millis(500)).await;
        platform.set_network(|replica| &replica.to_redis, None, Network::Up);
        next_fault = Instant::now() + between_faults;
    }
    crew.processes.iter_mut().for_each(Process::stop);
    crew.processes.drain(..).for_each(Process::join);
    let mut history = std::mem::take(&mut *crew.history());
    history.check(&platform).await;
    println!("{workers} workers, {} numbers, {} s\n{history}", crew.orders.numbers.len(), started.elapsed().as_secs());
    history
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_see_the_codes_of_their_leases_alone() {
    let history = run(&[], from_environment("OTPWIRE_LEASES_COUNT", 40)).await;
    assert!(history.is_correct(), "{history}");
    assert!(history.seen > 2 && history.refused > 0, "{history}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_fencing_workers_see_the_codes_of_others() {
    let history = run(&["fencing"], 40).await;
    assert!(history.count(Violation::OutdatedAnswered) > 0, "{history}");
    assert!(history.count(Violation::Stale) > 0 && history.count(Violation::OutsideLease) > 0, "{history}");
    assert_eq!(history.count(Violation::Overlap) + history.count(Violation::Overtaken), 0, "{history}");
}
