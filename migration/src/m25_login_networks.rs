//! The networks that users logged in from lately, which let a user in while strangers guess at the password.

use sea_orm_migration::prelude::*;

use crate::step;

const TABLE: &str = "
CREATE TABLE login_networks (
    user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    network VARCHAR(64) NOT NULL,
    last_login_at {time} NOT NULL,
    PRIMARY KEY (user_id, network)
);
CREATE INDEX idx_login_networks_last_login_at ON login_networks(last_login_at);
";

step!("m20261130_000025_login_networks",
    up: |dialect| dialect.sql(TABLE),
    down: |_dialect| "DROP TABLE login_networks;"
);
