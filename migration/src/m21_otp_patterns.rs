//! Operators' own patterns for one-time codes: for the messages of a sender, of an account at a provider, or of a
//! sender through an account. A pattern is deleted with its account.

use sea_orm_migration::prelude::*;

use crate::step;

const TABLE: &str = "
CREATE TABLE otp_patterns (
    id {id},
    provider_id INTEGER REFERENCES sms_providers(id) ON DELETE CASCADE,
    sender VARCHAR(20),
    pattern TEXT NOT NULL,
    service VARCHAR(100),
    is_active BOOLEAN NOT NULL DEFAULT true,
    created_at {time} NOT NULL DEFAULT {now},
    updated_at {time} NOT NULL DEFAULT {now},
    CHECK (provider_id IS NOT NULL OR sender IS NOT NULL)
);
CREATE INDEX idx_otp_patterns_provider_id ON otp_patterns(provider_id);
";

step!("m20261124_000021_otp_patterns",
    up: |dialect| dialect.sql(TABLE),
    down: |_dialect| "DROP TABLE otp_patterns;"
);
