//! How many rentals may begin within a day: of a user, counted in the database, and of a client network, counted by the
//! limiter. So replicas agree about both.

use std::time::Duration;

use chrono::TimeDelta;

use super::renting::with_next_time;
use crate::{
    app::{App, rate_limits::client_network},
    domain::{Actor, Client, Error, ErrorCode, NodeId, Result, UserId},
    limiter::Rule,
    store::{AsOf, Tx},
};

/// The day that rentals are counted in: the last 24 hours.
const DAY: TimeDelta = TimeDelta::hours(24);

impl App {
    /// Rents in a transaction that has locked the user, unless too many rentals from the client's network have begun
    /// within a day. An attempt that fails is not counted.
    ///
    /// # Errors
    /// `RATE_LIMITED`, with the time when the next rental may begin; whatever `renting` returns.
    pub(super) async fn within_limit_of_network<T>(
        &self,
        actor: &Actor,
        client: &Client,
        renting: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let limit = self.settings.rental_limits.network;
        if limit == 0 || actor.is_admin() {
            return renting.await;
        }
        let subject = format!("rent-from:{}", client_network(client));
        let rule = Rule { limit, window: Duration::from_secs(24 * 3600) };
        let (limiter, now) = (self.rate_limits.limiter(), self.clock.now());
        let decision = limiter.take(&subject, rule, 1, now).await;
        if !decision.allowed {
            let message = format!("{limit} rentals from your network have begun within 24 hours, which is the limit");
            let next = now + TimeDelta::from_std(decision.retry_after).unwrap_or(DAY);
            let error = Error::new(ErrorCode::RateLimited, message).with("limit", limit);
            return Err(with_next_time(error, Some(next), now));
        }
        let rented = renting.await;
        if rented.is_err() {
            limiter.give_back(&subject, rule, now).await;
        }
        rented
    }

    /// Checks in a transaction that has locked the user that one more rental of theirs may begin. Returns how many have
    /// begun within a day.
    ///
    /// # Errors
    /// `RATE_LIMITED`, with the time when the next rental may begin.
    pub(super) async fn must_be_within_limit_of_user(
        &self,
        tx: &Tx,
        actor: &Actor,
        user: UserId,
        at: AsOf,
    ) -> Result<u64> {
        let (limit, unusual) = (self.settings.rental_limits.user, self.settings.unusual.rentals_per_day);
        let limit = if actor.is_admin() { 0 } else { limit };
        if limit == 0 && unusual == 0 {
            return Ok(0);
        }
        let since = at.now - DAY;
        let rented = tx.count_rentals_since(user, since).await?;
        if limit > 0 && rented >= u64::from(limit) {
            let message = format!("{limit} of your rentals have begun within 24 hours, which is the limit");
            let error = Error::new(ErrorCode::RateLimited, message).with("limit", limit);
            let last = tx.find_start_of_rental(user, since, limit.into()).await?;
            return Err(with_next_time(error, last.map(|began_at| began_at + DAY), at.now));
        }
        Ok(rented)
    }

    /// Tells the operator when a rental is the first that is unusual, by how many have begun within a day before it.
    pub(super) fn note_rental(&self, user: UserId, rented: u64) {
        let unusual = self.settings.unusual.rentals_per_day;
        if unusual > 0 && rented == u64::from(unusual) {
            metrics::counter!("otpwire_unusual_total", "pattern" => "rentals_per_day").increment(1);
            tracing::warn!(user = %NodeId::User(user), "a user rents unusually many numbers");
        }
    }
}
