//! Sessions, refresh tokens, passwords and API keys of accounts.

use std::time::Duration;

use axum::{body::Body, http::Request};
use otpwire::app::Keyring;
use serde_json::{Value, json};

use crate::support::{PASSWORD, Renter, Replica, World, on_both, socket::Socket};

pub(crate) const NEW_PASSWORD: &str = "a quite different one";

async fn refresh(replica: &Replica, token: &str) -> Result<Value, String> {
    let answer = replica.rest(None, "POST /v1/auth/refresh", Some(json!({ "refresh_token": token }))).await;
    if answer.status == 200 { Ok(answer.json()) } else { Err(answer.error(401)) }
}

/// Refreshes with a valid token; returns the next refresh token.
async fn successor(replica: &Replica, token: &str) -> String {
    refresh(replica, token).await.unwrap()["refresh_token"].as_str().unwrap().to_owned()
}

pub(crate) async fn me(replica: &Replica, token: &str) -> u16 {
    replica.rest(Some(token), "GET /v1/users/me", None).await.status.as_u16()
}

pub(crate) fn log_in(password: &str) -> Option<Value> {
    Some(json!({ "email": "renter@example.com", "password": password }))
}

on_both! {
    async fn a_session_shows_its_device_and_address(world: World) {
        let (replica, renter) = world.populated().await;
        let body = json!({ "email": "renter@example.com", "password": PASSWORD }).to_string();
        let mut request = Request::post("/v1/auth/login")
            .header("content-type", "application/json")
            .header("user-agent", "Firefox on a phone")
            .body(Body::from(body))
            .unwrap();
        let peer: std::net::SocketAddr = "203.0.113.7:4711".parse().unwrap();
        request.extensions_mut().insert(axum::extract::ConnectInfo(peer));
        let signed_in = replica.send(request).await.json();
        assert_eq!(signed_in["user"]["last_login"], "2026-03-01T12:00:00Z");
        let token = signed_in["access_token"].as_str().unwrap();
        let sessions = replica.rest_ok(Some(token), "GET /v1/users/me/sessions", None).await;
        let sessions = sessions["sessions"].as_array().unwrap();
        assert_eq!(sessions.len(), 2);
        assert_eq!(sessions[0]["user_agent"], "Firefox on a phone");
        assert_eq!(sessions[0]["ip_address"], "203.0.113.7");
        assert_eq!((&sessions[0]["is_current"], &sessions[1]["is_current"]), (&json!(true), &json!(false)));
        assert_eq!(sessions[0]["expires_at"], "2026-03-31T12:00:00Z");
        // Only digests are stored.
        let stored = world.column("SELECT refresh_token FROM user_sessions").await;
        let refresh_token = signed_in["refresh_token"].as_str().unwrap();
        assert!(stored.contains(&sha256(refresh_token)) && stored.contains(&sha256(&renter.refresh_token)));
        // One session can end the other.
        let other = format!("DELETE /v1/users/me/sessions/{}", sessions[1]["id"]);
        replica.rest_ok(Some(token), &other, None).await;
        let ended = replica.rest(Some(&renter.token), "GET /v1/users/me", None).await;
        assert_eq!(ended.error(401), "SESSION_ENDED");
        assert_eq!(refresh(&replica, &renter.refresh_token).await.unwrap_err(), "INVALID_REFRESH_TOKEN");
        assert_eq!(me(&replica, token).await, 200);
        assert_eq!(replica.rest(Some(token), &other, None).await.error(404), "NOT_FOUND");
    }

    async fn sessions_and_keys_of_others_are_not_found(world: World) {
        let (replica, renter) = world.populated().await;
        let other = replica.renter("other@example.com").await;
        let key = json!({ "name": "mine", "scopes": ["messages:read"] });
        replica.rest_ok(Some(&renter.token), "POST /v1/users/me/api-keys", Some(key)).await;
        for path in ["DELETE /v1/users/me/sessions/1", "DELETE /v1/users/me/api-keys/1"] {
            assert_eq!(replica.rest(Some(&other.token), path, None).await.error(404), "NOT_FOUND");
        }
        assert_eq!(me(&replica, &renter.token).await, 200);
    }

    async fn refreshing_gives_a_new_access_token(world: World) {
        let (replica, renter) = world.populated().await;
        world.advance(3600);
        assert_eq!(replica.rest(Some(&renter.token), "GET /v1/users/me", None).await.error(401), "TOKEN_EXPIRED");
        let refreshed = refresh(&replica, &renter.refresh_token).await.unwrap();
        assert_eq!(refreshed["expires_in"], 3600);
        assert_eq!(me(&replica, refreshed["access_token"].as_str().unwrap()).await, 200);
        // An access token is not accepted as a refresh token, nor the other way round.
        assert!(refresh(&replica, &renter.token).await.is_err());
        assert_eq!(me(&replica, &renter.refresh_token).await, 401);
        for nonsense in ["", "x", "otpr_", "otpr_AAAA", &"otpr_A".repeat(1000)] {
            assert_eq!(refresh(&replica, nonsense).await.unwrap_err(), "INVALID_REFRESH_TOKEN");
        }
    }

    async fn an_old_refresh_token_is_valid_until_its_successor_is_used(world: World) {
        let (replica, renter) = world.populated().await;
        let first = &renter.refresh_token;
        // A client that ignores the new refresh tokens can use the old one again.
        for _ in 0..3 {
            world.advance(3600);
            successor(&replica, first).await;
        }
        let second = successor(&replica, first).await;
        assert_eq!(successor(&replica, first).await, second, "a retry gets the same token as the lost answer");
        world.advance(60);
        let third = successor(&replica, &second).await;
        assert_ne!(third, second);
        // The first token can only be a stolen copy now, so the session ends.
        assert_eq!(refresh(&replica, first).await.unwrap_err(), "INVALID_REFRESH_TOKEN");
        assert_eq!(refresh(&replica, &third).await.unwrap_err(), "INVALID_REFRESH_TOKEN");
        assert_eq!(me(&replica, &renter.token).await, 401);
    }

    async fn a_stolen_refresh_token_ends_the_session(world: World) {
        let (replica, renter) = world.populated().await;
        let owner = successor(&replica, &renter.refresh_token).await;
        world.advance(600);
        // A thief refreshes in between; the owner's next refresh ends the session for both.
        let thief = successor(&replica, &renter.refresh_token).await;
        assert_ne!(owner, thief);
        assert_eq!(refresh(&replica, &owner).await.unwrap_err(), "INVALID_REFRESH_TOKEN");
        assert_eq!(refresh(&replica, &thief).await.unwrap_err(), "INVALID_REFRESH_TOKEN");
        assert!(world.column("SELECT id FROM user_sessions").await.is_empty());
    }

    async fn concurrent_refreshes_get_the_same_token(world: World) {
        let (replica, renter) = world.populated().await;
        let tabs = (0..8).map(|_| successor(&replica, &renter.refresh_token));
        let successors = futures_util::future::join_all(tabs).await;
        assert!(successors.iter().all(|one| *one == successors[0]));
        successor(&replica, &successors[0]).await;
    }

    async fn a_forged_refresh_token_does_not_end_the_session(world: World) {
        let (replica, renter) = world.populated().await;
        // It names the session, but its authentication code is wrong.
        let mut forged = renter.refresh_token.clone().into_bytes();
        let end = forged.len() - 2;
        forged[end] = if forged[end] == b'A' { b'B' } else { b'A' };
        assert!(refresh(&replica, std::str::from_utf8(&forged).unwrap()).await.is_err());
        assert_eq!(me(&replica, &renter.token).await, 200);
        successor(&replica, &renter.refresh_token).await;
    }

    async fn a_session_ends_after_its_idle_time_and_after_its_maximum_age(world: World) {
        let (replica, renter) = world.populated().await;
        let mut token = renter.refresh_token.clone();
        for _ in 0..3 {
            world.advance(29 * 86_400);
            token = successor(&replica, &token).await;
        }
        // The last access token expires with the session, after 90 days.
        world.advance(3 * 86_400 - 600);
        let last = refresh(&replica, &token).await.unwrap();
        assert_eq!(last["expires_in"], 600);
        world.advance(600);
        assert!(refresh(&replica, last["refresh_token"].as_str().unwrap()).await.is_err());
        let renter = replica.log_in("renter@example.com").await;
        world.advance(30 * 86_400);
        assert!(refresh(&replica, &renter.refresh_token).await.is_err());
        replica.app.purge().await.unwrap();
        assert!(world.column("SELECT id FROM user_sessions").await.is_empty());
    }

    async fn logging_out_ends_the_session(world: World) {
        let (replica, renter) = world.populated().await;
        let other = replica.log_in("renter@example.com").await;
        replica.rest_ok(Some(&renter.token), "POST /v1/auth/logout", None).await;
        assert_eq!(me(&replica, &renter.token).await, 401);
        assert!(refresh(&replica, &renter.refresh_token).await.is_err());
        assert_eq!(me(&replica, &other.token).await, 200);
    }

    async fn the_oldest_of_too_many_sessions_ends(world: World) {
        let (replica, renter) = world.populated().await;
        for _ in 0..100 {
            world.advance(1);
            replica.log_in("renter@example.com").await;
        }
        assert_eq!(world.column("SELECT count(*) FROM user_sessions").await, ["100"]);
        assert!(refresh(&replica, &renter.refresh_token).await.is_err());
    }

    async fn changing_the_password_ends_every_session(world: World) {
        let (replica, renter) = world.populated().await;
        let other = replica.log_in("renter@example.com").await;
        let change = |current: &str, new: &str| Some(json!({ "current_password": current, "new_password": new }));
        let path = "POST /v1/users/me/password";
        let wrong = replica.rest(Some(&renter.token), path, change("wrong password", NEW_PASSWORD)).await;
        assert_eq!((wrong.error(422), &wrong.json()["details"]["field"]), ("VALIDATION_ERROR".into(), &json!("current_password")));
        let short = replica.rest(Some(&renter.token), path, change(PASSWORD, "short")).await;
        assert_eq!((short.error(422), &short.json()["details"]["field"]), ("VALIDATION_ERROR".into(), &json!("new_password")));
        let changed = replica.rest_ok(Some(&renter.token), path, change(PASSWORD, NEW_PASSWORD)).await;
        for token in [&renter.token, &other.token] {
            assert_eq!(me(&replica, token).await, 401);
        }
        assert_eq!(me(&replica, changed["access_token"].as_str().unwrap()).await, 200);
        successor(&replica, changed["refresh_token"].as_str().unwrap()).await;
        assert_eq!(replica.rest(None, "POST /v1/auth/login", log_in(PASSWORD)).await.status, 401);
        assert_eq!(replica.rest(None, "POST /v1/auth/login", log_in(NEW_PASSWORD)).await.status, 200);
    }

    async fn a_password_that_changes_during_its_check_is_refused(world: World) {
        let mut world = world;
        // Makes the check slow enough for a change during it.
        world.settings.password_cost = otpwire::app::accounts::PasswordCost { memory_kib: 19 * 1024, passes: 10 };
        let (replica, renter) = world.populated().await;
        let (answer, ()) = tokio::join!(replica.rest(None, "POST /v1/auth/login", log_in(PASSWORD)), async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            world.sql("UPDATE users SET password_hash = 'another'").await;
        });
        assert_eq!(answer.error(401), "INVALID_CREDENTIALS");
        assert_eq!(world.column("SELECT id FROM user_sessions").await.len(), 1);
        assert_eq!(me(&replica, &renter.token).await, 200);
    }

    async fn ending_a_session_closes_its_websockets(world: World) {
        let (replica, renter) = world.populated().await;
        let address = replica.listen().await;
        let other = replica.log_in("renter@example.com").await;
        let mut sockets = [Socket::ready(address, &renter).await, Socket::ready(address, &other).await];
        sockets[0].watch(None).await;
        replica.rest_ok(Some(&renter.token), "POST /v1/auth/logout", None).await;
        let ended = (4403, "Forbidden: the session was ended; sign in again".to_owned());
        assert_eq!(sockets[0].closed_at_last().await, ended);
        // The other session continues until the password is changed.
        sockets[1].subscribe("1", "{ viewer { email } }", json!({})).await;
        assert_eq!(sockets[1].receive().await["payload"]["data"]["viewer"]["email"], "renter@example.com");
        let change = json!({ "current_password": PASSWORD, "new_password": NEW_PASSWORD });
        replica.rest_ok(Some(&other.token), "POST /v1/users/me/password", Some(change)).await;
        assert_eq!(sockets[1].closed_at_last().await, ended);
    }

    async fn an_administrator_can_change_users(world: World) {
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let update = "mutation($input: UpdateUserInput!) { updateUser(input: $input) { user { id role plan isActive } } }";
        let user = format!("usr_{}", renter.user.id);
        let input = json!({ "input": { "userId": user, "plan": "PREMIUM", "role": "ADMIN" } });
        let updated = replica.data(&admin, update, input).await;
        assert_eq!(updated["updateUser"]["user"], json!({ "id": user, "role": "ADMIN", "plan": "PREMIUM", "isActive": true }));
        // The change takes effect at once.
        assert_eq!(replica.rest(Some(&renter.token), "GET /v1/users/me", None).await.json()["plan"], "premium");
        let input = json!({ "input": { "userId": user, "role": "USER", "isActive": false } });
        replica.data(&admin, update, input).await;
        assert_eq!(replica.rest(Some(&renter.token), "GET /v1/users/me", None).await.error(403), "ACCOUNT_DEACTIVATED");
        assert_eq!(replica.rest(None, "POST /v1/auth/login", log_in(PASSWORD)).await.error(403), "ACCOUNT_DEACTIVATED");
        // Administrators cannot lock themselves out, and unknown users cannot be changed.
        let me = format!("usr_{}", admin.user.id);
        for (input, code) in [
            (json!({ "userId": me, "isActive": false }), "VALIDATION_ERROR"),
            (json!({ "userId": me, "role": "USER" }), "VALIDATION_ERROR"),
            (json!({ "userId": "usr_99", "plan": "FREE" }), "NOT_FOUND"),
            (json!({ "userId": "num_1", "plan": "FREE" }), "VALIDATION_ERROR"),
        ] {
            assert_eq!(replica.code(Some(&admin), update, json!({ "input": input })).await, code);
        }
    }

    async fn checking_a_cached_credential_needs_no_query(world: World) {
        let (replica, renter) = world.populated().await;
        let ended = replica.log_in("renter@example.com").await;
        replica.rest_ok(Some(&ended.token), "POST /v1/auth/logout", None).await;
        for _ in 0..2 {
            assert_eq!((me(&replica, &renter.token).await, me(&replica, &ended.token).await), (200, 401));
        }
        // Any query of the sessions would fail now.
        world.sql("ALTER TABLE user_sessions RENAME TO gone").await;
        for _ in 0..3 {
            assert_eq!((me(&replica, &renter.token).await, me(&replica, &ended.token).await), (200, 401));
        }
        assert_eq!(replica.rest(Some(&renter.token), "GET /v1/users/me/sessions", None).await.status, 500);
    }

    async fn node_finds_only_what_the_user_owns(world: World) {
        let (replica, renter) = world.populated().await;
        let other = replica.renter("other@example.com").await;
        let body = json!({ "name": "x", "scopes": ["messages:read"] });
        replica.rest_ok(Some(&renter.token), "POST /v1/users/me/api-keys", Some(body)).await;
        for id in ["ses_1", "key_1"] {
            let query = format!("{{ node(id: \"{id}\") {{ id __typename }} }}");
            assert_eq!(replica.data(&renter, &query, json!({})).await["node"]["id"], id);
            assert_eq!(replica.code(Some(&other), &query, json!({})).await, "NOT_FOUND");
        }
    }

    async fn a_name_can_be_changed(world: World) {
        let (replica, renter) = world.populated().await;
        let token = Some(renter.token.as_str());
        let change = Some(json!({ "first_name": " Ada ", "last_name": "Lovelace" }));
        let user = replica.rest_ok(token, "PATCH /v1/users/me", change).await;
        assert_eq!((&user["first_name"], &user["last_name"]), (&json!("Ada"), &json!("Lovelace")));
        let user = replica.rest_ok(token, "PATCH /v1/users/me", Some(json!({ "last_name": null }))).await;
        assert_eq!((&user["first_name"], &user["last_name"]), (&json!("Ada"), &Value::Null));
        assert_eq!(replica.rest_ok(token, "GET /v1/users/me", None).await, user);
        let long = replica.rest(token, "PATCH /v1/users/me", Some(json!({ "first_name": "x".repeat(101) }))).await;
        assert_eq!(long.error(422), "VALIDATION_ERROR");
        let unknown = replica.rest(token, "PATCH /v1/users/me", Some(json!({ "role": "admin" }))).await;
        assert_eq!((unknown.error(400), &unknown.json()["details"]["field"]), ("INVALID_REQUEST".into(), &json!("role")));
    }

    async fn an_api_key_can_do_what_its_scopes_say(world: World) {
        let (replica, renter) = world.populated().await;
        let make = |scopes: Value| {
            let body = json!({ "name": " CI ", "scopes": scopes, "expires_in_days": 1 });
            replica.rest_ok(Some(&renter.token), "POST /v1/users/me/api-keys", Some(body))
        };
        let reads = make(json!(["messages:read"])).await;
        let rents = make(json!(["numbers:rent", "messages:read"])).await;
        let (read, rent) = (reads["key"].as_str().unwrap(), rents["key"].as_str().unwrap());
        assert!(read.starts_with("otpk_") && read.starts_with(reads["api_key"]["prefix"].as_str().unwrap()));
        assert_eq!(reads["api_key"]["name"], "CI");
        let order = Some(json!({ "phone_number_id": 1 }));
        let refused = replica.rest(Some(read), "POST /v1/numbers", order.clone()).await;
        assert_eq!((refused.error(403), &refused.json()["details"]["scope"]), ("INSUFFICIENT_SCOPE".into(), &json!("numbers:rent")));
        assert_eq!(replica.rest(Some(rent), "POST /v1/numbers", order).await.status, 201);
        assert_eq!(replica.rest(Some(read), "GET /v1/messages", None).await.status, 200);
        // The digest is stored and the prefix is shown; the time of the last use is written later.
        let stored = world.column("SELECT key_digest FROM api_keys ORDER BY id").await;
        assert_eq!(stored, [sha256(read), sha256(rent)]);
        replica.app.roll_up_usage().await.unwrap();
        let listed = replica.rest_ok(Some(&renter.token), "GET /v1/users/me/api-keys", None).await;
        assert_eq!(listed["api_keys"][0]["last_used_at"], "2026-03-01T12:00:00Z");
        assert_eq!(listed["api_keys"][0]["scopes"], json!(["messages:read", "numbers:rent"]));
        assert_eq!(listed["api_keys"][1]["expires_at"], "2026-03-02T12:00:00Z");
        assert!(!listed.to_string().contains(read));
        // API keys cannot change the account.
        for path in ["GET /v1/users/me/api-keys", "GET /v1/users/me/sessions", "POST /v1/auth/logout"] {
            assert_eq!(replica.rest(Some(rent), path, None).await.error(403), "FORBIDDEN");
        }
        // Revoked and expired keys are refused.
        replica.rest_ok(Some(&renter.token), "DELETE /v1/users/me/api-keys/1", None).await;
        assert_eq!(replica.rest(Some(read), "GET /v1/messages", None).await.error(401), "UNAUTHENTICATED");
        world.advance(86_400);
        assert_eq!(replica.rest(Some(rent), "GET /v1/messages", None).await.error(401), "UNAUTHENTICATED");
        assert_eq!(replica.rest(Some("otpk_nonsense"), "GET /v1/messages", None).await.error(401), "UNAUTHENTICATED");
    }

    async fn an_api_key_watches_until_it_is_revoked(world: World) {
        let (replica, renter) = world.populated().await;
        let body = json!({ "name": "watch", "scopes": ["messages:read"] });
        let made = replica.rest_ok(Some(&renter.token), "POST /v1/users/me/api-keys", Some(body)).await;
        let key = Renter { token: made["key"].as_str().unwrap().into(), ..renter.clone() };
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let mut socket = Socket::ready(replica.listen().await, &key).await;
        socket.watch(Some(&otpwire::domain::InboxCursor { inbox: renter.user.id, seq: 0 }.encode())).await;
        replica.post_sms(&crate::support::client::sms("1", &number, "one")).await;
        assert_eq!(socket.next_message().await.0, "one");
        // A key outlives the session that made it.
        replica.rest_ok(Some(&renter.token), "POST /v1/auth/logout", None).await;
        replica.post_sms(&crate::support::client::sms("2", &number, "two")).await;
        assert_eq!(socket.next_message().await.0, "two");
        let renter = replica.log_in("renter@example.com").await;
        replica.rest_ok(Some(&renter.token), "DELETE /v1/users/me/api-keys/1", None).await;
        assert_eq!(socket.closed_at_last().await.0, 4403);
    }

    async fn an_invalid_key_request_names_its_field(world: World) {
        let (replica, renter) = world.populated().await;
        for (body, status, field) in [
            (json!({ "name": "", "scopes": ["messages:read"] }), 422, "name"),
            (json!({ "name": "x".repeat(101), "scopes": ["messages:read"] }), 422, "name"),
            (json!({ "name": "x\u{202e}y", "scopes": ["messages:read"] }), 422, "name"),
            (json!({ "name": "x\u{2029}y", "scopes": ["messages:read"] }), 422, "name"),
            (json!({ "name": "x", "scopes": [] }), 422, "scopes"),
            (json!({ "name": "x", "scopes": ["messages:write"] }), 422, "scopes[0]"),
            (json!({ "name": "x", "scopes": ["messages:read"], "expires_in_days": 0 }), 422, "expires_in_days"),
            (json!({ "name": "x", "scopes": ["messages:read"], "expires_in_days": 366 }), 422, "expires_in_days"),
        ] {
            let answer = replica.rest(Some(&renter.token), "POST /v1/users/me/api-keys", Some(body)).await;
            assert_eq!((answer.status.as_u16(), &answer.json()["details"]["field"]), (status, &json!(field)), "{}", answer.text());
        }
        for _ in 0..50 {
            let body = json!({ "name": "x", "scopes": ["messages:read"] });
            replica.rest_ok(Some(&renter.token), "POST /v1/users/me/api-keys", Some(body)).await;
        }
        let body = json!({ "name": "x", "scopes": ["messages:read"] });
        let answer = replica.rest(Some(&renter.token), "POST /v1/users/me/api-keys", Some(body)).await;
        assert_eq!(answer.error(409), "LIMIT_REACHED");
    }

    async fn keys_can_be_rotated_without_signing_users_out(world: World) {
        let mut world = world;
        let (old, renter) = world.populated().await;
        // A new root key, and tokens are signed with Ed25519.
        let before = world.change_root_key();
        world.more_keys = ed25519;
        world.previous_root_key = Some(before);
        let replica = world.replica().await;
        assert_eq!(me(&replica, &renter.token).await, 200);
        let next = refresh(&replica, &renter.refresh_token).await.unwrap();
        let token = next["access_token"].as_str().unwrap();
        assert_eq!(me(&replica, token).await, 200);
        let header = jsonwebtoken_header(token);
        assert_eq!(header["alg"], "EdDSA");
        assert_ne!(header["kid"], jsonwebtoken_header(&renter.token)["kid"]);
        // Providers' secrets can still be decrypted.
        replica.post_sms(&crate::support::client::sms("1", "+14155550100", "x")).await;
        assert_eq!(world.column("SELECT count(*) FROM messages").await, ["1"]);
        // A replica that has only the old keys does not accept new tokens.
        assert_eq!(me(&old, token).await, 401);
        // The Ed25519 key is retired: its tokens are accepted while its public key is configured.
        world.more_keys = retired;
        let replica = world.replica().await;
        assert_eq!(me(&replica, token).await, 200);
        world.more_keys = |keys| keys;
        assert_eq!(me(&world.replica().await, token).await, 401);
    }
}

/// Two replicas of a cluster: what one ends, the other ends within a second, without waiting for the periodic check.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_ends_on_one_replica_ends_on_all() {
    let world = World::new(crate::support::Backend::Cluster).await;
    let (one, first) = world.populated().await;
    let two = world.replica().await;
    let address = two.listen().await;
    let admin = one.admin("admin@example.com").await;
    let key = json!({ "name": "x", "scopes": ["messages:read"] });
    let key = one.rest_ok(Some(&first.token), "POST /v1/users/me/api-keys", Some(key)).await;
    let key = Renter { token: key["key"].as_str().unwrap().to_owned(), ..first.clone() };
    let deactivate = format!(
        "mutation {{ updateUser(input: {{ userId: \"usr_{}\", isActive: false }}) {{ user {{ isActive }} }} }}",
        first.user.id
    );
    for ending in ["log out", "end the session", "change the password", "revoke the key", "deactivate"] {
        let (renter, other) = (one.log_in("renter@example.com").await, one.log_in("renter@example.com").await);
        let watcher = if ending == "revoke the key" { &key } else { &renter };
        // The other replica has cached them.
        assert_eq!(me(&two, &watcher.token).await, 200, "{ending}");
        let mut socket = Socket::ready(address, watcher).await;
        socket.subscribe("1", "{ __typename }", json!({})).await;
        assert_eq!(socket.receive().await["type"], "next");
        let sessions = one.rest_ok(Some(&other.token), "GET /v1/users/me/sessions", None).await;
        let sessions = sessions["sessions"].as_array().unwrap();
        let id = sessions.iter().map(|session| session["id"].as_i64().unwrap()).max().unwrap() - 1;
        match ending {
            "log out" => one.rest_ok(Some(&renter.token), "POST /v1/auth/logout", None).await,
            "end the session" => {
                one.rest_ok(Some(&other.token), &format!("DELETE /v1/users/me/sessions/{id}"), None).await
            }
            "change the password" => {
                let change = json!({ "current_password": PASSWORD, "new_password": PASSWORD });
                one.rest_ok(Some(&other.token), "POST /v1/users/me/password", Some(change)).await
            }
            "revoke the key" => one.rest_ok(Some(&other.token), "DELETE /v1/users/me/api-keys/1", None).await,
            _ => one.data(&admin, &deactivate, json!({})).await,
        };
        assert_eq!(socket.closed_at_last().await.0, 4403, "{ending}");
        assert_ne!(me(&two, &watcher.token).await, 200, "{ending}");
    }
    // A session that begins on one replica is valid on the other at once.
    let active = format!(
        "mutation {{ updateUser(input: {{ userId: \"usr_{}\", isActive: true }}) {{ user {{ id }} }} }}",
        first.user.id
    );
    one.data(&admin, &active, json!({})).await;
    let new = one.log_in("renter@example.com").await;
    assert_eq!(me(&two, &new.token).await, 200);
}

/// A replica without a connection to Redis notices at its next periodic check.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_notification_is_repaired_by_the_periodic_check() {
    let world = World::new(crate::support::Backend::Cluster).await;
    let (one, renter) = world.populated().await;
    let deaf = world.replica_over(None).await;
    let mut socket = Socket::ready(deaf.listen().await, &renter).await;
    one.rest_ok(Some(&renter.token), "POST /v1/auth/logout", None).await;
    deaf.app.heal_watchers().await.unwrap();
    assert_eq!(socket.closed_at_last().await.0, 4403);
}

/// openssl genpkey -algorithm ed25519
pub(crate) const PRIVATE_KEY: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIM+OhFVAZPzFkc0nnJZT2LN5/y5c+WrI9haT5SU2BMJM
-----END PRIVATE KEY-----
";
/// openssl pkey -pubout
const PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA0fm8KCHqRcbAaQ7rB7/eZyUEy5vC/4qLT0Dk6HpJ9r8=
-----END PUBLIC KEY-----
";

pub(crate) fn ed25519(keys: Keyring) -> Keyring {
    keys.with_signing_key(PRIVATE_KEY).unwrap()
}

fn retired(keys: Keyring) -> Keyring {
    keys.with_verification_key(PUBLIC_KEY).unwrap()
}

pub(crate) fn sha256(text: &str) -> String {
    use sha2::{Digest, Sha256};
    data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
}

fn jsonwebtoken_header(token: &str) -> Value {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap()).unwrap()
}

#[test]
fn invalid_keys_are_refused() {
    let ring = || Keyring::new(otpwire::app::RootKey::new([1; 32]));
    assert!(ring().with_signing_key(PUBLIC_KEY).is_err());
    assert!(ring().with_signing_key("nonsense").is_err());
    assert!(ring().with_verification_key("nonsense").is_err());
    assert!(ring().with_verification_key(PRIVATE_KEY).is_ok());
}
