//! The numbers that the platform owns.
//!
//! `status`, `user_id`, `assigned_at` and `expires_at` describe the latest rental; `number_assignments` decides who
//! receives a message. After a rental `expires_at` is when it really ended, and the cool-down counts from there.

use sea_orm_migration::prelude::*;

use crate::step;

const TABLE: &str = "
CREATE TABLE phone_numbers (
    id {id},
    phone_number VARCHAR(20) NOT NULL UNIQUE,
    country_code VARCHAR(5) NOT NULL,
    provider_id INTEGER REFERENCES sms_providers(id),
    user_id INTEGER REFERENCES users(id) ON DELETE SET NULL,
    status VARCHAR(20) NOT NULL DEFAULT 'available'
        CHECK (status IN ('available', 'assigned', 'expired', 'blocked')),
    assigned_at {time},
    expires_at {time},
    created_at {time} NOT NULL DEFAULT {now},
    updated_at {time} NOT NULL DEFAULT {now},
    metadata {json} NOT NULL DEFAULT '{}'
);
CREATE INDEX idx_phone_numbers_status ON phone_numbers(status);
CREATE INDEX idx_phone_numbers_user_id ON phone_numbers(user_id);
CREATE INDEX idx_phone_numbers_provider_id ON phone_numbers(provider_id);
CREATE INDEX idx_phone_numbers_expires_at ON phone_numbers(expires_at);
CREATE INDEX idx_phone_numbers_phone_number ON phone_numbers(phone_number);
CREATE INDEX idx_phone_numbers_country_code ON phone_numbers(country_code, status);
";

step!("m20261122_000003_phone_numbers",
    up: |dialect| format!("{}{}", dialect.sql(TABLE), dialect.updated_at_trigger("phone_numbers")),
    down: |_dialect| "DROP TABLE phone_numbers;"
);
