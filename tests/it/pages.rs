//! The page for people: its addresses, its files, and errors as pages.

use axum::{body::Body, http::Request};
use serde_json::json;

use crate::support::{Replica, World, client::Answer, on_both};

/// What Chromium sends when somebody opens an address.
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

async fn open(replica: &Replica, path: &str) -> Answer {
    replica.send(Request::get(path).header("accept", BROWSER).body(Body::empty()).unwrap()).await
}

fn is_page(answer: &Answer) -> bool {
    answer.header("content-type") == "text/html; charset=utf-8" && answer.text().starts_with("<!doctype html>")
}

on_both! {
    async fn every_screen_is_the_page(world: World) {
        let (replica, _) = world.populated().await;
        for path in ["/", "/numbers", "/account", "/sign-in", "/console", "/console/providers/prv_1", "/console/audit"] {
            let answer = open(&replica, path).await;
            assert!(answer.status == 200 && is_page(&answer) && answer.text().contains("/assets/app.js"), "{path}");
            let policy = answer.header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{policy}");
            assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
        }
        for (file, kind) in [
            ("app.js", "text/javascript; charset=utf-8"), ("app.css", "text/css; charset=utf-8"), ("icon.svg", "image/svg+xml"),
        ] {
            let answer = replica.get(&format!("/assets/{file}")).await;
            assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, kind), "{file}");
            assert!(!answer.header("etag").is_empty() && answer.header("cache-control") == "no-cache");
        }
    }

    async fn whoever_opens_an_address_gets_a_page_also_when_it_fails(world: World) {
        let mut world = world;
        world.settings.request_limits.guest = 2;
        let (replica, _) = world.populated().await;
        for (path, status, title) in [
            ("/nothing", 404, "There is nothing here"),
            ("/console/nothing", 404, "There is nothing here"),
            ("/v1/users/me", 401, "Sign in first"),
            ("/v1/auth/login", 405, "That did not work"),
            ("/v1/users/me", 429, "That was a lot at once"),
            ("/v1/webhooks/sms", 400, "That did not work"),
        ] {
            let answer = open(&replica, path).await;
            assert!(answer.status == status && is_page(&answer), "{path}: {} {}", answer.status, answer.text());
            assert!(answer.text().contains(&format!("<h1>{title}</h1>")), "{path}: {}", answer.text());
            assert!(answer.text().contains(answer.header("x-request-id")));
            assert!(answer.headers.get_all("vary").iter().any(|vary| vary == "accept"));
        }
        // A program gets what it always got.
        assert_eq!(replica.get("/nothing").await.error(404), "NOT_FOUND");
        // What somebody put into an address is text.
        let answer = open(&replica, "/v1/numbers/%3Cscript%3E").await;
        assert!(is_page(&answer) && !answer.text().contains("<script>"), "{}", answer.text());
    }

    async fn pages_and_the_schema_do_not_use_up_a_guests_requests(world: World) {
        let mut world = world;
        world.settings.request_limits.guest = 1;
        world.settings.request_limits.pages = 30;
        let (replica, _) = world.populated().await;
        let ask = async |query: &str| replica.rest(None, "POST /graphql", Some(json!({ "query": query }))).await;
        let paths = [
            "/", "/assets/app.js", "/graphql", "/graphql/assets/explorer.js", "/v1/docs", "/v1/docs/assets/docs.js", "/nothing",
            "/numbers",
        ];
        for path in paths {
            assert_ne!(open(&replica, path).await.status, 429, "{path}");
        }
        assert_eq!(replica.get("/v1/openapi.json").await.status, 200);
        for query in ["{ __schema { queryType { name } } }", "{ a: __typename __type(name: \"User\") { name } }"] {
            let answer = ask(query).await;
            assert_eq!((answer.status.as_u16(), &answer.json()["errors"]), (200, &json!(null)), "{query}");
        }
        // One request is left, and one is used.
        let answer = ask("{ __typename viewer { id } }").await;
        assert_eq!((answer.status.as_u16(), answer.header("x-ratelimit-limit"), answer.header("x-ratelimit-remaining")), (200, "1", "0"));
        assert_eq!(ask("{ countries { code } }").await.error(429), "RATE_LIMITED");
        assert_eq!(ask("{ __typename }").await.status, 200);
        // A credential that is not good may be a guess, whatever it is sent with.
        let guess = replica.rest(Some("nonsense"), "POST /graphql", Some(json!({ "query": "{ __typename }" }))).await;
        assert_eq!(guess.error(429), "RATE_LIMITED");
        // The limit of pages is one too.
        let mut statuses = Vec::new();
        for _ in 0..30 {
            statuses.push(open(&replica, "/").await.status.as_u16());
        }
        assert_eq!((statuses[0], statuses[29]), (200, 429));
        assert!(is_page(&open(&replica, "/").await));
        world.advance(60);
        assert_eq!(open(&replica, "/").await.status, 200);
    }
}
