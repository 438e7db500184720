//! Attempts: guesses at a secret, which are counted before they are looked at, so that many at once are
//! counted too, and forgotten when they turn out to be none.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::App;
use crate::{
    domain::{Code, Error, Result},
    limiter::Rule,
};

/// Wrong passwords for one account.
pub(super) const LOG_IN_ACCOUNT: Rule = Rule { limit: 10, window: Duration::from_secs(15 * 60) };
/// Wrong passwords from one place, for whatever accounts.
pub(super) const LOG_IN_PLACE: Rule = Rule { limit: 50, window: Duration::from_secs(15 * 60) };
/// API keys from one place that there are not.
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
        wrong: Code,
        attempt: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let now = self.clock.now();
        for (index, (subject, rule)) in subjects.iter().enumerate() {
            let decision = self.limiter.take(subject, *rule, 1, now).await;
            if !decision.allowed {
                self.forgive(&subjects[..index], now).await;
                let message = "too many failed attempts; try again later";
                return Err(Error::rate_limited(message, decision.retry_after));
            }
        }
        let outcome = attempt.await;
        if !outcome.as_ref().is_err_and(|error| error.code() == wrong) {
            self.forgive(subjects, now).await;
        }
        outcome
    }

    async fn forgive(&self, subjects: &[(&str, Rule)], counted_at: DateTime<Utc>) {
        for (subject, _) in subjects {
            self.limiter.give_back(subject, counted_at).await;
        }
    }
}
