//! Fault injection: replicas run as real processes over PostgreSQL and Redis of their own, faults come from a seeded
//! schedule, and a checker compares what providers were answered, what is stored and what each watcher received.
//!
//! In reading order:
//!
//! - the system under test: [`platform`] (servers, replicas, accounts), [`proxy`] (the network between them) and
//!   [`balancer`] (a load balancer in front);
//! - its clients: [`provider`] (posts webhooks) and [`watcher`] (follows an inbox);
//! - the faults: [`schedule`];
//! - [`workload`]: clients and faults together, and the report of a run;
//! - [`checker`]: the history of a run, and the violations in it;
//! - the tests: [`random_faults`], [`injected_defects`] (does the checker notice a broken guarantee?),
//!   [`leases`],
//!   [`rolling_restarts`], [`slow_readers`], [`exhaustion_attacks`] and [`ordinary_use`].
//!
//! `OTPWIRE_FAULTS_SEED` repeats a schedule, and `OTPWIRE_FAULTS_SECONDS` makes it longer; `OTPWIRE_SOAK_SECONDS` makes
//! ordinary use last longer. See docs/reliability.md.

#![expect(clippy::unwrap_used, reason = "a failed step should end the test")]

mod balancer;
mod checker;
mod exhaustion_attacks;
mod injected_defects;
mod leases;
mod ordinary_use;
mod platform;
mod provider;
mod proxy;
mod random_faults;
mod rolling_restarts;
mod schedule;
mod slow_readers;
mod watcher;
mod workload;

#[path = "../it/support/servers.rs"]
#[expect(dead_code, reason = "the other tests share their servers; here each test has its own")]
mod servers;

#[path = "../it/support/raw_socket.rs"]
mod raw_socket;

/// Holds the machine for one test: they run one after the other.
async fn exclusive() -> tokio::sync::MutexGuard<'static, ()> {
    static MACHINE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    MACHINE.lock().await
}
