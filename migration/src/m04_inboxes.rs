//! Inboxes: each is an append-only log, with the last sequence assigned and the last one purged.
//!
//! Receiving locks these rows before it assigns sequences, so the order of sequences is the order of commits, and
//! "everything after n" cannot skip a message that commits late.

use sea_orm_migration::prelude::*;

use crate::step;

const TABLE: &str = "
CREATE TABLE inboxes (
    user_id INTEGER NOT NULL PRIMARY KEY REFERENCES users(id) ON DELETE CASCADE,
    last_seq BIGINT NOT NULL DEFAULT 0 CHECK (last_seq >= 0),
    purged_seq BIGINT NOT NULL DEFAULT 0 CHECK (purged_seq >= 0),
    CHECK (purged_seq <= last_seq)
);
";

step!("m20261122_000004_inboxes",
    up: |dialect| dialect.sql(TABLE),
    down: |_dialect| "DROP TABLE inboxes;"
);
