//! Days pass: what the jobs do, what happens when they did not run, and midnight.

use std::{collections::BTreeSet, mem};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use otpwire::{app::watching::messages::Watcher, clock::ManualClock};

use crate::support::{
    Backend, Renter, Replica, World,
    client::sms,
    on_both,
    watchers::{cursor_at, next_delivery},
};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
const PARTITIONS: &str = "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' ORDER BY 1";
const REPORTS: &str = "SELECT DISTINCT status FROM delivery_reports";

/// A replica whose tokens and rentals last for weeks.
async fn weeks(world: &mut World) -> (Replica, Renter, String) {
    world.settings.token_lifetime = std::time::Duration::from_secs(90 * DAY);
    let (replica, renter) = world.populated().await;
    let (_, number) = replica.rent(&renter, "US", 24).await;
    let end = World::sql_time(world.now() + TimeDelta::days(60));
    world.sql(&format!("UPDATE phone_numbers SET expires_at = {end} WHERE user_id IS NOT NULL")).await;
    world.sql(&format!("UPDATE number_assignments SET expires_at = {end}")).await;
    (replica, renter, number)
}

async fn next(watcher: &mut Watcher) -> (i64, String) {
    let delivery = next_delivery(watcher).await;
    (delivery.cursor.seq, delivery.message.message_content.clone())
}

/// The names of the partitions of some days.
fn partitions(first: DateTime<Utc>, days: i64) -> Vec<String> {
    (0..days).map(|day| (first + TimeDelta::days(day)).format("messages_y%Ym%md%d").to_string()).collect()
}

/// Posts messages to the replicas in turn, all at the same time; each must be acknowledged.
async fn post_at_once(replicas: &[&Replica], number: &str, names: std::ops::Range<u32>) {
    let messages: Vec<_> = names.map(|n| sms(&n.to_string(), number, &n.to_string())).collect();
    let posts = messages.iter().enumerate().map(|(n, message)| replicas[n % replicas.len()].post_sms(message));
    let answers = join_all(posts).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
}

on_both! {
    async fn ten_days_pass(world: World) {
        let mut world = world;
        let (replica, renter, number) = weeks(&mut world).await;
        let other = world.replica().await;
        let _running = [replica.start_jobs(), other.start_jobs()];
        world.jobs_done().await;
        let mut watcher = other.watch(&renter, None).await.unwrap();
        for day in 1..=10 {
            assert_eq!(replica.post_sms(&sms(&day.to_string(), &number, &day.to_string())).await.status, 200);
            if world.backend == Backend::Cluster {
                assert_eq!(next(&mut watcher).await, (day, day.to_string()));
            }
            assert_eq!(replica.texts(&renter).await, [day.to_string()]);
            for _ in 0..4 {
                world.advance(6 * HOUR);
                world.jobs_done().await;
            }
            let state = format!("SELECT last_seq || ' ' || purged_seq FROM inboxes WHERE user_id = {}", renter.user.id);
            assert_eq!(world.column(&state).await, [format!("{day} {day}")]);
            let expired = replica.watch(&renter, Some(cursor_at(&renter, day - 1))).await.unwrap_err();
            assert_eq!(expired.code().name(), "CURSOR_EXPIRED");
            let oldest = cursor_at(&renter, day);
            assert_eq!(expired.details()["oldest_cursor"], oldest);
            replica.watch(&renter, Some(cursor_at(&renter, day))).await.unwrap();
            if world.backend == Backend::Cluster {
                // At noon, yesterday's partition may still have visible messages; those of the next three days are
                // ready.
                assert_eq!(world.column(PARTITIONS).await, partitions(world.now() - TimeDelta::days(1), 5));
            }
        }
        assert_eq!(world.column(REPORTS).await, ["received"]);
    }

    async fn jobs_catch_up_after_days_without_a_replica(world: World) {
        let mut world = world;
        let (replica, renter, number) = weeks(&mut world).await;
        replica.rent(&renter, "DE", 2).await;
        for day in 0..3 {
            post_at_once(&[&replica], &number, day * 10..day * 10 + 10).await;
            world.advance(DAY);
        }
        drop(replica);
        world.advance(3 * DAY);
        // Starting a replica creates the partitions of today before it receives anything.
        let replica = world.replica().await;
        let running = replica.start_jobs();
        world.jobs_done().await;
        let german = "SELECT status FROM phone_numbers WHERE country_code = 'DE'";
        assert_eq!(world.column(german).await, ["available"]);
        assert_eq!(world.column("SELECT count(*) FROM messages").await, ["0"]);
        assert_eq!(world.column("SELECT max(purged_seq) FROM inboxes").await, ["30"]);
        assert_eq!(world.column("SELECT count(*) FROM delivery_reports WHERE webhook_payload IS NOT NULL").await, ["0"]);
        if world.backend == Backend::Cluster {
            assert_eq!(world.column(PARTITIONS).await, partitions(world.now() - TimeDelta::days(1), 5));
        }
        post_at_once(&[&replica], &number, 100..101).await;
        assert_eq!(replica.texts(&renter).await, ["100"]);
        drop(running);
    }

    async fn a_large_backlog_is_purged(world: World) {
        let mut world = world;
        let (replica, renter, _) = weeks(&mut world).await;
        let old = World::sql_time(world.now());
        let old = if world.backend == Backend::Cluster { format!("{old}::timestamptz") } else { old };
        let numbers = match world.backend {
            Backend::Embedded => "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1200)",
            Backend::Cluster => "WITH n(n) AS (SELECT generate_series(1, 1200))",
        };
        let insert = async |table: &str, columns: &str, values: &str| {
            let insert = format!("INSERT INTO {table} ({columns})");
            let select = format!("SELECT {values} FROM n");
            world.sql(&match world.backend {
                Backend::Embedded => format!("{insert} {numbers} {select}"),
                Backend::Cluster => format!("{numbers} {insert} {select}"),
            }).await;
        };
        let json = if world.backend == Backend::Cluster { "'{}'::jsonb" } else { "'{}'" };
        insert("message_receipts", "provider_id, provider_message_id, received_at", &format!("1, 'old-' || n, {old}")).await;
        insert("delivery_reports", "provider_id, status, webhook_payload, created_at", &format!("1, 'received', {json}, {old}")).await;
        insert("api_rate_limits", "endpoint, window_start", &format!("'x', {old}")).await;
        insert("audit_log", "action, created_at", &format!("'x', {old}")).await;
        insert("webhook_nonces", "provider_id, nonce, request, expires_at", &format!("1, 'n' || n, 'r', {old}")).await;
        insert("user_sessions", "user_id, refresh_token, expires_at", &format!("{}, 't' || n, {old}", renter.user.id)).await;
        insert("login_networks", "user_id, network, last_login_at", &format!("{}, 'n' || n, {old}", renter.user.id)).await;
        insert("partial_messages", "provider_id, phone_number, sender_number, part_reference, part_count, first_received_at, released_at",
               &format!("1, '+1', '+2', 'r' || n, 2, {old}, {old}")).await;
        insert("roll_ups", "id, created_at", &format!("'r' || n, {old}")).await;
        world.sql(&format!("INSERT INTO provider_activity (provider_id, hour) VALUES (1, {old})")).await;
        world.advance(2 * DAY);
        let _running = replica.start_jobs();
        world.jobs_done().await;
        let left = async |tables: &[&str]| {
            let mut left = Vec::new();
            for table in tables {
                left.extend(world.column(&format!("SELECT count(*) FROM {table}")).await);
            }
            left
        };
        let soon = ["webhook_nonces", "partial_messages", "roll_ups WHERE id LIKE 'r%'", "user_sessions WHERE refresh_token LIKE 't%'",
                    "delivery_reports WHERE webhook_payload IS NOT NULL"];
        assert_eq!(left(&soon).await, ["0"; 5]);
        let late = ["message_receipts", "delivery_reports", "api_rate_limits WHERE endpoint = 'x'", "provider_activity",
                    "login_networks", "audit_log WHERE action = 'x'"];
        assert_eq!(left(&late).await, ["1200", "1200", "1200", "1", "1200", "1200"]);
        world.advance(5 * DAY);
        world.jobs_done().await;
        assert_eq!(left(&late).await, ["0", "1200", "1200", "1", "1200", "1200"]);
        world.advance(23 * DAY);
        world.jobs_done().await;
        assert_eq!(left(&late).await, ["0", "0", "0", "0", "0", "1200"]);
        world.advance(335 * DAY);
        world.jobs_done().await;
        assert_eq!(left(&late).await, ["0"; 6]);
    }

    async fn many_numbers_are_settled(world: World) {
        let mut world = world;
        let (replica, renter, _) = weeks(&mut world).await;
        let end = World::sql_time(world.now() + TimeDelta::hours(1));
        let start = World::sql_time(world.now());
        let time = |text: &str| if world.backend == Backend::Cluster { format!("{text}::timestamptz") } else { text.to_owned() };
        let (numbers, n) = match world.backend {
            Backend::Embedded => ("WITH RECURSIVE n(n) AS (SELECT 1000 UNION ALL SELECT n + 1 FROM n WHERE n < 2199)", "n"),
            Backend::Cluster => ("WITH n(n) AS (SELECT generate_series(1000, 2199))", "n::integer"),
        };
        for (insert, values) in [
            ("INSERT INTO phone_numbers (id, phone_number, country_code, status, user_id, assigned_at, expires_at)",
             format!("{n}, '+4915' || n, 'DE', 'assigned', {}, {}, {}", renter.user.id, time(&start), time(&end))),
            ("INSERT INTO number_assignments (phone_number_id, user_id, started_at, expires_at)",
             format!("{n}, {}, {}, {}", renter.user.id, time(&start), time(&end))),
        ] {
            world.sql(&match world.backend {
                Backend::Embedded => format!("{insert} {numbers} SELECT {values} FROM n"),
                Backend::Cluster => format!("{numbers} {insert} SELECT {values} FROM n"),
            }).await;
        }
        let _running = replica.start_jobs();
        world.jobs_done().await;
        let counts = "SELECT status || ' ' || count(*) FROM phone_numbers WHERE id >= 1000 GROUP BY status";
        assert_eq!(world.column(counts).await, ["assigned 1200"]);
        world.advance(HOUR);
        world.jobs_done().await;
        assert_eq!(world.column(counts).await, ["expired 1200"]);
        let closed = "SELECT count(*) FROM number_assignments WHERE end_reason = 'expired' AND ended_at = expires_at";
        assert_eq!(world.column(closed).await, ["1200"]);
        world.advance(600);
        world.jobs_done().await;
        assert_eq!(world.column(counts).await, ["available 1200"]);
    }

    async fn usage_of_all_replicas_is_added_up(world: World) {
        let mut world = world;
        let (one, renter, _) = weeks(&mut world).await;
        let other = world.replica().await;
        let _running = [one.start_jobs(), other.start_jobs()];
        let sum = "SELECT coalesce(sum(request_count), 0) FROM api_rate_limits WHERE endpoint LIKE 'GET %'";
        let mut asked = 0;
        for _ in 0..3 {
            for replica in [&one, &other, &other] {
                replica.rest_ok(Some(&renter.token), "GET /v1/users/me", None).await;
                asked += 1;
            }
            world.in_time(sum, &asked.to_string()).await;
        }
    }

    async fn usage_that_cannot_be_written_is_written_once_later(world: World) {
        let mut world = world;
        let (replica, renter, number) = weeks(&mut world).await;
        let request = async || drop(replica.rest_ok(Some(&renter.token), "GET /v1/users/me", None).await);
        let sums = async || {
            let usage = world.column("SELECT coalesce(sum(request_count), 0) FROM api_rate_limits WHERE endpoint LIKE 'GET %'").await;
            let activity = world.column("SELECT coalesce(sum(messages), 0) FROM provider_activity").await;
            [usage[0].clone(), activity[0].clone()]
        };
        request().await;
        post_at_once(&[&replica], &number, 0..2).await;
        // The store refuses writes for now.
        let lock = if world.backend == Backend::Cluster { "LOCK TABLE api_rate_limits" } else { "SELECT 1" };
        let held = world.hold(lock).await;
        let away = replica.app.roll_up_usage().await.unwrap_err();
        assert_eq!(away.code().name(), "UNAVAILABLE");
        request().await;
        held.let_go().await;
        // The write is cancelled at an unknown point.
        let held = world.hold(lock).await;
        let mut writing = Box::pin(replica.app.roll_up_usage());
        for _ in 0..20 {
            let step = tokio::time::timeout(std::time::Duration::from_millis(10), &mut writing).await;
            assert!(step.is_err(), "it should wait");
        }
        drop(writing);
        request().await;
        held.let_go().await;
        replica.app.roll_up_usage().await.unwrap();
        assert_eq!(sums().await, ["3", "2"]);
        replica.app.roll_up_usage().await.unwrap();
        assert_eq!(sums().await, ["3", "2"]);
        // Usage that was committed without the replica knowing is not added again.
        let store = world.store().await;
        let usage = otpwire::store::Usage {
            user_id: None,
            ip_address: None,
            endpoint: "GET /".into(),
            request_count: 5,
            window_start: world.now(),
        };
        let roll_up = otpwire::store::RollUp { id: "once".into(), usage: vec![usage], ..Default::default() };
        for _ in 0..2 {
            store.add_roll_up(&roll_up, world.now()).await.unwrap();
        }
        assert_eq!(sums().await, ["8", "2"]);
    }
}

/// No job has run for days, so there is no partition for a message that arrives.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partition_that_is_missing_at_midnight_is_created() {
    let mut world = World::new(Backend::Cluster).await;
    let (one, renter, number) = weeks(&mut world).await;
    let other = world.replica().await;
    let mut watcher = one.watch(&renter, None).await.unwrap();
    // A second before the end of the last partition, then a second later.
    world.advance(3 * DAY + 12 * HOUR - 1);
    post_at_once(&[&one, &other], &number, 0..20).await;
    world.advance(1);
    post_at_once(&[&one], &number, 20..60).await;
    assert_eq!(world.column(PARTITIONS).await.last().unwrap(), "messages_y2026m03d06");
    let mut texts = BTreeSet::new();
    for seq in 1..=60 {
        let (at, text) = next(&mut watcher).await;
        assert_eq!(at, seq);
        texts.insert(text);
    }
    // The same with several replicas at the same midnight.
    world.advance(10 * DAY - 1);
    post_at_once(&[&one, &other], &number, 60..160).await;
    world.advance(1);
    post_at_once(&[&other, &one], &number, 160..200).await;
    for seq in 61..=200 {
        let (at, text) = next(&mut watcher).await;
        assert_eq!(at, seq);
        texts.insert(text);
    }
    assert_eq!(texts.len(), 200);
    assert_eq!(world.column("SELECT count(*) FROM messages").await, ["200"]);
    assert_eq!(world.column(REPORTS).await, ["received"]);
    assert_eq!(world.column("SELECT count(*) FROM delivery_reports").await, ["200"]);
}

/// The clocks of the replicas differ by minutes, by hours, and by more days than partitions are created ahead.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_with_different_clocks_receive_around_midnight() {
    let mut world = World::new(Backend::Cluster).await;
    let (one, renter, number) = weeks(&mut world).await;
    let mut watcher = one.watch(&renter, None).await.unwrap();
    world.advance(12 * HOUR + 60);
    let mut replicas = Vec::new();
    for skew in [TimeDelta::minutes(-5), TimeDelta::hours(-6), TimeDelta::hours(7), TimeDelta::days(9)] {
        let theirs = ManualClock::new(world.now() + skew);
        let here = mem::replace(&mut world.clock, theirs);
        replicas.push(world.replica_without_partitions().await);
        world.clock = here;
    }
    let all: Vec<&Replica> = std::iter::once(&one).chain(&replicas).collect();
    for round in 0..5 {
        post_at_once(&all, &number, round * 20..round * 20 + 20).await;
    }
    for seq in 1..=100 {
        assert_eq!(next(&mut watcher).await.0, seq);
    }
    assert_eq!(world.column("SELECT count(DISTINCT provider_message_id) FROM messages").await, ["100"]);
    assert_eq!(world.column(REPORTS).await, ["received"]);
    let days = world.column("SELECT DISTINCT (received_at AT TIME ZONE 'UTC')::date FROM messages ORDER BY 1").await;
    assert_eq!(days, ["2026-03-01", "2026-03-02", "2026-03-11"]);
    // The purge of a replica with the right clock deletes what has expired by it, and no visible message.
    one.app.purge().await.unwrap();
    assert_eq!(world.column("SELECT count(*) FROM messages").await, ["100"]);
}
