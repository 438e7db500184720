//! The schema: it can be applied, reverted and applied again, matches the entities, and enforces its constraints.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use otpwire::store::{Store, entities};

use serde_json::json;

use crate::support::{Backend, World, client::sms, on_both, postgres};

const TABLES: &str =
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> 'seaql_migrations'";
const TABLES_POSTGRES: &str = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
    AND relnamespace = 'public'::regnamespace AND relname <> 'seaql_migrations'";

/// The columns of every table: name, kind, and whether it may be null.
async fn columns(world: &World) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let query = match world.backend {
        Backend::Embedded => format!(
            "SELECT t.name || '|' || c.name || '|' || lower(c.type) || '|' || (c.\"notnull\" = 0) FROM ({TABLES}) t, pragma_table_info(t.name) c"
        ),
        Backend::Cluster => format!(
            "SELECT table_name || '|' || column_name || '|' || data_type || '|' || (is_nullable = 'YES')::int
             FROM information_schema.columns WHERE table_name IN ({TABLES_POSTGRES})"
        ),
    };
    for line in world.column(&query).await {
        let [table, column, kind, nullable] = line.split('|').collect::<Vec<_>>().try_into().unwrap();
        let kind = match kind {
            "integer" if world.backend == Backend::Cluster => "integer",
            "integer" => "integer or bigint",
            "bigint" => "bigint",
            "smallint" => "smallint",
            "text" | "character varying" => "text",
            kind if kind.starts_with("varchar") => "text",
            "boolean" => "boolean",
            "timestamp with time zone" | "timestamp_with_timezone_text" => "timestamptz",
            "jsonb" | "jsonb_text" => "jsonb",
            "inet" => "inet",
            other => panic!("{table}.{column} has the type {other}"),
        };
        found.entry(table.to_owned()).or_default().push(format!("{column} {kind} {nullable}"));
    }
    found.values_mut().for_each(|columns| columns.sort());
    found
}

on_both! {
    async fn the_schema_matches_the_entities(world: World) {
        let found = columns(&world).await;
        let expected: BTreeMap<String, Vec<String>> = entities()
            .into_iter()
            .map(|(table, columns)| {
                let mut columns: Vec<_> = columns
                    .into_iter()
                    .map(|column| {
                        let is_id = column.name == "id";
                        let kind = match (world.backend, column.kind) {
                            // SQLite's INTEGER has 64 bits, and primary keys must have this type.
                            (Backend::Embedded, "integer") => "integer or bigint",
                            (Backend::Embedded, "bigint") if is_id => "integer or bigint",
                            (Backend::Embedded, "inet") => "text",
                            (_, kind) => kind,
                        };
                        format!("{} {kind} {}", column.name, u8::from(column.nullable))
                    })
                    .collect();
                columns.sort();
                (table, columns)
            })
            .collect();
        assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
        for (table, columns) in expected {
            assert_eq!(found[&table], columns, "{table}");
        }
    }

    async fn every_migration_can_be_reverted_and_applied_again(world: World) {
        let before = columns(&world).await;
        let store = world.store().await;
        let steps = store.migration_status().await.unwrap();
        assert!(steps.iter().all(|step| step.applied));
        for taken in (0..steps.len()).rev() {
            store.migrate_down(1).await.unwrap();
            let applied = store.migration_status().await.unwrap().iter().filter(|step| step.applied).count();
            assert_eq!(applied, taken);
        }
        assert!(columns(&world).await.is_empty());
        assert!(store.check().await.is_err());
        if world.backend == Backend::Cluster {
            let functions = "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace";
            assert!(world.column(functions).await.is_empty());
        }
        store.migrate_up().await.unwrap();
        assert_eq!(columns(&world).await, before);
        store.check().await.unwrap();
    }

    async fn a_migration_of_a_newer_replica_is_accepted(world: World) {
        let replica = world.replica().await;
        world.sql("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29991231_000001_later', 0)").await;
        assert_eq!(replica.get("/readyz").await.status, 200);
        // A program that does not know the later migration starts, and `migrate up` succeeds.
        let store = world.store().await;
        store.migrate_up().await.unwrap();
        // A program that also has migrations which the database lacks has another history, and is refused.
        world.sql("DELETE FROM seaql_migrations WHERE version LIKE '%otp_patterns'").await;
        let refused = store.migrate_up().await.unwrap_err();
        let cause = std::error::Error::source(&refused).unwrap().to_string();
        assert!(cause.contains("m29991231_000001_later") && cause.contains("use a newer one"), "{cause}");
        assert!(!store.migration_status().await.unwrap().iter().all(|step| step.applied));
    }

    async fn values_of_a_newer_version_are_shown_as_unknown(world: World) {
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        replica.post_sms(&sms("1", &number, "one")).await;
        let now = if world.backend == Backend::Embedded { "'2026-03-01T12:00:00+00:00'" } else { "now()" };
        world
            .sql(&format!(
                "INSERT INTO audit_log (action, target, details, created_at) VALUES ('foreseen', 'num_1', '{{}}', {now})"
            ))
            .await;
        world.sql("UPDATE delivery_reports SET status = 'foreseen'").await;
        let query = "{ auditLog { nodes { action } } deliveryReports { nodes { status } } }";
        let data = replica.data(&admin, query, json!({})).await;
        assert_eq!(data["auditLog"]["nodes"][0]["action"], "OTHER");
        assert_eq!(data["deliveryReports"]["nodes"][0]["status"], "UNKNOWN");
    }

    async fn everything_that_the_specification_names_exists(world: World) {
        let query = match world.backend {
            Backend::Embedded => "SELECT name FROM sqlite_master WHERE type IN ('index', 'trigger')",
            Backend::Cluster => "SELECT indexname FROM pg_indexes UNION SELECT tgname FROM pg_trigger
                UNION SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
        };
        let found = world.column(query).await;
        let mut names = vec![
            "update_users_updated_at", "update_phone_numbers_updated_at", "update_sms_providers_updated_at",
            "idx_users_email", "idx_users_role", "idx_users_is_active",
            "idx_phone_numbers_status", "idx_phone_numbers_user_id", "idx_phone_numbers_provider_id",
            "idx_phone_numbers_expires_at", "idx_phone_numbers_phone_number",
            "idx_messages_phone_number_id", "idx_messages_received_at", "idx_messages_sender_number",
            "idx_messages_message_type", "idx_messages_is_read",
            "idx_sms_providers_is_active", "idx_sms_providers_priority",
            "idx_delivery_reports_message_id", "idx_delivery_reports_status", "idx_delivery_reports_provider_id",
            "idx_user_sessions_user_id", "idx_user_sessions_refresh_token", "idx_user_sessions_expires_at",
            "idx_api_rate_limits_user_id", "idx_api_rate_limits_ip_address", "idx_api_rate_limits_endpoint",
            "idx_api_rate_limits_window_start",
        ];
        if world.backend == Backend::Cluster {
            names.extend(["update_updated_at_column", "cleanup_old_messages"]);
        }
        for name in names {
            assert!(found.iter().any(|found| found == name), "{name} is missing");
        }
    }

    async fn every_update_sets_updated_at(world: World) {
        let replica = world.replica().await;
        replica.renter("renter@example.com").await;
        world.sql("UPDATE users SET updated_at = '2020-01-01T00:00:00+00:00'").await;
        // On SQLite an update that sets the column itself keeps its value; the next update changes it.
        world.sql("UPDATE users SET first_name = 'Ada'").await;
        let updated = &world.column("SELECT updated_at FROM users").await[0];
        assert!(!updated.starts_with("2020"), "{updated}");
    }

    async fn deleting_a_user_deletes_what_belongs_to_them(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        for (id, to) in [("1", number.as_str()), ("2", "+4915123456789")] {
            replica.post_sms(&crate::support::client::sms(id, to, "x")).await;
        }
        world.sql(match world.backend {
            Backend::Embedded => "PRAGMA foreign_keys = ON; DELETE FROM users",
            Backend::Cluster => "DELETE FROM users",
        }).await;
        assert!(world.column("SELECT user_id FROM inboxes").await.is_empty());
        assert!(world.column("SELECT id FROM number_assignments").await.is_empty());
        // A message without an owner stays.
        assert_eq!(world.column("SELECT provider_message_id FROM messages").await, ["2"]);
        assert_eq!(world.column("SELECT user_id FROM phone_numbers WHERE id = 1").await, ["NULL"]);
    }

    async fn values_outside_the_specification_are_refused(world: World) {
        let replica = world.replica().await;
        replica.renter("renter@example.com").await;
        let store = world.store().await;
        for statement in [
            "UPDATE users SET role = 'root'",
            "UPDATE users SET plan = 'gold'",
            "UPDATE inboxes SET purged_seq = last_seq + 1",
            "INSERT INTO phone_numbers (phone_number, country_code, status) VALUES ('+1', 'US', 'lost')",
        ] {
            assert!(refused(&world, statement).await, "{statement}");
        }
        drop(store);
    }
}

async fn refused(world: &World, statement: &str) -> bool {
    use sea_orm::ConnectionTrait;
    let connection = sea_orm::Database::connect(&world.database_url).await.unwrap();
    let refused = connection.execute_unprepared(statement).await.is_err();
    connection.close().await.unwrap();
    refused
}

/// Replicas that start together migrate one after the other, even if each may have only one connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_that_start_together_migrate_in_turn() {
    let url = postgres().await.new_database().await;
    let migrations = (0..3).map(async |_| {
        let store = Store::connect(&url, 1).await.unwrap();
        store.migrate_up().await.unwrap();
        store.check().await.unwrap();
        store.close().await;
    });
    join_all(migrations).await;
}

/// The specification calls it without arguments, for messages older than 24 hours.
#[tokio::test]
async fn cleanup_old_messages_needs_no_arguments() {
    let world = World::new(Backend::Cluster).await;
    world.sql("SELECT ensure_message_partitions((now() AT TIME ZONE 'UTC')::date - 2, 3)").await;
    world.sql("INSERT INTO phone_numbers (phone_number, country_code) VALUES ('+14155550100', 'US')").await;
    world
        .sql(
            "INSERT INTO messages (phone_number_id, sender_number, message_content, received_at)
             SELECT 1, 'GOOGLE', 'kept for a day', now() - age * interval '1 hour' FROM unnest(ARRAY[23, 25]) age",
        )
        .await;
    assert_eq!(world.column("SELECT cleanup_old_messages()").await, ["1"]);
    assert_eq!(world.column("SELECT count(*) FROM messages").await, ["1"]);
}
