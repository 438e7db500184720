//! The activity of providers, by the hour: messages, failures and refused requests. Refused requests leave no rows of
//! their own, because anybody can send one; they are counted here.

use sea_orm_migration::prelude::*;

use crate::step;

const TABLE: &str = "
CREATE TABLE provider_activity (
    provider_id INTEGER NOT NULL REFERENCES sms_providers(id) ON DELETE CASCADE,
    hour {time} NOT NULL,
    messages BIGINT NOT NULL DEFAULT 0,
    duplicates BIGINT NOT NULL DEFAULT 0,
    unroutable BIGINT NOT NULL DEFAULT 0,
    statuses BIGINT NOT NULL DEFAULT 0,
    failures BIGINT NOT NULL DEFAULT 0,
    refusals BIGINT NOT NULL DEFAULT 0,
    limited BIGINT NOT NULL DEFAULT 0,
    last_message_at {time},
    last_failure_at {time},
    last_refusal_at {time},
    last_refusal VARCHAR(255),
    PRIMARY KEY (provider_id, hour)
);
CREATE INDEX idx_provider_activity_hour ON provider_activity(hour);
";

step!("m20261123_000019_provider_activity",
    up: |dialect| dialect.sql(TABLE),
    down: |_dialect| "DROP TABLE provider_activity;"
);
