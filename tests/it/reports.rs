//! Delivery reports: "where is my SMS?"

use axum::{body::Body, http::Request};
use otpwire::providers::twilio::{SIGNATURE, Twilio};
use serde_json::{Value, json};

use crate::support::{PUBLIC_URL, Renter, Replica, TWILIO_TOKEN, World, client::sms, on_both};

const REPORTS: &str =
    "query($filter: DeliveryReportFilter) { deliveryReports(filter: $filter, first: 50) { totalCount nodes {
    kind status providerStatus providerMessageId phoneNumber deliveredAt errorMessage payload } } }";

async fn reports(replica: &Replica, admin: &Renter, filter: Value) -> Vec<Value> {
    let data = replica.data(admin, REPORTS, json!({ "filter": filter })).await;
    data["deliveryReports"]["nodes"].as_array().unwrap().clone()
}

/// Posts a status callback as Twilio signs it.
async fn callback(replica: &Replica, form: &str) -> u16 {
    let path = "/v1/webhooks/status?provider=twilio";
    let signature = Twilio::new(TWILIO_TOKEN.into()).sign(&format!("{PUBLIC_URL}{path}"), form.as_bytes());
    let request = Request::post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header(SIGNATURE, signature)
        .body(Body::from(form.to_owned()));
    replica.send(request.unwrap()).await.status.as_u16()
}

on_both! {
    async fn a_status_never_goes_back(world: World) {
        let replica = world.replica().await;
        let admin = replica.admin("admin@example.com").await;
        replica.add_provider("twilio", "twilio", TWILIO_TOKEN).await;
        for (word, status) in [
            ("queued", "QUEUED"), ("sent", "SENT"), ("queued", "SENT"), ("something_new", "SENT"), ("delivered", "DELIVERED"),
            ("sent", "DELIVERED"), ("failed", "DELIVERED"), ("delivered", "DELIVERED"),
        ] {
            let form = format!("MessageSid=SM1&MessageStatus={word}&To=%2B14155550123");
            assert_eq!(callback(&replica, &form).await, 200);
            let latest = reports(&replica, &admin, json!({ "providerMessageId": "SM1" })).await.remove(0);
            assert_eq!((&latest["status"], &latest["providerStatus"]), (&json!(status), &json!(word)));
        }
        // A report of another message, and one with an unknown status, are separate.
        assert_eq!(callback(&replica, "MessageSid=SM2&MessageStatus=undelivered&ErrorCode=30003&To=%2B14155550123").await, 200);
        assert_eq!(callback(&replica, "MessageSid=SM3&MessageStatus=something_new&To=%2B14155550123").await, 200);
        let latest = reports(&replica, &admin, json!({ "phoneNumber": "+14155550123" })).await;
        assert_eq!(latest.len(), 10);
        assert_eq!((&latest[0]["status"], &latest[1]["status"]), (&json!("UNKNOWN"), &json!("UNDELIVERED")));
        assert_eq!((&latest[1]["errorMessage"], &latest[1]["kind"]), (&json!("30003"), &json!("STATUS")));
        assert_eq!(latest[1]["payload"]["ErrorCode"], "30003");
        // Status callbacks are not counted as messages.
        assert!(reports(&replica, &admin, json!({ "kind": "MESSAGE" })).await.is_empty());
        let data = replica.data(&admin, "{ stats { webhooks { received failed } } providers { nodes { health { statusCount messageCount } } } }", json!({})).await;
        assert_eq!(data["stats"]["webhooks"], json!({ "received": 0, "failed": 0 }));
        assert_eq!(data["providers"]["nodes"][0]["health"], json!({ "statusCount": 10, "messageCount": 0 }));
        assert_eq!(callback(&replica, "MessageStatus=sent").await, 400);
    }

    async fn concurrent_callbacks_do_not_go_back(world: World) {
        let replica = world.replica().await;
        replica.add_provider("twilio", "twilio", TWILIO_TOKEN).await;
        for round in 0..10 {
            let form = |word: &str| format!("MessageSid=SM{round}&MessageStatus={word}&To=%2B14155550123");
            let words = [form("queued"), form("sent"), form("delivered"), form("sending"), form("failed")];
            let answers = futures_util::future::join_all(words.iter().map(|form| callback(&replica, form))).await;
            assert!(answers.iter().all(|status| *status == 200), "{answers:?}");
        }
        let finals = "SELECT count(*) FROM delivery_reports WHERE id IN
            (SELECT max(id) FROM delivery_reports GROUP BY provider_message_id) AND status IN ('delivered', 'failed')";
        assert_eq!(world.column(finals).await, ["10"]);
        // In the order in which they were stored, no status goes back.
        let rows = world.column("SELECT provider_message_id || ' ' || status FROM delivery_reports ORDER BY provider_message_id, id").await;
        let rank = |status: &str| ["queued", "sent", "delivered", "failed"].iter().position(|known| *known == status).unwrap().min(2);
        for pair in rows.windows(2) {
            let ((a, from), (b, to)) = (pair[0].split_once(' ').unwrap(), pair[1].split_once(' ').unwrap());
            assert!(a != b || rank(from) <= rank(to), "{pair:?}");
            assert!(a != b || rank(from) < 2 || from == to, "{pair:?}");
        }
    }

    async fn a_payload_is_shown_to_those_who_may_read_it(world: World) {
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let (_, own) = replica.rent(&admin, "DE", 1).await;
        replica.post_sms(&sms("hers", &number, "Your code is 482913")).await;
        replica.post_sms(&sms("hers", &number, "Your code is 482913")).await;
        replica.post_sms(&sms("own", &own, "My code is 582913")).await;
        replica.post_sms(&sms("nobodys", "+14155550101", "A code is 682913")).await;
        replica.post_sms(&sms("unroutable", "+14155550199", "A code is 782913")).await;
        replica.post_signed(br#"{"id":"bad","text":"A code is 882913"}"#.to_vec()).await;
        let of = async |id: &str| reports(&replica, &admin, json!({ "providerMessageId": id })).await;
        for report in of("hers").await {
            assert_eq!(report["payload"], json!({ "id": "hers", "from": "GOOGLE", "to": number, "text": "[19 characters]" }), "{report}");
        }
        assert_eq!(of("own").await[0]["payload"]["text"], "My code is 582913");
        assert_eq!(of("nobodys").await[0]["payload"]["text"], "A code is 682913");
        assert_eq!(of("unroutable").await[0]["payload"]["text"], "[16 characters]");
        let failed = reports(&replica, &admin, json!({ "status": "FAILED" })).await;
        assert_eq!(failed[0]["payload"], json!({ "id": "bad", "text": "[16 characters]" }));
        assert_eq!(failed[0]["errorMessage"], "from: is missing");
        // Renters see no reports. The payload of a deleted message is deleted too.
        assert_eq!(replica.code(Some(&renter), REPORTS, json!({})).await, "FORBIDDEN");
        let id = replica.data(&renter, "{ messages { nodes { id } } }", json!({})).await["messages"]["nodes"][0]["id"].clone();
        let delete = "mutation($id: ID!) { deleteMessage(input: { messageId: $id }) { deletedMessageId } }";
        replica.data(&renter, delete, json!({ "id": id })).await;
        let payloads: Vec<_> = of("hers").await.iter().map(|report| report["payload"].clone()).collect();
        assert_eq!(payloads, [Value::Null, Value::Null]);
        // The payload is kept for as long as the message.
        world.advance(24 * 3600);
        replica.app.purge().await.unwrap();
        let admin = replica.log_in("admin@example.com").await;
        let of = async |id: &str| reports(&replica, &admin, json!({ "providerMessageId": id })).await;
        assert_eq!(of("own").await[0]["payload"], Value::Null);
        assert_eq!(of("own").await[0]["status"], "RECEIVED");
    }

    async fn a_message_is_found_by_number_time_and_id(world: World) {
        let (replica, _) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        for id in ["1", "2"] {
            replica.post_sms(&sms(id, "+14155550100", id)).await;
            world.advance(60);
        }
        replica.post_sms(&sms("3", "+14155550101", "3")).await;
        let ids = async |filter: Value| {
            let found = reports(&replica, &admin, filter).await;
            found.iter().map(|report| report["providerMessageId"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(ids(json!({ "phoneNumber": "+14155550100" })).await, ["2", "1"]);
        assert_eq!(ids(json!({ "since": "2026-03-01T12:01:00Z" })).await, ["3", "2"]);
        assert_eq!(ids(json!({ "until": "2026-03-01T12:01:00Z" })).await, ["1"]);
        assert_eq!(ids(json!({ "providerMessageId": "3", "providerId": "prv_1" })).await, ["3"]);
        assert_eq!(ids(json!({ "kind": "STATUS" })).await, [""; 0]);
    }
}
