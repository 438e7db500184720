//! Sessions in a browser: the refresh token in a cookie, which only pages of this server can use.

use axum::{body::Body, http::Request};
use otpwire::domain::{Caller, Client, Operator, UserId};
use serde_json::{Value, json};

use crate::support::{PASSWORD, PUBLIC_URL, Replica, World, client::Answer, on_both};

/// A browser at the page of the server.
struct Browser<'a> {
    replica: &'a Replica,
    cookie: Option<String>,
}

impl Browser<'_> {
    async fn post(&mut self, path: &str, token: Option<&str>, body: Option<Value>) -> Answer {
        let mut request = Request::post(path).header("origin", PUBLIC_URL).header("sec-fetch-site", "same-origin");
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", format!("theme=dark; {cookie}"));
        }
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let answer = self.replica.send(request.header("content-type", "application/json").body(body).unwrap()).await;
        if let Some((pair, attributes)) = answer.header("set-cookie").split_once("; ") {
            assert!(
                attributes.contains("Path=/session; Max-Age=") && attributes.contains("; HttpOnly; SameSite=Strict")
            );
            assert_eq!(attributes.ends_with("; Secure"), PUBLIC_URL.starts_with("https"), "{attributes}");
            self.cookie = (!attributes.contains("Max-Age=0")).then(|| pair.to_owned());
        }
        answer
    }

    async fn sign_in(&mut self, email: &str) -> Answer {
        self.post("/session", None, Some(json!({ "email": email, "password": PASSWORD }))).await
    }
}

fn token(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.json();
    assert_eq!(
        body.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["access_token", "expires_in"],
        "no refresh token"
    );
    body["access_token"].as_str().unwrap().to_owned()
}

async fn status(replica: &Replica, token: &str) -> u16 {
    replica.rest(Some(token), "GET /v1/users/me", None).await.status.as_u16()
}

on_both! {
    async fn a_session_lives_in_the_cookie(world: World) {
        let (replica, _) = world.populated().await;
        let mut browser = Browser { replica: &replica, cookie: None };
        assert_eq!(browser.post("/session/refresh", None, None).await.status, 204);
        let first = token(&browser.sign_in("renter@example.com").await);
        assert_eq!(status(&replica, &first).await, 200);
        world.advance(3601);
        assert_eq!(status(&replica, &first).await, 401);
        let second = token(&browser.post("/session/refresh", None, None).await);
        assert_eq!(status(&replica, &second).await, 200);
        // The API does not know cookies.
        let cookie = browser.cookie.clone().unwrap();
        let request = Request::get("/v1/users/me").header("cookie", &cookie).body(Body::empty()).unwrap();
        assert_eq!(replica.send(request).await.status, 401);
        let ended = browser.post("/session/end", None, None).await;
        assert_eq!((ended.status.as_u16(), browser.cookie.as_deref()), (204, None));
        assert_eq!(status(&replica, &second).await, 401);
        browser.cookie = Some(cookie);
        assert_eq!(browser.post("/session/refresh", None, None).await.status, 204);
        assert_eq!(browser.cookie, None, "a cookie that is no longer good is taken away");
    }

    async fn only_pages_of_the_server_may_use_it(world: World) {
        let (replica, _) = world.populated().await;
        let mut browser = Browser { replica: &replica, cookie: None };
        token(&browser.sign_in("renter@example.com").await);
        let cookie = browser.cookie.clone().unwrap();
        for path in ["/session", "/session/refresh", "/session/end", "/session/password"] {
            for headers in [
                &[("origin", "https://evil.example")][..],
                &[("origin", "null")],
                &[],
                &[("origin", PUBLIC_URL), ("sec-fetch-site", "cross-site")],
                &[("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")],
            ] {
                let mut request = Request::post(path).header("cookie", &cookie).header("content-type", "application/json");
                for (name, value) in headers {
                    request = request.header(*name, *value);
                }
                let body = json!({ "email": "renter@example.com", "password": PASSWORD });
                let answer = replica.send(request.body(Body::from(body.to_string())).unwrap()).await;
                assert_eq!(answer.error(403), "FORBIDDEN", "{path} {headers:?}");
                assert_eq!(answer.header("set-cookie"), "");
            }
        }
        token(&browser.post("/session/refresh", None, None).await);
    }

    async fn a_password_is_changed_in_the_same_browser(world: World) {
        let (replica, renter) = world.populated().await;
        let mut browser = Browser { replica: &replica, cookie: None };
        let before = token(&browser.sign_in("renter@example.com").await);
        let change = |new: &str| Some(json!({ "current_password": PASSWORD, "new_password": new }));
        assert_eq!(browser.post("/session/password", None, change("a rather long one 7")).await.error(401), "UNAUTHENTICATED");
        assert_eq!(browser.post("/session/password", Some(&before), change("short")).await.error(422), "VALIDATION_ERROR");
        let after = token(&browser.post("/session/password", Some(&before), change("a rather long one 7")).await);
        assert_eq!((status(&replica, &after).await, status(&replica, &before).await), (200, 401));
        assert_eq!(status(&replica, &renter.token).await, 401);
        token(&browser.post("/session/refresh", None, None).await);
        // API keys stay unless they are to be revoked.
        let make = json!({ "name": "ci", "scopes": ["messages:read"] });
        let key = replica.rest_ok(Some(&after), "POST /v1/users/me/api-keys", Some(make)).await;
        let key = key["key"].as_str().unwrap();
        for (revoke, works) in [(json!(null), 200), (json!(false), 200), (json!("yes"), 200), (json!(true), 401)] {
            let mut browser = Browser { replica: &replica, cookie: None };
            let here = token(&browser.post("/session", None, Some(json!({ "email": "renter@example.com", "password": "a rather long one 7" }))).await);
            let mut change = json!({ "current_password": "a rather long one 7", "new_password": "a rather long one 7" });
            if !revoke.is_null() {
                change["revoke_api_keys"] = revoke.clone();
            }
            let answer = browser.post("/session/password", Some(&here), Some(change)).await;
            assert_eq!(answer.status, if revoke == "yes" { 400 } else { 200 }, "{revoke}: {}", answer.text());
            assert_eq!(replica.rest(Some(key), "GET /v1/messages", None).await.status, works, "{revoke}");
        }
    }

    async fn signing_out_everywhere_ends_every_session(world: World) {
        let (replica, renter) = world.populated().await;
        let mut browser = Browser { replica: &replica, cookie: None };
        let here = token(&browser.sign_in("renter@example.com").await);
        replica.rest_ok(Some(&here), "DELETE /v1/users/me/sessions", None).await;
        assert_eq!((status(&replica, &here).await, status(&replica, &renter.token).await), (401, 401));
        assert_eq!(browser.post("/session/refresh", None, None).await.status, 204);
    }

    async fn the_token_of_a_link_signs_in_once(world: World) {
        let (replica, _) = world.populated().await;
        let user = UserId(world.column("SELECT id FROM users WHERE email = 'renter@example.com'").await[0].parse().unwrap());
        let made = || {
            use secrecy::ExposeSecret;
            Some(json!({ "sign_in_token": replica.app.create_sign_in_token(&Operator, user).unwrap().expose_secret() }))
        };
        let mut browser = Browser { replica: &replica, cookie: None };
        let link = made();
        let signed_in = token(&browser.post("/session", None, link.clone()).await);
        assert_eq!(status(&replica, &signed_in).await, 200);
        let late = made();
        world.advance(15 * 60);
        for (body, why) in [(link, "used"), (late, "late"), (Some(json!({ "sign_in_token": "otps_x" })), "unknown"), (Some(json!({})), "empty")] {
            assert_eq!(browser.post("/session", None, body).await.error(422), "VALIDATION_ERROR", "{why}");
        }
        // Not even an administrator may sign in as somebody else.
        let admin = replica.admin("admin@example.com").await;
        let admin = replica.app.authenticate(&admin.token, &Client::default()).await.unwrap();
        for (cx, refused) in [(&admin, "FORBIDDEN"), (&Caller::Guest, "UNAUTHENTICATED")] {
            assert_eq!(replica.app.create_sign_in_token(cx, user).unwrap_err().code().name(), refused);
        }
    }
}
