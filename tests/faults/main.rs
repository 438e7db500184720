//! Guarantees under fire: replicas as real processes over servers of their own, faults from a seeded schedule, and
//! a checker that compares what providers were told, what is stored and what each watcher saw.
//!
//! `OTPWIRE_FAULTS_SEED` repeats a schedule, `OTPWIRE_FAULTS_SECONDS` makes it longer; docs/reliability.md tells more.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod balancer;
mod history;
mod platform;
mod proof;
mod provider;
mod proxy;
mod restarts;
mod schedule;
mod slow;
mod storm;
mod watcher;

#[path = "../it/support/servers.rs"]
#[expect(dead_code, reason = "the other tests share their servers; here each test has its own")]
mod servers;

/// The tests take turns: each wants the whole machine.
async fn turn() -> tokio::sync::MutexGuard<'static, ()> {
    static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    TURN.lock().await
}
