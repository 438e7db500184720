//! What expires: rentals, messages, receipts and reports.

use std::time::Duration;

use crate::support::{Backend, World, client::sms, on_both};

const DAY: u64 = 24 * 3600;

on_both! {
    async fn expired_rentals_and_cool_downs_are_settled(world: World) {
        let (replica, renter) = world.populated().await;
        replica.rent(&renter, "DE", 1).await;
        let status = "SELECT status FROM phone_numbers WHERE country_code = 'DE'";
        let end = "SELECT coalesce(end_reason, '-') FROM number_assignments";
        world.advance(3599);
        assert_eq!(replica.app.settle_numbers().await.unwrap(), 0);
        world.advance(1);
        assert_eq!(replica.app.settle_numbers().await.unwrap(), 2);
        assert_eq!((world.column(status).await, world.column(end).await), (vec!["expired".into()], vec!["expired".into()]));
        world.advance(599);
        assert_eq!(replica.app.settle_numbers().await.unwrap(), 0);
        world.advance(1);
        assert_eq!(replica.app.settle_numbers().await.unwrap(), 1);
        assert_eq!(world.column(status).await, ["available"]);
        assert_eq!(replica.app.settle_numbers().await.unwrap(), 0);
    }

    async fn purging_advances_the_purged_sequence_of_the_inbox(world: World) {
        let mut world = world;
        world.settings.token_lifetime = Duration::from_secs(3 * DAY);
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 24).await;
        for n in 0..3 {
            replica.post_sms(&sms(&n.to_string(), &number, "x")).await;
        }
        replica.post_sms(&sms("lost", "+4915123456789", "quarantined")).await;
        world.advance(DAY - 1);
        replica.post_sms(&sms("3", &number, "young")).await;
        assert_eq!(replica.app.purge().await.unwrap(), 0);
        world.advance(1);
        assert_eq!(replica.app.purge().await.unwrap(), 4);
        let state = "SELECT last_seq || ' ' || purged_seq FROM inboxes";
        assert_eq!(world.column(state).await, ["4 3"]);
        assert_eq!(replica.texts(&renter).await, ["young"]);
        // Reports stay, without the payload.
        let quotes = "SELECT count(*) FROM delivery_reports WHERE webhook_payload IS NOT NULL";
        assert_eq!(world.column(quotes).await, ["1"]);
        assert_eq!(world.column("SELECT count(*) FROM delivery_reports").await, ["5"]);
        // A retry of an expired message is still a duplicate.
        replica.post_sms(&sms("0", &number, "x")).await;
        assert_eq!(replica.texts(&renter).await, ["young"]);
    }

    async fn receipts_and_reports_are_deleted_after_their_retention(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        replica.post_sms(&sms("1", &number, "x")).await;
        world.advance(7 * DAY - 1);
        replica.app.purge().await.unwrap();
        assert_eq!(world.column("SELECT count(*) FROM message_receipts").await, ["1"]);
        world.advance(1);
        replica.app.purge().await.unwrap();
        assert_eq!(world.column("SELECT count(*) FROM message_receipts").await, ["0"]);
        assert_eq!(world.column("SELECT count(*) FROM delivery_reports").await, ["1"]);
        world.advance(23 * DAY);
        replica.app.purge().await.unwrap();
        assert_eq!(world.column("SELECT count(*) FROM delivery_reports").await, ["0"]);
    }

    async fn many_messages_are_purged_in_batches(world: World) {
        let (replica, renter) = world.populated().await;
        replica.rent(&renter, "US", 1).await;
        let numbers = match world.backend {
            Backend::Embedded => "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1200) ",
            Backend::Cluster => "WITH n(n) AS (SELECT generate_series(1, 1200)) ",
        };
        let insert = "INSERT INTO messages (phone_number_id, user_id, assignment_id, inbox_seq, sender_number, message_content, received_at)";
        let select = "SELECT 1, 1, 1, n, 'X', 'x', '2026-03-01T12:00:00+00:00' FROM n";
        let insert = match world.backend {
            Backend::Embedded => format!("{insert} {numbers} {select}"),
            Backend::Cluster => format!("{numbers} {insert} {}", select.replace("+00:00' ", "+00:00'::timestamptz ")),
        };
        world.sql(&insert).await;
        world.sql("UPDATE inboxes SET last_seq = 1200").await;
        world.advance(DAY);
        assert_eq!(replica.app.purge().await.unwrap(), 1200);
        assert_eq!(world.column("SELECT purged_seq FROM inboxes").await, ["1200"]);
    }
}

const PARTITIONS: &str = "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' ORDER BY 1";

#[tokio::test]
async fn partitions_are_created_ahead_and_dropped_once_expired() {
    let world = World::new(Backend::Cluster).await;
    let (replica, renter) = world.populated().await;
    let days = |days: std::ops::RangeInclusive<u32>, month: u32| {
        days.map(|day| format!("messages_y2026m{month:02}d{day:02}")).collect::<Vec<_>>()
    };
    let first = [days(28..=28, 2), days(1..=4, 3)].concat();
    assert_eq!(world.column(PARTITIONS).await, first);
    assert_eq!(replica.app.prepare_partitions().await.unwrap(), 0);
    let (_, number) = replica.rent(&renter, "US", 1).await;
    replica.post_sms(&sms("1", &number, "x")).await;
    world.advance(DAY + DAY / 2 - 1);
    replica.app.prepare_partitions().await.unwrap();
    // The last message of the first of March expires in a second.
    replica.app.purge().await.unwrap();
    assert_eq!(world.column(PARTITIONS).await, days(1..=5, 3));
    world.advance(1);
    replica.app.purge().await.unwrap();
    assert_eq!(world.column(PARTITIONS).await, days(2..=5, 3));
    assert_eq!(world.column("SELECT purged_seq FROM inboxes").await, ["1"]);
}
