//! Invitations to make an account, found by the SHA-256 digest of their token, which is shown once and never stored. An
//! invitation is used at most once; one that an administrator takes back is deleted.
//!
//! `created_by` and `used_by` are no foreign keys, because an invitation says who was invited also after a user is
//! deleted.

use sea_orm_migration::prelude::*;

use crate::step;

const TABLE: &str = "
CREATE TABLE invitations (
    id {id},
    token_digest VARCHAR(64) NOT NULL UNIQUE,
    email VARCHAR(255),
    plan VARCHAR(20) NOT NULL DEFAULT 'free' CHECK (plan IN ('free', 'premium')),
    is_mailed BOOLEAN NOT NULL DEFAULT false,
    created_by INTEGER,
    created_at {time} NOT NULL,
    expires_at {time} NOT NULL,
    used_by INTEGER,
    used_at {time},
    CHECK ((used_by IS NULL) = (used_at IS NULL))
);
CREATE INDEX idx_invitations_expires_at ON invitations(expires_at);
";

step!("m20261130_000039_invitations",
    up: |dialect| dialect.sql(TABLE),
    down: |_dialect| "DROP TABLE invitations;"
);
