//! Rate limits: how many requests, counted for whom, and the usage statistics for the operator.

use std::time::Duration;

use axum::{body::Body, http::Request};
use futures_util::future::join_all;
use otpwire::app::RequestLimits;
use serde_json::{Value, json};

use crate::support::{
    Backend, PATIENCE, Redis, Replica, World,
    client::{Answer, at},
    on_both,
    socket::Socket,
};

/// Sends a request from an address, with headers.
async fn from(replica: &Replica, peer: &str, headers: &[(&str, &str)], path: &str) -> Answer {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    replica.send(at(peer, request.body(Body::empty()).unwrap())).await
}

fn limit_headers(answer: &Answer) -> [String; 4] {
    ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-ratelimit-window"]
        .map(|name| answer.header(name).to_owned())
}

on_both! {
    async fn each_tier_has_its_limit(world: World) {
        let mut world = world;
        world.settings.request_limits = RequestLimits::default();
        let (replica, renter) = world.populated().await;
        let premium = replica.renter("premium@example.com").await;
        let admin = replica.admin("admin@example.com").await;
        world.sql("UPDATE users SET plan = 'premium' WHERE email = 'premium@example.com'").await;
        for (token, limit, status) in [
            (None, 10, 401),
            (Some(&renter.token), 100, 200),
            (Some(&premium.token), 500, 200),
            (Some(&admin.token), 1000, 200),
        ] {
            let token = token.map(String::as_str);
            let asks = (0..limit).map(|_| replica.rest(token, "GET /v1/users/me", None));
            let answers = join_all(asks).await;
            assert!(answers.iter().all(|answer| answer.status == status), "{limit}");
            let mut remaining: Vec<u32> = answers.iter().map(|answer| limit_headers(answer)[1].parse().unwrap()).collect();
            remaining.sort_unstable();
            assert!(remaining.iter().copied().eq(0..limit), "{limit}");
            let refused = replica.rest(token, "GET /v1/users/me", None).await;
            assert_eq!(refused.error(429), "RATE_LIMITED");
            assert_eq!(limit_headers(&refused), [&limit.to_string(), "0", "1772366460", "60"]);
            assert_eq!(refused.header("retry-after"), "60");
            assert_eq!(refused.json()["details"]["retry_after"], 60);
        }
        // GraphQL counts against the same limit.
        let request = Request::post("/graphql")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {}", renter.token))
            .body(Body::from(r#"{"query":"{ __typename }"}"#));
        assert_eq!(replica.send(request.unwrap()).await.error(429), "RATE_LIMITED");
        world.advance(60);
        assert_eq!(replica.rest(Some(&renter.token), "GET /v1/users/me", None).await.status, 200);
    }

    /// Aliases are no way to write a hundred times for one request.
    async fn a_mutation_counts_once_for_each_of_its_fields(world: World) {
        let mut world = world;
        world.settings.request_limits.free = 30;
        let (replica, renter) = world.populated().await;
        let read = |aliases: usize| {
            let fields = (0..aliases).map(|n| format!("a{n}: markAllMessagesRead(input: {{}}) {{ __typename }}"));
            json!({ "query": format!("mutation {{ {} }}", fields.collect::<String>()) })
        };
        let post = async |body: Value| {
            let request = Request::post("/graphql")
                .header("content-type", "application/json")
                .header("authorization", format!("Bearer {}", renter.token))
                .body(Body::from(body.to_string()));
            replica.send(request.unwrap()).await
        };
        let left = |answer: &Answer| limit_headers(answer)[1].parse::<u32>().unwrap();
        assert_eq!(left(&post(read(1)).await), 29);
        assert_eq!(left(&post(read(9)).await), 20);
        // A query counts as one, whatever it asks for.
        assert_eq!(left(&post(json!({ "query": "{ a: __typename b: __typename viewer { id } }" })).await), 19);
        // The operations of a batch count by themselves.
        assert_eq!(left(&post(json!([read(2), read(3), { "query": "{ viewer { id } }" }])).await), 13);
        // One that skips all of its fields counts as well.
        let skips = "mutation($all: Boolean = true) { markAllMessagesRead(input: {}) @skip(if: $all) { __typename } }";
        let skipped = post(json!({ "query": skips })).await;
        assert_eq!((skipped.json(), left(&skipped)), (json!({ "data": {} }), 12));
        let refused = post(read(15)).await;
        assert_eq!(refused.error(429), "RATE_LIMITED");
        // Nothing of it ran, and one was counted before it was read.
        assert_eq!(left(&post(read(1)).await), 10);
    }

    async fn the_limit_is_exact_under_concurrency(world: World) {
        let mut world = world;
        world.settings.request_limits.free = 73;
        let (replica, renter) = world.populated().await;
        let other = world.replica().await;
        // Two replicas of a cluster count together; embedded there is one.
        let both = [&replica, if world.backend == Backend::Cluster { &other } else { &replica }];
        let token = renter.token.as_str();
        let asks = (0..200).map(|n| both[n % 2].rest(Some(token), "GET /v1/users/me", None));
        let answers = join_all(asks).await;
        let passed = answers.iter().filter(|answer| answer.status == 200).count();
        let refused = answers.iter().filter(|answer| answer.status == 429).count();
        assert_eq!((passed, refused), (73, 127));
    }

    async fn the_window_slides(world: World) {
        let mut world = world;
        world.settings.request_limits.guest = 2;
        let replica = world.replica().await;
        let ask = || from(&replica, "203.0.113.7", &[], "/v1/users/me");
        assert_eq!(ask().await.status, 401);
        world.advance(30);
        assert_eq!(limit_headers(&ask().await), ["2", "0", "1772366460", "60"]);
        world.advance(29);
        assert_eq!(ask().await.header("retry-after"), "1");
        world.advance(1);
        // The first has left the window, and the second has not.
        assert_eq!(limit_headers(&ask().await), ["2", "0", "1772366490", "60"]);
        assert_eq!(ask().await.header("retry-after"), "30");
    }

    async fn guests_count_by_address(world: World) {
        let mut world = world;
        world.settings.request_limits.guest = 1;
        world.options.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
        let replica = world.replica().await;
        let ask = async |peer: &str, forwarded: &str| {
            let headers = [("x-forwarded-for", forwarded)];
            let headers = if forwarded.is_empty() { &headers[..0] } else { &headers };
            from(&replica, peer, headers, "/v1/users/me").await.status.as_u16()
        };
        assert_eq!((ask("203.0.113.7", "").await, ask("203.0.113.7", "").await), (401, 429));
        // `X-Forwarded-For` of an untrusted peer is ignored.
        assert_eq!(ask("203.0.113.7", "198.51.100.1").await, 429);
        assert_eq!((ask("10.0.0.1", "198.51.100.1").await, ask("10.0.0.2", "198.51.100.1").await), (401, 429));
        assert_eq!(ask("10.0.0.1", "192.0.2.1, 198.51.100.1").await, 429);
        // An IPv6 subscriber has a whole /64.
        assert_eq!((ask("2001:db8::1", "").await, ask("2001:db8::ffff:2", "").await), (401, 429));
        assert_eq!(ask("2001:db8:0:1::1", "").await, 401);
        assert_eq!(ask("::ffff:203.0.113.7", "").await, 429);
    }

    async fn every_response_of_the_api_has_the_limit_headers(world: World) {
        let (replica, renter) = world.populated().await;
        for (token, endpoint) in [
            (None, "PUT /v1/numbers"),
            (None, "POST /v1/auth/login"),
            (Some("nonsense"), "GET /v1/numbers"),
            (Some(renter.token.as_str()), "GET /v1/numbers/99"),
            (Some(renter.token.as_str()), "GET /graphql"),
        ] {
            let answer = replica.rest(token, endpoint, None).await;
            assert!(limit_headers(&answer).iter().all(|value| value.parse::<u64>().is_ok()), "{endpoint}");
            assert!(!answer.header("x-request-id").is_empty());
        }
        // Webhooks and files are not limited this way.
        for path in ["/healthz", "/v1/docs", "/v1/openapi.json", "/v1/docs/assets/docs.js", "/graphql/assets/explorer.js"] {
            let answer = replica.get(path).await;
            assert_eq!((answer.status.as_u16(), answer.header("x-ratelimit-limit")), (200, ""), "{path}");
        }
    }

    async fn a_socket_counts_itself_and_what_it_starts(world: World) {
        let mut world = world;
        world.settings.request_limits.free = 3;
        world.settings.request_limits.guest = 1;
        let (replica, renter) = world.populated().await;
        let address = replica.listen().await;
        // The operations count for the user, and the upgrade for nobody: who is there is said in the first message.
        let mut socket = Socket::ready(address, &renter).await;
        for n in 0..3 {
            socket.subscribe(&n.to_string(), "{ __typename }", json!({})).await;
            assert_eq!(socket.receive().await["type"], "next");
            assert_eq!(socket.receive().await["type"], "complete");
        }
        socket.subscribe("3", "{ __typename }", json!({})).await;
        let frame = socket.receive().await;
        assert_eq!((&frame["type"], &frame["payload"][0]["extensions"]["code"]), (&json!("error"), &json!("RATE_LIMITED")));
        assert_eq!(frame["payload"][0]["extensions"]["retryAfter"], 60);
        let refused = otpwire::fetch::client().unwrap().build().unwrap().get(format!("http://{address}/v1/users/me")).send().await.unwrap();
        assert_eq!(refused.status(), 401);
    }

    async fn unknown_api_keys_are_limited(world: World) {
        let (replica, renter) = world.populated().await;
        let body = json!({ "name": "x", "scopes": ["messages:read"] });
        let made = replica.rest_ok(Some(&renter.token), "POST /v1/users/me/api-keys", Some(body)).await;
        let show = async |key: &str| {
            let header = format!("Bearer {key}");
            from(&replica, "203.0.113.7", &[("authorization", header.as_str())], "/v1/users/me").await.status.as_u16()
        };
        let guesses: Vec<String> = (0..70).map(|n| format!("otpk_{n}")).collect();
        let statuses = join_all(guesses.iter().map(|key| show(key))).await;
        assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 60);
        assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 10);
        // Other addresses are not affected.
        let header = format!("Bearer {}", made["key"].as_str().unwrap());
        let elsewhere = from(&replica, "203.0.113.8", &[("authorization", header.as_str())], "/v1/users/me").await;
        assert_eq!(elsewhere.status, 200);
    }

    async fn usage_is_rolled_up(world: World) {
        let (replica, renter) = world.populated().await;
        for _ in 0..3 {
            replica.rest_ok(Some(&renter.token), "GET /v1/numbers/1", None).await;
        }
        from(&replica, "2001:db8::1", &[], "/v1/users/me").await;
        world.advance(60);
        replica.rest_ok(Some(&renter.token), "GET /v1/numbers/2", None).await;
        // It counts like a page.
        replica.get("/v1/no/such/path").await;
        replica.app.roll_up_usage().await.unwrap();
        replica.app.roll_up_usage().await.unwrap();
        let host = if world.backend == Backend::Cluster { "host(ip_address)" } else { "ip_address" };
        let rows = world.column(&format!(
            "SELECT endpoint || ' ' || coalesce(cast(user_id AS text), {host}, '-') || ' ' || request_count
             FROM api_rate_limits ORDER BY window_start, endpoint, request_count"
        )).await;
        assert_eq!(rows, [
            "GET /v1/numbers/{id} 1 3",
            "GET /v1/users/me 2001:db8:: 1",
            "GET /v1/numbers/{id} 1 1",
        ]);
        let minutes = world.column("SELECT DISTINCT window_start FROM api_rate_limits").await;
        assert_eq!(minutes.len(), 2);
        world.advance(31 * 86_400);
        replica.app.purge().await.unwrap();
        assert!(world.column("SELECT id FROM api_rate_limits").await.is_empty());
    }

    async fn usage_of_a_deleted_user_does_not_break_the_roll_up(world: World) {
        let (replica, renter) = world.populated().await;
        replica.rest_ok(Some(&renter.token), "GET /v1/users/me", None).await;
        replica.get("/v1/users/me").await;
        world.sql(if world.backend == Backend::Embedded { "PRAGMA foreign_keys = ON; DELETE FROM users" } else { "DELETE FROM users" }).await;
        replica.app.roll_up_usage().await.unwrap();
        assert_eq!(world.column("SELECT request_count FROM api_rate_limits").await, ["1"]);
    }
}

/// Without Redis each replica limits by itself, and the service stays up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_work_without_redis() {
    let mut world = World::new(Backend::Cluster).await;
    world.settings.request_limits.guest = 5;
    let mut server = Redis::start();
    let replica = world.replica_over(Some(server.url())).await;
    let ask = || from(&replica, "203.0.113.7", &[], "/v1/users/me");
    for _ in 0..5 {
        assert_eq!(ask().await.status, 401);
    }
    assert_eq!(ask().await.status, 429);
    server.stop();
    // The counts in Redis are lost; the replica starts at zero.
    for _ in 0..5 {
        assert_eq!(ask().await.status, 401);
    }
    assert_eq!(ask().await.status, 429);
    server.start_again();
    // The replica reconnects in time, and Redis counts from there.
    let back = async {
        while ask().await.status == 429 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, back).await.expect("Redis is not found again");
    let mut passed = 1;
    while ask().await.status == 401 {
        passed += 1;
    }
    assert_eq!(passed, 5);
    server.stop();
}
