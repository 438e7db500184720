//! Limiting guesses at a secret. Wrong passwords are counted by account and network, so that strangers do not lock the
//! user out, and with a higher limit over all networks, which does not apply to networks that the user knows.
//!
//! An attempt is counted before it is checked, so that concurrent ones are limited too,
//! and uncounted when it turns out not to be a wrong guess.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};

use super::secrets::digest;
use crate::{
    app::{
        App,
        rate_limits::{client_network, network},
    },
    domain::{Client, Email, Error, ErrorCode, Result, User, UserId},
    limiter::{Limiter, Rule},
    store::Tx,
};

/// Wrong passwords for one account from one network, or in a session.
pub(super) const PASSWORD: Rule = Rule { limit: 10, window: Duration::from_secs(15 * 60) };
/// Wrong passwords for one account from all networks that its user is not known in.
const LOG_IN_ACCOUNT: Rule = Rule { limit: 100, window: Duration::from_secs(15 * 60) };
/// Wrong passwords from one network, for any accounts.
const LOG_IN_NETWORK: Rule = Rule { limit: 50, window: Duration::from_secs(15 * 60) };
/// Unknown API keys from one network.
pub(super) const UNKNOWN_KEYS: Rule = Rule { limit: 60, window: Duration::from_secs(60) };

/// How long after a login its network is known as the user's.
pub(in crate::app) const KNOWN_NETWORK: TimeDelta = TimeDelta::days(30);
/// How many networks of a user are known at most.
const MAX_KNOWN_NETWORKS: u64 = 20;

/// The subject that counts wrong passwords for an address. Text that is not an address is limited all the same.
fn account_subject(email: &str) -> String {
    format!("login:{}", digest(email))
}

impl App {
    /// What a login is counted against: the account from this network, the network, and, unless the user has logged in
    /// from here lately, the account from everywhere.
    pub(super) async fn login_subjects(
        &self,
        email: Result<&Email, &str>,
        client: &Client,
    ) -> Result<Vec<(String, Rule)>> {
        let account = account_subject(email.map_or_else(|text| text, Email::as_str));
        let origin = client_network(client);
        let mut subjects =
            vec![(format!("{account}:{origin}"), PASSWORD), (format!("login-from:{origin}"), LOG_IN_NETWORK)];
        let since = self.clock.now() - KNOWN_NETWORK;
        let is_known = match (email, network(client)) {
            (Ok(email), Some(_)) => self.store.has_logged_in_from(email, &origin, since).await?,
            _ => false,
        };
        if !is_known {
            subjects.push((account, LOG_IN_ACCOUNT));
        }
        Ok(subjects)
    }

    /// Stores that a user is known in the network of a client.
    pub(super) async fn remember_network(&self, tx: &Tx, user: &User, client: &Client) -> Result<()> {
        let Some(network) = network(client) else { return Ok(()) };
        tx.set_logged_in_from(user.id, &network.to_string(), MAX_KNOWN_NETWORKS, self.clock.now()).await
    }

    /// Forgets the wrong passwords for an account: from everywhere, from where its user is known, and from where the
    /// client is. Its user is known nowhere then: whoever knew the old password may have logged in as well.
    pub(super) async fn unlock_login(&self, tx: &Tx, user: &User, client: &Client) -> Result<()> {
        let account = account_subject(Email::parse(&user.email).as_ref().map_or(user.email.as_str(), Email::as_str));
        let mut networks = tx.list_login_networks(user.id).await?;
        networks.push(client_network(client));
        for network in networks {
            self.rate_limits.limiter().clear(&format!("{account}:{network}")).await;
        }
        self.rate_limits.limiter().clear(&account).await;
        self.rate_limits.limiter().clear(&password_subject(user.id)).await;
        tx.forget_login_networks(user.id).await
    }

    /// Counts an attempt against each of several subjects and runs it. It stays counted only if it fails with `wrong`:
    /// the right secret is no guess, and a failure of ours is not the client's.
    ///
    /// # Errors
    /// `RATE_LIMITED` when the limit of any subject is reached; otherwise whatever the attempt returns.
    pub(super) async fn attempt<T>(
        &self,
        subjects: &[(String, Rule)],
        wrong: ErrorCode,
        attempt: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let at = self.clock.now();
        let mut counted = CountedAttempt { limiter: Arc::clone(self.rate_limits.limiter()), subjects: Vec::new(), at };
        for (subject, rule) in subjects {
            // Remembered before it is counted: the client may disconnect meanwhile.
            counted.subjects.push((subject.clone(), *rule));
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

/// The subject that counts wrong current passwords in the sessions of a user.
pub(super) fn password_subject(user: UserId) -> String {
    format!("password:{user}")
}

/// An attempt that was counted. If the client disconnects before the outcome is known, it has learned nothing, and the
/// attempt is uncounted.
struct CountedAttempt {
    limiter: Arc<Limiter>,
    subjects: Vec<(String, Rule)>,
    at: DateTime<Utc>,
}

impl CountedAttempt {
    async fn forgive(&mut self) {
        while let Some((subject, rule)) = self.subjects.last() {
            self.limiter.give_back(subject, *rule, self.at).await;
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
