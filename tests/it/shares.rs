//! The limiter by itself: the same arithmetic in memory and in Redis, and permits that replicas take in shares.

use std::{ops::Range, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use otpwire::{
    clock::{Clock, ManualClock},
    limiter::{Decision, Limiter, MemoryLimiter, RedisLimiter, Rule},
    random::Random,
};

use crate::support::{Backend, PATIENCE, Redis, SECRET, World, beginning, client::sms, redis};

/// How a replica counts that knows nothing of shares: the script of the version before. Such replicas count in the same
/// sets while a deployment is upgraded.
const WITHOUT_SHARES: &str = "
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

struct TestClock(Arc<ManualClock>);

impl TestClock {
    fn new() -> Self {
        Self(ManualClock::new(beginning()))
    }

    fn now(&self) -> DateTime<Utc> {
        Clock::Manual(Arc::clone(&self.0)).now()
    }

    fn advance(&self, by: Duration) {
        self.0.advance(by);
    }
}

async fn in_redis(url: &str, namespace: &str) -> Limiter {
    Limiter::Redis(Box::new(RedisLimiter::init(url, namespace, PATIENCE, &Random::from_os()).await.unwrap()))
}

fn namespace(test: &str) -> String {
    format!("{test}-{}", std::process::id())
}

/// A number of a range, from random bytes.
fn pick(random: &Random, range: Range<u64>) -> u64 {
    range.start + u64::from(u32::from_be_bytes(random.bytes())) % (range.end - range.start)
}

/// Small limits are decided alike to the microsecond, with every hit asked for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_and_memory_are_the_same_arithmetic() {
    let random = Random::from_seed(7);
    let clock = TestClock::new();
    let shared = in_redis(&redis().await.url(), &namespace("arithmetic")).await;
    let alone = Limiter::Memory(MemoryLimiter::default());
    let mut hits = Vec::new();
    for step in 0..2_000 {
        let [a, b, c, d] = random.bytes::<4>();
        let subject = format!("subject {}", a % 3);
        // Redis expires an unused window by its own clock.
        let rule = Rule { limit: 5, window: Duration::from_secs(600) };
        if b % 8 == 0 && !hits.is_empty() {
            let at = hits[usize::from(c) % hits.len()];
            shared.give_back(&subject, rule, at).await;
            alone.give_back(&subject, rule, at).await;
        } else {
            let cost = u32::from(c % 4);
            let now = clock.now();
            let (one, other) =
                (shared.take(&subject, rule, cost, now).await, alone.take(&subject, rule, cost, now).await);
            assert_eq!(one, other, "step {step}: {subject}, cost {cost}");
            hits.push(now);
        }
        clock.advance(Duration::from_micros(u64::from(d) * 1_200_000 + u64::from(c)));
    }
}

/// A replica that is alone decides with shares as without, from an empty window to a full one and back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shares_of_a_lone_replica_change_no_decision() {
    let random = Random::from_seed(8);
    let clock = TestClock::new();
    let shared = in_redis(&redis().await.url(), &namespace("alone")).await;
    let alone = Limiter::Memory(MemoryLimiter::default());
    let rule = Rule { limit: 1_280, window: Duration::from_secs(60) };
    let (mut refused, mut conservative) = (0, 0);
    for step in 0..8_000 {
        let (cost, now) = (u32::try_from(pick(&random, 0..4)).unwrap(), clock.now());
        let (one, other) = (shared.take("x", rule, cost, now).await, alone.take("x", rule, cost, now).await);
        // The rest of a share counts as used.
        let less = other.remaining.checked_sub(one.remaining).unwrap_or_else(|| panic!("step {step}: more remains"));
        assert!(less <= 1_280 / 64, "step {step}: {less} less remain");
        assert_eq!(one, Decision { remaining: one.remaining, ..other }, "step {step}, cost {cost}");
        refused += u32::from(!one.allowed);
        conservative += u32::from(less > 0);
        let slower = [5, 20, 150][step / 500 % 3];
        clock.advance(Duration::from_micros(pick(&random, 0..slower * 1_000)));
    }
    assert!(refused > 500 && conservative > 500, "{refused} refused, {conservative} from shares");
}

/// What a deployment allowed: its hits, by when they were made and when they are counted.
#[derive(Default)]
struct Allowed(Vec<(i64, i64, u32)>);

impl Allowed {
    /// The hits made after a time and until another.
    fn made(&self, after: i64, until: i64) -> u32 {
        let recent = self.0.iter().rev().take_while(|(made, ..)| *made > after);
        recent.filter(|(made, ..)| *made <= until).map(|(.., cost)| cost).sum()
    }
}

/// Three replicas with shares and one of the version before: never more than the limit in any minute, whatever the
/// order; nobody is refused while there is room, but for what other replicas hold in their shares; and what they do not
/// use comes back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_never_exceed_a_limit_together() {
    const MINUTE: i64 = 60_000_000;
    const STEP: i64 = 100_000;
    let rule = Rule::per_minute(1_920);
    let (random, clock, namespace) = (Random::from_seed(9), TestClock::new(), namespace("together"));
    let url = redis().await.url();
    let replicas =
        [in_redis(&url, &namespace).await, in_redis(&url, &namespace).await, in_redis(&url, &namespace).await];
    let client = ::redis::Client::open(url.as_str()).unwrap();
    let connection = client.get_multiplexed_async_connection().await.unwrap();
    let (script, key) = (::redis::Script::new(WITHOUT_SHARES), format!("otpwire:{namespace}:limit:x"));
    let (replicas, random, script) = (&replicas, &random, &script);
    let old_replica = async |cost: u32, now: i64| {
        let mut connection = connection.clone();
        let mut script = script.key(&key);
        script.arg(now).arg(now - MINUTE).arg(rule.limit).arg(cost).arg(60_000);
        script.arg(u64::from_be_bytes(random.bytes()));
        let (allowed, ..): (bool, u32, String, String) = script.invoke_async(&mut connection).await.unwrap();
        allowed
    };
    let mut allowed = Allowed::default();
    let (mut most, mut refused) = (0, 0);
    for round in 0..6_000_usize {
        let now = clock.now();
        let micros = now.timestamp_micros();
        let step_end = (micros.div_euclid(STEP) + 1) * STEP;
        let hits: Vec<_> = (0..pick(random, 1..9)).map(|_| (pick(random, 0..13), pick(random, 1..3))).collect();
        let takes = hits.iter().map(async |&(replica, cost)| {
            let cost = u32::try_from(cost).unwrap();
            match replicas.get(usize::try_from(replica / 4).unwrap()) {
                Some(limiter) => (limiter.take("x", rule, cost, now).await, cost, step_end),
                None => {
                    let allowed = old_replica(cost, micros).await;
                    let decision =
                        Decision { allowed, limit: 0, remaining: 0, reset_at: now, retry_after: Duration::ZERO };
                    (decision, cost, micros)
                }
            }
        });
        let before = allowed.made(micros - MINUTE, step_end - STEP - 1);
        let decisions = join_all(takes).await;
        for (decision, cost, counted) in &decisions {
            if decision.allowed {
                assert!(decision.remaining <= rule.limit - before, "round {round}: what remains was never true");
                allowed.0.push((micros, *counted, *cost));
            }
        }
        let made = allowed.made(micros - MINUTE, micros);
        assert!(made <= rule.limit, "round {round}: {made} in a minute");
        most = most.max(made);
        for (_, cost, _) in decisions.iter().filter(|(decision, ..)| !decision.allowed) {
            refused += 1;
            let counting = allowed.made(micros - MINUTE - STEP, micros);
            assert!(counting + cost + 3 * (rule.limit / 64) > rule.limit, "round {round}: refused at {counting}");
        }
        if round % 16 == 0 {
            replicas[round / 16 % 3].give_back_unused(now).await;
        }
        let slowest = [4, 60, 500][round / 150 % 3];
        clock.advance(Duration::from_micros(pick(random, 0..slowest * 1_000)));
    }
    assert_eq!(most, rule.limit, "the limit is reached");
    assert!(refused > 500, "{refused}");
    // What nobody can use any more is given back, and then only what was used counts.
    clock.advance(Duration::from_secs(1));
    let now = clock.now();
    for replica in replicas {
        replica.give_back_unused(now).await;
    }
    let counting = allowed.0.iter().filter(|(_, counted, _)| *counted > now.timestamp_micros() - MINUTE);
    let used: u32 = counting.map(|(.., cost)| cost).sum();
    let other = in_redis(&url, &namespace).await.take("x", rule, 0, now).await;
    assert_eq!(rule.limit - other.remaining, used);
}

/// A share is worth nothing after its step, on another subject, or once the subject is cleared.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_share_is_good_for_its_step_alone() {
    let clock = TestClock::new();
    let (url, namespace) = (redis().await.url(), namespace("step"));
    let (one, other) = (in_redis(&url, &namespace).await, in_redis(&url, &namespace).await);
    let rule = Rule::per_minute(64_000);
    let take = async |limiter: &Limiter, cost| limiter.take("x", rule, cost, clock.now()).await.remaining;
    // One, then another and a share of one, then another after that and a share of three.
    assert_eq!((take(&one, 1).await, take(&one, 1).await, take(&one, 1).await), (63_999, 63_997, 63_997));
    assert_eq!((take(&one, 1).await, take(&one, 1).await), (63_993, 63_993));
    // The other replica counts all of it until it is given back.
    assert_eq!(take(&other, 0).await, 63_993);
    clock.advance(Duration::from_millis(100));
    assert_eq!(take(&other, 0).await, 63_993);
    one.give_back_unused(clock.now()).await;
    one.give_back_unused(clock.now()).await;
    clock.advance(Duration::from_millis(100));
    assert_eq!(take(&other, 0).await, 63_995);
    one.clear("x").await;
    assert_eq!((take(&other, 0).await, take(&one, 1).await), (64_000, 63_999));
    clock.advance(Duration::from_millis(100));
    assert_eq!(take(&other, 0).await, 63_999);
    clock.advance(Duration::from_secs(60));
    assert_eq!(take(&other, 0).await, 64_000);
}

/// How often Redis was asked to run a script.
async fn scripts(url: &str) -> u64 {
    let client = ::redis::Client::open(url).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let info: String = ::redis::cmd("INFO").arg("commandstats").query_async(&mut connection).await.unwrap();
    let calls = info.lines().filter_map(|line| {
        let (command, figures) = line.strip_prefix("cmdstat_")?.split_once(":calls=")?;
        let calls = figures.split(',').next()?.parse::<u64>().ok()?;
        command.starts_with("eval").then_some(calls)
    });
    calls.sum()
}

/// A thousand webhooks in two seconds ask Redis a few dozen times.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webhooks_far_from_the_limit_seldom_ask() {
    let world = World::new(Backend::Cluster).await;
    let mut server = Redis::start();
    let replica = world.replica_over(Some(server.url())).await;
    replica.add_provider("sandbox", "sandbox", SECRET).await;
    let before = scripts(&server.url()).await;
    for round in 0..40 {
        let messages: Vec<_> = (0..25).map(|n| sms(&format!("{round}-{n}"), "+14155550100", "x")).collect();
        let answers = join_all(messages.iter().map(|message| replica.post_sms(message))).await;
        assert!(answers.iter().all(|answer| answer.status == 200));
        world.clock.advance(Duration::from_millis(50));
    }
    let asked = scripts(&server.url()).await - before;
    assert!((20..=60).contains(&asked), "Redis was asked {asked} times");
    server.stop();
}

/// Hits that come at once share questions to Redis, and each subject has its own limit nevertheless.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hits_at_once_are_asked_about_together() {
    let mut server = Redis::start();
    let limiter = in_redis(&server.url(), &namespace("at-once")).await;
    let rule = Rule::per_minute(5);
    let before = scripts(&server.url()).await;
    let hits = (0..200).map(async |hit| {
        let subject = hit % 20;
        (subject, limiter.take(&format!("subject {subject}"), rule, 1, beginning()).await)
    });
    let decisions = join_all(hits).await;
    for subject in 0..20 {
        let mut remaining: Vec<_> =
            decisions.iter().filter(|(of, it)| *of == subject && it.allowed).map(|(_, it)| it.remaining).collect();
        remaining.sort_unstable();
        assert_eq!(remaining, [0, 1, 2, 3, 4], "subject {subject}");
    }
    let asked = scripts(&server.url()).await - before;
    assert!(asked <= 10, "Redis was asked {asked} times");
    server.stop();
}
