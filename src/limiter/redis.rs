//! Windows in Redis, for a cluster: one sorted set per subject, changed by one script.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use redis::{AsyncConnectionConfig, Client, RedisResult, Script, aio::MultiplexedConnection};

use super::{
    decision::{Decision, Rule},
    memory::MemoryLimiter,
};
use crate::{
    domain::{Error, Result},
    random::Random,
};

/// How long after a failure of Redis to try a new connection.
const RETRY: Duration = Duration::from_secs(1);

/// Counts hits, all or none. Times are passed as text, because Lua's numbers would lose their last digits.
///
/// KEYS: the window. ARGV: now, the last time that no longer counts, the limit, the cost, the window in milliseconds,
/// and a random number that tells this request from others at the same time. Returns: whether the hits are allowed, the
/// number of hits after them, the oldest, and the one that has to expire first.
const TAKE: &str = "
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[2])
local count = redis.call('ZCARD', KEYS[1])
local cost = tonumber(ARGV[4])
local over = count + cost - tonumber(ARGV[3])
local allowed = 0
if over <= 0 then
    allowed = 1
    for hit = 1, cost do
        redis.call('ZADD', KEYS[1], ARGV[1], ARGV[1] .. ':' .. ARGV[6] .. ':' .. hit)
    end
    count = count + cost
    redis.call('PEXPIRE', KEYS[1], ARGV[5])
end
local function time(index)
    local found = redis.call('ZRANGE', KEYS[1], index, index)
    return found[1] and string.match(found[1], '^%d+') or ''
end
return {allowed, count, time(0), over > 0 and time(over - 1) or ''}
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
    random: Random,
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
    pub async fn init(url: &str, namespace: &str, timeout: Duration, random: Random) -> Result<Self> {
        let client = Client::open(url).map_err(Error::unavailable)?;
        let connection = connect(&client, timeout).await.ok();
        Ok(Self {
            client,
            timeout,
            prefix: format!("otpwire:{namespace}:limit:"),
            connection: Arc::new(Mutex::new(ConnectionState { connection, retry_at: None })),
            take: Script::new(TAKE),
            give_back: Script::new(GIVE_BACK),
            random,
            fallback: MemoryLimiter::default(),
        })
    }

    pub(super) async fn take(&self, subject: &str, rule: Rule, cost: u32, now: DateTime<Utc>) -> Decision {
        if let Some(mut connection) = self.connection() {
            match self.run_take(&mut connection, subject, rule, cost, now).await {
                Ok(decision) => return decision,
                Err(error) => self.disconnect(&error),
            }
        }
        metrics::counter!("otpwire_limits_local_total").increment(1);
        self.fallback.take(subject, rule, cost, now)
    }

    async fn run_take(
        &self,
        connection: &mut MultiplexedConnection,
        subject: &str,
        rule: Rule,
        cost: u32,
        now: DateTime<Utc>,
    ) -> RedisResult<Decision> {
        let micros = now.timestamp_micros();
        let (allowed, count, oldest, blocking): (bool, u32, String, String) = self
            .take
            .key(format!("{}{subject}", self.prefix))
            .arg(micros)
            .arg(micros.saturating_sub(rule.window_micros()))
            .arg(rule.limit)
            .arg(cost)
            .arg(u64::try_from(rule.window.as_millis()).unwrap_or(u64::MAX))
            .arg(u64::from_be_bytes(self.random.bytes()))
            .invoke_async(connection)
            .await?;
        Ok(Decision::of(rule, now, allowed, count, oldest.parse().ok(), blocking.parse().ok()))
    }

    pub(super) async fn give_back(&self, subject: &str, at: DateTime<Utc>) {
        self.fallback.give_back(subject, at);
        let Some(mut connection) = self.connection() else { return };
        let mut script = self.give_back.key(format!("{}{subject}", self.prefix));
        if let Err(error) = script.arg(at.timestamp_micros()).invoke_async::<i32>(&mut connection).await {
            self.disconnect(&error);
        }
    }

    pub(super) async fn clear(&self, subject: &str) {
        self.fallback.clear(subject);
        let Some(mut connection) = self.connection() else { return };
        let mut command = redis::cmd("DEL");
        command.arg(format!("{}{subject}", self.prefix));
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

async fn connect(client: &Client, timeout: Duration) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new().set_connection_timeout(Some(timeout)).set_response_timeout(Some(timeout));
    client.get_multiplexed_async_connection_with_config(&config).await
}
