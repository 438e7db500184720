//! Readiness while the database is away or out of connections, in the words that the documentation promises.

use std::time::Duration;

use crate::support::{Backend, PATIENCE, Postgres, Replica, World, client::sms};

/// The status and the word for the store of `/readyz`.
async fn readiness(replica: &Replica) -> (u16, String) {
    let answer = replica.get("/readyz").await;
    let body = answer.json();
    let word = if answer.status == 200 { &body["store"] } else { &body["details"]["store"] };
    (answer.status.as_u16(), word.as_str().unwrap_or_else(|| panic!("{body}")).to_owned())
}

/// A world on a PostgreSQL server of its own.
async fn world_over(server: &Postgres) -> World {
    let mut world = World::new(Backend::Cluster).await;
    world.database_url = server.new_migrated_database().await;
    world
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_stopped_is_away_and_that_is_known_at_once() {
    let mut server = Postgres::start(false).await;
    let world = world_over(&server).await;
    let (replica, renter) = world.populated().await;
    let (_, number) = replica.rent(&renter, "US", 1).await;
    assert_eq!(readiness(&replica).await, (200, "ok".into()));
    server.stop();
    let message = sms("1", &number, "x");
    tokio::select! {
        biased;
        answer = readiness(&replica) => assert_eq!(answer, (503, "away".into())),
        _ = replica.exhaust_the_pool() => panic!("readiness waits for as long as a pool waits"),
    }
    // Whoever needs the database learns the same, and which database it is.
    let told = replica.exhaust_the_pool().await;
    assert!(told.starts_with("the database test_") && told.contains(&format!("127.0.0.1:{}", server.port())), "{told}");
    assert_eq!(replica.post_sms(&message).await.error(503), "UNAVAILABLE");
    assert_eq!(readiness(&replica).await, (503, "away".into()));
    // Many who ask at the same time cost one connection, and all get the answer.
    let asked = (0..50).map(|_| readiness(&replica));
    let answers = futures_util::future::join_all(asked).await;
    assert!(answers.iter().all(|answer| *answer == (503, "away".into())), "{answers:?}");

    server.start_again().await;
    // Connections of before are not mistaken for the server.
    assert_eq!(readiness(&replica).await, (200, "ok".into()));
    let stored = async {
        while replica.post_sms(&message).await.status != 200 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, stored).await.expect("messages are not stored again");
    assert_eq!(readiness(&replica).await, (200, "ok".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_without_a_free_connection_is_busy_and_ready() {
    let world = World::new(Backend::Cluster).await;
    let (replica, _) = world.populated().await;
    let held = replica.hold_every_connection().await;
    assert_eq!(readiness(&replica).await, (200, "busy".into()));
    assert_eq!(replica.get("/readyz").await.json()["status"], "degraded");
    drop(held);
    let ready = async {
        while readiness(&replica).await != (200, "ok".into()) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, ready).await.expect("the pool is not free again");
}
