//! Registration, log-in, access tokens, and what guests and users may do.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};

use crate::support::{Mailbox, PASSWORD, Renter, World, client::user_id, on_both};

const REGISTER: &str = "mutation($input: RegisterInput!) { register(input: $input) {
    user { id email firstName role plan isActive emailVerified lastLogin } } }";
const LOG_IN: &str = "mutation($input: LogInInput!) { logIn(input: $input) {
    accessToken expiresIn expiresAt user { id lastLogin } } }";

on_both! {
    async fn a_user_registers_and_logs_in(world: World) {
        let replica = world.replica().await;
        let input = json!({ "email": " Ada@Example.COM ", "password": "correct horse battery", "firstName": " Ada " });
        let registered = replica.graphql(None, REGISTER, json!({ "input": input })).await;
        let user = &registered["data"]["register"]["user"];
        assert_eq!(user["email"], "ada@example.com");
        assert_eq!(user["firstName"], "Ada");
        assert_eq!((&user["role"], &user["plan"]), (&json!("USER"), &json!("FREE")));
        let input = json!({ "email": "ADA@example.com", "password": "correct horse battery" });
        let signed_in = replica.graphql(None, LOG_IN, json!({ "input": input })).await;
        let payload = &signed_in["data"]["logIn"];
        assert_eq!(payload["expiresIn"], 3600);
        assert_eq!(payload["expiresAt"], "2026-03-01T13:00:00Z");
        assert_eq!(payload["user"]["lastLogin"], "2026-03-01T12:00:00Z");
        assert_eq!(payload["user"]["id"], user["id"]);
    }

    async fn an_email_address_has_one_account(world: World) {
        let (replica, _) = world.populated().await;
        let input = json!({ "email": "RENTER@example.com", "password": "correct horse battery" });
        assert_eq!(replica.code(None, REGISTER, json!({ "input": input })).await, "EMAIL_TAKEN");
    }

    async fn spellings_of_an_address_are_one_account(world: World) {
        let replica = world.replica().await;
        let register = async |email: &str| {
            let input = json!({ "email": email, "password": PASSWORD });
            replica.graphql(None, REGISTER, json!({ "input": input })).await
        };
        let first = register("Ada@Bücher.example").await;
        assert_eq!(first["data"]["register"]["user"]["email"], "ada@xn--bcher-kva.example");
        for email in ["ada@xn--bcher-kva.example", "\"ada\"@BÜCHER.example", "ada@bu\u{308}cher.example"] {
            assert_eq!(register(email).await["errors"][0]["extensions"]["code"], "EMAIL_TAKEN", "{email}");
            let input = json!({ "email": email, "password": PASSWORD });
            let signed_in = replica.graphql(None, LOG_IN, json!({ "input": input })).await;
            assert!(signed_in["data"]["logIn"]["accessToken"].is_string(), "{signed_in}");
        }
        // An account that an older version stored as it was written goes on, and is not registered twice.
        world.sql("UPDATE users SET email = 'ada@bücher.example'").await;
        assert_eq!(register("ada@bücher.example").await["errors"][0]["extensions"]["code"], "EMAIL_TAKEN");
        let input = json!({ "email": "ADA@bücher.example", "password": PASSWORD });
        let signed_in = replica.graphql(None, LOG_IN, json!({ "input": input })).await;
        assert!(signed_in["data"]["logIn"]["accessToken"].is_string(), "{signed_in}");
    }

    async fn an_obvious_password_cannot_be_chosen_later(world: World) {
        let mut world = world;
        world.mailbox = Some(Mailbox::start().await);
        let (replica, renter) = world.populated().await;
        let obvious = ["password1", "          ", "renter@example.com", "qwertyuiop"];
        for password in obvious {
            let change = json!({ "current_password": PASSWORD, "new_password": password });
            let refused = replica.rest(Some(&renter.token), "POST /v1/users/me/password", Some(change)).await;
            assert_eq!((refused.error(422), &refused.json()["details"]["field"]), ("VALIDATION_ERROR".into(), &json!("new_password")));
        }
        replica.rest_ok(None, "POST /v1/auth/forgot-password", Some(json!({ "email": renter.user.email }))).await;
        let mail = world.mailbox.as_ref().unwrap().mail(0).await;
        for password in obvious {
            let reset = json!({ "token": mail.token(), "password": password });
            let refused = replica.rest(None, "POST /v1/auth/reset-password", Some(reset)).await;
            assert_eq!((refused.error(422), &refused.json()["details"]["field"]), ("VALIDATION_ERROR".into(), &json!("password")));
        }
        // Neither counts as a wrong guess, and the token is still good.
        let reset = json!({ "token": mail.token(), "password": "tr0mbone-quietly-73" });
        replica.rest_ok(None, "POST /v1/auth/reset-password", Some(reset)).await;
    }

    async fn an_invalid_registration_names_its_field(world: World) {
        let replica = world.replica().await;
        let long = "x".repeat(101);
        for (email, password, name, field) in [
            ("nobody", "correct horse battery", "A", "email"),
            ("a@b", "correct horse battery", "A", "email"),
            ("", "correct horse battery", "A", "email"),
            ("Ada <a@example.com>", "correct horse battery", "A", "email"),
            ("a@example.com", "1234567", "A", "password"),
            ("a@example.com", "x".repeat(129).leak(), "A", "password"),
            ("a@example.com", "Password123", "A", "password"),
            ("a@example.com", "        ", "A", "password"),
            ("a@example.com", "correct\u{7}horse battery", "A", "password"),
            ("grace.hopper@example.com", "Grace.Hopper@example.com", "A", "password"),
            ("a@example.com", "Murgatroyd1", "Murgatroyd", "password"),
            ("a@example.com", "correct horse battery", &long, "firstName"),
            ("a@example.com", "correct horse battery", "a\u{202e}b", "firstName"),
            ("a@example.com", "correct horse battery", "a\u{2028}b", "firstName"),
            ("a\u{202e}b@example.com", "correct horse battery", "A", "email"),
            ("a@example.com", "correct horse battery", "a\u{7}b", "firstName"),
        ] {
            let input = json!({ "email": email, "password": password, "firstName": name });
            let answer = replica.graphql(None, REGISTER, json!({ "input": input })).await;
            let extensions = &answer["errors"][0]["extensions"];
            assert_eq!((&extensions["code"], &extensions["field"]), (&json!("VALIDATION_ERROR"), &json!(field)), "{answer}");
            assert!(!answer.to_string().contains("1234567"), "the password is repeated: {answer}");
        }
    }

    async fn a_wrong_password_and_a_wrong_address_answer_alike(world: World) {
        let (replica, _) = world.populated().await;
        let mut answers = Vec::new();
        for (email, password) in [("renter@example.com", "wrong password"), ("nobody@example.com", PASSWORD), ("nonsense", PASSWORD)] {
            let input = json!({ "email": email, "password": password });
            answers.push(replica.graphql(None, LOG_IN, json!({ "input": input })).await);
        }
        assert_eq!(answers[0]["errors"][0]["extensions"]["code"], "INVALID_CREDENTIALS");
        assert_eq!(answers[0], answers[1]);
        assert_eq!(answers[0], answers[2]);
    }

    async fn passwords_are_stored_as_argon2id(world: World) {
        let (_replica, _) = world.populated().await;
        let hash = &world.column("SELECT password_hash FROM users").await[0];
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
    }

    async fn provider_secrets_are_sealed(world: World) {
        let (_replica, _) = world.populated().await;
        let sealed = &world.column("SELECT api_secret_encrypted FROM sms_providers").await[0];
        assert!(sealed.starts_with("v1.") && !sealed.contains("sandbox"), "{sealed}");
    }

    async fn an_access_token_expires(world: World) {
        let (replica, renter) = world.populated().await;
        let viewer = |token: String| {
            let body = json!({ "query": "{ viewer { id } }" }).to_string();
            let request = Request::post("/graphql")
                .header("content-type", "application/json")
                .header("authorization", token)
                .body(Body::from(body));
            replica.send(request.unwrap())
        };
        let good = format!("Bearer {}", renter.token);
        world.advance(3599);
        assert_eq!(viewer(good.clone()).await.json()["data"]["viewer"]["id"], user_id(&renter));
        world.advance(1);
        let answer = viewer(good).await;
        assert_eq!(answer.error(401), "TOKEN_EXPIRED");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }

    async fn forged_access_tokens_are_refused(world: World) {
        let (replica, renter) = world.populated().await;
        let stranger = World::new(world.backend).await;
        let (_other, forged) = stranger.populated().await;
        let parts: Vec<&str> = renter.token.split('.').collect();
        // {"alg":"none","typ":"JWT"}
        let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.", parts[1]);
        let swapped = format!("{}.{}.{}", parts[0], parts[1], parts[1]);
        for token in [forged.token.as_str(), &unsigned, &swapped, "x", "", "..", &"a".repeat(100_000)] {
            assert!(replica.app.authenticate(token, &otpwire::domain::Client::default()).await.is_err(), "{token}");
        }
        for header in ["Basic abc", "Bearer", "Bearer ", "bearer x"] {
            let request = Request::post("/graphql")
                .header("content-type", "application/json")
                .header("authorization", header)
                .body(Body::from(r#"{"query":"{ __typename }"}"#));
            assert_eq!(replica.send(request.unwrap()).await.error(401), "UNAUTHENTICATED");
        }
    }

    async fn a_deactivated_account_is_refused(world: World) {
        let (replica, renter) = world.populated().await;
        world.sql("UPDATE users SET is_active = false").await;
        let input = json!({ "email": "renter@example.com", "password": PASSWORD });
        assert_eq!(replica.code(None, LOG_IN, json!({ "input": input })).await, "ACCOUNT_DEACTIVATED");
        let input = json!({ "email": "renter@example.com", "password": "wrong password" });
        assert_eq!(replica.code(None, LOG_IN, json!({ "input": input })).await, "INVALID_CREDENTIALS");
        assert!(replica.app.authenticate(&renter.token, &otpwire::domain::Client::default()).await.is_err());
    }

    async fn guests_and_users_are_refused_what_they_may_not_do(world: World) {
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let simulate = r#"mutation { simulateInboundSms(input: { to: "+14155550100", from: "X", text: "hi" }) { outcome } }"#;
        let for_users = [
            "{ viewer { id } }",
            "{ phoneNumbers { totalCount } }",
            r#"{ phoneNumber(id: "num_1") { id } }"#,
            "{ countries { code } }",
            "{ messages { totalCount } }",
            r#"{ message(id: "msg_1") { id } }"#,
            r#"{ node(id: "num_1") { id } }"#,
            r#"{ node(id: "usr_1") { id } }"#,
            r#"mutation { assignPhoneNumber(input: { countryCode: "US" }) { phoneNumber { id } } }"#,
            r#"mutation { releasePhoneNumber(input: { phoneNumberId: "num_1" }) { phoneNumber { id } } }"#,
            r#"mutation { markMessageRead(input: { messageId: "msg_1" }) { message { id } } }"#,
            simulate,
        ];
        for query in for_users {
            assert_eq!(replica.code(None, query, json!({})).await, "UNAUTHENTICATED", "{query}");
        }
        assert_eq!(replica.code(Some(&renter), simulate, json!({})).await, "FORBIDDEN");
        let data = replica.data(&admin, simulate, json!({})).await;
        assert_eq!(data["simulateInboundSms"]["outcome"], "QUARANTINED");
        // The account of another user is not found.
        let node = format!("{{ node(id: \"{}\") {{ id }} }}", user_id(&admin));
        assert_eq!(replica.code(Some(&renter), &node, json!({})).await, "NOT_FOUND");
    }

    async fn messages_of_others_are_not_found(world: World) {
        let (replica, renter) = world.populated().await;
        let other = replica.renter("other@example.com").await;
        let (_, number) = replica.rent(&other, "US", 1).await;
        replica.post_sms(&crate::support::client::sms("1", &number, "private")).await;
        let mine = |who: Renter| {
            let replica = &replica;
            async move {
                let mark = r#"mutation { markMessageRead(input: { messageId: "msg_1" }) { message { isRead } } }"#;
                let queries = [r#"{ message(id: "msg_1") { id } }"#, r#"{ node(id: "msg_1") { id } }"#, mark];
                let mut answers: Vec<Value> = Vec::new();
                for query in queries {
                    answers.push(replica.graphql(Some(&who), query, json!({})).await);
                }
                answers
            }
        };
        for answer in mine(renter).await {
            assert_eq!(answer["errors"][0]["extensions"]["code"], "NOT_FOUND");
            assert!(!answer.to_string().contains("private"));
        }
        let unread = world.column("SELECT count(*) FROM messages WHERE NOT is_read").await;
        assert_eq!(unread, ["1"]);
        assert!(mine(other).await.iter().all(|answer| answer.get("errors").is_none()));
        let unread = world.column("SELECT count(*) FROM messages WHERE NOT is_read").await;
        assert_eq!(unread, ["0"]);
    }
}
