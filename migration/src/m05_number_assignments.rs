//! Rentals: who rents or rented which number, and why the rental ended.
//!
//! The partial unique index rules out two renters of one number.

use sea_orm_migration::prelude::*;

use crate::step;

const TABLE: &str = "
CREATE TABLE number_assignments (
    id {id},
    phone_number_id INTEGER NOT NULL REFERENCES phone_numbers(id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    started_at {time} NOT NULL,
    expires_at {time} NOT NULL,
    ended_at {time},
    end_reason VARCHAR(20) CHECK (end_reason IN ('released', 'expired', 'blocked')),
    created_at {time} NOT NULL DEFAULT {now},
    CHECK (expires_at > started_at),
    CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE UNIQUE INDEX idx_number_assignments_open ON number_assignments(phone_number_id) WHERE ended_at IS NULL;
CREATE INDEX idx_number_assignments_phone_number_id ON number_assignments(phone_number_id, started_at);
CREATE INDEX idx_number_assignments_user_id ON number_assignments(user_id, ended_at);
";

step!("m20261122_000005_number_assignments",
    up: |dialect| dialect.sql(TABLE),
    down: |_dialect| "DROP TABLE number_assignments;"
);
