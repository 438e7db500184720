//! What a credential is good for, when signals are lost and tokens are odd.

use std::time::Duration;

use axum::{body::Body, http::Request};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::Ed25519KeyPair;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::ClientRequestBuilder;

use crate::{
    accounts::{PRIVATE_KEY, ed25519, me},
    support::{Backend, PATIENCE, Redis, Renter, Replica, World, client::at, on_both, socket::Socket},
};

/// A token with other claims, signed with the same key.
fn signed(token: &str, change: impl FnOnce(&mut Value)) -> String {
    let (header, rest) = token.split_once('.').unwrap();
    let claims = URL_SAFE_NO_PAD.decode(rest.split('.').next().unwrap()).unwrap();
    let mut claims: Value = serde_json::from_slice(&claims).unwrap();
    change(&mut claims);
    let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let pem: String = PRIVATE_KEY.lines().filter(|line| !line.starts_with('-')).collect();
    let der = base64::engine::general_purpose::STANDARD.decode(pem).unwrap();
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(pair.sign(message.as_bytes()).as_ref()))
}

/// A socket of an administrator that watches a number of somebody else.
async fn watch_any_number(replica: &Replica, admin: &Renter) -> Socket {
    let mut socket = Socket::ready(replica.listen().await, admin).await;
    let query = "subscription { phoneNumberUpdated(phoneNumberId: \"num_1\") { id } }";
    socket.subscribe("1", query, json!({})).await;
    // Answered after the subscription has begun.
    socket.subscribe("2", "{ __typename }", json!({})).await;
    assert_eq!(socket.receive().await["id"], "2");
    assert_eq!(socket.receive().await["type"], "complete");
    socket
}

on_both! {
    async fn a_token_for_another_user_does_not_end_the_session(world: World) {
        let mut world = world;
        world.more_keys = ed25519;
        let (replica, renter) = world.populated().await;
        let other = replica.renter("other@example.com").await;
        let forged = signed(&other.token, |claims| claims["sid"] = json!(session_of(&renter.token)));
        assert_eq!(me(&replica, &forged).await, 401);
        assert_eq!(me(&replica, &renter.token).await, 200);
        assert_eq!(me(&replica, &forged).await, 401);
        assert_eq!(me(&replica, &other.token).await, 200);
    }

    async fn a_token_is_not_valid_before_its_time(world: World) {
        let mut world = world;
        world.more_keys = ed25519;
        let (replica, renter) = world.populated().await;
        let now = world.now().timestamp();
        for (nbf, status) in [(now - 60, 200), (now, 200), (now + 1, 401), (i64::MAX, 401)] {
            let token = signed(&renter.token, |claims| claims["nbf"] = json!(nbf));
            assert_eq!(me(&replica, &token).await, status, "{nbf}");
        }
        let token = signed(&renter.token, |claims| claims["nbf"] = json!(now + 60));
        world.advance(60);
        assert_eq!(me(&replica, &token).await, 200);
        assert_eq!(me(&replica, &signed(&renter.token, |claims| claims["nbf"] = json!("soon"))).await, 401);
    }

    async fn the_last_connection_can_be_authenticated_twice(world: World) {
        let mut world = world;
        world.settings.max_connections = 1;
        let (replica, renter) = world.populated().await;
        let other = replica.renter("other@example.com").await;
        let address = replica.listen().await;
        let bearer = format!("Bearer {}", renter.token);
        let connect = async |bearer: &str| {
            let request = ClientRequestBuilder::new(format!("ws://{address}/graphql").parse().unwrap())
                .with_sub_protocol("graphql-transport-ws")
                .with_header("authorization", bearer);
            tokio_tungstenite::connect_async(request).await.map(|connected| Socket(connected.0))
        };
        let init = |bearer: &str| json!({ "type": "connection_init", "payload": { "authorization": bearer } });
        let mut socket = connect(&bearer).await.unwrap();
        socket.send(init(&bearer)).await;
        assert_eq!(socket.receive().await["type"], "connection_ack");
        // It is the only one all the same, and another user's place is another's.
        assert!(connect(&bearer).await.is_err());
        let others = format!("Bearer {}", other.token);
        let mut second = connect(&others).await.unwrap();
        second.send(init(&bearer)).await;
        assert_eq!(second.closed_at_last().await.0, 1013);
        // The place of a socket is free once its connection has ended.
        let again = async {
            loop {
                match connect(&others).await {
                    Ok(socket) => return socket,
                    Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
                }
            }
        };
        let mut third = tokio::time::timeout(PATIENCE, again).await.expect("the place stays taken");
        third.send(init(&others)).await;
        assert_eq!(third.receive().await["type"], "connection_ack");
    }

    async fn a_demoted_administrator_is_noticed_by_the_periodic_check(world: World) {
        let (replica, _) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let still = replica.admin("still@example.com").await;
        let mut socket = watch_any_number(&replica, &admin).await;
        let mut other = watch_any_number(&replica, &still).await;
        // No notification comes.
        world.sql("UPDATE users SET role = 'user' WHERE email = 'admin@example.com'").await;
        replica.app.heal_watchers().await.unwrap();
        assert_eq!(socket.closed_at_last().await.0, 4403);
        other.subscribe("3", "{ __typename }", json!({})).await;
        assert_eq!(other.receive().await["id"], "3");
    }

    async fn every_response_forbids_sniffing(world: World) {
        let (replica, renter) = world.populated().await;
        let bearer = format!("Bearer {}", renter.token);
        for (method, path) in [
            ("GET", "/v1/users/me"), ("GET", "/v1/users/0"), ("GET", "/v1/openapi.json"), ("POST", "/v1/auth/login"),
            ("POST", "/graphql"), ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/v1/webhooks/sms?provider=x"),
            ("GET", "/nowhere"), ("GET", "/v1/docs"),
        ] {
            let request = Request::builder().method(method).uri(path).header("authorization", &bearer);
            let answer = replica.send(at("192.0.2.1", request.body(Body::empty()).unwrap())).await;
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{method} {path}");
        }
    }
}

/// After the connection to Redis was lost, everybody is checked again: notifications were lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_demotion_while_redis_is_away_is_noticed_when_it_is_back() {
    let world = World::new(Backend::Cluster).await;
    let mut redis = Redis::start();
    let replica = world.replica_over(Some(redis.url())).await;
    replica.add_provider("sandbox", "sandbox", crate::support::SECRET).await;
    replica.add_numbers("sandbox", &["+14155550100"]).await;
    let admin = replica.admin("admin@example.com").await;
    let mut socket = watch_any_number(&replica, &admin).await;
    redis.stop();
    world.sql("UPDATE users SET role = 'user'").await;
    redis.start_again();
    let closed = tokio::time::timeout(PATIENCE + Duration::from_secs(5), socket.closed_at_last()).await;
    assert_eq!(closed.expect("nobody notices").0, 4403);
}

/// The session that a token names.
fn session_of(token: &str) -> String {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice::<Value>(&claims).unwrap()["sid"].as_str().unwrap().to_owned()
}
