//! One-time codes as columns of the messages, so that they are deleted with the message. `otp_service` is as the text
//! spells it; `otp_service_key` is the same without case, accents and invisible marks, for filters: the two databases
//! fold letters differently. `otp_score` is the confidence of the code reader, in hundredths.
//!
//! No index: lists read one inbox by its own index, and filter what they read.
//!
//! Each check names only columns that exist before it, because SQLite drops a column only if no check of another column
//! names it.

use sea_orm_migration::prelude::*;

use crate::{Dialect, step};

const COLUMNS: [&str; 4] = [
    "otp_code VARCHAR(32) CHECK (otp_code IS NULL OR (otp_code <> '' AND message_type = 'otp'))",
    "otp_score SMALLINT
        CHECK ((otp_code IS NULL) = (otp_score IS NULL) AND (otp_score IS NULL OR otp_score BETWEEN 0 AND 100))",
    "otp_service VARCHAR(100) CHECK (otp_service IS NULL OR otp_code IS NOT NULL)",
    "otp_service_key VARCHAR(300) CHECK ((otp_service IS NULL) = (otp_service_key IS NULL))",
];

/// One statement on PostgreSQL, because each scans the table; SQLite accepts one column per statement.
fn add(dialect: Dialect) -> String {
    match dialect {
        Dialect::Postgres => format!("ALTER TABLE messages ADD COLUMN {};", COLUMNS.join(", ADD COLUMN ")),
        Dialect::Sqlite => COLUMNS.map(|column| format!("ALTER TABLE messages ADD COLUMN {column};")).concat(),
    }
}

step!("m20261124_000020_message_codes",
    up: |dialect| add(dialect),
    down: |_dialect| "
        ALTER TABLE messages DROP COLUMN otp_service_key;
        ALTER TABLE messages DROP COLUMN otp_service;
        ALTER TABLE messages DROP COLUMN otp_score;
        ALTER TABLE messages DROP COLUMN otp_code;"
);
