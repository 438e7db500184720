//! Row-level security for inboxes, on PostgreSQL: a transaction sees and changes only the messages of the inbox that it
//! has set. Queries still name the owner of the inbox; where one forgets to, the database returns nothing.
//!
//! Two settings decide. Any session may set them, so this protects against mistakes, not against somebody who can run
//! SQL of their own:
//!
//! - `otpwire.scope` is an option of the connection. `all` is for receiving. With any other value, a session sees
//!   nothing until a transaction sets an inbox, or sets the scope to `all` for itself, as jobs and reports for
//!   administrators do.
//! - `otpwire.inbox` is the inbox that a transaction has set.
//!
//! **A session without the option sees everything.** Those are replicas of versions before this step, which have to
//! keep working during an upgrade, and operators with psql or pg_dump, who are subject to privileges as before. Every
//! connection of this version has the option. `serve` warns when row security is not in force, as for a superuser or
//! behind a pooler that drops the options of connections.
//!
//! The policy is forced, because the server works as the role that owns the table. It does not apply to foreign keys,
//! which PostgreSQL follows without row-level security. It does apply to the trigger that deletes the messages of an
//! inbox, which therefore sets the inbox. Queries of `messages` are subject to its policy alone; each partition has the
//! same one for queries that name it directly.
//!
//! The subqueries make PostgreSQL evaluate the settings once per statement instead of once per row.
//!
//! SQLite has no row-level security, and only one process opens the file.

use sea_orm_migration::prelude::*;

use crate::{
    Dialect,
    m06_messages::{DELETE_OF_INBOX, ENSURE_PARTITIONS},
    step,
};

const GUARD: &str = "
CREATE FUNCTION guard_messages(guarded REGCLASS) RETURNS VOID AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', guarded);
    EXECUTE format('CREATE POLICY inbox ON %s USING (
        user_id = (SELECT nullif(current_setting(''otpwire.inbox'', true), '''')::integer)
        OR (SELECT coalesce(nullif(current_setting(''otpwire.scope'', true), ''''), ''all'') = ''all''))', guarded);
END;
$$ LANGUAGE plpgsql;
SELECT guard_messages('messages');
SELECT guard_messages(inhrelid) FROM pg_inherits WHERE inhparent = 'messages'::regclass;

CREATE OR REPLACE FUNCTION delete_messages_of_inbox() RETURNS TRIGGER AS $$
DECLARE
    named TEXT := current_setting('otpwire.inbox', true);
BEGIN
    PERFORM set_config('otpwire.inbox', OLD.user_id::text, true);
    DELETE FROM messages WHERE user_id = OLD.user_id;
    PERFORM set_config('otpwire.inbox', coalesce(named, ''), true);
    RETURN OLD;
END;
$$ LANGUAGE plpgsql;
";

const TAKE_DOWN: &str = "
DO $$
DECLARE
    guarded REGCLASS;
BEGIN
    FOR guarded IN SELECT polrelid FROM pg_policy WHERE polname = 'inbox'
        AND (polrelid = 'messages'::regclass
             OR polrelid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'messages'::regclass)) LOOP
        EXECUTE format('DROP POLICY inbox ON %s', guarded);
        EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY', guarded);
    END LOOP;
END;
$$;
DROP FUNCTION guard_messages(REGCLASS);
";

/// The function that creates partitions, with a policy on each.
pub(crate) fn ensure_guarded_partitions() -> String {
    let made = "made := made + 1;";
    ENSURE_PARTITIONS.replace(made, &format!("PERFORM guard_messages(to_regclass(name)); {made}"))
}

step!("m20261124_000022_message_row_security",
    up: |dialect| match dialect {
        Dialect::Postgres => format!("{GUARD}{}", ensure_guarded_partitions()),
        Dialect::Sqlite => String::new(),
    },
    down: |dialect| match dialect {
        Dialect::Postgres => format!("{ENSURE_PARTITIONS}{DELETE_OF_INBOX}{TAKE_DOWN}"),
        Dialect::Sqlite => String::new(),
    }
);
