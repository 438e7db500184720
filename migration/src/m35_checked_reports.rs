//! The same for reports: see `m34_checked_references`, whose trigger guards their providers already.

use sea_orm_migration::prelude::*;

use crate::{Dialect, step};

step!("m20261130_000035_checked_reports",
    up: |dialect| match dialect {
        Dialect::Postgres => "ALTER TABLE delivery_reports DROP CONSTRAINT delivery_reports_provider_id_fkey;".to_owned(),
        Dialect::Sqlite => String::new(),
    },
    down: |dialect| match dialect {
        Dialect::Postgres => "
            ALTER TABLE delivery_reports ADD CONSTRAINT delivery_reports_provider_id_fkey
                FOREIGN KEY (provider_id) REFERENCES sms_providers(id);".to_owned(),
        Dialect::Sqlite => String::new(),
    }
);
