//! The workload of a run: providers post and watchers follow their inboxes while faults are injected; afterwards the
//! history is checked.

use std::{
    collections::HashMap,
    fmt,
    os::unix::process::ExitStatusExt,
    sync::{Arc, Mutex, atomic::Ordering},
    time::Duration,
};

use futures_util::future::join_all;
use sea_orm::FromQueryResult;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    checker::{History, Violations, lengths, stored},
    platform::{PATIENCE, Platform, Renter},
    provider::{Outcome, Traffic, post, provide},
    proxy::Network,
    schedule::{Fault, Step},
    watcher::{LiveApi, Progress, Watcher, WatcherHistory},
};

/// How long watchers may take to reach the end of their inboxes once nothing fails any more.
const CATCH_UP: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) renters: usize,
    pub(crate) numbers_each: usize,
    pub(crate) watchers_each: usize,
    pub(crate) providers: usize,
    /// How long a provider waits between two messages.
    pub(crate) pause: Duration,
    /// Whether watchers disconnect and reconnect.
    pub(crate) watchers_reconnect: bool,
}

/// The result of a run.
pub(crate) struct Report {
    pub(crate) violations: Violations,
    /// Answers to providers and watchers, and lines of the log, that should not have been.
    pub(crate) unexpected: Vec<String>,
    size: Size,
    faults: usize,
    posted: usize,
    attempts: u64,
    pub(crate) unanswered: u64,
    pub(crate) busy: u64,
    acknowledged: usize,
    stored: usize,
    observations: usize,
    connections: u64,
    pub(crate) broken: Vec<String>,
    refused: u64,
    /// How often a WebSocket or an event stream was refused.
    pub(crate) refused_streams: u64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let watchers = self.size.renters * self.size.watchers_each;
        write!(
            f,
            "faults {}; webhooks {} in {} requests ({} answered with 503, {} unanswered), {} acknowledged, {} stored; \
             watchers {watchers}, connections {} ({} broken: {:?}, {} refused), observations {}; violations: {:?}; \
             unexpected: {:?}",
            self.faults,
            self.posted,
            self.attempts,
            self.busy,
            self.unanswered,
            self.acknowledged,
            self.stored,
            self.connections,
            self.broken.len(),
            self.broken,
            self.refused,
            self.observations,
            self.violations,
            self.unexpected,
        )
    }
}

struct RunningWatcher {
    inbox: i32,
    progress: Arc<Progress>,
    task: JoinHandle<WatcherHistory>,
}

/// A platform with its providers and watchers at work.
pub(crate) struct Workload {
    pub(crate) platform: Arc<Platform>,
    pub(crate) traffic: Arc<Traffic>,
    pub(crate) renters: Vec<Renter>,
    size: Size,
    providers: Vec<JoinHandle<()>>,
    watchers: Vec<RunningWatcher>,
    stop_providers: CancellationToken,
    stop_watchers: CancellationToken,
    /// Up to which sequence messages were made to expire, by inbox.
    expired: Mutex<HashMap<i32, i64>>,
    faults: usize,
}

impl Workload {
    pub(crate) async fn start(platform: Platform, size: Size, seed: u64) -> Self {
        let renters = platform.create_renters(size.renters, size.numbers_each).await;
        let mut workload = Self {
            platform: Arc::new(platform),
            traffic: Arc::default(),
            renters,
            size,
            providers: Vec::new(),
            watchers: Vec::new(),
            stop_providers: CancellationToken::new(),
            stop_watchers: CancellationToken::new(),
            expired: Mutex::default(),
            faults: 0,
        };
        workload.start_watchers(seed);
        workload.start_providers(seed);
        workload
    }

    fn start_watchers(&mut self, seed: u64) {
        let client = otpwire::fetch::client().unwrap().build().unwrap();
        let apis = [LiveApi::WebSocket, LiveApi::Sse, LiveApi::LongPoll];
        for n in 0..self.size.watchers_each * self.size.renters {
            let renter = &self.renters[n % self.size.renters];
            let api = apis[(n / self.size.renters) % apis.len()];
            let seed = seed.wrapping_add(1_000 + n as u64);
            let reconnects = self.size.watchers_reconnect;
            let watcher = Watcher::new(&self.platform, renter, api, seed, reconnects, client.clone());
            let progress = watcher.progress();
            let task = tokio::spawn(watcher.watch(self.stop_watchers.clone()));
            self.watchers.push(RunningWatcher { inbox: renter.id, progress, task });
        }
    }

    fn start_providers(&mut self, seed: u64) {
        let numbers: Vec<_> = self.renters.iter().flat_map(|renter| renter.numbers.clone()).collect();
        for n in 0..self.size.providers {
            let seed_and_name = (seed.wrapping_add(n as u64), format!("p{n}"));
            let (platform, traffic) = (Arc::clone(&self.platform), Arc::clone(&self.traffic));
            let (pause, stop) = (self.size.pause, self.stop_providers.clone());
            let provider = provide(platform, traffic, numbers.clone(), seed_and_name, pause, stop);
            self.providers.push(tokio::spawn(provider));
        }
    }

    /// Injects every fault of a schedule.
    pub(crate) async fn inject_all(&mut self, steps: &[Step]) {
        for step in steps {
            match step.second {
                None => {
                    eprintln!("  {:?} for {:?}", step.fault, step.duration);
                    self.inject(step.fault, None, step.duration).await;
                }
                Some(second) => {
                    eprintln!("  {:?} and {second:?} for {:?}", step.fault, step.duration);
                    tokio::join!(
                        self.inject(step.fault, Some(second), step.duration),
                        self.inject(second, Some(step.fault), step.duration)
                    );
                }
            }
            self.faults += 1 + usize::from(step.second.is_some());
            tokio::time::sleep(step.pause).await;
        }
    }

    /// Injects a fault and repairs it after `duration`; `other` is a fault at the same time.
    async fn inject(&self, fault: Fault, other: Option<Fault>, duration: Duration) {
        let platform = &self.platform;
        let store_may_be_unavailable = other.is_some_and(Fault::affects_store);
        let wait = tokio::time::sleep(duration);
        match fault {
            Fault::Kill(replica) => {
                self.kill(replica).await;
                wait.await;
                platform.launch(replica);
                platform.wait_until_ready(replica, store_may_be_unavailable).await;
            }
            Fault::Term(replica) => {
                platform.signal(replica, "-TERM");
                let status = platform.wait_for_exit(replica).await;
                assert!(status.success(), "after SIGTERM: {status}");
                wait.await;
                platform.launch(replica);
                platform.wait_until_ready(replica, store_may_be_unavailable).await;
            }
            Fault::Freeze(replica) => {
                platform.signal(replica, "-STOP");
                wait.await;
                platform.signal(replica, "-CONT");
            }
            Fault::KillInCommit(replica) => {
                self.delay_commits(true).await;
                wait.await;
                self.kill(replica).await;
                self.delay_commits(false).await;
                platform.launch(replica);
                platform.wait_until_ready(replica, false).await;
            }
            Fault::RedisRestart => {
                platform.redis.lock().await.stop();
                wait.await;
                platform.redis.lock().await.start_again();
            }
            Fault::RedisFlush => platform.redis.lock().await.execute(&["FLUSHALL"]),
            Fault::RedisCut(replica) => {
                platform.set_network(|one| &one.to_redis, replica, Network::Cut);
                wait.await;
                platform.set_network(|one| &one.to_redis, replica, Network::Up);
            }
            Fault::RedisStall(replica) => {
                platform.set_network(|one| &one.to_redis, replica, Network::Stalled);
                wait.await;
                platform.set_network(|one| &one.to_redis, replica, Network::Up);
            }
            Fault::StoreRestart => platform.postgres.lock().await.restart("INT").await,
            Fault::StoreCrash => platform.postgres.lock().await.restart("QUIT").await,
            Fault::StoreCut(replica) => {
                platform.set_network(|one| &one.to_store, replica, Network::Cut);
                wait.await;
                platform.set_network(|one| &one.to_store, replica, Network::Up);
            }
            Fault::StoreStall(replica) => {
                platform.set_network(|one| &one.to_store, replica, Network::Stalled);
                wait.await;
                platform.set_network(|one| &one.to_store, replica, Network::Up);
            }
            Fault::SessionsEnded => {
                let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                           WHERE datname = current_database() AND pid <> pg_backend_pid()";
                platform.sql(sql).await;
            }
            Fault::SlowCommits => {
                self.delay_commits(true).await;
                wait.await;
                self.delay_commits(false).await;
            }
            Fault::Expiry(renter) => self.expire_half(self.renters[renter % self.renters.len()].id).await,
        }
    }

    /// Kills a replica, which must not have exited before.
    async fn kill(&self, replica: usize) {
        self.platform.signal(replica, "-KILL");
        let status = self.platform.wait_for_exit(replica).await;
        assert_eq!(status.signal(), Some(9), "replica {replica} had exited: {status}");
    }

    /// Switches the delay of each batch before its commit on or off.
    async fn delay_commits(&self, is_on: bool) {
        let sql = if is_on { "INSERT INTO commit_delay VALUES (0.2)" } else { "DELETE FROM commit_delay" };
        self.platform.sql(sql).await;
    }

    /// Makes the oldest half of an inbox older than the retention.
    async fn expire_half(&self, inbox: i32) {
        #[derive(FromQueryResult)]
        struct Half {
            seq: i64,
        }
        let sql = format!("SELECT coalesce(max(inbox_seq), 0) / 2 AS seq FROM messages WHERE user_id = {inbox}");
        let half = self.platform.query::<Half>(&sql).await.first().map_or(0, |half| half.seq);
        // Recorded first: a watcher may get CURSOR_EXPIRED as soon as the update is committed.
        self.expired.lock().unwrap().entry(inbox).and_modify(|seq| *seq = half.max(*seq)).or_insert(half);
        let sql = format!(
            "BEGIN; SET LOCAL audit.is_paused = 'yes';
             SELECT ensure_message_partitions((now() AT TIME ZONE 'UTC')::date - 3, 4);
             UPDATE messages SET received_at = received_at - interval '25 hours'
             WHERE user_id = {inbox} AND inbox_seq <= {half} AND received_at > now() - interval '24 hours'; COMMIT"
        );
        self.platform.sql(&sql).await;
    }

    fn acknowledged(&self) -> usize {
        self.traffic.acknowledged.lock().unwrap().len()
    }

    /// Waits until this many more webhooks are acknowledged.
    pub(crate) async fn wait_for_webhooks(&self, count: usize) {
        let goal = self.acknowledged() + count;
        let reached = async {
            while self.acknowledged() < goal {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(PATIENCE, reached).await.expect("webhooks are not acknowledged any more");
    }

    /// Waits until each replica is ready and stores a message. Each is asked directly, so that the others cannot hide a
    /// broken one.
    async fn wait_until_each_replica_works(&self) {
        let works = async |replica: usize| {
            assert!(self.platform.is_running(replica), "replica {replica} has exited");
            let readiness = self.platform.readiness(replica).await;
            let id = format!("last-{replica}");
            self.traffic.posted.lock().unwrap().insert(id.clone());
            let number = &self.renters[0].numbers[0];
            let outcome = post(self.platform.client(), &self.platform.address(replica), &id, number).await;
            if outcome == Outcome::Acknowledged {
                self.traffic.acknowledged.lock().unwrap().insert(id);
            }
            outcome == Outcome::Acknowledged && readiness.is_some_and(|readiness| readiness["status"] == "ok")
        };
        for replica in 0..self.platform.replicas.len() {
            let recovered = async {
                while !works(replica).await {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            };
            let recovered = tokio::time::timeout(PATIENCE, recovered).await;
            recovered.unwrap_or_else(|_| panic!("replica {replica} does not recover"));
        }
    }

    /// Lets the providers finish and the watchers catch up, and checks the history.
    pub(crate) async fn finish(self) -> Report {
        self.finish_within(CATCH_UP).await
    }

    /// The same with a limit on how long watchers may take to catch up: some may never do so.
    pub(crate) async fn finish_within(mut self, catch_up: Duration) -> Report {
        self.stop_providers.cancel();
        let providers = join_all(std::mem::take(&mut self.providers));
        let providers = tokio::time::timeout(PATIENCE, providers).await.expect("some webhooks are never acknowledged");
        for provider in providers {
            provider.unwrap();
        }
        self.wait_until_each_replica_works().await;
        let stored = stored(&self.platform).await;
        let lengths = lengths(&stored);
        let deadline = tokio::time::Instant::now() + catch_up;
        let is_behind = |watcher: &RunningWatcher| {
            let length = lengths.get(&watcher.inbox).copied().unwrap_or(0);
            watcher.progress.position.load(Ordering::Acquire) < length
        };
        while self.watchers.iter().any(is_behind) && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.stop_watchers.cancel();
        let tasks = std::mem::take(&mut self.watchers).into_iter().map(|watcher| watcher.task);
        let watchers: Vec<_> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();
        let expired = self.expired.lock().unwrap().clone();
        let (renters, traffic) = (&self.renters, &self.traffic);
        let history = History { renters, traffic, stored, watchers: &watchers, expired: &expired };
        let mut unexpected = self.traffic.unexpected.lock().unwrap().clone();
        unexpected.extend(watchers.iter().flat_map(|watcher| watcher.unexpected.clone()));
        unexpected.extend(self.unexpected_log_lines());
        let streams = watchers.iter().filter(|watcher| watcher.api != LiveApi::LongPoll);
        Report {
            violations: history.check(),
            unexpected,
            size: self.size,
            faults: self.faults,
            posted: self.traffic.posted.lock().unwrap().len(),
            attempts: self.traffic.attempts.load(Ordering::Relaxed),
            unanswered: self.traffic.unanswered.load(Ordering::Relaxed),
            busy: self.traffic.busy.load(Ordering::Relaxed),
            acknowledged: self.acknowledged(),
            stored: history.stored.len(),
            observations: watchers.iter().map(|watcher| watcher.observations.len()).sum(),
            broken: watchers.iter().flat_map(|watcher| watcher.broken.clone()).collect(),
            refused: watchers.iter().map(|watcher| watcher.refused).sum(),
            refused_streams: streams.map(|watcher| watcher.refused).sum(),
            connections: watchers.iter().map(|watcher| watcher.connections).sum(),
        }
    }

    /// Lines of the logs that show a defect, the content or the recipient of a message, or a secret.
    fn unexpected_log_lines(&self) -> Vec<String> {
        let tokens = self.renters.iter().map(|renter| renter.token.as_str());
        let secrets: Vec<_> = self.platform.secrets().into_iter().chain(tokens).collect();
        let is_unexpected = |line: &str| {
            ["panicked", "INTERNAL", "is a text for", "+1415555"].iter().any(|word| line.contains(word))
                || secrets.iter().any(|secret| line.contains(secret))
        };
        self.platform.logs().lines().filter(|line| is_unexpected(line)).map(str::to_owned).collect()
    }
}
