//! Accounts at SMS providers.
//!
//! `kind` names the adapter. `name` is the operator's own and the value of `?provider=`, so one adapter can serve two
//! accounts. Keys and secrets are encrypted with the key of the configuration.

use sea_orm_migration::prelude::*;

use crate::step;

const TABLE: &str = "
CREATE TABLE sms_providers (
    id {id},
    kind VARCHAR(50) NOT NULL,
    name VARCHAR(100) NOT NULL UNIQUE,
    api_endpoint VARCHAR(255) NOT NULL,
    webhook_endpoint VARCHAR(255),
    api_key_encrypted TEXT,
    api_secret_encrypted TEXT,
    is_active BOOLEAN NOT NULL DEFAULT true,
    priority INTEGER NOT NULL DEFAULT 1,
    rate_limit_per_minute INTEGER NOT NULL DEFAULT 100,
    configuration {json} NOT NULL DEFAULT '{}',
    created_at {time} NOT NULL DEFAULT {now},
    updated_at {time} NOT NULL DEFAULT {now}
);
CREATE INDEX idx_sms_providers_is_active ON sms_providers(is_active);
CREATE INDEX idx_sms_providers_priority ON sms_providers(priority);
";

step!("m20261122_000002_sms_providers",
    up: |dialect| format!("{}{}", dialect.sql(TABLE), dialect.updated_at_trigger("sms_providers")),
    down: |_dialect| "DROP TABLE sms_providers;"
);
