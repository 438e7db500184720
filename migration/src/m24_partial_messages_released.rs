//! Finds the partial messages that were released long enough ago without reading the others, whenever they are purged.

use sea_orm_migration::prelude::*;

use crate::step;

const INDEX: &str = "
CREATE INDEX idx_partial_messages_released_at ON partial_messages(released_at) WHERE released_at IS NOT NULL;
";

step!("m20261130_000024_partial_messages_released",
    up: |dialect| dialect.sql(INDEX),
    down: |_dialect| "DROP INDEX idx_partial_messages_released_at;"
);
