//! By how much the clocks of providers differ, by the hour: `least_lag_seconds` is how long a message took at least
//! from the provider's time to its arrival. That of a clock that is ahead is negative.

use sea_orm_migration::prelude::*;

use crate::step;

step!("m20261130_000033_provider_clocks",
    up: |_dialect| "ALTER TABLE provider_activity ADD COLUMN least_lag_seconds BIGINT;",
    down: |_dialect| "ALTER TABLE provider_activity DROP COLUMN least_lag_seconds;"
);
