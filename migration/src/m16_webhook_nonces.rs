//! Detecting repeated messages of providers without message ids, and repeated signatures.
//!
//! A receipt may identify a message by its content instead of an id. It then expires within minutes (`expires_at`),
//! because the same text may be sent twice on purpose. Nonces belong to signatures that do not cover the body: a nonce
//! with a second body is a forgery. Nonces and bodies are stored as SHA-256 digests.

use sea_orm_migration::prelude::*;

use crate::step;

const TABLE: &str = "
ALTER TABLE message_receipts ADD COLUMN expires_at {time};
CREATE TABLE webhook_nonces (
    provider_id INTEGER NOT NULL REFERENCES sms_providers(id) ON DELETE CASCADE,
    nonce VARCHAR(64) NOT NULL,
    request VARCHAR(64) NOT NULL,
    expires_at {time} NOT NULL,
    PRIMARY KEY (provider_id, nonce)
);
CREATE INDEX idx_webhook_nonces_expires_at ON webhook_nonces(expires_at);
";

step!("m20261123_000016_webhook_nonces",
    up: |dialect| dialect.sql(TABLE),
    down: |_dialect| "DROP TABLE webhook_nonces; ALTER TABLE message_receipts DROP COLUMN expires_at;"
);
