//! Why a message did not reach an inbox, as one of a few words: the status says what became of it, and `error_message`
//! has the details. It has no check, so that a new reason needs no migration.

use sea_orm_migration::prelude::*;

use crate::step;

step!("m20261130_000032_report_reasons",
    up: |_dialect| "ALTER TABLE delivery_reports ADD COLUMN status_reason VARCHAR(50);",
    down: |_dialect| "ALTER TABLE delivery_reports DROP COLUMN status_reason;"
);
