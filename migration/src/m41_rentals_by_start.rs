//! How many numbers a user has rented since a time, for the limit of a day.

use sea_orm_migration::prelude::*;

use crate::step;

step!("m20261130_000041_rentals_by_start",
    up: |_dialect| "CREATE INDEX idx_number_assignments_started_at ON number_assignments(user_id, started_at);",
    down: |_dialect| "DROP INDEX idx_number_assignments_started_at;"
);
