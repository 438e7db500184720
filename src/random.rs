//! Randomness: everything takes it from here, so that tests can repeat it. `clippy.toml` bans other sources.

use std::sync::{Arc, Mutex, PoisonError};

use rand::{Rng, SeedableRng, rngs::StdRng};

/// A source of random bytes, safe for keys and tokens unless it was made from a seed.
#[derive(Clone, Debug)]
pub struct Random(Arc<Mutex<StdRng>>);

impl Random {
    /// Seeded by the operating system.
    #[must_use]
    pub fn from_os() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that takes the machine's randomness")]
        let rng = rand::make_rng();
        Self(Arc::new(Mutex::new(rng)))
    }

    /// The same bytes each time, for tests.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// `N` fresh bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes);
        bytes
    }
}
