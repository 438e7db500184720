//! The lease that a message arrived in, if it arrived in one. No foreign key and no index, for the reasons that
//! `assignment_id` has none: the batch has just read the lease, and readers come by the index of the inbox or the
//! number.

use sea_orm_migration::prelude::*;

use crate::step;

step!("m20261130_000028_message_leases",
    up: |_dialect| "ALTER TABLE messages ADD COLUMN lease_id BIGINT;",
    down: |_dialect| "ALTER TABLE messages DROP COLUMN lease_id;"
);
