//! Password hashing with Argon2id, off the async worker threads and limited to the cores that can be spared.

use std::{num::NonZero, sync::Arc};

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::{
    domain::{Error, Result},
    random::Random,
};

/// How many may wait for a hash. More get `UNAVAILABLE`.
const QUEUE: usize = 256;

/// The cost of a password hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
}

impl Default for PasswordCost {
    /// What OWASP's Password Storage Cheat Sheet names as the least for Argon2id: 19 MiB, 2 passes.
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2 }
    }
}

/// Hashes and verifies passwords.
#[derive(Clone, Debug)]
pub(super) struct Passwords {
    argon2: Argon2<'static>,
    random: Random,
    permits: Arc<Semaphore>,
    /// Limits how many wait for a permit.
    queue: Arc<Semaphore>,
    /// A hash that matches no password: verified when there is no account, so that the answer takes as long.
    decoy: Arc<str>,
}

impl Passwords {
    pub(super) fn new(cost: PasswordCost, random: Random) -> Self {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None).unwrap_or_default();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let decoy = hash(&argon2, &random.bytes::<16>(), &random.bytes::<32>()).unwrap_or_default();
        // One core is left for everything else.
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let permits = Arc::new(Semaphore::new(cores.saturating_sub(1).max(1)));
        Self { argon2, random, permits, queue: Arc::new(Semaphore::new(QUEUE)), decoy: decoy.into() }
    }

    pub(super) async fn hash(&self, password: SecretString) -> Result<String> {
        let salt = self.random.bytes::<16>();
        let argon2 = self.argon2.clone();
        self.run(move || hash(&argon2, &salt, password.expose_secret().as_bytes())).await?
    }

    /// Whether the password has this hash. Without a hash the answer is no, after the same work.
    pub(super) async fn verify(&self, password: SecretString, expected: Option<String>) -> Result<bool> {
        let argon2 = self.argon2.clone();
        let decoy = Arc::clone(&self.decoy);
        self.run(move || {
            let against = expected.as_deref().unwrap_or(&decoy);
            argon2.verify_password(password.expose_secret().as_bytes(), against).is_ok() && expected.is_some()
        })
        .await
    }

    /// Does expensive work off the async worker threads.
    pub(super) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let _place = self.queue.try_acquire().map_err(|_| Error::unavailable("too many are signing in"))?;
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(Error::internal)?;
        let worked = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        });
        worked.await.map_err(Error::internal)
    }
}

fn hash(argon2: &Argon2<'_>, salt: &[u8], password: &[u8]) -> Result<String> {
    let hash: PasswordHash =
        argon2.hash_password_with_salt(password, salt).map_err(|error| Error::internal(error.to_string()))?;
    Ok(hash.to_string())
}
