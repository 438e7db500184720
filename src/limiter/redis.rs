//! Windows in Redis, for a cluster: one sorted set per subject, changed by one script. Large limits ask it for a share
//! at a time.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use redis::{AsyncConnectionConfig, Client, RedisResult, Script, aio::MultiplexedConnection};

use super::{
    decision::{Decision, Rule},
    memory::MemoryLimiter,
    share::{Answer, Shares, Standing, SubjectShare, Unused, far_from},
};
use crate::{
    domain::{Error, Result},
    random::Random,
};

/// How long after a failure of Redis to try a new connection.
const RETRY: Duration = Duration::from_secs(1);

/// Counts hits, all or none, and a share of further permits where the limit is far. Times are passed as text, because
/// Lua's numbers would lose their last digits.
///
/// There is one entry for each hit, named by the time at which it is counted, the question that it came with, and a
/// number. Replicas that know nothing of shares use the same sets and entries.
///
/// KEYS: the window. ARGV: the time at which the hits are counted, the last time that no longer counts, the limit, the
/// cost, how long the set is kept in milliseconds, the name of this question, the size of the share that is asked for,
/// how many hits there may be after it; and the permits to be given back: the time and the name of their question, the
/// first and the last. Returns: whether the hits are allowed, how many permits were given, the number of hits after
/// them, the oldest, and the one that has to expire first.
const TAKE: &str = "
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[2])
local unused = {}
for hit = tonumber(ARGV[10]), tonumber(ARGV[11]) do
    unused[#unused + 1] = ARGV[9] .. ':' .. hit
end
if #unused > 0 then redis.call('ZREM', KEYS[1], unpack(unused)) end
local count = redis.call('ZCARD', KEYS[1])
local cost, share = tonumber(ARGV[4]), tonumber(ARGV[7])
local over = count + cost - tonumber(ARGV[3])
local taken = 0
if over <= 0 then
    taken = cost
    if count + cost + share <= tonumber(ARGV[8]) then taken = cost + share end
    local hits = {}
    for hit = 1, taken do
        hits[#hits + 1] = ARGV[1]
        hits[#hits + 1] = ARGV[1] .. ':' .. ARGV[6] .. ':' .. hit
    end
    if taken > 0 then
        redis.call('ZADD', KEYS[1], unpack(hits))
        redis.call('PEXPIRE', KEYS[1], ARGV[5])
    end
    count = count + taken
end
local function time(index)
    local found = redis.call('ZRANGE', KEYS[1], index, index)
    return found[1] and string.match(found[1], '^%d+') or ''
end
return {over <= 0 and 1 or 0, taken, count, time(0), over > 0 and time(over - 1) or ''}
";

/// Removes one hit. KEYS: the window. ARGV: when it was counted.
const GIVE_BACK: &str = "
local found = redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[1], ARGV[1], 'LIMIT', 0, 1)
if found[1] then redis.call('ZREM', KEYS[1], found[1]) end
return 0
";

/// The windows of a cluster.
#[derive(Debug)]
pub struct RedisLimiter {
    client: Client,
    timeout: Duration,
    /// The prefix of keys, which only replicas of one deployment share.
    prefix: String,
    connection: Arc<Mutex<ConnectionState>>,
    take: Script,
    give_back: Script,
    /// Tells the questions of this replica from those of others.
    replica: String,
    questions: AtomicU64,
    shares: Shares,
    /// Limits while Redis is away.
    fallback: MemoryLimiter,
}

/// The connection, or when to try a new one.
#[derive(Debug)]
struct ConnectionState {
    connection: Option<MultiplexedConnection>,
    retry_at: Option<Instant>,
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
        let client = Client::open(url).map_err(Error::unavailable)?;
        let connection = connect(&client, timeout).await.ok();
        Ok(Self {
            client,
            timeout,
            prefix: format!("otpwire:{namespace}:limit:"),
            connection: Arc::new(Mutex::new(ConnectionState { connection, retry_at: None })),
            take: Script::new(TAKE),
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
        let mut connection = self.connection()?;
        let question = self.questions.fetch_add(1, Ordering::Relaxed);
        let mut script = self.take.key(self.key(subject));
        script
            .arg(rule.counted_at(now))
            .arg(now.timestamp_micros().saturating_sub(rule.window_micros()))
            .arg(rule.limit)
            .arg(cost)
            .arg(rule.window_micros().saturating_add(rule.step_micros()) / 1_000 + 1)
            .arg(self.question(question))
            .arg(wish)
            .arg(far_from(rule));
        match unused {
            Some(unused) => script.arg(self.prefix_of(unused)).arg(unused.first).arg(unused.last),
            None => script.arg("").arg(1).arg(0),
        };
        let answer: RedisResult<(bool, u32, u32, String, String)> = script.invoke_async(&mut connection).await;
        match answer {
            Ok((allowed, taken, count, oldest, blocking)) => {
                let (oldest, blocking) = (oldest.parse().ok(), blocking.parse().ok());
                Some((question, Answer { allowed, taken, count, oldest, blocking }))
            }
            Err(error) => {
                self.disconnect(&error);
                None
            }
        }
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
        let Some(mut connection) = self.connection() else { return };
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
            self.disconnect(&error);
        }
    }

    pub(super) async fn give_back(&self, subject: &str, rule: Rule, at: DateTime<Utc>) {
        self.fallback.give_back(subject, rule, at);
        let Some(mut connection) = self.connection() else { return };
        let mut script = self.give_back.key(self.key(subject));
        if let Err(error) = script.arg(rule.counted_at(at)).invoke_async::<i32>(&mut connection).await {
            self.disconnect(&error);
        }
    }

    pub(super) async fn clear(&self, subject: &str) {
        self.fallback.clear(subject);
        self.shares.clear(subject);
        let Some(mut connection) = self.connection() else { return };
        let mut command = redis::cmd("DEL");
        command.arg(self.key(subject));
        if let Err(error) = command.query_async::<i32>(&mut connection).await {
            self.disconnect(&error);
        }
    }

    /// The connection, if there is one. No request waits for a new one: it is opened in the background, from time to
    /// time.
    fn connection(&self) -> Option<MultiplexedConnection> {
        let mut state = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = &state.connection {
            return Some(connection.clone());
        }
        // The time since an instant in the future is zero.
        if state.retry_at.is_none_or(|retry_at| !retry_at.elapsed().is_zero()) {
            state.retry_at = Some(Instant::now() + RETRY);
            let (client, timeout, state) = (self.client.clone(), self.timeout, Arc::clone(&self.connection));
            tokio::spawn(async move {
                if let Ok(connection) = connect(&client, timeout).await {
                    state.lock().unwrap_or_else(PoisonError::into_inner).connection = Some(connection);
                }
            });
        }
        None
    }

    fn disconnect(&self, error: &redis::RedisError) {
        let mut state = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if state.connection.take().is_some() {
            tracing::warn!(%error, "lost the connection to Redis; this replica limits requests by itself meanwhile");
        }
        state.retry_at = Some(Instant::now() + RETRY);
    }
}

fn decide(rule: Rule, now: DateTime<Utc>, answer: &Answer) -> Decision {
    Decision::of(rule, now, answer.allowed, answer.count, answer.oldest, answer.blocking)
}

async fn connect(client: &Client, timeout: Duration) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new().set_connection_timeout(Some(timeout)).set_response_timeout(Some(timeout));
    client.get_multiplexed_async_connection_with_config(&config).await
}
