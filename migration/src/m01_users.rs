//! Users, and the function that keeps `updated_at` current.
//!
//! E-mail addresses are stored in lower case, tokens as SHA-256 digests, passwords as Argon2id strings. `plan` is what
//! a user pays for, `role` what they may do.

use sea_orm_migration::prelude::*;

use crate::{Dialect, step};

const TABLE: &str = "
CREATE TABLE users (
    id {id},
    email VARCHAR(255) NOT NULL UNIQUE,
    password_hash VARCHAR(255) NOT NULL,
    first_name VARCHAR(100),
    last_name VARCHAR(100),
    role VARCHAR(50) NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'admin')),
    plan VARCHAR(20) NOT NULL DEFAULT 'free' CHECK (plan IN ('free', 'premium')),
    is_active BOOLEAN NOT NULL DEFAULT true,
    email_verified BOOLEAN NOT NULL DEFAULT false,
    email_verification_token VARCHAR(255),
    password_reset_token VARCHAR(255),
    password_reset_expires {time},
    created_at {time} NOT NULL DEFAULT {now},
    updated_at {time} NOT NULL DEFAULT {now},
    last_login {time}
);
CREATE INDEX idx_users_email ON users(email);
CREATE INDEX idx_users_role ON users(role);
CREATE INDEX idx_users_is_active ON users(is_active);
";

const FUNCTION: &str = "
CREATE FUNCTION update_updated_at_column() RETURNS TRIGGER AS $$
BEGIN
    NEW.updated_at = CURRENT_TIMESTAMP;
    RETURN NEW;
END;
$$ LANGUAGE plpgsql;
";

step!("m20261122_000001_users",
    up: |dialect| {
        let function = if dialect == Dialect::Postgres { FUNCTION } else { "" };
        format!("{function}{}{}", dialect.sql(TABLE), dialect.updated_at_trigger("users"))
    },
    down: |dialect| {
        let function = if dialect == Dialect::Postgres { "DROP FUNCTION update_updated_at_column();" } else { "" };
        format!("DROP TABLE users; {function}")
    }
);
