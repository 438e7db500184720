//! What administrators see and change over GraphQL, and the audit log of it.

use serde_json::{Value, json};

use crate::support::{Renter, Replica, World, client::sms, on_both};

/// The audit log as lines, newest first.
async fn log(replica: &Replica, admin: &Renter, filter: Value) -> Vec<String> {
    let query = "query($filter: AuditFilter) { auditLog(filter: $filter, first: 100) {
        nodes { action target actor { email } } } }";
    let data = replica.data(admin, query, json!({ "filter": filter })).await;
    let nodes = data["auditLog"]["nodes"].as_array().unwrap().iter();
    nodes
        .map(|node| {
            let actor = node["actor"]["email"].as_str().unwrap_or("-").split('@').next().unwrap();
            format!("{actor} {} {}", node["action"].as_str().unwrap(), node["target"].as_str().unwrap_or("-"))
        })
        .collect()
}

const CREATE: &str = "mutation($input: CreateProviderInput!) { createProvider(input: $input) {
    provider { id name kind isActive priority rateLimitPerMinute webhookPath } } }";
const UPDATE: &str = "mutation($input: UpdateProviderInput!) { updateProvider(input: $input) {
    provider { id name isActive priority rateLimitPerMinute } } }";
const IMPORT: &str = "mutation($input: ImportPhoneNumbersInput!) { importPhoneNumbers(input: $input) {
    addedIds knownCount rejected { index message } } }";
const BLOCK: &str = "mutation($input: SetPhoneNumberStatusInput!) { setPhoneNumberStatus(input: $input) {
    phoneNumber { id status expiresAt } } }";

on_both! {
    async fn providers_are_added_and_changed(world: World) {
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let input = json!({ "kind": "TWILIO", "name": "twilio-eu", "secret": "the secret of twilio", "priority": 7 });
        let data = replica.data(&admin, CREATE, json!({ "input": input })).await;
        assert_eq!(data["createProvider"]["provider"], json!({
            "id": "prv_2", "name": "twilio-eu", "kind": "TWILIO", "isActive": true, "priority": 7,
            "rateLimitPerMinute": 60000, "webhookPath": "/v1/webhooks/sms?provider=twilio-eu",
        }));
        for (change, code) in [
            (json!({}), "ALREADY_EXISTS"),
            (json!({ "name": "x", "secret": " " }), "VALIDATION_ERROR"),
            (json!({ "name": "a/b" }), "VALIDATION_ERROR"),
            (json!({ "name": "x", "priority": 0 }), "VALIDATION_ERROR"),
            (json!({ "name": "x", "rateLimitPerMinute": -1 }), "VALIDATION_ERROR"),
            (json!({ "name": "x", "kind": "PIGEON" }), "GRAPHQL_VALIDATION_FAILED"),
        ] {
            let mut input = input.clone();
            input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            assert_eq!(replica.code(Some(&admin), CREATE, json!({ "input": input })).await, code, "{change}");
        }
        let (_, number) = replica.rent(&renter, "US", 1).await;
        // A deactivated provider receives no webhooks, at once on this replica.
        let input = json!({ "providerId": "prv_1", "isActive": false, "rateLimitPerMinute": 5 });
        let data = replica.data(&admin, UPDATE, json!({ "input": input })).await;
        assert_eq!(data["updateProvider"]["provider"], json!({
            "id": "prv_1", "name": "sandbox", "isActive": false, "priority": 1, "rateLimitPerMinute": 5,
        }));
        assert_eq!(replica.post_sms(&sms("1", &number, "one")).await.error(404), "UNKNOWN_PROVIDER");
        let rent = r#"mutation { assignPhoneNumber(input: { countryCode: "DE" }) { phoneNumber { id } } }"#;
        assert_eq!(replica.code(Some(&renter), rent, json!({})).await, "NO_NUMBER_AVAILABLE");
        let rent = r#"mutation { assignPhoneNumber(input: { phoneNumberId: "num_3" }) { phoneNumber { id } } }"#;
        assert_eq!(replica.code(Some(&renter), rent, json!({})).await, "NUMBER_UNAVAILABLE");
        let free = replica.data(&renter, "{ phoneNumbers { totalCount } countries { availableCount } }", json!({})).await;
        assert_eq!(free, json!({ "phoneNumbers": { "totalCount": 1 }, "countries": [] }));
        // After a change of the secret, signatures with the old one are refused.
        let input = json!({ "providerId": "prv_1", "isActive": true, "secret": "another secret of the sandbox", "endPreviousSecret": true });
        replica.data(&admin, UPDATE, json!({ "input": input })).await;
        assert_eq!(replica.post_sms(&sms("1", &number, "one")).await.error(403), "INVALID_SIGNATURE");
        let input = json!({ "providerId": "prv_1", "secret": crate::support::SECRET });
        replica.data(&admin, UPDATE, json!({ "input": input })).await;
        assert_eq!(replica.post_sms(&sms("1", &number, "one")).await.status, 200);
        for (input, code) in [
            (json!({ "providerId": "prv_9" }), "NOT_FOUND"),
            (json!({ "providerId": "num_1" }), "VALIDATION_ERROR"),
            (json!({ "providerId": "prv_1", "secret": "" }), "VALIDATION_ERROR"),
        ] {
            assert_eq!(replica.code(Some(&admin), UPDATE, json!({ "input": input })).await, code);
        }
        let page = "query($after: String) { providers(first: 1, after: $after) { totalCount pageInfo { endCursor hasNextPage } nodes { name } } }";
        let first = replica.data(&admin, page, json!({})).await["providers"].clone();
        assert_eq!((&first["totalCount"], &first["nodes"]), (&json!(2), &json!([{ "name": "sandbox" }])));
        assert_eq!(first["pageInfo"]["hasNextPage"], true);
        let second = replica.data(&admin, page, json!({ "after": first["pageInfo"]["endCursor"] })).await;
        assert_eq!(second["providers"]["nodes"], json!([{ "name": "twilio-eu" }]));
        assert_eq!(second["providers"]["pageInfo"]["hasNextPage"], false);
        // The audit log has all of it, and no secret.
        assert_eq!(log(&replica, &admin, json!({ "target": "prv_1" })).await, [
            "admin PROVIDER_UPDATED prv_1", "admin PROVIDER_UPDATED prv_1", "admin PROVIDER_UPDATED prv_1",
            "- NUMBERS_IMPORTED prv_1", "- PROVIDER_CREATED prv_1",
        ]);
        assert_eq!(log(&replica, &admin, json!({ "action": "PROVIDER_CREATED", "actorId": format!("usr_{}", admin.user.id) })).await, [
            "admin PROVIDER_CREATED prv_2",
        ]);
        let details = world.column("SELECT CAST(details AS TEXT) FROM audit_log").await.join("\n");
        assert!(!details.contains("another") && !details.contains("secret of"), "{details}");
    }

    async fn an_import_has_an_outcome_for_each_number(world: World) {
        let (replica, _) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let number = |number: &str| json!({ "phoneNumber": number });
        let numbers = json!([
            number("+442079460958"), number("+14155550100"), number("x"), number("12345"),
            { "phoneNumber": "12345", "countryCode": "US" }, number("+442079460958"), { "phoneNumber": "+442079460959", "countryCode": "1" },
        ]);
        let input = json!({ "providerId": "prv_1", "numbers": numbers });
        let data = replica.data(&admin, IMPORT, json!({ "input": input })).await;
        let payload = &data["importPhoneNumbers"];
        assert_eq!((payload["addedIds"].as_array().unwrap().len(), &payload["knownCount"]), (2, &json!(2)), "{payload}");
        let rejected = payload["rejected"].as_array().unwrap();
        assert_eq!(rejected.iter().map(|it| it["index"].as_i64().unwrap()).collect::<Vec<_>>(), [2, 3, 6]);
        assert!(rejected[1]["message"].as_str().unwrap().starts_with("countryCode: "), "{payload}");
        let again = replica.data(&admin, IMPORT, json!({ "input": input })).await;
        assert_eq!((&again["importPhoneNumbers"]["addedIds"], &again["importPhoneNumbers"]["knownCount"]), (&json!([]), &json!(4)));
        for (input, code) in [
            (json!({ "providerId": "prv_1", "numbers": [] }), "VALIDATION_ERROR"),
            (json!({ "providerId": "prv_1", "numbers": vec![number("+442079460958"); 1001] }), "VALIDATION_ERROR"),
            (json!({ "providerId": "prv_9", "numbers": [number("+442079460958")] }), "NOT_FOUND"),
        ] {
            assert_eq!(replica.code(Some(&admin), IMPORT, json!({ "input": input })).await, code);
        }
    }

    async fn a_blocked_number_has_no_renter(world: World) {
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let (id, number) = replica.rent(&renter, "DE", 2).await;
        let set = async |status: &str| {
            let input = json!({ "phoneNumberId": id, "status": status });
            let data = replica.data(&admin, BLOCK, json!({ "input": input })).await;
            data["setPhoneNumberStatus"]["phoneNumber"]["status"].as_str().unwrap().to_owned()
        };
        assert_eq!(set("BLOCKED").await, "BLOCKED");
        assert_eq!(set("BLOCKED").await, "BLOCKED");
        replica.post_sms(&sms("1", &number, "late")).await;
        assert!(replica.texts(&renter).await.is_empty());
        assert_eq!(world.column("SELECT end_reason FROM number_assignments").await, ["blocked"]);
        let mine = replica.data(&renter, "{ phoneNumbers(filter: { mine: true }) { totalCount } }", json!({})).await;
        assert_eq!(mine["phoneNumbers"]["totalCount"], 0);
        // Its rental has just ended, so it cools down first.
        assert_eq!(set("AVAILABLE").await, "EXPIRED");
        assert_eq!(set("AVAILABLE").await, "EXPIRED");
        world.advance(600);
        assert_eq!(set("AVAILABLE").await, "AVAILABLE");
        assert_eq!(set("BLOCKED").await, "BLOCKED");
        assert_eq!(set("AVAILABLE").await, "AVAILABLE");
        replica.rent(&renter, "DE", 1).await;
        // A rental that had expired before keeps its reason for ending.
        world.advance(3600 + 60);
        let admin = replica.log_in("admin@example.com").await;
        let input = json!({ "phoneNumberId": id, "status": "BLOCKED" });
        replica.data(&admin, BLOCK, json!({ "input": input })).await;
        assert_eq!(world.column("SELECT end_reason FROM number_assignments ORDER BY id").await, ["blocked", "expired"]);
        let code = replica.code(Some(&admin), BLOCK, json!({ "input": { "phoneNumberId": "num_99", "status": "BLOCKED" } })).await;
        assert_eq!(code, "NOT_FOUND");
    }

    async fn users_are_found_and_changed(world: World) {
        let (replica, _) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        for name in ["a_b", "a%b", "axb"] {
            replica.renter(&format!("{name}@example.com")).await;
        }
        let find = async |filter: Value| {
            let query = "query($filter: UserFilter) { users(filter: $filter, first: 100) { totalCount nodes { email } } }";
            let users = replica.data(&admin, query, json!({ "filter": filter })).await["users"].clone();
            let emails: Vec<String> = users["nodes"].as_array().unwrap().iter()
                .map(|user| user["email"].as_str().unwrap().split('@').next().unwrap().to_owned()).collect();
            assert_eq!(users["totalCount"], emails.len());
            emails
        };
        assert_eq!(find(json!({})).await, ["renter", "admin", "a_b", "a%b", "axb"]);
        assert_eq!(find(json!({ "emailContains": "A_B" })).await, ["a_b"]);
        assert_eq!(find(json!({ "emailContains": "a%b" })).await, ["a%b"]);
        assert_eq!(find(json!({ "role": "ADMIN" })).await, ["admin"]);
        let update = "mutation($input: UpdateUserInput!) { updateUser(input: $input) { user { plan isActive } } }";
        let input = json!({ "userId": "usr_3", "plan": "PREMIUM", "isActive": false });
        replica.data(&admin, update, json!({ "input": input })).await;
        assert_eq!(find(json!({ "plan": "PREMIUM" })).await, ["a_b"]);
        assert_eq!(find(json!({ "isActive": false })).await, ["a_b"]);
        assert_eq!(log(&replica, &admin, json!({ "target": "usr_3" })).await, ["admin USER_UPDATED usr_3", "- USER_CREATED usr_3"]);
        let long = json!({ "filter": { "emailContains": "x".repeat(300) } });
        assert_eq!(replica.code(Some(&admin), "query($filter: UserFilter) { users(filter: $filter) { totalCount } }", long).await, "VALIDATION_ERROR");
    }

    async fn delivery_reports_show_what_became_of_each_webhook(world: World) {
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        replica.post_sms(&sms("one", &number, "text")).await;
        world.advance(60);
        replica.post_sms(&sms("one", &number, "text")).await;
        replica.post_sms(&sms("two", "+4915123456789", "text")).await;
        replica.post_sms(&sms("three", "+442079460000", "text")).await;
        let find = async |filter: Value| {
            let query = "query($filter: DeliveryReportFilter) { deliveryReports(filter: $filter) {
                totalCount nodes { status providerMessageId messageId retryCount errorMessage provider { name } } } }";
            let reports = replica.data(&admin, query, json!({ "filter": filter })).await["deliveryReports"].clone();
            let nodes = reports["nodes"].as_array().unwrap().iter();
            nodes.map(|node| format!("{} {}", node["providerMessageId"].as_str().unwrap(), node["status"].as_str().unwrap())).collect::<Vec<_>>()
        };
        assert_eq!(find(json!({})).await, ["three UNROUTABLE", "two QUARANTINED", "one DUPLICATE", "one RECEIVED"]);
        assert_eq!(find(json!({ "phoneNumber": number })).await, ["one DUPLICATE", "one RECEIVED"]);
        assert_eq!(find(json!({ "messageId": "msg_1" })).await, ["one RECEIVED"]);
        assert_eq!(find(json!({ "providerMessageId": "two", "providerId": "prv_1" })).await, ["two QUARANTINED"]);
        assert_eq!(find(json!({ "status": "UNROUTABLE" })).await, ["three UNROUTABLE"]);
        assert_eq!(find(json!({ "since": "2026-03-01T12:01:00Z" })).await.len(), 3);
        assert_eq!(find(json!({ "until": "2026-03-01T13:01:00+01:00" })).await, ["one RECEIVED"]);
        let wrong = json!({ "filter": { "phoneNumber": "x" } });
        let query = "query($filter: DeliveryReportFilter) { deliveryReports(filter: $filter) { totalCount } }";
        assert_eq!(replica.code(Some(&admin), query, wrong).await, "VALIDATION_ERROR");

        let stats = "{ stats { users { total active premium } phoneNumbers { available assigned expired blocked }
            webhooks { received duplicate unroutable quarantined failed } messageCount openConnectionCount } }";
        let stats = replica.data(&admin, stats, json!({})).await["stats"].clone();
        assert_eq!(stats, json!({
            "users": { "total": 2, "active": 2, "premium": 0 },
            "phoneNumbers": { "available": 2, "assigned": 1, "expired": 0, "blocked": 0 },
            "webhooks": { "received": 1, "duplicate": 1, "unroutable": 1, "quarantined": 1, "failed": 0 },
            "messageCount": 2, "openConnectionCount": 0,
        }));
    }

    async fn the_audit_log_has_the_events_of_an_account(world: World) {
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let create = r#"mutation { createApiKey(input: { name: "x", scopes: [READ_MESSAGES] }) { apiKey { id } } }"#;
        replica.data(&renter, create, json!({})).await;
        replica.data(&renter, r#"mutation { revokeApiKey(input: { apiKeyId: "key_1" }) { message } }"#, json!({})).await;
        let change = r#"mutation { changePassword(input: { currentPassword: "correct horse battery", newPassword: "another horse" }) { expiresIn } }"#;
        replica.data(&renter, change, json!({})).await;
        let simulate = r#"mutation { simulateInboundSms(input: { to: "+14155550100", from: "X", text: "code" }) { outcome } }"#;
        replica.data(&admin, simulate, json!({})).await;
        assert_eq!(log(&replica, &admin, json!({})).await[..4], [
            "admin SMS_SIMULATED num_1", "renter PASSWORD_CHANGED usr_1", "renter API_KEY_REVOKED key_1", "renter API_KEY_CREATED key_1",
        ]);
        // Entries are deleted after a year.
        world.advance(366 * 86_400);
        replica.app.purge().await.unwrap();
        assert!(world.column("SELECT id FROM audit_log").await.is_empty());
    }

    async fn messages_are_marked_as_read_together_and_deleted(world: World) {
        let (replica, renter) = world.populated().await;
        let other = replica.renter("other@example.com").await;
        let (us, first) = replica.rent(&renter, "US", 1).await;
        let (_, second) = replica.rent(&renter, "DE", 1).await;
        for (id, number) in [("1", &first), ("2", &second), ("3", &first)] {
            replica.post_sms(&sms(id, number, id)).await;
        }
        let read = "mutation($input: MarkAllMessagesReadInput!) { markAllMessagesRead(input: $input) { markedCount } }";
        let mark = async |who: &Renter, input: Value| {
            replica.data(who, read, json!({ "input": input })).await["markAllMessagesRead"]["markedCount"].clone()
        };
        let list = "{ messages { latestCursor nodes { id } } }";
        let latest = replica.data(&renter, list, json!({})).await["messages"]["latestCursor"].clone();
        replica.post_sms(&sms("4", &first, "4")).await;
        assert_eq!(mark(&other, json!({})).await, 0);
        assert_eq!(mark(&renter, json!({ "phoneNumberId": us, "upTo": latest })).await, 2);
        assert_eq!(mark(&renter, json!({})).await, 2);
        assert_eq!(mark(&renter, json!({})).await, 0);
        assert_eq!(replica.code(Some(&other), read, json!({ "input": { "upTo": latest } })).await, "VALIDATION_ERROR");

        let delete = "mutation($id: ID!) { deleteMessage(input: { messageId: $id }) { deletedMessageId } }";
        assert_eq!(replica.code(Some(&other), delete, json!({ "id": "msg_2" })).await, "NOT_FOUND");
        let deleted = replica.data(&renter, delete, json!({ "id": "msg_2" })).await;
        assert_eq!(deleted["deleteMessage"]["deletedMessageId"], "msg_2");
        assert_eq!(replica.code(Some(&renter), delete, json!({ "id": "msg_2" })).await, "NOT_FOUND");
        assert_eq!(replica.texts(&renter).await, ["1", "3", "4"]);
        let quoted = "SELECT count(*) FROM delivery_reports WHERE message_id = 2 AND webhook_payload IS NOT NULL";
        assert_eq!(world.column(quoted).await, ["0"]);
        // A watcher from before the deleted message misses no other.
        let cursor = otpwire::domain::InboxCursor { inbox: renter.user.id, seq: 0 }.encode();
        let mut socket = crate::support::socket::Socket::ready(replica.listen().await, &renter).await;
        socket.watch(Some(&cursor)).await;
        for text in ["1", "3", "4"] {
            assert_eq!(socket.next_message().await.0, text);
        }
    }

    async fn a_repeated_request_with_an_idempotency_key_rents_once(world: World) {
        let (replica, renter) = world.populated().await;
        let other = replica.renter("other@example.com").await;
        let query = "mutation($input: AssignPhoneNumberInput!) { assignPhoneNumber(input: $input) { phoneNumber { id expiresAt } } }";
        let input = json!({ "input": { "countryCode": "US", "durationHours": 2, "idempotencyKey": "once" } });
        // Concurrently, too.
        let (one, two) = tokio::join!(
            replica.graphql(Some(&renter), query, input.clone()),
            replica.graphql(Some(&renter), query, input.clone()),
        );
        assert!(one["data"]["assignPhoneNumber"]["phoneNumber"]["id"].is_string(), "{one}");
        assert_eq!(one, two);
        assert_eq!(world.column("SELECT count(*) FROM number_assignments").await, ["1"]);
        // Another user may use the same key.
        assert_ne!(replica.data(&other, query, input.clone()).await, one["data"]);
        let reused = json!({ "input": { "countryCode": "US", "durationHours": 3, "idempotencyKey": "once" } });
        assert_eq!(replica.code(Some(&renter), query, reused).await, "IDEMPOTENCY_KEY_REUSED");
        let number = one["data"]["assignPhoneNumber"]["phoneNumber"]["id"].clone();
        let extend = "mutation($input: ExtendPhoneNumberInput!) { extendPhoneNumber(input: $input) { phoneNumber { expiresAt } } }";
        let longer = json!({ "input": { "phoneNumberId": number, "durationHours": 1, "idempotencyKey": "longer" } });
        for _ in 0..2 {
            let data = replica.data(&renter, extend, longer.clone()).await;
            assert_eq!(data["extendPhoneNumber"]["phoneNumber"]["expiresAt"], "2026-03-01T15:00:00Z");
        }
        let release = "mutation($id: ID!) { releasePhoneNumber(input: { phoneNumberId: $id }) { phoneNumber { id } } }";
        replica.data(&renter, release, json!({ "id": number })).await;
        assert_eq!(replica.code(Some(&renter), query, input).await, "IDEMPOTENCY_KEY_REUSED");
        for key in ["", "with space", &"x".repeat(256), "ü"] {
            let input = json!({ "input": { "countryCode": "US", "idempotencyKey": key } });
            assert_eq!(replica.code(Some(&renter), query, input).await, "VALIDATION_ERROR", "{key}");
        }
        // REST has it as a header.
        let request = |key: &str| {
            axum::http::Request::post("/v1/numbers")
                .header("authorization", format!("Bearer {}", renter.token))
                .header("content-type", "application/json")
                .header("idempotency-key", key)
                .body(axum::body::Body::from(r#"{"phone_number_id":3}"#))
                .unwrap()
        };
        for _ in 0..2 {
            let answer = replica.send(request("rest")).await;
            assert_eq!((answer.status.as_u16(), &answer.json()["id"]), (201, &json!(3)));
        }
        assert_eq!(replica.send(request("a b")).await.error(422), "VALIDATION_ERROR");
        world.advance(3 * 86_400);
        replica.app.purge().await.unwrap();
        assert!(world.column("SELECT id FROM idempotency_keys").await.is_empty());
    }
}
