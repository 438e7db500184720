//! What the operator decides about the rules.

use std::time::Duration;

use super::accounts::{MailLinks, PasswordCost};
use crate::domain::{Actor, Plan};

/// How long a replica may act on what it remembers of a user or a provider.
pub(super) const MEMORY: Duration = Duration::from_secs(5);
/// The most messages in one transaction. More would save little, and would make all who wait for
/// one batch come back at once, with nothing to do for the store meanwhile.
pub(super) const BATCH: usize = 64;

/// What the operator decides about the rules.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long messages are kept.
    pub retention: Duration,
    /// How long a number has no new renter after a rental.
    pub cool_down: Duration,
    /// How long an access token is valid.
    pub token_lifetime: Duration,
    /// How long a session lasts.
    pub sessions: SessionLifetime,
    /// How many requests a minute somebody may make.
    pub request_limits: RequestLimits,
    /// Where mails send their readers.
    pub mail_links: MailLinks,
    /// How much work a password hash is.
    pub password_cost: PasswordCost,
    /// How many messages wait to be stored before webhooks are told to come back later.
    pub receive_queue: usize,
    /// How many sockets and streams somebody may have open on a replica.
    pub max_connections: usize,
}

impl Settings {
    /// The shortest receive queue: what is committed at once.
    pub const SHORTEST_QUEUE: usize = BATCH;
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            retention: Duration::from_secs(24 * 3600),
            cool_down: Duration::from_secs(600),
            token_lifetime: Duration::from_secs(3600),
            sessions: SessionLifetime::default(),
            request_limits: RequestLimits::default(),
            mail_links: MailLinks::default(),
            password_cost: PasswordCost::default(),
            receive_queue: 4096,
            max_connections: 100,
        }
    }
}

/// Requests a minute, by who asks. The defaults are the specification's (3.2.1).
#[derive(Clone, Copy, Debug)]
pub struct RequestLimits {
    /// Without a credential, for each address.
    pub guest: u32,
    /// For each user of the free plan.
    pub free: u32,
    /// For each user of the premium plan.
    pub premium: u32,
    /// For each administrator.
    pub admin: u32,
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self { guest: 10, free: 100, premium: 500, admin: 1000 }
    }
}

impl RequestLimits {
    pub(super) fn of(self, actor: &Actor) -> u32 {
        match actor.plan {
            _ if actor.is_admin() => self.admin,
            Plan::Premium => self.premium,
            Plan::Free => self.free,
        }
    }
}

/// How long sessions last.
#[derive(Clone, Copy, Debug)]
pub struct SessionLifetime {
    /// Without being used.
    pub idle: Duration,
    /// In all.
    pub absolute: Duration,
}

impl Default for SessionLifetime {
    fn default() -> Self {
        Self { idle: Duration::from_secs(30 * 86_400), absolute: Duration::from_secs(90 * 86_400) }
    }
}
