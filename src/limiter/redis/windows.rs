//! What Redis is asked about windows: hits of several subjects at once, in one script.

use redis::Script;

use super::connection::RedisConnection;
use crate::{coalescer::Ask, limiter::share::Answer};

/// Counts hits, all or none, and a share of further permits where the limit is far; for several windows, one after the
/// other. Times are passed as text, because Lua's numbers would lose their last digits.
///
/// There is one entry for each hit, named by the time at which it is counted, the question that it came with, and a
/// number. Replicas that know nothing of shares use the same sets and entries.
///
/// KEYS: the windows. ARGV, eleven for each: the time at which the hits are counted, the last time that no longer
/// counts, the limit, the cost, how long the set is kept in milliseconds, the name of this question, the size of the
/// share that is asked for, how many hits there may be after it; and the permits to be given back: the time and the
/// name of their question, the first and the last. Returns for each: whether the hits are allowed, how many permits
/// were given, the number of hits after them, the oldest, and the one that has to expire first.
const TAKE: &str = "
local function take(key, counted, expired, limit, cost, kept, question, share, far, prefix, first, last)
    local function time(index)
        local found = redis.call('ZRANGE', key, index, index)
        return found[1] and string.match(found[1], '^%d+') or ''
    end
    local unused = {}
    for hit = tonumber(first), tonumber(last) do
        unused[#unused + 1] = prefix .. ':' .. hit
    end
    if #unused > 0 then redis.call('ZREM', key, unpack(unused)) end
    local oldest = time(0)
    if oldest ~= '' and tonumber(oldest) <= tonumber(expired) then
        redis.call('ZREMRANGEBYSCORE', key, '-inf', expired)
        oldest = time(0)
    end
    local count = oldest ~= '' and redis.call('ZCARD', key) or 0
    cost, share = tonumber(cost), tonumber(share)
    local over = count + cost - tonumber(limit)
    if over > 0 then return {0, 0, count, oldest, time(over - 1)} end
    local taken = count + cost + share <= tonumber(far) and cost + share or cost
    if taken > 0 then
        local hits = {}
        for hit = 1, taken do
            hits[#hits + 1] = counted
            hits[#hits + 1] = counted .. ':' .. question .. ':' .. hit
        end
        redis.call('ZADD', key, unpack(hits))
        redis.call('PEXPIRE', key, kept)
        if oldest == '' or tonumber(counted) < tonumber(oldest) then oldest = counted end
    end
    return {1, taken, count + taken, oldest, ''}
end
local answers = {}
for i, key in ipairs(KEYS) do
    answers[i] = take(key, unpack(ARGV, 11 * i - 10, 11 * i))
end
return answers
";

/// Hits of a subject, and a share of further permits.
#[derive(Clone, Debug)]
pub(super) struct Take {
    pub(super) key: String,
    /// When the hits are counted, and the last time that no longer counts, in microseconds.
    pub(super) counted_at: i64,
    pub(super) expired_at: i64,
    pub(super) limit: u32,
    pub(super) cost: u32,
    /// How long the window is kept, in milliseconds.
    pub(super) kept: i64,
    /// The name of the question, which no other has.
    pub(super) name: String,
    /// How many further permits are asked for, and how many hits there may be with them.
    pub(super) wish: u32,
    pub(super) far_from: u32,
    /// The permits to be given back: what their names begin with, the first and the last.
    pub(super) unused: Option<(String, u32, u32)>,
}

/// The windows in Redis.
#[derive(Debug)]
pub(super) struct RedisWindows {
    connection: RedisConnection,
    script: Script,
}

impl RedisWindows {
    pub(super) fn new(connection: RedisConnection) -> Self {
        Self { connection, script: Script::new(TAKE) }
    }

    async fn take(&self, takes: &[Take]) -> Option<Vec<(bool, u32, u32, String, String)>> {
        let mut connection = self.connection.get()?;
        let mut script = self.script.prepare_invoke();
        for take in takes {
            let (prefix, first, last) =
                take.unused.as_ref().map_or(("", 1, 0), |(prefix, first, last)| (prefix.as_str(), *first, *last));
            script
                .key(&take.key)
                .arg(take.counted_at)
                .arg(take.expired_at)
                .arg(take.limit)
                .arg(take.cost)
                .arg(take.kept)
                .arg(&take.name)
                .arg(take.wish)
                .arg(take.far_from)
                .arg(prefix)
                .arg(first)
                .arg(last);
        }
        script.invoke_async(&mut connection).await.inspect_err(|error| self.connection.lose(error)).ok()
    }
}

impl Ask for RedisWindows {
    type Question = Take;
    /// None when Redis is away.
    type Answer = Option<Answer>;

    async fn ask(&self, takes: Vec<Take>) -> Vec<Self::Answer> {
        let Some(answers) = self.take(&takes).await else { return takes.iter().map(|_| None).collect() };
        let answers = answers.into_iter().map(|(allowed, taken, count, oldest, blocking)| {
            Some(Answer { allowed, taken, count, oldest: oldest.parse().ok(), blocking: blocking.parse().ok() })
        });
        answers.collect()
    }
}
