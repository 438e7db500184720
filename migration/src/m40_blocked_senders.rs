//! Senders whose messages are refused. An asterisk at the end of a pattern stands for anything.

use sea_orm_migration::prelude::*;

use crate::step;

const TABLE: &str = "
CREATE TABLE blocked_senders (
    id {id},
    pattern VARCHAR(321) NOT NULL,
    note VARCHAR(200),
    created_by INTEGER,
    created_at {time} NOT NULL
);
";

step!("m20261130_000040_blocked_senders",
    up: |dialect| dialect.sql(TABLE),
    down: |_dialect| "DROP TABLE blocked_senders;"
);
