//! A second wall around inboxes, on PostgreSQL: a session sees and changes only the messages of the inbox that it has
//! named. Queries say whose messages they want as before; where one forgets it, the database does not.
//!
//! Two settings decide, which PostgreSQL takes from anybody, so this is a guard against mistakes and not against
//! somebody who can run SQL of their own:
//!
//! - `otpwire.scope` is what a session declares when it connects. `all` is for receiving. Whatever else it says, the
//!   session sees nothing until a transaction names an inbox, or says `all` for itself: jobs, and reports for
//!   administrators.
//! - `otpwire.inbox` is the inbox that a transaction has named.
//!
//! **A session that declares nothing sees everything.** Those are replicas of versions before this step, which have
//! to go on working while an upgrade is under way, and operators with psql or pg_dump: privileges govern them, as they
//! always did. All sessions of this version declare themselves, so that to forget the inbox shows nothing; `serve`
//! warns when the wall does not stand, as with a superuser or behind a pooler that drops the options of connections.
//!
//! The policy is forced, because the role that owns the table is the one that the server works as. Foreign keys are
//! not bound by it: PostgreSQL follows them without row-level security. The trigger that deletes the messages of an
//! inbox is, and names the inbox. A query that goes through `messages` is bound by its policy alone; partitions have
//! the same one for whoever names them directly.
//!
//! The subqueries make PostgreSQL look at the settings once a statement instead of once a row.
//!
//! SQLite has no row-level security, and one process that opens the file.

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

/// The function that makes partitions, guarding each.
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
