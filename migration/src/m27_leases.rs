//! Pools of numbers, leases of their numbers, and who waits for one.
//!
//! - A pool is a user's named set of numbers: by a rule over the numbers that the user rents, by listing them, or
//!   granted by an administrator (`phone_numbers.granted_pool_id`, a later step).
//! - A lease is one worker's hold on a number within a rental. The partial unique index rules out two at once.
//!   `cursor_seq` is where the inbox ended when the lease began; `unclaimed_since` and `unclaimed_after` (a time and a
//!   sequence) are where the lease before it ended and began, for counting the messages that belong to neither.
//! - `lease_fences` counts the leases of each number. It outlives them, so that a fence is never given twice.
//! - A ticket is a place in the queue of a pool, or of a country. The id is the order.

use sea_orm_migration::prelude::*;

use crate::step;

const TABLES: &str = "
CREATE TABLE pools (
    id {id},
    user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    name VARCHAR(50) NOT NULL,
    cooldown_seconds INTEGER NOT NULL DEFAULT 0 CHECK (cooldown_seconds >= 0),
    has_rule BOOLEAN NOT NULL DEFAULT false,
    country_code VARCHAR(2),
    label VARCHAR(50),
    created_at {time} NOT NULL,
    UNIQUE (user_id, name),
    CHECK (has_rule OR (country_code IS NULL AND label IS NULL))
);

CREATE TABLE pool_numbers (
    pool_id INTEGER NOT NULL REFERENCES pools(id) ON DELETE CASCADE,
    phone_number_id INTEGER NOT NULL REFERENCES phone_numbers(id) ON DELETE CASCADE,
    PRIMARY KEY (pool_id, phone_number_id)
);
CREATE INDEX idx_pool_numbers_phone_number_id ON pool_numbers(phone_number_id);

CREATE TABLE lease_fences (
    phone_number_id INTEGER NOT NULL PRIMARY KEY REFERENCES phone_numbers(id) ON DELETE CASCADE,
    fence BIGINT NOT NULL
);

CREATE TABLE leases (
    id {big_id},
    user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    pool_id INTEGER REFERENCES pools(id) ON DELETE SET NULL,
    phone_number_id INTEGER NOT NULL REFERENCES phone_numbers(id) ON DELETE CASCADE,
    assignment_id INTEGER NOT NULL REFERENCES number_assignments(id) ON DELETE CASCADE,
    fence BIGINT NOT NULL,
    ttl_seconds INTEGER NOT NULL,
    cursor_seq BIGINT NOT NULL,
    started_at {time} NOT NULL,
    expires_at {time} NOT NULL,
    ended_at {time},
    end_reason VARCHAR(20) CHECK (end_reason IN ('released', 'expired', 'rental_ended', 'blocked', 'deactivated')),
    unclaimed_since {time} NOT NULL,
    unclaimed_after BIGINT NOT NULL,
    UNIQUE (phone_number_id, fence),
    CHECK (expires_at > started_at),
    CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE UNIQUE INDEX idx_leases_open ON leases(phone_number_id) WHERE ended_at IS NULL;
CREATE INDEX idx_leases_user_id ON leases(user_id, id);
CREATE INDEX idx_leases_pool_id ON leases(pool_id);
CREATE INDEX idx_leases_assignment_id ON leases(assignment_id);
CREATE INDEX idx_leases_expires_at ON leases(expires_at);

CREATE TABLE lease_tickets (
    id {big_id},
    user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    pool_id INTEGER REFERENCES pools(id) ON DELETE CASCADE,
    country_code VARCHAR(2),
    expires_at {time} NOT NULL,
    CHECK ((pool_id IS NULL) <> (country_code IS NULL))
);
CREATE INDEX idx_lease_tickets_user_id ON lease_tickets(user_id, id);
CREATE INDEX idx_lease_tickets_pool_id ON lease_tickets(pool_id);
CREATE INDEX idx_lease_tickets_expires_at ON lease_tickets(expires_at);

ALTER TABLE idempotency_keys ADD COLUMN lease_id BIGINT;
";

step!("m20261130_000027_leases",
    up: |dialect| dialect.sql(TABLES),
    down: |_dialect| "
        ALTER TABLE idempotency_keys DROP COLUMN lease_id;
        DROP TABLE lease_tickets;
        DROP TABLE leases;
        DROP TABLE lease_fences;
        DROP TABLE pool_numbers;
        DROP TABLE pools;"
);
