//! The audit log: changes by administrators and events that concern the security of an account.
//!
//! `actor_id` is not a foreign key, because entries stay when a user is deleted. `target` is an id as clients know it
//! (`usr_3`, `num_7`). `details` never contains secrets or the text of messages.

use sea_orm_migration::prelude::*;

use crate::step;

const TABLE: &str = "
CREATE TABLE audit_log (
    id {big_id},
    actor_id INTEGER,
    action VARCHAR(50) NOT NULL,
    target VARCHAR(50),
    details {json} NOT NULL DEFAULT '{}',
    created_at {time} NOT NULL
);
CREATE INDEX idx_audit_log_created_at ON audit_log(created_at);
CREATE INDEX idx_audit_log_actor_id ON audit_log(actor_id, id);
CREATE INDEX idx_audit_log_target ON audit_log(target, id);
";

step!("m20261123_000013_audit_log",
    up: |dialect| dialect.sql(TABLE),
    down: |_dialect| "DROP TABLE audit_log;"
);
