//! What administrators changed, and what concerns the safety of an account: who, what, when.
//!
//! `actor_id` is no foreign key: the log outlives its users. `target` is an id as clients know it
//! (`usr_3`, `num_7`). `details` never has secrets or texts of messages.

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
