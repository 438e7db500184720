//! Watching: messages in order, without gaps or repeats, whatever the bus loses.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use otpwire::{
    app::watching::messages::StartPosition,
    domain::{Caller, ErrorCode, MessageFilter},
};
use serde_json::json;

use crate::support::{
    Replica, World,
    client::sms,
    on_both,
    watchers::{cursor_at, next_delivery, next_texts},
};

fn numbers(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|n| n.to_string()).collect()
}

async fn post(replica: &Replica, number: &str, range: std::ops::Range<usize>) {
    for n in range {
        let text = n.to_string();
        assert_eq!(replica.post_sms(&sms(&format!("{number}-{text}"), number, &text)).await.status, 200);
    }
}

on_both! {
    async fn without_a_cursor_a_watcher_gets_new_messages(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        post(&replica, &number, 0..2).await;
        let mut watcher = replica.watch(&renter, None).await.unwrap();
        post(&replica, &number, 2..4).await;
        assert_eq!(next_texts(&mut watcher, 2).await, numbers(2..4));
    }

    async fn with_a_cursor_a_watcher_continues_after_it(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let mut watcher = replica.watch(&renter, None).await.unwrap();
        post(&replica, &number, 0..3).await;
        let cursor = next_delivery(&mut watcher).await.cursor.encode();
        drop(watcher);
        // More than one page of messages arrives meanwhile.
        post(&replica, &number, 3..250).await;
        let mut watcher = replica.watch(&renter, Some(cursor.clone())).await.unwrap();
        post(&replica, &number, 250..260).await;
        assert_eq!(next_texts(&mut watcher, 259).await, numbers(1..260));
    }

    async fn a_watcher_that_was_too_slow_catches_up(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let mut slow = replica.watch(&renter, None).await.unwrap();
        let mut quick = replica.watch(&renter, None).await.unwrap();
        // Far more than the hub queues for a watcher that does not read.
        let (quick_texts, ()) = tokio::join!(next_texts(&mut quick, 300), post(&replica, &number, 0..300));
        assert_eq!(quick_texts, numbers(0..300));
        assert_eq!(next_texts(&mut slow, 300).await, numbers(0..300));
    }

    async fn all_watchers_get_concurrent_messages_in_one_order(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let mut watchers = join_all((0..5).map(async |_| replica.watch(&renter, None).await.unwrap())).await;
        let messages: Vec<_> = (0..200).map(|n| sms(&n.to_string(), &number, &n.to_string())).collect();
        let posts = join_all(messages.iter().map(|message| replica.post_sms(message)));
        let received = join_all(watchers.iter_mut().map(|watcher| next_texts(watcher, 200)));
        let (_, received) = tokio::join!(posts, received);
        let stored = replica.app.clone();
        let mut all = replica.watch(&renter, Some(cursor_at(&renter, 0))).await.unwrap();
        let order = next_texts(&mut all, 200).await;
        assert!(received.iter().all(|received| *received == order));
        drop(stored);
    }

    async fn the_periodic_check_recovers_what_the_bus_lost(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let mut watcher = replica.watch(&renter, None).await.unwrap();
        // A replica with a separate bus on the same store.
        let stranger = world.replica_over(None).await;
        post(&stranger, &number, 0..3).await;
        let nothing = tokio::time::timeout(Duration::from_millis(50), watcher.next()).await;
        assert!(nothing.is_err());
        replica.app.heal_watchers().await.unwrap();
        assert_eq!(next_texts(&mut watcher, 3).await, numbers(0..3));
        // The next message reveals the gap, before the periodic check.
        post(&stranger, &number, 3..5).await;
        post(&replica, &number, 5..6).await;
        assert_eq!(next_texts(&mut watcher, 3).await, numbers(3..6));
    }

    async fn a_filtered_watcher_keeps_its_position(world: World) {
        let (replica, renter) = world.populated().await;
        let (id, number) = replica.rent(&renter, "US", 1).await;
        let (_, other) = replica.rent(&renter, "DE", 1).await;
        let caller = replica.caller(&renter).await;
        let filter = MessageFilter {
            phone_number_id: Some(otpwire::domain::NodeId::number("id", &id).unwrap()),
            ..MessageFilter::default()
        };
        let mut watcher = replica.app.watch_messages(&caller, filter, StartPosition::Now).await.unwrap();
        for n in 0..6 {
            let to = if n % 2 == 0 { &number } else { &other };
            post(&replica, to, n..n + 1).await;
        }
        assert_eq!(next_texts(&mut watcher, 2).await, ["0", "2"]);
        let delivery = next_delivery(&mut watcher).await;
        let (text, cursor) = (&delivery.message.message_content, delivery.cursor.encode());
        assert_eq!(text, "4");
        let mut rest = replica.watch(&renter, Some(cursor.clone())).await.unwrap();
        assert_eq!(next_texts(&mut rest, 1).await, ["5"]);
    }

    async fn a_watcher_gets_only_its_own_inbox(world: World) {
        let (replica, renter) = world.populated().await;
        let other = replica.renter("other@example.com").await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let (_, others) = replica.rent(&other, "DE", 1).await;
        let mut watcher = replica.watch(&renter, None).await.unwrap();
        post(&replica, &others, 0..5).await;
        post(&replica, &number, 5..6).await;
        assert_eq!(next_texts(&mut watcher, 1).await, ["5"]);
        let caller = replica.caller(&renter).await;
        for cursor in [cursor_at(&other, 1).as_str(), "", "AAAA", "not a cursor", &"A".repeat(10_000)] {
            let refused = replica.app.watch_messages(&caller, MessageFilter::default(), StartPosition::After(cursor.to_owned())).await;
            assert_eq!(refused.unwrap_err().code(), ErrorCode::ValidationError, "{cursor}");
        }
        let ahead = cursor_at(&renter, 2);
        let refused = replica.app.watch_messages(&caller, MessageFilter::default(), StartPosition::After(ahead.to_owned())).await;
        assert_eq!(refused.unwrap_err().message(), "after: lies after the end of your inbox");
    }

    async fn a_cursor_before_purged_messages_is_refused(world: World) {
        let mut world = world;
        world.settings.token_lifetime = Duration::from_secs(72 * 3600);
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 24).await;
        post(&replica, &number, 0..2).await;
        world.advance(12 * 3600);
        post(&replica, &number, 2..3).await;
        world.advance(12 * 3600);
        // Messages expire at their exact time, before and after the job has run.
        for purged in [false, true] {
            if purged {
                assert_eq!(replica.app.purge().await.unwrap(), 2);
            }
            let caller = replica.caller(&renter).await;
            let first = cursor_at(&renter, 1);
            let refused = replica.app.watch_messages(&caller, MessageFilter::default(), StartPosition::After(first.to_owned())).await;
            let refused = refused.unwrap_err();
            assert_eq!(refused.code(), ErrorCode::CursorExpired);
            let oldest = refused.details()["oldest_cursor"].as_str().unwrap().to_owned();
            assert_eq!(oldest, cursor_at(&renter, 2));
            let mut watcher = replica.watch(&renter, Some(oldest.clone())).await.unwrap();
            assert_eq!(next_texts(&mut watcher, 1).await, ["2"]);
        }
    }

    async fn watching_ends_with_the_token(world: World) {
        let (replica, renter) = world.populated().await;
        let mut watcher = replica.watch(&renter, None).await.unwrap();
        let clock = Arc::clone(&world.clock);
        let (ended, ()) = tokio::join!(watcher.next(), async move { clock.advance(Duration::from_secs(3600)) });
        assert_eq!(ended.unwrap().unwrap_err().code(), ErrorCode::TokenExpired);
        assert!(watcher.next().await.is_none());
    }

    async fn watching_ends_when_the_account_is_deactivated(world: World) {
        let (replica, renter) = world.populated().await;
        let mut watcher = replica.watch(&renter, None).await.unwrap();
        world.sql("UPDATE users SET is_active = false").await;
        replica.app.heal_watchers().await.unwrap();
        assert_eq!(watcher.next().await.unwrap().unwrap_err().code(), ErrorCode::AccountDeactivated);
        assert!(replica.app.authenticate(&renter.token, &otpwire::domain::Client::default()).await.is_err());
    }

    async fn guests_cannot_watch(world: World) {
        let replica = world.replica().await;
        let refused = replica.app.watch_messages(&Caller::Guest, MessageFilter::default(), StartPosition::Now).await;
        assert_eq!(refused.unwrap_err().code(), ErrorCode::Unauthenticated);
    }

    async fn watching_can_start_at_the_latest_cursor_of_a_list(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let end = async || {
            let data = replica.data(&renter, "{ messages { latestCursor } }", json!({})).await;
            data["messages"]["latestCursor"].as_str().unwrap().to_owned()
        };
        let empty = end().await;
        post(&replica, &number, 0..2).await;
        let two = end().await;
        post(&replica, &number, 2..3).await;
        assert_eq!(next_texts(&mut replica.watch(&renter, Some(empty.clone())).await.unwrap(), 3).await, numbers(0..3));
        assert_eq!(next_texts(&mut replica.watch(&renter, Some(two.clone())).await.unwrap(), 1).await, numbers(2..3));
    }
}
