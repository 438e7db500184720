//! Randomness: the only source, so that tests can reproduce it. `clippy.toml` bans others.

use std::sync::{Arc, Mutex, PoisonError};

use rand::{Rng, SeedableRng, rngs::StdRng};

/// A cryptographically secure source of random bytes, unless it was created from a seed.
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

    /// Reproducible, for tests.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// `N` random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes);
        bytes
    }
}
