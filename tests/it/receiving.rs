//! Receiving: each message once, in order, in the right inbox; a bad message does not affect others of its batch.

use std::{
    future::{Future, poll_fn},
    task::Poll,
};

use futures_util::future::join_all;
use otpwire::{
    app::receiving::Outcome,
    domain::{InboundSms, Msisdn, Sender},
};
use serde_json::{Value, json};

use crate::support::{Backend, LOCKS_WAITED_FOR, World, client::sms, on_both};

const STATUSES: &str = "SELECT status || ' ' || retry_count FROM delivery_reports ORDER BY id";

on_both! {
    async fn a_retry_is_stored_once(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        for text in ["first", "another text", "first"] {
            let answer = replica.post_sms(&sms("same", &number, text)).await;
            assert_eq!((answer.status.as_u16(), answer.text()), (200, "OK"));
        }
        assert_eq!(replica.texts(&renter).await, ["first"]);
        assert_eq!(world.column(STATUSES).await, ["received 0", "duplicate 1", "duplicate 2"]);
    }

    async fn concurrent_copies_are_stored_once(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let message = sms("same", &number, "once");
        let answers = join_all((0..50).map(|_| replica.post_sms(&message))).await;
        assert!(answers.iter().all(|answer| answer.status == 200));
        assert_eq!(replica.texts(&renter).await, ["once"]);
        let mut counts = world.column("SELECT retry_count FROM delivery_reports").await;
        counts.sort_by_key(|count| count.parse::<i32>().unwrap());
        assert_eq!(counts, (0..50).map(|n| n.to_string()).collect::<Vec<_>>());
    }

    async fn a_batch_costs_no_more_statements_than_one_message(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let account = replica.app.get_provider("sandbox").await.unwrap();
        let (from, to) = (Sender::parse("from", "GOOGLE").unwrap(), Msisdn::parse("to", &number).unwrap());
        let cost = async |name: &str, count: usize| {
            let one = |n| InboundSms::new(format!("{name} {n}"), from.clone(), to.clone(), "Your code is 482913");
            let before = replica.statements();
            let outcomes = replica.app.receive(&account, (0..count).map(one).collect()).await.unwrap();
            assert_eq!(outcomes.len(), count);
            replica.statements() - before
        };
        cost("warm", 1).await;
        let one = cost("one", 1).await;
        // The writer may take the first messages before the others are there.
        let (many, again) = (cost("many", 64).await, cost("many", 64).await);
        assert!(many <= 2 * one && again <= 2 * one, "{one}, {many}, {again}");
        // The routes, and everything else.
        assert_eq!(one, if world.backend == Backend::Cluster { 2 } else { 5 });
        assert_eq!(world.column("SELECT count(*) FROM messages").await, ["66"]);
        assert_eq!(world.column("SELECT count(*) FROM delivery_reports").await, ["130"]);
    }

    async fn a_batch_does_not_wait_for_that_of_another_number(world: World) {
        // SQLite has one writer.
        if world.backend == Backend::Embedded {
            return;
        }
        let (replica, renter) = world.populated().await;
        let other = replica.renter("other@example.com").await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let (_, others) = replica.rent(&other, "DE", 1).await;
        let lock = format!("UPDATE inboxes SET last_seq = last_seq WHERE user_id = {}", renter.user.id);
        let holder = world.hold(&lock).await;
        let account = replica.app.get_provider("sandbox").await.unwrap();
        let receive = |to: &str, text: &str| {
            let (from, to) = (Sender::parse("from", "GOOGLE").unwrap(), Msisdn::parse("to", to).unwrap());
            Box::pin(replica.app.receive(&account, vec![InboundSms::new(text, from, to, text)]))
        };
        let mut waiting = Vec::new();
        for text in ["first", "second", "third"] {
            let mut received = receive(&number, text);
            // Once polled, the message is in the queue.
            assert!(poll_fn(|cx| Poll::Ready(received.as_mut().poll(cx).is_pending())).await);
            waiting.push(received);
            // Its place is free again when its batch is under way, which only the first can be.
            while waiting.len() == 1 && replica.app.count_waiting() > 0 {
                tokio::task::yield_now().await;
            }
        }
        receive(&others, "other").await.unwrap();
        holder.let_go().await;
        for received in join_all(waiting).await {
            received.unwrap();
        }
        assert_eq!(replica.texts(&renter).await, ["first", "second", "third"]);
        assert_eq!(replica.texts(&other).await, ["other"]);
    }

    async fn messages_are_numbered_without_gaps(world: World) {
        let (replica, renter) = world.populated().await;
        let other = replica.renter("other@example.com").await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let (_, others) = replica.rent(&other, "DE", 1).await;
        let messages: Vec<Value> = (0..200)
            .map(|n| sms(&n.to_string(), if n % 3 == 0 { &others } else { &number }, &n.to_string()))
            .collect();
        let answers = join_all(messages.iter().map(|message| replica.post_sms(message))).await;
        assert!(answers.iter().all(|answer| answer.status == 200));
        for (user, count) in [(&other, 67), (&renter, 133)] {
            let query = format!("SELECT inbox_seq FROM messages WHERE user_id = {} ORDER BY inbox_seq", user.user.id);
            let expected: Vec<_> = (1..=count).map(|seq: i32| seq.to_string()).collect();
            assert_eq!(world.column(&query).await, expected);
        }
        let last = "SELECT last_seq FROM inboxes ORDER BY user_id";
        assert_eq!(world.column(last).await, ["133", "67"]);
    }

    async fn a_message_without_a_rental_is_kept_for_administrators(world: World) {
        let (replica, renter) = world.populated().await;
        assert_eq!(replica.post_sms(&sms("1", "+14155550100", "early")).await.status, 200);
        let (_, number) = replica.rent(&renter, "US", 1).await;
        assert_eq!(number, "+14155550100");
        assert!(replica.texts(&renter).await.is_empty());
        assert_eq!(world.column(STATUSES).await, ["quarantined 0"]);
        assert_eq!(world.column("SELECT user_id FROM messages").await, ["NULL"]);
    }

    async fn a_message_sent_before_the_rental_is_not_shown_to_the_renter(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let sent = |id: &str, at: &str| {
            json!({ "id": id, "from": "BANK", "to": number, "text": at, "sent_at": at })
        };
        for (id, at) in [("1", "2026-03-01T11:57:59Z"), ("2", "2026-03-01T11:58:00Z"), ("3", "2026-03-01T13:00:00+01:00")] {
            assert_eq!(replica.post_sms(&sent(id, at)).await.status, 200);
        }
        assert_eq!(replica.texts(&renter).await, ["2026-03-01T11:58:00Z", "2026-03-01T13:00:00+01:00"]);
    }

    async fn a_message_for_an_unknown_number_is_acknowledged_and_reported(world: World) {
        let (replica, _) = world.populated().await;
        assert_eq!(replica.post_sms(&sms("1", "+14155559999", "x")).await.status, 200);
        assert_eq!(world.column(STATUSES).await, ["unroutable 0"]);
        assert!(world.column("SELECT id FROM messages").await.is_empty());
    }

    async fn a_provider_cannot_deliver_to_numbers_of_another(world: World) {
        let (replica, renter) = world.populated().await;
        replica.add_provider("sandbox", "other", "another secret of the sandbox").await;
        replica.add_numbers("other", &["+442079460958"]).await;
        replica.rent(&renter, "GB", 1).await;
        assert_eq!(replica.post_sms(&sms("1", "+442079460958", "forged")).await.status, 200);
        assert!(replica.texts(&renter).await.is_empty());
        assert_eq!(world.column(STATUSES).await, ["unroutable 0"]);
    }

    async fn a_message_that_cannot_be_stored_does_not_affect_its_batch(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        poison(&world).await;
        let messages: Vec<Value> = (0..40)
            .map(|n| sms(&n.to_string(), &number, if n == 17 { "poison" } else { "fine" }))
            .collect();
        let answers = join_all(messages.iter().map(|message| replica.post_sms(message))).await;
        for (n, answer) in answers.iter().enumerate() {
            if n == 17 {
                assert_eq!(answer.error(500), "INTERNAL");
                assert!(!answer.text().contains("poison"));
            } else {
                assert_eq!(answer.status, 200, "{}", answer.text());
            }
        }
        assert_eq!(replica.texts(&renter).await.len(), 39);
        // It is reported, and its receipt is released, so that a retry can succeed later.
        assert_eq!(world.column("SELECT count(*) FROM delivery_reports WHERE status = 'failed'").await, ["1"]);
        assert_eq!(world.column("SELECT count(*) FROM message_receipts").await, ["39"]);
        assert_eq!(world.column("SELECT last_seq FROM inboxes").await, ["39"]);
    }

    async fn a_full_queue_answers_503_with_retry_after(world: World) {
        let mut world = world;
        world.settings.receive_queue = 1;
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let messages: Vec<Value> = (0..100).map(|n| sms(&n.to_string(), &number, "x")).collect();
        // From here on the provider is cached and its secret verified, so the others reach the queue at once.
        assert_eq!(replica.post_sms(&messages[0]).await.status, 200);
        assert_eq!(replica.post_sms(&messages[0]).await.status, 200);
        let answers = join_all(messages[1..].iter().map(|message| replica.post_sms(message))).await;
        let (stored, busy): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert!(!busy.is_empty());
        for answer in &busy {
            assert_eq!(answer.error(503), "UNAVAILABLE");
            assert!((1..=4).contains(&answer.header("retry-after").parse().unwrap()));
        }
        assert_eq!(replica.texts(&renter).await.len(), 1 + stored.len());
    }

    async fn accepted_messages_are_stored_during_shutdown(world: World) {
        let (mut replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let messages: Vec<Value> = (0..50).map(|n| sms(&n.to_string(), &number, "last words")).collect();
        // From here on the provider is cached and its secret verified, so the next webhooks reach the queue at once.
        assert_eq!(replica.post_sms(&messages[0]).await.status, 200);
        assert_eq!(replica.post_sms(&messages[0]).await.status, 200);
        let posts = join_all(messages[1..].iter().map(|message| replica.post_sms(message)));
        let (answers, ()) = tokio::join!(posts, async { replica.app.stop_receiving() });
        // Each webhook was either stored or refused.
        let (accepted, late): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert!(late.iter().all(|answer| answer.error(503) == "UNAVAILABLE"));
        if world.backend == Backend::Embedded {
            assert!(late.is_empty(), "a webhook reaches the queue without waiting");
        }
        assert_eq!(replica.post_sms(&sms("late", &number, "too late")).await.error(503), "UNAVAILABLE");
        assert_eq!(replica.get("/readyz").await.error(503), "UNAVAILABLE");
        (&mut replica.writer).await.unwrap();
        assert_eq!(replica.texts(&renter).await.len(), 1 + accepted.len());
    }

    async fn text_is_stored_unchanged(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let texts = ["\u{202e}482\u{200b}913\u{feff}", "'; DROP TABLE messages; --", "\\u0000 \\ \" \n\t", "९८७६", "🏴‍☠️"];
        for (n, text) in texts.iter().enumerate() {
            assert_eq!(replica.post_sms(&sms(&n.to_string(), &number, text)).await.status, 200);
        }
        // Characters that PostgreSQL cannot store are replaced.
        assert_eq!(replica.post_sms(&sms("nul", &number, "a\0b")).await.status, 200);
        let mut expected: Vec<String> = texts.map(str::to_owned).to_vec();
        expected.push("a\u{fffd}b".to_owned());
        assert_eq!(replica.texts(&renter).await, expected);
    }
}

/// A message waits for its batch while its rental ends: the time of arrival decides.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_arrived_in_time_is_shown_to_the_renter_however_late_it_is_stored() {
    let world = World::new(Backend::Cluster).await;
    let (replica, renter) = world.populated().await;
    let (id, number) = replica.rent(&renter, "US", 1).await;
    assert_eq!(replica.post_sms(&sms("0", &number, "before")).await.status, 200);
    // The inbox is locked, so the next batch has to wait.
    let mut holder = sea_orm::ConnectOptions::new(&world.database_url);
    holder.max_connections(1);
    let holder = sea_orm::Database::connect(holder).await.unwrap();
    use sea_orm::ConnectionTrait;
    holder.execute_unprepared("BEGIN; SELECT * FROM inboxes FOR UPDATE").await.unwrap();
    let account = replica.app.get_provider("sandbox").await.unwrap();
    let message = |id: &str| {
        let (from, to) = (Sender::parse("from", "GOOGLE").unwrap(), Msisdn::parse("to", &number).unwrap());
        vec![InboundSms::new(id, from, to, id)]
    };
    let release = "mutation($id: ID!) { releasePhoneNumber(input: { phoneNumberId: $id }) { phoneNumber { id } } }";
    let late = async {
        while world.column(LOCKS_WAITED_FOR).await == ["0"] {}
        // The writer is busy. After one poll this message has arrived and is queued.
        let mut in_time = Box::pin(replica.app.receive(&account, message("in time")));
        assert!(poll_fn(|cx| Poll::Ready(in_time.as_mut().poll(cx).is_pending())).await);
        world.advance(5);
        replica.data(&renter, release, serde_json::json!({ "id": id })).await;
        holder.execute_unprepared("ROLLBACK").await.unwrap();
        in_time.await
    };
    let (one, two) = tokio::join!(replica.app.receive(&account, message("holds the writer")), late);
    for outcomes in [one, two] {
        assert!(matches!(outcomes.unwrap()[..], [Outcome::Delivered(_)]));
    }
    assert_eq!(replica.texts(&renter).await.len(), 3);
}

/// Makes the database refuse messages whose text is `poison`.
async fn poison(world: &World) {
    let statement = match world.backend {
        Backend::Embedded => {
            "CREATE TRIGGER poison BEFORE INSERT ON messages WHEN NEW.message_content = 'poison'
             BEGIN SELECT RAISE(ABORT, 'poison'); END"
        }
        Backend::Cluster => "ALTER TABLE messages ADD CHECK (message_content <> 'poison')",
    };
    world.sql(statement).await;
}

/// A missing partition is created when the first message needs it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_partition_is_created_on_demand() {
    let world = World::new(Backend::Cluster).await;
    let (replica, renter) = world.populated().await;
    world.advance(10 * 24 * 3600);
    let renter = replica.log_in(&renter.user.email).await;
    let (_, number) = replica.rent(&renter, "US", 1).await;
    let answer = replica.post_sms(&sms("1", &number, "at midnight")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(replica.texts(&renter).await, ["at midnight"]);
}
