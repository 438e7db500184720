//! What the operator decides about the rules.

use std::time::Duration;

use super::{
    accounts::{MailLinks, PasswordCost, SessionLifetime},
    rate_limits::RequestLimits,
    receiving::BATCH,
};

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
