//! Where a message is: when it passed each stage on its way.

use serde_json::{Value, json};

use otpwire::domain::{MessageFilter, NodeId};

use crate::support::{World, client::sms, on_both, socket::Socket, watchers::next_delivery};

const TIMELINE: &str = "query($id: ID!) {
    messageTimeline(messageId: $id) { messageId milliseconds stages { stage at milliseconds } } }";

/// The stages of a timeline with what they took, whose sum is the whole.
#[track_caller]
fn stages(timeline: &Value) -> Vec<(&str, Option<f64>)> {
    let stages: Vec<_> = timeline["stages"].as_array().unwrap().iter().collect();
    let took: Vec<_> =
        stages.iter().map(|stage| (stage["stage"].as_str().unwrap(), stage["milliseconds"].as_f64())).collect();
    let sum: f64 = took.iter().filter_map(|(_, took)| *took).sum();
    assert_eq!(timeline["milliseconds"].as_f64().unwrap(), sum, "{timeline}");
    took
}

on_both! {
    async fn the_stages_of_a_message_add_up(world: World) {
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let mut socket = Socket::ready(replica.listen().await, &renter).await;
        socket.watch(None).await;
        while replica.app.count_watched() == 0 {
            tokio::task::yield_now().await;
        }
        let mut message = sms("1", &number, "Your code is 482913");
        // The clock of the tests stands at noon, ten seconds later.
        message["sent_at"] = json!(world.now() - chrono::TimeDelta::seconds(10));
        assert_eq!(replica.post_sms(&message).await.status, 200);
        assert_eq!(socket.next_message().await.0, "Your code is 482913");
        let listed = replica.data(&renter, "{ messages { nodes { id } } }", json!({})).await;
        let id = listed["messages"]["nodes"][0]["id"].as_str().unwrap().to_owned();
        let timeline = async || {
            let data = replica.data(&admin, TIMELINE, json!({ "id": id })).await;
            assert_eq!(data["messageTimeline"]["messageId"], id);
            data["messageTimeline"].clone()
        };
        let before = timeline().await;
        let on_its_way = [
            ("SENT", None),
            ("RECEIVED", Some(10_000.0)),
            ("VERIFIED", Some(0.0)),
            ("COMMITTED", Some(0.0)),
            ("PUBLISHED", Some(0.0)),
            ("FIRST_FRAME", Some(0.0)),
        ];
        assert_eq!(stages(&before), on_its_way);
        world.advance(2);
        let read = "mutation($id: ID!) { markMessageRead(input: { messageId: $id }) { message { isRead } } }";
        replica.data(&renter, read, json!({ "id": id })).await;
        let whole: Vec<_> = on_its_way.into_iter().chain([("FIRST_READ", Some(2000.0))]).collect();
        assert_eq!(stages(&timeline().await), whole);
        // Later frames and readings are not the first.
        world.advance(5);
        replica.data(&renter, read, json!({ "id": id })).await;
        let cursor = crate::support::watchers::cursor_at(&renter, 0);
        let mut again = Socket::ready(replica.listen().await, &renter).await;
        again.watch(Some(&cursor)).await;
        again.next_message().await;
        assert_eq!(stages(&timeline().await), whole);
    }

    async fn a_timeline_is_for_administrators(world: World) {
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        replica.post_sms(&sms("1", &number, "one")).await;
        let listed = replica.data(&renter, "{ messages { nodes { id } } }", json!({})).await;
        let id = listed["messages"]["nodes"][0]["id"].clone();
        assert_eq!(replica.code(Some(&renter), TIMELINE, json!({ "id": id })).await, "FORBIDDEN");
        assert_eq!(replica.code(None, TIMELINE, json!({ "id": id })).await, "UNAUTHENTICATED");
        assert_eq!(replica.code(Some(&admin), TIMELINE, json!({ "id": "msg_999" })).await, "NOT_FOUND");
        assert_eq!(replica.code(Some(&admin), TIMELINE, json!({ "id": "usr_1" })).await, "VALIDATION_ERROR");
        let data = replica.data(&admin, TIMELINE, json!({ "id": id })).await;
        assert!(!data.to_string().contains(&number[1..]) && !data.to_string().contains("one\""), "{data}");
        // It goes with its message.
        world.advance(2 * 24 * 3600);
        let admin = replica.log_in("admin@example.com").await;
        assert_eq!(replica.code(Some(&admin), TIMELINE, json!({ "id": id })).await, "NOT_FOUND");
    }

    async fn what_is_nobodys_has_no_readers(world: World) {
        let (replica, _) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        replica.post_sms(&sms("1", "+14155550100", "to nobody")).await;
        let id = world.column("SELECT id FROM messages").await[0].clone();
        let data = replica.data(&admin, TIMELINE, json!({ "id": format!("msg_{id}") })).await;
        let passed: Vec<_> = stages(&data["messageTimeline"]).into_iter().map(|(stage, _)| stage).collect();
        assert_eq!(passed, ["RECEIVED", "VERIFIED", "COMMITTED"]);
    }

    async fn reading_all_is_reading_each(world: World) {
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        for n in ["1", "2"] {
            replica.post_sms(&sms(n, &number, n)).await;
        }
        world.advance(3);
        let read = "mutation { markAllMessagesRead(input: {}) { markedCount } }";
        assert_eq!(replica.data(&renter, read, json!({})).await["markAllMessagesRead"]["markedCount"], 2);
        let listed = replica.data(&renter, "{ messages { nodes { id } } }", json!({})).await;
        for node in listed["messages"]["nodes"].as_array().unwrap() {
            let data = replica.data(&admin, TIMELINE, json!({ "id": node["id"] })).await;
            assert_eq!(stages(&data["messageTimeline"]).last(), Some(&("FIRST_READ", Some(3000.0))));
        }
    }

    async fn timelines_are_deleted_after_their_messages(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        replica.post_sms(&sms("1", &number, "old")).await;
        let id = world.column("SELECT id FROM messages").await[0].parse().unwrap();
        replica.app.get_timeline(&otpwire::domain::Operator, otpwire::domain::MessageId(id)).await.unwrap();
        assert_eq!(world.column("SELECT message_id FROM message_timelines").await, [id.to_string()]);
        replica.app.purge().await.unwrap();
        assert_eq!(world.column("SELECT count(*) FROM message_timelines").await, ["1"]);
        world.advance(2 * 24 * 3600);
        replica.app.prepare_partitions().await.unwrap();
        let renter = replica.log_in("renter@example.com").await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        replica.post_sms(&sms("2", &number, "new")).await;
        replica.app.purge().await.unwrap();
        assert_eq!(world.column("SELECT count(*) FROM messages").await, ["1"]);
        let old = world.column(&format!("SELECT count(*) FROM message_timelines WHERE message_id = {id}")).await;
        assert_eq!(old, ["0"]);
    }
}

/// A watcher in the same process stands for a transport only if it says which.
#[tokio::test]
async fn a_watcher_that_is_no_transport_writes_no_frame() {
    let world = World::new(crate::support::Backend::Embedded).await;
    let (replica, renter) = world.populated().await;
    let (_, number) = replica.rent(&renter, "US", 1).await;
    let caller = replica.caller(&renter).await;
    let start = otpwire::app::watching::messages::StartPosition::Now;
    let mut watcher = replica.app.watch_messages(&caller, MessageFilter::default(), start).await.unwrap();
    replica.post_sms(&sms("1", &number, "one")).await;
    let id = next_delivery(&mut watcher).await.message.id;
    let timeline = replica.app.get_timeline(&otpwire::domain::Operator, id).await.unwrap();
    assert!(timeline.committed_at.is_some() && timeline.first_frame_at.is_none(), "{timeline:?}");
    assert_eq!(NodeId::Message(timeline.message_id), NodeId::Message(id));
}
