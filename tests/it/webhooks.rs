//! Webhooks over HTTP: what is stored, what is refused, and with which response.

use axum::{body::Body, http::Request};
use otpwire::providers::{
    sandbox::{self, Sandbox},
    twilio,
};
use serde_json::json;

use crate::support::{SECRET, TWILIO_TOKEN, World, client::sms, on_both};

const REPORTS: &str = "SELECT status || ' ' || coalesce(error_message, '-') FROM delivery_reports ORDER BY id";

on_both! {
    async fn a_signed_webhook_is_stored_before_it_is_acknowledged(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let answer = replica.post_sms(&sms("1", &number, "G-482913")).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, "OK"));
        assert!(answer.header("content-type").starts_with("text/plain"));
        assert_eq!(replica.texts(&renter).await, ["G-482913"]);
        assert_eq!(world.column(REPORTS).await, ["received -"]);
    }

    async fn twilio_gets_empty_twiml(world: World) {
        let (replica, renter) = world.populated().await;
        replica.add_provider("twilio", "twilio", TWILIO_TOKEN).await;
        replica.add_numbers("twilio", &["+15005550006"]).await;
        let id = "mutation { assignPhoneNumber(input: { phoneNumberId: \"num_4\" }) { phoneNumber { id } } }";
        replica.data(&renter, id, json!({})).await;
        let form = "ToCountry=US&MessageSid=SM0f1e2d3c4b5a69788796a5b4c3d2e1f0&NumMedia=0&SmsStatus=received\
                    &Body=Your+code+is+482913+%F0%9F%98%80&To=%2B15005550006&From=%2B14155550100";
        let answer = replica.post_twilio(form).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), "text/xml");
        assert_eq!(answer.text(), r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#);
        assert_eq!(replica.texts(&renter).await, ["Your code is 482913 😀"]);
        let payload = &world.column("SELECT webhook_payload FROM delivery_reports").await[0];
        assert!(payload.contains("SM0f1e2d3c4b5a69788796a5b4c3d2e1f0"), "{payload}");
    }

    async fn an_unknown_provider_is_not_found(world: World) {
        let (replica, _) = world.populated().await;
        for address in ["/v1/webhooks/sms?provider=nobody", "/v1/webhooks/sms?provider="] {
            let answer = replica.send(Request::post(address).body(Body::from("{}")).unwrap()).await;
            assert_eq!(answer.error(404), "UNKNOWN_PROVIDER");
        }
        let answer = replica.send(Request::post("/v1/webhooks/sms").body(Body::empty()).unwrap()).await;
        assert_eq!(answer.error(400), "INVALID_REQUEST");
        assert_eq!(answer.json()["details"]["field"], "provider");
    }

    async fn a_deactivated_provider_is_not_found(world: World) {
        let (replica, _) = world.populated().await;
        world.sql("UPDATE sms_providers SET is_active = false").await;
        assert_eq!(replica.post_sms(&sms("1", "+14155550100", "x")).await.error(404), "UNKNOWN_PROVIDER");
    }

    async fn an_unverified_webhook_leaves_no_row(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let body = sms("1", &number, "forged").to_string();
        let now = replica.clock_now();
        let good = Sandbox::new(SECRET.into()).sign(now, body.as_bytes());
        let wrong = Sandbox::new("guess".into()).sign(now, body.as_bytes());
        let old = Sandbox::new(SECRET.into()).sign(now - 301, body.as_bytes());
        for headers in [
            vec![],
            vec![(sandbox::SIGNATURE, good.clone())],
            vec![(sandbox::TIMESTAMP, now.to_string())],
            vec![(sandbox::TIMESTAMP, now.to_string()), (sandbox::SIGNATURE, wrong)],
            vec![(sandbox::TIMESTAMP, (now + 1).to_string()), (sandbox::SIGNATURE, good.clone())],
            vec![(sandbox::TIMESTAMP, (now - 301).to_string()), (sandbox::SIGNATURE, old)],
        ] {
            let mut request = Request::post("/v1/webhooks/sms?provider=sandbox");
            for (name, value) in headers {
                request = request.header(name, value);
            }
            let answer = replica.send(request.body(Body::from(body.clone())).unwrap()).await;
            assert_eq!(answer.error(403), "INVALID_SIGNATURE");
        }
        // A valid signature, of another body.
        let answer = replica.send(
            Request::post("/v1/webhooks/sms?provider=sandbox")
                .header(sandbox::TIMESTAMP, now)
                .header(sandbox::SIGNATURE, good)
                .body(Body::from(body.replace("forged", "FORGED")))
                .unwrap(),
        );
        let answer = answer.await;
        assert_eq!(answer.error(403), "INVALID_SIGNATURE");
        // The response names the address that has to be signed.
        assert_eq!(answer.json()["details"]["address"], "https://sms.example.com/v1/webhooks/sms?provider=sandbox");
        assert!(world.column(REPORTS).await.is_empty());
        assert!(replica.texts(&renter).await.is_empty());
    }

    async fn a_verified_webhook_that_cannot_be_parsed_is_refused_and_reported(world: World) {
        let (replica, _) = world.populated().await;
        for (body, field) in [
            (b"{\"id\":\"1\"".to_vec(), "body"),
            (b"\xff\xfe".to_vec(), "body"),
            ("[".repeat(30_000).into_bytes(), "body"),
            (json!({ "id": "", "from": "A", "to": "12345", "text": "x" }).to_string().into(), "id"),
            (json!({ "id": "1", "from": "A".repeat(321), "to": "12345", "text": "x" }).to_string().into(), "from"),
            (json!({ "id": "1", "from": "A", "to": "nobody", "text": "x" }).to_string().into(), "to"),
            (json!({ "id": "1", "from": "A", "to": 12345, "text": "x" }).to_string().into(), "to"),
        ] {
            let answer = replica.post_signed(body).await;
            assert_eq!(answer.error(400), "INVALID_REQUEST");
            assert_eq!(answer.json()["details"]["field"], field, "{}", answer.text());
        }
        let reports = world.column(REPORTS).await;
        assert_eq!(reports.len(), 7);
        assert!(reports.iter().all(|report| report.starts_with("failed ")), "{reports:?}");
    }

    async fn the_error_about_a_twilio_form_names_the_field(world: World) {
        let (replica, _) = world.populated().await;
        replica.add_provider("twilio", "twilio", TWILIO_TOKEN).await;
        let long = format!("MessageSid=SM1&From={}&To=%2B15005550006&Body=x", "1".repeat(321));
        for (form, field) in [
            ("MessageSid=SM1&From=A&To=%2B15005550006&Body=x&Body=y", "Body"),
            ("MessageSid=SM1&From=A&To=%2B15005550006", "Body"),
            ("MessageSid=SM1&From=A&To=%2B0&Body=x", "To"),
            ("MessageSid=SM1&From=A&From=B&To=%2B15005550006&Body=x", "From"),
            (long.as_str(), "From"),
            ("", "MessageSid"),
        ] {
            let answer = replica.post_twilio(form).await;
            assert_eq!(answer.error(400), "INVALID_REQUEST");
            assert_eq!(answer.json()["details"]["field"], field);
            // Twilio would send a plain-text response to the sender, as an SMS.
            assert!(answer.header("content-type").starts_with("application/json"));
        }
        let json = Request::post("/v1/webhooks/sms?provider=twilio")
            .header("content-type", "application/json")
            .header(twilio::SIGNATURE, "AAAA")
            .body(Body::from("{}"));
        // For a body that is not a form, the signed address contains its hash.
        assert_eq!(replica.send(json.unwrap()).await.error(403), "INVALID_SIGNATURE");
        let xml = Request::post("/v1/webhooks/sms?provider=twilio")
            .header("content-type", "text/xml")
            .header(twilio::SIGNATURE, "AAAA")
            .body(Body::from("<a/>"));
        assert_eq!(replica.send(xml.unwrap()).await.error(415), "UNSUPPORTED_MEDIA_TYPE");
    }

    async fn bodies_have_a_limit(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let answer = replica.post_sms(&sms("1", &number, &"x".repeat(65 * 1024))).await;
        assert_eq!(answer.error(413), "PAYLOAD_TOO_LARGE");
        // The longest message that a network can carry is shorter: 255 parts of 153 characters.
        let long = "x".repeat(20_000);
        assert_eq!(replica.post_sms(&sms("2", &number, &long)).await.status, 200);
        assert_eq!(replica.post_sms(&sms("3", &number, "")).await.status, 200);
        assert_eq!(replica.texts(&renter).await, [long, String::new()]);
    }

    async fn short_codes_are_legal_senders_and_receivers(world: World) {
        let (replica, renter) = world.populated().await;
        let ids = replica.add_numbers("sandbox", &["81234"]).await;
        let rent = "mutation($id: ID!) { assignPhoneNumber(input: { phoneNumberId: $id }) { phoneNumber { id } } }";
        replica.data(&renter, rent, json!({ "id": format!("num_{}", ids[0]) })).await;
        let message = json!({ "id": "1", "from": "72000", "to": "81234", "text": "hi" });
        assert_eq!(replica.post_sms(&message).await.status, 200);
        assert_eq!(replica.texts(&renter).await, ["hi"]);
    }

    async fn other_methods_are_refused_with_allow(world: World) {
        let (replica, _) = world.populated().await;
        let answer = replica.get("/v1/webhooks/sms?provider=sandbox").await;
        assert_eq!(answer.error(405), "METHOD_NOT_ALLOWED");
        assert_eq!(answer.header("allow"), "POST");
        // No provider uses these methods.
        let put = Request::put("/v1/webhooks/sms?provider=nobody").body(Body::empty());
        let answer = replica.send(put.unwrap()).await;
        assert_eq!((answer.error(405).as_str(), answer.header("allow")), ("METHOD_NOT_ALLOWED", "GET,POST"));
        let head = Request::head("/v1/webhooks/sms?provider=sandbox").body(Body::empty());
        assert_eq!(replica.send(head.unwrap()).await.status, 405);
        assert_eq!(replica.get("/v2").await.error(404), "NOT_FOUND");
    }

    async fn a_valid_request_id_is_kept(world: World) {
        let replica = world.replica().await;
        let with = async |id: &str| {
            let request = Request::get("/healthz").header("x-request-id", id).body(Body::empty());
            replica.send(request.unwrap()).await.header("x-request-id").to_owned()
        };
        assert_eq!(with("abc-123").await, "abc-123");
        for insane in ["", "a b", &"x".repeat(65), "a\"b"] {
            assert!(with(insane).await.starts_with("req_"));
        }
    }

    async fn health_is_reported(world: World) {
        let replica = world.replica().await;
        assert_eq!(replica.get("/healthz").await.json()["status"], "ok");
        assert_eq!(replica.get("/readyz").await.json()["store"], "ok");
        replica.app.start_shutdown();
        assert_eq!(replica.get("/healthz").await.status, 200);
        let answer = replica.get("/readyz").await;
        assert_eq!(answer.error(503), "UNAVAILABLE");
        assert!((1..=4).contains(&answer.header("retry-after").parse().unwrap()));
    }

    async fn a_replica_with_an_old_schema_is_not_ready(world: World) {
        let replica = world.replica().await;
        world.store().await.migrate_down(1).await.unwrap();
        assert_eq!(replica.get("/readyz").await.error(503), "UNAVAILABLE");
    }
}
