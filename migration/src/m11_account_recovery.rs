//! When the token of a verification mail expires. The token for a new password has such a column from the start.

use sea_orm_migration::prelude::*;

use crate::step;

const COLUMNS: &str = "
ALTER TABLE users ADD COLUMN email_verification_expires {time};
CREATE INDEX idx_users_email_verification_token ON users(email_verification_token)
    WHERE email_verification_token IS NOT NULL;
CREATE INDEX idx_users_password_reset_token ON users(password_reset_token)
    WHERE password_reset_token IS NOT NULL;
";

const BACK: &str = "
DROP INDEX idx_users_password_reset_token;
DROP INDEX idx_users_email_verification_token;
ALTER TABLE users DROP COLUMN email_verification_expires;
";

step!("m20261122_000011_account_recovery",
    up: |dialect| dialect.sql(COLUMNS),
    down: |_dialect| BACK
);
