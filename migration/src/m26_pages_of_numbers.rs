//! The index of messages by number also orders them within an inbox: a page of a number's messages reads just its rows.

use sea_orm_migration::prelude::*;

use crate::step;

step!("m20261130_000026_pages_of_numbers",
    up: |_dialect| "
        DROP INDEX idx_messages_phone_number_id;
        CREATE INDEX idx_messages_phone_number_id ON messages(phone_number_id, user_id, inbox_seq);
    ",
    down: |_dialect| "
        DROP INDEX idx_messages_phone_number_id;
        CREATE INDEX idx_messages_phone_number_id ON messages(phone_number_id);
    "
);
