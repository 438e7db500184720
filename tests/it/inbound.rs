//! What the world sends: long senders, channels, media without a text, other clocks and character sets, and what
//! becomes of what cannot be read.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::{body::Body, http::Request};
use otpwire::providers::twilio::{SIGNATURE, Twilio};
use serde_json::{Value, json};

use crate::support::{
    Backend, PUBLIC_URL, Renter, Replica, TWILIO_TOKEN, World,
    client::{Answer, sms},
    gateways::{Gateway, request},
    on_both,
    socket::Socket,
};

const NUMBER: &str = "+15005550006";

/// A replica with one number of a provider, and its renter.
async fn rented(world: &World, gateway: &Gateway) -> (Replica, Renter) {
    let replica = world.replica().await;
    gateway.join(&replica).await;
    replica.add_numbers(&gateway.name, &[NUMBER]).await;
    let renter = replica.renter("renter@example.com").await;
    replica.rent(&renter, "US", 1).await;
    (replica, renter)
}

/// Posts to an account whose secret is in the address, or a password.
async fn post(replica: &Replica, gateway: &Gateway, content_type: &str, body: &str) -> Answer {
    let mut raw = gateway.compose(replica, "1", NUMBER, "x");
    raw.headers.insert("content-type", content_type.parse().unwrap());
    raw.body = body.as_bytes().to_vec();
    replica.send(request(&raw)).await
}

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// Who sent each message, and through which channel, the oldest first.
async fn senders(replica: &Replica, renter: &Renter) -> Vec<String> {
    let data = replica.data(renter, "{ messages(first: 50) { nodes { senderNumber channel } } }", json!({})).await;
    let nodes = data["messages"]["nodes"].as_array().unwrap().iter().rev();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    nodes.map(|node| format!("{} {}", text(&node["channel"]), text(&node["senderNumber"]))).collect()
}

const REPORTS: &str = "query($filter: DeliveryReportFilter) { deliveryReports(filter: $filter, first: 50) { nodes {
    status reason errorMessage providerMessageId phoneNumber } } }";

async fn reports(replica: &Replica, admin: &Renter, filter: Value) -> Vec<Value> {
    let data = replica.data(admin, REPORTS, json!({ "filter": filter })).await;
    data["deliveryReports"]["nodes"].as_array().unwrap().clone()
}

on_both! {
    async fn a_sender_is_stored_whole_with_its_channel(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        replica.add_provider("twilio", "twilio", TWILIO_TOKEN).await;
        world.sql("UPDATE phone_numbers SET provider_id = NULL").await;
        // As long as an address can be: 64 characters of a mailbox, 254 of a domain.
        let long = format!("{}@{}{}", "a".repeat(64), format!("{}.", "b".repeat(63)).repeat(3), "c".repeat(62));
        for (id, from, to) in [
            ("1", "whatsapp%3A%2B14155550123", "whatsapp%3A%2B14155550100"),
            ("2", "rcs%3A%2B14155550123", "rcs%3A%2B14155550100"),
            ("3", "%2B14155550123", "whatsapp%3A%2B14155550100"),
            ("4", "AN+ALPHANUMERIC+SENDER+OF+MANY+LETTERS", "%2B14155550100"),
        ] {
            let answer = replica.post_twilio(&format!("MessageSid=SM{id}&From={from}&To={to}&Body={id}")).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
        for (id, from) in [("5", long.as_str()), ("6", "someone@example.com"), ("7", "sip:alice@example.com"), ("8", "messenger:123")] {
            let message = json!({ "id": id, "from": from, "to": number, "text": id });
            assert_eq!(replica.post_sms(&message).await.status, 200);
        }
        let expected = [
            "WHATSAPP whatsapp:+14155550123".to_owned(),
            "RCS rcs:+14155550123".to_owned(),
            "WHATSAPP +14155550123".to_owned(),
            "SMS AN ALPHANUMERIC SENDER OF MANY LETTERS".to_owned(),
            format!("EMAIL {long}"),
            "EMAIL someone@example.com".to_owned(),
            "VOICE sip:alice@example.com".to_owned(),
            "OTHER messenger:123".to_owned(),
        ];
        assert_eq!(senders(&replica, &renter).await, expected);
        // A sender of more characters is refused, and its message still found.
        let message = json!({ "id": "9", "from": format!("{long}xx"), "to": number, "text": "x" });
        assert_eq!(replica.post_sms(&message).await.error(400), "INVALID_REQUEST");
        // Both APIs show the channel and filter by it.
        let listed = replica.rest_ok(Some(&renter.token), "GET /v1/messages?channel=email", None).await;
        assert_eq!(listed["total"], 2);
        assert_eq!((&listed["messages"][1]["sender_number"], &listed["messages"][1]["channel"]), (&json!(long), &json!("email")));
        let query = "query($f: MessageFilter) { messages(filter: $f) { totalCount nodes { messageContent } } }";
        let filter = json!({ "f": { "channels": ["WHATSAPP", "VOICE"] } });
        let data = replica.data(&renter, query, filter).await;
        assert_eq!(data["messages"]["totalCount"], 3);
        let by_sender = json!({ "f": { "sender": long.to_uppercase() } });
        assert_eq!(replica.data(&renter, query, by_sender).await["messages"]["nodes"], json!([{ "messageContent": "5" }]));
        let endpoint = "GET /v1/messages/wait?since=2026-03-01T12:00:00Z&timeout=0&channel=voice";
        assert_eq!(replica.rest_ok(Some(&renter.token), endpoint, None).await["message"]["message_content"], "7");
        let refused = replica.rest(Some(&renter.token), "GET /v1/messages?channel=pigeon", None).await;
        assert_eq!(refused.error(422), "VALIDATION_ERROR");
    }

    async fn a_subscription_may_be_for_some_channels(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let mut socket = Socket::ready(replica.listen().await, &renter).await;
        let query = "subscription($after: String) { messageReceived(channels: [RCS, EMAIL], after: $after) { message { messageContent channel } } }";
        let end = replica.data(&renter, "{ messages { latestCursor } }", json!({})).await["messages"]["latestCursor"].clone();
        socket.subscribe("1", query, json!({ "after": end })).await;
        for (id, from) in [("1", "+14155550123"), ("2", "rcs:+14155550123"), ("3", "BANK"), ("4", "bank@example.com")] {
            let message = json!({ "id": id, "from": from, "to": number, "text": id });
            assert_eq!(replica.post_sms(&message).await.status, 200);
        }
        for (text, channel) in [("2", "RCS"), ("4", "EMAIL")] {
            let received = socket.receive().await["payload"]["data"]["messageReceived"]["message"].clone();
            assert_eq!(received, json!({ "messageContent": text, "channel": channel }));
        }
    }

    async fn a_message_with_files_needs_no_text(world: World) {
        let gateway = Gateway::of("twilio");
        let (replica, renter) = rented(&world, &gateway).await;
        let signer = Twilio::new(gateway.secret.as_str().into());
        for form in [
            "MessageSid=MM1&From=%2B14155550123&To=%2B15005550006&NumMedia=1&MediaUrl0=https%3A%2F%2Fa.example%2F1",
            // Fields that can be done without do not cost the message.
            "MessageSid=MM2&From=%2B14155550123&To=%2B15005550006&Body=x&NumSegments=1&NumSegments=2&NumMedia=%FF",
        ] {
            let mut raw = gateway.compose(&replica, "x", NUMBER, "x");
            raw.headers.insert(SIGNATURE, signer.sign(&raw.url, form.as_bytes()).parse().unwrap());
            raw.body = form.into();
            let answer = replica.send(request(&raw)).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
        let data = replica.data(&renter, "{ messages { nodes { messageContent channel media { url } } } }", json!({})).await;
        assert_eq!(data["messages"]["nodes"], json!([
            { "messageContent": "x", "channel": "SMS", "media": [] },
            { "messageContent": "", "channel": "MMS", "media": [{ "url": "https://a.example/1" }] },
        ]));
    }

    async fn a_gateway_that_repeats_under_new_ids_is_seen_through(world: World) {
        for kind in ["textbee", "httpsms", "sms_gateway_android"] {
            let world = World::new(world.backend).await;
            let number = json!({ "65f1c0ffee65f1c0ffee65f1": NUMBER, "ffffffffceb0b1db0000018e937c815b": NUMBER });
            let gateway = Gateway { configuration: Default::default(), ..Gateway::of(kind) }.with("to_map", number);
            let (replica, renter) = rented(&world, &gateway).await;
            let admin = replica.admin("admin@example.com").await;
            for (id, text) in [("one", "Your code is 482913"), ("two", "Your code is 482913"), ("three", "Your code is 582913")] {
                let answer = replica.send(request(&gateway.compose(&replica, id, NUMBER, text))).await;
                assert_eq!(answer.status, 200, "{kind}: {}", answer.text());
            }
            // The same text at another time is another message.
            world.advance(1);
            replica.send(request(&gateway.compose(&replica, "four", NUMBER, "Your code is 482913"))).await;
            let texts = ["Your code is 482913", "Your code is 582913", "Your code is 482913"];
            assert_eq!(replica.texts(&renter).await, texts, "{kind}");
            let repeated = reports(&replica, &admin, json!({ "reason": "SAME_CONTENT" })).await;
            assert_eq!((repeated.len(), &repeated[0]["status"]), (1, &json!("DUPLICATE")), "{kind}");
        }
    }

    async fn whatever_could_be_read_is_found(world: World) {
        let (replica, _) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let long = "x".repeat(321);
        for body in [
            json!({ "id": "no-sender", "to": "+14155550100", "text": "x" }),
            json!({ "id": "long", "from": long, "to": "+14155550100", "text": "x" }),
            json!({ "id": "no-number", "from": "A", "to": "nobody", "text": "x" }),
            json!({ "from": "A", "to": "+14155550100", "text": "x" }),
            json!({ "id": "time", "from": "A", "to": "+14155550100", "text": "x", "sent_at": "soon" }),
        ] {
            assert_eq!(replica.post_signed(body.to_string().into_bytes()).await.error(400), "INVALID_REQUEST");
        }
        let found = async |filter: Value| reports(&replica, &admin, filter).await;
        for id in ["no-sender", "long", "no-number", "time"] {
            let report = found(json!({ "providerMessageId": id })).await.remove(0);
            assert_eq!((&report["status"], &report["reason"]), (&json!("FAILED"), &json!("INVALID_FIELD")), "{id}");
            let number = if id == "no-number" { json!(null) } else { json!("+14155550100") };
            assert_eq!(report["phoneNumber"], number, "{id}");
        }
        assert_eq!(found(json!({ "phoneNumber": "+14155550100" })).await.len(), 4);
        replica.post_signed(b"{".to_vec()).await;
        assert_eq!(found(json!({ "reason": "UNREADABLE_BODY" })).await.len(), 1);
        // Of one webhook with several messages, each that cannot be read is found by itself.
        let gateway = Gateway::of("infobip");
        gateway.join(&replica).await;
        let body = json!({ "results": [
            { "messageId": "a", "to": "14155550100", "text": "x" }, { "messageId": "b", "from": "1", "to": "14155550101" },
        ] });
        assert_eq!(post(&replica, &gateway, JSON, &body.to_string()).await.error(400), "INVALID_REQUEST");
        assert_eq!(found(json!({ "providerMessageId": "a" })).await[0]["errorMessage"], "/results/0/from: is missing");
        assert_eq!(found(json!({ "phoneNumber": "+14155550101" })).await[0]["providerMessageId"], "b");
        // And a status callback without an id, by its recipient.
        replica.add_provider("twilio", "twilio", TWILIO_TOKEN).await;
        assert_eq!(replica.post_twilio("MessageStatus=sent&To=%2B14155550123").await.status, 400);
        assert_eq!(found(json!({ "phoneNumber": "+14155550123" })).await[0]["reason"], "INVALID_FIELD");
    }

    async fn every_status_but_received_says_why(world: World) {
        let mut world = world;
        world.settings.clock_skew = Duration::ZERO;
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let reason = async |id: &str| {
            let report = reports(&replica, &admin, json!({ "providerMessageId": id })).await.remove(0);
            format!("{} {}", report["status"].as_str().unwrap(), report["reason"].as_str().unwrap_or("-"))
        };
        replica.post_sms(&sms("early", "+14155550100", "x")).await;
        assert_eq!(reason("early").await, "QUARANTINED NOT_RENTED");
        let (id, number) = replica.rent(&renter, "US", 1).await;
        replica.post_sms(&sms("good", &number, "x")).await;
        assert_eq!(reason("good").await, "RECEIVED -");
        replica.post_sms(&sms("good", &number, "x")).await;
        assert_eq!(reason("good").await, "DUPLICATE SAME_ID");
        let late = json!({ "id": "late", "from": "A", "to": number, "text": "x", "sent_at": "2026-03-01T11:59:59Z" });
        replica.post_sms(&late).await;
        assert_eq!(reason("late").await, "QUARANTINED SENT_BEFORE_RENTAL");
        replica.post_sms(&sms("nowhere", "+14155559999", "x")).await;
        assert_eq!(reason("nowhere").await, "UNROUTABLE UNKNOWN_NUMBER");
        replica.add_provider("sandbox", "other", "another secret of the sandbox").await;
        replica.add_numbers("other", &["+442079460958"]).await;
        replica.post_sms(&sms("others", "+442079460958", "x")).await;
        assert_eq!(reason("others").await, "UNROUTABLE OTHER_PROVIDER");
        let release = "mutation($id: ID!) { releasePhoneNumber(input: { phoneNumberId: $id }) { phoneNumber { id } } }";
        replica.data(&renter, release, json!({ "id": id })).await;
        replica.post_sms(&sms("ended", &number, "x")).await;
        assert_eq!(reason("ended").await, "QUARANTINED RENTAL_ENDED");
        let block = "mutation($id: ID!) { setPhoneNumberStatus(input: { phoneNumberId: $id, status: BLOCKED }) { phoneNumber { id } } }";
        replica.data(&admin, block, json!({ "id": id })).await;
        replica.post_sms(&sms("blocked", &number, "x")).await;
        assert_eq!(reason("blocked").await, "QUARANTINED NUMBER_BLOCKED");
        // Parts of long messages, while they wait and afterwards.
        let kannel = Gateway::of("kannel");
        kannel.join(&replica).await;
        let part = async |id: &str, number: u8| {
            let fields = format!("from=A&to=4915123456789&text=x&id={id}&udh=%05%00%03%07%02%0{number}");
            let path = format!("/v1/webhooks/sms?provider=kannel&token={}&{fields}", kannel.secret);
            assert_eq!(replica.get(&path).await.status, 200);
        };
        world.sql("UPDATE phone_numbers SET provider_id = NULL").await;
        part("p", 1).await;
        assert_eq!(reason("p/1").await, "HELD WAITING_FOR_PARTS");
        part("p", 1).await;
        part("q", 2).await;
        assert_eq!(reason("p/1").await, "DUPLICATE SAME_ID");
        assert_eq!(reason("q/2").await, "QUARANTINED NOT_RENTED");
        // Status callbacks.
        replica.add_provider("twilio", "twilio", TWILIO_TOKEN).await;
        for (word, expected) in [
            ("delivered", "DELIVERED PROVIDER_REPORT"), ("sent", "DELIVERED OUT_OF_ORDER"), ("odd", "DELIVERED UNKNOWN_STATUS"),
        ] {
            replica.post_twilio(&format!("MessageSid=SMx&MessageStatus={word}&To=%2B14155550123")).await;
            assert_eq!(reason("SMx").await, expected);
        }
        assert_eq!(reports(&replica, &admin, json!({ "reason": "OTHER_PROVIDER" })).await.len(), 1);
        let all = reports(&replica, &admin, json!({})).await;
        assert!(all.iter().all(|report| (report["status"] == "RECEIVED") == report["reason"].is_null()));
    }

    async fn the_clock_of_an_operator_withholds_nothing(world: World) {
        let gateway = Gateway { configuration: Default::default(), ..Gateway::of("sinch") };
        let gateway = gateway.with("auth", "basic").with("username", "sinch");
        let (replica, renter) = rented(&world, &gateway).await;
        for (id, sent, received) in [
            ("1", "2026-03-01T08:00:00Z", "2026-03-01T12:00:00Z"),
            ("2", "2026-03-01T11:57:00Z", "2026-03-01T11:58:00Z"),
            ("3", "2026-03-01T12:00:00Z", "2026-03-01T11:57:59Z"),
        ] {
            let body = json!({
                "type": "mo_text", "id": id, "from": "14155550123", "to": "15005550006", "body": id, "sent_at": sent,
                "received_at": received,
            });
            assert_eq!(post(&replica, &gateway, JSON, &body.to_string()).await.status, 200);
        }
        // The third reached Sinch more than two minutes before the rental.
        assert_eq!(replica.texts(&renter).await, ["1", "2"]);
    }

    async fn a_clock_that_is_wrong_is_shown(world: World) {
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        const CLOCKS: &str = "{ providers { nodes { health { clockOffsetSeconds isClockOff } } } }";
        let clock = async || {
            let admin = replica.log_in("admin@example.com").await;
            let health = replica.data(&admin, CLOCKS, json!({})).await["providers"]["nodes"][0]["health"].clone();
            (health["clockOffsetSeconds"].clone(), health["isClockOff"].as_bool().unwrap())
        };
        drop(admin);
        let send = async |id: &str, at: &str| {
            let message = json!({ "id": id, "from": "A", "to": number, "text": id, "sent_at": at });
            assert_eq!(replica.post_sms(&message).await.status, 200);
        };
        replica.post_sms(&sms("0", &number, "no time")).await;
        assert_eq!(clock().await, (Value::Null, false));
        // A late message alone is not a slow clock, once another comes in time.
        send("1", "2026-03-01T11:50:00Z").await;
        assert_eq!(clock().await, (json!(-600), true));
        send("2", "2026-03-01T11:59:58Z").await;
        assert_eq!(clock().await, (json!(-2), false));
        send("3", "2026-03-01T12:05:00Z").await;
        assert_eq!(clock().await, (json!(300), true));
        // The latest hour counts, and for a day.
        world.advance(3600);
        send("4", "2026-03-01T13:00:00Z").await;
        assert_eq!(clock().await, (json!(0), false));
        world.advance(25 * 3600);
        assert_eq!(clock().await, (Value::Null, false));
    }

    async fn the_skew_of_clocks_reaches_into_no_other_rental(world: World) {
        let mut world = world;
        world.settings.clock_skew = Duration::from_secs(3600);
        world.settings.cool_down = Duration::from_secs(60);
        let (replica, first) = world.populated().await;
        let second = replica.renter("second@example.com").await;
        let rent = r#"mutation { assignPhoneNumber(input: { phoneNumberId: "num_1" }) { phoneNumber { id } } }"#;
        let release = r#"mutation { releasePhoneNumber(input: { phoneNumberId: "num_1" }) { phoneNumber { id } } }"#;
        replica.data(&first, rent, json!({})).await;
        world.advance(10);
        replica.data(&first, release, json!({})).await;
        world.advance(60);
        replica.data(&second, rent, json!({})).await;
        for (id, at) in [("first's", "2026-03-01T12:00:09Z"), ("nobody's", "2026-03-01T12:00:11Z"), ("second's", "2026-03-01T12:01:10Z")] {
            let message = json!({ "id": id, "from": "A", "to": "+14155550100", "text": id, "sent_at": at });
            assert_eq!(replica.post_sms(&message).await.status, 200);
        }
        assert_eq!(replica.texts(&second).await, ["nobody's", "second's"]);
        assert!(replica.texts(&first).await.is_empty());
    }

    async fn characters_are_those_that_were_sent(world: World) {
        let gateway = Gateway::of("kannel");
        let (replica, renter) = rented(&world, &gateway).await;
        let get = async |parameters: &str| {
            let path = format!("/v1/webhooks/sms?provider=kannel&token={}&from=A&to=15005550006&{parameters}", gateway.secret);
            let answer = replica.get(&path).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        };
        get("id=1&charset=WINDOWS-1252&text=%8010+%93482913%94+it%92s").await;
        // 😀 is cut between the two parts, in UTF-16 and then in UTF-8.
        get("id=2&charset=UTF16-BE&text=%004%008%00%20%D8%3D&udh=%05%00%03%07%02%01").await;
        get("id=3&charset=UTF16-BE&text=%DE%00%00%20%002&udh=%05%00%03%07%02%02").await;
        get("id=4&charset=UTF-8&text=29+%F0%9F&udh=%05%00%03%08%02%01").await;
        get("id=5&charset=UTF-8&text=%98%80+13&udh=%05%00%03%08%02%02").await;
        // Half of it alone is U+FFFD.
        get("id=6&charset=UTF16-BE&text=%004%D8%3D").await;
        get("id=7&charset=UTF16-BE&text=%008%D8%3D&udh=%05%00%03%09%02%01").await;
        world.advance(60);
        replica.app.release_parts().await.unwrap();
        let expected = ["€10 “482913” it’s", "48 😀 2", "29 😀 13", "4\u{fffd}", "8\u{fffd}"];
        assert_eq!(replica.texts(&renter).await, expected);
        let payloads = world.column("SELECT CAST(webhook_payload AS TEXT) FROM delivery_reports").await.join("\n");
        assert!(!payloads.contains('\u{10d83d}'), "{payloads}");
    }

    async fn twilio_signs_the_address_of_a_get_in_several_ways(world: World) {
        let gateway = Gateway::of("twilio");
        let (replica, renter) = rented(&world, &gateway).await;
        let signer = Twilio::new(gateway.secret.as_str().into());
        let get = async |id: &str, text: &str, port: &str, signed: &str| {
            let address = format!("/v1/webhooks/sms?provider=twilio&MessageSid={id}&From=%2B14155550123&To=%2B15005550006&Body=");
            let signature = signer.sign(&format!("{PUBLIC_URL}{port}{address}{signed}"), b"");
            let request = Request::get(format!("{address}{text}")).header(SIGNATURE, signature).body(Body::empty());
            replica.send(request.unwrap()).await.status.as_u16()
        };
        for (id, text, port, signed) in [
            ("1", "it's+482913", "", "it's+482913"),
            ("2", "it's+482913", "", "it%27s+482913"),
            ("3", "it%27s+482913", "", "it's%20482913"),
            ("4", "it's+482913", ":443", "it%27s+482913"),
            ("5", "it%27s+482913", ":443", "it's%20482913"),
            ("6", "it%27s%20482913", "", "it%27s+482913"),
        ] {
            assert_eq!(get(id, text, port, signed).await, 200, "{text} signed as {port} {signed}");
        }
        // Every form has the same fields: nothing else passes.
        for (text, signed) in [("it's+482914", "it's+482913"), ("its+482913", "it's+482913"), ("it's+482913", "it's482913")] {
            assert_eq!(get("7", text, "", signed).await, 403, "{text} signed as {signed}");
        }
        assert_eq!(replica.texts(&renter).await, vec!["it's 482913"; 6]);
    }

    async fn numbers_in_national_form_find_their_number(world: World) {
        let gateway = Gateway { configuration: Default::default(), ..Gateway::of("commio") };
        let replica = world.replica().await;
        gateway.join(&replica).await;
        replica.add_numbers("commio", &["+14155550100"]).await;
        let renter = replica.renter("renter@example.com").await;
        replica.rent(&renter, "US", 1).await;
        for body in [
            "from=4155550123&to=4155550100&type=sms&message=482913",
            "from=14155550123&to=14155550100&type=mms&message=https%3A%2F%2Fa.example%2F1",
        ] {
            assert_eq!(post(&replica, &gateway, FORM, body).await.status, 200);
        }
        let body = json!({ "from": "4155550123", "to": "4155550100", "type": "sms", "message": "by JSON" });
        assert_eq!(post(&replica, &gateway, JSON, &body.to_string()).await.status, 200);
        let data = replica.data(&renter, "{ messages { nodes { messageContent channel media { url } } } }", json!({})).await;
        assert_eq!(data["messages"]["nodes"], json!([
            { "messageContent": "by JSON", "channel": "SMS", "media": [] },
            { "messageContent": "", "channel": "MMS", "media": [{ "url": "https://a.example/1" }] },
            { "messageContent": "482913", "channel": "SMS", "media": [] },
        ]));
        let status = "guid=g1&source_did=4155550100&destination_did=4155550123&send_status=delivered&status=DELIVRD&error=000";
        assert_eq!(post(&replica, &gateway, FORM, status).await.status, 200);
        let admin = replica.admin("admin@example.com").await;
        let report = reports(&replica, &admin, json!({ "phoneNumber": "+14155550123" })).await.remove(0);
        assert_eq!((&report["status"], &report["providerMessageId"]), (&json!("DELIVERED"), &json!("g1")));
        // Status callbacks of High Connexion are GETs.
        let gateway = Gateway::of("high_connexion");
        gateway.join(&replica).await;
        let path = format!("/v1/webhooks/status?provider=high_connexion&token={}&ret_id=h1&status=6", gateway.secret);
        assert_eq!(replica.get(&path).await.status, 200);
        assert_eq!(reports(&replica, &admin, json!({ "providerMessageId": "h1" })).await[0]["status"], "DELIVERED");
    }

    async fn a_certificate_that_cannot_be_fetched_is_told(world: World) {
        let mut world = world;
        world.fetched = Arc::new(HashMap::new());
        let mut gateway = Gateway::of("aws_sns");
        let signer = Gateway::of("aws_sns");
        gateway.configuration.remove("signing_certificate");
        let (replica, _) = rented(&world, &gateway).await;
        for _ in 0..61 {
            let answer = replica.send(request(&signer.compose(&replica, "1", NUMBER, "x"))).await;
            // It is nobody's guess, so the network is not shut out.
            assert_eq!(answer.error(503), "UNAVAILABLE");
            assert!(answer.json()["message"].as_str().unwrap().contains("certificate"), "{}", answer.text());
        }
        let admin = replica.admin("admin@example.com").await;
        let health = "{ providers { nodes { health { refusalCount lastRefusalReason } } } }";
        let health = replica.data(&admin, health, json!({})).await["providers"]["nodes"][0]["health"].clone();
        let reason = "the certificate of the signature could not be fetched from sns.us-east-1.amazonaws.com";
        assert_eq!(health, json!({ "refusalCount": 61, "lastRefusalReason": reason }));
    }

    async fn a_number_is_imported_with_its_country(world: World) {
        let (replica, _) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        const IMPORT: &str = "mutation($input: ImportPhoneNumbersInput!) { importPhoneNumbers(input: $input) {
            addedIds knownCount rejected { index message } } }";
        let import = async |country: Value, numbers: Value| {
            let input = json!({ "providerId": "prv_1", "defaultCountryCode": country, "numbers": numbers });
            replica.graphql(Some(&admin), IMPORT, json!({ "input": input })).await
        };
        let number = |text: &str| json!({ "phoneNumber": text });
        let of = |text: &str, country: &str| json!({ "phoneNumber": text, "countryCode": country });
        let given = json!([
            number("4155550111"), of("4155550112", "US"), of("+14155550113", "UK"), number("+14155550114"), of("81234", "US"),
            number("81235"), of("4155550115", "CH"), of("020 7946 0959", "GB"), number("41446681800"),
        ]);
        let imported = import(Value::Null, given).await["data"]["importPhoneNumbers"].clone();
        assert_eq!(imported["addedIds"].as_array().unwrap().len(), 4);
        let rejected: Vec<_> = imported["rejected"].as_array().unwrap().iter().map(|one| {
            (one["index"].as_i64().unwrap(), one["message"].as_str().unwrap().to_owned())
        }).collect();
        let indexes: Vec<_> = rejected.iter().map(|(index, _)| *index).collect();
        assert_eq!(indexes, [0, 2, 5, 6, 8], "{rejected:?}");
        assert!(rejected[0].1.contains("without +") && rejected[1].1.contains("did you mean GB?"), "{rejected:?}");
        let imported = import(json!("us"), json!([number("4155550111"), number("(415) 555-0116"), number("+442079460960")])).await;
        assert_eq!(imported["data"]["importPhoneNumbers"]["rejected"], json!([]), "{imported}");
        let stored = world.column("SELECT phone_number || ' ' || country_code FROM phone_numbers WHERE id > 3 ORDER BY id").await;
        assert_eq!(stored, [
            "+14155550112 US", "+14155550114 US", "+442079460959 GB", "81234 US", "+14155550111 US", "+14155550116 US",
            "+442079460960 GB",
        ]);
        let refused = import(json!("UK"), json!([number("+14155550117")])).await;
        assert_eq!(refused["errors"][0]["extensions"]["field"], "defaultCountryCode");
    }
}

/// A longer limit and a new column must not rewrite the busiest table: only its index of senders is built anew, and the
/// block range indexes of a later step are.
#[tokio::test]
async fn longer_senders_rewrite_no_table() {
    let world = World::new(Backend::Cluster).await;
    let (replica, renter) = world.populated().await;
    let (_, number) = replica.rent(&renter, "US", 1).await;
    replica.post_sms(&sms("1", &number, "kept")).await;
    let store = world.store().await;
    let after =
        store.migration_status().await.unwrap().iter().skip_while(|step| !step.name.ends_with("channels")).count();
    store.migrate_down(u32::try_from(after).unwrap()).await.unwrap();
    let files = "SELECT relname || ' ' || pg_relation_filenode(oid) FROM pg_class
        WHERE relname ~ '^messages_y|^partial_messages' AND relname !~ 'sender_number_idx|message_type_idx|is_read_idx' ORDER BY relname";
    let before = world.column(files).await;
    store.migrate_up().await.unwrap();
    assert_eq!(world.column(files).await, before);
    assert!(before.iter().any(|file| file.starts_with("messages_y")), "{before:?}");
    assert_eq!(world.column("SELECT channel || ' ' || message_content FROM messages").await, ["sms kept"]);
}
