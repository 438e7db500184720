//! Planned restarts behind a load balancer: clients should not notice them.

use std::time::Duration;

use crate::{
    platform::Platform,
    random_faults::seed,
    workload::{Report, Size, Workload},
};

const SIZE: Size = Size {
    renters: 5,
    numbers_each: 1,
    watchers_each: 9,
    providers: 4,
    pause: Duration::from_millis(10),
    watchers_reconnect: false,
};

/// What the migrations of a next version could add: a migration, tables, columns and indexes that this version does not
/// know.
const NEXT_VERSION: &str = "
    INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20990101_000099_next', 0);
    CREATE TABLE next_things (id BIGSERIAL PRIMARY KEY, message_id BIGINT NOT NULL);
    ALTER TABLE messages ADD COLUMN next_column TEXT, ADD COLUMN next_count INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE delivery_reports ADD COLUMN next_column TEXT;
    ALTER TABLE phone_numbers ADD COLUMN next_column TEXT;
    ALTER TABLE users ADD COLUMN next_column TEXT;
    ALTER TABLE inboxes ADD COLUMN next_column TEXT;
    CREATE INDEX next_index ON delivery_reports (next_column)";

/// No webhook had to be repeated, no connection broke, and no WebSocket or stream was refused. A long poll may be: a
/// replica that stops cannot answer it, and its client asks another one.
#[track_caller]
fn assert_unnoticed(report: &Report) {
    assert!(report.violations.is_empty() && report.unexpected.is_empty(), "{report}");
    assert_eq!((report.busy, report.unanswered, report.broken.len(), report.refused_streams), (0, 0, 0, 0), "{report}");
}

/// Restarts one replica after the other, each when the one before is ready, as an operator's scheduler does.
async fn restart_each(workload: &Workload) {
    let platform = &workload.platform;
    for replica in 0..platform.replicas.len() {
        workload.wait_for_webhooks(30).await;
        platform.signal(replica, "-TERM");
        let status = platform.wait_for_exit(replica).await;
        assert!(status.success(), "after SIGTERM: {status}");
        platform.launch(replica);
        platform.wait_until_ready(replica, false).await;
    }
    workload.wait_for_webhooks(30).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_do_not_notice_a_rolling_restart() {
    let _machine = crate::exclusive().await;
    let mut platform = Platform::start(3, &[]).await;
    platform.add_balancer().await;
    let seed = seed();
    println!("a rolling restart of three replicas: repeat this with OTPWIRE_FAULTS_SEED={seed}");
    let workload = Workload::start(platform, SIZE, seed).await;
    restart_each(&workload).await;
    let report = workload.finish().await;
    println!("{report}");
    assert_unnoticed(&report);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_works_with_the_schema_of_the_next_version() {
    let _machine = crate::exclusive().await;
    let mut platform = Platform::start(2, &[]).await;
    platform.add_balancer().await;
    let workload = Workload::start(platform, SIZE, seed()).await;
    workload.wait_for_webhooks(30).await;
    // Each in a transaction of its own, as a migration of busy tables must be: see migration/src/lib.rs.
    for statement in NEXT_VERSION.split(';') {
        workload.platform.sql(statement).await;
    }
    // A replica that starts afterwards works too: an operator may go back to the old version.
    restart_each(&workload).await;
    let report = workload.finish().await;
    assert_unnoticed(&report);
}
