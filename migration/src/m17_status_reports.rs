//! Status callbacks as delivery reports: `status` is the state that the message has reached, which never goes back;
//! `provider_status` is the provider's own term for it.

use sea_orm_migration::prelude::*;

use crate::step;

const COLUMNS: &str = "
ALTER TABLE delivery_reports ADD COLUMN kind VARCHAR(20) NOT NULL DEFAULT 'message'
    CHECK (kind IN ('message', 'status'));
ALTER TABLE delivery_reports ADD COLUMN provider_status VARCHAR(100);
CREATE INDEX idx_delivery_reports_provider_message_id
    ON delivery_reports(provider_message_id, provider_id, id);
";

step!("m20261123_000017_status_reports",
    up: |dialect| dialect.sql(COLUMNS),
    down: |_dialect| "
        DROP INDEX idx_delivery_reports_provider_message_id;
        ALTER TABLE delivery_reports DROP COLUMN provider_status;
        ALTER TABLE delivery_reports DROP COLUMN kind;"
);
