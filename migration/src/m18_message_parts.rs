//! Parts of long messages, held until the others have arrived or the wait has been too long.
//!
//! The parts of a message have the same sender, number, reference and count. Senders reuse references within minutes
//! (3GPP TS 23.040, 9.2.3.24.1: eight bits), so the row of a message that is complete, or was released in parts, is
//! deleted to make room for the next one.

use sea_orm_migration::prelude::*;

use crate::step;

const TABLES: &str = "
CREATE TABLE partial_messages (
    id {big_id},
    provider_id INTEGER NOT NULL REFERENCES sms_providers(id) ON DELETE CASCADE,
    phone_number VARCHAR(20) NOT NULL,
    sender_number VARCHAR(20) NOT NULL,
    part_reference VARCHAR(255) NOT NULL,
    part_count INTEGER NOT NULL,
    first_received_at {time} NOT NULL,
    released_at {time},
    UNIQUE (provider_id, phone_number, sender_number, part_reference, part_count)
);
CREATE INDEX idx_partial_messages_first_received_at ON partial_messages(first_received_at);
CREATE TABLE message_parts (
    partial_id BIGINT NOT NULL REFERENCES partial_messages(id) ON DELETE CASCADE,
    part_number INTEGER NOT NULL,
    provider_message_id VARCHAR(255) NOT NULL,
    message_content TEXT NOT NULL,
    metadata {json} NOT NULL DEFAULT '{}',
    sent_at {time},
    received_at {time} NOT NULL,
    PRIMARY KEY (partial_id, part_number)
);
";

step!("m20261123_000018_message_parts",
    up: |dialect| dialect.sql(TABLES),
    down: |_dialect| "DROP TABLE message_parts; DROP TABLE partial_messages;"
);
