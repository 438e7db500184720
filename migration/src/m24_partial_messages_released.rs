//! Finds the partial messages that were released long enough ago, and those that still wait, without reading the others.

use sea_orm_migration::prelude::*;

use crate::step;

const INDEXES: &str = "
CREATE INDEX idx_partial_messages_released_at ON partial_messages(released_at) WHERE released_at IS NOT NULL;
";

step!("m20261130_000024_partial_messages_released",
    up: |dialect| dialect.sql(INDEXES),
    down: |_dialect| "DROP INDEX idx_partial_messages_released_at;"
);
