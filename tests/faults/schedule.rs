//! The faults of a run, from a seed: the same seed, the same faults in the same order for the same time.

use std::time::Duration;

use rand::{RngExt, SeedableRng, rngs::StdRng, seq::SliceRandom};

/// Something that goes wrong for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A replica is killed, and started again.
    Kill(usize),
    /// A replica is told to stop, and started again when it has.
    Term(usize),
    /// A replica stands still, and goes on as if nothing had been.
    Freeze(usize),
    /// A replica is killed while it waits for a commit.
    KillInCommit(usize),
    /// Redis is stopped, and started again with nothing in it.
    RedisRestart,
    /// Redis forgets everything.
    RedisFlush,
    /// The network between Redis and one replica, or all of them, is cut.
    RedisCut(Option<usize>),
    /// The network between Redis and one replica, or all of them, swallows everything.
    RedisStall(Option<usize>),
    /// PostgreSQL is stopped in order, and started again.
    StoreRestart,
    /// PostgreSQL crashes, and recovers.
    StoreCrash,
    /// The network between PostgreSQL and one replica, or all of them, is cut.
    StoreCut(Option<usize>),
    /// The network between PostgreSQL and one replica, or all of them, swallows everything.
    StoreStall(Option<usize>),
    /// Every session of PostgreSQL is ended by an operator.
    SessionsEnded,
    /// Batches wait in the middle, after the inboxes are locked.
    SlowCommits,
    /// The oldest half of an inbox outlives its retention at once.
    Expiry(usize),
}

/// What a fault is done to. Two things may fail at once, one thing only in one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Organ {
    Process,
    Redis,
    Store,
}

impl Fault {
    fn organs(self) -> &'static [Organ] {
        match self {
            Self::Kill(_) | Self::Term(_) | Self::Freeze(_) => &[Organ::Process],
            Self::KillInCommit(_) => &[Organ::Process, Organ::Store],
            Self::RedisRestart | Self::RedisFlush | Self::RedisCut(_) | Self::RedisStall(_) => &[Organ::Redis],
            _ => &[Organ::Store],
        }
    }

    /// Whether a replica cannot start meanwhile.
    pub(crate) fn keeps_from_starting(self) -> bool {
        self.organs().contains(&Organ::Store)
    }

    /// Whether both can happen at once.
    fn goes_with(self, other: Self) -> bool {
        !self.organs().iter().any(|organ| other.organs().contains(organ))
    }
}

/// A fault, perhaps another at the same time, how long they last, and how long it is quiet afterwards.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) fault: Fault,
    pub(crate) also: Option<Fault>,
    pub(crate) lasts: Duration,
    pub(crate) then: Duration,
}

/// Every kind of fault, again and again in an order that the seed decides, for about as long as `length`.
pub(crate) fn draw(seed: u64, replicas: usize, inboxes: usize, length: Duration) -> Vec<Step> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut steps: Vec<Step> = Vec::new();
    let mut hand: Vec<Fault> = Vec::new();
    while steps.iter().map(|step| step.lasts + step.then).sum::<Duration>() < length {
        let Some(fault) = hand.pop() else {
            let one = random.random_range(0..replicas);
            let other = |random: &mut StdRng| random.random_bool(0.5).then(|| random.random_range(0..replicas));
            hand = vec![
                Fault::Kill(one),
                Fault::Kill((one + 1) % replicas),
                Fault::Term(random.random_range(0..replicas)),
                Fault::Freeze(random.random_range(0..replicas)),
                Fault::KillInCommit(random.random_range(0..replicas)),
                Fault::RedisRestart,
                Fault::RedisFlush,
                Fault::RedisCut(other(&mut random)),
                Fault::RedisStall(other(&mut random)),
                Fault::StoreRestart,
                Fault::StoreCrash,
                Fault::StoreCut(other(&mut random)),
                Fault::StoreStall(other(&mut random)),
                Fault::SessionsEnded,
                Fault::SlowCommits,
                Fault::Expiry(random.random_range(0..inboxes)),
            ];
            hand.shuffle(&mut random);
            continue;
        };
        let lasts = match fault {
            Fault::RedisFlush | Fault::SessionsEnded | Fault::Expiry(_) => Duration::ZERO,
            Fault::Freeze(_) => Duration::from_millis(random.random_range(500..4_000)),
            _ => Duration::from_millis(random.random_range(200..2_000)),
        };
        let is_joined = random.random_bool(0.3);
        let also = hand.pop_if(|other| is_joined && fault.goes_with(*other));
        steps.push(Step { fault, also, lasts, then: Duration::from_millis(random.random_range(300..1_500)) });
    }
    steps
}
