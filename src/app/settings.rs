//! The settings of the use cases, and constants that several subjects share.

use std::time::Duration;

use super::accounts::{MailLinks, PasswordCost};
use crate::domain::{Actor, EmailDomain, Plan, RegistrationPolicy};

/// How long users, API keys, providers and patterns are cached.
pub(super) const MEMORY: Duration = Duration::from_secs(5);
/// The most messages in one transaction. More would save little, and would release all waiting webhooks at once while
/// the store has nothing to do.
pub(super) const BATCH: usize = 64;

/// What the operator decides about the rules. The defaults are those of a server without configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long messages are retained.
    pub retention: Duration,
    /// How long a number stays unavailable after a rental.
    pub cool_down: Duration,
    /// By how much the clocks of providers may differ from ours. It counts up to the cool-down.
    pub clock_skew: Duration,
    /// How long an access token is valid.
    pub token_lifetime: Duration,
    /// How long a session lasts.
    pub sessions: SessionLifetime,
    /// How many requests a minute a caller may make.
    pub request_limits: RequestLimits,
    /// Who may make an account.
    pub registration: RegistrationPolicy,
    /// The domains that the addresses of new accounts may have; none means any.
    pub allowed_email_domains: Vec<EmailDomain>,
    /// How many accounts an hour guests of one network may make.
    pub registrations_per_hour: u32,
    /// Whether users have to verify their address before they rent a number or extend it.
    pub require_verified_email: bool,
    /// How often numbers may be rented.
    pub rental_limits: RentalLimits,
    /// From when on a pattern of use is told to the operator.
    pub unusual: Unusual,
    /// The links in mails.
    pub mail_links: MailLinks,
    /// The cost of password hashes.
    pub password_cost: PasswordCost,
    /// Capacity of the receive queue, in messages. Webhooks beyond it are refused.
    pub receive_queue: usize,
    /// How many sockets and streams a caller may have open on one replica.
    pub max_connections: usize,
}

impl Settings {
    /// The smallest receive queue: one batch.
    pub const SHORTEST_QUEUE: usize = BATCH;
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            retention: Duration::from_secs(24 * 3600),
            cool_down: Duration::from_secs(600),
            clock_skew: Duration::from_secs(120),
            token_lifetime: Duration::from_secs(3600),
            sessions: SessionLifetime::default(),
            request_limits: RequestLimits::default(),
            registration: RegistrationPolicy::default(),
            allowed_email_domains: Vec::new(),
            registrations_per_hour: 5,
            require_verified_email: false,
            rental_limits: RentalLimits::default(),
            unusual: Unusual::default(),
            mail_links: MailLinks::default(),
            password_cost: PasswordCost::default(),
            receive_queue: 4096,
            max_connections: 100,
        }
    }
}

/// Requests a minute, by caller. The defaults are the specification's (3.2.1).
#[derive(Clone, Copy, Debug)]
pub struct RequestLimits {
    /// For guests, by network.
    pub guest: u32,
    /// For pages, the files that they load, and the sessions of browsers: by network, whoever asks.
    pub pages: u32,
    /// For each user of the free plan.
    pub free: u32,
    /// For each user of the premium plan.
    pub premium: u32,
    /// For each administrator.
    pub admin: u32,
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self { guest: 10, pages: 600, free: 100, premium: 500, admin: 1000 }
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

/// How many rentals may begin within 24 hours; 0 is no limit. Administrators have none, and grants do not count.
#[derive(Clone, Copy, Debug, Default)]
pub struct RentalLimits {
    /// For each user.
    pub user: u32,
    /// For each client network, whoever rents.
    pub network: u32,
}

/// What is not forbidden, and is told to the operator all the same: by a metric, and a line in the log. 0 is never.
#[derive(Clone, Copy, Debug)]
pub struct Unusual {
    /// More rentals than this begin for a user within 24 hours.
    pub rentals_per_day: u32,
    /// One sender reaches more numbers than this within an hour, on one replica.
    pub numbers_per_sender: u32,
}

impl Default for Unusual {
    fn default() -> Self {
        Self { rentals_per_day: 100, numbers_per_sender: 500 }
    }
}

/// How long sessions last.
#[derive(Clone, Copy, Debug)]
pub struct SessionLifetime {
    /// Without being used, before it ends.
    pub idle: Duration,
    /// In all, before it ends.
    pub absolute: Duration,
}

impl Default for SessionLifetime {
    fn default() -> Self {
        Self { idle: Duration::from_secs(30 * 86_400), absolute: Duration::from_secs(90 * 86_400) }
    }
}
