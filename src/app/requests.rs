//! Counting requests against rate limits, and as usage.

use chrono::{DurationRound, TimeDelta};

use super::{
    App,
    rate_limits::{UsageKey, client_network, must_be_allowed, network},
};
use crate::{
    domain::{Caller, Client, Result},
    limiter::{Decision, Rule},
};

impl App {
    /// Counts a request and decides whether it is allowed. Users are counted by user, whatever credential they
    /// present; guests by network.
    pub async fn admit(&self, cx: &Caller, client: &Client, cost: u32) -> Decision {
        let limits = self.settings.request_limits;
        let (subject, limit) = match cx {
            Caller::User(actor) => (format!("user:{}", actor.user_id), limits.of(actor)),
            Caller::Guest => (format!("guest:{}", client_network(client)), limits.guest),
        };
        self.rate_limits.limiter().take(&subject, Rule::per_minute(limit), cost, self.clock.now()).await
    }

    /// Counts a request for a page or what belongs to it, by network, whoever asks.
    pub async fn admit_page(&self, client: &Client) -> Decision {
        let (subject, limit) = (format!("pages:{}", client_network(client)), self.settings.request_limits.pages);
        self.rate_limits.limiter().take(&subject, Rule::per_minute(limit), 1, self.clock.now()).await
    }

    /// The same as [`App::admit`], as a result.
    ///
    /// # Errors
    /// `RATE_LIMITED`.
    pub async fn must_admit(&self, cx: &Caller, client: &Client, cost: u32) -> Result<()> {
        must_be_allowed(&self.admit(cx, client, cost).await)
    }

    /// Gives back permits that this replica has taken in advance and did not use.
    pub async fn give_back_permits(&self) {
        self.rate_limits.limiter().give_back_unused(self.clock.now()).await;
    }

    /// Records the use of an endpoint, for the operator.
    pub fn record_usage(&self, cx: &Caller, client: &Client, endpoint: String) {
        let (user, address) = match cx {
            Caller::User(actor) => (Some(actor.user_id), None),
            Caller::Guest => (None, network(client)),
        };
        let now = self.clock.now();
        let minute = now.duration_trunc(TimeDelta::minutes(1)).unwrap_or(now);
        self.rate_limits.record_usage(UsageKey { user, address, endpoint, minute });
    }
}
