//! The migrations of otpwire's database: one file per step, each for PostgreSQL and SQLite, each reversible.
//!
//! A step is written once, in SQL. Names in braces stand for what the two dialects spell differently, and
//! `Dialect::sql` replaces them. What only one dialect has (partitions, functions) is in a text of its own.
//!
//! Replicas of the previous version keep working during the migration and afterwards, until they are replaced. So:
//!
//! - **Expand, then contract.** A step only adds: tables, columns that may be null or have a default, indexes,
//!   functions with new names or the same meaning. What a version no longer needs is removed by the next version, when
//!   no replica uses it any more.
//! - **One busy table per step** (messages, inboxes, receipts, reports, numbers): a step that holds the lock of one
//!   while it waits for another could deadlock with a batch of messages.
//! - A step that does not get its lock within five seconds fails and is tried again, because every statement that comes
//!   later queues behind it.

pub use sea_orm_migration::prelude::{MigratorTrait, SchemaManager};
use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

mod m01_users;
mod m02_sms_providers;
mod m03_phone_numbers;
mod m04_inboxes;
mod m05_number_assignments;
mod m06_messages;
mod m07_message_receipts;
mod m08_delivery_reports;
mod m09_user_sessions;
mod m10_api_rate_limits;
mod m11_account_recovery;
mod m12_api_keys;
mod m13_audit_log;
mod m14_idempotency_keys;
mod m15_provider_secrets;
mod m16_webhook_nonces;
mod m17_status_reports;
mod m18_message_parts;
mod m19_provider_activity;
mod m20_message_codes;
mod m21_otp_patterns;
mod m22_message_row_security;
mod m23_jobs;
mod m24_partial_messages_released;
mod m25_login_networks;
mod m26_pages_of_numbers;
mod m27_leases;
mod m28_message_leases;
mod m29_number_labels;
mod m30_channels;
mod m31_long_senders;
mod m32_report_reasons;
mod m33_provider_clocks;
mod m34_checked_references;
mod m35_checked_reports;
mod m36_block_range_indexes;
mod m37_message_timelines;
mod m39_invitations;
mod m40_blocked_senders;
mod m41_rentals_by_start;

/// All steps, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m01_users::Migration),
            Box::new(m02_sms_providers::Migration),
            Box::new(m03_phone_numbers::Migration),
            Box::new(m04_inboxes::Migration),
            Box::new(m05_number_assignments::Migration),
            Box::new(m06_messages::Migration),
            Box::new(m07_message_receipts::Migration),
            Box::new(m08_delivery_reports::Migration),
            Box::new(m09_user_sessions::Migration),
            Box::new(m10_api_rate_limits::Migration),
            Box::new(m11_account_recovery::Migration),
            Box::new(m12_api_keys::Migration),
            Box::new(m13_audit_log::Migration),
            Box::new(m14_idempotency_keys::Migration),
            Box::new(m15_provider_secrets::Migration),
            Box::new(m16_webhook_nonces::Migration),
            Box::new(m17_status_reports::Migration),
            Box::new(m18_message_parts::Migration),
            Box::new(m19_provider_activity::Migration),
            Box::new(m20_message_codes::Migration),
            Box::new(m21_otp_patterns::Migration),
            Box::new(m22_message_row_security::Migration),
            Box::new(m23_jobs::Migration),
            Box::new(m24_partial_messages_released::Migration),
            Box::new(m25_login_networks::Migration),
            Box::new(m26_pages_of_numbers::Migration),
            Box::new(m27_leases::Migration),
            Box::new(m28_message_leases::Migration),
            Box::new(m29_number_labels::Migration),
            Box::new(m30_channels::Migration),
            Box::new(m31_long_senders::Migration),
            Box::new(m32_report_reasons::Migration),
            Box::new(m33_provider_clocks::Migration),
            Box::new(m34_checked_references::Migration),
            Box::new(m35_checked_reports::Migration),
            Box::new(m36_block_range_indexes::Migration),
            Box::new(m37_message_timelines::Migration),
            Box::new(m39_invitations::Migration),
            Box::new(m40_blocked_senders::Migration),
            Box::new(m41_rentals_by_start::Migration),
        ]
    }
}

/// Which of the two databases a step runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    Postgres,
    Sqlite,
}

impl Dialect {
    fn of(manager: &SchemaManager<'_>) -> Result<Self, DbErr> {
        match manager.get_database_backend() {
            DatabaseBackend::Postgres => Ok(Self::Postgres),
            DatabaseBackend::Sqlite => Ok(Self::Sqlite),
            other => Err(DbErr::Migration(format!("{other:?} is not supported: use PostgreSQL or SQLite"))),
        }
    }

    /// The text with the names in braces replaced for this dialect.
    ///
    /// SQLite stores times as RFC 3339 text in UTC, which sorts like the times.
    fn sql(self, text: &str) -> String {
        let words: [(&str, &str, &str); 6] = [
            ("{id}", "SERIAL PRIMARY KEY", "integer NOT NULL PRIMARY KEY AUTOINCREMENT"),
            ("{big_id}", "BIGSERIAL PRIMARY KEY", "integer NOT NULL PRIMARY KEY AUTOINCREMENT"),
            ("{time}", "TIMESTAMPTZ", "timestamp_with_timezone_text"),
            ("{now}", "CURRENT_TIMESTAMP", "(strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'))"),
            ("{json}", "JSONB", "jsonb_text"),
            ("{inet}", "INET", "text"),
        ];
        words.iter().fold(text.to_owned(), |sql, (word, postgres, sqlite)| {
            sql.replace(word, if self == Self::Postgres { postgres } else { sqlite })
        })
    }

    /// A trigger that keeps `updated_at` of a table current, as the specification names it.
    fn updated_at_trigger(self, table: &str) -> String {
        match self {
            Self::Postgres => format!(
                "CREATE TRIGGER update_{table}_updated_at BEFORE UPDATE ON {table}
                     FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();"
            ),
            // SQLite has no functions: the trigger updates the row a second time. It does so only if the update itself
            // did not set the column, so it does not trigger itself.
            Self::Sqlite => format!(
                "CREATE TRIGGER update_{table}_updated_at AFTER UPDATE ON {table}
                     FOR EACH ROW WHEN NEW.updated_at IS OLD.updated_at
                 BEGIN
                     UPDATE {table} SET updated_at = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') WHERE id = NEW.id;
                 END;"
            ),
        }
    }
}

/// Runs a text of several statements.
async fn execute(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared(sql).await.map(drop)
}

/// Declares a step: the SQL that applies it and the SQL that reverts it, for both dialects.
macro_rules! step {
    ($name:literal, up: |$dialect:ident| $up:expr, down: |$down_dialect:ident| $down:expr) => {
        #[derive(Debug)]
        pub(crate) struct Migration;

        impl sea_orm_migration::MigrationName for Migration {
            fn name(&self) -> &str {
                $name
            }
        }

        #[async_trait::async_trait]
        impl sea_orm_migration::MigrationTrait for Migration {
            /// A step is applied whole or not at all, on SQLite as well.
            fn use_transaction(&self) -> Option<bool> {
                Some(true)
            }

            async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
                let $dialect = crate::Dialect::of(manager)?;
                crate::execute(manager, &$up).await
            }

            async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
                let $down_dialect = crate::Dialect::of(manager)?;
                crate::execute(manager, &$down).await
            }
        }
    };
}
use step;
