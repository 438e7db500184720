//! The checker must notice broken guarantees: each test switches one off in the program, and expects its violation.

use std::time::Duration;

use crate::{
    checker::Violation,
    platform::Platform,
    schedule::{Fault, Step},
    workload::{Report, Size, Workload},
};

const SIZE: Size = Size {
    renters: 2,
    numbers_each: 1,
    watchers_each: 6,
    providers: 6,
    pause: Duration::from_millis(5),
    watchers_reconnect: false,
};

fn for_a_second(fault: Fault) -> Step {
    Step { fault, second: None, duration: Duration::from_secs(1), pause: Duration::from_millis(500) }
}

/// A short run over two replicas, with these guarantees switched off.
async fn run(disabled: &[&str], faults: &[Fault]) -> Workload {
    let mut workload = Workload::start(Platform::start(2, disabled).await, SIZE, 7).await;
    workload.wait_for_webhooks(20).await;
    let steps: Vec<_> = faults.iter().copied().map(for_a_second).collect();
    workload.inject_all(&steps).await;
    workload.wait_for_webhooks(20).await;
    workload
}

async fn run_without(guarantee: &str, faults: &[Fault]) -> Report {
    let _machine = crate::exclusive().await;
    // Some watchers may never reach the end of their inbox.
    run(&[guarantee], faults).await.finish_within(Duration::from_secs(5)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_healing_watchers_skip_messages() {
    let report = run_without("healing", &[Fault::RedisCut(None)]).await;
    assert!(report.violations.count(Violation::Skipped) > 0, "{report}");
    let others = report.violations.count(Violation::Lost) + report.violations.count(Violation::StoredTwice);
    assert_eq!(others, 0, "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_inbox_lock_sequences_break() {
    let report = run_without("inbox_lock", &[Fault::SlowCommits]).await;
    assert!(report.violations.count(Violation::BrokenSequence) > 0, "{report}");
    let others = report.violations.count(Violation::Lost) + report.violations.count(Violation::StoredTwice);
    assert_eq!(others, 0, "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_deduplication_messages_are_stored_twice() {
    let report = run_without("deduplication", &[Fault::StoreCut(None)]).await;
    assert!(report.violations.count(Violation::StoredTwice) > 0, "{report}");
    assert_eq!(report.violations.count(Violation::Lost), 0, "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_waiting_for_the_commit_messages_are_lost() {
    let report = run_without("acknowledgement", &[Fault::KillInCommit(0)]).await;
    assert!(report.violations.count(Violation::Lost) > 0, "{report}");
    assert_eq!(report.violations.count(Violation::StoredTwice), 0, "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_every_guarantee_there_are_no_violations() {
    let faults = [Fault::RedisCut(None), Fault::SlowCommits, Fault::StoreCut(None)];
    let _machine = crate::exclusive().await;
    let report = run(&[], &faults).await.finish().await;
    assert!(report.violations.is_empty() && report.unexpected.is_empty(), "{report}");
}
