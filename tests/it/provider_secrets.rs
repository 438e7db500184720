//! Secrets that webhooks carry as they are, and what happens to those who guess at them.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};

use crate::support::{
    Renter, Replica, World,
    client::{Answer, at, sms},
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

/// The field that an input is refused for.
async fn refused(replica: &Replica, admin: &Renter, mutation: &str, input: Value) -> Value {
    let answer = replica.graphql(Some(admin), mutation, json!({ "input": input })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "VALIDATION_ERROR", "{input}: {answer}");
    answer["errors"][0]["extensions"]["field"].clone()
}

on_both! {
    async fn a_secret_that_is_the_only_proof_must_be_hard_to_guess(world: World) {
        let replica = world.replica().await;
        let admin = replica.admin("admin@example.com").await;
        let in_header = json!({ "body": "json", "fields": { "from": "/from", "to": "/to", "text": "/text" },
            "auth": { "type": "bearer" } });
        for (kind, configuration) in [
            ("KANNEL", json!({})),
            ("INFOBIP", json!({ "username": "otpwire" })),
            ("SINCH", json!({ "auth": "basic", "username": "otpwire" })),
            ("GENERIC", in_header),
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
        // Secrets that only sign come from the provider, as they are.
        let input = json!({ "kind": "TWILIO", "name": "twilio", "secret": "secret", "addressToken": STRONG });
        replica.data(&admin, CREATE, json!({ "input": input })).await;
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
        assert_eq!(health(&replica, &admin, "old").await["hasWeakSecret"], false, "it only signs");
        // As an older version accepted it.
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
