//! Against misuse: blocked senders, limits of rentals a day, and an audit log of what administrators do.

use axum::http::Request;
use otpwire::domain::{NewBlockedSender, NewInvitation, Operator, Role};
use serde_json::{Value, json};

use crate::support::{
    Backend, PASSWORD, Renter, Replica, World,
    client::{Answer, at, sms},
    free_port,
    gateways::Gateway,
    on_both,
    program::{Installation, client, post as post_to_sandbox},
};

const BLOCK: &str =
    "mutation($input: BlockSenderInput!) { blockSender(input: $input) { blockedSender { id sender note } } }";
const UNBLOCK: &str = "mutation($id: ID!) { unblockSender(input: { blockedSenderId: $id }) { unblockedSenderId } }";

async fn block(replica: &Replica, admin: &Renter, sender: &str) {
    replica.data(admin, BLOCK, json!({ "input": { "sender": sender } })).await;
}

async fn post(replica: &Replica, id: &str, from: &str) {
    let mut message = sms(id, "+14155550100", &format!("{id} of {from}"));
    message["from"] = json!(from);
    // The provider is told that it was taken: sending it again would change nothing.
    assert_eq!(replica.post_sms(&message).await.status, 200);
}

async fn reports(replica: &Replica, admin: &Renter) -> Value {
    let query = "{ deliveryReports(filter: { status: BLOCKED }) { nodes { status reason errorMessage messageId retryCount providerMessageId payload } } }";
    replica.data(admin, query, json!({})).await["deliveryReports"]["nodes"].clone()
}

/// Rents a number of a country from an address.
async fn rent_from(replica: &Replica, peer: &str, renter: &Renter, id: i64) -> Answer {
    let request = Request::post("/v1/numbers")
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {}", renter.token))
        .body(json!({ "phone_number_id": id }).to_string().into());
    replica.send(at(peer, request.unwrap())).await
}

async fn rent_and_release(replica: &Replica, renter: &Renter) -> Answer {
    let answer = replica.rest(Some(&renter.token), "POST /v1/numbers", Some(json!({ "phone_number_id": 1 }))).await;
    if answer.status == 201 {
        replica.rest_ok(Some(&renter.token), "DELETE /v1/numbers/1", None).await;
    }
    answer
}

on_both! {
    async fn messages_of_blocked_senders_are_refused_and_reported(world: World) {
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        replica.rest_ok(Some(&renter.token), "POST /v1/numbers", Some(json!({ "phone_number_id": 1 }))).await;
        post(&replica, "1", "BANK").await;
        let blocked = replica.data(&admin, BLOCK, json!({ "input": { "sender": " Bank ", "note": " junk " } })).await;
        assert_eq!(blocked["blockSender"]["blockedSender"], json!({ "id": "blk_1", "sender": "Bank", "note": "junk" }));
        block(&replica, &admin, "+4490*").await;
        for (id, from) in [("2", "BANK"), ("3", "bank"), ("4", "+449012345"), ("5", "BANKS"), ("6", "+448001234")] {
            post(&replica, id, from).await;
        }
        // A retry of what was refused is a duplicate.
        post(&replica, "2", "BANK").await;
        assert_eq!(replica.texts(&renter).await, ["1 of BANK", "5 of BANKS", "6 of +448001234"]);
        assert_eq!(world.column("SELECT count(*) FROM messages").await, ["3"]);
        let nodes = reports(&replica, &admin).await;
        let ids: Vec<_> = nodes.as_array().unwrap().iter().map(|node| node["providerMessageId"].as_str().unwrap()).collect();
        assert_eq!(ids, ["4", "3", "2"], "{nodes}");
        assert_eq!(nodes[0]["reason"], "SENDER_BLOCKED");
        assert_eq!(nodes[0]["errorMessage"], "an administrator has blocked the sender");
        assert_eq!(nodes[0]["messageId"], Value::Null);
        // What it said stays hidden: it was to somebody's number.
        assert!(!nodes.to_string().contains("of +449012345"), "{nodes}");
        // A number that nobody rents, or that is not ours, changes nothing about that.
        let mut nowhere = sms("7", "+4915123456789", "x");
        nowhere["from"] = json!("BANK");
        replica.post_sms(&nowhere).await;
        assert_eq!(world.column("SELECT count(*) FROM messages").await, ["3"]);
        replica.data(&admin, UNBLOCK, json!({ "id": "blk_1" })).await;
        post(&replica, "8", "BANK").await;
        assert_eq!(replica.texts(&renter).await.last().unwrap(), "8 of BANK");
        let log = "SELECT action FROM audit_log WHERE action LIKE 'sender%' ORDER BY id";
        assert_eq!(world.column(log).await, ["sender_blocked", "sender_blocked", "sender_unblocked"]);
    }

    async fn every_replica_refuses_within_seconds(world: World) {
        let (replica, renter) = world.populated().await;
        if world.backend == Backend::Embedded {
            return;
        }
        let other = world.replica().await;
        let admin = replica.admin("admin@example.com").await;
        replica.rest_ok(Some(&renter.token), "POST /v1/numbers", Some(json!({ "phone_number_id": 1 }))).await;
        post(&other, "1", "BANK").await;
        block(&replica, &admin, "BANK").await;
        world.advance(5);
        post(&other, "2", "BANK").await;
        assert_eq!(replica.texts(&renter).await, ["1 of BANK"]);
    }

    async fn the_parts_of_a_blocked_sender_are_refused_too(world: World) {
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        Gateway::of("kannel").join(&replica).await;
        let number = replica.add_numbers("kannel", &["+15005550006"]).await[0];
        replica.rest_ok(Some(&renter.token), "POST /v1/numbers", Some(json!({ "phone_number_id": number.0 }))).await;
        let secret = Gateway::of("kannel").secret;
        let part = async |part: &str, header: &str| {
            let header: String = header.as_bytes().chunks(2).map(|hex| format!("%{}", str::from_utf8(hex).unwrap())).collect();
            let path = format!("/v1/webhooks/sms?provider=kannel&token={secret}&from=14155550123&to=15005550006&id={part}&text={part}&udh=%05%00%03{header}");
            assert_eq!(replica.get(&path).await.status, 200);
        };
        // One part waits for the other when its sender is blocked: it is not released either.
        part("a", "090201").await;
        block(&replica, &admin, "1415555*").await;
        part("b", "090202").await;
        world.advance(61);
        replica.app.release_parts().await.unwrap();
        assert!(replica.texts(&renter).await.is_empty());
        assert_eq!(world.column("SELECT status FROM delivery_reports ORDER BY id").await, ["blocked", "blocked"]);
    }

    async fn wrong_patterns_are_refused(world: World) {
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        for (body, field) in [
            (json!({ "sender": "" }), "sender"),
            (json!({ "sender": "*" }), "sender"),
            (json!({ "sender": "+1*" }), "sender"),
            (json!({ "sender": "A*B" }), "sender"),
            (json!({ "sender": "x".repeat(321) }), "sender"),
            (json!({ "sender": "BANK", "note": "x".repeat(201) }), "note"),
            (json!({ "sender": "BANK", "note": "a\u{202e}b" }), "note"),
        ] {
            let refused = replica.rest(Some(&admin.token), "POST /v1/blocked-senders", Some(body.clone())).await;
            assert_eq!((refused.error(422).as_str(), &refused.json()["details"]["field"]), ("VALIDATION_ERROR", &json!(field)), "{body}");
        }
        let made = replica.rest_ok(Some(&admin.token), "POST /v1/blocked-senders", Some(json!({ "sender": "BANK" }))).await;
        assert_eq!(made, json!({ "id": 1, "sender": "BANK", "created_by": admin.user.id, "created_at": "2026-03-01T12:00:00Z" }));
        let again = replica.rest(Some(&admin.token), "POST /v1/blocked-senders", Some(json!({ "sender": "bank" }))).await;
        assert_eq!(again.error(409), "ALREADY_EXISTS");
        assert_eq!(replica.code(Some(&admin), BLOCK, json!({ "input": { "sender": "BANK" } })).await, "ALREADY_EXISTS");
        assert_eq!(replica.code(Some(&renter), BLOCK, json!({ "input": { "sender": "X" } })).await, "FORBIDDEN");
        assert_eq!(replica.code(Some(&admin), UNBLOCK, json!({ "id": "blk_9" })).await, "NOT_FOUND");
        let listed = replica.rest_ok(Some(&admin.token), "GET /v1/blocked-senders", None).await;
        assert_eq!(listed, json!({ "blocked_senders": [made] }));
        let listed = replica.data(&admin, "{ blockedSenders { totalCount nodes { sender createdBy { email } } } }", json!({})).await;
        assert_eq!(listed["blockedSenders"], json!({ "totalCount": 1, "nodes": [{ "sender": "BANK", "createdBy": { "email": "admin@example.com" } }] }));
        // There is room for so many and no more.
        world.sql("DELETE FROM blocked_senders").await;
        let fill = format!(
            "INSERT INTO blocked_senders (pattern, created_at)
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) SELECT 'S' || i, {} FROM n",
            NewBlockedSender::MAX,
            if world.backend == Backend::Cluster { "now()" } else { "'2026-03-01T12:00:00+00:00'" },
        );
        world.sql(&fill).await;
        assert_eq!(replica.code(Some(&admin), BLOCK, json!({ "input": { "sender": "X" } })).await, "LIMIT_REACHED");
    }

    async fn a_user_rents_so_often_a_day(world: World) {
        let mut world = world;
        world.settings.rental_limits.user = 3;
        let (replica, renter) = world.populated().await;
        // The first of the three begins an hour before the others.
        assert_eq!(rent_and_release(&replica, &renter).await.status, 201);
        world.advance(3600);
        let renter = replica.log_in("renter@example.com").await;
        assert_eq!(rent_and_release(&replica, &renter).await.status, 201);
        world.advance(60);
        assert_eq!(rent_and_release(&replica, &renter).await.status, 201);
        let refused = rent_and_release(&replica, &renter).await;
        assert_eq!(refused.error(429), "RATE_LIMITED");
        let details = refused.json()["details"].clone();
        assert_eq!((&details["limit"], &details["available_at"]), (&json!(3), &json!("2026-03-02T12:00:00Z")), "{details}");
        assert_eq!(refused.header("retry-after"), details["retry_after"].to_string());
        // A lease would have to rent one, and does not wait for tomorrow.
        for body in [json!({ "country_code": "US" }), json!({ "country_code": "US", "wait_seconds": 50 })] {
            let refused = replica.rest(Some(&renter.token), "POST /v1/leases", Some(body)).await;
            assert_eq!(refused.error(429), "RATE_LIMITED");
        }
        // Others, and administrators, go on.
        let other = replica.renter("other@example.com").await;
        assert_eq!(rent_and_release(&replica, &other).await.status, 409, "it cools down");
        world.advance(600);
        assert_eq!(rent_and_release(&replica, &other).await.status, 201);
        let admin = replica.admin("admin@example.com").await;
        world.advance(600);
        for _ in 0..5 {
            assert_eq!(rent_and_release(&replica, &admin).await.status, 201);
        }
        // After a second more than it says, one more may begin, and only one.
        let left = details["retry_after"].as_u64().unwrap();
        world.advance(left - 1200);
        let renter = replica.log_in("renter@example.com").await;
        assert_eq!(rent_and_release(&replica, &renter).await.status, 201);
        assert_eq!(rent_and_release(&replica, &renter).await.error(429), "RATE_LIMITED");
    }

    async fn grants_and_repetitions_are_no_rentals_of_the_day(world: World) {
        let mut world = world;
        world.settings.rental_limits.user = 1;
        world.settings.rental_limits.network = 1;
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        replica.rest_ok(Some(&renter.token), "POST /v1/pools", Some(json!({ "name": "ci" }))).await;
        let grant = r#"mutation { grantPhoneNumber(input: { phoneNumberId: "num_3", poolId: "pol_1" }) { __typename } }"#;
        replica.data(&admin, grant, json!({})).await;
        let rent = r#"mutation { assignPhoneNumber(input: { countryCode: "US", durationHours: 1, idempotencyKey: "k" }) { phoneNumber { id } } }"#;
        let first = replica.data(&renter, rent, json!({})).await;
        assert_eq!(replica.data(&renter, rent, json!({})).await, first);
        let another = rent.replace("\"k\"", "\"l\"");
        assert_eq!(replica.code(Some(&renter), &another, json!({})).await, "RATE_LIMITED");
    }

    async fn a_network_rents_so_often_a_day(world: World) {
        let mut world = world;
        world.settings.rental_limits.network = 2;
        let (replica, one) = world.populated().await;
        let other_replica = if world.backend == Backend::Cluster { Some(world.replica().await) } else { None };
        let second = other_replica.as_ref().unwrap_or(&replica);
        let other = replica.renter("other@example.com").await;
        // What fails is not counted.
        for _ in 0..3 {
            assert_eq!(rent_from(&replica, "203.0.113.7", &one, 99).await.error(404), "NOT_FOUND");
        }
        assert_eq!(rent_from(&replica, "203.0.113.7", &one, 1).await.status, 201);
        world.advance(60);
        assert_eq!(rent_from(second, "203.0.113.7", &other, 2).await.status, 201);
        let refused = rent_from(&replica, "203.0.113.7", &other, 3).await;
        assert_eq!(refused.error(429), "RATE_LIMITED");
        let details = refused.json()["details"].clone();
        assert_eq!((&details["limit"], &details["available_at"]), (&json!(2), &json!("2026-03-02T12:00:00Z")), "{details}");
        assert_eq!(rent_from(&replica, "203.0.113.8", &other, 3).await.status, 201);
    }

    async fn what_administrators_do_is_in_the_audit_log(world: World) {
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        replica.rest_ok(Some(&renter.token), "POST /v1/numbers", Some(json!({ "phone_number_id": 1 }))).await;
        replica.rest_ok(Some(&renter.token), "POST /v1/pools", Some(json!({ "name": "ci" }))).await;
        let count = async || world.column("SELECT count(*) FROM audit_log").await.remove(0).parse::<i64>().unwrap();
        for (deed, action) in [
            (r#"releasePhoneNumber(input: { phoneNumberId: "num_1" })"#, "number_released"),
            (r#"updateUser(input: { userId: "usr_1", plan: PREMIUM })"#, "user_updated"),
            (r#"createProvider(input: { kind: SANDBOX, name: "more", secret: "n3Vx81-kQ02mzTfp" })"#, "provider_created"),
            (r#"updateProvider(input: { providerId: "prv_1", priority: 1 })"#, "provider_updated"),
            (r#"importPhoneNumbers(input: { providerId: "prv_1", numbers: [{ phoneNumber: "+14155550109" }] })"#, "numbers_imported"),
            (r#"setPhoneNumberStatus(input: { phoneNumberId: "num_2", status: BLOCKED })"#, "number_status_set"),
            (r#"grantPhoneNumber(input: { phoneNumberId: "num_3", poolId: "pol_1" })"#, "number_granted"),
            (r#"endPhoneNumberGrant(input: { phoneNumberId: "num_3" })"#, "number_grant_ended"),
            (r#"simulateInboundSms(input: { to: "+14155550100", from: "X", text: "x" })"#, "sms_simulated"),
            (r#"createOtpPattern(input: { sender: "X", pattern: "(?<code>x)" })"#, "otp_pattern_created"),
            (r#"updateOtpPattern(input: { otpPatternId: "pat_1", isActive: false })"#, "otp_pattern_updated"),
            (r#"deleteOtpPattern(input: { otpPatternId: "pat_1" })"#, "otp_pattern_deleted"),
            (r#"createInvitation(input: {})"#, "invitation_created"),
            (r#"revokeInvitation(input: { invitationId: "inv_1" })"#, "invitation_revoked"),
            (r#"blockSender(input: { sender: "X" })"#, "sender_blocked"),
            (r#"unblockSender(input: { blockedSenderId: "blk_1" })"#, "sender_unblocked"),
        ] {
            let before = count().await;
            replica.data(&admin, &format!("mutation {{ {deed} {{ __typename }} }}"), json!({})).await;
            assert_eq!(count().await, before + 1, "{deed}");
            let last = world.column("SELECT action || ' ' || actor_id FROM audit_log ORDER BY id DESC LIMIT 1").await;
            assert_eq!(last, [format!("{action} {}", admin.user.id)], "{deed}");
        }
        // The operator, who has no account, acts as nobody.
        let operator = async |action: &str| {
            let query = format!("SELECT count(*) FROM audit_log WHERE actor_id IS NULL AND action = '{action}'");
            world.column(&query).await.remove(0)
        };
        let before = operator("user_created").await.parse::<i32>().unwrap();
        let registration = otpwire::app::accounts::Registration {
            email: "made@example.com".into(), password: PASSWORD.into(), first_name: None, last_name: None,
        };
        replica.app.create_user(registration, Role::User).await.unwrap();
        assert_eq!(operator("user_created").await, (before + 1).to_string());
        replica.app.reseal_secrets(&Operator).await.unwrap();
        assert_eq!(operator("secrets_resealed").await, "2");
        let new = NewInvitation::new(None, None, None, false).unwrap();
        let invited = replica.app.create_invitation(&Operator, &new).await.unwrap();
        replica.app.revoke_invitation(&Operator, invited.invitation.id).await.unwrap();
        let blocked = replica.app.block_sender(&Operator, &NewBlockedSender::new("X", None).unwrap()).await.unwrap();
        replica.app.unblock_sender(&Operator, blocked.id).await.unwrap();
        for action in ["invitation_created", "invitation_revoked", "sender_blocked", "sender_unblocked"] {
            assert_eq!(operator(action).await, "1", "{action}");
        }
    }

    async fn the_audit_log_is_filtered_by_time(world: World) {
        let (replica, _) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        world.advance(3600);
        let admin_later = replica.log_in("admin@example.com").await;
        block(&replica, &admin_later, "BANK").await;
        let count = async |filter: &str| {
            let query = format!("{{ auditLog(filter: {{ {filter} }}) {{ totalCount }} }}");
            replica.data(&admin_later, &query, json!({})).await["auditLog"]["totalCount"].as_i64().unwrap()
        };
        let all = count("").await;
        assert!(all > 1);
        assert_eq!(count(r#"since: "2026-03-01T13:00:00Z""#).await, 1);
        assert_eq!(count(r#"until: "2026-03-01T13:00:00Z""#).await, all - 1);
        assert_eq!(count(r#"since: "2026-03-01T13:00:01Z""#).await, 0);
        assert_eq!(count(r#"since: "2026-03-01T14:00:00+01:00", until: "2026-03-01T13:00:01Z""#).await, 1);
        drop(admin);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_invites_blocks_and_exports() {
    let world = World::new(Backend::Embedded).await;
    let installation = Installation::new(&world).await.with("OTPWIRE_PUBLIC_URL", "http://localhost:8080");
    installation.populate();
    let run = |arguments: &[&str]| {
        let output = installation.command(arguments).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (output.status.success(), text(&output.stdout), text(&output.stderr))
    };
    let (ok, link, told) = run(&["admin", "invite", "--email", "ada@example.com", "--plan", "premium", "--days", "3"]);
    assert!(ok && link.starts_with("http://localhost:8080/register#token=otpi_"), "{link}{told}");
    assert!(told.contains("invited: inv_1"), "{told}");
    let (_, listed, _) = run(&["admin", "list-invitations", "--output", "json"]);
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let one = |name: &str| listed[0][name].clone();
    assert_eq!(
        [one("id"), one("status"), one("email"), one("plan")],
        [json!(1), json!("pending"), json!("ada@example.com"), json!("premium")]
    );
    assert!(run(&["admin", "list-invitations"]).1.contains("ada@example.com"));
    assert!(run(&["admin", "revoke-invitation", "inv_1"]).0);
    let (_, made, _) = run(&["admin", "invite", "--output", "json"]);
    let made: Value = serde_json::from_str(&made).unwrap();
    assert!(made["link"].as_str().unwrap().contains("#token=otpi_") && made["invitation"]["id"] == 2, "{made}");
    let (ok, _, told) = run(&["admin", "revoke-invitation", "inv_1"]);
    assert!(!ok && told.contains("invitation not found"), "{told}");
    let (ok, _, told) = run(&["admin", "invite", "--days", "0"]);
    assert!(!ok && told.contains("expires_in_days: must be from 1 to 90"), "{told}");
    assert_eq!(run(&["admin", "block-sender", "+4490*", "--note", "junk"]).1, "blocked blk_1 +4490*\n");
    let blocked =
        || serde_json::from_str::<Value>(&run(&["admin", "list-blocked-senders", "--output", "json"]).1).unwrap();
    assert_eq!((&blocked()[0]["sender"], &blocked()[0]["note"]), (&json!("+4490*"), &json!("junk")));
    assert!(run(&["admin", "unblock-sender", "1"]).0);
    assert_eq!(blocked(), json!([]));

    world.sql("UPDATE audit_log SET created_at = '2026-01-02T03:04:05+00:00' WHERE action = 'sender_blocked'").await;
    let export = |arguments: &[&str]| -> Vec<Value> {
        let (ok, lines, told) = run(&[&["admin", "export-audit-log"], arguments].concat());
        assert!(ok, "{told}");
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let all = export(&[]);
    let actions: Vec<_> = all.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions.last(), Some(&"sender_unblocked"));
    assert_eq!(all.len().to_string(), world.column("SELECT count(*) FROM audit_log").await[0]);
    let of_a_day = export(&["--since", "2026-01-02", "--until", "2026-01-03"]);
    assert_eq!(of_a_day.len(), 1);
    let entry = &of_a_day[0];
    assert_eq!(entry["created_at"], "2026-01-02T03:04:05Z");
    assert_eq!(
        (&entry["action"], &entry["target"], &entry["actor_id"]),
        (&json!("sender_blocked"), &json!("blk_1"), &Value::Null)
    );
    assert_eq!(entry["details"], json!({ "sender": "+4490*" }));
    assert!(export(&["--until", "2026-01-02T03:04:05Z"]).is_empty());
    let (ok, _, told) = run(&["admin", "export-audit-log", "--since", "yesterday"]);
    assert!(!ok && told.contains("must be a day such as 2026-03-01"), "{told}");
    // More entries than are read at once.
    world
        .sql(
            "INSERT INTO audit_log (action, details, created_at)
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
             SELECT 'user_updated', '{}', '2025-06-01T00:00:00+00:00' FROM n",
        )
        .await;
    let many = export(&["--until", "2025-07-01"]);
    assert_eq!(many.len(), 2500);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unusual_patterns_are_told_to_the_operator() {
    let world = World::new(Backend::Embedded).await;
    let metrics = free_port();
    let installation = Installation::new(&world)
        .await
        .with("OTPWIRE_UNUSUAL_RENTALS_PER_DAY", "1")
        .with("OTPWIRE_UNUSUAL_NUMBERS_PER_SENDER", "1")
        .with("OTPWIRE_METRICS_LISTEN", format!("127.0.0.1:{metrics}"));
    installation.populate();
    installation.succeed(&["admin", "import-numbers", "--provider", "sandbox", "-"], "+442079460958\n+4915123456789\n");
    let (_serving, log) = installation.serve_with_log(installation.command(&["serve"]));
    let token = installation.log_in().await;
    let rent =
        r#"mutation { assignPhoneNumber(input: { countryCode: "GB", durationHours: 1 }) { phoneNumber { id } } }"#;
    let release = r#"mutation { releasePhoneNumber(input: { phoneNumberId: "num_2" }) { phoneNumber { id } } }"#;
    installation.graphql(Some(&token), rent).await;
    assert_eq!(log.count(&["unusually many"]), 0, "{}", log.text());
    for _ in 0..2 {
        installation.graphql(Some(&token), release).await;
        installation.graphql(Some(&token), rent).await;
    }
    // Once, when the number is exceeded: the third rental is as unusual, and was told of.
    assert_eq!(log.count(&["a user rents unusually many numbers", "usr_1"]), 1, "{}", log.text());
    let client = client();
    let sms = |id: &str, from: &str, to: &str| json!({ "id": id, "from": from, "to": to, "text": "x" });
    for (id, from, to) in [
        ("1", "+14155550123", "+442079460958"),
        ("2", "+14155550123", "+442079460958"),
        ("3", "BANK", "+442079460958"),
        ("4", "+14155550123", "+4915123456789"),
    ] {
        assert!(post_to_sandbox(&client, installation.address, &sms(id, from, to)).await);
    }
    assert_eq!(log.count(&["a sender reaches unusually many numbers", "prv_1", "+1415…"]), 1, "{}", log.text());
    assert!(!log.text().contains("4155550123") && !log.text().contains("renter@"), "{}", log.text());
    let scraped = client.get(format!("http://127.0.0.1:{metrics}/metrics")).send().await.unwrap().text().await.unwrap();
    for pattern in ["rentals_per_day", "numbers_per_sender"] {
        assert!(scraped.contains(&format!("otpwire_unusual_total{{pattern=\"{pattern}\"}} 1")), "{scraped}");
    }
}
