//! Replicas over PostgreSQL and Redis, and what they make of a Redis that loses events.

use std::time::Duration;

use futures_util::future::join_all;
use otpwire::{
    app::watching::messages::{StartPosition, Watcher},
    domain::{InboxCursor, MessageFilter},
};

use crate::support::{Backend, LOCKS_WAITED_FOR, Redis, Renter, Replica, SECRET, World, client::sms, redis};

const TIMEOUT: Duration = Duration::from_secs(20);

async fn watch(replica: &Replica, renter: &Renter, after: Option<i64>) -> Watcher {
    let caller = replica.app.authenticate(&renter.token, &otpwire::domain::Client::default()).await.unwrap();
    let after = after.map(|seq| InboxCursor { inbox: renter.user.id, seq }.encode());
    replica.app.watch_messages(&caller, MessageFilter::default(), StartPosition::after(after)).await.unwrap()
}

async fn texts(watcher: &mut Watcher, count: usize) -> Vec<String> {
    let mut texts = Vec::new();
    for _ in 0..count {
        let delivery = tokio::time::timeout(TIMEOUT, watcher.next()).await.expect("no message in time");
        texts.push(delivery.unwrap().unwrap().message.message_content.clone());
    }
    texts
}

fn numbers(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|n| n.to_string()).collect()
}

async fn post(replica: &Replica, number: &str, range: std::ops::Range<usize>) {
    for n in range {
        assert_eq!(replica.post_sms(&sms(&n.to_string(), number, &n.to_string())).await.status, 200);
    }
}

async fn set_up(replica: &Replica) -> Renter {
    replica.add_provider("sandbox", "sandbox", SECRET).await;
    replica.add_numbers("sandbox", &["+14155550100", "+14155550101"]).await;
    replica.renter("renter@example.com").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_gets_what_another_replica_receives() {
    let world = World::new(Backend::Cluster).await;
    let (one, renter) = world.populated().await;
    let other = world.replica().await;
    let (_, number) = one.rent(&renter, "US", 1).await;
    let mut watcher = watch(&one, &renter, None).await;
    post(&other, &number, 0..10).await;
    assert_eq!(texts(&mut watcher, 10).await, numbers(0..10));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_replicas_write_to_one_inbox_in_one_order() {
    let world = World::new(Backend::Cluster).await;
    let (one, renter) = world.populated().await;
    let other = world.replica().await;
    let (_, number) = one.rent(&renter, "US", 1).await;
    let mut watchers = [watch(&one, &renter, None).await, watch(&other, &renter, None).await];
    let messages: Vec<_> = (0..300).map(|n| sms(&n.to_string(), &number, &n.to_string())).collect();
    // Each message goes to both replicas, as a provider's retry would.
    let posts = messages.iter().flat_map(|message| [one.post_sms(message), other.post_sms(message)]);
    let (answers, seen) =
        tokio::join!(join_all(posts), join_all(watchers.iter_mut().map(|watcher| texts(watcher, 300))));
    assert!(answers.iter().all(|answer| answer.status == 200));
    let order = texts(&mut watch(&one, &renter, Some(0)).await, 300).await;
    assert_eq!(seen, [order.clone(), order.clone()]);
    let mut distinct = order;
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), 300);
    let seqs = world.column("SELECT inbox_seq FROM messages ORDER BY inbox_seq").await;
    assert_eq!(seqs, (1..=300).map(|seq| seq.to_string()).collect::<Vec<_>>());
    assert_eq!(world.column("SELECT count(*) FROM delivery_reports WHERE status = 'duplicate'").await, ["300"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_inboxes_on_two_replicas_do_not_deadlock() {
    let world = World::new(Backend::Cluster).await;
    let (one, _) = world.populated().await;
    let other = world.replica().await;
    let more: Vec<String> = (0..10).map(|n| format!("+4915123456{n:03}")).collect();
    one.add_numbers("sandbox", &more.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let mut rented = Vec::new();
    for n in 0..10 {
        let renter = one.renter(&format!("renter{n}@example.com")).await;
        rented.push((one.rent(&renter, "DE", 1).await.1, renter));
    }
    let messages: Vec<_> = (0..400).map(|n| sms(&n.to_string(), &rented[(n * 7) % 10].0, &n.to_string())).collect();
    let posts = messages.iter().enumerate().map(|(n, message)| {
        let replica = if n % 2 == 0 { &one } else { &other };
        replica.post_sms(message)
    });
    let answers = join_all(posts).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    for (_, renter) in &rented {
        assert_eq!(one.texts(renter).await.len(), 40);
    }
    assert_eq!(world.column("SELECT count(*) FROM delivery_reports WHERE status = 'failed'").await, ["0"]);
    // The messages are different, so only the lock of the inbox keeps two replicas from assigning one sequence twice.
    for (_, renter) in &rented {
        let query = format!("SELECT inbox_seq FROM messages WHERE user_id = {} ORDER BY inbox_seq", renter.user.id);
        let expected: Vec<_> = (1..=40).map(|seq: i32| seq.to_string()).collect();
        assert_eq!(world.column(&query).await, expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_that_redis_lost_are_recovered_from_the_store() {
    let world = World::new(Backend::Cluster).await;
    let mut redis = Redis::start();
    let one = world.replica_over(Some(redis.url())).await;
    let other = world.replica_over(Some(redis.url())).await;
    let renter = set_up(&one).await;
    let (_, number) = one.rent(&renter, "US", 1).await;
    let mut watcher = watch(&one, &renter, None).await;
    post(&other, &number, 0..3).await;
    assert_eq!(texts(&mut watcher, 3).await, numbers(0..3));
    redis.stop();
    // The service stays up: webhooks are accepted, and a new subscription does not wait for Redis.
    post(&other, &number, 3..6).await;
    let mut late = watch(&one, &renter, Some(0)).await;
    assert_eq!(texts(&mut late, 6).await, numbers(0..6));
    redis.start_again();
    // Reconnecting sends every subscription to the store, without a periodic check or a further message.
    assert_eq!(texts(&mut watcher, 3).await, numbers(3..6));
    post(&other, &number, 6..9).await;
    assert_eq!(texts(&mut watcher, 3).await, numbers(6..9));
    assert_eq!(texts(&mut late, 3).await, numbers(6..9));
    redis.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreadable_event_sends_subscriptions_to_the_store() {
    let world = World::new(Backend::Cluster).await;
    let (one, renter) = world.populated().await;
    let (_, number) = one.rent(&renter, "US", 1).await;
    let mut watcher = watch(&one, &renter, None).await;
    // A replica without Redis stores a message; then something unreadable arrives.
    let unconnected = world.replica_over(None).await;
    post(&unconnected, &number, 0..1).await;
    let client = redis_client().await;
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    // The channels of this test only: others use the same Redis.
    let pattern = format!("otpwire:{}:inbox:*", world.root_key().namespace());
    let mut list = ::redis::cmd("PUBSUB");
    let channels: Vec<String> = list.arg("CHANNELS").arg(pattern).query_async(&mut connection).await.unwrap();
    assert_eq!(channels.len(), 1);
    for channel in channels {
        for payload in ["", "{}", r#"{"v":"99"}"#, "\u{fffd}"] {
            let () = ::redis::cmd("PUBLISH").arg(&channel).arg(payload).query_async(&mut connection).await.unwrap();
        }
    }
    assert_eq!(texts(&mut watcher, 1).await, numbers(0..1));
}

async fn redis_client() -> ::redis::Client {
    ::redis::Client::open(redis().await.url()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deployments_on_one_redis_are_separate() {
    let worlds = (World::new(Backend::Cluster).await, World::new(Backend::Cluster).await);
    let (one, renter) = worlds.0.populated().await;
    let (other, stranger) = worlds.1.populated().await;
    assert_eq!(renter.user.id, stranger.user.id);
    let (_, number) = one.rent(&renter, "US", 1).await;
    other.rent(&stranger, "US", 1).await;
    let mut watcher = watch(&other, &stranger, None).await;
    post(&one, &number, 0..3).await;
    post(&other, &number, 3..4).await;
    assert_eq!(texts(&mut watcher, 1).await, numbers(3..4));
}

/// Another replica has assigned a sequence and not committed yet: this one waits, and assigns the next.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sequences_are_assigned_in_the_order_of_commits() {
    use sea_orm::ConnectionTrait;
    let world = World::new(Backend::Cluster).await;
    let (one, renter) = world.populated().await;
    let (_, number) = one.rent(&renter, "US", 1).await;
    let mut options = sea_orm::ConnectOptions::new(&world.database_url);
    options.max_connections(1);
    let other = sea_orm::Database::connect(options).await.unwrap();
    other.execute_unprepared("BEGIN; UPDATE inboxes SET last_seq = last_seq + 1").await.unwrap();
    let message = sms("1", &number, "x");
    let (answer, ()) = tokio::join!(one.post_sms(&message), async {
        while world.column(LOCKS_WAITED_FOR).await == ["0"] {}
        other.execute_unprepared("COMMIT").await.unwrap();
    });
    assert_eq!(answer.status, 200);
    assert_eq!(world.column("SELECT inbox_seq FROM messages").await, ["2"]);
    assert_eq!(world.column("SELECT last_seq FROM inboxes").await, ["2"]);
}

/// Clients disconnect at any time, also while the transaction of their request begins. Left open in the pool, it would
/// lose what later requests write on that connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_transaction_does_not_stay_open() {
    let world = World::new(Backend::Cluster).await;
    let (replica, renter) = world.populated().await;
    let store = world.store().await;
    for polls in 0..200 {
        let mut begin = Box::pin(store.begin());
        for _ in 0..polls % 20 {
            if futures_util::poll!(&mut begin).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(begin);
        // The same for reading.
        let mut read = Box::pin(store.read_inbox_after(renter.user.id, 0, 1));
        for _ in 0..polls % 20 {
            if futures_util::poll!(&mut read).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
    }
    let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'";
    let ended = async { while world.column(open).await != ["0"] {} };
    tokio::time::timeout(TIMEOUT, ended).await.expect("a transaction stays open");
    drop(replica);
}
