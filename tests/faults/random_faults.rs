//! Every guarantee holds while faults of every kind are injected in a random order.

use std::time::Duration;

use crate::{
    platform::Platform,
    schedule,
    workload::{Size, Workload},
};

/// A number from an environment variable.
fn setting(name: &str) -> Option<u64> {
    #[expect(clippy::disallowed_methods, reason = "these are settings of the test, not of the program")]
    let value = std::env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} is not a number")))
}

/// The seed of this run: the one that was set, or a random one.
pub(crate) fn seed() -> u64 {
    setting("OTPWIRE_FAULTS_SEED")
        .unwrap_or_else(|| u64::from_be_bytes(otpwire::random::Random::from_os().bytes()) >> 16)
}

/// How long the faults last. The default suits CI.
fn length() -> Duration {
    Duration::from_secs(setting("OTPWIRE_FAULTS_SECONDS").unwrap_or(35))
}

async fn run(replicas: usize) {
    let seed = seed();
    println!("{replicas} replicas: repeat this with OTPWIRE_FAULTS_SEED={seed}");
    let size = Size {
        renters: 20,
        numbers_each: 2,
        watchers_each: 12,
        providers: 8,
        pause: Duration::from_millis(40),
        watchers_reconnect: true,
    };
    let steps = schedule::generate(seed, replicas, size.renters, length());
    let mut workload = Workload::start(Platform::start(replicas, &[]).await, size, seed).await;
    workload.inject_all(&steps).await;
    let report = workload.finish().await;
    println!("{replicas} replicas, seed {seed}: {report}");
    assert!(report.violations.is_empty() && report.unexpected.is_empty(), "with seed {seed}: {report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_replicas_keep_every_guarantee() {
    let _machine = crate::exclusive().await;
    run(2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_replicas_keep_every_guarantee() {
    let _machine = crate::exclusive().await;
    run(3).await;
}
