//! The schedule of a run's faults, generated from a seed: the same seed gives the same faults in the same order for the
//! same time.

use std::time::Duration;

use rand::{RngExt, SeedableRng, rngs::StdRng, seq::SliceRandom};

/// Something that fails for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A replica is killed, and started again.
    Kill(usize),
    /// A replica gets SIGTERM, and is started again once it has stopped.
    Term(usize),
    /// A replica is paused with SIGSTOP, and continues later.
    Freeze(usize),
    /// A replica is killed while it waits for a commit.
    KillInCommit(usize),
    /// Redis is stopped, and started again empty.
    RedisRestart,
    /// Redis loses all its data.
    RedisFlush,
    /// The network between Redis and one replica, or all of them, is cut.
    RedisCut(Option<usize>),
    /// The network between Redis and one replica, or all of them, delivers nothing.
    RedisStall(Option<usize>),
    /// PostgreSQL is shut down cleanly, and started again.
    StoreRestart,
    /// PostgreSQL crashes, and recovers.
    StoreCrash,
    /// The network between PostgreSQL and one replica, or all of them, is cut.
    StoreCut(Option<usize>),
    /// The network between PostgreSQL and one replica, or all of them, delivers nothing.
    StoreStall(Option<usize>),
    /// An operator terminates every session of PostgreSQL.
    SessionsEnded,
    /// Each batch waits before its commit, after the inboxes are locked.
    SlowCommits,
    /// The oldest half of an inbox exceeds its retention at once.
    Expiry(usize),
}

/// What a fault affects. Two faults may overlap if they affect different components.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Component {
    Process,
    Redis,
    Store,
}

impl Fault {
    fn components(self) -> &'static [Component] {
        match self {
            Self::Kill(_) | Self::Term(_) | Self::Freeze(_) => &[Component::Process],
            Self::KillInCommit(_) => &[Component::Process, Component::Store],
            Self::RedisRestart | Self::RedisFlush | Self::RedisCut(_) | Self::RedisStall(_) => &[Component::Redis],
            _ => &[Component::Store],
        }
    }

    /// Whether a replica may fail to start during this fault.
    pub(crate) fn affects_store(self) -> bool {
        self.components().contains(&Component::Store)
    }

    fn can_overlap(self, other: Self) -> bool {
        !self.components().iter().any(|component| other.components().contains(component))
    }
}

/// A fault, perhaps with a second one at the same time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) fault: Fault,
    pub(crate) second: Option<Fault>,
    pub(crate) duration: Duration,
    /// How long nothing fails afterwards.
    pub(crate) pause: Duration,
}

/// Every kind of fault, in rounds whose order the seed decides, until the steps take about `length`.
pub(crate) fn generate(seed: u64, replicas: usize, inboxes: usize, length: Duration) -> Vec<Step> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut steps: Vec<Step> = Vec::new();
    let mut pending: Vec<Fault> = Vec::new();
    while steps.iter().map(|step| step.duration + step.pause).sum::<Duration>() < length {
        let Some(fault) = pending.pop() else {
            let one = random.random_range(0..replicas);
            let one_or_all = |random: &mut StdRng| random.random_bool(0.5).then(|| random.random_range(0..replicas));
            pending = vec![
                Fault::Kill(one),
                Fault::Kill((one + 1) % replicas),
                Fault::Term(random.random_range(0..replicas)),
                Fault::Freeze(random.random_range(0..replicas)),
                Fault::KillInCommit(random.random_range(0..replicas)),
                Fault::RedisRestart,
                Fault::RedisFlush,
                Fault::RedisCut(one_or_all(&mut random)),
                Fault::RedisStall(one_or_all(&mut random)),
                Fault::StoreRestart,
                Fault::StoreCrash,
                Fault::StoreCut(one_or_all(&mut random)),
                Fault::StoreStall(one_or_all(&mut random)),
                Fault::SessionsEnded,
                Fault::SlowCommits,
                Fault::Expiry(random.random_range(0..inboxes)),
            ];
            pending.shuffle(&mut random);
            continue;
        };
        let duration = match fault {
            Fault::RedisFlush | Fault::SessionsEnded | Fault::Expiry(_) => Duration::ZERO,
            Fault::Freeze(_) => Duration::from_millis(random.random_range(500..4_000)),
            _ => Duration::from_millis(random.random_range(200..2_000)),
        };
        let is_double = random.random_bool(0.3);
        let second = pending.pop_if(|other| is_double && fault.can_overlap(*other));
        let pause = Duration::from_millis(random.random_range(300..1_500));
        steps.push(Step { fault, second, duration, pause });
    }
    steps
}
