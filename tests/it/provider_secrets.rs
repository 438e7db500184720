//! Secrets that operators choose, and what happens to those who guess at them.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};

use crate::support::{
    Renter, Replica, World,
    client::{Answer, at, sms},
    gateways::{Gateway, request},
    on_both,
};

const CREATE: &str = "mutation($input: CreateProviderInput!) { createProvider(input: $input) {
    generatedSecret provider { name health { hasWeakSecret } } } }";
const UPDATE: &str = "mutation($input: UpdateProviderInput!) { updateProvider(input: $input) { provider { name } } }";
const HEALTH: &str = "{ providers { nodes { name health { hasWeakSecret refusalCount lastRefusalReason } } } }";
const STRONG: &str = "n3Vx81-kQ02mzTfp";

/// The health of an account.
async fn health(replica: &Replica, admin: &Renter, name: &str) -> Value {
    let data = replica.data(admin, HEALTH, json!({})).await;
    let nodes = data["providers"]["nodes"].as_array().unwrap();
    nodes.iter().find(|node| node["name"] == name).unwrap()["health"].clone()
}

/// A webhook of Kannel from an address.
async fn post(replica: &Replica, peer: &str, name: &str, token: &str, id: &str) -> Answer {
    let path = format!("/v1/webhooks/sms?provider={name}&token={token}&from=1415&to=15005550006&text=x&id={id}");
    replica.send(at(peer, Request::get(path).body(Body::empty()).unwrap())).await
}

/// A configuration of the generic adapter with this `auth`.
fn generic(auth: Value) -> Value {
    json!({ "body": "json", "fields": { "from": "/from", "to": "/to", "text": "/text" }, "auth": auth })
}

/// The field that an input is refused for.
async fn refused(replica: &Replica, admin: &Renter, mutation: &str, input: Value) -> Value {
    let answer = replica.graphql(Some(admin), mutation, json!({ "input": input })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "VALIDATION_ERROR", "{input}: {answer}");
    answer["errors"][0]["extensions"]["field"].clone()
}

on_both! {
    async fn a_secret_that_the_operator_chooses_must_be_hard_to_guess(world: World) {
        let replica = world.replica().await;
        let admin = replica.admin("admin@example.com").await;
        for (kind, configuration) in [
            ("KANNEL", json!({})),
            ("INFOBIP", json!({ "username": "otpwire" })),
            ("SINCH", json!({ "auth": "basic", "username": "otpwire" })),
            ("GENERIC", generic(json!({ "type": "bearer" }))),
            // Those that only sign.
            ("SANDBOX", json!({})),
            ("BIRD", json!({})),
            ("GATEWAYAPI", json!({})),
            ("HTTPSMS", json!({})),
            ("SINCH_CONVERSATION", json!({})),
            ("SMS_GATEWAY_ANDROID", json!({})),
            ("TEXTBEE", json!({})),
            ("AWS_SNS", json!({ "topic_arn": "arn:aws:sns:eu-west-1:123456789012:sms" })),
            ("GAMMU", json!({})),
        ] {
            for secret in ["4711", "fifteen-letters", "aaaaaaaaaaaaaaaaaaaa", "passwordpassword"] {
                let input = json!({ "kind": kind, "name": "x", "secret": secret, "configuration": configuration });
                assert_eq!(refused(&replica, &admin, CREATE, input).await, "secret", "{kind} {secret}");
            }
            let input = json!({ "kind": kind, "name": kind, "secret": STRONG, "configuration": configuration });
            replica.data(&admin, CREATE, json!({ "input": input })).await;
        }
        let input = json!({ "kind": "TWILIO", "name": "x", "secret": "secret", "addressToken": "aaaaaaaaaaaaaaaaaaaa" });
        assert_eq!(refused(&replica, &admin, CREATE, input).await, "addressToken");
        // Secrets that the provider issues are as they are.
        let input = json!({ "kind": "TWILIO", "name": "twilio", "secret": "secret", "addressToken": STRONG });
        replica.data(&admin, CREATE, json!({ "input": input })).await;
        for kind in ["PLIVO", "SIGNALWIRE", "SEVEN", "SINCH", "MESSAGEBIRD", "VONAGE", "VONAGE_SMS", "SMS_PORTAL"] {
            let input = json!({ "kind": kind, "name": format!("issued-{kind}"), "secret": "secret" });
            replica.data(&admin, CREATE, json!({ "input": input })).await;
        }
        // The same holds for changes, and for a configuration that makes the secret the only proof.
        let weak = json!({ "providerId": "prv_1", "secret": "4711" });
        assert_eq!(refused(&replica, &admin, UPDATE, weak).await, "secret");
        let signed = json!({ "kind": "SINCH", "name": "signed", "secret": "secret" });
        replica.data(&admin, CREATE, json!({ "input": signed })).await;
        let id = world.column("SELECT max(id) FROM sms_providers").await.remove(0);
        let basic = json!({ "auth": "basic", "username": "otpwire" });
        let input = json!({ "providerId": format!("prv_{id}"), "configuration": basic });
        assert_eq!(refused(&replica, &admin, UPDATE, input).await, "secret");
    }

    async fn a_signing_key_is_the_operators_unless_the_provider_issued_it(world: World) {
        let replica = world.replica().await;
        let admin = replica.admin("admin@example.com").await;
        let hmac = json!({ "type": "hmac", "algorithm": "sha256", "header": "X-Signature", "payload": "{body}" });
        let jwt = json!({ "type": "jwt", "algorithms": ["HS256"], "body_hash_claim": "hash" });
        for (name, auth) in [("hmac", hmac), ("jwt", jwt)] {
            let mut input = json!({ "kind": "GENERIC", "name": name, "secret": "k3y", "configuration": generic(auth.clone()) });
            assert_eq!(refused(&replica, &admin, CREATE, input.clone()).await, "secret", "{name}");
            input["configuration"]["auth"]["issued_by_provider"] = true.into();
            let created = replica.data(&admin, CREATE, json!({ "input": input })).await;
            assert_eq!(created["createProvider"]["provider"]["health"]["hasWeakSecret"], false);
            // Whoever takes that back has to choose a better one.
            let id = world.column("SELECT max(id) FROM sms_providers").await.remove(0);
            let mut change = json!({ "providerId": format!("prv_{id}"), "configuration": generic(auth) });
            assert_eq!(refused(&replica, &admin, UPDATE, change.clone()).await, "secret", "{name}");
            change["secret"] = STRONG.into();
            replica.data(&admin, UPDATE, json!({ "input": change })).await;
        }
        let auth = json!({ "type": "ed25519", "header": "X-Signature", "payload": "{body}", "issued_by_provider": true });
        let input = json!({ "kind": "GENERIC", "name": "key", "secret": "00".repeat(32), "configuration": generic(auth) });
        assert_eq!(refused(&replica, &admin, CREATE, input).await, "configuration.auth.issued_by_provider");
    }

    async fn a_secret_is_generated_if_none_is_given(world: World) {
        let replica = world.replica().await;
        let admin = replica.admin("admin@example.com").await;
        let create = json!({ "input": { "kind": "KANNEL", "name": "kannel" } });
        let created = replica.data(&admin, CREATE, create).await;
        let secret = created["createProvider"]["generatedSecret"].as_str().unwrap();
        assert!(secret.len() >= 32, "{secret}");
        assert_eq!(created["createProvider"]["provider"]["health"]["hasWeakSecret"], false);
        assert_eq!(post(&replica, "192.0.2.1", "kannel", secret, "1").await.status, 200);
        assert_eq!(post(&replica, "192.0.2.1", "kannel", "wrong", "2").await.error(403), "INVALID_SIGNATURE");
        let create = json!({ "input": { "kind": "TEXTBEE", "name": "textbee", "configuration": { "to": "+15005550006" } } });
        let created = replica.data(&admin, CREATE, create).await;
        let signing = created["createProvider"]["generatedSecret"].as_str().unwrap();
        assert!(signing.len() >= 32 && signing != secret, "{signing}");
        // Where one is given, none is shown; a provider's own secret cannot be generated.
        let create = json!({ "input": { "kind": "KANNEL", "name": "other", "secret": STRONG } });
        assert_eq!(replica.data(&admin, CREATE, create).await["createProvider"]["generatedSecret"], Value::Null);
        let input = json!({ "kind": "TWILIO", "name": "twilio" });
        assert_eq!(refused(&replica, &admin, CREATE, input).await, "secret");
    }

    async fn a_weak_secret_from_before_goes_on_and_is_told(world: World) {
        let replica = world.replica().await;
        let admin = replica.admin("admin@example.com").await;
        replica.add_provider("twilio", "old", "4711").await;
        assert_eq!(health(&replica, &admin, "old").await["hasWeakSecret"], false, "the provider issued it");
        // As older versions accepted it: a key that signs, and a secret that webhooks carry.
        world.sql("UPDATE sms_providers SET kind = 'sandbox'").await;
        let replica = world.replica().await;
        let signer = Gateway { secret: "4711".to_owned(), name: "old".to_owned(), ..Gateway::of("sandbox") };
        assert_eq!(replica.send(request(&signer.compose(&replica, "0", "+15005550006", "x"))).await.status, 200);
        assert_eq!(health(&replica, &admin, "old").await["hasWeakSecret"], true);
        world.sql("UPDATE sms_providers SET kind = 'kannel'").await;
        let replica = world.replica().await;
        assert_eq!(post(&replica, "192.0.2.1", "old", "4711", "1").await.status, 200);
        assert_eq!(health(&replica, &admin, "old").await["hasWeakSecret"], true);
        // Other changes are still possible.
        let change = json!({ "providerId": "prv_1", "priority": 2, "configuration": {} });
        replica.data(&admin, UPDATE, json!({ "input": change })).await;
        assert_eq!(post(&replica, "192.0.2.1", "old", "4711", "2").await.status, 200);
        let change = json!({ "providerId": "prv_1", "secret": STRONG });
        replica.data(&admin, UPDATE, json!({ "input": change })).await;
        // It verifies webhooks until the new one has.
        assert_eq!(health(&replica, &admin, "old").await["hasWeakSecret"], true);
        assert_eq!(post(&replica, "192.0.2.1", "old", STRONG, "3").await.status, 200);
        assert_eq!(health(&replica, &admin, "old").await["hasWeakSecret"], false);
    }

    async fn guesses_at_a_secret_are_limited(world: World) {
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        replica.add_provider("kannel", "kannel", STRONG).await;
        for n in 0..60 {
            let guess = post(&replica, &format!("2001:db8::{n}"), "kannel", &format!("{n:04}"), "0").await;
            assert_eq!(guess.error(403), "INVALID_SIGNATURE");
        }
        // The right one is refused there as well: accepting it would confirm it.
        let right = post(&replica, "2001:db8::99", "kannel", STRONG, "1").await;
        assert_eq!((right.error(429), right.header("retry-after")), ("RATE_LIMITED".to_owned(), "60"));
        // Other networks, and other accounts, are not affected.
        assert_eq!(post(&replica, "192.0.2.1", "kannel", STRONG, "2").await.status, 200);
        let (_, number) = replica.rent(&renter, "US", 1).await;
        assert_eq!(replica.post_sms(&sms("1", &number, "one")).await.status, 200);
        let told = health(&replica, &admin, "kannel").await;
        assert_eq!(told["refusalCount"], 61);
        let reason = told["lastRefusalReason"].as_str().unwrap();
        assert!(reason.contains("too many webhooks from this network"), "{reason}");
        world.advance(60);
        assert_eq!(post(&replica, "2001:db8::99", "kannel", STRONG, "1").await.status, 200);
    }

    async fn invented_names_cost_no_look_up(world: World) {
        let replica = world.replica().await;
        replica.add_provider("kannel", "kannel", STRONG).await;
        assert_eq!(post(&replica, "192.0.2.1", "kannel", STRONG, "1").await.status, 200);
        let before = replica.statements();
        let mut statuses = Vec::new();
        for n in 0..100 {
            statuses.push(post(&replica, "192.0.2.1", &format!("invented-{n}"), STRONG, "1").await.status.as_u16());
        }
        assert_eq!(statuses, [vec![404; 60], vec![429; 40]].concat());
        // The list of names is read every few seconds, whoever asks.
        let statements = replica.statements() - before;
        assert!(statements <= 3, "{statements} statements");
        // A genuine name of the same network is served, and so are invented ones of others.
        assert_eq!(post(&replica, "192.0.2.1", "kannel", STRONG, "2").await.status, 200);
        assert_eq!(post(&replica, "192.0.2.2", "invented", STRONG, "1").await.error(404), "UNKNOWN_PROVIDER");
        // An account that is added is known at once.
        replica.add_provider("kannel", "invented-1", STRONG).await;
        assert_eq!(post(&replica, "192.0.2.1", "invented-1", STRONG, "1").await.status, 200);
    }
}
