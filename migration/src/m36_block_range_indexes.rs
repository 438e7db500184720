//! Three of the specification's indexes become block range indexes on PostgreSQL, which cost a new message next to
//! nothing. No statement of the server needs them: messages are read by inbox. Whoever asks for a sender in psql still
//! reads few blocks, by the filter of each range. Before, they were three of the seven B-trees that every message was
//! put into.

use sea_orm_migration::prelude::*;

use crate::{Dialect, step};

step!("m20261130_000036_block_range_indexes",
    up: |dialect| match dialect {
        Dialect::Postgres => "
            DROP INDEX idx_messages_sender_number;
            DROP INDEX idx_messages_message_type;
            DROP INDEX idx_messages_is_read;
            CREATE INDEX idx_messages_sender_number ON messages USING brin (sender_number text_bloom_ops);
            CREATE INDEX idx_messages_message_type ON messages USING brin (message_type);
            CREATE INDEX idx_messages_is_read ON messages USING brin ((is_read::integer));".to_owned(),
        Dialect::Sqlite => String::new(),
    },
    down: |dialect| match dialect {
        Dialect::Postgres => "
            DROP INDEX idx_messages_sender_number;
            DROP INDEX idx_messages_message_type;
            DROP INDEX idx_messages_is_read;
            CREATE INDEX idx_messages_sender_number ON messages(sender_number);
            CREATE INDEX idx_messages_message_type ON messages(message_type);
            CREATE INDEX idx_messages_is_read ON messages(is_read);".to_owned(),
        Dialect::Sqlite => String::new(),
    }
);
