//! What a message and a report refer to is checked when it is deleted, and no longer each time that it is referred to.
//! The next step does the rest for reports.
//!
//! A foreign key looks up and locks the number and the provider for every message and report, though the same batch has
//! just read them: a seventh of what a batch costs PostgreSQL (docs/performance.md). Numbers and providers are not
//! deleted by the server, so the rule moves to where it can be broken: messages of a number are deleted with it, and a
//! provider that messages or reports refer to cannot be deleted, as before. It also spares new partitions, and those
//! that are dropped, the lock of `phone_numbers`.
//!
//! SQLite looks up a row in memory at little cost, and would have to copy both tables to drop the keys.

use sea_orm_migration::prelude::*;

use crate::{Dialect, step};

const UP: &str = "
CREATE FUNCTION delete_messages_of_number() RETURNS TRIGGER AS $$
DECLARE
    scope TEXT := current_setting('otpwire.scope', true);
BEGIN
    PERFORM set_config('otpwire.scope', 'all', true);
    DELETE FROM messages WHERE phone_number_id = OLD.id;
    PERFORM set_config('otpwire.scope', coalesce(scope, ''), true);
    RETURN OLD;
END;
$$ LANGUAGE plpgsql;
CREATE TRIGGER delete_messages_of_number AFTER DELETE ON phone_numbers
    FOR EACH ROW EXECUTE FUNCTION delete_messages_of_number();

CREATE FUNCTION keep_provider_in_use() RETURNS TRIGGER AS $$
DECLARE
    scope TEXT := current_setting('otpwire.scope', true);
    in_use BOOLEAN;
BEGIN
    PERFORM set_config('otpwire.scope', 'all', true);
    in_use := EXISTS (SELECT 1 FROM delivery_reports WHERE provider_id = OLD.id)
        OR EXISTS (SELECT 1 FROM messages WHERE provider_id = OLD.id);
    PERFORM set_config('otpwire.scope', coalesce(scope, ''), true);
    IF in_use THEN
        RAISE foreign_key_violation USING MESSAGE = 'messages or delivery reports refer to this provider';
    END IF;
    RETURN OLD;
END;
$$ LANGUAGE plpgsql;
CREATE TRIGGER keep_provider_in_use BEFORE DELETE ON sms_providers
    FOR EACH ROW EXECUTE FUNCTION keep_provider_in_use();

ALTER TABLE messages DROP CONSTRAINT messages_phone_number_id_fkey;
ALTER TABLE messages DROP CONSTRAINT messages_provider_id_fkey;
";

const DOWN: &str = "
ALTER TABLE messages ADD CONSTRAINT messages_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES sms_providers(id);
ALTER TABLE messages ADD CONSTRAINT messages_phone_number_id_fkey
    FOREIGN KEY (phone_number_id) REFERENCES phone_numbers(id) ON DELETE CASCADE;
DROP TRIGGER keep_provider_in_use ON sms_providers;
DROP FUNCTION keep_provider_in_use();
DROP TRIGGER delete_messages_of_number ON phone_numbers;
DROP FUNCTION delete_messages_of_number();
";

step!("m20261130_000034_checked_references",
    up: |dialect| match dialect {
        Dialect::Postgres => UP.to_owned(),
        Dialect::Sqlite => String::new(),
    },
    down: |dialect| match dialect {
        Dialect::Postgres => DOWN.to_owned(),
        Dialect::Sqlite => String::new(),
    }
);
