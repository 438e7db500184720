//! The storm: providers post, watchers come and go, and everything fails in turn. Afterwards the story is checked.

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
    history::{History, Verdict, lengths, stored},
    platform::{PATIENCE, Platform, Renter},
    provider::{Told, Traffic, post, provide},
    proxy::Network,
    schedule::{Fault, Step, draw},
    watcher::{Face, Progress, Seen, Watcher},
};

/// How long watchers may take to see the end of their inboxes once everything works again.
const CALM: Duration = Duration::from_secs(60);

/// How big a storm is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) renters: usize,
    pub(crate) numbers_each: usize,
    pub(crate) watchers_each: usize,
    pub(crate) providers: usize,
    /// How long a provider waits between two messages.
    pub(crate) pause: Duration,
    /// Whether watchers leave and come back.
    pub(crate) is_restless: bool,
}

/// What came of it.
pub(crate) struct Report {
    pub(crate) verdict: Verdict,
    pub(crate) odd: Vec<String>,
    size: Size,
    faults: usize,
    posted: usize,
    attempts: u64,
    pub(crate) unanswered: u64,
    pub(crate) busy: u64,
    acknowledged: usize,
    stored: usize,
    sights: usize,
    connections: u64,
    pub(crate) cuts: u64,
    refused: u64,
    /// How often a socket or a stream was.
    pub(crate) turned_away: u64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let watchers = self.size.renters * self.size.watchers_each;
        write!(
            f,
            "faults {}; webhooks {} in {} requests ({} answered 503, {} not at all), {} acknowledged, {} stored; \
             watchers {watchers}, connections {} ({} cut, {} answered 503), messages seen {}; wrong: {:?}; odd answers: {:?}",
            self.faults,
            self.posted,
            self.attempts,
            self.busy,
            self.unanswered,
            self.acknowledged,
            self.stored,
            self.connections,
            self.cuts,
            self.refused,
            self.sights,
            self.verdict,
            self.odd,
        )
    }
}

/// A platform with everybody on it.
pub(crate) struct Storm {
    pub(crate) platform: Arc<Platform>,
    pub(crate) traffic: Arc<Traffic>,
    pub(crate) renters: Vec<Renter>,
    size: Size,
    providers: Vec<JoinHandle<()>>,
    watchers: Vec<(i32, Arc<Progress>, JoinHandle<Seen>)>,
    calm: CancellationToken,
    end: CancellationToken,
    expired: Mutex<HashMap<i32, i64>>,
    faults: usize,
}

impl Storm {
    /// Lets everybody in.
    pub(crate) async fn begin(platform: Platform, size: Size, seed: u64) -> Self {
        let renters = platform.settle(size.renters, size.numbers_each).await;
        let (calm, end) = (CancellationToken::new(), CancellationToken::new());
        let mut storm = Self {
            platform: Arc::new(platform),
            traffic: Arc::default(),
            renters,
            size,
            providers: Vec::new(),
            watchers: Vec::new(),
            calm,
            end,
            expired: Mutex::default(),
            faults: 0,
        };
        let client = otpwire::fetch::client().unwrap().build().unwrap();
        let faces = [Face::Socket, Face::Stream, Face::Poll];
        for n in 0..size.watchers_each * size.renters {
            let renter = &storm.renters[n % size.renters];
            let face = faces[(n / size.renters) % faces.len()];
            let seed = seed.wrapping_add(1_000 + n as u64);
            let watcher = Watcher::new(&storm.platform, renter, face, seed, size.is_restless, client.clone());
            let progress = watcher.progress();
            storm.watchers.push((renter.id, progress, tokio::spawn(watcher.watch(storm.end.clone()))));
        }
        let numbers: Vec<_> = storm.renters.iter().flat_map(|renter| renter.numbers.clone()).collect();
        for n in 0..size.providers {
            let who = (seed.wrapping_add(n as u64), format!("p{n}"));
            let (platform, traffic) = (Arc::clone(&storm.platform), Arc::clone(&storm.traffic));
            let provider = provide(platform, traffic, numbers.clone(), who, size.pause, storm.calm.clone());
            storm.providers.push(tokio::spawn(provider));
        }
        storm
    }

    /// Lets every step of a schedule happen.
    pub(crate) async fn rage(&mut self, steps: &[Step]) {
        for step in steps {
            match step.also {
                None => {
                    eprintln!("  {:?} for {:?}", step.fault, step.lasts);
                    self.happen(step.fault, None, step.lasts).await;
                }
                Some(also) => {
                    eprintln!("  {:?} and {also:?} for {:?}", step.fault, step.lasts);
                    tokio::join!(
                        self.happen(step.fault, Some(also), step.lasts),
                        self.happen(also, Some(step.fault), step.lasts)
                    );
                }
            }
            self.faults += 1 + usize::from(step.also.is_some());
            tokio::time::sleep(step.then).await;
        }
    }

    /// Lets a fault happen, perhaps while there is another.
    async fn happen(&self, fault: Fault, meanwhile: Option<Fault>, lasts: Duration) {
        let platform = &self.platform;
        let store_may_be_away = meanwhile.is_some_and(Fault::keeps_from_starting);
        let wait = tokio::time::sleep(lasts);
        match fault {
            Fault::Kill(replica) => {
                self.kill(replica).await;
                wait.await;
                platform.launch(replica);
                platform.must_be_ready(replica, store_may_be_away).await;
            }
            Fault::Term(replica) => {
                platform.signal(replica, "-TERM");
                let ended = platform.ended(replica).await;
                assert!(ended.success(), "after SIGTERM: {ended}");
                wait.await;
                platform.launch(replica);
                platform.must_be_ready(replica, store_may_be_away).await;
            }
            Fault::Freeze(replica) => {
                platform.signal(replica, "-STOP");
                wait.await;
                platform.signal(replica, "-CONT");
            }
            Fault::KillInCommit(replica) => {
                self.be_slow(true).await;
                wait.await;
                self.kill(replica).await;
                self.be_slow(false).await;
                platform.launch(replica);
                platform.must_be_ready(replica, false).await;
            }
            Fault::RedisRestart => {
                platform.redis.lock().await.stop();
                wait.await;
                platform.redis.lock().await.start_again();
            }
            Fault::RedisFlush => platform.redis.lock().await.tell(&["FLUSHALL"]),
            Fault::RedisCut(replica) => {
                platform.network(|one| &one.to_redis, replica, Network::Cut);
                wait.await;
                platform.network(|one| &one.to_redis, replica, Network::Up);
            }
            Fault::RedisStall(replica) => {
                platform.network(|one| &one.to_redis, replica, Network::Stalled);
                wait.await;
                platform.network(|one| &one.to_redis, replica, Network::Up);
            }
            Fault::StoreRestart => platform.postgres.lock().await.restart("INT").await,
            Fault::StoreCrash => platform.postgres.lock().await.restart("QUIT").await,
            Fault::StoreCut(replica) => {
                platform.network(|one| &one.to_store, replica, Network::Cut);
                wait.await;
                platform.network(|one| &one.to_store, replica, Network::Up);
            }
            Fault::StoreStall(replica) => {
                platform.network(|one| &one.to_store, replica, Network::Stalled);
                wait.await;
                platform.network(|one| &one.to_store, replica, Network::Up);
            }
            Fault::SessionsEnded => {
                let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                           WHERE datname = current_database() AND pid <> pg_backend_pid()";
                platform.sql(sql).await;
            }
            Fault::SlowCommits => {
                self.be_slow(true).await;
                wait.await;
                self.be_slow(false).await;
            }
            Fault::Expiry(renter) => self.expire_half(self.renters[renter % self.renters.len()].id).await,
        }
    }

    /// Kills a replica, which must have lived until then.
    async fn kill(&self, replica: usize) {
        self.platform.signal(replica, "-KILL");
        let ended = self.platform.ended(replica).await;
        assert_eq!(ended.signal(), Some(9), "replica {replica} had ended by itself: {ended}");
    }

    /// Whether batches wait in the middle from now on.
    pub(crate) async fn be_slow(&self, is_slow: bool) {
        let slow = if is_slow { "INSERT INTO slowness VALUES (0.2)" } else { "DELETE FROM slowness" };
        self.platform.sql(slow).await;
    }

    /// Makes the oldest half of an inbox older than messages are kept.
    async fn expire_half(&self, inbox: i32) {
        #[derive(FromQueryResult)]
        struct Half {
            seq: i64,
        }
        let sql = format!("SELECT coalesce(max(inbox_seq), 0) / 2 AS seq FROM messages WHERE user_id = {inbox}");
        let half = self.platform.query::<Half>(&sql).await.first().map_or(0, |half| half.seq);
        // Watchers may be told of it from the moment that it is so.
        self.expired.lock().unwrap().entry(inbox).and_modify(|seq| *seq = half.max(*seq)).or_insert(half);
        let sql = format!(
            "BEGIN; SET LOCAL witness.sleeps = 'yes';
             SELECT ensure_message_partitions((now() AT TIME ZONE 'UTC')::date - 3, 4);
             UPDATE messages SET received_at = received_at - interval '25 hours'
             WHERE user_id = {inbox} AND inbox_seq <= {half} AND received_at > now() - interval '24 hours'; COMMIT"
        );
        self.platform.sql(&sql).await;
    }

    /// How many webhooks were acknowledged so far.
    pub(crate) fn acknowledged(&self) -> usize {
        self.traffic.acknowledged.lock().unwrap().len()
    }

    /// Waits until so many more webhooks are acknowledged.
    pub(crate) async fn proceed(&self, by: usize) {
        let goal = self.acknowledged() + by;
        let proceeded = async {
            while self.acknowledged() < goal {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(PATIENCE, proceeded).await.expect("webhooks are not acknowledged any more");
    }

    /// Every replica must work again, by itself: the others do not make up for one that does not.
    async fn must_work_again(&self) {
        let works = async |replica: usize| {
            assert!(self.platform.is_running(replica), "replica {replica} has ended by itself");
            let readiness = self.platform.readiness(replica).await;
            let id = format!("last-{replica}");
            self.traffic.posted.lock().unwrap().insert(id.clone());
            let number = &self.renters[0].numbers[0];
            let told = post(self.platform.client(), &self.platform.address(replica), &id, number).await;
            if told == Told::Stored {
                self.traffic.acknowledged.lock().unwrap().insert(id);
            }
            told == Told::Stored && readiness.is_some_and(|readiness| readiness["status"] == "ok")
        };
        for replica in 0..self.platform.replicas.len() {
            let worked = async {
                while !works(replica).await {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            };
            let worked = tokio::time::timeout(PATIENCE, worked).await;
            worked.unwrap_or_else(|_| panic!("replica {replica} does not work again"));
        }
    }

    /// Lets the providers finish, and the watchers come to the end, and judges the story.
    pub(crate) async fn end(self) -> Report {
        self.end_within(CALM).await
    }

    /// The same without much patience, for watchers of whom some will never see the end.
    pub(crate) async fn end_soon(self) -> Report {
        self.end_within(Duration::from_secs(5)).await
    }

    async fn end_within(mut self, patience: Duration) -> Report {
        self.calm.cancel();
        let posted = join_all(std::mem::take(&mut self.providers));
        for provider in tokio::time::timeout(PATIENCE, posted).await.expect("some webhooks are never acknowledged") {
            provider.unwrap();
        }
        self.must_work_again().await;
        let stored = stored(&self.platform).await;
        let lengths = lengths(&stored);
        let deadline = tokio::time::Instant::now() + patience;
        let is_behind = |(inbox, progress, _): &(i32, Arc<Progress>, JoinHandle<Seen>)| {
            progress.place.load(Ordering::Acquire) < lengths.get(inbox).copied().unwrap_or(0)
        };
        while self.watchers.iter().any(is_behind) && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.end.cancel();
        let watchers = std::mem::take(&mut self.watchers).into_iter();
        let seen: Vec<Seen> = join_all(watchers.map(|(.., task)| async { task.await.unwrap() })).await;
        let expired = self.expired.lock().unwrap().clone();
        let history =
            History { renters: &self.renters, traffic: &self.traffic, stored, seen: &seen, expired: &expired };
        let verdict = history.judge();
        let mut odd = self.traffic.odd.lock().unwrap().clone();
        odd.extend(seen.iter().flat_map(|seen| seen.odd.clone()));
        odd.extend(self.complaints());
        Report {
            verdict,
            odd,
            size: self.size,
            faults: self.faults,
            posted: self.traffic.posted.lock().unwrap().len(),
            attempts: self.traffic.attempts.load(Ordering::Relaxed),
            unanswered: self.traffic.unanswered.load(Ordering::Relaxed),
            busy: self.traffic.busy.load(Ordering::Relaxed),
            acknowledged: self.traffic.acknowledged.lock().unwrap().len(),
            stored: history.stored.len(),
            sights: seen.iter().map(|seen| seen.sights.len()).sum(),
            cuts: seen.iter().map(|seen| seen.cuts).sum(),
            refused: seen.iter().map(|seen| seen.refused).sum(),
            turned_away: seen.iter().filter(|seen| seen.face != Face::Poll).map(|seen| seen.refused).sum(),
            connections: seen.iter().map(|seen| seen.connections).sum(),
        }
    }

    /// Lines of the logs that should not be there: defects, what messages say and to whom, and secrets.
    fn complaints(&self) -> Vec<String> {
        let tokens = self.renters.iter().map(|renter| renter.token.as_str());
        let secrets: Vec<_> = self.platform.secrets().into_iter().chain(tokens).collect();
        let is_complaint = |line: &str| {
            ["panicked", "INTERNAL", "is a text for", "+1415555"].iter().any(|word| line.contains(word))
                || secrets.iter().any(|secret| line.contains(secret))
        };
        self.platform.logs().lines().filter(|line| is_complaint(line)).map(str::to_owned).collect()
    }
}

/// A number that whoever runs the tests may choose.
fn chosen(name: &str) -> Option<u64> {
    #[expect(clippy::disallowed_methods, reason = "these are settings of the test, not of the program")]
    let chosen = std::env::var(name).ok()?;
    Some(chosen.parse().unwrap_or_else(|_| panic!("{name} is not a number")))
}

/// The seed of this run: one that was chosen, or one that nobody has.
fn seed() -> u64 {
    chosen("OTPWIRE_FAULTS_SEED")
        .unwrap_or_else(|| u64::from_be_bytes(otpwire::random::Random::from_os().bytes()) >> 16)
}

/// How long one storm lasts: as long as was chosen, or as long as CI has time.
fn length() -> Duration {
    Duration::from_secs(chosen("OTPWIRE_FAULTS_SECONDS").unwrap_or(35))
}

async fn storm_over(replicas: usize) {
    let seed = seed();
    println!("{replicas} replicas: repeat this with OTPWIRE_FAULTS_SEED={seed}");
    let size = Size {
        renters: 20,
        numbers_each: 2,
        watchers_each: 12,
        providers: 8,
        pause: Duration::from_millis(40),
        is_restless: true,
    };
    let steps = draw(seed, replicas, size.renters, length());
    let mut storm = Storm::begin(Platform::start(replicas, &[]).await, size, seed).await;
    storm.rage(&steps).await;
    let report = storm.end().await;
    println!("{replicas} replicas, seed {seed}: {report}");
    assert!(report.verdict.is_clean() && report.odd.is_empty(), "with seed {seed}: {report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_replicas_keep_their_promises() {
    let _turn = crate::turn().await;
    storm_over(2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_replicas_keep_their_promises() {
    let _turn = crate::turn().await;
    storm_over(3).await;
}
