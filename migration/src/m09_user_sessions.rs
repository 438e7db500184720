//! Sessions: one per device, found by the SHA-256 digest of its refresh token.
//!
//! `previous_refresh_token` stays valid until its successor is first used: a client may lose the response with the
//! successor.

use sea_orm_migration::prelude::*;

use crate::step;

const TABLE: &str = "
CREATE TABLE user_sessions (
    id {id},
    user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    refresh_token VARCHAR(255) NOT NULL UNIQUE,
    previous_refresh_token VARCHAR(255) UNIQUE,
    device_info {json} NOT NULL DEFAULT '{}',
    ip_address {inet},
    expires_at {time} NOT NULL,
    created_at {time} NOT NULL DEFAULT {now},
    last_used_at {time} NOT NULL DEFAULT {now}
);
CREATE INDEX idx_user_sessions_user_id ON user_sessions(user_id);
CREATE INDEX idx_user_sessions_refresh_token ON user_sessions(refresh_token);
CREATE INDEX idx_user_sessions_expires_at ON user_sessions(expires_at);
";

step!("m20261122_000009_user_sessions",
    up: |dialect| dialect.sql(TABLE),
    down: |_dialect| "DROP TABLE user_sessions;"
);
