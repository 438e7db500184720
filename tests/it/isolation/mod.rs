//! Isolation as a property: whatever happens in whatever order, a user is shown the messages of their own rentals,
//! all of them and in order, and nothing of anybody else.
//!
//! A history is a random sequence of what users, providers, administrators and time do, from a seed. After each step
//! some face is compared with a model (`model.rs`), and in the end all faces are. A failure prints its seed and its
//! steps; `OTPWIRE_TEST_SEED=… cargo test --test it isolation` repeats that history alone, and
//! `OTPWIRE_TEST_HISTORIES=…` runs so many instead of a few.

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

/// Random numbers that stay the same for a seed, whatever becomes of libraries (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() % u64::try_from(end).unwrap()).unwrap()
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        if of.is_empty() { None } else { of.get(self.below(of.len())) }
    }
}

/// What happened, which is told when the test fails.
struct Told(String);

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.0);
        }
    }
}

/// What happens in a world, and what ought to.
struct History {
    world: World,
    replicas: Vec<Replica>,
    addresses: Vec<SocketAddr>,
    renters: Vec<Renter>,
    admin: Renter,
    model: Model,
    watchers: Vec<Watcher>,
    /// Webhooks that are late.
    late: Vec<Draft>,
    /// Webhooks that have come, and may come again.
    posted: Vec<Draft>,
    drafted: usize,
    dice: Dice,
    told: Told,
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
        let told = Told(format!("{backend:?}: OTPWIRE_TEST_SEED={seed}\n"));
        let (watchers, late, posted, dice) = (Vec::new(), Vec::new(), Vec::new(), Dice(seed));
        Self { world, replicas, addresses, renters, admin, model, watchers, late, posted, drafted: 0, dice, told }
    }

    fn tell(&mut self, what: &str) {
        let now = self.now();
        writeln!(self.told.0, "{now} {what}").unwrap();
    }

    fn now(&self) -> DateTime<Utc> {
        self.replicas[0].app.clock().now()
    }

    fn any_replica(&mut self) -> usize {
        self.dice.below(self.replicas.len())
    }

    fn any_filter(&mut self) -> Filter {
        let number = (self.dice.below(3) == 0).then(|| self.dice.below(NUMBERS.len()));
        Filter { number, only_codes: self.dice.below(3) == 0 }
    }

    /// A place in an inbox, more often a late one.
    fn any_seq(&mut self, user: usize) -> i64 {
        let end = self.model.ends[user].0;
        let back = self.dice.below(usize::try_from(end).unwrap() + 1);
        end - i64::try_from(back.min(self.dice.below(1 + back))).unwrap()
    }

    async fn step(&mut self) {
        let (user, number) = (self.dice.below(USERS), self.dice.below(NUMBERS.len()));
        match self.dice.below(20) {
            0..=2 => self.rent(user, number).await,
            3 => self.release(user, number).await,
            4 => self.extend(user, number).await,
            5..=7 => self.let_time_pass(),
            8 => self.run_jobs().await,
            9..=13 => self.post().await,
            14 => self.set_blocked(number).await,
            15 => self.mark_read(user, number).await,
            16 => self.delete(user).await,
            17 | 18 => self.watch(user).await,
            _ => self.leave_and_come_back().await,
        }
        let user = self.dice.below(USERS);
        match self.dice.below(3) {
            0 => self.check_rest(user).await,
            1 => self.check_foreign(user).await,
            _ => self.check_graphql(user).await,
        }
    }

    /// Asks for something; answers what came, or the code of the refusal.
    async fn ask(&mut self, who: usize, query: &str, variables: Value) -> Result<Value, String> {
        let replica = self.any_replica();
        let who = self.renters.get(who).unwrap_or(&self.admin);
        let answer = self.replicas[replica].graphql(Some(who), query, variables).await;
        match answer["errors"][0]["extensions"]["code"].as_str() {
            Some(code) => Err(code.to_owned()),
            None => Ok(answer["data"].clone()),
        }
    }

    fn let_time_pass(&mut self) {
        let seconds = [0.25, 1.0, 59.0, 599.0, 601.0, 1800.0, 3599.5, 3600.0, 7200.0][self.dice.below(9)];
        self.tell(&format!("{seconds} s pass"));
        self.world.clock.advance(std::time::Duration::from_secs_f64(seconds));
    }

    async fn run_jobs(&mut self) {
        self.tell("the jobs run");
        let replica = self.any_replica();
        let app = &self.replicas[replica].app;
        app.prepare_partitions().await.unwrap();
        app.settle_numbers().await.unwrap();
        app.purge().await.unwrap();
        app.heal_watchers().await.unwrap();
        let now = self.now();
        self.model.purge(now);
    }

    /// Everybody rents every number once more and gets a code there: had anybody's watcher heard of something else
    /// before, it would show now.
    async fn end(mut self) {
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
                self.tell(&format!("user {user} rents number {number} in the end"));
                self.ask(user, rent, input).await.unwrap();
                let end = now + TimeDelta::hours(1);
                self.model.numbers[number].rental = Some(Rental { user, start: now, end });
                self.wait(user, number).await;
                let somebody = self.dice.below(USERS);
                self.check_graphql(somebody).await;
            }
        }
        for somebody in 0..USERS {
            self.check_graphql(somebody).await;
            self.check_rest(somebody).await;
            self.check_foreign(somebody).await;
        }
    }
}

/// A number from the environment, for those who look for more or for one history.
fn told_by_environment(name: &str) -> Option<u64> {
    std::env::var_os(name).map(|value| value.to_str().unwrap().parse().unwrap())
}

async fn histories(backend: Backend, few: u64) {
    let one = told_by_environment("OTPWIRE_TEST_SEED");
    let count = told_by_environment("OTPWIRE_TEST_HISTORIES").unwrap_or(few);
    for seed in one.map_or(1..=count, |seed| seed..=seed) {
        let mut history = History::begin(backend, seed).await;
        for _ in 0..STEPS {
            history.step().await;
        }
        history.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_shown_what_is_somebody_elses_embedded() {
    histories(Backend::Embedded, 12).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_shown_what_is_somebody_elses_on_a_cluster() {
    histories(Backend::Cluster, 12).await;
}
