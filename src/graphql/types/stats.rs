//! The platform in figures, for administrators.

use async_graphql::SimpleObject;

use super::scalars::Int64;
use crate::domain::{NumberStats, Stats, UserStats, WebhookStats};

/// The platform in figures.
#[derive(SimpleObject)]
#[graphql(name = "Stats")]
pub(crate) struct StatsView {
    /// The accounts.
    users: UserStatsView,
    /// The numbers, by what they can be used for now.
    phone_numbers: NumberStatsView,
    /// The webhooks of the last 24 hours, by what became of them.
    webhooks: WebhookStatsView,
    /// How many messages are kept now.
    message_count: Int64,
    /// How many sockets and streams are open on the replica that answers.
    open_connection_count: i32,
}

/// Accounts in figures.
#[derive(SimpleObject)]
#[graphql(name = "UserStats")]
struct UserStatsView {
    /// All of them.
    total: Int64,
    /// Those who may sign in.
    active: Int64,
    /// Those of the premium plan.
    premium: Int64,
}

/// Numbers in figures.
#[derive(SimpleObject)]
#[graphql(name = "PhoneNumberStats")]
struct NumberStatsView {
    /// Can be rented.
    available: Int64,
    /// Are rented.
    assigned: Int64,
    /// Cool down.
    expired: Int64,
    /// Are out of use.
    blocked: Int64,
}

/// Webhooks in figures.
#[derive(SimpleObject)]
#[graphql(name = "WebhookStats")]
struct WebhookStatsView {
    /// Brought a message to an inbox.
    received: Int64,
    /// Brought a message again.
    duplicate: Int64,
    /// Brought a message to a number that is not ours.
    unroutable: Int64,
    /// Brought a message that is nobody's.
    quarantined: Int64,
    /// Could not be read or stored.
    failed: Int64,
}

impl From<Stats> for StatsView {
    fn from(stats: Stats) -> Self {
        let UserStats { total, active, premium } = stats.users;
        let NumberStats { available, assigned, expired, blocked } = stats.numbers;
        let WebhookStats { received, duplicate, unroutable, quarantined, failed } = stats.webhooks;
        Self {
            users: UserStatsView { total: Int64(total), active: Int64(active), premium: Int64(premium) },
            phone_numbers: NumberStatsView {
                available: Int64(available),
                assigned: Int64(assigned),
                expired: Int64(expired),
                blocked: Int64(blocked),
            },
            webhooks: WebhookStatsView {
                received: Int64(received),
                duplicate: Int64(duplicate),
                unroutable: Int64(unroutable),
                quarantined: Int64(quarantined),
                failed: Int64(failed),
            },
            message_count: Int64(stats.messages),
            open_connection_count: stats.open_connections.try_into().unwrap_or(i32::MAX),
        }
    }
}
