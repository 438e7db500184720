//! Code patterns of operators: validation, which pattern wins, and that every replica uses them.

use serde_json::{Value, json};

use crate::support::{Backend, Renter, Replica, SECRET, World, client::sms, on_both, reader::plain_reader};

const ROW: &str = "id provider { name } sender pattern service isActive";

/// A replica with the plain reader, a renter with a number, and an administrator.
async fn populated(world: &mut World) -> (Replica, Renter, Renter) {
    world.reader = plain_reader();
    let (replica, renter) = world.populated().await;
    replica.rent(&renter, "US", 1).await;
    let admin = replica.admin("admin@example.com").await;
    (replica, renter, admin)
}

async fn try_to_create(replica: &Replica, admin: &Renter, input: Value) -> Value {
    let create = format!(
        "mutation($input: CreateOtpPatternInput!) {{ createOtpPattern(input: $input) {{ otpPattern {{ {ROW} }} }} }}"
    );
    replica.graphql(Some(admin), &create, json!({ "input": input })).await
}

/// Creates a pattern; returns its id.
async fn create(replica: &Replica, admin: &Renter, input: Value) -> String {
    let answer = try_to_create(replica, admin, input).await;
    answer["data"]["createOtpPattern"]["otpPattern"]["id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

async fn try_to_update(replica: &Replica, admin: &Renter, input: Value) -> Value {
    let update = format!(
        "mutation($input: UpdateOtpPatternInput!) {{ updateOtpPattern(input: $input) {{ otpPattern {{ {ROW} }} }} }}"
    );
    replica.graphql(Some(admin), &update, json!({ "input": input })).await
}

async fn delete(replica: &Replica, admin: &Renter, id: &str) -> Value {
    let delete = "mutation($id: ID!) { deleteOtpPattern(input: { otpPatternId: $id }) { deletedOtpPatternId } }";
    replica.graphql(Some(admin), delete, json!({ "id": id })).await
}

fn error(answer: &Value) -> (String, String, String) {
    let error = &answer["errors"][0];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&error["extensions"]["code"]), text(&error["extensions"]["field"]), text(&error["message"]))
}

/// Posts a text, and returns the code and the service that were read.
async fn read(world: &World, replica: &Replica, from: &str, text: &str) -> (String, String) {
    let id = format!("{:?}", std::time::Instant::now());
    let mut message = sms(&id, "+14155550100", text);
    message["from"] = json!(from);
    assert_eq!(replica.post_sms(&message).await.status, 200);
    let last = "FROM messages ORDER BY id DESC LIMIT 1";
    let code = world.column(&format!("SELECT otp_code {last}")).await.remove(0);
    (code, world.column(&format!("SELECT otp_service {last}")).await.remove(0))
}

fn is(code: &str, service: &str) -> (String, String) {
    (code.to_owned(), service.to_owned())
}

on_both! {
    async fn patterns_are_added_changed_and_deleted(world: World) {
        let mut world = world;
        let (replica, renter, admin) = populated(&mut world).await;
        let input = json!({ "providerId": "prv_1", "sender": "BANK", "pattern": r"TAN (?<code>\d{4})", "service": " My Bank " });
        let created = try_to_create(&replica, &admin, input).await;
        let mut row = json!({
            "id": "pat_1", "provider": { "name": "sandbox" }, "sender": "BANK", "pattern": r"TAN (?<code>\d{4})",
            "service": "My Bank", "isActive": true,
        });
        assert_eq!(created["data"]["createOtpPattern"]["otpPattern"], row, "{created}");
        create(&replica, &admin, json!({ "sender": "SHOP", "pattern": "(?<code>[0-9]{5})", "isActive": false })).await;

        let input = json!({ "otpPatternId": "pat_1", "pattern": "PIN (?<code>.{4})", "service": "", "isActive": false });
        let updated = try_to_update(&replica, &admin, input).await;
        (row["pattern"], row["service"], row["isActive"]) = (json!("PIN (?<code>.{4})"), Value::Null, json!(false));
        assert_eq!(updated["data"]["updateOtpPattern"]["otpPattern"], row, "{updated}");
        // Omitted members keep their values.
        let updated = try_to_update(&replica, &admin, json!({ "otpPatternId": "pat_1", "isActive": true })).await;
        row["isActive"] = json!(true);
        assert_eq!(updated["data"]["updateOtpPattern"]["otpPattern"], row, "{updated}");
        let listed = replica.data(&admin, &format!("{{ otpPatterns {{ totalCount nodes {{ {ROW} }} }} node(id: \"pat_1\") {{ ... on OtpPattern {{ {ROW} }} }} }}"), json!({})).await;
        assert_eq!((&listed["otpPatterns"]["totalCount"], &listed["otpPatterns"]["nodes"][0], &listed["node"]), (&json!(2), &row, &row));
        assert_eq!(listed["otpPatterns"]["nodes"][1]["provider"], Value::Null);

        assert_eq!(delete(&replica, &admin, "pat_1").await["data"]["deleteOtpPattern"]["deletedOtpPatternId"], "pat_1");
        for gone in [delete(&replica, &admin, "pat_1").await, try_to_update(&replica, &admin, json!({ "otpPatternId": "pat_1", "isActive": true })).await] {
            assert_eq!(error(&gone).0, "NOT_FOUND");
        }
        let log = replica.data(&admin, "{ auditLog(filter: { target: \"pat_1\" }) { nodes { action details actor { email } } } }", json!({})).await;
        let actions: Vec<_> = log["auditLog"]["nodes"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
        assert_eq!(actions, ["OTP_PATTERN_DELETED", "OTP_PATTERN_UPDATED", "OTP_PATTERN_UPDATED", "OTP_PATTERN_CREATED"]);
        assert_eq!(log["auditLog"]["nodes"][1]["details"], json!({ "pattern_changed": false, "service_changed": false, "is_active": true }));
        assert_eq!(log["auditLog"]["nodes"][3]["details"], json!({ "provider_id": 1, "sender": "BANK", "is_active": true }));
        assert_eq!(replica.code(Some(&renter), "{ node(id: \"pat_2\") { id } }", json!({})).await, "FORBIDDEN");
    }

    async fn a_pattern_that_cannot_be_used_is_refused_with_the_reason(world: World) {
        let mut world = world;
        let (replica, _, admin) = populated(&mut world).await;
        let id = create(&replica, &admin, json!({ "sender": "BANK", "pattern": "(?<code>[0-9]{4})" })).await;
        for (pattern, part) in [
            ("", "must be a regular expression"),
            ("[0-9]{4}", "must capture the code by name, as in `code is (?<code>[0-9]{6})`"),
            ("(?<code>[0-9]{4}", "unclosed group"),
            ("(?=x)(?<code>[0-9]{4})", "look-around, including look-ahead and look-behind, is not supported"),
            (r"(?<code>[0-9]{4})\1", "backreferences are not supported"),
            (r"(?<code>\w{400}){9}", "too large when it is compiled"),
            ("(?<code>[0-9]{4})(?<name>x)", "captures `name`; only `code` and `service` are read"),
            (&"x".repeat(501), "at most 500 characters"),
        ] {
            let test = replica.graphql(Some(&admin), "query($pattern: String!) { testOtpPattern(pattern: $pattern, text: \"x\") { code } }", json!({ "pattern": pattern })).await;
            for answer in [
                try_to_create(&replica, &admin, json!({ "sender": "BANK", "pattern": pattern })).await,
                try_to_update(&replica, &admin, json!({ "otpPatternId": id, "pattern": pattern })).await,
                test,
            ] {
                let (code, field, message) = error(&answer);
                assert_eq!((code.as_str(), field.as_str()), ("VALIDATION_ERROR", "pattern"), "{pattern}: {answer}");
                assert!(message.contains(part) && !message.contains('\n'), "{pattern}: {message}");
            }
        }
        let pattern = "(?<code>[0-9]{4})";
        for (input, code, field) in [
            (json!({ "pattern": pattern }), "VALIDATION_ERROR", "sender"),
            (json!({ "sender": "", "pattern": pattern }), "VALIDATION_ERROR", "sender"),
            (json!({ "sender": "x".repeat(321), "pattern": pattern }), "VALIDATION_ERROR", "sender"),
            (json!({ "providerId": "num_1", "pattern": pattern }), "VALIDATION_ERROR", "providerId"),
            (json!({ "providerId": "prv_99", "pattern": pattern }), "NOT_FOUND", "providerId"),
            (json!({ "sender": "BANK", "pattern": pattern, "service": "x".repeat(101) }), "VALIDATION_ERROR", "service"),
            (json!({ "sender": "BANK", "pattern": pattern, "service": "" }), "VALIDATION_ERROR", "service"),
        ] {
            let answer = try_to_create(&replica, &admin, input.clone()).await;
            let refusal = error(&answer);
            assert_eq!((refusal.0.as_str(), refusal.1.as_str()), (code, field), "{input}: {answer}");
        }
        for id in ["prv_1", "01", "pat_x"] {
            assert_eq!(error(&try_to_update(&replica, &admin, json!({ "otpPatternId": id })).await).1, "otpPatternId");
        }
        // All patterns may have to be tried on one message, so their number is limited.
        for _ in 1..200 {
            world.sql("INSERT INTO otp_patterns (sender, pattern) VALUES ('X', '(?<code>x)')").await;
        }
        let full = error(&try_to_create(&replica, &admin, json!({ "sender": "BANK", "pattern": pattern })).await);
        assert_eq!((full.0.as_str(), full.2.as_str()), ("LIMIT_REACHED", "there are 200 code patterns; delete one that is not needed"));
        assert_eq!(world.column("SELECT count(*) FROM otp_patterns").await, ["200"]);
    }

    async fn the_closest_pattern_wins_over_the_reader(world: World) {
        let mut world = world;
        let (replica, renter, admin) = populated(&mut world).await;
        replica.add_provider("sandbox", "other", SECRET).await;
        let text = "GitHub: 1111";
        assert_eq!(read(&world, &replica, "BANK", text).await, is("1111", "GitHub"));
        let add = async |input: Value| create(&replica, &admin, input).await;
        // Patterns of another provider or sender, and inactive ones, have no effect.
        add(json!({ "providerId": "prv_2", "pattern": "Git(?<code>Hub)", "service": "wrong" })).await;
        add(json!({ "sender": "SHOP", "pattern": "Git(?<code>Hub)", "service": "wrong" })).await;
        add(json!({ "sender": "BANK", "pattern": "Git(?<code>Hub)", "service": "wrong", "isActive": false })).await;
        assert_eq!(read(&world, &replica, "BANK", text).await, is("1111", "GitHub"));
        let by_provider = add(json!({ "providerId": "prv_1", "pattern": "(?<code>Git.*)", "service": "by provider" })).await;
        assert_eq!(read(&world, &replica, "BANK", "GitLab").await, is("GitLab", "by provider"));
        add(json!({ "sender": "bank", "pattern": "(?<code>Git.*)", "service": "by sender" })).await;
        assert_eq!(read(&world, &replica, "BANK", "GitLab").await, is("GitLab", "by sender"));
        let both = add(json!({ "providerId": "prv_1", "sender": "Bank", "pattern": "PIN (?<code>[ 0-9-]+)", "service": "by both" })).await;
        add(json!({ "providerId": "prv_1", "sender": "BANK", "pattern": "PIN (?<code>.*)", "service": "too late" })).await;
        assert_eq!(read(&world, &replica, "BANK", "PIN 12 34-56").await, is("123456", "by both"));
        try_to_update(&replica, &admin, json!({ "otpPatternId": both, "pattern": r"(?:(?<service>[a-z]+) )?PIN (?<code>[\d -]+)" })).await;
        assert_eq!(read(&world, &replica, "BANK", "PIN ४८ २९").await, is("4829", "by both"));
        assert_eq!(read(&world, &replica, "BANK", "acme PIN 1234").await, is("1234", "acme"));
        // The match is not a code: the next pattern is tried, and finally the reader.
        assert_eq!(read(&world, &replica, "BANK", "PIN 1").await.0, "NULL");
        assert_eq!(read(&world, &replica, "OTHER", "nothing for a pattern").await.0, "NULL");
        assert_eq!(read(&world, &replica, "OTHER", ": 1111").await, is("1111", "NULL"));
        // A pattern without a service takes the one of the reader.
        for id in [&by_provider, &both] {
            try_to_update(&replica, &admin, json!({ "otpPatternId": id, "service": "", "pattern": "(?<code>[0-9]{3})" })).await;
        }
        assert_eq!(read(&world, &replica, "BANK", "GitHub: 1234").await, is("123", "GitHub"));
        assert_eq!(read(&world, &replica, "BANK", "plain 1234").await, is("123", "NULL"));
        // If the reader panics on the text, only the service is missing.
        assert_eq!(read(&world, &replica, "BANK", "panic: 1234").await, is("123", "NULL"));
        let listed = replica.data(&renter, "{ messages(first: 1) { nodes { messageType otp { code score } } } }", json!({})).await;
        assert_eq!(listed["messages"]["nodes"][0], json!({ "messageType": "OTP", "otp": { "code": "123", "score": 1.0 } }));
    }

    async fn every_replica_uses_a_change_within_seconds(world: World) {
        let mut world = world;
        let (replica, _, admin) = populated(&mut world).await;
        let other = world.replica_over(None).await;
        for replica in [&replica, &other] {
            assert_eq!(read(&world, replica, "BANK", "TAN 1234").await.0, "NULL");
        }
        let id = create(&replica, &admin, json!({ "sender": "BANK", "pattern": "TAN (?<code>[0-9]{4})" })).await;
        // The replica that made the change uses it at once.
        assert_eq!(read(&world, &replica, "BANK", "TAN 1234").await.0, "1234");
        world.advance(5);
        assert_eq!(read(&world, &other, "BANK", "TAN 1234").await.0, "1234");
        try_to_update(&replica, &admin, json!({ "otpPatternId": id, "pattern": "TAN (?<code>[0-9]{3})" })).await;
        assert_eq!(read(&world, &replica, "BANK", "TAN 1234").await.0, "123");
        world.advance(5);
        assert_eq!(read(&world, &other, "BANK", "TAN 1234").await.0, "123");
        try_to_update(&other, &admin, json!({ "otpPatternId": id, "isActive": false })).await;
        assert_eq!(read(&world, &other, "BANK", "TAN 1234").await.0, "NULL");
        world.advance(5);
        assert_eq!(read(&world, &replica, "BANK", "TAN 1234").await.0, "NULL");
        try_to_update(&other, &admin, json!({ "otpPatternId": id, "isActive": true })).await;
        world.advance(5);
        assert_eq!(read(&world, &replica, "BANK", "TAN 1234").await.0, "123");
        delete(&other, &admin, &id).await;
        assert_eq!(read(&world, &other, "BANK", "TAN 1234").await.0, "NULL");
        world.advance(5);
        assert_eq!(read(&world, &replica, "BANK", "TAN 1234").await.0, "NULL");
        // Between two refreshes a message needs no query for the patterns, and none for the blocked senders.
        let mut costs = Vec::new();
        for seconds in [0, 0, 4, 1, 0] {
            world.advance(seconds);
            let before = replica.statements();
            read(&world, &replica, "BANK", "hello").await;
            costs.push(replica.statements() - before);
        }
        // The timelines of messages are written behind them, at most once a second.
        let least = costs.iter().min().unwrap();
        let refreshes: Vec<_> = costs.iter().map(|cost| (cost - least) / 2 * 2).collect();
        assert!(refreshes == [0, 0, 0, 2, 0], "{costs:?}");
    }

    async fn a_pattern_is_deleted_with_its_provider(world: World) {
        let mut world = world;
        let (replica, _, admin) = populated(&mut world).await;
        replica.add_provider("sandbox", "other", SECRET).await;
        create(&replica, &admin, json!({ "providerId": "prv_2", "pattern": "(?<code>[0-9]{4})" })).await;
        create(&replica, &admin, json!({ "providerId": "prv_2", "sender": "BANK", "pattern": "(?<code>[0-9]{4})" })).await;
        create(&replica, &admin, json!({ "providerId": "prv_1", "pattern": "(?<code>[0-9]{4})" })).await;
        world.sql(match world.backend {
            Backend::Embedded => "PRAGMA foreign_keys = ON; DELETE FROM sms_providers WHERE id = 2",
            Backend::Cluster => "DELETE FROM sms_providers WHERE id = 2",
        }).await;
        assert_eq!(world.column("SELECT provider_id FROM otp_patterns").await, ["1"]);
        assert!(world.try_sql("INSERT INTO otp_patterns (pattern) VALUES ('for everybody')").await.is_err());
    }

    async fn patterns_that_would_backtrack_do_not_slow_receiving(world: World) {
        let mut world = world;
        let (replica, renter, admin) = populated(&mut world).await;
        create(&replica, &admin, json!({ "sender": "BANK", "pattern": "(?<code>(a+)+$)" })).await;
        create(&replica, &admin, json!({ "sender": "BANK", "pattern": "(?<code>(?:a|a?)+b)" })).await;
        let text = format!("{}!", "a".repeat(20_000));
        assert_eq!(read(&world, &replica, "BANK", &text).await.0, "NULL");
        assert_eq!(read(&world, &replica, "BANK", "is it aaaa").await.0, "aaaa");
        assert_eq!(replica.texts(&renter).await.len(), 2);
    }

    async fn messages_are_stored_when_patterns_cannot_be_loaded(world: World) {
        let mut world = world;
        let (replica, renter, admin) = populated(&mut world).await;
        create(&replica, &admin, json!({ "sender": "BANK", "pattern": "TAN (?<code>[0-9]{4})" })).await;
        assert_eq!(read(&world, &replica, "BANK", "TAN 1234").await.0, "1234");
        // One was corrupted by hand, and one is from a newer version: the others are still used.
        world.sql("INSERT INTO otp_patterns (sender, pattern) VALUES ('BANK', '(?<code>['), ('BANK', '(?<whose>x)')").await;
        world.advance(5);
        assert_eq!(read(&world, &replica, "BANK", "TAN 2345").await.0, "2345");
        // The patterns cannot be loaded: the known ones are used.
        world.sql("ALTER TABLE otp_patterns RENAME TO gone").await;
        world.advance(5);
        assert_eq!(read(&world, &replica, "BANK", "TAN 3456").await.0, "3456");
        assert_eq!(read(&world, &replica, "BANK", "GitHub: 1111").await, is("1111", "GitHub"));
        // A replica that has just started has none.
        let fresh = world.replica_over(None).await;
        assert_eq!(read(&world, &fresh, "BANK", "TAN 4567").await.0, "NULL");
        world.sql("ALTER TABLE gone RENAME TO otp_patterns").await;
        // It retries at the next refresh, so that a slow store is not queried for each batch.
        assert_eq!(read(&world, &fresh, "BANK", "TAN 4567").await.0, "NULL");
        world.advance(5);
        assert_eq!(read(&world, &fresh, "BANK", "TAN 5678").await.0, "5678");
        assert_eq!(replica.texts(&renter).await.len(), 7);
    }

    async fn a_pattern_can_be_tested_before_it_is_created(world: World) {
        let mut world = world;
        let (replica, _, admin) = populated(&mut world).await;
        let query = "query($pattern: String!, $text: String!) { testOtpPattern(pattern: $pattern, text: $text) { code service score } }";
        for (pattern, text, expected) in [
            (r"(?<service>\w+) PIN (?<code>[\d ]+)", "Acme PIN 48 29", json!({ "code": "4829", "service": "Acme", "score": 1.0 })),
            (r"PIN (?<code>\d+)", "PIN 4829", json!({ "code": "4829", "service": null, "score": 1.0 })),
            (r"PIN (?<code>\d+)", "PIN 48", Value::Null),
            (r"PIN (?<code>\d+)", "GitHub: 4829", Value::Null),
            ("(?<code>(a+)+$)", &format!("{}!", "a".repeat(1_599)), Value::Null),
        ] {
            let data = replica.data(&admin, query, json!({ "pattern": pattern, "text": text })).await;
            assert_eq!(data["testOtpPattern"], expected, "{pattern}");
        }
        let long = json!({ "pattern": "(?<code>a)", "text": "a".repeat(1_601) });
        let answer = replica.graphql(Some(&admin), query, long).await;
        assert_eq!(answer["errors"][0]["message"], "text: must have at most 1600 bytes, which is what is searched");
        assert_eq!(world.column("SELECT count(*) FROM otp_patterns").await, ["0"]);
        assert_eq!(world.column("SELECT count(*) FROM audit_log WHERE action LIKE 'otp%'").await, ["0"]);
    }
}
