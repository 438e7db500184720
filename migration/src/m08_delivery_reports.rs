//! Delivery reports: the outcome of each verified webhook and status callback.
//!
//! `message_id` is not a foreign key: a report answers "where is my SMS?" after the message itself has expired, and a
//! partition with references to it could not be dropped. The retention job clears `webhook_payload`, which quotes the
//! message, when the message expires.

use sea_orm_migration::prelude::*;

use crate::step;

const TABLE: &str = "
CREATE TABLE delivery_reports (
    id {big_id},
    message_id BIGINT,
    provider_id INTEGER REFERENCES sms_providers(id),
    provider_message_id VARCHAR(255),
    phone_number VARCHAR(20),
    status VARCHAR(50) NOT NULL,
    delivery_timestamp {time},
    error_message TEXT,
    webhook_payload {json},
    retry_count INTEGER NOT NULL DEFAULT 0,
    created_at {time} NOT NULL DEFAULT {now}
);
CREATE INDEX idx_delivery_reports_message_id ON delivery_reports(message_id);
CREATE INDEX idx_delivery_reports_status ON delivery_reports(status);
CREATE INDEX idx_delivery_reports_provider_id ON delivery_reports(provider_id);
CREATE INDEX idx_delivery_reports_phone_number ON delivery_reports(phone_number, created_at);
CREATE INDEX idx_delivery_reports_created_at ON delivery_reports(created_at);
CREATE INDEX idx_delivery_reports_quoting ON delivery_reports(created_at) WHERE webhook_payload IS NOT NULL;
";

step!("m20261122_000008_delivery_reports",
    up: |dialect| dialect.sql(TABLE),
    down: |_dialect| "DROP TABLE delivery_reports;"
);
