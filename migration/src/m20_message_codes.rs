//! One-time codes among the messages, so that they go when the message goes. `otp_service` is the text's own
//! spelling; `otp_service_key` is the same in lower case, as filters compare it: neither database folds the case of
//! all letters alike. `otp_score` tells how sure the reader was, in hundredths.
//!
//! No index: lists read one inbox, by its own index, and filter what they read there.
//!
//! Each check names only columns that are there before it, because SQLite takes a column away only when no other
//! one's check names it.

use sea_orm_migration::prelude::*;

use crate::step;

const COLUMNS: &str = "
ALTER TABLE messages ADD COLUMN otp_code VARCHAR(32)
    CHECK (otp_code IS NULL OR (otp_code <> '' AND message_type = 'otp'));
ALTER TABLE messages ADD COLUMN otp_score SMALLINT
    CHECK ((otp_code IS NULL) = (otp_score IS NULL) AND (otp_score IS NULL OR otp_score BETWEEN 0 AND 100));
ALTER TABLE messages ADD COLUMN otp_service VARCHAR(100)
    CHECK (otp_service IS NULL OR otp_code IS NOT NULL);
ALTER TABLE messages ADD COLUMN otp_service_key VARCHAR(300)
    CHECK ((otp_service IS NULL) = (otp_service_key IS NULL));
";

step!("m20261124_000020_message_codes",
    up: |dialect| dialect.sql(COLUMNS),
    down: |_dialect| "
        ALTER TABLE messages DROP COLUMN otp_service_key;
        ALTER TABLE messages DROP COLUMN otp_service;
        ALTER TABLE messages DROP COLUMN otp_score;
        ALTER TABLE messages DROP COLUMN otp_code;"
);
