//! The platform in figures, for administrators.

/// The platform in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// The accounts.
    pub users: UserStats,
    /// The numbers, by what they can be used for now.
    pub numbers: NumberStats,
    /// The webhooks of the last 24 hours, by what became of them.
    pub webhooks: WebhookStats,
    /// How many messages are kept now.
    pub messages: i64,
    /// How many sockets and streams are open on the replica that answers.
    pub open_connections: usize,
}

/// Accounts in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UserStats {
    /// All of them.
    pub total: i64,
    /// Those who may sign in.
    pub active: i64,
    /// Those of the premium plan.
    pub premium: i64,
}

/// Numbers in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NumberStats {
    /// Can be rented.
    pub available: i64,
    /// Are rented.
    pub assigned: i64,
    /// Cool down.
    pub expired: i64,
    /// Are out of use.
    pub blocked: i64,
}

/// Webhooks in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WebhookStats {
    /// Brought a message to an inbox.
    pub received: i64,
    /// Brought a message again.
    pub duplicate: i64,
    /// Brought a message to a number that is not ours.
    pub unroutable: i64,
    /// Brought a message that is nobody's.
    pub quarantined: i64,
    /// Could not be read or stored.
    pub failed: i64,
}
