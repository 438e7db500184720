//! Received messages. A message belongs to an inbox, not to a number; a row without a user is in quarantine.
//!
//! `user_id` and `assignment_id` are not foreign keys: each would cost a look-up per received message, of rows that the
//! same transaction has just read. Instead a trigger deletes messages with their inbox, which is deleted with its user.
//!
//! On PostgreSQL the table is partitioned by day on `received_at`, which is why that column is part of the primary key.
//! Partitions are created ahead (`ensure_message_partitions` returns how many) and dropped one at a time once wholly
//! expired (`drop_message_partition` returns how many messages it had, or null when there is none to drop).
//! `cleanup_old_messages` deletes expired messages of the other partitions. `advance_purged_seqs` updates the inboxes
//! first, so that a client with an old cursor learns of the gap. On SQLite the table is plain, and the retention job
//! deletes in small batches.

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

/// Deletes the messages of an inbox with it. `OR REPLACE`, because a later step replaces it, and reverting that step
/// restores this.
pub(crate) const DELETE_OF_INBOX: &str = "
CREATE OR REPLACE FUNCTION delete_messages_of_inbox() RETURNS TRIGGER AS $$
BEGIN
    DELETE FROM messages WHERE user_id = OLD.user_id;
    RETURN OLD;
END;
$$ LANGUAGE plpgsql;
";

/// Creates partitions, until a later step replaces it.
pub(crate) const ENSURE_PARTITIONS: &str = "
CREATE OR REPLACE FUNCTION ensure_message_partitions(first_day DATE, days INTEGER) RETURNS INTEGER AS $$
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
-- While this waits for its lock on messages, everybody waits behind it.
$$ LANGUAGE plpgsql SET lock_timeout = '2s';
";

/// Drops them, until a later step replaces it.
pub(crate) const DROP_PARTITION: &str = "
CREATE OR REPLACE FUNCTION drop_message_partition(expired_before TIMESTAMPTZ) RETURNS INTEGER AS $$
DECLARE
    name TEXT;
    gone INTEGER;
BEGIN
    -- One replica at a time; the others find nothing to do.
    IF NOT pg_try_advisory_xact_lock(hashtext('otpwire.message_partitions')) THEN
        RETURN NULL;
    END IF;
    SELECT c.relname INTO name
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'messages'::regclass AND c.relname ~ '^messages_y[0-9]{4}m[0-9]{2}d[0-9]{2}$'
      AND to_date(substr(c.relname, 10), '\"y\"YYYY\"m\"MM\"d\"DD') + 1 <= (expired_before AT TIME ZONE 'UTC')::date
    ORDER BY c.relname LIMIT 1;
    IF name IS NULL THEN
        RETURN NULL;
    END IF;
    EXECUTE format('SELECT count(*) FROM %I', name) INTO gone;
    EXECUTE format('DROP TABLE %I', name);
    RETURN gone;
END;
$$ LANGUAGE plpgsql SET lock_timeout = '2s';
";

const FUNCTIONS: &str = "
CREATE TRIGGER delete_messages_of_inbox AFTER DELETE ON inboxes
    FOR EACH ROW EXECUTE FUNCTION delete_messages_of_inbox();

CREATE FUNCTION advance_purged_seqs(expired_before TIMESTAMPTZ) RETURNS VOID AS $$
    WITH expired AS (
             SELECT user_id, max(inbox_seq) AS seq FROM messages
             WHERE received_at <= expired_before AND user_id IS NOT NULL GROUP BY user_id),
         behind AS (
             SELECT i.user_id, e.seq FROM inboxes i JOIN expired e USING (user_id)
             WHERE i.purged_seq < e.seq ORDER BY i.user_id FOR UPDATE OF i)
    UPDATE inboxes SET purged_seq = greatest(purged_seq, behind.seq)
    FROM behind WHERE inboxes.user_id = behind.user_id;
$$ LANGUAGE sql;

CREATE FUNCTION cleanup_old_messages(expired_before TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP - INTERVAL '24 hours')
RETURNS INTEGER AS $$
DECLARE
    deleted_count INTEGER;
BEGIN
    PERFORM advance_purged_seqs(expired_before);
    DELETE FROM messages WHERE received_at <= expired_before;
    GET DIAGNOSTICS deleted_count = ROW_COUNT;
    RETURN deleted_count;
END;
$$ LANGUAGE plpgsql;
";

step!("m20261122_000006_messages",
    up: |dialect| match dialect {
        Dialect::Postgres => dialect.sql(&format!(
            "CREATE TABLE messages (id BIGSERIAL, {COLUMNS}, PRIMARY KEY (id, received_at))
                 PARTITION BY RANGE (received_at);
             {INDEXES}{DELETE_OF_INBOX}{ENSURE_PARTITIONS}{DROP_PARTITION}{FUNCTIONS}"
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
             DROP FUNCTION drop_message_partition(TIMESTAMPTZ);
             DROP FUNCTION advance_purged_seqs(TIMESTAMPTZ);
             DROP FUNCTION ensure_message_partitions(DATE, INTEGER);"
        } else {
            "DROP TRIGGER delete_messages_of_inbox;"
        };
        format!("{functions} DROP TABLE messages;")
    }
);
