//! Replacing a provider's secret without losing a message: the previous one stays valid until the new one has verified
//! a webhook, because two systems cannot be changed at the same moment.

use sea_orm_migration::prelude::*;

use crate::step;

const COLUMNS: &str = "
ALTER TABLE sms_providers ADD COLUMN previous_secret_encrypted TEXT;
ALTER TABLE sms_providers ADD COLUMN secret_changed_at {time};
ALTER TABLE sms_providers ADD COLUMN secret_verified_at {time};
";

step!("m20261123_000015_provider_secrets",
    up: |dialect| dialect.sql(COLUMNS),
    down: |_dialect| "
        ALTER TABLE sms_providers DROP COLUMN previous_secret_encrypted;
        ALTER TABLE sms_providers DROP COLUMN secret_changed_at;
        ALTER TABLE sms_providers DROP COLUMN secret_verified_at;"
);
