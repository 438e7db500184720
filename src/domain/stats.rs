//! Statistics for administrators.

/// Statistics of the platform.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Accounts.
    pub users: UserStats,
    /// Numbers, by status.
    pub numbers: NumberStats,
    /// Webhooks of the last 24 hours, by outcome.
    pub webhooks: WebhookStats,
    /// Stored messages.
    pub messages: i64,
    /// Open sockets and streams of the replica that answers.
    pub open_connections: usize,
}

/// Numbers of accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UserStats {
    /// All of them.
    pub total: i64,
    /// Active accounts.
    pub active: i64,
    /// Accounts with the premium plan.
    pub premium: i64,
}

/// Phone numbers by status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NumberStats {
    /// Available for rent.
    pub available: i64,
    /// Rented.
    pub assigned: i64,
    /// Cooling down after a rental.
    pub expired: i64,
    /// Disabled by an administrator.
    pub blocked: i64,
}

/// Webhooks by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WebhookStats {
    /// The message was stored in an inbox.
    pub received: i64,
    /// The message had been received before.
    pub duplicate: i64,
    /// The number is unknown.
    pub unroutable: i64,
    /// The message was stored without an owner.
    pub quarantined: i64,
    /// The webhook could not be parsed, or the message could not be stored.
    pub failed: i64,
}
