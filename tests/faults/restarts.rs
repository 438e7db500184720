//! Restarts that are meant: behind a load balancer nobody should notice them.

use std::time::Duration;

use crate::{
    platform::Platform,
    storm::{Report, Size, Storm},
};

const SIZE: Size = Size {
    renters: 5,
    numbers_each: 1,
    watchers_each: 9,
    providers: 4,
    pause: Duration::from_millis(10),
    is_restless: false,
};

/// What a step of the next version's schema could be: more of everything, and words that this version does not
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

/// Nothing had to be repeated, and nobody was left without a word or turned away. A long poll is one request that the
/// replica that stops cannot answer: it is told so, and its client asks the next.
#[track_caller]
fn must_be_smooth(report: &Report) {
    assert!(report.verdict.is_clean() && report.odd.is_empty(), "{report}");
    assert_eq!((report.busy, report.unanswered, report.cuts, report.turned_away), (0, 0, 0, 0), "{report}");
}

/// Restarts every replica in turn, as an operator's scheduler does: the next only when this one is ready.
async fn roll(storm: &Storm) {
    for replica in 0..storm.platform.replicas.len() {
        storm.proceed(30).await;
        storm.platform.signal(replica, "-TERM");
        let ended = storm.platform.ended(replica).await;
        assert!(ended.success(), "after SIGTERM: {ended}");
        storm.platform.launch(replica);
        storm.platform.must_be_ready(replica, false).await;
    }
    storm.proceed(30).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_notices_a_rolling_restart() {
    let _turn = crate::turn().await;
    let mut platform = Platform::start(3, &[]).await;
    platform.balance().await;
    let storm = Storm::begin(platform, SIZE, 11).await;
    roll(&storm).await;
    let report = storm.end().await;
    println!("a rolling restart of three replicas: {report}");
    must_be_smooth(&report);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_works_on_while_the_schema_of_the_next_version_comes() {
    let _turn = crate::turn().await;
    let mut platform = Platform::start(2, &[]).await;
    platform.balance().await;
    let storm = Storm::begin(platform, SIZE, 13).await;
    storm.proceed(30).await;
    // Each in a transaction of its own, as a step that changes busy tables must be: see migration/src/lib.rs.
    for change in NEXT_VERSION.split(';') {
        storm.platform.sql(change).await;
    }
    // Also one that starts afterwards: an old version is what an operator goes back to.
    roll(&storm).await;
    let report = storm.end().await;
    must_be_smooth(&report);
}
