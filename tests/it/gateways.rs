//! Webhooks of every kind of provider: signatures, secrets, retries, batches and configuration.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{body::Body, extract::ConnectInfo, http::Request};
use futures_util::future::join_all;
use otpwire::providers::{RawWebhook, kinds};
use serde_json::{Value, json};

use crate::support::{
    Backend, Renter, Replica, SECRET, World,
    client::sms,
    gateways::{Gateway, request},
    on_both, samples,
};

const NUMBER: &str = "+15005550006";
const REPORTS: &str = "SELECT status || ' ' || retry_count FROM delivery_reports ORDER BY id";
const UPDATE: &str = "mutation($input: UpdateProviderInput!) { updateProvider(input: $input) { provider {
    secretChangedAt secretVerifiedAt hasAddressToken configuration } } }";

/// A replica with one number of a provider, and its renter.
async fn rented(world: &World, gateway: &Gateway) -> (Replica, Renter) {
    let replica = world.replica().await;
    gateway.join(&replica).await;
    replica.add_numbers(&gateway.name, &[NUMBER]).await;
    let renter = replica.renter("renter@example.com").await;
    replica.rent(&renter, "US", 1).await;
    (replica, renter)
}

/// A webhook with a changed body and the same signature.
fn tampered(raw: &RawWebhook) -> Request<Body> {
    let body = String::from_utf8(raw.body.clone()).unwrap();
    let changed = RawWebhook {
        endpoint: raw.endpoint,
        method: raw.method.clone(),
        url: raw.url.replace("482913", "482914"),
        headers: raw.headers.clone(),
        body: body.replace("482913", "482914").into_bytes(),
        source: None,
        certificate: None,
    };
    request(&changed)
}

on_both! {
    async fn every_kind_delivers_each_message_once(world: World) {
        let replica = world.replica().await;
        let renter = replica.renter("renter@example.com").await;
        let mut expected = Vec::new();
        for (at, kind) in kinds().iter().enumerate() {
            let gateway = Gateway::of(kind.word);
            gateway.join(&replica).await;
            if at == 0 {
                // The number belongs to no account, so that any may deliver to it.
                replica.add_numbers(kind.word, &[NUMBER]).await;
                world.sql("UPDATE phone_numbers SET provider_id = NULL").await;
                world.sql("UPDATE sms_providers SET is_active = true").await;
                let rent = r#"mutation { assignPhoneNumber(input: { phoneNumberId: "num_1" }) { phoneNumber { id } } }"#;
                replica.data(&renter, rent, json!({})).await;
            }
            let text = format!("Your {} code is 482913", kind.word);
            let raw = gateway.compose(&replica, &format!("{:032x}", at + 1), NUMBER, &text);
            let answer = replica.send(request(&raw)).await;
            assert!(answer.status.is_success(), "{}: {}", kind.word, answer.text());
            assert_eq!(answer.header("x-ratelimit-limit"), "1000000", "{}", kind.word);
            // A retry gets the same answer, and no message is added.
            let again = replica.send(request(&raw)).await;
            assert_eq!((again.status, again.text()), (answer.status, answer.text()), "{}", kind.word);
            if kind.word == "mtarget" {
                // Its sample is one part of a longer message.
                assert_eq!(world.column("SELECT status FROM delivery_reports ORDER BY id DESC LIMIT 2").await[1], "held");
                continue;
            }
            expected.push(text);
        }
        assert_eq!(replica.texts(&renter).await, expected);
        let mut outcomes = world.column(REPORTS).await;
        outcomes.sort();
        outcomes.dedup();
        assert_eq!(outcomes, ["duplicate 1", "held 0", "received 0"]);
        // The stored payloads contain no secret.
        let payloads = world.column("SELECT CAST(webhook_payload AS TEXT) FROM delivery_reports").await.join("\n");
        assert!(payloads.contains("482913"), "no payload was stored");
        assert!(!payloads.contains(&Gateway::of("clicksend").secret));
    }

    async fn a_tampered_webhook_is_refused(world: World) {
        let replica = world.replica().await;
        for kind in kinds() {
            let gateway = Gateway::of(kind.word);
            gateway.join(&replica).await;
            let raw = gateway.compose(&replica, "0123456789abcdef0123456789abcdef", NUMBER, "Your code is 482913");
            let shows_secret = raw.url.contains("token=") || raw.headers.get("authorization")
                .is_some_and(|value| value.as_bytes().starts_with(b"Basic"));
            if shows_secret {
                // The body is not signed; a wrong secret is refused.
                let mut wrong = Gateway::of(kind.word);
                wrong.secret = "some-other-secret-0123456789".to_owned();
                let raw = wrong.compose(&replica, "1", NUMBER, "x");
                assert_eq!(replica.send(request(&raw)).await.error(403), "INVALID_SIGNATURE", "{}", kind.word);
                continue;
            }
            // A signature that does not cover the body is valid for one body.
            assert!(replica.send(request(&raw)).await.status.is_success(), "{}", kind.word);
            let answer = replica.send(tampered(&raw)).await;
            assert_eq!(answer.error(403), "INVALID_SIGNATURE", "{}: {}", kind.word, answer.text());
        }
        let texts = world.column("SELECT message_content FROM messages").await;
        assert!(!texts.iter().any(|text| text.contains("482914")));
    }

    async fn a_get_may_name_its_provider_in_the_path(world: World) {
        let gateway = Gateway::of("kannel");
        let (replica, renter) = rented(&world, &gateway).await;
        let secret = &gateway.secret;
        let get = async |path: &str| replica.get(path).await;
        let answer = get(&format!("/v1/webhooks/sms/kannel?token={secret}&from=14155550123&to=15005550006&text=one&id=1")).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, ""));
        let answer = get(&format!("/v1/webhooks/sms?provider=kannel&token={secret}&from=GOOGLE&to=15005550006&text=%F0%9F%98%80&id=2")).await;
        assert_eq!(answer.status, 200);
        assert_eq!(replica.texts(&renter).await, ["one", "😀"]);
        let refused = get("/v1/webhooks/sms/kannel?token=wrong-secret&from=A&to=15005550006&text=three&id=3").await;
        assert_eq!(refused.error(403), "INVALID_SIGNATURE");
        assert!(!refused.text().contains("wrong-secret") && !refused.text().contains("three"), "{}", refused.text());
        assert_eq!(get("/v1/webhooks/sms/nobody?text=x").await.error(404), "UNKNOWN_PROVIDER");
        assert_eq!(get("/v1/webhooks/status/kannel?token=wrong").await.error(403), "INVALID_SIGNATURE");
        let put = Request::put(format!("/v1/webhooks/sms/kannel?token={secret}")).body(Body::empty()).unwrap();
        let answer = replica.send(put).await;
        assert_eq!((answer.error(405).as_str(), answer.header("allow")), ("METHOD_NOT_ALLOWED", "GET,POST"));
    }

    async fn bad_messages_do_not_spoil_the_others_of_a_webhook(world: World) {
        let gateway = Gateway::of("infobip");
        let (replica, renter) = rented(&world, &gateway).await;
        let post = async |body: Value| {
            let mut raw = gateway.compose(&replica, "1", NUMBER, "x");
            raw.body = body.to_string().into_bytes();
            replica.send(request(&raw)).await
        };
        let sms = |id: &str, to: &str, text: &str| json!({ "messageId": id, "from": "14155550123", "to": to, "text": text });
        let many = json!({ "results": [
            sms("1", "15005550006", "one"), sms("2", "nobody", "two"), sms("3", "15005550007", "three"), 7,
            sms("4", "15005550006", "four"), sms("1", "15005550006", "one"),
        ] });
        assert_eq!(post(many).await.status, 200);
        assert_eq!(replica.texts(&renter).await, ["one", "four"]);
        let mut outcomes = world.column(REPORTS).await;
        outcomes.sort();
        assert_eq!(outcomes, ["duplicate 1", "failed 0", "failed 0", "received 0", "received 0", "unroutable 0"]);
        // The number of reports is bounded.
        let before = world.column("SELECT id FROM delivery_reports").await.len();
        let wrong: Vec<Value> = (0..500).map(|n| sms(&format!("w{n}"), "nobody", "x")).chain([sms("6", "15005550006", "six")]).collect();
        assert_eq!(post(json!({ "results": wrong })).await.status, 200);
        assert_eq!(world.column("SELECT id FROM delivery_reports").await.len(), before + 22);
        let last = world.column("SELECT error_message FROM delivery_reports WHERE status = 'failed' ORDER BY id DESC LIMIT 1").await;
        assert_eq!(last, ["body: 480 more items cannot be read"]);
        // An empty list is acknowledged; a list without any readable item is not.
        assert_eq!(post(json!({ "results": [] })).await.status, 200);
        let refused = post(json!({ "results": [sms("5", "nobody", "x")] })).await;
        assert_eq!(refused.error(400), "INVALID_REQUEST");
        assert_eq!(refused.json()["details"]["field"], "/results/0/to");
    }

    async fn a_signature_without_the_body_is_valid_for_one_body(world: World) {
        let gateway = Gateway::of("plivo");
        let (replica, renter) = rented(&world, &gateway).await;
        let raw = gateway.compose(&replica, "3f1d7c2e-5b1a-4a0e-9d35-7f0d1a2b3c4d", NUMBER, "code 482913");
        assert_eq!(replica.send(request(&raw)).await.status, 200);
        assert_eq!(replica.send(request(&raw)).await.status, 200);
        assert_eq!(replica.send(tampered(&raw)).await.error(403), "INVALID_SIGNATURE");
        assert_eq!(replica.texts(&renter).await, ["code 482913"]);
        // Its use is remembered while it is valid. Refused ones are not stored.
        assert_eq!(world.column("SELECT count(*) FROM webhook_nonces").await, ["1"]);
        let stored = world.column("SELECT nonce || request FROM webhook_nonces").await;
        assert_eq!(stored[0].len(), 128, "digests, not the signatures");
        world.advance(91 * 24 * 3600);
        replica.app.purge().await.unwrap();
        assert_eq!(world.column("SELECT count(*) FROM webhook_nonces").await, ["0"]);
    }

    async fn a_secret_is_replaced_without_losing_a_message(world: World) {
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let old = Gateway { secret: SECRET.to_owned(), ..Gateway::of("sandbox") };
        let new = Gateway { secret: "another secret of the sandbox".to_owned(), ..Gateway::of("sandbox") };
        let post = async |gateway: &Gateway, id: &str| {
            replica.send(request(&gateway.compose(&replica, id, &number, id))).await.status.as_u16()
        };
        let update = async |input: Value| {
            let data = replica.data(&admin, UPDATE, json!({ "input": input })).await;
            data["updateProvider"]["provider"].clone()
        };
        let verified = async || {
            let data = replica.data(&admin, "{ providers(first: 1) { nodes { secretVerifiedAt } } }", json!({})).await;
            data["providers"]["nodes"][0]["secretVerifiedAt"].clone()
        };
        assert_eq!(verified().await, Value::Null);
        assert_eq!(post(&old, "a").await, 200);
        assert_eq!(verified().await, "2026-03-01T12:00:00Z");
        world.advance(60);
        // The provider still signs with the old secret.
        let changed = update(json!({ "providerId": "prv_1", "secret": new.secret })).await;
        assert_eq!((&changed["secretChangedAt"], &changed["secretVerifiedAt"]), (&json!("2026-03-01T12:01:00Z"), &json!(null)));
        assert_eq!(post(&old, "b").await, 200);
        assert_eq!(verified().await, Value::Null, "the old secret does not verify the new one");
        // Setting a wrong secret and then the right one does not drop the one in use.
        update(json!({ "providerId": "prv_1", "secret": "a typing error in a secret" })).await;
        update(json!({ "providerId": "prv_1", "secret": new.secret })).await;
        assert_eq!(post(&old, "c").await, 200);
        // The old secret is dropped with the first message that is signed with the new one.
        assert_eq!(post(&new, "d").await, 200);
        assert_eq!(verified().await, "2026-03-01T12:01:00Z");
        assert_eq!(post(&old, "e").await, 403);
        assert_eq!(world.column("SELECT previous_secret_encrypted FROM sms_providers").await, ["NULL"]);
        // A leaked secret can be dropped at once.
        update(json!({ "providerId": "prv_1", "secret": SECRET, "endPreviousSecret": true })).await;
        assert_eq!(post(&new, "f").await, 403);
        assert_eq!(post(&old, "g").await, 200);
        assert_eq!(replica.texts(&renter).await, ["a", "b", "c", "d", "g"]);
        // The previous secret can be dropped without another change.
        update(json!({ "providerId": "prv_1", "secret": new.secret })).await;
        update(json!({ "providerId": "prv_1", "endPreviousSecret": true })).await;
        assert_eq!(post(&old, "h").await, 403);
    }

    async fn a_secret_of_another_configuration_does_not_get_in_the_way(world: World) {
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let configuration = |auth: Value| json!({
            "body": "json", "fields": { "id": "/id", "from": "/from", "to": "/to", "text": "/text" }, "auth": auth,
        });
        let old = Gateway::of("generic");
        old.join(&replica).await;
        world.sql("UPDATE phone_numbers SET provider_id = NULL").await;
        // From a shared secret to a public key: the previous secret is not a key, and cannot be accepted.
        let telnyx = Gateway::of("telnyx");
        let mut new = Gateway { secret: telnyx.secret, key: telnyx.key, ..Gateway::of("generic") };
        let ed25519 = configuration(json!({ "type": "ed25519", "header": "X-Signature", "payload": "{body}" }));
        new.configuration = ed25519.as_object().unwrap().clone();
        let input = json!({ "providerId": "prv_2", "secret": new.secret, "configuration": ed25519 });
        replica.data(&admin, UPDATE, json!({ "input": input })).await;
        let answer = replica.send(request(&old.compose(&replica, "1", &number, "old"))).await;
        assert_eq!(answer.error(403), "INVALID_SIGNATURE");
        let answer = replica.send(request(&new.compose(&replica, "2", &number, "new"))).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(replica.texts(&renter).await, ["new"]);
    }

    async fn every_kind_accepts_the_previous_secret(world: World) {
        let replica = world.replica().await;
        let admin = replica.admin("admin@example.com").await;
        for (at, kind) in kinds().iter().enumerate() {
            let gateway = Gateway::of(kind.word);
            gateway.join(&replica).await;
            let other = samples::text(kind.word, kind.is_preset(), "other").unwrap();
            assert_ne!(other, gateway.secret, "{}", kind.word);
            let input = json!({ "providerId": format!("prv_{}", at + 1), "secret": other });
            replica.data(&admin, UPDATE, json!({ "input": input })).await;
            let raw = gateway.compose(&replica, "0123456789abcdef0123456789abcdef", NUMBER, "x");
            let answer = replica.send(request(&raw)).await;
            assert!(answer.status.is_success(), "{}: {}", kind.word, answer.text());
            let verified = "SELECT count(*) FROM sms_providers WHERE secret_verified_at IS NOT NULL";
            assert_eq!(world.column(verified).await, ["0"], "{}: it is the secret before", kind.word);
            let kept = "SELECT count(*) FROM sms_providers WHERE previous_secret_encrypted IS NOT NULL";
            assert_eq!(world.column(kept).await, [(at + 1).to_string()], "{}", kind.word);
        }
    }

    async fn of_many_first_webhooks_one_stores_that_the_secret_is_verified(world: World) {
        let (replica, _) = world.populated().await;
        let stored = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&stored);
        replica.observe_writing(move |statement| {
            if statement.starts_with("UPDATE sms_providers SET secret_verified_at") {
                seen.fetch_add(1, Ordering::Relaxed);
            }
        });
        let messages: Vec<_> = (0..32).map(|n| sms(&n.to_string(), "+14155550100", "x")).collect();
        let answers = join_all(messages.iter().map(|message| replica.post_sms(message))).await;
        assert!(answers.iter().all(|answer| answer.status == 200));
        assert_eq!(replica.post_sms(&sms("later", "+14155550100", "x")).await.status, 200);
        assert_eq!(stored.load(Ordering::Relaxed), 1);
        assert_eq!(world.column("SELECT count(*) FROM sms_providers WHERE secret_verified_at IS NOT NULL").await, ["1"]);
    }

    async fn a_simulated_message_does_not_verify_the_secret(world: World) {
        let gateway = Gateway::of("twilio");
        let (replica, _) = rented(&world, &gateway).await;
        let post = async |id: &str, is_simulated: bool| {
            let mut request = request(&gateway.compose(&replica, id, NUMBER, "x"));
            if is_simulated {
                request.headers_mut().insert("x-otpwire-simulated", "1".parse().unwrap());
            }
            assert_eq!(replica.send(request).await.status, 200);
            world.column("SELECT secret_verified_at IS NOT NULL FROM sms_providers").await
        };
        let no = if world.backend == Backend::Embedded { "0" } else { "false" };
        assert_eq!(post("SM1", true).await, [no]);
        assert_ne!(post("SM2", false).await, [no]);
    }

    async fn secrets_are_encrypted_again_with_a_new_key(world: World) {
        let mut world = world;
        let gateway = Gateway::of("twilio");
        let (replica, _) = rented(&world, &gateway).await;
        let admin = replica.admin("admin@example.com").await;
        let token = "a-second-secret-in-the-address";
        let input = json!({ "providerId": "prv_1", "addressToken": token, "secret": "the next secret" });
        replica.data(&admin, UPDATE, json!({ "input": input })).await;
        let before = world.column("SELECT api_secret_encrypted || previous_secret_encrypted || api_key_encrypted FROM sms_providers").await;
        let old_key = world.change_root_key();
        world.previous_root_key = Some(old_key);
        let replica = world.replica().await;
        assert_eq!(replica.app.reseal_secrets(&otpwire::domain::Operator).await.unwrap(), 1);
        let after = world.column("SELECT api_secret_encrypted || previous_secret_encrypted || api_key_encrypted FROM sms_providers").await;
        assert_ne!(before, after);
        // No secret needs the old key any more.
        world.previous_root_key = None;
        let replica = world.replica().await;
        for secret in [gateway.secret.as_str(), "the next secret"] {
            let signer = Gateway { secret: secret.to_owned(), token: Some(token.to_owned()), ..Gateway::of("twilio") };
            let answer = replica.send(request(&signer.compose(&replica, secret, NUMBER, "x"))).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
    }

    async fn an_address_token_can_be_required_besides_the_signature(world: World) {
        let gateway = Gateway::of("twilio");
        let (replica, _) = rented(&world, &gateway).await;
        let admin = replica.admin("admin@example.com").await;
        let token = "a-second-secret-in-the-address";
        let update = async |input: Value| replica.data(&admin, UPDATE, json!({ "input": input })).await["updateProvider"]["provider"]["hasAddressToken"].clone();
        assert_eq!(update(json!({ "providerId": "prv_1", "addressToken": token })).await, true);
        let plain = request(&gateway.compose(&replica, "SM1", NUMBER, "x"));
        assert_eq!(replica.send(plain).await.error(403), "INVALID_SIGNATURE");
        let both = Gateway { token: Some(token.to_owned()), ..Gateway::of("twilio") };
        assert_eq!(replica.send(request(&both.compose(&replica, "SM1", NUMBER, "x"))).await.status, 200);
        // The token alone, without the signature, is refused.
        let mut unsigned = both.compose(&replica, "SM2", NUMBER, "x");
        unsigned.headers.remove("x-twilio-signature");
        let refused = replica.send(request(&unsigned)).await;
        assert_eq!(refused.error(403), "INVALID_SIGNATURE");
        assert!(!refused.text().contains(token), "{}", refused.text());
        assert_eq!(update(json!({ "providerId": "prv_1", "addressToken": "" })).await, false);
        let plain = request(&gateway.compose(&replica, "SM3", NUMBER, "x"));
        assert_eq!(replica.send(plain).await.status, 200);
        for wrong in ["short", "with a space in it 0123456789"] {
            let input = json!({ "providerId": "prv_1", "addressToken": wrong });
            assert_eq!(replica.code(Some(&admin), UPDATE, json!({ "input": input })).await, "VALIDATION_ERROR");
        }
    }

    async fn webhooks_from_addresses_that_are_not_listed_are_refused(world: World) {
        let mut world = world;
        world.options.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
        let gateway = Gateway::of("elks46").with("allowed_sources", json!(["192.0.2.0/24"]));
        let (replica, _) = rented(&world, &gateway).await;
        let from = async |peer: &str, forwarded: Option<&str>, id: &str| {
            let mut request = request(&gateway.compose(&replica, id, NUMBER, "x"));
            let peer: std::net::SocketAddr = format!("{peer}:4711").parse().unwrap();
            request.extensions_mut().insert(ConnectInfo(peer));
            if let Some(forwarded) = forwarded {
                request.headers_mut().insert("x-forwarded-for", forwarded.parse().unwrap());
            }
            replica.send(request).await.status.as_u16()
        };
        assert_eq!(from("192.0.2.7", None, "1").await, 200);
        assert_eq!(from("198.51.100.1", None, "2").await, 403);
        assert_eq!(from("198.51.100.1", Some("192.0.2.7"), "3").await, 403, "the header of an untrusted peer is ignored");
        assert_eq!(from("10.0.0.1", Some("192.0.2.7"), "4").await, 200);
        assert_eq!(from("10.0.0.1", Some("198.51.100.1"), "5").await, 403);
    }

    async fn a_provider_has_a_rate_limit(world: World) {
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let input = json!({ "providerId": "prv_1", "rateLimitPerMinute": 2 });
        replica.data(&admin, UPDATE, json!({ "input": input })).await;
        // Unverified webhooks do not count, because anybody can send them.
        let forger = Gateway { secret: "a guess".to_owned(), ..Gateway::of("sandbox") };
        for _ in 0..5 {
            let raw = forger.compose(&replica, "0", &number, "x");
            assert_eq!(replica.send(request(&raw)).await.error(403), "INVALID_SIGNATURE");
        }
        for (id, remaining) in [("1", "1"), ("2", "0")] {
            let answer = replica.post_sms(&sms(id, &number, id)).await;
            assert_eq!((answer.status.as_u16(), answer.header("x-ratelimit-remaining")), (200, remaining));
        }
        let answer = replica.post_sms(&sms("3", &number, "3")).await;
        assert_eq!(answer.error(429), "RATE_LIMITED");
        assert_eq!((answer.header("retry-after"), answer.header("x-ratelimit-limit")), ("60", "2"));
        world.advance(60);
        assert_eq!(replica.post_sms(&sms("3", &number, "3")).await.status, 200);
        assert_eq!(replica.texts(&renter).await, ["1", "2", "3"]);
    }

    async fn the_health_of_a_provider_is_shown(world: World) {
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        const HEALTH: &str = "{ providers { nodes { name health { messageCount duplicateCount unroutableCount statusCount
            failureCount refusalCount limitedCount lastMessageAt lastFailureAt lastRefusalAt lastRefusalReason } } } }";
        let health = async |admin: &Renter| {
            let data = replica.data(admin, HEALTH, json!({})).await;
            data["providers"]["nodes"].as_array().unwrap().iter().map(|node| node["health"].clone()).collect::<Vec<_>>()
        };
        let nothing = json!({ "messageCount": 0, "duplicateCount": 0, "unroutableCount": 0, "statusCount": 0, "failureCount": 0,
            "refusalCount": 0, "limitedCount": 0, "lastMessageAt": null, "lastFailureAt": null, "lastRefusalAt": null, "lastRefusalReason": null });
        replica.add_provider("twilio", "quiet", "secret").await;
        assert_eq!(health(&admin).await, [nothing.clone(), nothing.clone()]);
        replica.post_sms(&sms("1", &number, "x")).await;
        replica.post_sms(&sms("1", &number, "x")).await;
        world.advance(10);
        replica.post_sms(&sms("2", "+14155550199", "x")).await;
        replica.post_signed(b"{".to_vec()).await;
        replica.get("/v1/webhooks/sms?provider=sandbox").await;
        let forger = Gateway { secret: "a guess".to_owned(), ..Gateway::of("sandbox") };
        replica.send(request(&forger.compose(&replica, "3", &number, "x"))).await;
        // Counts that are written at different times are added up.
        replica.app.roll_up_usage().await.unwrap();
        world.advance(3600);
        replica.post_sms(&sms("4", "+4915123456789", "x")).await;
        let admin = replica.log_in("admin@example.com").await;
        let expected = json!({ "messageCount": 2, "duplicateCount": 1, "unroutableCount": 1, "statusCount": 0, "failureCount": 1,
            "refusalCount": 1, "limitedCount": 0, "lastMessageAt": "2026-03-01T13:00:10Z",
            "lastFailureAt": "2026-03-01T12:00:10Z", "lastRefusalAt": "2026-03-01T12:00:10Z",
            "lastRefusalReason": "the signature is not the one of this request; check the secret and the public address" });
        assert_eq!(health(&admin).await, [expected, nothing.clone()]);
        // The counts cover a day, the times of the last webhooks a month.
        world.advance(25 * 3600);
        let admin = replica.log_in("admin@example.com").await;
        let later = health(&admin).await;
        assert_eq!((&later[0]["messageCount"], &later[0]["lastMessageAt"]), (&json!(0), &json!("2026-03-01T13:00:10Z")));
        world.advance(31 * 24 * 3600);
        replica.app.purge().await.unwrap();
        let admin = replica.log_in("admin@example.com").await;
        assert_eq!(health(&admin).await, [nothing.clone(), nothing]);
    }

    async fn the_certificate_of_a_notification_is_only_fetched_from_amazon(world: World) {
        let mut world = world;
        let url = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem";
        let visit = "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=abc";
        let certificate = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/sns-certificate.pem")).unwrap();
        world.fetched = Arc::new(HashMap::from([
            (url.parse().unwrap(), certificate), (visit.parse().unwrap(), b"<ConfirmSubscriptionResponse/>".to_vec()),
        ]));
        let mut gateway = Gateway::of("aws_sns");
        let signer = Gateway::of("aws_sns");
        gateway.configuration.remove("signing_certificate");
        let (replica, renter) = rented(&world, &gateway).await;
        let raw = signer.compose(&replica, "cae173d2-66b9-564c-8309-21f858e9fb84", NUMBER, "Your code is 482913");
        let body: Value = serde_json::from_slice(&raw.body).unwrap();
        let post = async |change: &[(&str, &str)]| {
            let mut body = body.clone();
            for (name, value) in change {
                body[name] = json!(value);
            }
            let mut raw = signer.compose(&replica, "x", NUMBER, "x");
            raw.body = body.to_string().into_bytes();
            replica.send(request(&raw)).await
        };
        assert_eq!(post(&[("SigningCertURL", url)]).await.status, 200);
        assert_eq!(replica.texts(&renter).await, ["Your code is 482913"]);
        for elsewhere in [
            "https://sns.us-east-1.amazonaws.com.evil.example/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem",
            "https://evil.example/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem",
            "http://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem",
            "https://sns.us-east-1.amazonaws.com@evil.example/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem",
            "https://sns.us-east-1.amazonaws.com/other.pem",
            "",
        ] {
            assert_eq!(post(&[("SigningCertURL", elsewhere)]).await.error(403), "INVALID_SIGNATURE", "{elsewhere}");
        }
        // If the certificate cannot be fetched now, the provider should retry.
        let away = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem";
        assert_eq!(post(&[("SigningCertURL", away)]).await.error(503), "UNAVAILABLE");
        assert_eq!(post(&[("SigningCertURL", url), ("TopicArn", "arn:aws:sns:us-east-1:666666666666:theirs")]).await.error(403), "INVALID_SIGNATURE");
        assert_eq!(post(&[("SigningCertURL", url), ("Message", "{}")]).await.error(403), "INVALID_SIGNATURE");
    }

    async fn an_invalid_configuration_names_its_member(world: World) {
        let replica = world.replica().await;
        let admin = replica.admin("admin@example.com").await;
        const CREATE: &str = "mutation($input: CreateProviderInput!) { createProvider(input: $input) { provider { kind configuration } } }";
        let create = async |kind: &str, secret: &str, configuration: Value| {
            let input = json!({ "kind": kind, "name": "x", "secret": secret, "configuration": configuration });
            replica.graphql(Some(&admin), CREATE, json!({ "input": input })).await
        };
        for (kind, secret, configuration, field) in [
            ("TWILIO", "", json!({}), "secret"),
            ("TELNYX", "not a key", json!({}), "secret"),
            ("TWILIO", "secret", json!({ "allowed_sources": "everywhere" }), "configuration.allowed_sources"),
            ("TWILIO", "secret", json!([]), "configuration"),
            ("AWS_SNS", "secret", json!({}), "configuration"),
            ("VONAGE_SMS", "secret", json!({ "signature_method": "md4" }), "configuration.signature_method"),
            ("GENERIC", "secret", json!({ "body": "json", "fields": { "from": "from", "text": "/t" },
                "auth": { "type": "hmac", "algorithm": "sha256", "header": "X", "payload": "{body}" } }), "configuration.fields.from"),
            ("GENERIC", "secret", json!({ "body": "json", "fields": { "from": "/f", "text": "/t" },
                "auth": { "type": "none" } }), "configuration.auth.type"),
        ] {
            let error = &create(kind, secret, configuration.clone()).await["errors"][0]["extensions"];
            assert_eq!(error["code"], "VALIDATION_ERROR", "{kind} {configuration}");
            assert_eq!(error["field"], field, "{kind} {configuration}: {error}");
        }
        assert!(world.column("SELECT name FROM sms_providers").await.is_empty());
        let created = create("CLICKATELL", "n3Vx81-kQ02mzTfp", json!({ "to": NUMBER })).await;
        assert_eq!(created["data"]["createProvider"]["provider"], json!({ "kind": "CLICKATELL", "configuration": { "to": NUMBER } }));
        // A change is validated together with the stored configuration.
        for (change, field) in [(json!({ "configuration": { "to": 1 } }), "configuration.to"), (json!({ "secret": " " }), "secret")] {
            let mut input = json!({ "providerId": "prv_1" });
            input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let error = replica.graphql(Some(&admin), UPDATE, json!({ "input": input })).await;
            assert_eq!(error["errors"][0]["extensions"]["field"], field, "{error}");
        }
        let listed = replica.data(&admin, "{ providerKinds { kind title secret isPreset settings { name description } } }", json!({})).await;
        let listed = listed["providerKinds"].as_array().unwrap();
        assert_eq!(listed.len(), kinds().len());
        let twilio = listed.iter().find(|kind| kind["kind"] == "TWILIO").unwrap();
        assert_eq!((&twilio["title"], &twilio["isPreset"]), (&json!("Twilio"), &json!(false)));
        assert!(twilio["settings"].as_array().unwrap().iter().any(|setting| setting["name"] == "shared_key_id"));
        let renter = replica.renter("renter@example.com").await;
        assert_eq!(replica.code(Some(&renter), "{ providerKinds { kind } }", json!({})).await, "FORBIDDEN");
    }

    async fn a_kind_of_a_newer_version_is_listed_and_its_webhooks_are_retried(world: World) {
        let (replica, _) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        world.sql("UPDATE sms_providers SET kind = 'carrier_pigeon'").await;
        let data = replica.data(&admin, "{ providers { nodes { kind name } } }", json!({})).await;
        assert_eq!(data["providers"]["nodes"], json!([{ "kind": "CARRIER_PIGEON", "name": "sandbox" }]));
        // A newer replica knows the kind, so the provider should retry.
        assert_eq!(replica.post_sms(&sms("1", "+14155550100", "x")).await.error(500), "INTERNAL");
    }

    async fn media_of_a_message_are_linked(world: World) {
        let gateway = Gateway::of("twilio");
        let (replica, renter) = rented(&world, &gateway).await;
        let form = "MessageSid=MM1&From=%2B14155550123&To=%2B15005550006&Body=&NumMedia=1&NumSegments=2\
                    &MediaUrl0=https%3A%2F%2Fapi.twilio.com%2Fmedia%2F1&MediaContentType0=image%2Fjpeg";
        let mut raw = gateway.compose(&replica, "x", NUMBER, "x");
        let signature = otpwire::providers::twilio::Twilio::new(gateway.secret.as_str().into()).sign(&raw.url, form.as_bytes());
        raw.headers.insert("x-twilio-signature", signature.parse().unwrap());
        raw.body = form.into();
        assert_eq!(replica.send(request(&raw)).await.status, 200);
        let data = replica.data(&renter, "{ messages { nodes { media { url contentType } } } }", json!({})).await;
        let media = json!([{ "url": "https://api.twilio.com/media/1", "contentType": "image/jpeg" }]);
        assert_eq!(data["messages"]["nodes"][0]["media"], media);
        let listed = replica.rest_ok(Some(&renter.token), "GET /v1/messages", None).await;
        assert_eq!(listed["messages"][0]["media"], json!([{ "url": "https://api.twilio.com/media/1", "content_type": "image/jpeg" }]));
        let metadata = world.column("SELECT CAST(metadata AS TEXT) FROM messages").await;
        assert_eq!(serde_json::from_str::<Value>(&metadata[0]).unwrap()["segments"], 2);
    }
}

/// Such as the address of a proxy in front.
#[tokio::test]
async fn an_account_may_have_its_own_webhook_url() {
    let world = World::new(Backend::Embedded).await;
    let gateway = Gateway::of("twilio").with("webhook_url", "https://hooks.example.org/twilio");
    let (replica, renter) = rented(&world, &gateway).await;
    let raw = gateway.compose(&replica, "SM1", NUMBER, "one");
    // Twilio signs the configured address.
    let signer = otpwire::providers::twilio::Twilio::new(gateway.secret.as_str().into());
    let post = async |signed: &str| {
        let mut moved = gateway.compose(&replica, "SM1", NUMBER, "one");
        moved.headers.insert("x-twilio-signature", signer.sign(signed, &raw.body).parse().unwrap());
        moved.body.clone_from(&raw.body);
        replica.send(request(&moved)).await.status.as_u16()
    };
    assert_eq!(post("https://sms.example.com/v1/webhooks/sms?provider=twilio").await, 403);
    assert_eq!(post("https://hooks.example.org/twilio?provider=twilio").await, 200);
    assert_eq!(replica.texts(&renter).await, ["one"]);
}
