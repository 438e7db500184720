//! What a renter calls a number, for as long as it is rented; and the pool that an administrator has granted a number
//! to, which nobody else can rent for as long.
//!
//! `granted_pool_id` is no foreign key, because SQLite could not drop the column again. Deleting a pool ends the
//! rentals of its granted numbers in the same transaction.

use sea_orm_migration::prelude::*;

use crate::{Dialect, step};

step!("m20261130_000029_number_labels",
    up: |dialect| match dialect {
        Dialect::Postgres => "
            ALTER TABLE phone_numbers ADD COLUMN label VARCHAR(50), ADD COLUMN granted_pool_id INTEGER;
            CREATE INDEX idx_phone_numbers_granted_pool_id ON phone_numbers(granted_pool_id)
                WHERE granted_pool_id IS NOT NULL;",
        Dialect::Sqlite => "
            ALTER TABLE phone_numbers ADD COLUMN label VARCHAR(50);
            ALTER TABLE phone_numbers ADD COLUMN granted_pool_id INTEGER;
            CREATE INDEX idx_phone_numbers_granted_pool_id ON phone_numbers(granted_pool_id)
                WHERE granted_pool_id IS NOT NULL;",
    },
    down: |_dialect| "
        DROP INDEX idx_phone_numbers_granted_pool_id;
        ALTER TABLE phone_numbers DROP COLUMN granted_pool_id;
        ALTER TABLE phone_numbers DROP COLUMN label;"
);
