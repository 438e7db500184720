//! Idempotency keys, with which a client may repeat a request that rents without renting twice. Keys are per user;
//! `request` shows whether a key is used again for the same request.

use sea_orm_migration::prelude::*;

use crate::step;

const TABLE: &str = "
CREATE TABLE idempotency_keys (
    id {big_id},
    user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    idempotency_key VARCHAR(255) NOT NULL,
    request VARCHAR(255) NOT NULL,
    assignment_id INTEGER NOT NULL REFERENCES number_assignments(id) ON DELETE CASCADE,
    created_at {time} NOT NULL,
    UNIQUE (user_id, idempotency_key)
);
CREATE INDEX idx_idempotency_keys_created_at ON idempotency_keys(created_at);
CREATE INDEX idx_idempotency_keys_assignment_id ON idempotency_keys(assignment_id);
";

step!("m20261123_000014_idempotency_keys",
    up: |dialect| dialect.sql(TABLE),
    down: |_dialect| "DROP TABLE idempotency_keys;"
);
