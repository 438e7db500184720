//! The tables as rows, one file each. A test compares them with what the migrations make.
#![expect(missing_docs, unreachable_pub, reason = "the derive makes public items; the migrations document the columns")]

pub mod api_key;
pub mod api_rate_limit;
pub mod audit_log;
pub mod delivery_report;
pub mod idempotency_key;
pub mod inbox;
pub mod job;
pub mod message;
pub mod message_part;
pub mod message_receipt;
pub mod number_assignment;
pub mod otp_pattern;
pub mod partial_message;
pub mod phone_number;
pub mod provider_activity;
pub mod roll_up;
pub mod sms_provider;
pub mod user;
pub mod user_session;
pub mod webhook_nonce;

use sea_orm::{ColumnTrait, ColumnType, EntityTrait, IdenStatic, Iterable};

/// A column that an entity expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityColumn {
    pub name: String,
    pub nullable: bool,
    /// `smallint`, `int`, `bigint`, `text`, `bool`, `time`, `json` or `inet`.
    pub kind: &'static str,
}

/// The tables that the entities expect, for comparing them with a database.
#[must_use]
pub fn entities() -> Vec<(String, Vec<EntityColumn>)> {
    fn table<E: EntityTrait>(entity: E) -> (String, Vec<EntityColumn>) {
        let columns = E::Column::iter().map(|column| {
            let definition = column.def();
            let kind = match definition.get_column_type() {
                ColumnType::SmallInteger => "smallint",
                ColumnType::Integer => "int",
                ColumnType::BigInteger => "bigint",
                ColumnType::String(_) | ColumnType::Text => "text",
                ColumnType::Boolean => "bool",
                ColumnType::TimestampWithTimeZone => "time",
                ColumnType::JsonBinary => "json",
                ColumnType::Inet => "inet",
                _ => "other",
            };
            EntityColumn { name: column.as_str().to_owned(), nullable: definition.is_null(), kind }
        });
        (entity.table_name().to_owned(), columns.collect())
    }
    vec![
        table(api_key::Entity),
        table(api_rate_limit::Entity),
        table(audit_log::Entity),
        table(delivery_report::Entity),
        table(idempotency_key::Entity),
        table(inbox::Entity),
        table(job::Entity),
        table(message::Entity),
        table(message_part::Entity),
        table(message_receipt::Entity),
        table(number_assignment::Entity),
        table(otp_pattern::Entity),
        table(partial_message::Entity),
        table(phone_number::Entity),
        table(provider_activity::Entity),
        table(roll_up::Entity),
        table(sms_provider::Entity),
        table(user::Entity),
        table(user_session::Entity),
        table(webhook_nonce::Entity),
    ]
}
