//! Windows in Redis, for a cluster: one sorted set per subject, changed by one script. Large limits ask it for a share
//! at a time.

mod connection;
mod windows;

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use chrono::{DateTime, Utc};
use redis::Script;

use self::{
    connection::RedisConnection,
    windows::{RedisWindows, Take},
};
use super::{
    decision::{Decision, Rule},
    memory::MemoryLimiter,
    share::{Answer, Shares, Standing, SubjectShare, Unused, far_from},
};
use crate::{coalescer::Coalescer, domain::Result, random::Random};

/// Removes one hit. KEYS: the window. ARGV: when it was counted.
const GIVE_BACK: &str = "
local found = redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[1], ARGV[1], 'LIMIT', 0, 1)
if found[1] then redis.call('ZREM', KEYS[1], found[1]) end
return 0
";

/// The windows of a cluster.
#[derive(Debug)]
pub struct RedisLimiter {
    /// The prefix of keys, which only replicas of one deployment share.
    prefix: String,
    connection: RedisConnection,
    windows: Coalescer<RedisWindows>,
    give_back: Script,
    /// Tells the questions of this replica from those of others.
    replica: String,
    questions: AtomicU64,
    shares: Shares,
    /// Limits while Redis is away.
    fallback: MemoryLimiter,
}

impl RedisLimiter {
    /// Connects if it can. Replicas that share a `namespace` count together; their clocks should agree, as the time of
    /// a hit is the time of the replica that took it.
    ///
    /// `timeout` is how long Redis may take before it counts as away. Requests that are waiting then are the last to do
    /// so: further ones are counted in this process.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the address is malformed. A Redis that is away is none.
    pub async fn init(url: &str, namespace: &str, timeout: Duration, random: &Random) -> Result<Self> {
        let connection = RedisConnection::init(url, timeout).await?;
        Ok(Self {
            prefix: format!("otpwire:{namespace}:limit:"),
            windows: Coalescer::new(RedisWindows::new(connection.clone())),
            connection,
            give_back: Script::new(GIVE_BACK),
            replica: format!("{:x}", u64::from_be_bytes(random.bytes())),
            questions: AtomicU64::new(0),
            shares: Shares::default(),
            fallback: MemoryLimiter::default(),
        })
    }

    pub(super) async fn take(&self, subject: &str, rule: Rule, cost: u32, now: DateTime<Utc>) -> Decision {
        let decision = if rule.is_large() {
            self.take_shared(subject, rule, cost, now).await
        } else {
            self.ask(subject, rule, cost, now, 0, None).await.map(|(_, answer)| decide(rule, now, &answer))
        };
        decision.unwrap_or_else(|| {
            metrics::counter!("otpwire_limits_local_total").increment(1);
            self.fallback.take(subject, rule, cost, now)
        })
    }

    /// Takes permits of a large limit: from this replica's share if it has one. None when Redis is away.
    async fn take_shared(&self, subject: &str, rule: Rule, cost: u32, now: DateTime<Utc>) -> Option<Decision> {
        let share = self.shares.of(subject);
        let mut standing = share.spend(rule, cost, now);
        if let Standing::AskForShare = standing {
            let _turn = share.turn.lock().await;
            // Another hit may have asked meanwhile.
            standing = share.spend(rule, cost, now);
            if let Standing::AskForShare = standing {
                return self.ask_for_share(subject, &share, rule, cost, now).await;
            }
        }
        match standing {
            Standing::Allowed(decision) => Some(decision),
            _ => self.ask(subject, rule, cost, now, 0, None).await.map(|(_, answer)| decide(rule, now, &answer)),
        }
    }

    /// Whoever disconnects before the answer leaves a share that nobody knows of; it expires. Shares are small, and
    /// leave a part of the limit to hits that ask for themselves.
    async fn ask_for_share(
        &self,
        subject: &str,
        share: &SubjectShare,
        rule: Rule,
        cost: u32,
        now: DateTime<Utc>,
    ) -> Option<Decision> {
        let (wish, unused) = share.begin(rule, now);
        let (question, answer) = self.ask(subject, rule, cost, now, wish, unused).await?;
        share.keep(question, cost, wish, &answer);
        Some(decide(rule, now, &answer))
    }

    /// Asks Redis for `cost` permits and a share, if that is far from the limit. Returns the number of the question and
    /// the answer; none when Redis is away.
    async fn ask(
        &self,
        subject: &str,
        rule: Rule,
        cost: u32,
        now: DateTime<Utc>,
        wish: u32,
        unused: Option<Unused>,
    ) -> Option<(u64, Answer)> {
        let question = self.questions.fetch_add(1, Ordering::Relaxed);
        let take = Take {
            key: self.key(subject),
            counted_at: rule.counted_at(now),
            expired_at: now.timestamp_micros().saturating_sub(rule.window_micros()),
            limit: rule.limit,
            cost,
            kept: rule.window_micros().saturating_add(rule.step_micros()) / 1_000 + 1,
            name: self.question(question),
            wish,
            far_from: far_from(rule),
            unused: unused.map(|unused| (self.prefix_of(unused), unused.first, unused.last)),
        };
        Some((question, self.windows.ask(take).await??))
    }

    fn key(&self, subject: &str) -> String {
        format!("{}{subject}", self.prefix)
    }

    /// The name of a question, which no other has.
    fn question(&self, number: u64) -> String {
        format!("{}-{number:x}", self.replica)
    }

    /// What the names of the permits of a share begin with.
    fn prefix_of(&self, unused: Unused) -> String {
        format!("{}:{}", unused.step, self.question(unused.question))
    }

    /// Gives back the permits of shares that have expired.
    pub(super) async fn give_back_unused(&self, now: DateTime<Utc>) {
        let expired = self.shares.take_expired(now);
        if expired.is_empty() {
            return;
        }
        let Some(mut connection) = self.connection.get() else { return };
        let mut pipeline = redis::pipe();
        for (subject, unused) in expired {
            let prefix = self.prefix_of(unused);
            let command = pipeline.cmd("ZREM").arg(self.key(&subject));
            (unused.first..=unused.last).for_each(|hit| {
                command.arg(format!("{prefix}:{hit}"));
            });
            command.ignore();
        }
        if let Err(error) = pipeline.query_async::<()>(&mut connection).await {
            self.connection.lose(&error);
        }
    }

    pub(super) async fn give_back(&self, subject: &str, rule: Rule, at: DateTime<Utc>) {
        self.fallback.give_back(subject, rule, at);
        let Some(mut connection) = self.connection.get() else { return };
        let mut script = self.give_back.key(self.key(subject));
        if let Err(error) = script.arg(rule.counted_at(at)).invoke_async::<i32>(&mut connection).await {
            self.connection.lose(&error);
        }
    }

    pub(super) async fn clear(&self, subject: &str) {
        self.fallback.clear(subject);
        self.shares.clear(subject);
        let Some(mut connection) = self.connection.get() else { return };
        let mut command = redis::cmd("DEL");
        command.arg(self.key(subject));
        if let Err(error) = command.query_async::<i32>(&mut connection).await {
            self.connection.lose(&error);
        }
    }
}

fn decide(rule: Rule, now: DateTime<Utc>, answer: &Answer) -> Decision {
    Decision::of(rule, now, answer.allowed, answer.count, answer.oldest, answer.blocking)
}
