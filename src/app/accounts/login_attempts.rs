//! Limiting guesses at a secret. An attempt is counted before it is checked, so that concurrent ones are limited too,
//! and uncounted when it turns out not to be a wrong guess.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};

use crate::{
    app::App,
    domain::{Error, ErrorCode, Result},
    limiter::{Limiter, Rule},
};

/// Wrong passwords for one account.
pub(super) const LOG_IN_ACCOUNT: Rule = Rule { limit: 10, window: Duration::from_secs(15 * 60) };
/// Wrong passwords from one network, for any accounts.
pub(super) const LOG_IN_NETWORK: Rule = Rule { limit: 50, window: Duration::from_secs(15 * 60) };
/// Unknown API keys from one network.
pub(super) const UNKNOWN_KEYS: Rule = Rule { limit: 60, window: Duration::from_secs(60) };

impl App {
    /// Counts an attempt against each of several subjects and runs it. It stays counted only if it fails with `wrong`:
    /// the right secret is no guess, and a failure of ours is not the client's.
    ///
    /// # Errors
    /// `RATE_LIMITED` when the limit of any subject is reached; otherwise whatever the attempt returns.
    pub(super) async fn attempt<T>(
        &self,
        subjects: &[(&str, Rule)],
        wrong: ErrorCode,
        attempt: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let at = self.clock.now();
        let mut counted = CountedAttempt { limiter: Arc::clone(self.rate_limits.limiter()), subjects: Vec::new(), at };
        for (subject, rule) in subjects {
            // Remembered before it is counted: the client may disconnect meanwhile.
            counted.subjects.push((*subject).to_owned());
            let decision = self.rate_limits.limiter().take(subject, *rule, 1, at).await;
            if !decision.allowed {
                counted.subjects.pop();
                counted.forgive().await;
                let message = "too many failed attempts; try again later";
                return Err(Error::rate_limited(message, decision.retry_after));
            }
        }
        let outcome = attempt.await;
        if outcome.as_ref().is_err_and(|error| error.code() == wrong) {
            counted.subjects.clear();
        } else {
            counted.forgive().await;
        }
        outcome
    }
}

/// An attempt that was counted. If the client disconnects before the outcome is known, it has learned nothing, and the
/// attempt is uncounted.
struct CountedAttempt {
    limiter: Arc<Limiter>,
    subjects: Vec<String>,
    at: DateTime<Utc>,
}

impl CountedAttempt {
    async fn forgive(&mut self) {
        while let Some(subject) = self.subjects.last() {
            self.limiter.give_back(subject, self.at).await;
            self.subjects.pop();
        }
    }
}

impl Drop for CountedAttempt {
    fn drop(&mut self) {
        if !self.subjects.is_empty() {
            let mut given_up =
                Self { limiter: Arc::clone(&self.limiter), subjects: std::mem::take(&mut self.subjects), at: self.at };
            tokio::spawn(async move { given_up.forgive().await });
        }
    }
}
