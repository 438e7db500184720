//! Query plans: no statement of a connection that writes reads a whole table that grows with history, and pages are
//! read in their order.
//!
//! SQLite has one connection that writes, so a statement that reads a month of reports holds up every message
//! meanwhile. The statements are those that the use cases send, not a list that could be forgotten.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use chrono::TimeDelta;
use otpwire::store::Store;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};
use serde_json::json;

use crate::support::{
    Backend, Mailbox, PASSWORD, Postgres, Renter, Replica, World,
    client::sms,
    gateways::{Gateway, request},
    on_both,
};

/// The tables that grow with history, and how many rows of it each has here.
const GROWING: &[(&str, u32)] = &[
    ("number_assignments", 20_000),
    ("messages", 20_000),
    ("delivery_reports", 60_000),
    ("message_receipts", 20_000),
    ("message_timelines", 20_000),
    ("partial_messages", 20_000),
    ("message_parts", 20_000),
    ("user_sessions", 20_000),
    ("idempotency_keys", 20_000),
    ("webhook_nonces", 20_000),
    ("audit_log", 20_000),
    ("api_rate_limits", 20_000),
    ("roll_ups", 20_000),
    ("provider_activity", 10_000),
];

/// What SQLite may read from one end to the other: the rows of a parameter, and tables that do not grow with history.
const SMALL: &[&str] = &[
    "r",
    "json_each",
    "CONSTANT",
    "sms_providers",
    "p",
    "n",
    "phone_numbers",
    "otp_patterns",
    "blocked_senders",
    "jobs",
];

/// An index of the rentals that have not ended: it does not grow with history either.
const OPEN_RENTALS: &str = "idx_number_assignments_open";

/// The partition that the messages are in. The others are empty, and read at no cost.
const PARTITION: &str = "messages_y2026m03d01";

/// Fills a table with old rows. `{i}` is the number of the row, `{old}` and `{new}` are times.
async fn fill(world: &World, table: &str, rows: u32) {
    let (columns, values) = match table {
        "number_assignments" => (
            "phone_number_id, user_id, started_at, expires_at, ended_at, end_reason",
            "1 + i % 2, 1, {old}, {new}, {new}, 'expired'",
        ),
        "messages" => (
            "phone_number_id, user_id, assignment_id, inbox_seq, sender_number, message_content, received_at,
             provider_id, provider_message_id",
            "1 + i % 2, 1 + i % 100, 1, i, '+14155550123', 'x', {recent}, 1, 'old ' || i",
        ),
        "delivery_reports" => (
            "message_id, provider_id, provider_message_id, phone_number, status, webhook_payload, created_at",
            "i, 1, 'old ' || i, '+14155550100', 'received', '{}', {old}",
        ),
        "message_receipts" => ("provider_id, provider_message_id, received_at", "1, 'old ' || i, {recent}"),
        "message_timelines" => ("message_id, committed_at", "i, {recent}"),
        "partial_messages" => (
            "provider_id, phone_number, sender_number, part_reference, part_count, first_received_at, released_at",
            "1, '+14155550100', '+14155550123', 'old ' || i, 3, {recent}, {recent}",
        ),
        "message_parts" => (
            "partial_id, part_number, provider_message_id, message_content, received_at",
            "i, 1, 'old ' || i, 'x', {recent}",
        ),
        "user_sessions" => ("user_id, refresh_token, expires_at", "1 + i % 100, 'old ' || i, {new}"),
        "idempotency_keys" => (
            "user_id, idempotency_key, request, assignment_id, created_at",
            "1 + i % 100, 'old ' || i, 'x', 1, {recent}",
        ),
        "webhook_nonces" => ("provider_id, nonce, request, expires_at", "1, 'old ' || i, 'x', {new}"),
        "audit_log" => ("actor_id, action, target, details, created_at", "1, 'user_updated', 'usr_1', '{}', {old}"),
        "api_rate_limits" => ("user_id, endpoint, request_count, window_start", "1, 'old ' || i, 1, {old}"),
        "roll_ups" => ("id, created_at", "'old ' || i, {recent}"),
        "provider_activity" => ("provider_id, hour", "1, {hour}"),
        other => panic!("what is in {other}?"),
    };
    let time = |back: TimeDelta| World::sql_time(world.now() - back);
    let hour = match world.backend {
        Backend::Embedded => "strftime('%Y-%m-%dT%H:00:00+00:00', '2020-01-01', i || ' hours')",
        Backend::Cluster => "timestamptz '2020-01-01' + i * interval '1 hour'",
    };
    let values = values
        .replace("{old}", &time(TimeDelta::days(20)))
        .replace("{recent}", &time(TimeDelta::minutes(5)))
        .replace("{new}", &time(-TimeDelta::days(1)))
        .replace("{hour}", hour);
    let values = match world.backend {
        Backend::Embedded => values,
        // A row source has types of its own.
        Backend::Cluster => values.replace(" '2026", " timestamptz '2026").replace("'{}'", "'{}'::jsonb"),
    };
    // Row-level security does not apply to a superuser.
    let connection = Database::connect(Postgres::superuser_url(&world.database_url)).await.unwrap();
    let insert = format!(
        "INSERT INTO {table} ({columns})
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) SELECT {values} FROM n"
    );
    connection.execute_unprepared(&insert).await.unwrap_or_else(|error| panic!("{insert}: {error}"));
    connection.close().await.unwrap();
}

/// Does whatever writes: signs in, rents, receives, reads, deletes, and runs the jobs.
async fn use_everything(world: &World, replica: &Replica, renter: &Renter) {
    let token = Some(renter.token.as_str());
    let register = json!({ "email": "new@example.com", "password": PASSWORD, "first_name": "A", "last_name": "B" });
    replica.rest_ok(None, "POST /v1/auth/register", Some(register)).await;
    let mailbox = world.mailbox.as_ref().unwrap();
    let verification = json!({ "token": mailbox.mail(0).await.token() });
    replica.rest_ok(None, "POST /v1/auth/verify-email", Some(verification)).await;
    replica.rest_ok(None, "POST /v1/auth/forgot-password", Some(json!({ "email": "new@example.com" }))).await;
    let reset = json!({ "token": mailbox.mail(1).await.token(), "password": PASSWORD });
    replica.rest_ok(None, "POST /v1/auth/reset-password", Some(reset)).await;
    let other = replica.log_in("new@example.com").await;
    let refresh = json!({ "refresh_token": other.refresh_token });
    replica.rest_ok(None, "POST /v1/auth/refresh", Some(refresh)).await;
    replica.rest(Some(&other.token), "POST /v1/auth/logout", None).await;
    let key = json!({ "name": "x", "scopes": ["messages:read"] });
    let key = replica.rest_ok(token, "POST /v1/users/me/api-keys", Some(key)).await;
    replica.rest_ok(key["key"].as_str(), "GET /v1/messages", None).await;
    replica.rest(token, &format!("DELETE /v1/users/me/api-keys/{}", key["api_key"]["id"]), None).await;

    let keyed = r#"mutation { assignPhoneNumber(input: { countryCode: "US", durationHours: 1, idempotencyKey: "k" })
                   { phoneNumber { id phoneNumber } } }"#;
    let rented = replica.data(renter, keyed, json!({})).await;
    let number = rented["assignPhoneNumber"]["phoneNumber"].clone();
    let id = number["id"].as_str().unwrap().trim_start_matches("num_").to_owned();
    let digits = number["phoneNumber"].as_str().unwrap();
    replica.rest_ok(token, &format!("POST /v1/numbers/{id}/extend"), Some(json!({ "duration_hours": 1 }))).await;
    for id in ["1", "1", "2"] {
        assert_eq!(replica.post_sms(&sms(id, digits, "Your code is 482913")).await.status, 200);
    }
    // Kannel does not join the parts of a long message; the third part of the second message does not arrive.
    let secret = Gateway::of("kannel").secret;
    let query = "mutation($id: ID!) { assignPhoneNumber(input: { phoneNumberId: $id }) { phoneNumber { id } } }";
    let of_kannel = replica.add_numbers("kannel", &["+15005550006"]).await[0];
    replica.data(renter, query, json!({ "id": format!("num_{of_kannel}") })).await;
    for (part, header) in [("a", "090201"), ("b", "090202"), ("c", "080201")] {
        let header: String =
            header.as_bytes().chunks(2).map(|hex| format!("%{}", str::from_utf8(hex).unwrap())).collect();
        let path = format!(
            "/v1/webhooks/sms?provider=kannel&token={secret}&from=14155550123&to=15005550006&id={part}&text={part}&udh=%05%00%03{header}"
        );
        assert_eq!(replica.get(&path).await.status, 200);
    }
    let plivo = Gateway::of("plivo").compose(replica, "3f1d7c2e-5b1a-4a0e-9d35-7f0d1a2b3c4d", digits, "code 482913");
    assert_eq!(replica.send(request(&plivo)).await.status, 200);
    let listed = replica.rest_ok(token, "GET /v1/messages?limit=2", None).await;
    let ids: Vec<_> = listed["messages"].as_array().unwrap().iter().map(|message| message["id"].to_string()).collect();
    replica.rest_ok(token, &format!("PATCH /v1/messages/{}/read", ids[0]), None).await;
    replica.data(renter, "mutation { markAllMessagesRead(input: {}) { markedCount } }", json!({})).await;
    let delete =
        format!(r#"mutation {{ deleteMessage(input: {{ messageId: "msg_{}" }}) {{ deletedMessageId }} }}"#, ids[1]);
    replica.data(renter, &delete, json!({})).await;
    replica.rest(token, &format!("DELETE /v1/numbers/{id}"), None).await;

    let admin = replica.admin("admin@example.com").await;
    for status in ["BLOCKED", "AVAILABLE"] {
        let set = format!(
            r#"mutation {{ setPhoneNumberStatus(input: {{ phoneNumberId: "num_{id}", status: {status} }}) {{ phoneNumber {{ id }} }} }}"#
        );
        replica.data(&admin, &set, json!({})).await;
    }
    let deactivate = format!(
        r#"mutation {{ updateUser(input: {{ userId: "usr_{}", isActive: false }}) {{ user {{ id }} }} }}"#,
        other.user.id
    );
    replica.data(&admin, &deactivate, json!({})).await;

    replica.app.settle_numbers().await.unwrap();
    world.advance(61);
    replica.app.release_parts().await.unwrap();
    replica.app.roll_up_usage().await.unwrap();
    replica.app.purge().await.unwrap();
}

/// Runs a query whose rows have one text.
async fn texts(connection: &DatabaseConnection, query: String, column: &str) -> Vec<String> {
    let statement = Statement::from_string(connection.get_database_backend(), query);
    let rows = connection.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get("", column).unwrap()).collect()
}

/// The plan of a statement, whatever its parameters are.
async fn plan(connection: &DatabaseConnection, backend: Backend, statement: &str) -> Vec<String> {
    if backend == Backend::Embedded {
        return texts(connection, format!("EXPLAIN QUERY PLAN {statement}"), "detail").await;
    }
    let parameters = (1..).take_while(|n| statement.contains(&format!("${n}"))).count();
    connection.execute_unprepared(&format!("PREPARE explained AS {statement}")).await.unwrap();
    let values = match parameters {
        0 => String::new(),
        count => format!("({})", vec!["NULL"; count].join(", ")),
    };
    let plan = texts(connection, format!("EXPLAIN EXECUTE explained{values}"), "QUERY PLAN").await;
    connection.execute_unprepared("DEALLOCATE explained").await.unwrap();
    plan
}

/// The step of a plan that reads all of a table that grows.
fn full_scan(backend: Backend, plan: &[String]) -> Option<&String> {
    let mut steps = plan.iter().enumerate();
    let is_full = |(at, step): &(usize, &String)| match backend {
        Backend::Embedded => step.strip_prefix("SCAN ").is_some_and(|scan| {
            let table = scan.split_whitespace().next().unwrap_or_default();
            !SMALL.contains(&table) && !table.starts_with('(') && !scan.ends_with(OPEN_RENTALS)
        }),
        Backend::Cluster => {
            let Some((scan, table)) = step.split_once(" on ") else { return false };
            let table = table.split_whitespace().next().unwrap_or_default();
            let next = plan.get(at + 1).map(|next| next.trim_start()).unwrap_or_default();
            let is_bounded = next.starts_with("Index Cond") || scan.ends_with(OPEN_RENTALS);
            GROWING.iter().any(|(name, _)| table == *name || *name == "messages" && table == PARTITION)
                && (scan.contains("Seq Scan") || scan.contains(" using ") && !is_bounded)
        }
    };
    steps.find(is_full).map(|(_, step)| step)
}

on_both! {
    async fn no_statement_that_writes_reads_a_whole_history(world: World) {
        let mut world = world;
        world.mailbox = Some(Mailbox::start().await);
        let (replica, renter) = world.populated().await;
        Gateway::of("kannel").join(&replica).await;
        Gateway::of("plivo").join(&replica).await;
        for n in 2..=100 {
            world.sql(&format!("INSERT INTO users (id, email, password_hash) VALUES ({n}, 'u{n}@example.com', 'x')")).await;
            world.sql(&format!("INSERT INTO inboxes (user_id) VALUES ({n})")).await;
        }
        if world.backend == Backend::Cluster {
            world.sql("SELECT setval('users_id_seq', 100)").await;
        }
        for (table, rows) in GROWING {
            fill(&world, table, *rows).await;
        }
        let sent: Arc<Mutex<BTreeSet<String>>> = Arc::default();
        let seen = Arc::clone(&sent);
        replica.observe_writing(move |statement| {
            seen.lock().unwrap().insert(statement.to_owned());
        });
        use_everything(&world, &replica, &renter).await;

        let mut options = ConnectOptions::new(&world.database_url);
        options.max_connections(1);
        let connection = Database::connect(options).await.unwrap();
        if world.backend == Backend::Cluster {
            // Whatever the parameters are.
            connection.execute_unprepared("ANALYZE; SET plan_cache_mode = force_generic_plan").await.unwrap();
        }
        let sent: Vec<_> = sent.lock().unwrap().iter().cloned().collect();
        let mut explained = 0;
        for statement in &sent {
            let verb = statement.split_whitespace().next().unwrap_or_default();
            if !["SELECT", "INSERT", "UPDATE", "DELETE"].contains(&verb) {
                continue;
            }
            let plan = plan(&connection, world.backend, statement).await;
            let scan = full_scan(world.backend, &plan);
            assert!(scan.is_none(), "{statement}\nreads everything: {scan:?}\n{}", plan.join("\n"));
            explained += 1;
        }
        assert!(explained > 60, "only {explained} statements were sent");
        // Each table is written to or looked up by something.
        for (table, _) in GROWING {
            assert!(sent.iter().any(|statement| statement.contains(table)), "nothing concerns {table}");
        }
        // The statement that deleting a message once sent would be found.
        let old = "UPDATE delivery_reports SET webhook_payload = NULL
                   WHERE message_id = $1 OR (provider_message_id = $2 AND provider_id = $3)
                      OR EXISTS (SELECT 1 FROM delivery_reports d
                                 WHERE d.message_id = $1 AND d.provider_id = delivery_reports.provider_id
                                   AND d.provider_message_id = delivery_reports.provider_message_id)";
        assert!(full_scan(world.backend, &plan(&connection, world.backend, old).await).is_some());
        connection.close().await.unwrap();
    }

    async fn a_page_of_an_inbox_is_read_in_order(world: World) {
        let (replica, renter) = world.populated().await;
        replica.rent(&renter, "US", 24).await;
        // Many users with a number each: by the columns taken alone, a user has hardly a message on one number.
        let from = |rows: u32| match world.backend {
            Backend::Embedded => format!("(WITH RECURSIVE s(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM s WHERE i < {rows}) SELECT i FROM s)"),
            Backend::Cluster => format!("generate_series(10, {rows}) AS s(i)"),
        };
        let received_at = World::sql_time(world.now() - TimeDelta::minutes(5));
        for filled in [
            format!("INSERT INTO users (id, email, password_hash) SELECT i, 'u' || i || '@example.com', 'x' FROM {}", from(2009)),
            format!("INSERT INTO inboxes (user_id) SELECT i FROM {}", from(2009)),
            format!(
                "INSERT INTO phone_numbers (id, phone_number, country_code, provider_id)
                 SELECT i, '+1212' || (5550000 + i), 'US', 1 FROM {}",
                from(2009)
            ),
            format!(
                "INSERT INTO messages (phone_number_id, user_id, assignment_id, inbox_seq, sender_number, message_content, received_at)
                 SELECT 10 + i % 2000, 10 + i % 2000, 1, i, '+14155550123', 'x', {received_at} FROM {}",
                from(40_009)
            ),
            format!(
                "INSERT INTO messages (phone_number_id, user_id, assignment_id, inbox_seq, sender_number, message_content, received_at)
                 SELECT 1, 1, 1, i, '+14155550123', 'x', {received_at} FROM {}",
                from(29)
            ),
        ] {
            world.sql(&filled).await;
        }
        let pages: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = Arc::clone(&pages);
        replica.observe_reading(move |statement| {
            if statement.contains("AS scope") {
                seen.lock().unwrap().push(statement.to_owned());
            }
        });
        for filter in [json!({}), json!({ "phoneNumberId": "num_1" })] {
            let query = "query($filter: MessageFilter) { messages(first: 10, filter: $filter) { nodes { id } } }";
            let page = replica.data(&renter, query, json!({ "filter": filter })).await;
            assert_eq!(page["messages"]["nodes"].as_array().unwrap().len(), 10);
        }
        let mut options = ConnectOptions::new(&world.database_url);
        options.max_connections(1);
        let connection = Database::connect(options).await.unwrap();
        if world.backend == Backend::Cluster {
            connection.execute_unprepared("ANALYZE; SET plan_cache_mode = force_generic_plan").await.unwrap();
            for (name, value) in Store::READING_OPTIONS {
                connection.execute_unprepared(&format!("SET {name} = '{value}'")).await.unwrap();
            }
        }
        let pages = std::mem::take(&mut *pages.lock().unwrap());
        assert_eq!(pages.len(), 2);
        for page in pages {
            let plan = plan(&connection, world.backend, &page).await;
            // What is sorted is the page, and not the inbox.
            let sorts = match world.backend {
                Backend::Embedded => plan.iter().filter(|step| step.contains("TEMP B-TREE")).count(),
                Backend::Cluster => plan.iter().filter(|step| step.trim_start_matches([' ', '-', '>']).starts_with("Sort  (")).count(),
            };
            assert!(sorts <= 1, "{page}\n{}", plan.join("\n"));
        }
        connection.close().await.unwrap();
    }
}
