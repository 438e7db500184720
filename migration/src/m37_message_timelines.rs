//! When messages passed each stage on their way, for administrators who look for one. The rest of the way is in
//! `messages`: they are dated by when their webhook was verified.
//!
//! The times are written a moment after the message, many rows at once, and not with it: a message does not wait for
//! them. So there is no foreign key either. They are deleted after the last message that is older or as old.

use sea_orm_migration::prelude::*;

use crate::step;

const TABLE: &str = "
CREATE TABLE message_timelines (
    message_id BIGINT NOT NULL PRIMARY KEY,
    sent_at {time},
    received_at {time},
    committed_at {time},
    published_at {time},
    first_frame_at {time},
    first_read_at {time}
);
";

step!("m20261130_000037_message_timelines",
    up: |dialect| dialect.sql(TABLE),
    down: |_dialect| "DROP TABLE message_timelines;"
);
