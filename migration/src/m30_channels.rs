//! The channel that a message came through, and senders of up to 320 characters, such as e-mail addresses and
//! `whatsapp:+14155550100`.
//!
//! On PostgreSQL neither a longer limit nor a constant default rewrites the table, but an index of a partitioned table
//! is built anew when its column changes: that of senders. Reverting rewrites the table, and cuts longer senders off.
//! SQLite has no limits of length.
//!
//! The channel has no check, so that a new one needs no migration: a word that a version does not know is shown as
//! another channel.

use sea_orm_migration::prelude::*;

use crate::{Dialect, step};

step!("m20261130_000030_channels",
    up: |dialect| match dialect {
        Dialect::Postgres => "
            ALTER TABLE messages
                ALTER COLUMN sender_number TYPE VARCHAR(320),
                ADD COLUMN channel VARCHAR(20) NOT NULL DEFAULT 'sms';",
        Dialect::Sqlite => "ALTER TABLE messages ADD COLUMN channel VARCHAR(20) NOT NULL DEFAULT 'sms';",
    },
    down: |dialect| match dialect {
        Dialect::Postgres => "
            ALTER TABLE messages
                DROP COLUMN channel,
                ALTER COLUMN sender_number TYPE VARCHAR(20) USING left(sender_number, 20);",
        Dialect::Sqlite => "ALTER TABLE messages DROP COLUMN channel;",
    }
);
