//! What replicas share about their jobs, and partitions that are made and dropped without keeping receivers waiting.
//!
//! `jobs` has a row for each job that one replica does for all. It is due at `due_at`; who does it has it until
//! `leased_until`; `token` counts the times that it was taken, so that who was taken over is known by an older one.
//! `failures` counts those since it last succeeded. Rows make themselves: a job without one is due.
//!
//! `roll_ups` has the ids of statistics that were written down lately. A replica that does not know whether a write
//! reached the database writes it again under the same id.
//!
//! Adding a partition as a table that is attached locks `messages` against changes of the schema alone; made as
//! `PARTITION OF`, it would lock out everybody. Dropping one has to lock out everybody for an instant, whichever way:
//! a partition that was detached first (concurrently) takes its own foreign keys along, and dropping those locks
//! `phone_numbers` instead, which every message reads. So it waits for its lock no longer than receivers can bear to
//! wait behind it, and leaves the partition to a later time if that was too short. How many messages went is the
//! statistics' estimate: counting a full day takes longer than a statement may.

use sea_orm_migration::prelude::*;

use crate::{Dialect, m06_messages::DROP_PARTITION, m22_message_row_security::ensure_guarded_partitions, step};

const TABLES: &str = "
CREATE TABLE jobs (
    name VARCHAR(50) NOT NULL PRIMARY KEY,
    due_at {time} NOT NULL,
    leased_until {time},
    token BIGINT NOT NULL DEFAULT 1,
    failures INTEGER NOT NULL DEFAULT 0,
    succeeded_at {time}
);
CREATE TABLE roll_ups (
    id VARCHAR(32) NOT NULL PRIMARY KEY,
    created_at {time} NOT NULL
);
CREATE INDEX idx_roll_ups_created_at ON roll_ups(created_at);
";

const FUNCTIONS: &str = "
CREATE OR REPLACE FUNCTION ensure_message_partitions(first_day DATE, days INTEGER) RETURNS INTEGER AS $$
DECLARE
    made INTEGER := 0;
    name TEXT;
    day DATE;
BEGIN
    FOR i IN 0 .. days - 1 LOOP
        day := first_day + i;
        name := to_char(day, '\"messages_y\"YYYY\"m\"MM\"d\"DD');
        CONTINUE WHEN EXISTS (SELECT 1 FROM pg_inherits WHERE inhrelid = to_regclass(name));
        -- Replicas that miss one together take turns; the first makes it.
        PERFORM pg_advisory_xact_lock(hashtext('otpwire.message_partitions'));
        CONTINUE WHEN EXISTS (SELECT 1 FROM pg_inherits WHERE inhrelid = to_regclass(name));
        EXECUTE format('CREATE TABLE %I (LIKE messages INCLUDING ALL)', name);
        PERFORM guard_messages(to_regclass(name));
        EXECUTE format(
            'ALTER TABLE messages ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
            name, to_char(day, 'YYYY-MM-DD') || ' 00:00:00+00', to_char(day + 1, 'YYYY-MM-DD') || ' 00:00:00+00');
        made := made + 1;
    END LOOP;
    RETURN made;
END;
-- The foreign keys of a new partition lock phone_numbers: whoever rents waits behind this, receivers do not.
$$ LANGUAGE plpgsql SET lock_timeout = '2s';

CREATE OR REPLACE FUNCTION drop_message_partition(expired_before TIMESTAMPTZ) RETURNS INTEGER AS $$
DECLARE
    name TEXT;
    gone INTEGER;
BEGIN
    -- One replica at a time; the others find nothing to do.
    IF NOT pg_try_advisory_xact_lock(hashtext('otpwire.message_partitions')) THEN
        RETURN NULL;
    END IF;
    SELECT c.relname, greatest(c.reltuples, 0)::integer INTO name, gone
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'messages'::regclass AND c.relname ~ '^messages_y[0-9]{4}m[0-9]{2}d[0-9]{2}$'
      AND to_date(substr(c.relname, 10), '\"y\"YYYY\"m\"MM\"d\"DD') + 1 <= (expired_before AT TIME ZONE 'UTC')::date
    ORDER BY c.relname LIMIT 1;
    IF name IS NULL THEN
        RETURN NULL;
    END IF;
    EXECUTE format('DROP TABLE %I', name);
    RETURN gone;
EXCEPTION WHEN lock_not_available THEN
    -- Somebody reads for long, such as a backup. The messages go one by one meanwhile, and the rest later.
    RETURN NULL;
END;
$$ LANGUAGE plpgsql SET lock_timeout = '200ms';
";

step!("m20261124_000023_jobs",
    up: |dialect| match dialect {
        Dialect::Postgres => format!("{} {FUNCTIONS}", dialect.sql(TABLES)),
        Dialect::Sqlite => dialect.sql(TABLES),
    },
    down: |dialect| match dialect {
        Dialect::Postgres => {
            format!("DROP TABLE roll_ups; DROP TABLE jobs; {} {DROP_PARTITION}", ensure_guarded_partitions())
        }
        Dialect::Sqlite => "DROP TABLE roll_ups; DROP TABLE jobs;".to_owned(),
    }
);
