//! Receipts of the messages that a provider has delivered, kept for a week: its retry finds one here. The partitioned
//! `messages` itself cannot have a unique index.

use sea_orm_migration::prelude::*;

use crate::step;

const TABLE: &str = "
CREATE TABLE message_receipts (
    provider_id INTEGER NOT NULL,
    provider_message_id VARCHAR(255) NOT NULL,
    received_at {time} NOT NULL,
    retry_count INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (provider_id, provider_message_id)
);
CREATE INDEX idx_message_receipts_received_at ON message_receipts(received_at);
";

step!("m20261122_000007_message_receipts",
    up: |dialect| dialect.sql(TABLE),
    down: |_dialect| "DROP TABLE message_receipts;"
);
