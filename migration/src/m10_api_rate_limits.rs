//! Usage of the API, for the operator, written in the background. Rate limits are not decided here.

use sea_orm_migration::prelude::*;

use crate::step;

const TABLE: &str = "
CREATE TABLE api_rate_limits (
    id {id},
    user_id INTEGER REFERENCES users(id) ON DELETE CASCADE,
    ip_address {inet},
    endpoint VARCHAR(255) NOT NULL,
    request_count INTEGER NOT NULL DEFAULT 1,
    window_start {time} NOT NULL DEFAULT {now},
    created_at {time} NOT NULL DEFAULT {now}
);
CREATE INDEX idx_api_rate_limits_user_id ON api_rate_limits(user_id);
CREATE INDEX idx_api_rate_limits_ip_address ON api_rate_limits(ip_address);
CREATE INDEX idx_api_rate_limits_endpoint ON api_rate_limits(endpoint);
CREATE INDEX idx_api_rate_limits_window_start ON api_rate_limits(window_start);
";

step!("m20261122_000010_api_rate_limits",
    up: |dialect| dialect.sql(TABLE),
    down: |_dialect| "DROP TABLE api_rate_limits;"
);
