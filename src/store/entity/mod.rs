//! The tables as rows, one file each. A test compares them with the tables that the migrations create.
#![expect(missing_docs, unreachable_pub, reason = "the derive makes public items; the migrations document the columns")]

pub mod api_key;
pub mod api_rate_limit;
pub mod audit_log;
pub mod blocked_sender;
pub mod delivery_report;
pub mod idempotency_key;
pub mod inbox;
pub mod invitation;
pub mod job;
pub mod lease;
pub mod lease_fence;
pub mod lease_ticket;
pub mod login_network;
pub mod message;
pub mod message_part;
pub mod message_receipt;
pub mod message_timeline;
pub mod number_assignment;
pub mod otp_pattern;
pub mod partial_message;
pub mod phone_number;
pub mod pool;
pub mod pool_number;
pub mod provider_activity;
pub mod roll_up;
pub mod sms_provider;
pub mod user;
pub mod user_session;
pub mod webhook_nonce;

use sea_orm::{ColumnTrait, EntityTrait, IdenStatic, Iterable};

use super::row_set::sql_type;

/// A column that an entity expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityColumn {
    pub name: &'static str,
    pub nullable: bool,
    /// The type as PostgreSQL names it, without a length.
    pub kind: &'static str,
}

/// The tables that the entities expect, for comparing them with a database.
#[must_use]
pub fn entities() -> Vec<(String, Vec<EntityColumn>)> {
    fn table<E: EntityTrait>(entity: E) -> (String, Vec<EntityColumn>) {
        let columns = E::Column::iter().map(|column| EntityColumn {
            name: column.as_str(),
            nullable: column.def().is_null(),
            kind: sql_type(column),
        });
        (entity.table_name().to_owned(), columns.collect())
    }
    vec![
        table(api_key::Entity),
        table(api_rate_limit::Entity),
        table(audit_log::Entity),
        table(blocked_sender::Entity),
        table(delivery_report::Entity),
        table(idempotency_key::Entity),
        table(inbox::Entity),
        table(invitation::Entity),
        table(job::Entity),
        table(lease::Entity),
        table(lease_fence::Entity),
        table(lease_ticket::Entity),
        table(login_network::Entity),
        table(message::Entity),
        table(message_part::Entity),
        table(message_receipt::Entity),
        table(message_timeline::Entity),
        table(number_assignment::Entity),
        table(otp_pattern::Entity),
        table(partial_message::Entity),
        table(phone_number::Entity),
        table(pool::Entity),
        table(pool_number::Entity),
        table(provider_activity::Entity),
        table(roll_up::Entity),
        table(sms_provider::Entity),
        table(user::Entity),
        table(user_session::Entity),
        table(webhook_nonce::Entity),
    ]
}
