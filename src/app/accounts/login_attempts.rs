//! Attempts: guesses at a secret, which are counted before they are looked at, so that many at once are
//! counted too, and forgotten when they turn out to be none.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};

use crate::{
    app::App,
    domain::{Error, ErrorCode, Result},
    limiter::{Limiter, Rule},
};

/// Wrong passwords for one account.
pub(super) const LOG_IN_ACCOUNT: Rule = Rule { limit: 10, window: Duration::from_secs(15 * 60) };
/// Wrong passwords from one network, for whatever accounts.
pub(super) const LOG_IN_NETWORK: Rule = Rule { limit: 50, window: Duration::from_secs(15 * 60) };
/// API keys from one network that there are not.
pub(super) const UNKNOWN_KEYS: Rule = Rule { limit: 60, window: Duration::from_secs(60) };

impl App {
    /// Counts an attempt by several subjects, and makes it. It stays counted when it fails with `wrong`,
    /// and with no other outcome: the right secret is no guess, and what fails for our sake is not theirs.
    ///
    /// # Errors
    /// `RATE_LIMITED` when any of the subjects has had its share; otherwise what the attempt has.
    pub(super) async fn attempt<T>(
        &self,
        subjects: &[(&str, Rule)],
        wrong: ErrorCode,
        attempt: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let at = self.clock.now();
        let mut counted = CountedAttempt { limiter: Arc::clone(self.rate_limits.limiter()), subjects: Vec::new(), at };
        for (subject, rule) in subjects {
            // Noted first: a client may leave while it is being counted.
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

/// An attempt that was counted. One that is given up before its outcome is known, because the client has
/// left, has told nobody anything, and is forgotten too.
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
