//! The checker is worth something only if it finds what is broken: each guarantee is taken away once.

use std::time::Duration;

use crate::{
    history::Wrong,
    platform::Platform,
    schedule::{Fault, Step},
    storm::{Report, Size, Storm},
};

const SIZE: Size = Size {
    renters: 2,
    numbers_each: 1,
    watchers_each: 6,
    providers: 6,
    pause: Duration::from_millis(5),
    is_restless: false,
};

fn for_a_second(fault: Fault) -> Step {
    Step { fault, also: None, lasts: Duration::from_secs(1), then: Duration::from_millis(500) }
}

/// A short storm over two replicas, perhaps without a guarantee.
async fn storm_with(fault_injection: &[&str], faults: &[Fault]) -> Storm {
    let mut storm = Storm::begin(Platform::start(2, fault_injection).await, SIZE, 7).await;
    storm.proceed(20).await;
    let steps: Vec<_> = faults.iter().copied().map(for_a_second).collect();
    storm.rage(&steps).await;
    storm.proceed(20).await;
    storm
}

async fn storm_without(guarantee: &str, faults: &[Fault]) -> Report {
    let _turn = crate::turn().await;
    storm_with(&[guarantee], faults).await.end_soon().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_healing_the_checker_finds_holes() {
    let report = storm_without("healing", &[Fault::RedisCut(None)]).await;
    assert!(report.verdict.count(Wrong::Hole) > 0, "{report}");
    assert_eq!(report.verdict.count(Wrong::Lost) + report.verdict.count(Wrong::StoredTwice), 0, "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_inbox_lock_the_checker_finds_broken_sequences() {
    let report = storm_without("inbox_lock", &[Fault::SlowCommits]).await;
    assert!(report.verdict.count(Wrong::BrokenSequence) > 0, "{report}");
    assert_eq!(report.verdict.count(Wrong::Lost) + report.verdict.count(Wrong::StoredTwice), 0, "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_deduplication_the_checker_finds_messages_twice() {
    let report = storm_without("deduplication", &[Fault::StoreCut(None)]).await;
    assert!(report.verdict.count(Wrong::StoredTwice) > 0, "{report}");
    assert_eq!(report.verdict.count(Wrong::Lost), 0, "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_waiting_for_the_commit_the_checker_finds_losses() {
    let report = storm_without("acknowledgement", &[Fault::KillInCommit(0)]).await;
    assert!(report.verdict.count(Wrong::Lost) > 0, "{report}");
    assert_eq!(report.verdict.count(Wrong::StoredTwice), 0, "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_every_guarantee_it_finds_nothing() {
    let faults = [Fault::RedisCut(None), Fault::SlowCommits, Fault::StoreCut(None)];
    let _turn = crate::turn().await;
    let report = storm_with(&[], &faults).await.end().await;
    assert!(report.verdict.is_clean() && report.odd.is_empty(), "{report}");
}
