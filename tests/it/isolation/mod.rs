//! A property test of isolation: whatever happens in whatever order, a user sees all messages of their own rentals, in
//! order, and nothing of other users.
//!
//! A history is a random sequence of steps by users, providers, administrators and the clock, generated from a seed.
//! After each step one of the APIs is compared with a model, and at the end all of them are. A failure prints its seed
//! and its steps; `OTPWIRE_TEST_SEED=… cargo test --test it isolation` repeats one history, and
//! `OTPWIRE_TEST_HISTORIES=…` sets how many are run.
//!
//! In reading order: [`model`] (what ought to be visible to whom), [`steps`] (what users and administrators do),
//! [`webhooks`] (what providers do), [`watchers`] (subscriptions and streams), [`apis`] (the comparison with the
//! model).

mod apis;
mod model;
mod steps;
mod watchers;
mod webhooks;

use std::{fmt::Write, net::SocketAddr};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use self::{
    model::{COOL_DOWN, Filter, Model, Number, RETENTION, Rental},
    watchers::Watcher,
    webhooks::Draft,
};
use crate::support::{Backend, Renter, Replica, SECRET, World};

const USERS: usize = 3;
const NUMBERS: [&str; 3] = ["+14155550100", "+14155550101", "+4915123456789"];
const STEPS: usize = 60;

/// Random numbers that are the same for a seed with any version of any library.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next_u64() % u64::try_from(end).unwrap()).unwrap()
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        if of.is_empty() { None } else { of.get(self.below(of.len())) }
    }
}

/// The steps so far, which are printed if the test fails.
struct Trace(String);

impl Drop for Trace {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.0);
        }
    }
}

/// A run of random steps, with the model of what ought to be visible.
struct History {
    world: World,
    replicas: Vec<Replica>,
    addresses: Vec<SocketAddr>,
    renters: Vec<Renter>,
    admin: Renter,
    model: Model,
    watchers: Vec<Watcher>,
    /// Webhooks that will be posted late.
    late: Vec<Draft>,
    /// Webhooks that were posted, and may be posted again.
    posted: Vec<Draft>,
    drafted: usize,
    rng: SplitMix64,
    trace: Trace,
}

impl History {
    async fn begin(backend: Backend, seed: u64) -> Self {
        let mut world = World::new(backend).await;
        world.settings.token_lifetime = TimeDelta::days(10).to_std().unwrap();
        world.settings.retention = RETENTION.to_std().unwrap();
        world.settings.cool_down = COOL_DOWN.to_std().unwrap();
        let mut replicas = vec![world.replica().await];
        if backend == Backend::Cluster {
            replicas.push(world.replica().await);
        }
        replicas[0].add_provider("sandbox", "sandbox", SECRET).await;
        // One at a time, so that their ids are in this order.
        for number in NUMBERS {
            replicas[0].add_numbers("sandbox", &[number]).await;
        }
        let mut renters = Vec::new();
        for user in 0..USERS {
            renters.push(replicas[0].renter(&format!("renter{user}@example.com")).await);
        }
        let admin = replicas[0].admin("admin@example.com").await;
        let mut addresses = Vec::new();
        for replica in &replicas {
            addresses.push(replica.listen().await);
        }
        let numbers = NUMBERS.map(|_| Number::default()).into();
        let model = Model { numbers, ends: vec![(0, 0); USERS], ..Model::default() };
        let trace = Trace(format!("{backend:?}: OTPWIRE_TEST_SEED={seed}\n"));
        let (watchers, late, posted, rng) = (Vec::new(), Vec::new(), Vec::new(), SplitMix64(seed));
        Self { world, replicas, addresses, renters, admin, model, watchers, late, posted, drafted: 0, rng, trace }
    }

    fn trace(&mut self, step: &str) {
        let now = self.now();
        writeln!(self.trace.0, "{now} {step}").unwrap();
    }

    fn now(&self) -> DateTime<Utc> {
        self.replicas[0].app.clock().now()
    }

    fn any_replica(&mut self) -> usize {
        self.rng.below(self.replicas.len())
    }

    fn any_filter(&mut self) -> Filter {
        let number = (self.rng.below(3) == 0).then(|| self.rng.below(NUMBERS.len()));
        Filter { number, only_codes: self.rng.below(3) == 0 }
    }

    /// A position in an inbox, more often a late one.
    fn any_seq(&mut self, user: usize) -> i64 {
        let end = self.model.ends[user].0;
        let back = self.rng.below(usize::try_from(end).unwrap() + 1);
        end - i64::try_from(back.min(self.rng.below(1 + back))).unwrap()
    }

    async fn step(&mut self) {
        let (user, number) = (self.rng.below(USERS), self.rng.below(NUMBERS.len()));
        match self.rng.below(20) {
            0..=2 => self.rent(user, number).await,
            3 => self.release(user, number).await,
            4 => self.extend(user, number).await,
            5..=7 => self.advance_clock(),
            8 => self.run_jobs().await,
            9..=13 => self.post().await,
            14 => self.set_blocked(number).await,
            15 => self.mark_read(user, number).await,
            16 => self.delete(user).await,
            17 | 18 => self.watch(user).await,
            _ => self.reconnect().await,
        }
        let user = self.rng.below(USERS);
        match self.rng.below(3) {
            0 => self.check_rest(user).await,
            1 => self.check_foreign(user).await,
            _ => self.check_graphql(user).await,
        }
    }

    /// Sends a GraphQL request; returns its data, or the code of its error.
    async fn request(&mut self, who: usize, query: &str, variables: Value) -> Result<Value, String> {
        let replica = self.any_replica();
        let who = self.renters.get(who).unwrap_or(&self.admin);
        let answer = self.replicas[replica].graphql(Some(who), query, variables).await;
        match answer["errors"][0]["extensions"]["code"].as_str() {
            Some(code) => Err(code.to_owned()),
            None => Ok(answer["data"].clone()),
        }
    }

    fn advance_clock(&mut self) {
        let seconds = [0.25, 1.0, 59.0, 599.0, 601.0, 1800.0, 3599.5, 3600.0, 7200.0][self.rng.below(9)];
        self.trace(&format!("{seconds} s pass"));
        self.world.clock.advance(std::time::Duration::from_secs_f64(seconds));
    }

    async fn run_jobs(&mut self) {
        self.trace("the jobs run");
        let replica = self.any_replica();
        let app = &self.replicas[replica].app;
        app.prepare_partitions().await.unwrap();
        app.settle_numbers().await.unwrap();
        app.purge().await.unwrap();
        app.heal_watchers().await.unwrap();
        let now = self.now();
        self.model.purge(now);
    }

    /// Every user rents every number once more and gets a code there: a watcher that was sent a foreign message before
    /// would fail now, because it expects that code next.
    async fn finish(mut self) {
        for number in 0..NUMBERS.len() {
            if self.model.numbers[number].blocked {
                self.set_blocked(number).await;
            }
            for user in 0..USERS {
                self.world.advance(if user == 0 { 24 * 3600 } else { 2 * 3600 });
                self.run_jobs().await;
                let now = self.now();
                let input = json!({ "input": { "phoneNumberId": format!("num_{}", number + 1) } });
                let rent = "mutation($input: AssignPhoneNumberInput!) {
                    assignPhoneNumber(input: $input) { phoneNumber { id } } }";
                self.trace(&format!("user {user} rents number {number} at the end"));
                self.request(user, rent, input).await.unwrap();
                let end = now + TimeDelta::hours(1);
                self.model.numbers[number].rental = Some(Rental { user, start: now, end });
                self.wait(user, number).await;
                let any_user = self.rng.below(USERS);
                self.check_graphql(any_user).await;
            }
        }
        for user in 0..USERS {
            self.check_graphql(user).await;
            self.check_rest(user).await;
            self.check_foreign(user).await;
        }
    }
}

/// A number from an environment variable.
fn setting(name: &str) -> Option<u64> {
    std::env::var_os(name).map(|value| value.to_str().unwrap().parse().unwrap())
}

async fn run_histories(backend: Backend, default_count: u64) {
    let one = setting("OTPWIRE_TEST_SEED");
    let count = setting("OTPWIRE_TEST_HISTORIES").unwrap_or(default_count);
    for seed in one.map_or(1..=count, |seed| seed..=seed) {
        let mut history = History::begin(backend, seed).await;
        for _ in 0..STEPS {
            history.step().await;
        }
        history.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn users_see_exactly_their_own_messages_embedded() {
    run_histories(Backend::Embedded, 12).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn users_see_exactly_their_own_messages_on_a_cluster() {
    run_histories(Backend::Cluster, 12).await;
}
