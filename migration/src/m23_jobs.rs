//! The schedule of jobs, and partitions that are created and dropped without blocking the receiver.
//!
//! `jobs` has a row for each job that one replica does for all. It is due at `due_at`, and its lease ends at
//! `leased_until`. `token` counts its leases, so that a replica whose lease was taken over has an older one. `failures`
//! counts the failures since the last success. A job without a row is due.
//!
//! `roll_ups` has the ids of recent roll-ups. A replica that does not know whether a write reached the database repeats
//! it under the same id.
//!
//! Creating a table and attaching it as a partition locks `messages` only against changes of the schema; `PARTITION OF`
//! would lock it against everything. Dropping a partition needs that lock for an instant either way: one that was
//! detached first (concurrently) keeps its foreign keys, and dropping those locks `phone_numbers`, which every message
//! reads. So the drop waits for its lock only as long as the receiver can wait behind it, and otherwise leaves the
//! partition for later. The number of dropped messages is the estimate of PostgreSQL's statistics, because counting a
//! full day takes longer than a statement may.

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
