//! Jobs on several replicas: each run is done once, survives a crash of its replica, and blocks nothing else.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use otpwire::{
    app::maintenance::job_lease::{JobClaim, JobLease, LEASE},
    store::Expired,
};

use crate::support::{Backend, PATIENCE, Replica, World, client::sms, on_both};

const MINUTE: Duration = Duration::from_secs(60);
const TOKENS: &str = "SELECT name || ' ' || token FROM jobs ORDER BY name";

/// How many sessions wait for a lock.
const WAITING: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// Acquires the lease of a job that is due.
async fn acquire(replica: &Replica, job: &'static str) -> JobLease {
    match replica.app.acquire_job(job, MINUTE).await.unwrap() {
        JobClaim::Acquired(lease) => lease,
        JobClaim::NotDue(wait) => panic!("it is not due for {wait:?}"),
    }
}

/// In how many seconds a job can be acquired.
async fn wait(replica: &Replica, job: &'static str) -> u64 {
    match replica.app.acquire_job(job, MINUTE).await.unwrap() {
        JobClaim::Acquired(lease) => panic!("acquired {lease:?}"),
        JobClaim::NotDue(wait) => wait.as_secs(),
    }
}

on_both! {
    async fn each_run_of_a_job_is_done_by_one_replica(world: World) {
        let replicas = [world.replica().await, world.replica().await, world.replica().await];
        let _running = replicas.each_ref().map(Replica::start_jobs);
        world.jobs_done().await;
        assert_eq!(world.column(TOKENS).await, ["prepare_partitions 1", "purge 1", "settle_numbers 1"]);
        for _ in 0..20 {
            world.advance(15);
            world.jobs_done().await;
        }
        assert_eq!(world.column(TOKENS).await, ["prepare_partitions 1", "purge 6", "settle_numbers 21"]);
        // A job that was due many times while no replica ran is done once.
        world.advance(3600);
        world.jobs_done().await;
        assert_eq!(world.column(TOKENS).await, ["prepare_partitions 2", "purge 7", "settle_numbers 22"]);
    }

    async fn one_of_many_concurrent_requests_acquires_a_job(world: World) {
        let replicas = [world.replica().await, world.replica().await, world.replica().await];
        for round in 1..=20 {
            let looks = join_all((0..12).map(|n| replicas[n % 3].app.acquire_job("purge", MINUTE))).await;
            let mine = looks.into_iter().filter_map(|look| match look.unwrap() {
                JobClaim::Acquired(lease) => Some(lease),
                JobClaim::NotDue(_) => None,
            });
            let [lease] = mine.collect::<Vec<_>>().try_into().unwrap();
            assert_eq!(replicas[0].app.release_job(lease, true).await.unwrap(), Some(MINUTE));
            assert_eq!(world.column(TOKENS).await, [format!("purge {round}")]);
            world.advance(60);
        }
    }

    async fn another_replica_takes_over_when_a_lease_expires(world: World) {
        let (one, _) = world.populated().await;
        acquire(&one, "purge").await;
        drop(one);
        let other = world.replica().await;
        assert_eq!(wait(&other, "purge").await, 60);
        world.advance(LEASE.as_secs() - 1);
        assert_eq!(wait(&other, "purge").await, 1);
        let _running = other.start_jobs();
        world.until("SELECT count(*) FROM jobs WHERE succeeded_at IS NOT NULL", "2").await;
        assert_eq!(world.column(TOKENS).await[1], "purge 1");
        world.advance(1);
        world.jobs_done().await;
        assert_eq!(world.column(TOKENS).await[1], "purge 2");
    }

    async fn a_replica_that_lost_its_lease_cannot_release_it(world: World) {
        let (one, other) = (world.replica().await, world.replica().await);
        let stopped = acquire(&one, "purge").await;
        let stopped_too = acquire(&one, "settle_numbers").await;
        world.advance(LEASE.as_secs());
        let lease = acquire(&other, "purge").await;
        // It continues while the other replica does the job, or afterwards.
        assert_eq!(one.app.release_job(stopped, true).await.unwrap(), None);
        assert_eq!(wait(&one, "purge").await, 60);
        let done = acquire(&other, "settle_numbers").await;
        assert_eq!(other.app.release_job(done, true).await.unwrap(), Some(MINUTE));
        let state = "SELECT due_at FROM jobs WHERE name = 'settle_numbers'";
        let before = world.column(state).await;
        assert_eq!(one.app.release_job(stopped_too, false).await.unwrap(), None);
        assert_eq!(world.column(state).await, before);
        assert_eq!(other.app.release_job(lease, true).await.unwrap(), Some(MINUTE));
        assert_eq!(world.column("SELECT sum(failures) FROM jobs").await, ["0"]);
        // A lease that no other replica has taken can be released, however late.
        world.advance(60);
        let late = acquire(&one, "purge").await;
        world.advance(2 * LEASE.as_secs());
        assert_eq!(one.app.release_job(late, true).await.unwrap(), Some(MINUTE));
        acquire(&other, "purge").await;
    }

    async fn a_replica_that_lost_its_lease_does_no_harm(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        replica.post_sms(&sms("1", &number, "old")).await;
        let (then, cool_down) = (world.now() + TimeDelta::hours(25), world.settings.cool_down);
        // A day later another replica has run the jobs, and the number has its next renter.
        world.advance(26 * 3600);
        replica.app.settle_numbers().await.unwrap();
        replica.app.purge().await.unwrap();
        let next = replica.renter("next@example.com").await;
        for _ in 0..2 {
            replica.rent(&next, "US", 1).await;
        }
        replica.post_sms(&sms("2", &number, "new")).await;
        let state = async || {
            let numbers = "SELECT status || ' ' || coalesce(user_id, 0) FROM phone_numbers ORDER BY id";
            let rentals = "SELECT coalesce(end_reason, '-') FROM number_assignments ORDER BY id";
            let inboxes = "SELECT last_seq || ' ' || purged_seq FROM inboxes ORDER BY user_id";
            [world.column(numbers).await, world.column(rentals).await, world.column(inboxes).await]
        };
        let before = state().await;
        // Then the paused replica continues with the time at which it began.
        let store = world.store().await;
        assert_eq!(store.settle_numbers(then, cool_down).await.unwrap(), 0);
        let expired = then - TimeDelta::hours(24);
        store.drop_message_partitions(expired).await.unwrap();
        for expired in [Expired::Messages(expired), Expired::Quotes(expired), Expired::Sessions(then)] {
            assert_eq!(store.purge_batch(expired).await.unwrap(), (0, false), "{expired:?}");
        }
        assert_eq!(state().await, before);
        assert_eq!(replica.texts(&next).await, ["new"]);
    }

    async fn a_failed_job_is_retried_with_growing_delays(world: World) {
        let replica = world.replica().await;
        world.sql("ALTER TABLE webhook_nonces RENAME TO gone").await;
        world.sql(&format!(
            "INSERT INTO audit_log (action, created_at) VALUES ('old', {})",
            World::sql_time(world.now() - TimeDelta::days(400))
        )).await;
        let _running = replica.start_jobs();
        let failures = |n: u32| format!("SELECT count(*) FROM jobs WHERE name = 'purge' AND failures = {n} AND leased_until IS NULL");
        for (failed, wait) in [5, 10, 20, 40, 60, 60].into_iter().enumerate() {
            let failed = u32::try_from(failed).unwrap() + 1;
            world.until(&failures(failed), "1").await;
            let due = format!("SELECT count(*) FROM jobs WHERE name = 'purge' AND due_at = {}", World::sql_time(world.now() + TimeDelta::seconds(wait)));
            assert_eq!(world.column(&due).await, ["1"], "after {failed} failures");
            // Everything else is deleted.
            assert_eq!(world.column("SELECT count(*) FROM audit_log WHERE action = 'old'").await, ["0"]);
            assert_eq!(world.column("SELECT count(*) FROM jobs WHERE name = 'purge' AND succeeded_at IS NULL").await, ["1"]);
            world.advance(u64::try_from(wait).unwrap());
        }
        world.until(&failures(7), "1").await;
        world.sql("ALTER TABLE gone RENAME TO webhook_nonces").await;
        world.advance(60);
        world.jobs_done().await;
        let due = format!("SELECT count(*) FROM jobs WHERE name = 'purge' AND due_at = {}", World::sql_time(world.now() + TimeDelta::seconds(60)));
        assert_eq!(world.column(&due).await, ["1"]);
    }

    async fn a_clock_that_was_set_back_delays_no_job(world: World) {
        let replica = world.replica().await;
        let lease = acquire(&replica, "purge").await;
        replica.app.release_job(lease, true).await.unwrap();
        world.sql(&format!("UPDATE jobs SET due_at = {}", World::sql_time(world.now() + TimeDelta::days(365)))).await;
        let lease = acquire(&replica, "purge").await;
        world.sql(&format!("UPDATE jobs SET leased_until = {}", World::sql_time(world.now() + TimeDelta::days(365)))).await;
        let next = acquire(&replica, "purge").await;
        assert_eq!(replica.app.release_job(lease, true).await.unwrap(), None);
        assert_eq!(replica.app.release_job(next, true).await.unwrap(), Some(MINUTE));
        assert_eq!(wait(&replica, "purge").await, 60);
    }
}

/// The replica dies in the middle of a statement.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_is_done_again_after_its_replica_died() {
    let world = World::new(Backend::Cluster).await;
    let (one, renter) = world.populated().await;
    let (_, number) = one.rent(&renter, "US", 1).await;
    one.post_sms(&sms("1", &number, "x")).await;
    world.advance(24 * 3600);
    let held = world.hold("LOCK TABLE webhook_nonces IN SHARE MODE").await;
    let mut running = one.start_jobs();
    world.until(WAITING, "1").await;
    world.until("SELECT count(*) FROM jobs WHERE leased_until IS NULL", "2").await;
    running.shutdown().await;
    held.let_go().await;
    let other = world.replica().await;
    let _running = other.start_jobs();
    world.until("SELECT count(*) FROM jobs WHERE succeeded_at IS NOT NULL", "2").await;
    assert_eq!(world.column(TOKENS).await[1], "purge 1");
    world.advance(LEASE.as_secs());
    world.jobs_done().await;
    assert_eq!(world.column(TOKENS).await[1], "purge 2");
    assert_eq!(world.column("SELECT purged_seq FROM inboxes").await, ["1"]);
}

/// Webhooks are answered while jobs wait for locks, and while others wait for jobs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stuck_job_does_not_delay_webhooks() {
    let world = World::new(Backend::Cluster).await;
    let (one, renter) = world.populated().await;
    let (_, number) = one.rent(&renter, "US", 24).await;
    for n in 0..3 {
        one.post_sms(&sms(&n.to_string(), &number, "x")).await;
    }
    world.sql("UPDATE phone_numbers SET expires_at = expires_at + interval '30 days' WHERE user_id IS NOT NULL").await;
    world.sql("UPDATE number_assignments SET expires_at = expires_at + interval '30 days'").await;
    let _running = one.start_jobs();
    world.jobs_done().await;
    let mut posted = 3;
    for stuck in [
        // Locks on the expired messages, on rows that are purged after them, and on the rentals.
        "SELECT * FROM messages FOR UPDATE; LOCK TABLE webhook_nonces; LOCK TABLE number_assignments IN SHARE MODE",
        // A lock on the table of jobs.
        "SELECT * FROM jobs FOR UPDATE",
    ] {
        let held = world.hold(stuck).await;
        world.advance(25 * 3600);
        world.until(&WAITING.replace("count(*)", "count(*) > 0"), "true").await;
        for _ in 0..5 {
            let message = sms(&posted.to_string(), &number, "y");
            let answer = tokio::time::timeout(PATIENCE, one.post_sms(&message)).await.unwrap();
            assert_eq!(answer.status, 200);
            posted += 1;
        }
        held.let_go().await;
        // A job that failed because of it is retried soon.
        world.until("SELECT count(*) FROM jobs WHERE leased_until IS NOT NULL", "0").await;
        world.advance(60);
        world.jobs_done().await;
    }
    assert_eq!(world.column("SELECT message_content FROM messages").await, ["y"; 5]);
    assert_eq!(world.column("SELECT last_seq || ' ' || purged_seq FROM inboxes").await, ["13 8"]);
}

/// Purging skips locked messages, and does not hold the inbox's lock meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_message_is_purged_later() {
    let world = World::new(Backend::Cluster).await;
    let (one, renter) = world.populated().await;
    let (_, number) = one.rent(&renter, "US", 1).await;
    for n in 0..3 {
        one.post_sms(&sms(&n.to_string(), &number, "x")).await;
    }
    // More than one batch follows.
    let more =
        "INSERT INTO messages (phone_number_id, user_id, assignment_id, inbox_seq, sender_number, message_content,
                                      received_at)
                SELECT phone_number_id, user_id, assignment_id, 3 + n, 'GOOGLE', 'x', received_at
                FROM messages, generate_series(1, 1200) n WHERE inbox_seq = 1; UPDATE inboxes SET last_seq = 1203";
    world.sql(more).await;
    world.advance(24 * 3600);
    let held = world.hold("SELECT * FROM messages WHERE inbox_seq = 2 FOR UPDATE").await;
    assert_eq!(one.app.purge().await.unwrap(), 1202);
    assert_eq!(world.column("SELECT purged_seq FROM inboxes").await, ["1203"]);
    held.let_go().await;
    assert_eq!(one.app.purge().await.unwrap(), 1);
}

/// Settling skips a locked number and its rental, which may be about to be extended.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_number_is_settled_later() {
    let world = World::new(Backend::Cluster).await;
    let (one, renter) = world.populated().await;
    one.rent(&renter, "US", 1).await;
    world.advance(3600);
    let held = world.hold("SELECT * FROM phone_numbers WHERE status = 'assigned' FOR UPDATE").await;
    assert_eq!(one.app.settle_numbers().await.unwrap(), 0);
    assert_eq!(world.column("SELECT end_reason FROM number_assignments").await, ["NULL"]);
    held.let_go().await;
    assert_eq!(one.app.settle_numbers().await.unwrap(), 2);
    assert_eq!(world.column("SELECT end_reason FROM number_assignments").await, ["expired"]);
}

/// During a long read such as a backup, partitions are created, and messages are deleted one by one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_read_does_not_block_partitions() {
    let world = World::new(Backend::Cluster).await;
    let (one, renter) = world.populated().await;
    let (_, number) = one.rent(&renter, "US", 1).await;
    one.post_sms(&sms("1", &number, "x")).await;
    world.advance(36 * 3600);
    let partitions = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'messages'::regclass";
    assert_eq!(world.column(partitions).await, ["5"]);
    let held = world.hold("SELECT * FROM messages").await;
    // The same with a slow receiver.
    let writing = world.hold("LOCK TABLE messages IN ROW EXCLUSIVE MODE").await;
    assert_eq!(one.app.prepare_partitions().await.unwrap(), 2);
    assert_eq!(one.app.purge().await.unwrap(), 1);
    assert_eq!(world.column(partitions).await, ["7"]);
    assert_eq!(world.column("SELECT purged_seq FROM inboxes").await, ["1"]);
    assert_eq!(one.post_sms(&sms("2", &number, "y")).await.status, 200);
    held.let_go().await;
    writing.let_go().await;
    one.app.purge().await.unwrap();
    assert_eq!(world.column(partitions).await, ["5"]);
}

/// An attached partition is the same as one that was created in place.
#[tokio::test]
async fn attached_partitions_equal_those_created_in_place() {
    let world = World::new(Backend::Cluster).await;
    world
        .sql(
            "CREATE TABLE messages_y2026m01d01 PARTITION OF messages
               FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2026-01-02 00:00:00+00')",
        )
        .await;
    world.replica().await;
    let shape = |table: &str| {
        let name = format!("'{table}'::regclass");
        format!(
            "SELECT concat(attname, ' ', atttypid::regtype, ' ', attnotnull, ' ', pg_get_expr(d.adbin, d.adrelid))
             FROM pg_attribute LEFT JOIN pg_attrdef d ON d.adrelid = attrelid AND d.adnum = attnum
             WHERE attrelid = {name} AND attnum > 0
             UNION ALL SELECT concat(pg_get_constraintdef(oid), ' ', conparentid <> 0) FROM pg_constraint WHERE conrelid = {name}
             UNION ALL SELECT concat(replace(pg_get_indexdef(indexrelid), '{table}', ''), ' ', inhparent::regclass)
             FROM pg_index JOIN pg_inherits ON inhrelid = indexrelid WHERE indrelid = {name}
             UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = {name} AND NOT tgisinternal
             UNION ALL SELECT concat(tgfoid::regproc, ' ', tgtype) FROM pg_trigger WHERE tgrelid = {name} AND tgisinternal
             ORDER BY 1"
        )
    };
    let made = world.column(&shape("messages_y2026m03d01")).await;
    assert_eq!(made, world.column(&shape("messages_y2026m01d01")).await);
    assert!(made.len() > 30, "{made:#?}");
    let bounds = "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = 'messages_y2026m03d01'";
    let bounds = &world.column(bounds).await[0];
    assert_eq!(bounds, "FOR VALUES FROM ('2026-03-01 00:00:00+00') TO ('2026-03-02 00:00:00+00')");
}

/// Two replicas purge at the same time while messages arrive.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_concurrent_purges_delete_everything_once() {
    let world = World::new(Backend::Cluster).await;
    let (one, renter) = world.populated().await;
    let other = world.replica().await;
    let (_, number) = one.rent(&renter, "US", 24).await;
    let stranger = one.renter("stranger@example.com").await;
    for (user, count) in [(renter.user.id, 1500), (stranger.user.id, 800)] {
        world
            .sql(&format!(
                "INSERT INTO messages (phone_number_id, user_id, assignment_id, inbox_seq, sender_number,
                                       message_content, received_at)
                 SELECT 1, {user}, 1, n, 'X', 'x', '2026-03-01T12:00:00Z'::timestamptz FROM generate_series(1, {count}) n;
                 UPDATE inboxes SET last_seq = {count} WHERE user_id = {user}"
            ))
            .await;
    }
    world.sql("UPDATE phone_numbers SET expires_at = expires_at + interval '30 days' WHERE user_id IS NOT NULL").await;
    world.sql("UPDATE number_assignments SET expires_at = expires_at + interval '30 days'").await;
    world.advance(24 * 3600);
    let messages: Vec<_> = (0..100).map(|n| sms(&n.to_string(), &number, &n.to_string())).collect();
    let posts = join_all(messages.iter().map(|message| other.post_sms(message)));
    let (a, b, answers) = tokio::join!(one.app.purge(), other.app.purge(), posts);
    assert!(answers.iter().all(|answer| answer.status == 200));
    // Each skipped what the other had locked; a third run deletes the rest.
    let purged = a.unwrap() + b.unwrap() + one.app.purge().await.unwrap();
    assert_eq!(purged, 2300);
    let inboxes = "SELECT last_seq || ' ' || purged_seq FROM inboxes ORDER BY user_id";
    assert_eq!(world.column(inboxes).await, ["1600 1500", "800 800"]);
    assert_eq!(world.column("SELECT count(*) FROM messages").await, ["100"]);
}
