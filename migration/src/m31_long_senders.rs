//! Senders of up to 320 characters of messages that wait for their parts, and in patterns. SQLite has no limits of
//! length.

use sea_orm_migration::prelude::*;

use crate::{Dialect, step};

step!("m20261130_000031_long_senders",
    up: |dialect| match dialect {
        Dialect::Postgres => "
            ALTER TABLE partial_messages ALTER COLUMN sender_number TYPE VARCHAR(320);
            ALTER TABLE otp_patterns ALTER COLUMN sender TYPE VARCHAR(320);",
        Dialect::Sqlite => "SELECT 1;",
    },
    // Messages whose senders are alike in 20 characters could not be told apart: they wait no longer.
    down: |dialect| match dialect {
        Dialect::Postgres => "
            DELETE FROM partial_messages WHERE length(sender_number) > 20;
            ALTER TABLE partial_messages ALTER COLUMN sender_number TYPE VARCHAR(20);
            DELETE FROM otp_patterns WHERE length(sender) > 20;
            ALTER TABLE otp_patterns ALTER COLUMN sender TYPE VARCHAR(20);",
        Dialect::Sqlite => "SELECT 1;",
    }
);
