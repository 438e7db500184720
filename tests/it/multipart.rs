//! Long messages in several parts, and how repeated messages are recognised.

use serde_json::json;

use crate::support::{
    Backend, Renter, Replica, World,
    gateways::{Gateway, request},
    on_both,
    watchers::next_delivery,
};

const NUMBER: &str = "+15005550006";
const STATUSES: &str =
    "SELECT status || ' ' || coalesce(CAST(message_id AS TEXT), '-') FROM delivery_reports ORDER BY id";

/// A provider that does not join parts, with a rented number.
async fn kannel(world: &World) -> (Replica, Renter) {
    let replica = world.replica().await;
    Gateway::of("kannel").join(&replica).await;
    replica.add_numbers("kannel", &[NUMBER]).await;
    let renter = replica.renter("renter@example.com").await;
    replica.rent(&renter, "US", 1).await;
    (replica, renter)
}

/// Posts one part, with a user data header that says which one it is.
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
        // A repeated part is a duplicate.
        part(&replica, "b", "world", 7, 3, 2).await;
        part(&replica, "a", "Hello%20", 7, 3, 1).await;
        assert_eq!(replica.texts(&renter).await, ["Hello world!"]);
        let id = world.column("SELECT id FROM messages").await[0].clone();
        let became = [format!("received {id}"), format!("received {id}"), "duplicate -".to_owned(), format!("received {id}")];
        assert_eq!(world.column(STATUSES).await, became);
        assert_eq!(world.column("SELECT count(*) FROM message_parts").await, ["0"]);
        // References are reused: the next message with this one is a different message.
        part(&replica, "d", "Next%20", 7, 3, 1).await;
        part(&replica, "e", "one", 7, 3, 2).await;
        part(&replica, "f", "!", 7, 3, 3).await;
        // Parts with another reference or another count belong to other messages.
        part(&replica, "g", "x", 7, 2, 1).await;
        part(&replica, "h", "y", 8, 2, 2).await;
        assert_eq!(replica.texts(&renter).await, ["Hello world!", "Next one!"]);
        assert_eq!(replica.app.release_parts().await.unwrap(), 0, "the others may still arrive");
    }

    async fn parts_of_an_incomplete_message_are_shown_by_themselves(world: World) {
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
        // A later part of the same message is shown at once.
        part(&replica, "b", "second", 7, 3, 2).await;
        assert_eq!(replica.texts(&renter).await, ["Your code is 482913.", "third", "second"]);
        part(&replica, "a", "Your%20code%20is%20482913.", 7, 3, 1).await;
        let statuses = world.column("SELECT status FROM delivery_reports ORDER BY id").await;
        assert_eq!(statuses, ["received", "received", "received", "duplicate"]);
        assert_eq!(world.column("SELECT inbox_seq FROM messages ORDER BY id").await, ["1", "2", "3"]);
        // Later the reference can be used again.
        world.advance(11 * 60);
        replica.app.purge().await.unwrap();
        part(&replica, "d", "A%20new%20", 7, 3, 1).await;
        part(&replica, "e", "message", 7, 3, 2).await;
        assert_eq!(world.column("SELECT count(*) FROM message_parts").await, ["2"]);
    }

    async fn a_message_that_cannot_be_released_does_not_block_others(world: World) {
        let (replica, renter) = kannel(&world).await;
        part(&replica, "a", "first", 1, 2, 1).await;
        part(&replica, "b", "second", 2, 2, 1).await;
        // The stored first message is corrupted.
        world.sql("UPDATE message_parts SET metadata = '\"x\"' WHERE provider_message_id = 'a/1'").await;
        world.advance(60);
        assert_eq!(replica.app.release_parts().await.unwrap(), 1);
        assert_eq!(replica.texts(&renter).await, ["second"]);
        // Parts that cannot be shown are deleted in the end.
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

    async fn a_message_without_an_id_is_recognised_by_a_keyed_digest(world: World) {
        let mut world = world;
        let (replica, _) = kannel(&world).await;
        get(&replica, "text=482913&ts=1772366400").await;
        let known = world.column("SELECT provider_message_id FROM message_receipts").await;
        // The key is configured twice; a message must not become its own duplicate.
        world.previous_root_key = Some(world.root_key_bytes());
        let replica = world.replica().await;
        get(&replica, "text=582913").await;
        assert_eq!(world.column("SELECT status FROM delivery_reports ORDER BY id").await, ["received", "received"]);
        world.sql("DELETE FROM message_receipts WHERE expires_at IS NOT NULL").await;
        // The digest of the previous key is recognised too.
        let old_key = world.change_root_key();
        world.previous_root_key = Some(old_key);
        let replica = world.replica().await;
        get(&replica, "text=482913&ts=1772366400").await;
        assert_eq!(world.column(STATUSES).await.last().unwrap(), "duplicate -");
        let after = world.column("SELECT provider_message_id FROM message_receipts").await;
        assert_eq!((known.len(), after.len()), (1, 2));
        assert!(after.iter().all(|id| id.starts_with("content-") && id.len() == 72), "{after:?}");
    }

    async fn watchers_get_released_parts(world: World) {
        let (replica, renter) = kannel(&world).await;
        let mut watcher = replica.watch(&renter, None).await.unwrap();
        part(&replica, "a", "one", 1, 2, 1).await;
        world.advance(60);
        replica.app.release_parts().await.unwrap();
        assert_eq!(next_delivery(&mut watcher).await.message.message_content, "one");
    }

    async fn the_job_releases_parts_of_incomplete_messages(world: World) {
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

    async fn a_part_from_before_the_rental_is_not_shown_to_the_renter(world: World) {
        let (replica, renter) = kannel(&world).await;
        part(&replica, "a", "for%20the%20first%20", 7, 2, 1).await;
        // The number gets another renter between the two parts.
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
        // The same for a part that is released after the number got another renter, with the id of one of theirs.
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

    async fn a_message_with_another_id_is_recognised_by_its_content(world: World) {
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
        // The phone exports its inbox again: the same message and time with another event id.
        post("event-2", "code 482913").await;
        post("event-2", "code 482913").await;
        // The same text is really sent again, at another time.
        world.advance(1);
        post("event-3", "code 482913").await;
        post("event-4", "another").await;
        assert_eq!(replica.texts(&renter).await, ["code 482913", "code 482913", "another"]);
        let statuses = world.column("SELECT status || ' ' || provider_message_id FROM delivery_reports ORDER BY id").await;
        assert_eq!(statuses, ["received event-1", "duplicate event-2", "duplicate event-2", "received event-3", "received event-4"]);
    }

    async fn a_message_without_an_id_is_recognised_for_minutes(world: World) {
        let (replica, renter) = kannel(&world).await;
        get(&replica, "text=same").await;
        get(&replica, "text=same").await;
        get(&replica, "text=other").await;
        assert_eq!(replica.texts(&renter).await, ["same", "other"]);
        world.advance(299);
        get(&replica, "text=same").await;
        assert_eq!(replica.texts(&renter).await.len(), 2);
        world.advance(1);
        // By now it may really have been sent twice.
        get(&replica, "text=same").await;
        get(&replica, "text=same").await;
        assert_eq!(replica.texts(&renter).await, ["same", "other", "same"]);
        // With a time of sending it is recognised for as long as with an id.
        get(&replica, "text=timed&ts=1772366400").await;
        world.advance(24 * 3600);
        get(&replica, "text=timed&ts=1772366400").await;
        get(&replica, "text=timed&ts=1772366401").await;
        let statuses = world.column("SELECT status FROM delivery_reports ORDER BY id").await;
        let expected = ["received", "duplicate", "received", "duplicate", "received", "duplicate", "received", "duplicate", "quarantined"];
        assert_eq!(statuses, expected);
    }
}

/// Two replicas get the last two parts at the same time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_parts_may_arrive_at_different_replicas() {
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
    // Both release the same parts.
    for round in 100..120_u8 {
        part(&one, &format!("{round}"), "alone", round, 2, 1).await;
    }
    world.advance(61);
    let (a, b) = tokio::join!(one.app.release_parts(), other.app.release_parts());
    let mut released = a.unwrap() + b.unwrap();
    // Each skipped what the other had locked; a second run releases the rest.
    released += one.app.release_parts().await.unwrap();
    assert_eq!(released, 20);
    assert_eq!(one.texts(&renter).await.iter().filter(|text| *text == "alone").count(), 20);
}
