//! Codes: read once, stored with their message, shown and filtered in the same way by every API, and deleted with it.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use futures_util::future::join_all;
use otpwire::{
    app::watching::messages::{StartPosition, Watcher},
    domain::{InboxCursor, MessageFilter, MessageType, OffsetPage, Sender, Service},
};
use serde_json::{Value, json};

use crate::support::{
    Backend, PATIENCE, Renter, Replica, World,
    client::{Answer, sms},
    gateways::Gateway,
    on_both,
    reader::{counting_reader, plain_reader},
    socket::Socket,
    watchers::next_delivery,
};

const OTP: &str = "messageType otp { code service score }";
const COLUMNS: &str =
    "SELECT message_type || ' ' || coalesce(otp_code, '-') || ' ' || coalesce(otp_service, '-') || ' '
    || coalesce(otp_service_key, '-') || ' ' || coalesce(CAST(otp_score AS TEXT), '-') FROM messages ORDER BY id";

/// A replica with the plain reader, and a rented number.
async fn populated(world: &mut World) -> (Replica, Renter, String) {
    world.reader = plain_reader();
    let (replica, renter) = world.populated().await;
    let (_, number) = replica.rent(&renter, "US", 1).await;
    (replica, renter, number)
}

async fn post(replica: &Replica, number: &str, texts: &[&str]) {
    for text in texts {
        static IDS: AtomicUsize = AtomicUsize::new(0);
        // The ids differ, because texts may be repeated, and do not contain the text.
        let id = format!("id {}", IDS.fetch_add(1, Ordering::SeqCst));
        assert_eq!(replica.post_sms(&sms(&id, number, text)).await.status, 200);
    }
}

async fn wait(replica: &Replica, who: &Renter, query: &str) -> Answer {
    let endpoint = format!("GET /v1/messages/wait?{query}");
    tokio::time::timeout(PATIENCE, replica.rest(Some(&who.token), &endpoint, None)).await.expect("no answer in time")
}

fn code(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["message"]["otp"]["code"].as_str().unwrap().to_owned()
}

fn of_service(name: &str) -> MessageFilter {
    MessageFilter { service: Some(Service::parse("service", name).unwrap()), ..MessageFilter::default() }
}

async fn next(watcher: &mut Watcher) -> String {
    next_delivery(watcher).await.message.message_content.clone()
}

on_both! {
    async fn links_and_the_origin_of_a_code_are_shown_by_both_apis(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let texts = [
            "Tap to verify your number: example.com/verify?t=8F3a",
            "482913 is your Example code.\nHelp: https://example.com/help\n\n@Login.example.com #482913",
            "See you at eight",
        ];
        post(&replica, &number, &texts).await;
        let query = "{ messages { nodes { messageType links { url kind } otp { origin } } } }";
        let data = replica.data(&renter, query, json!({})).await;
        let link = |url: &str, kind: &str| json!([{ "url": url, "kind": kind }]);
        // The newest first.
        let nodes = json!([
            { "messageType": "SMS", "links": [], "otp": null },
            { "messageType": "OTP", "links": link("https://example.com/help", "OTHER"), "otp": { "origin": "login.example.com" } },
            { "messageType": "VERIFICATION", "links": link("https://example.com/verify?t=8F3a", "VERIFY"), "otp": null },
        ]);
        assert_eq!(data["messages"]["nodes"], nodes);
        let listed = replica.rest_ok(Some(&renter.token), "GET /v1/messages", None).await;
        let [plain, coded, request] = &listed["messages"].as_array().unwrap()[..] else { panic!("{listed}") };
        assert_eq!((&plain["links"], &plain["otp"]), (&json!([]), &Value::Null));
        assert_eq!(coded["links"], link("https://example.com/help", "other"));
        assert_eq!(coded["otp"]["origin"], "login.example.com");
        assert_eq!(request["links"], link("https://example.com/verify?t=8F3a", "verify"));
    }

    async fn a_code_is_shown_by_both_apis(world: World) {
        // The real reader, on an unambiguous text.
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        post(&replica, &number, &["Your verification code is 482913", "See you at eight"]).await;
        let data = replica.data(&renter, &format!("{{ messages {{ nodes {{ {OTP} }} }} }}"), json!({})).await;
        let [plain, coded] = &data["messages"]["nodes"].as_array().unwrap()[..] else { panic!("{data}") };
        assert_eq!(*plain, json!({ "messageType": "SMS", "otp": null }));
        assert_eq!((&coded["messageType"], &coded["otp"]["code"]), (&json!("OTP"), &json!("482913")));
        let score = coded["otp"]["score"].as_f64().unwrap();
        assert!(score > 0.5 && score <= 1.0, "{score}");
        let listed = replica.rest_ok(Some(&renter.token), "GET /v1/messages", None).await;
        assert_eq!(listed["messages"][0]["otp"], Value::Null);
        assert_eq!(listed["messages"][1]["otp"], coded["otp"]);
        assert_eq!(listed["messages"][1]["message_type"], "otp");
        // A score is stored in hundredths, so it is shown in hundredths.
        assert_eq!((score * 100.0).round() / 100.0, score);
    }

    async fn the_code_is_stored_as_it_was_read(world: World) {
        let mut world = world;
        let (replica, renter, number) = populated(&mut world).await;
        post(&replica, &number, &["ÄRZTE: 4829", ": 482913", "confirm it", "hello"]).await;
        // No user rents this number; administrators see its code.
        post(&replica, "+4915123456789", &["GitHub: 111111"]).await;
        let kept = ["otp 4829 ÄRZTE arzte 87", "otp 482913 - - 87", "verification - - - -", "sms - - - -", "otp 111111 GitHub github 87"];
        assert_eq!(world.column(COLUMNS).await, kept);
        let simulate = r#"mutation { simulateInboundSms(input: { to: "@", from: "X", text: "GitHub: 222222" }) { message { otp { code service score } } } }"#;
        let admin = replica.admin("admin@example.com").await;
        let data = replica.data(&admin, &simulate.replace('@', &number), json!({})).await;
        let expected = json!({ "code": "222222", "service": "GitHub", "score": 0.87 });
        assert_eq!(data["simulateInboundSms"]["message"]["otp"], expected);
        // No code is stored anywhere else.
        for table in ["audit_log", "message_receipts", "message_parts", "provider_activity"] {
            let row = match world.backend {
                Backend::Embedded => {
                    let columns = world.column(&format!("SELECT name FROM pragma_table_info('{table}')")).await;
                    columns.iter().map(|name| format!("coalesce({name}, '')")).collect::<Vec<_>>().join(" || ")
                }
                Backend::Cluster => format!("CAST({table} AS TEXT)"),
            };
            let rows = world.column(&format!("SELECT {row} FROM {table}")).await.join("\n");
            assert!(!["222222", "111111", "ithub"].iter().any(|part| rows.contains(part)), "{rows}");
        }
        drop(renter);
    }

    async fn a_message_is_stored_without_a_code_when_the_reader_panics(world: World) {
        let mut world = world;
        let (replica, renter, number) = populated(&mut world).await;
        let caller = replica.caller(&renter).await;
        let mut watcher = replica.app.watch_messages(&caller, MessageFilter::default(), StartPosition::Now).await.unwrap();
        let text = |n: usize| match n {
            17 => "panic: 482913".to_owned(),
            23 => "wild: 482913".to_owned(),
            n => format!("GitHub: {}", 1000 + n),
        };
        let messages: Vec<Value> = (0..40).map(|n| sms(&n.to_string(), &number, &text(n))).collect();
        let answers = join_all(messages.iter().map(|message| replica.post_sms(message))).await;
        assert!(answers.iter().all(|answer| answer.status == 200));
        let mut received = Vec::new();
        for _ in 0..40 {
            received.push(next(&mut watcher).await);
        }
        let listed = replica.rest_ok(Some(&renter.token), "GET /v1/messages?limit=100", None).await;
        for n in 0..40 {
            let found = listed["messages"].as_array().unwrap().iter().find(|message| message["message_content"] == text(n)).unwrap();
            let expected = match n {
                17 | 23 => (json!("sms"), Value::Null),
                n => (json!("otp"), json!((1000 + n).to_string())),
            };
            assert_eq!((found["message_type"].clone(), found["otp"]["code"].clone()), expected, "{}", text(n));
            assert!(received.contains(&text(n)), "{}", text(n));
        }
        assert_eq!(world.column("SELECT DISTINCT status FROM delivery_reports").await, ["received"]);
    }

    async fn only_messages_to_be_stored_are_read_and_long_ones_as_a_whole(world: World) {
        let mut world = world;
        let (reader, count) = counting_reader();
        world.reader = reader;
        let replica = world.replica().await;
        let kannel = Gateway::of("kannel");
        kannel.join(&replica).await;
        replica.add_numbers("kannel", &["+15005550006"]).await;
        let renter = replica.renter("renter@example.com").await;
        replica.rent(&renter, "US", 1).await;
        let get = async |to: &str, rest: &str| {
            let path = format!("/v1/webhooks/sms?provider=kannel&token={}&from=14155550123&to={to}&{rest}", kannel.secret);
            assert_eq!(replica.get(&path).await.status, 200);
            count.load(Ordering::SeqCst)
        };
        assert_eq!(get("15005550006", "id=1&text=GitHub%3A%20111111").await, 1);
        assert_eq!(get("15005559999", "id=2&text=GitHub%3A%20111111").await, 1, "unroutable");
        assert_eq!(get("15005550006", "id=3&text=2913&udh=%05%00%03%07%02%02").await, 1, "held");
        assert_eq!(get("15005550006", "id=4&text=GitHub%3A%2048&udh=%05%00%03%07%02%01").await, 2);
        assert_eq!(world.column(COLUMNS).await, ["otp 111111 GitHub github 87", "otp 482913 GitHub github 87"]);
        // A part that is shown by itself is also read by itself.
        assert_eq!(get("15005550006", "id=5&text=GitHub%3A%20333333&udh=%05%00%03%08%02%01").await, 2);
        world.advance(60);
        assert_eq!(replica.app.release_parts().await.unwrap(), 1);
        assert_eq!(world.column(COLUMNS).await[2], "otp 333333 GitHub github 87");
        // Whether a message is a repetition turns out when it is stored.
        get("15005550006", "id=1&text=GitHub%3A%20111111").await;
        assert_eq!(world.column(COLUMNS).await.len(), 3);
    }

    async fn lists_and_watchers_filter_in_the_same_way(world: World) {
        let mut world = world;
        let (replica, renter, number) = populated(&mut world).await;
        let caller = replica.caller(&renter).await;
        let texts = [
            "GitHub: 1111", "hello", "GITHUB: 2222", ": 3333", "GitHub Enterprise: 4444", "Яндекс: 5555", "confirm GitHub",
            "İstanbul: 6666", "Git_ub: 7777", "ΟΔΟΣ: 8888", "github: 9999", "Café: 1234",
        ];
        let kinds = |types: &[MessageType]| MessageFilter { types: types.to_vec(), ..MessageFilter::default() };
        let from = |sender: &str| Some(Sender::parse("sender", sender).unwrap());
        let filters = [
            (kinds(&[MessageType::Otp]), 10),
            (kinds(&[MessageType::Verification, MessageType::Sms]), 2),
            (of_service("github"), 3),
            (of_service("  GitHub "), 3),
            (of_service("github enterprise"), 1),
            (of_service("яНДЕКС"), 1),
            (of_service("İSTANBUL"), 1),
            (of_service("οδος"), 1),
            (of_service("istanbul"), 1),
            (of_service("CAFE"), 1),
            (of_service("\u{2068}Cafe\u{301}\u{2069}"), 1),
            (of_service("Git%"), 0),
            (of_service("git"), 0),
            (MessageFilter { types: vec![MessageType::Sms], ..of_service("github") }, 0),
            (MessageFilter { sender: from("google"), ..of_service("github") }, 3),
            (MessageFilter { sender: from("BANK"), ..of_service("github") }, 0),
        ];
        let mut live = Vec::new();
        for (filter, _) in &filters {
            live.push(replica.app.watch_messages(&caller, filter.clone(), StartPosition::Now).await.unwrap());
        }
        post(&replica, &number, &texts).await;
        let end = world.column("SELECT last_seq FROM inboxes").await[0].parse::<i64>().unwrap();
        for ((at, (filter, count)), mut live) in filters.iter().enumerate().zip(live) {
            let page = OffsetPage::new(100, 0).unwrap();
            let listed = replica.app.list_messages_at(&caller, filter, page).await.unwrap();
            let listed: Vec<_> = listed.iter().rev().map(|message| message.message_content.clone()).collect();
            assert_eq!(listed.len(), *count, "filter {at}: {listed:?}");
            assert_eq!(replica.app.count_messages(&caller, filter).await.unwrap(), listed.len() as u64, "filter {at}");
            let mut received = Vec::new();
            for _ in 0..*count {
                received.push(next(&mut live).await);
            }
            assert_eq!(received, listed, "live, filter {at}");
            let start = StartPosition::After(InboxCursor { inbox: renter.user.id, seq: 0 }.encode());
            let mut stored = replica.app.watch_messages(&caller, filter.clone(), start).await.unwrap();
            let mut received = Vec::new();
            while let Some(delivery) = stored.next_stored().await.unwrap() {
                received.push(delivery.message.message_content.clone());
            }
            assert_eq!(received, listed, "from the store, filter {at}");
            // The cursor also moves past messages that do not match.
            assert_eq!(stored.cursor().seq, end, "filter {at}");
        }
    }

    async fn a_filtered_watcher_recovers_lost_messages_and_keeps_its_position(world: World) {
        let mut world = world;
        let (replica, renter, number) = populated(&mut world).await;
        let caller = replica.caller(&renter).await;
        let mut watcher = replica.app.watch_messages(&caller, of_service("github"), StartPosition::Now).await.unwrap();
        // A replica with a separate bus: its messages can only be found in the store.
        let stranger = world.replica_over(None).await;
        post(&stranger, &number, &["hello", "GitHub: 1111", "GitLab: 2222", "GITHUB: 3333", "confirm it", "hello"]).await;
        replica.app.heal_watchers().await.unwrap();
        assert_eq!([next(&mut watcher).await, next(&mut watcher).await], ["GitHub: 1111", "GITHUB: 3333"]);
        assert!(tokio::time::timeout(Duration::from_millis(50), watcher.next()).await.is_err());
        assert_eq!(watcher.cursor().seq, 6, "the cursor is past messages that do not match");
        // Live delivery continues without a query: there is no gap.
        let before = replica.statements();
        let mut again = replica.app.watch_messages(&caller, of_service("github"), StartPosition::After(watcher.cursor().encode())).await.unwrap();
        let looked = replica.statements() - before;
        post(&replica, &number, &["GitLab: 4444", "github: 5555"]).await;
        for watcher in [&mut watcher, &mut again] {
            assert_eq!(next(watcher).await, "github: 5555");
            assert_eq!(watcher.cursor().seq, 8);
        }
        assert!(looked <= 4, "{looked}");
        // A message that was lost between two that do not match is found too.
        post(&stranger, &number, &["GitHub: 6666"]).await;
        post(&replica, &number, &["GitLab: 7777"]).await;
        assert_eq!(next(&mut watcher).await, "GitHub: 6666");
    }

    async fn a_client_can_wait_for_the_code_of_a_service(world: World) {
        let mut world = world;
        let (replica, renter, number) = populated(&mut world).await;
        let since = "since=2026-03-01T12:00:00Z";
        let wanted = "message_type=otp&service=github";
        let query = format!("{wanted}&timeout=60");
        let (answer, ()) = tokio::join!(wait(&replica, &renter, &query), async {
            while replica.app.count_watched() == 0 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            post(&replica, &number, &["hello", "GitLab: 1111", "confirm GitHub", "GitHub: 2222", "GitHub: 3333"]).await;
        });
        assert_eq!(code(&answer), "2222");
        assert_eq!(answer.json()["message"]["otp"], json!({ "code": "2222", "service": "GitHub", "score": 0.87 }));
        // That code is stored already; then comes the next one.
        assert_eq!(code(&wait(&replica, &renter, &format!("{since}&{wanted}&timeout=0")).await), "2222");
        let after = format!("after={}", answer.header("x-cursor"));
        assert_eq!(code(&wait(&replica, &renter, &format!("{after}&service=GITHUB")).await), "3333");
        assert_eq!(code(&wait(&replica, &renter, &format!("{since}&message_type=otp")).await), "1111");
        for nothing in ["service=bitbucket", "service=git", "message_type=sms&service=github"] {
            let none = wait(&replica, &renter, &format!("{since}&{nothing}&timeout=0")).await;
            assert_eq!(none.status, 204, "{nothing}");
            // The next request continues after every message that was examined.
            let again = wait(&replica, &renter, &format!("after={}&timeout=0", none.header("x-cursor"))).await;
            assert_eq!(again.status, 204, "{nothing}");
        }
        let verification = wait(&replica, &renter, &format!("{since}&message_type=verification")).await;
        assert_eq!(verification.json()["message"]["message_content"], "confirm GitHub");
    }

    async fn websockets_and_streams_filter_by_type_and_service(world: World) {
        let mut world = world;
        let (replica, renter, number) = populated(&mut world).await;
        let address = replica.listen().await;
        let mut socket = Socket::ready(address, &renter).await;
        let query = "subscription($types: [MessageType!], $service: String, $after: String) {
            messageReceived(types: $types, service: $service, after: $after) { message { otp { code } messageType } } }";
        let start = InboxCursor { inbox: renter.user.id, seq: 0 }.encode();
        for (id, types, service) in [
            ("codes", json!(["OTP"]), Value::Null),
            ("github", Value::Null, json!("GITHUB")),
            ("questions", json!(["VERIFICATION"]), Value::Null),
        ] {
            // With a cursor, no message is missed while the stream opens.
            socket.subscribe(id, query, json!({ "types": types, "service": service, "after": start })).await;
        }
        post(&replica, &number, &["hello", "GitLab: 1111", "confirm it", "GitHub: 2222"]).await;
        let mut received = Vec::new();
        for _ in 0..4 {
            let frame = socket.receive().await;
            let message = &frame["payload"]["data"]["messageReceived"]["message"];
            received.push(format!("{} {} {}", frame["id"].as_str().unwrap(), message["messageType"].as_str().unwrap(), message["otp"]["code"]));
        }
        received.sort();
        assert_eq!(received, ["codes OTP \"1111\"", "codes OTP \"2222\"", "github OTP \"2222\"", "questions VERIFICATION null"]);
        for wrong in ["", " ", &"x".repeat(101), "a\u{7}"] {
            socket.subscribe("wrong", query, json!({ "service": wrong, "types": ["OTP"] })).await;
            let frame = socket.receive().await;
            let error = &frame["payload"][0];
            assert_eq!((&error["extensions"]["code"], &error["extensions"]["field"]), (&json!("VALIDATION_ERROR"), &json!("service")), "{frame}");
            let list = "query($service: String) { messages(filter: { service: $service }) { totalCount } }";
            let answer = replica.graphql(Some(&renter), list, json!({ "service": wrong })).await;
            assert_eq!(answer["errors"][0]["extensions"]["field"], "filter.service", "{answer}");
        }
        let path = format!("/v1/messages/stream?message_type=otp&service=gitHUB&after={start}");
        let answer = tokio::time::timeout(PATIENCE, first_event(&replica, &renter, &path)).await.unwrap();
        assert_eq!(answer["message"]["otp"]["code"], "2222");
        let counted = "{ messages(filter: { service: \"github\", types: [OTP] }) { totalCount nodes { otp { code } } } }";
        let data = replica.data(&renter, counted, json!({})).await;
        assert_eq!(data["messages"], json!({ "totalCount": 1, "nodes": [{ "otp": { "code": "2222" } }] }));
    }

    async fn a_code_is_deleted_with_its_message(world: World) {
        let mut world = world;
        let (replica, renter, number) = populated(&mut world).await;
        post(&replica, &number, &["GitHub: 1111", "GitHub: 2222"]).await;
        let delete = r#"mutation { deleteMessage(input: { messageId: "msg_1" }) { deletedMessageId } }"#;
        replica.data(&renter, delete, json!({})).await;
        assert_eq!(world.column("SELECT otp_code FROM messages").await, ["2222"]);
        let payloads = world.column("SELECT coalesce(CAST(webhook_payload AS TEXT), 'gone') FROM delivery_reports ORDER BY id").await;
        assert_eq!(payloads[0], "gone");
        world.advance(24 * 3600);
        replica.app.purge().await.unwrap();
        assert!(world.column("SELECT otp_code FROM messages").await.is_empty());
    }

    async fn administrators_do_not_see_codes_of_renters(world: World) {
        let mut world = world;
        let (replica, renter, number) = populated(&mut world).await;
        let admin = replica.admin("admin@example.com").await;
        post(&replica, &number, &["GitHub: 482913"]).await;
        let reports = replica.data(&admin, "{ deliveryReports { nodes { payload errorMessage } } auditLog { nodes { details } } }", json!({})).await;
        assert!(!["482913", "GitHub"].iter().any(|part| reports.to_string().contains(part)), "{reports}");
        let one = replica.graphql(Some(&admin), "{ message(id: \"msg_1\") { otp { code } } }", json!({})).await;
        assert_eq!(one["errors"][0]["extensions"]["code"], "NOT_FOUND");
        assert!(!one.to_string().contains("482913"));
        drop(renter);
    }

    async fn messages_from_before_the_migration_have_no_code(world: World) {
        let mut world = world;
        let (replica, renter, number) = populated(&mut world).await;
        post(&replica, &number, &["hello"]).await;
        let store = world.store().await;
        let is_applied = async || {
            let steps = store.migration_status().await.unwrap();
            steps.iter().any(|step| step.name.ends_with("message_codes") && step.applied)
        };
        while is_applied().await {
            store.migrate_down(1).await.unwrap();
        }
        store.migrate_up().await.unwrap();
        let listed = replica.rest_ok(Some(&renter.token), "GET /v1/messages", None).await;
        let message = &listed["messages"][0];
        assert_eq!((&message["message_content"], &message["message_type"], &message["otp"]), (&json!("hello"), &json!("sms"), &Value::Null));
        post(&replica, &number, &["GitHub: 482913"]).await;
        assert_eq!(world.column(COLUMNS).await, ["sms - - - -", "otp 482913 GitHub github 87"]);
    }

    async fn the_database_refuses_inconsistent_codes(world: World) {
        let mut world = world;
        let (replica, _, number) = populated(&mut world).await;
        post(&replica, &number, &["hello", "GitHub: 482913"]).await;
        for (id, wrong) in [
            (1, "otp_code = '1234', otp_score = 87"),
            (1, "otp_score = 87"),
            (1, "otp_service = 'x', otp_service_key = 'x'"),
            (2, "otp_code = ''"),
            (2, "otp_score = 101"),
            (2, "otp_score = NULL"),
            (2, "otp_service_key = NULL"),
            (2, "message_type = 'sms'"),
        ] {
            assert!(world.try_sql(&format!("UPDATE messages SET {wrong} WHERE id = {id}")).await.is_err(), "{wrong}");
        }
    }
}

/// Events carry the code, so that the live path needs no query on any replica.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_reaches_watchers_of_another_replica() {
    let mut world = World::new(Backend::Cluster).await;
    let (one, renter, number) = populated(&mut world).await;
    let other = world.replica().await;
    let caller = one.caller(&renter).await;
    let mut watcher = one.app.watch_messages(&caller, of_service("github"), StartPosition::Now).await.unwrap();
    let before = one.statements();
    post(&other, &number, &["GitLab: 1111", "GitHub: 2222"]).await;
    let delivery = next_delivery(&mut watcher).await;
    let otp = delivery.message.otp.as_ref().unwrap();
    assert_eq!((otp.code.as_str(), otp.service.as_deref(), otp.score.as_percent()), ("2222", Some("GitHub"), 87));
    assert_eq!(one.statements(), before);
}

/// The first message of an event stream.
async fn first_event(replica: &Replica, who: &Renter, path: &str) -> Value {
    use axum::{body::Body, http::Request};
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    let request = Request::get(path).header("authorization", format!("Bearer {}", who.token)).body(Body::empty());
    let mut body = replica.router.clone().oneshot(request.unwrap()).await.unwrap().into_body();
    let mut read = String::new();
    loop {
        let event = read.split("event: message").nth(1).and_then(|event| event.split_once("data: "));
        if let Some((data, _)) = event.and_then(|(_, data)| data.split_once('\n')) {
            return serde_json::from_str(data).unwrap();
        }
        let frame = body.frame().await.unwrap().unwrap();
        read.push_str(std::str::from_utf8(&frame.into_data().unwrap()).unwrap());
    }
}
