//! API keys, found by the SHA-256 digest of the key, which is shown once and never stored. `key_prefix` is its
//! beginning, by which users recognise it. `scopes` are separated by spaces, as in OAuth (RFC 6749, 3.3).

use sea_orm_migration::prelude::*;

use crate::step;

const TABLE: &str = "
CREATE TABLE api_keys (
    id {id},
    user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    name VARCHAR(100) NOT NULL,
    key_prefix VARCHAR(20) NOT NULL,
    key_digest VARCHAR(64) NOT NULL UNIQUE,
    scopes VARCHAR(255) NOT NULL,
    created_at {time} NOT NULL DEFAULT {now},
    last_used_at {time},
    expires_at {time}
);
CREATE INDEX idx_api_keys_user_id ON api_keys(user_id);
";

step!("m20261122_000012_api_keys",
    up: |dialect| dialect.sql(TABLE),
    down: |_dialect| "DROP TABLE api_keys;"
);
