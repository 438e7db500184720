//! The REST API: lists, values, numbers, and what it shares with no other API.

use axum::{body::Body, http::Request};
use otpwire::config::AllowedOrigins;
use serde_json::{Value, json};

use crate::{
    openapi::openapi,
    rest_statuses::{JSON, request},
    support::{PASSWORD, Renter, World, client::sms, on_both},
};

on_both! {
    async fn lists_have_pages(world: World) {
        let (replica, renter) = world.populated().await;
        let token = Some(renter.token.as_str());
        let page = replica.rest_ok(token, "GET /v1/numbers?limit=2&offset=1", None).await;
        let ids: Vec<_> = page["numbers"].as_array().unwrap().iter().map(|number| number["id"].as_i64().unwrap()).collect();
        assert_eq!((ids, &page["total"], &page["limit"], &page["offset"]), (vec![2, 3], &json!(3), &json!(2), &json!(1)));
        let first = replica.rest_ok(token, "GET /v1/numbers?country_code=de", None).await;
        assert_eq!((&first["total"], &first["limit"], &first["offset"]), (&json!(1), &json!(20), &json!(0)));
        let expected = json!({
            "id": 3, "phone_number": "+4915123456789", "country_code": "DE", "status": "available",
        });
        let mut number = first["numbers"][0].clone();
        number.as_object_mut().unwrap().remove("created_at");
        assert_eq!(number, expected);
        let rented = replica.rest_ok(token, "POST /v1/numbers", Some(json!({ "phone_number_id": 3 }))).await;
        assert_eq!((&rented["status"], &rented["expires_at"]), (&json!("assigned"), &json!("2026-03-01T13:00:00Z")));
        for n in 0..5 {
            replica.post_sms(&sms(&n.to_string(), "+4915123456789", &format!("message {n}"))).await;
        }
        let page = replica.rest_ok(token, "GET /v1/messages?limit=2&offset=1", None).await;
        let texts: Vec<_> = page["messages"].as_array().unwrap().iter().map(|message| message["message_content"].clone()).collect();
        assert_eq!((texts, &page["total"]), (vec![json!("message 3"), json!("message 2")], &json!(5)));
        let id = page["messages"][0]["id"].as_i64().unwrap();
        replica.rest_ok(token, &format!("PATCH /v1/messages/{id}/read"), None).await;
        let read = replica.rest_ok(token, "GET /v1/messages?is_read=true", None).await;
        assert_eq!((&read["total"], &read["limit"], &read["messages"][0]["id"]), (&json!(1), &json!(50), &json!(id)));
        let past = replica.rest_ok(token, "GET /v1/messages?offset=100", None).await;
        assert_eq!((&past["messages"], &past["total"]), (&json!([]), &json!(5)));
    }

    /// The schemas of the specification allow no `null`.
    async fn what_has_no_value_is_left_out(world: World) {
        let (replica, renter) = world.populated().await;
        let token = Some(renter.token.as_str());
        replica.rest_ok(token, "POST /v1/numbers", Some(json!({ "phone_number_id": 1 }))).await;
        replica.post_sms(&sms("1", "+14155550100", "hello")).await;
        let key = json!({ "name": "x", "scopes": ["messages:read"] });
        let cursor = replica.rest_ok(token, "GET /v1/messages/wait?since=2026-01-01T00:00:00Z&timeout=0", None).await;
        assert!(cursor["message"].get("otp").is_none(), "{cursor}");
        for (endpoint, body) in [
            ("GET /v1/users/me", None),
            ("GET /v1/users/me/sessions", None),
            ("POST /v1/users/me/api-keys", Some(key)),
            ("GET /v1/users/me/api-keys", None),
            ("GET /v1/numbers", None),
            ("GET /v1/numbers/1", None),
            ("GET /v1/numbers/2", None),
            ("GET /v1/messages", None),
            ("DELETE /v1/numbers/1", None),
            ("POST /v1/auth/refresh", Some(json!({ "refresh_token": renter.refresh_token }))),
        ] {
            let answer = replica.rest_ok(token, endpoint, body).await;
            assert!(!answer.to_string().contains("null"), "{endpoint}: {answer}");
        }
        let free = replica.rest_ok(token, "GET /v1/numbers/2", None).await;
        assert!(free.get("assigned_at").is_none() && free.get("expires_at").is_none(), "{free}");
        // The document says the same: no field of an answer may be null.
        let api = openapi();
        for name in ["User", "PhoneNumber", "Message", "OneTimeCode", "MessageMedia", "Session", "ApiKey"] {
            let schema = &api["components"]["schemas"][name];
            assert!(!schema.to_string().contains("\"null\""), "{schema}");
        }
        let required = &api["components"]["schemas"]["PhoneNumber"]["required"];
        assert!(!required.to_string().contains("_at\",\"expires") && !required.to_string().contains("assigned_at"), "{required}");
    }

    async fn unknown_parameters_are_ignored_where_the_specification_says_nothing_of_them(world: World) {
        let (replica, renter) = world.populated().await;
        let token = Some(renter.token.as_str());
        replica.rest_ok(token, "POST /v1/numbers", Some(json!({ "phone_number_id": 1 }))).await;
        for (endpoint, status) in [
            ("GET /v1/numbers?page=2&limit=1", 200),
            ("GET /v1/numbers?utm=a&utm=b", 200),
            ("GET /v1/numbers/1?x=1", 200),
            ("GET /v1/messages?_=1700000000", 200),
            // A parameter that is known may still come once.
            ("GET /v1/numbers?limit=1&limit=2", 400),
            // A filter that is misspelled would hand over the wrong code.
            ("GET /v1/messages/wait?timeout=0&sender=GOOGLE", 400),
            ("GET /v1/messages/stream?number=1", 400),
        ] {
            let (found, body) = replica.rest_status(token, endpoint, None).await;
            assert_eq!(found, status, "{endpoint}: {body}");
        }
        let (found, body) = replica.rest_status(token, "DELETE /v1/numbers/1?x=1", None).await;
        assert_eq!(found, 200, "{body}");
    }

    async fn integers_are_those_of_json_schema(world: World) {
        let (replica, renter) = world.populated().await;
        let token = Some(renter.token.as_str());
        let large = "9".repeat(400);
        for (body, status) in [
            (r#"{"phone_number_id":1,"duration_hours":100000000000000000000}"#.to_owned(), 422),
            (r#"{"phone_number_id":1,"duration_hours":3000000000}"#.to_owned(), 422),
            (r#"{"phone_number_id":1,"duration_hours":1e300}"#.to_owned(), 422),
            (format!(r#"{{"phone_number_id":1,"duration_hours":{large}}}"#), 422),
            (r#"{"phone_number_id":18446744073709551616}"#.to_owned(), 422),
            (r#"{"phone_number_id":1,"duration_hours":25}"#.to_owned(), 422),
            (r#"{"phone_number_id":1,"duration_hours":5.5}"#.to_owned(), 400),
            (r#"{"phone_number_id":1,"duration_hours":"5"}"#.to_owned(), 400),
            (r#"{"phone_number_id":1,"duration_hours":1e}"#.to_owned(), 400),
            (r#"{"phone_number_id":3000000000}"#.to_owned(), 404),
            (r#"{"phone_number_id":1.0,"duration_hours":5.0}"#.to_owned(), 201),
        ] {
            let (found, answer) = replica.status_of(request("post /numbers", "/numbers", token, JSON, body.clone())).await;
            assert_eq!(found, status, "{body}: {answer}");
            if status == 422 {
                let field = if body.contains("hours") { "duration_hours" } else { "phone_number_id" };
                assert!(answer.contains(&format!(r#""field":"{field}""#)), "{body}: {answer}");
                assert!(answer.contains("VALIDATION_ERROR") && !answer.contains(&large[..40]), "{answer}");
            }
        }
        for (query, status) in [
            ("numbers?limit=5.0&offset=0.0", 200),
            ("numbers?limit=100000000000000000000", 422),
            ("numbers?offset=-1", 422),
            ("numbers?limit=5.5", 400),
            ("numbers?limit=five", 400),
            ("messages?phone_number_id=1.0", 200),
            ("messages?phone_number_id=100000000000000000000", 422),
            ("messages/wait?timeout=0.0", 204),
            ("messages/wait?timeout=100000000000000000000", 422),
        ] {
            let (found, answer) = replica.rest_status(token, &format!("GET /v1/{query}"), None).await;
            assert_eq!(found, status, "{query}: {answer}");
        }
    }

    async fn ids_may_have_the_prefix_of_graphql(world: World) {
        let (replica, renter) = world.populated().await;
        let token = Some(renter.token.as_str());
        let rented = replica.rest_ok(token, "POST /v1/numbers", Some(json!({ "phone_number_id": "num_1" }))).await;
        assert_eq!(rented["id"], 1);
        replica.post_sms(&sms("1", "+14155550100", "hello")).await;
        for query in ["phone_number_id=num_1", "phone_number_id=1"] {
            let messages = replica.rest_ok(token, &format!("GET /v1/messages?{query}"), None).await;
            assert_eq!(messages["total"], 1, "{query}");
        }
        let key = json!({ "name": "x", "scopes": ["messages:read"] });
        let key = replica.rest_ok(token, "POST /v1/users/me/api-keys", Some(key)).await["api_key"]["id"].to_string();
        let spare = replica.log_in("renter@example.com").await;
        let sessions = replica.rest_ok(Some(&spare.token), "GET /v1/users/me/sessions", None).await;
        let is_other = |session: &&Value| session["is_current"] == false;
        let session = sessions["sessions"].as_array().unwrap().iter().find(is_other).unwrap()["id"].to_string();
        for (endpoint, status) in [
            ("GET /v1/numbers/num_1".to_owned(), 200),
            ("GET /v1/numbers/msg_1".to_owned(), 400),
            ("GET /v1/numbers/num_99".to_owned(), 404),
            ("GET /v1/numbers/num_99999999999".to_owned(), 404),
            ("GET /v1/messages?phone_number_id=msg_1".to_owned(), 400),
            ("PATCH /v1/messages/msg_1/read".to_owned(), 200),
            ("PATCH /v1/messages/num_1/read".to_owned(), 400),
            ("POST /v1/numbers/num_1/extend".to_owned(), 200),
            ("DELETE /v1/numbers/num_1".to_owned(), 200),
            (format!("DELETE /v1/users/me/api-keys/key_{key}"), 200),
            (format!("DELETE /v1/users/me/sessions/ses_{session}"), 200),
        ] {
            let answer = replica.rest(Some(&spare.token), &endpoint, None).await;
            assert_eq!(answer.status, status, "{endpoint}: {}", answer.text());
        }
        // And the other way round, where GraphQL knows the kind of an id.
        let spare = &spare;
        let rent = "mutation { assignPhoneNumber(input: { phoneNumberId: 2 }) { phoneNumber { id } } }";
        assert_eq!(replica.data(spare, rent, json!({})).await["assignPhoneNumber"]["phoneNumber"]["id"], "num_2");
        let read = "query($id: ID!) { phoneNumber(id: 2) { id } message(id: \"1\") { id }
                    messages(filter: { phoneNumberId: $id }) { totalCount } }";
        let data = replica.data(spare, read, json!({ "id": 1 })).await;
        let expected = json!({ "phoneNumber": { "id": "num_2" }, "message": { "id": "msg_1" }, "messages": { "totalCount": 1 } });
        assert_eq!(data, expected);
        for document in ["{ phoneNumber(id: \"msg_2\") { id } }", "{ phoneNumber(id: \"02\") { id } }", "{ node(id: 2) { id } }"] {
            assert_eq!(replica.code(Some(spare), document, json!({})).await, "VALIDATION_ERROR", "{document}");
        }
    }

    async fn blocked_and_others_numbers_are_not_listed(world: World) {
        let (replica, renter) = world.populated().await;
        let other = replica.renter("other@example.com").await;
        let admin = replica.admin("admin@example.com").await;
        replica.rent(&other, "DE", 1).await;
        world.sql("UPDATE phone_numbers SET status = 'blocked' WHERE id = 1").await;
        let seen = async |who: &Renter, query: &str| {
            let page = replica.rest_ok(Some(&who.token), &format!("GET /v1/numbers?{query}"), None).await;
            page["numbers"].as_array().unwrap().iter().map(|number| number["id"].as_i64().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(seen(&renter, "").await, [2]);
        for status in ["blocked", "assigned", "expired"] {
            assert!(seen(&renter, &format!("status={status}")).await.is_empty(), "{status}");
        }
        assert_eq!(seen(&other, "status=assigned").await, [3]);
        assert_eq!(seen(&admin, "").await, [1, 2, 3]);
        assert_eq!(seen(&admin, "status=blocked").await, [1]);
        assert_eq!(replica.rest(Some(&renter.token), "GET /v1/numbers/1", None).await.status, 404);
    }

    async fn a_plan_limits_the_numbers_rented_at_once(world: World) {
        let (replica, renter) = world.populated().await;
        let more: Vec<String> = (0..40).map(|n| format!("+141555502{n:02}")).collect();
        replica.add_numbers("sandbox", &more.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let premium = replica.renter("premium@example.com").await;
        world.sql("UPDATE users SET plan = 'premium' WHERE email = 'premium@example.com'").await;
        let premium = replica.log_in(&premium.user.email).await;
        let rent = |who: &Renter, id: i32| {
            let token = who.token.clone();
            let replica = &replica;
            async move { replica.rest(Some(&token), "POST /v1/numbers", Some(json!({ "phone_number_id": id }))).await }
        };
        // Concurrently: a limit that is checked without a lock would let more through.
        let answers = futures_util::future::join_all((1..9).map(|id| rent(&renter, id))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 3);
        let refused = answers.iter().find(|answer| answer.status != 201).unwrap();
        assert_eq!((refused.error(409), &refused.json()["details"]["limit"]), ("LIMIT_REACHED".into(), &json!(3)));
        let answers = futures_util::future::join_all((9..39).map(|id| rent(&premium, id))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 25);
        // A number that is released or has expired no longer counts.
        let mine = replica.rest_ok(Some(&renter.token), "GET /v1/numbers?status=assigned", None).await;
        let id = mine["numbers"][0]["id"].as_i64().unwrap();
        replica.rest_ok(Some(&renter.token), &format!("DELETE /v1/numbers/{id}"), None).await;
        assert_eq!(rent(&renter, 40).await.status, 201);
        world.advance(3600);
        let renter = replica.log_in(&renter.user.email).await;
        assert_eq!(rent(&renter, 41).await.status, 201);
    }

    async fn a_rental_is_extended_to_at_most_24_hours(world: World) {
        let (replica, renter) = world.populated().await;
        replica.rest_ok(Some(&renter.token), "POST /v1/numbers", Some(json!({ "phone_number_id": 1, "duration_hours": 2 }))).await;
        let extend = |token: &str, hours: i32| {
            let token = token.to_owned();
            let replica = &replica;
            async move { replica.rest(Some(&token), "POST /v1/numbers/1/extend", Some(json!({ "duration_hours": hours }))).await }
        };
        world.advance(3600);
        let renter = replica.log_in(&renter.user.email).await;
        assert_eq!(extend(&renter.token, 3).await.json()["expires_at"], "2026-03-01T17:00:00Z");
        let refused = extend(&renter.token, 20).await;
        assert_eq!((refused.error(422), &refused.json()["details"]["issue"]), ("VALIDATION_ERROR".into(), &json!("must be at most 19: a rental may last 24 hours in all")));
        assert_eq!(extend(&renter.token, 19).await.json()["expires_at"], "2026-03-02T12:00:00Z");
        assert_eq!(extend(&renter.token, 1).await.status, 422);
        // Messages in the extension belong to the renter.
        world.advance(20 * 3600);
        replica.post_sms(&sms("late", "+14155550100", "still mine")).await;
        let renter = replica.log_in(&renter.user.email).await;
        assert_eq!(replica.texts(&renter).await, ["still mine"]);
        world.advance(3 * 3600);
        let renter = replica.log_in(&renter.user.email).await;
        assert_eq!(extend(&renter.token, 1).await.status, 404);
    }

    async fn unknown_paths_and_methods_respond_in_the_same_format(world: World) {
        let (replica, renter) = world.populated().await;
        for (endpoint, status, code) in [
            ("GET /v1", 404, "NOT_FOUND"),
            ("GET /v1/nothing", 404, "NOT_FOUND"),
            ("PUT /v1/numbers", 405, "METHOD_NOT_ALLOWED"),
            ("DELETE /v1/auth/login", 405, "METHOD_NOT_ALLOWED"),
            ("POST /v1/openapi.json", 405, "METHOD_NOT_ALLOWED"),
            ("POST /v1/docs", 405, "METHOD_NOT_ALLOWED"),
        ] {
            let answer = replica.rest(Some(&renter.token), endpoint, None).await;
            assert_eq!(answer.error(status), code, "{endpoint}");
            assert_eq!(answer.header("allow").is_empty(), status != 405, "{endpoint}");
        }
        assert_eq!(replica.rest(None, "PUT /v1/numbers", None).await.header("allow"), "GET,HEAD,POST");
    }

    async fn unreadable_requests_get_the_field_or_the_position(world: World) {
        let (replica, renter) = world.populated().await;
        for (body, field, line, column) in [
            ("{\n  \"phone_number_id\": 1,\n  \"duration_hours\": }", Value::Null, 3, 21),
            ("{\"phone_number_id\":\"one\"}", json!("phone_number_id"), 1, 24),
            ("{\"phone_number_id\":1,\"hours\":1}", json!("hours"), 1, 28),
            ("{\"phone_number_id\":1.5}", json!("phone_number_id"), 1, 22),
            ("{\"phone_number_id\":1,\"phone_number_id\":2}", json!("phone_number_id"), 1, 38),
        ] {
            let answer = replica.status_of(request("post /numbers", "/numbers", Some(&renter.token), JSON, body)).await;
            let error: Value = serde_json::from_str(&answer.1).unwrap();
            let details = &error["details"];
            assert_eq!(answer.0, 400, "{body}");
            assert_eq!((&details["line"], &details["column"], &details["field"]), (&json!(line), &json!(column), &field), "{body}: {error}");
        }
        let none = replica.rest(Some(&renter.token), "POST /v1/numbers", Some(json!({ "duration_hours": 1 }))).await;
        assert_eq!(none.json()["details"]["field"], "phone_number_id");
        assert_eq!(none.error(400), "INVALID_REQUEST");
        // A secret is never echoed.
        for (value, secret) in [(json!(["hunter2"]), "hunter2"), (json!(4711), "4711"), (json!({ "hunter2": 1 }), "hunter2")] {
            let body = json!({ "email": "renter@example.com", "password": value });
            let answer = replica.rest(None, "POST /v1/auth/login", Some(body)).await;
            assert!(answer.error(400) == "INVALID_REQUEST" && !answer.text().contains(secret), "{}", answer.text());
        }
    }

    async fn pages_of_allowed_origins_may_call_the_api(world: World) {
        let mut world = world;
        let preflight = |origin: &str| {
            Request::options("/v1/numbers")
                .header("origin", origin.to_owned())
                .header("access-control-request-method", "GET")
                .header("access-control-request-headers", "authorization")
                .body(Body::empty())
                .unwrap()
        };
        let closed = world.replica().await;
        let answer = closed.send(preflight("https://app.example.com")).await;
        assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (405, ""));
        world.options.allowed_origins = AllowedOrigins::These(vec!["https://app.example.com".to_owned()]);
        let open = world.replica().await;
        let answer = open.send(preflight("https://app.example.com")).await;
        assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (200, "https://app.example.com"));
        assert!(answer.header("access-control-allow-headers").contains("authorization"));
        assert_eq!(open.send(preflight("https://elsewhere.example.com")).await.header("access-control-allow-origin"), "");
        let request = Request::get("/v1/numbers").header("origin", "https://app.example.com").body(Body::empty());
        let answer = open.send(request.unwrap()).await;
        assert_eq!(answer.error(401), "UNAUTHENTICATED");
        assert!(answer.header("access-control-expose-headers").contains("x-ratelimit-remaining"));
    }

    async fn pages_may_send_the_headers_of_apollo_of_tracing_and_of_the_operator(world: World) {
        let mut world = world;
        world.options.allowed_origins = AllowedOrigins::Any;
        world.options.allowed_headers = vec!["x-tenant".parse().unwrap()];
        let replica = world.replica().await;
        for path in ["/graphql", "/v1/messages"] {
            let request = Request::options(path)
                .header("origin", "https://app.example.com")
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "traceparent,apollographql-client-name,x-tenant")
                .body(Body::empty());
            let answer = replica.send(request.unwrap()).await;
            assert_eq!(answer.status, 200, "{path}");
            let allowed: Vec<_> = answer.header("access-control-allow-headers").split(',').collect();
            for header in [
                "authorization", "content-type", "last-event-id", "idempotency-key", "x-request-id",
                "traceparent", "tracestate", "baggage",
                "apollographql-client-name", "apollographql-client-version", "apollo-require-preflight",
                "x-apollo-operation-id", "x-apollo-operation-name", "x-apollo-operation-type", "x-tenant",
            ] {
                assert!(allowed.contains(&header), "{path}: {header} is not in {allowed:?}");
            }
            assert!(!allowed.contains(&"x-other"));
        }
    }


    async fn an_invalid_credential_does_not_prevent_a_login(world: World) {
        let (replica, renter) = world.populated().await;
        world.advance(3600);
        let body = json!({ "email": "renter@example.com", "password": PASSWORD });
        assert_eq!(replica.rest(Some(&renter.token), "POST /v1/auth/login", Some(body)).await.status, 200);
        let body = json!({ "refresh_token": renter.refresh_token });
        assert_eq!(replica.rest(Some(&renter.token), "POST /v1/auth/refresh", Some(body)).await.status, 200);
    }

    async fn an_optional_body_may_be_left_out(world: World) {
        let (replica, renter) = world.populated().await;
        let token = Some(renter.token.as_str());
        replica.rest_ok(token, "POST /v1/numbers", Some(json!({ "phone_number_id": 1 }))).await;
        let extended = replica.rest_ok(token, "POST /v1/numbers/1/extend", None).await;
        assert_eq!(extended["expires_at"], "2026-03-01T14:00:00Z");
        let missing = replica.rest(token, "POST /v1/numbers", None).await;
        assert_eq!(missing.error(400), "INVALID_REQUEST");
    }
}
