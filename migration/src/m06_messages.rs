//! Received messages. A message belongs to an inbox, not to a number: a row without a user is in
//! quarantine.
//!
//! `user_id` and `assignment_id` are not foreign keys: each would be a look-up for each message that
//! is received, of rows that the same transaction has just read. A trigger makes messages go with
//! their inbox instead, as the inbox goes with its user.
//!
//! On PostgreSQL the table is partitioned by day on `received_at`, which is why that column is part
//! of the primary key. Partitions are made ahead and dropped once wholly expired, by the two
//! functions below, which answer how many partitions were made and how many messages went; `cleanup_old_messages` deletes what a kept partition still holds. Whatever
//! removes messages first advances `purged_seq` of their inboxes, so a reader with an old cursor is
//! told of the gap. On SQLite the table is plain, and the retention job deletes in small batches.

use sea_orm_migration::prelude::*;

use crate::{Dialect, step};

const COLUMNS: &str = "
    phone_number_id INTEGER NOT NULL REFERENCES phone_numbers(id) ON DELETE CASCADE,
    user_id INTEGER,
    assignment_id INTEGER,
    inbox_seq BIGINT,
    sender_number VARCHAR(20) NOT NULL,
    message_content TEXT NOT NULL,
    message_type VARCHAR(20) NOT NULL DEFAULT 'sms' CHECK (message_type IN ('sms', 'otp', 'verification')),
    received_at {time} NOT NULL DEFAULT {now},
    provider_message_id VARCHAR(255),
    provider_id INTEGER REFERENCES sms_providers(id),
    is_read BOOLEAN NOT NULL DEFAULT false,
    metadata {json} NOT NULL DEFAULT '{}',
    created_at {time} NOT NULL DEFAULT {now},
    CHECK ((user_id IS NULL) = (inbox_seq IS NULL)),
    CHECK ((user_id IS NULL) = (assignment_id IS NULL))
";

const INDEXES: &str = "
CREATE INDEX idx_messages_phone_number_id ON messages(phone_number_id);
CREATE INDEX idx_messages_received_at ON messages(received_at DESC);
CREATE INDEX idx_messages_sender_number ON messages(sender_number);
CREATE INDEX idx_messages_message_type ON messages(message_type);
CREATE INDEX idx_messages_is_read ON messages(is_read);
CREATE INDEX idx_messages_inbox ON messages(user_id, inbox_seq);
";

const FUNCTIONS: &str = "
CREATE FUNCTION delete_messages_of_inbox() RETURNS TRIGGER AS $$
BEGIN
    DELETE FROM messages WHERE user_id = OLD.user_id;
    RETURN OLD;
END;
$$ LANGUAGE plpgsql;
CREATE TRIGGER delete_messages_of_inbox AFTER DELETE ON inboxes
    FOR EACH ROW EXECUTE FUNCTION delete_messages_of_inbox();

CREATE FUNCTION ensure_message_partitions(first_day DATE, days INTEGER) RETURNS INTEGER AS $$
DECLARE
    made INTEGER := 0;
    name TEXT;
    day DATE;
BEGIN
    -- Replicas that start together take turns.
    PERFORM pg_advisory_xact_lock(hashtext('otpwire.message_partitions'));
    FOR i IN 0 .. days - 1 LOOP
        day := first_day + i;
        name := to_char(day, '\"messages_y\"YYYY\"m\"MM\"d\"DD');
        IF to_regclass(name) IS NULL THEN
            EXECUTE format(
                'CREATE TABLE IF NOT EXISTS %I PARTITION OF messages FOR VALUES FROM (%L) TO (%L)',
                name, to_char(day, 'YYYY-MM-DD') || ' 00:00:00+00', to_char(day + 1, 'YYYY-MM-DD') || ' 00:00:00+00');
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END;
$$ LANGUAGE plpgsql;

CREATE FUNCTION drop_message_partitions(expired_before TIMESTAMPTZ) RETURNS INTEGER AS $$
DECLARE
    gone INTEGER := 0;
    here INTEGER;
    expired RECORD;
BEGIN
    FOR expired IN
        SELECT c.relname AS name
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'messages'::regclass
          AND to_date(c.relname, '\"messages_y\"YYYY\"m\"MM\"d\"DD') + 1 <= (expired_before AT TIME ZONE 'UTC')::date
        ORDER BY c.relname
    LOOP
        EXECUTE format(
            'WITH purged AS (SELECT user_id, max(inbox_seq) AS seq FROM %I WHERE user_id IS NOT NULL GROUP BY user_id),
                  locked AS (SELECT i.user_id, p.seq FROM inboxes i JOIN purged p USING (user_id) ORDER BY i.user_id FOR UPDATE OF i)
             UPDATE inboxes SET purged_seq = greatest(purged_seq, locked.seq) FROM locked WHERE inboxes.user_id = locked.user_id',
            expired.name);
        EXECUTE format('SELECT count(*) FROM %I', expired.name) INTO here;
        EXECUTE format('DROP TABLE %I', expired.name);
        gone := gone + here;
    END LOOP;
    RETURN gone;
END;
$$ LANGUAGE plpgsql;

CREATE FUNCTION cleanup_old_messages(expired_before TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP - INTERVAL '24 hours')
RETURNS INTEGER AS $$
DECLARE
    deleted_count INTEGER;
BEGIN
    WITH deleted AS (DELETE FROM messages WHERE received_at <= expired_before RETURNING user_id, inbox_seq),
         purged AS (SELECT user_id, max(inbox_seq) AS seq FROM deleted WHERE user_id IS NOT NULL GROUP BY user_id),
         locked AS (SELECT i.user_id, p.seq FROM inboxes i JOIN purged p USING (user_id) ORDER BY i.user_id FOR UPDATE OF i),
         advanced AS (
             UPDATE inboxes SET purged_seq = greatest(purged_seq, locked.seq)
             FROM locked WHERE inboxes.user_id = locked.user_id RETURNING 1)
    SELECT count(*) INTO deleted_count FROM deleted;
    RETURN deleted_count;
END;
$$ LANGUAGE plpgsql;
";

step!("m20261122_000006_messages",
    up: |dialect| match dialect {
        Dialect::Postgres => dialect.sql(&format!(
            "CREATE TABLE messages (id BIGSERIAL, {COLUMNS}, PRIMARY KEY (id, received_at))
                 PARTITION BY RANGE (received_at);
             {INDEXES}{FUNCTIONS}"
        )),
        Dialect::Sqlite => dialect.sql(&format!(
            "CREATE TABLE messages (id {{big_id}}, {COLUMNS}); {INDEXES}
             CREATE TRIGGER delete_messages_of_inbox AFTER DELETE ON inboxes
             BEGIN
                 DELETE FROM messages WHERE user_id = OLD.user_id;
             END;"
        )),
    },
    down: |dialect| {
        let functions = if dialect == Dialect::Postgres {
            "DROP TRIGGER delete_messages_of_inbox ON inboxes;
             DROP FUNCTION delete_messages_of_inbox();
             DROP FUNCTION cleanup_old_messages(TIMESTAMPTZ);
             DROP FUNCTION drop_message_partitions(TIMESTAMPTZ);
             DROP FUNCTION ensure_message_partitions(DATE, INTEGER);"
        } else {
            "DROP TRIGGER delete_messages_of_inbox;"
        };
        format!("{functions} DROP TABLE messages;")
    }
);
