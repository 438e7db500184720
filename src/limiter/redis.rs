//! The windows of a cluster: one sorted set a subject, in Redis, changed by one script.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use redis::{AsyncConnectionConfig, Client, RedisResult, Script, aio::MultiplexedConnection};

use super::{Decision, Memory, Rule};
use crate::{
    domain::{Error, Result},
    random::Random,
};

/// How long to leave Redis alone after it failed.
const PAUSE: Duration = Duration::from_secs(1);

/// Counts hits, all or none. Times come and go as text: Lua's own numbers would lose their last digits.
///
/// KEYS: the window. ARGV: now, the last time that no longer counts, the limit, the cost, the window in
/// milliseconds, and a word that no other request has.
/// Answers: whether it passed, the hits after it, the oldest, and the one that is in its way.
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

/// Takes back one hit. KEYS: the window. ARGV: when it was counted.
const GIVE_BACK: &str = "
local found = redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[1], ARGV[1], 'LIMIT', 0, 1)
if found[1] then redis.call('ZREM', KEYS[1], found[1]) end
return 0
";

/// The windows of a cluster.
#[derive(Debug)]
pub struct RedisLimiter {
    client: Client,
    patience: Duration,
    /// What keys begin with: only replicas of one deployment share it.
    prefix: String,
    link: Arc<Mutex<Link>>,
    take: Script,
    give_back: Script,
    random: Random,
    /// Decides while Redis is away.
    alone: Memory,
}

/// The connection, and when to try for a new one.
#[derive(Debug)]
struct Link {
    connection: Option<MultiplexedConnection>,
    retry_at: Option<Instant>,
}

impl RedisLimiter {
    /// Connects if it can. Replicas that share a `namespace` count together; their clocks should agree, as the time of
    /// a hit is the time of the replica that took it.
    ///
    /// `patience` is how long Redis may take before it counts as away. Those who wait when that happens are
    /// the last: from then on requests are decided here.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the address cannot be read. While Redis is away, requests are counted here.
    pub async fn init(url: &str, namespace: &str, patience: Duration, random: Random) -> Result<Self> {
        let client = Client::open(url).map_err(Error::unavailable)?;
        let connection = connect(&client, patience).await.ok();
        Ok(Self {
            client,
            patience,
            prefix: format!("otpwire:{namespace}:limit:"),
            link: Arc::new(Mutex::new(Link { connection, retry_at: None })),
            take: Script::new(TAKE),
            give_back: Script::new(GIVE_BACK),
            random,
            alone: Memory::default(),
        })
    }

    pub(super) async fn take(&self, subject: &str, rule: Rule, cost: u32, now: DateTime<Utc>) -> Decision {
        if let Some(mut connection) = self.connection() {
            match self.ask(&mut connection, subject, rule, cost, now).await {
                Ok(decision) => return decision,
                Err(error) => self.lose(&error),
            }
        }
        metrics::counter!("otpwire_limits_local_total").increment(1);
        self.alone.take(subject, rule, cost, now)
    }

    async fn ask(
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
        self.alone.give_back(subject, at);
        let Some(mut connection) = self.connection() else { return };
        let mut script = self.give_back.key(format!("{}{subject}", self.prefix));
        if let Err(error) = script.arg(at.timestamp_micros()).invoke_async::<i32>(&mut connection).await {
            self.lose(&error);
        }
    }

    /// The connection, when there is one. Nobody waits for a new one: now and then one request has it made
    /// in the background, and goes on without.
    fn connection(&self) -> Option<MultiplexedConnection> {
        let mut link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = &link.connection {
            return Some(connection.clone());
        }
        // An instant that is still to come has not elapsed at all.
        if link.retry_at.is_none_or(|retry_at| !retry_at.elapsed().is_zero()) {
            link.retry_at = Some(Instant::now() + PAUSE);
            let (client, patience, link) = (self.client.clone(), self.patience, Arc::clone(&self.link));
            tokio::spawn(async move {
                if let Ok(connection) = connect(&client, patience).await {
                    link.lock().unwrap_or_else(PoisonError::into_inner).connection = Some(connection);
                }
            });
        }
        None
    }

    fn lose(&self, error: &redis::RedisError) {
        let mut link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        if link.connection.take().is_some() {
            tracing::warn!(%error, "lost Redis; this replica limits requests by itself meanwhile");
        }
        link.retry_at = Some(Instant::now() + PAUSE);
    }
}

async fn connect(client: &Client, patience: Duration) -> RedisResult<MultiplexedConnection> {
    let config =
        AsyncConnectionConfig::new().set_connection_timeout(Some(patience)).set_response_timeout(Some(patience));
    client.get_multiplexed_async_connection_with_config(&config).await
}
