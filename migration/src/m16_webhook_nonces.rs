//! What tells a message that comes again, where its provider's id does not.
//!
//! A receipt may stand for the content of a message instead of its id, and then for some minutes only
//! (`expires_at`): the same text may rightly come twice. Nonces are of signatures that do not cover the body: one
//! that comes back with another body is a forgery. Nonces and bodies are kept as SHA-256 digests.

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
