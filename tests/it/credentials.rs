//! Credentials are cached: how many statements they cost, and how soon a change is noticed that nobody tells of.

use futures_util::future::join_all;
use serde_json::json;

use crate::{
    accounts::me,
    support::{Backend, PATIENCE, Renter, Replica, World, on_both},
};

/// Longer than anything is relied on without being checked.
const MEMORY: u64 = 5;

async fn new_key(replica: &Replica, renter: &Renter) -> String {
    let body = json!({ "name": "x", "scopes": ["messages:read"] });
    let made = replica.rest_ok(Some(&renter.token), "POST /v1/users/me/api-keys", Some(body)).await;
    made["key"].as_str().unwrap().to_owned()
}

/// A replica that no notification reaches, not even a late one of its own over Redis; none where there is one replica,
/// which is told of nothing.
async fn deaf(world: &World) -> Option<Replica> {
    match world.backend {
        Backend::Embedded => None,
        Backend::Cluster => Some(world.replica_over(None).await),
    }
}

/// Shows a credential several times at once; returns how many statements that cost.
async fn cost(replica: &Replica, token: &str, times: usize) -> u64 {
    let before = replica.statements();
    let statuses = join_all((0..times).map(|_| me(replica, token))).await;
    assert_eq!(statuses, vec![200; times]);
    replica.statements() - before
}

on_both! {
    async fn a_credential_costs_one_statement_and_then_none(world: World) {
        let (replica, renter) = world.populated().await;
        let deaf = deaf(&world).await;
        let shown = deaf.as_ref().unwrap_or(&replica);
        let key = new_key(&replica, &renter).await;
        assert_eq!((cost(shown, &key, 1).await, cost(shown, &key, 1).await), (1, 0));
        world.advance(MEMORY);
        for credential in [&renter.token, &key] {
            assert_eq!((cost(shown, credential, 1).await, cost(shown, credential, 1).await), (1, 0));
        }
        // One does not push out the other.
        assert_eq!((cost(shown, &renter.token, 1).await, cost(shown, &key, 1).await), (0, 0));
    }

    async fn many_requests_at_once_share_one_statement(world: World) {
        let (replica, renter) = world.populated().await;
        let deaf = deaf(&world).await;
        let shown = deaf.as_ref().unwrap_or(&replica);
        let key = new_key(&replica, &renter).await;
        assert_eq!(cost(shown, &key, 30).await, 1);
        world.advance(MEMORY);
        assert_eq!(cost(shown, &renter.token, 30).await, 1);
    }

    async fn what_the_periodic_check_confirms_stays_cached(world: World) {
        let (replica, renter) = world.populated().await;
        let deaf = deaf(&world).await;
        let shown = deaf.as_ref().unwrap_or(&replica);
        let key = new_key(&replica, &renter).await;
        assert_eq!((me(shown, &renter.token).await, me(shown, &key).await), (200, 200));
        for _ in 0..5 {
            world.advance(4);
            let before = shown.statements();
            shown.app.heal_watchers().await.unwrap();
            assert_eq!(shown.statements() - before, 1);
            // What was just checked is not checked again.
            shown.app.heal_watchers().await.unwrap();
            assert_eq!(shown.statements() - before, 1);
            assert_eq!((cost(shown, &renter.token, 1).await, cost(shown, &key, 1).await), (0, 0));
        }
        // Without the check, nothing is relied on for longer.
        world.advance(MEMORY);
        assert_eq!(cost(shown, &renter.token, 1).await, 1);
    }

    async fn a_change_that_nobody_tells_of_is_noticed(world: World) {
        let (replica, renter) = world.populated().await;
        let deaf = deaf(&world).await;
        let shown = deaf.as_ref().unwrap_or(&replica);
        let off = if world.backend == Backend::Embedded { "0" } else { "false" };
        let on = if world.backend == Backend::Embedded { "1" } else { "true" };
        for by_check in [true, false] {
            for change in ["UPDATE users SET is_active = {off}", "DELETE FROM user_sessions", "DELETE FROM api_keys"] {
                world.sql(&format!("UPDATE users SET is_active = {on}")).await;
                world.advance(MEMORY);
                let renter = replica.log_in(&renter.user.email).await;
                let credential = match change {
                    "DELETE FROM api_keys" => new_key(&replica, &renter).await,
                    _ => renter.token.clone(),
                };
                assert_eq!(me(shown, &credential).await, 200);
                world.sql(&change.replace("{off}", off)).await;
                world.advance(MEMORY - 1);
                assert_eq!(me(shown, &credential).await, 200, "{change}: it is cached");
                if by_check {
                    shown.app.heal_watchers().await.unwrap();
                } else {
                    world.advance(1);
                }
                assert_ne!(me(shown, &credential).await, 200, "{change}");
            }
        }
    }

    async fn other_rights_that_nobody_tells_of_are_noticed(world: World) {
        let (replica, _) = world.populated().await;
        let deaf = deaf(&world).await;
        let shown = deaf.as_ref().unwrap_or(&replica);
        let admin = replica.admin("admin@example.com").await;
        let limit = async || {
            let answer = shown.rest(Some(&admin.token), "GET /v1/users/me", None).await;
            (answer.json()["role"].as_str().unwrap().to_owned(), answer.header("x-ratelimit-limit").to_owned())
        };
        let before = limit().await;
        assert_eq!(before.0, "admin");
        world.sql("UPDATE users SET role = 'user'").await;
        assert_eq!(limit().await, before);
        world.advance(MEMORY - 1);
        shown.app.heal_watchers().await.unwrap();
        assert_eq!(limit().await.0, "user");
        world.sql("UPDATE users SET plan = 'premium'").await;
        world.advance(MEMORY - 1);
        shown.app.heal_watchers().await.unwrap();
        let answer = shown.rest(Some(&admin.token), "GET /v1/users/me", None).await;
        assert_eq!(answer.json()["plan"], "premium");
    }
}

/// However long a replica has relied on a credential, it hears of its end at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_credential_that_was_cached_for_long_ends_on_every_replica() {
    let world = World::new(Backend::Cluster).await;
    let (one, renter) = world.populated().await;
    let two = world.replica().await;
    let key = new_key(&one, &renter).await;
    let other = one.log_in(&renter.user.email).await;
    for (credential, end) in [(&key, "DELETE /v1/users/me/api-keys/1"), (&renter.token, "POST /v1/auth/logout")] {
        assert_eq!(me(&two, credential).await, 200);
        for _ in 0..10 {
            world.advance(4);
            two.app.heal_watchers().await.unwrap();
        }
        assert_eq!(me(&two, credential).await, 200);
        let by = if credential == &key { &other.token } else { credential };
        one.rest_ok(Some(by), end, None).await;
        // The clock stands still, and no check runs.
        let noticed = async {
            while me(&two, credential).await == 200 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, noticed).await.expect("the other replica does not notice");
    }
}
