//! Long messages in parts, and messages that come again.

use otpwire::{
    app::watching::messages::StartPosition,
    domain::{Client, MessageFilter},
};
use serde_json::json;

use crate::support::{
    Backend, PATIENCE, Renter, Replica, World,
    gateways::{Gateway, request},
    on_both,
};

const NUMBER: &str = "+15005550006";
const STATUSES: &str =
    "SELECT status || ' ' || coalesce(CAST(message_id AS TEXT), '-') FROM delivery_reports ORDER BY id";

/// A gateway that does not join messages, with a number that is rented.
async fn kannel(world: &World) -> (Replica, Renter) {
    let replica = world.replica().await;
    Gateway::of("kannel").join(&replica).await;
    replica.add_numbers("kannel", &[NUMBER]).await;
    let renter = replica.renter("renter@example.com").await;
    replica.rent(&renter, "US", 1).await;
    (replica, renter)
}

/// One part: its id, the text, and the user data header that says which part it is.
async fn part(replica: &Replica, id: &str, text: &str, reference: u8, count: u8, number: u8) {
    let header = format!("%05%00%03%{reference:02X}%{count:02X}%{number:02X}");
    get(replica, &format!("id={id}&text={text}&udh={header}")).await;
}

async fn get(replica: &Replica, parameters: &str) {
    let secret = Gateway::of("kannel").secret;
    let path = format!("/v1/webhooks/sms?provider=kannel&token={secret}&from=14155550123&to=15005550006&{parameters}");
    let answer = replica.get(&path).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

on_both! {
    async fn parts_are_shown_as_one_message(world: World) {
        let (replica, renter) = kannel(&world).await;
        part(&replica, "b", "world", 7, 3, 2).await;
        part(&replica, "c", "!", 7, 3, 3).await;
        assert!(replica.texts(&renter).await.is_empty());
        assert_eq!(world.column(STATUSES).await, ["held -", "held -"]);
        // A retry of a part is a retry.
        part(&replica, "b", "world", 7, 3, 2).await;
        part(&replica, "a", "Hello%20", 7, 3, 1).await;
        assert_eq!(replica.texts(&renter).await, ["Hello world!"]);
        let id = world.column("SELECT id FROM messages").await[0].clone();
        let became = [format!("received {id}"), format!("received {id}"), "duplicate -".to_owned(), format!("received {id}")];
        assert_eq!(world.column(STATUSES).await, became);
        assert_eq!(world.column("SELECT count(*) FROM message_parts").await, ["0"]);
        // References come round: the next message with this one is another.
        part(&replica, "d", "Next%20", 7, 3, 1).await;
        part(&replica, "e", "one", 7, 3, 2).await;
        part(&replica, "f", "!", 7, 3, 3).await;
        // Others at the same time do not mix: another reference, another count.
        part(&replica, "g", "x", 7, 2, 1).await;
        part(&replica, "h", "y", 8, 2, 2).await;
        assert_eq!(replica.texts(&renter).await, ["Hello world!", "Next one!"]);
        assert_eq!(replica.app.release_parts().await.unwrap(), 0, "they may still come");
    }

    async fn parts_whose_others_do_not_come_are_shown_by_themselves(world: World) {
        let (replica, renter) = kannel(&world).await;
        part(&replica, "a", "Your%20code%20is%20482913.", 7, 3, 1).await;
        world.advance(30);
        part(&replica, "c", "third", 7, 3, 3).await;
        world.advance(29);
        assert_eq!(replica.app.release_parts().await.unwrap(), 0);
        world.advance(1);
        assert_eq!(replica.app.release_parts().await.unwrap(), 2);
        assert_eq!(replica.app.release_parts().await.unwrap(), 0);
        assert_eq!(replica.texts(&renter).await, ["Your code is 482913.", "third"]);
        // What comes after that is not kept waiting for what will never come.
        part(&replica, "b", "second", 7, 3, 2).await;
        assert_eq!(replica.texts(&renter).await, ["Your code is 482913.", "third", "second"]);
        part(&replica, "a", "Your%20code%20is%20482913.", 7, 3, 1).await;
        let statuses = world.column("SELECT status FROM delivery_reports ORDER BY id").await;
        assert_eq!(statuses, ["received", "received", "received", "duplicate"]);
        assert_eq!(world.column("SELECT inbox_seq FROM messages ORDER BY id").await, ["1", "2", "3"]);
        // Later the reference is free again.
        world.advance(11 * 60);
        replica.app.purge().await.unwrap();
        part(&replica, "d", "A%20new%20", 7, 3, 1).await;
        part(&replica, "e", "message", 7, 3, 2).await;
        assert_eq!(world.column("SELECT count(*) FROM message_parts").await, ["2"]);
    }

    async fn one_message_that_cannot_be_stored_keeps_no_other_waiting(world: World) {
        let (replica, renter) = kannel(&world).await;
        part(&replica, "a", "first", 1, 2, 1).await;
        part(&replica, "b", "second", 2, 2, 1).await;
        // Somebody has spoiled what is kept of the first.
        world.sql("UPDATE message_parts SET metadata = '\"x\"' WHERE provider_message_id = 'a/1'").await;
        world.advance(60);
        assert_eq!(replica.app.release_parts().await.unwrap(), 1);
        assert_eq!(replica.texts(&renter).await, ["second"]);
        // What cannot be shown is not kept for ever either.
        world.advance(24 * 3600);
        replica.app.purge().await.unwrap();
        assert_eq!(world.column("SELECT count(*) FROM message_parts").await, ["0"]);
    }

    async fn parts_may_share_the_id_of_their_message(world: World) {
        let (replica, renter) = kannel(&world).await;
        for (text, number) in [("one%20", 1), ("one%20", 1), ("two", 2)] {
            part(&replica, "same", text, 9, 2, number).await;
        }
        assert_eq!(replica.texts(&renter).await, ["one two"]);
        assert_eq!(world.column("SELECT status FROM delivery_reports ORDER BY id").await, ["received", "duplicate", "received"]);
    }

    async fn what_a_message_says_cannot_be_told_from_how_it_is_known(world: World) {
        let mut world = world;
        let (replica, _) = kannel(&world).await;
        get(&replica, "text=482913&ts=1772366400").await;
        let known = world.column("SELECT provider_message_id FROM message_receipts").await;
        // A key that is named twice does not make a message its own repeat.
        world.previous_root_key = Some(world.root_key_bytes());
        let replica = world.replica().await;
        get(&replica, "text=582913").await;
        assert_eq!(world.column("SELECT status FROM delivery_reports ORDER BY id").await, ["received", "received"]);
        world.sql("DELETE FROM message_receipts WHERE expires_at IS NOT NULL").await;
        // It is known again while the keys are changed, and differently elsewhere.
        let old_key = world.change_root_key();
        world.previous_root_key = Some(old_key);
        let replica = world.replica().await;
        get(&replica, "text=482913&ts=1772366400").await;
        assert_eq!(world.column(STATUSES).await.last().unwrap(), "duplicate -");
        let after = world.column("SELECT provider_message_id FROM message_receipts").await;
        assert_eq!((known.len(), after.len()), (1, 2));
        assert!(after.iter().all(|id| id.starts_with("content-") && id.len() == 72), "{after:?}");
    }

    async fn watchers_hear_of_parts_that_are_given_up(world: World) {
        let (replica, renter) = kannel(&world).await;
        let caller = replica.app.authenticate(&renter.token, &Client::default()).await.unwrap();
        let watching = replica.app.watch_messages(&caller, MessageFilter::default(), StartPosition::after(None)).await;
        let mut watcher = watching.unwrap();
        part(&replica, "a", "one", 1, 2, 1).await;
        world.advance(60);
        replica.app.release_parts().await.unwrap();
        let heard = tokio::time::timeout(PATIENCE, watcher.next()).await.expect("nothing came in time");
        assert_eq!(heard.unwrap().unwrap().message.message_content, "one");
    }

    async fn parts_are_given_up_of_themselves(world: World) {
        let (replica, renter) = kannel(&world).await;
        let other = world.replica().await;
        let _running = [replica.start_jobs(), other.start_jobs()];
        part(&replica, "a", "one", 1, 3, 1).await;
        part(&replica, "b", "two", 1, 3, 2).await;
        world.advance(59);
        world.jobs_done().await;
        assert!(replica.texts(&renter).await.is_empty());
        world.in_time("SELECT count(*) FROM messages", "2").await;
        assert_eq!(replica.texts(&renter).await, ["one", "two"]);
        world.until("SELECT count(*) FROM partial_messages WHERE released_at IS NOT NULL", "1").await;
        world.advance(600);
        world.jobs_done().await;
        assert_eq!(world.column("SELECT count(*) FROM partial_messages").await, ["0"]);
    }

    async fn a_part_that_came_before_the_rental_is_not_the_renters(world: World) {
        let (replica, renter) = kannel(&world).await;
        part(&replica, "a", "for%20the%20first%20", 7, 2, 1).await;
        // The number changes hands while the message is on its way.
        let release = r#"mutation { releasePhoneNumber(input: { phoneNumberId: "num_1" }) { phoneNumber { id } } }"#;
        replica.data(&renter, release, json!({})).await;
        world.sql("UPDATE phone_numbers SET status = 'available', expires_at = NULL").await;
        world.advance(20);
        let next = replica.renter("next@example.com").await;
        replica.rent(&next, "US", 1).await;
        part(&replica, "b", "renter", 7, 2, 2).await;
        assert!(replica.texts(&next).await.is_empty());
        assert_eq!(world.column("SELECT status FROM delivery_reports ORDER BY id").await, ["quarantined", "quarantined"]);
        part(&replica, "c", "mine", 8, 2, 1).await;
        world.advance(60);
        assert_eq!(replica.app.release_parts().await.unwrap(), 1);
        assert_eq!(replica.texts(&next).await, ["mine"]);
        // Nor one that is given up when the number has changed hands, though it shares its id with one of theirs.
        part(&replica, "d", "theirs", 9, 3, 1).await;
        replica.data(&next, release, json!({})).await;
        world.sql("UPDATE phone_numbers SET status = 'available', expires_at = NULL").await;
        world.advance(20);
        let last = replica.renter("last@example.com").await;
        replica.rent(&last, "US", 1).await;
        part(&replica, "d", "lasts", 9, 3, 2).await;
        world.advance(60);
        assert_eq!(replica.app.release_parts().await.unwrap(), 2);
        assert_eq!(replica.texts(&last).await, ["lasts"]);
        assert_eq!(replica.texts(&next).await, ["mine"]);
        assert!(replica.texts(&renter).await.is_empty());
        let reports = "SELECT provider_message_id || ' ' || status FROM delivery_reports ORDER BY id DESC LIMIT 2";
        assert_eq!(world.column(reports).await, ["d/2 received", "d/1 quarantined"]);
        let messages = world.column("SELECT DISTINCT message_id FROM delivery_reports WHERE provider_message_id LIKE 'd/%'").await;
        assert_eq!(messages.len(), 2);
    }

    async fn a_message_under_another_id_is_known_by_what_it_says(world: World) {
        let replica = world.replica().await;
        let gateway = Gateway::of("sms_gateway_android");
        gateway.join(&replica).await;
        replica.add_numbers(&gateway.name, &[NUMBER]).await;
        let renter = replica.renter("renter@example.com").await;
        replica.rent(&renter, "US", 1).await;
        let post = async |id: &str, text: &str| {
            let raw = gateway.compose(&replica, id, NUMBER, text);
            assert_eq!(replica.send(request(&raw)).await.status, 200);
        };
        post("event-1", "code 482913").await;
        // The phone exports its inbox once more: the same message, with the same time, as another event.
        post("event-2", "code 482913").await;
        post("event-2", "code 482913").await;
        // Somebody really sends the same text again.
        world.advance(1);
        post("event-3", "code 482913").await;
        post("event-4", "another").await;
        assert_eq!(replica.texts(&renter).await, ["code 482913", "code 482913", "another"]);
        let statuses = world.column("SELECT status || ' ' || provider_message_id FROM delivery_reports ORDER BY id").await;
        assert_eq!(statuses, ["received event-1", "duplicate event-2", "duplicate event-2", "received event-3", "received event-4"]);
    }

    async fn a_message_without_an_id_is_known_for_minutes(world: World) {
        let (replica, renter) = kannel(&world).await;
        get(&replica, "text=same").await;
        get(&replica, "text=same").await;
        get(&replica, "text=other").await;
        assert_eq!(replica.texts(&renter).await, ["same", "other"]);
        world.advance(299);
        get(&replica, "text=same").await;
        assert_eq!(replica.texts(&renter).await.len(), 2);
        world.advance(1);
        // By now it may rightly have been sent twice.
        get(&replica, "text=same").await;
        get(&replica, "text=same").await;
        assert_eq!(replica.texts(&renter).await, ["same", "other", "same"]);
        // With the time that it was sent, it is known for as long as an id.
        get(&replica, "text=timed&ts=1772366400").await;
        world.advance(24 * 3600);
        get(&replica, "text=timed&ts=1772366400").await;
        get(&replica, "text=timed&ts=1772366401").await;
        let statuses = world.column("SELECT status FROM delivery_reports ORDER BY id").await;
        let expected = ["received", "duplicate", "received", "duplicate", "received", "duplicate", "received", "duplicate", "quarantined"];
        assert_eq!(statuses, expected);
    }
}

/// Two replicas with the last two parts at the same time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_parts_may_come_to_different_replicas() {
    let world = World::new(Backend::Cluster).await;
    let (one, renter) = kannel(&world).await;
    let other = world.replica().await;
    let mut expected = Vec::new();
    for round in 0..40_u8 {
        let (first, second) = (format!("{round}.1%20"), format!("{round}.2%20"));
        let (a, b) = (format!("{round}a"), format!("{round}b"));
        tokio::join!(part(&one, &a, &first, round, 2, 1), part(&other, &b, &second, round, 2, 2));
        expected.push(format!("{round}.1 {round}.2 "));
    }
    assert_eq!(one.texts(&renter).await, expected);
    assert_eq!(world.column("SELECT count(*) FROM partial_messages").await, ["0"]);
    // And both give up the same ones.
    for round in 100..120_u8 {
        part(&one, &format!("{round}"), "alone", round, 2, 1).await;
    }
    world.advance(61);
    let (a, b) = tokio::join!(one.app.release_parts(), other.app.release_parts());
    let mut released = a.unwrap() + b.unwrap();
    // What one was at, the other left to it; a second look finds what neither did.
    released += one.app.release_parts().await.unwrap();
    assert_eq!(released, 20);
    assert_eq!(one.texts(&renter).await.iter().filter(|text| *text == "alone").count(), 20);
}
