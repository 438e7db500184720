//! Leases: a number for one worker at a time, what arrives meanwhile, and who waits.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_stream::StreamExt;

use crate::support::{Backend, PATIENCE, Renter, Replica, World, client::Answer, client::sms, on_both};

const OTP: &str = "Your code is";

/// An API key of a renter, with these scopes.
async fn key(replica: &Replica, renter: &Renter, scopes: Value) -> String {
    let body = json!({ "name": "ci", "scopes": scopes });
    let made = replica.rest_ok(Some(&renter.token), "POST /v1/users/me/api-keys", Some(body)).await;
    made["key"].as_str().unwrap().to_owned()
}

/// Rents the one German number and puts it into the pool `ci`. Returns the number, and a key that may lease and nothing
/// else.
async fn pooled(replica: &Replica, renter: &Renter) -> (String, String) {
    let (_, number) = replica.rent(renter, "DE", 24).await;
    let pool = json!({ "name": "ci", "rule": { "country_code": "DE" } });
    replica.rest_ok(Some(&renter.token), "POST /v1/pools", Some(pool)).await;
    (number, key(replica, renter, json!(["numbers:lease"])).await)
}

async fn acquire(replica: &Replica, key: &str, body: Value) -> Answer {
    replica.rest(Some(key), "POST /v1/leases", Some(body)).await
}

/// A lease of the pool `ci`, which must be free.
async fn lease(replica: &Replica, key: &str, ttl: u64) -> Value {
    let acquired = acquire(replica, key, json!({ "pool": "ci", "ttl_seconds": ttl })).await;
    assert_eq!(acquired.status, 201, "{}", acquired.text());
    acquired.json()
}

async fn through(replica: &Replica, key: &str, method: &str, lease: &Value, path: &str, query: &str) -> Answer {
    let endpoint = format!("{method} /v1/leases/{}{path}?fence={}{query}", lease["id"], lease["fence"]);
    replica.rest(Some(key), &endpoint, None).await
}

async fn wait(replica: &Replica, key: &str, lease: &Value, query: &str) -> Answer {
    through(replica, key, "GET", lease, "/wait", query).await
}

async fn release(replica: &Replica, key: &str, lease: &Value) -> Answer {
    through(replica, key, "DELETE", lease, "", "").await
}

async fn renew(replica: &Replica, key: &str, lease: &Value, ttl: Option<u64>) -> Answer {
    let mut body = json!({ "fence": lease["fence"] });
    if let Some(ttl) = ttl {
        body["ttl_seconds"] = ttl.into();
    }
    replica.rest(Some(key), &format!("POST /v1/leases/{}/renew", lease["id"]), Some(body)).await
}

/// The texts that have arrived in a lease.
async fn texts(replica: &Replica, key: &str, lease: &Value) -> Vec<String> {
    let read = through(replica, key, "GET", lease, "/messages", "").await;
    assert_eq!(read.status, 200, "{}", read.text());
    let text = |one: &Value| one["message"]["message_content"].as_str().unwrap().to_owned();
    read.json()["messages"].as_array().unwrap().iter().map(text).collect()
}

/// The reason for which a lease is lost, whatever is done through it.
async fn lost(replica: &Replica, key: &str, lease: &Value) -> String {
    let mut reasons = Vec::new();
    for answer in [
        through(replica, key, "GET", lease, "", "").await,
        through(replica, key, "GET", lease, "/messages", "").await,
        wait(replica, key, lease, "&timeout=0").await,
        renew(replica, key, lease, None).await,
    ] {
        assert_eq!(answer.error(409), "LEASE_LOST");
        assert!(!answer.text().contains(OTP), "{}", answer.text());
        reasons.push(answer.json()["details"]["reason"].as_str().unwrap().to_owned());
    }
    reasons.dedup();
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    reasons.remove(0)
}

async fn post(replica: &Replica, id: &str, number: &str, text: &str) {
    assert_eq!(replica.post_sms(&sms(id, number, text)).await.status, 200);
}

/// A request that waits for a lease in the background.
fn waiting(replica: &Replica, key: &str, body: Value) -> JoinHandle<Answer> {
    let (router, key) = (replica.router.clone(), key.to_owned());
    tokio::spawn(async move {
        let request = axum::http::Request::post("/v1/leases")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {key}"))
            .body(axum::body::Body::from(body.to_string()));
        let response = tower::ServiceExt::oneshot(router, request.unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    })
}

async fn in_time(waiting: JoinHandle<Answer>) -> Answer {
    tokio::time::timeout(PATIENCE, waiting).await.expect("no answer in time").unwrap()
}

const TICKETS: &str = "SELECT count(*) FROM lease_tickets";

on_both! {
    async fn a_lease_has_what_arrives_in_it_and_nothing_else(world: World) {
        let (replica, renter) = world.populated().await;
        let (number, key) = pooled(&replica, &renter).await;
        post(&replica, "old", &number, &format!("{OTP} 111111")).await;
        world.advance(1);
        let lease = lease(&replica, &key, 60).await;
        assert_eq!((&lease["phone_number"], &lease["pool"], &lease["country_code"]), (&json!(number), &json!("ci"), &json!("DE")));
        assert_eq!((&lease["fence"], &lease["ttl_seconds"], &lease["unclaimed_messages"]), (&json!(1), &json!(60), &json!(1)));
        assert!(texts(&replica, &key, &lease).await.is_empty());
        assert_eq!(wait(&replica, &key, &lease, "&timeout=0").await.status, 204);
        // Two codes are two answers, in order; a repeated webhook is none.
        for (id, code) in [("1", "222222"), ("1", "222222"), ("2", "333333")] {
            post(&replica, id, &number, &format!("{OTP} {code}")).await;
        }
        let first = wait(&replica, &key, &lease, "&timeout=0&message_type=otp").await;
        assert_eq!(first.json()["message"]["otp"]["code"], "222222");
        assert_eq!(first.json()["cursor"], first.header("x-cursor"));
        let after = format!("&timeout=0&message_type=otp&after={}", first.header("x-cursor"));
        let second = wait(&replica, &key, &lease, &after).await;
        assert_eq!(second.json()["message"]["otp"]["code"], "333333");
        let after = format!("&timeout=0&after={}", second.header("x-cursor"));
        assert_eq!(wait(&replica, &key, &lease, &after).await.status, 204);
        assert_eq!(texts(&replica, &key, &lease).await.len(), 2);
        let page = through(&replica, &key, "GET", &lease, "/messages", &format!("&limit=1&after={}", first.header("x-cursor"))).await;
        assert_eq!(page.json()["cursor"], second.json()["cursor"]);
        // The key reads nothing outside its leases, and the user everything.
        assert_eq!(replica.rest(Some(&key), "GET /v1/messages", None).await.error(403), "INSUFFICIENT_SCOPE");
        assert_eq!(replica.texts(&renter).await.len(), 3);
        let other = replica.renter("other@example.com").await;
        for answer in [wait(&replica, &other.token, &lease, "&timeout=0").await, release(&replica, &other.token, &lease).await] {
            assert_eq!(answer.error(404), "NOT_FOUND");
        }
    }

    async fn an_outdated_fence_reads_nothing_of_the_next_holders_time(world: World) {
        let (replica, renter) = world.populated().await;
        let (number, key) = pooled(&replica, &renter).await;
        let first = lease(&replica, &key, 60).await;
        assert_eq!(acquire(&replica, &key, json!({ "pool": "ci" })).await.error(409), "NO_NUMBER_AVAILABLE");
        world.advance(59);
        assert_eq!(through(&replica, &key, "GET", &first, "", "").await.status, 200);
        world.advance(1);
        assert_eq!(lost(&replica, &key, &first).await, "expired");
        let second = lease(&replica, &key, 60).await;
        assert_eq!((&first["fence"], &second["fence"]), (&json!(1), &json!(2)));
        post(&replica, "1", &number, &format!("{OTP} 222222")).await;
        assert_eq!(lost(&replica, &key, &first).await, "superseded");
        assert_eq!(release(&replica, &key, &first).await.error(409), "LEASE_LOST");
        // The id of the one with the fence of the other.
        let mixed = json!({ "id": second["id"], "fence": first["fence"] });
        assert_eq!(lost(&replica, &key, &mixed).await, "superseded");
        // One that was never given is that of nobody, and of no later lease.
        for unknown in [json!(0), json!(-1), json!(3), json!(i64::MAX), json!(i64::MIN)] {
            for id in [&first["id"], &second["id"]] {
                let named = json!({ "id": id, "fence": unknown });
                assert_eq!(lost(&replica, &key, &named).await, "unknown_fence");
                assert_eq!(release(&replica, &key, &named).await.json()["details"]["reason"], "unknown_fence");
            }
        }
        assert_eq!(texts(&replica, &key, &second).await.len(), 1);
        assert_eq!(release(&replica, &key, &second).await.status, 200);
        assert_eq!(lost(&replica, &key, &second).await, "released");
        // Its holder may not know that it succeeded.
        assert_eq!(release(&replica, &key, &second).await.status, 200);
        assert_eq!(replica.rest_ok(Some(&key), "GET /v1/leases", None).await["leases"], json!([]));
    }

    async fn what_is_late_or_was_sent_before_or_comes_between_is_nobodys(world: World) {
        let (replica, renter) = world.populated().await;
        let (number, key) = pooled(&replica, &renter).await;
        let first = lease(&replica, &key, 60).await;
        assert_eq!(release(&replica, &key, &first).await.status, 200);
        world.advance(1);
        post(&replica, "between", &number, "between").await;
        world.advance(9);
        let second = lease(&replica, &key, 60).await;
        assert_eq!(second["unclaimed_messages"], 1);
        let sent_at = |id: &str, at: &str| json!({ "id": id, "from": "BANK", "to": number, "text": id, "sent_at": at });
        assert_eq!(replica.post_sms(&sent_at("before", "2026-03-01T12:00:09Z")).await.status, 200);
        assert_eq!(replica.post_sms(&sent_at("within", "2026-03-01T12:00:10Z")).await.status, 200);
        assert_eq!(texts(&replica, &key, &second).await, ["within"]);
        assert_eq!(through(&replica, &key, "GET", &second, "", "").await.json()["unclaimed_messages"], 2);
        world.advance(60);
        post(&replica, "late", &number, "late").await;
        assert_eq!(lost(&replica, &key, &second).await, "expired");
        world.advance(1);
        let third = lease(&replica, &key, 60).await;
        assert_eq!(third["unclaimed_messages"], 1);
        assert!(texts(&replica, &key, &third).await.is_empty());
        let stored = "SELECT coalesce(CAST(lease_id AS TEXT), '-') FROM messages ORDER BY inbox_seq";
        assert_eq!(world.column(stored).await, ["-".to_owned(), "-".to_owned(), second["id"].to_string(), "-".to_owned()]);
    }

    async fn a_wait_ends_with_its_lease(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, key) = pooled(&replica, &renter).await;
        // A lease that ends before the wait has read it is lost as well, without a cursor: then once more.
        for attempt in 0.. {
            let first = lease(&replica, &key, 30).await;
            let (open, ()) = tokio::join!(wait(&replica, &key, &first, "&timeout=50"), async {
                while replica.app.count_watched() == 0 {
                    tokio::task::yield_now().await;
                }
                // Renewed before its end, it is still held then.
                assert_eq!(renew(&replica, &key, &first, Some(40)).await.status, 200);
                world.advance(31);
                assert_eq!(through(&replica, &key, "GET", &first, "", "").await.status, 200);
                world.advance(9);
            });
            assert_eq!((open.error(409).as_str(), &open.json()["details"]["reason"]), ("LEASE_LOST", &json!("expired")));
            if !open.header("x-cursor").is_empty() {
                break;
            }
            assert!(attempt < 20, "the wait has no cursor");
        }
        let second = lease(&replica, &key, 30).await;
        let (open, ()) = tokio::join!(wait(&replica, &key, &second, "&timeout=50"), async {
            while replica.app.count_watched() == 0 {
                tokio::task::yield_now().await;
            }
            assert_eq!(release(&replica, &key, &second).await.status, 200);
        });
        assert_eq!((open.error(409).as_str(), &open.json()["details"]["reason"]), ("LEASE_LOST", &json!("released")));
    }

    async fn who_waits_is_served_in_order(world: World) {
        let (replica, renter) = world.populated().await;
        let other = match world.backend {
            Backend::Embedded => None,
            Backend::Cluster => Some(world.replica().await),
        };
        let (_, key) = pooled(&replica, &renter).await;
        let mut held = lease(&replica, &key, 600).await;
        let mut queue = Vec::new();
        for n in 0..4 {
            // In turn on each replica.
            let replica = other.as_ref().filter(|_| n % 2 == 1).unwrap_or(&replica);
            queue.push(waiting(replica, &key, json!({ "pool": "ci", "ttl_seconds": 60 + n, "wait_seconds": 50 })));
            world.until(TICKETS, &(n + 1).to_string()).await;
        }
        let pools = replica.rest_ok(Some(&key), "GET /v1/pools", None).await;
        assert_eq!((&pools["pools"][0]["waiting"], &pools["pools"][0]["leased"]), (&json!(4), &json!(1)));
        // Nobody overtakes.
        assert_eq!(acquire(&replica, &key, json!({ "pool": "ci" })).await.error(409), "NO_NUMBER_AVAILABLE");
        for (n, next) in queue.into_iter().enumerate() {
            assert_eq!(release(&replica, &key, &held).await.status, 200);
            let served = in_time(next).await;
            assert_eq!((served.status.as_u16(), &served.json()["ttl_seconds"]), (201, &json!(60 + n)), "{}", served.text());
            held = served.json();
        }
        assert_eq!(world.column(TICKETS).await, ["0"]);
    }

    async fn a_lease_that_runs_out_is_followed_at_once(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, key) = pooled(&replica, &renter).await;
        lease(&replica, &key, 20).await;
        let next = waiting(&replica, &key, json!({ "pool": "ci", "wait_seconds": 50 }));
        world.until(TICKETS, "1").await;
        world.advance(20);
        assert_eq!(in_time(next).await.json()["fence"], 2);
    }

    async fn a_ticket_keeps_a_place_and_expires(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, key) = pooled(&replica, &renter).await;
        let held = lease(&replica, &key, 3600).await;
        let wish = json!({ "pool": "ci", "wait_seconds": 10 });
        let first = waiting(&replica, &key, wish.clone());
        world.until(TICKETS, "1").await;
        world.advance(10);
        let first = in_time(first).await;
        assert_eq!((first.status.as_u16(), &first.json()["position"]), (202, &json!(1)));
        assert_eq!(first.json()["expires_at"], "2026-03-01T12:00:25Z");
        let second = waiting(&replica, &key, json!({ "pool": "ci", "wait_seconds": 50 }));
        world.until(TICKETS, "2").await;
        // The number is kept for the first, whose client is between two requests.
        assert_eq!(release(&replica, &key, &held).await.status, 200);
        let ticket = json!({ "pool": "ci", "wait_seconds": 10, "ticket": first.json()["ticket"] });
        let served = acquire(&replica, &key, ticket.clone()).await;
        assert_eq!(served.status, 201, "{}", served.text());
        assert_eq!(acquire(&replica, &key, ticket).await.error(404), "NOT_FOUND");
        // A client that does not come back does not block the others.
        assert_eq!(release(&replica, &key, &served.json()).await.status, 200);
        let served = in_time(second).await;
        assert_eq!(served.status, 201);
        let absent = waiting(&replica, &key, wish);
        world.until(TICKETS, "1").await;
        world.advance(10);
        let absent = in_time(absent).await;
        assert_eq!(absent.status, 202);
        let behind = waiting(&replica, &key, json!({ "pool": "ci", "wait_seconds": 50 }));
        world.until(TICKETS, "2").await;
        assert_eq!(release(&replica, &key, &served.json()).await.status, 200);
        world.advance(15);
        assert_eq!(in_time(behind).await.status, 201);
        let expired = json!({ "pool": "ci", "wait_seconds": 10, "ticket": absent.json()["ticket"] });
        let expired = acquire(&replica, &key, expired).await;
        assert_eq!((expired.error(404).as_str(), &expired.json()["details"]["field"]), ("NOT_FOUND", &json!("ticket")));
    }

    async fn a_ticket_that_is_given_up_lets_the_next_one_go_on(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, key) = pooled(&replica, &renter).await;
        let held = lease(&replica, &key, 3600).await;
        let mut tickets = Vec::new();
        for n in 1..=2 {
            let absent = waiting(&replica, &key, json!({ "pool": "ci", "wait_seconds": 1 }));
            world.until(TICKETS, &n.to_string()).await;
            world.advance(1);
            tickets.push(in_time(absent).await.json()["ticket"].as_str().unwrap().to_owned());
        }
        let behind = waiting(&replica, &key, json!({ "pool": "ci", "wait_seconds": 50 }));
        world.until(TICKETS, "3").await;
        assert_eq!(release(&replica, &key, &held).await.status, 200);
        // A stranger gives nothing up, and what is no ticket is told.
        let stranger = replica.renter("stranger@example.com").await;
        let path = |ticket: &str| format!("DELETE /v1/leases/tickets/{ticket}");
        let refused = replica.rest(Some(&stranger.token), &path(&tickets[0]), None).await;
        assert_eq!(refused.error(404), "NOT_FOUND");
        for wrong in ["8", "tkt_", "tkt_-1", "tkt_x", "%FF", "tkt_99999999999999999999"] {
            let refused = replica.rest(Some(&key), &path(wrong), None).await;
            assert_eq!(refused.error(422), "VALIDATION_ERROR", "{wrong}");
            assert_eq!(refused.json()["details"]["field"], "ticket");
        }
        assert_eq!(replica.rest(None, &path(&tickets[0]), None).await.status, 401);
        let given_up = replica.rest(Some(&key), &path(&tickets[0]), None).await;
        assert_eq!(given_up.status, 200, "{}", given_up.text());
        assert_eq!(replica.rest(Some(&key), &path(&tickets[0]), None).await.error(404), "NOT_FOUND");
        let mutation = "mutation($input: GiveUpLeaseTicketInput!) { giveUpLeaseTicket(input: $input) { message } }";
        let input = json!({ "input": { "ticket": tickets[1] } });
        replica.data(&renter, mutation, input).await;
        // Without the clock having moved.
        assert_eq!(in_time(behind).await.status, 201);
    }

    async fn whoever_is_told_to_come_back_later_keeps_the_place(world: World) {
        let mut world = world;
        world.settings.request_limits.free = 50;
        let (replica, renter) = world.populated().await;
        let (_, key) = pooled(&replica, &renter).await;
        let held = lease(&replica, &key, 3600).await;
        let first = waiting(&replica, &key, json!({ "pool": "ci", "wait_seconds": 1 }));
        world.until(TICKETS, "1").await;
        world.advance(1);
        let ticket = in_time(first).await.json()["ticket"].clone();
        let wish = json!({ "pool": "ci", "wait_seconds": 50, "ticket": ticket });
        for _ in 0..50 {
            replica.rest(Some(&key), "GET /v1/leases", None).await;
        }
        let refused = acquire(&replica, &key, wish.clone()).await;
        assert_eq!(refused.error(429), "RATE_LIMITED");
        let seconds: u64 = refused.header("retry-after").parse().unwrap();
        assert!(seconds > 15, "{seconds}");
        world.advance(1);
        let kept = World::sql_time(world.now() + chrono::TimeDelta::seconds(30));
        world.until(&format!("SELECT count(*) FROM lease_tickets WHERE expires_at > {kept}"), "1").await;
        world.advance(seconds);
        // Meanwhile somebody else has come, and the number is free.
        let behind = waiting(&replica, &key, json!({ "pool": "ci", "wait_seconds": 50 }));
        world.until(TICKETS, "2").await;
        assert_eq!(release(&replica, &key, &held).await.status, 200);
        let served = acquire(&replica, &key, wish).await;
        assert_eq!((served.status.as_u16(), &served.json()["fence"]), (201, &json!(2)), "{}", served.text());
        assert_eq!(release(&replica, &key, &served.json()).await.status, 200);
        assert_eq!(in_time(behind).await.json()["fence"], 3);
    }

    async fn a_request_that_is_given_up_leaves_no_place(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, key) = pooled(&replica, &renter).await;
        lease(&replica, &key, 3600).await;
        let given_up = waiting(&replica, &key, json!({ "pool": "ci", "wait_seconds": 50 }));
        world.until(TICKETS, "1").await;
        given_up.abort();
        world.until(TICKETS, "0").await;
    }

    async fn a_client_that_hangs_up_with_its_ticket_keeps_the_place_for_a_moment(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, key) = pooled(&replica, &renter).await;
        let held = lease(&replica, &key, 3600).await;
        let first = waiting(&replica, &key, json!({ "pool": "ci", "wait_seconds": 1 }));
        world.until(TICKETS, "1").await;
        world.advance(1);
        let wish = json!({ "pool": "ci", "wait_seconds": 50, "ticket": in_time(first).await.json()["ticket"] });
        let behind = waiting(&replica, &key, json!({ "pool": "ci", "wait_seconds": 50 }));
        world.until(TICKETS, "2").await;
        let expiring = |seconds: i64| {
            let end = World::sql_time(world.now() + chrono::TimeDelta::seconds(seconds));
            format!("SELECT count(*) FROM lease_tickets WHERE expires_at = {end} AND id = (SELECT min(id) FROM lease_tickets)")
        };
        for _ in 0..2 {
            // It comes back within the moment, and waits as before.
            world.advance(1);
            let cut_off = waiting(&replica, &key, wish.clone());
            world.until(&expiring(15), "1").await;
            cut_off.abort();
            world.until(&expiring(5), "1").await;
        }
        assert_eq!(release(&replica, &key, &held).await.status, 200);
        world.advance(4);
        world.until(TICKETS, "2").await;
        assert!(!behind.is_finished());
        // It does not come back: those behind it go on, although they were not woken by anything else.
        world.advance(1);
        assert_eq!(in_time(behind).await.json()["fence"], 2);
        assert_eq!(acquire(&replica, &key, wish).await.error(404), "NOT_FOUND");
    }

    async fn a_country_needs_no_pool_and_no_rental(world: World) {
        let (replica, renter) = world.populated().await;
        replica.add_numbers("sandbox", &["+14155550102", "+14155550103"]).await;
        let key = key(&replica, &renter, json!(["numbers:lease"])).await;
        let wish = json!({ "country_code": "us", "ttl_seconds": 3600 });
        let mut held = Vec::new();
        for _ in 0..3 {
            let acquired = acquire(&replica, &key, wish.clone()).await;
            assert_eq!(acquired.status, 201, "{}", acquired.text());
            held.push(acquired.json());
        }
        let rented = "SELECT count(*) FROM number_assignments WHERE ended_at IS NULL";
        assert_eq!((world.column(rented).await, held[0].get("pool")), (vec!["3".to_owned()], None));
        // The plan allows three: from here on one waits for a lease.
        let none = acquire(&replica, &key, wish.clone()).await;
        assert_eq!((none.error(409).as_str(), none.header("retry-after")), ("NO_NUMBER_AVAILABLE", "3601"));
        let nothing = acquire(&replica, &key, json!({ "country_code": "DE", "wait_seconds": 50 })).await;
        assert_eq!(nothing.error(409), "LIMIT_REACHED");
        // The number that is free is taken again, and rented no second time.
        assert_eq!(release(&replica, &key, &held[1]).await.status, 200);
        let again = acquire(&replica, &key, wish).await.json();
        assert_eq!((&again["phone_number_id"], &again["fence"]), (&held[1]["phone_number_id"], &json!(2)));
        assert_eq!(world.column(rented).await, ["3"]);
        // A renewal extends the rental.
        world.advance(1800);
        assert_eq!(renew(&replica, &key, &again, None).await.json()["expires_at"], "2026-03-01T13:30:00Z");
        let end = format!("SELECT count(*) FROM phone_numbers WHERE id = {} AND expires_at = {}", again["phone_number_id"],
            World::sql_time("2026-03-01T14:00:00Z".parse().unwrap()));
        assert_eq!(world.column(&end).await, ["1"]);
    }

    async fn a_lease_ends_with_the_longest_rental(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, key) = pooled(&replica, &renter).await;
        world.advance(23 * 3600 + 1800);
        let renewed = renew(&replica, &key, &lease(&replica, &key, 60).await, Some(3600)).await.json();
        assert_eq!(renewed["expires_at"], "2026-03-02T12:00:00Z");
        world.advance(1801);
        let gone = acquire(&replica, &key, json!({ "pool": "ci" })).await;
        assert_eq!((gone.error(409).as_str(), gone.header("retry-after")), ("NO_NUMBER_AVAILABLE", ""));
    }

    async fn a_pool_has_what_its_rule_finds_and_what_is_listed(world: World) {
        let (replica, renter) = world.populated().await;
        let token = Some(renter.token.as_str());
        replica.rent(&renter, "US", 1).await;
        replica.rent(&renter, "US", 1).await;
        let pool = async |body: Value| replica.rest(token, "POST /v1/pools", Some(body)).await;
        let count = async |body: Value| pool(body).await.json()["numbers"].clone();
        assert_eq!(count(json!({ "name": "none" })).await, 0);
        assert_eq!(count(json!({ "name": "all", "rule": {} })).await, 2);
        assert_eq!(count(json!({ "name": "german", "rule": { "country_code": "DE" } })).await, 0);
        assert_eq!(count(json!({ "name": "one", "phone_number_ids": [1] })).await, 1);
        assert_eq!(count(json!({ "name": "checkout", "rule": { "label": "checkout" } })).await, 0);
        let labelled = replica.rest_ok(token, "PATCH /v1/numbers/2", Some(json!({ "label": " checkout " }))).await;
        assert_eq!(labelled["label"], "checkout");
        let checkout = acquire(&replica, &renter.token, json!({ "pool": "checkout" })).await.json();
        assert_eq!(checkout["phone_number_id"], 2);
        // A number of two pools is leased once.
        assert_eq!(acquire(&replica, &renter.token, json!({ "pool": "all" })).await.json()["phone_number_id"], 1);
        assert_eq!(acquire(&replica, &renter.token, json!({ "pool": "all" })).await.error(409), "NO_NUMBER_AVAILABLE");
        let listed = replica.rest_ok(token, "GET /v1/pools", None).await;
        let names: Vec<_> = listed["pools"].as_array().unwrap().iter().map(|pool| pool["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["all", "checkout", "german", "none", "one"]);
        assert_eq!((&listed["pools"][0]["leased"], &listed["pools"][0]["rule"]), (&json!(2), &json!({})));
        let id = &listed["pools"][4]["id"];
        let changed = replica.rest_ok(token, &format!("PATCH /v1/pools/{id}"), Some(json!({ "name": "two", "rule": {}, "phone_number_ids": [] }))).await;
        assert_eq!((&changed["name"], &changed["numbers"], &changed["phone_number_ids"]), (&json!("two"), &json!(2), &json!([])));
        let changed = replica.rest_ok(token, &format!("PATCH /v1/pools/pol_{id}"), Some(json!({ "rule": null, "cooldown_seconds": 5 }))).await;
        assert_eq!((changed.get("rule"), &changed["cooldown_seconds"], &changed["numbers"]), (None, &json!(5), &json!(0)));
        assert_eq!(replica.rest(token, &format!("DELETE /v1/pools/{id}"), None).await.status, 200);
        assert_eq!(replica.rest(token, &format!("DELETE /v1/pools/{id}"), None).await.error(404), "NOT_FOUND");
        // The label goes with the rental.
        replica.rest_ok(token, "DELETE /v1/numbers/2", None).await;
        let again = replica.rest_ok(token, "POST /v1/numbers", Some(json!({ "phone_number_id": 2 }))).await;
        assert_eq!(again.get("label"), None);
        for (body, status, field) in [
            (json!({ "name": "all" }), 409, "name"),
            (json!({ "name": " " }), 422, "name"),
            (json!({ "name": "x", "cooldown_seconds": 3601 }), 422, "cooldown_seconds"),
            (json!({ "name": "x", "rule": { "country_code": "USA" } }), 422, "rule.country_code"),
            (json!({ "name": "x", "phone_number_ids": [3] }), 404, "phone_number_ids"),
        ] {
            let refused = pool(body).await;
            assert_eq!((refused.status.as_u16(), &refused.json()["details"]["field"]), (status, &json!(field)), "{}", refused.text());
        }
    }

    /// Its leases of weeks are not changed in one transaction, for which everything else that writes would wait.
    async fn the_old_leases_of_a_pool_are_detached_before_it_is_deleted(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, key) = pooled(&replica, &renter).await;
        let held = lease(&replica, &key, 60).await;
        assert_eq!(release(&replica, &key, &held).await.status, 200);
        world.sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2499)
             INSERT INTO leases (user_id, pool_id, phone_number_id, assignment_id, fence, ttl_seconds, cursor_seq,
                 started_at, expires_at, ended_at, end_reason, unclaimed_since, unclaimed_after)
             SELECT user_id, pool_id, phone_number_id, assignment_id, 1000 + i, ttl_seconds, cursor_seq,
                 started_at, expires_at, ended_at, end_reason, unclaimed_since, unclaimed_after FROM leases, n",
        ).await;
        lease(&replica, &key, 60).await;
        let detached = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&detached);
        replica.observe_writing(move |statement| {
            seen.fetch_add(usize::from(statement.starts_with("UPDATE leases SET pool_id = NULL")), Ordering::Relaxed);
        });
        assert_eq!(replica.rest(Some(&renter.token), "DELETE /v1/pools/99", None).await.status, 404);
        assert_eq!(replica.rest(Some(&renter.token), "DELETE /v1/pools/1", None).await.status, 200);
        assert_eq!(detached.load(Ordering::Relaxed), 1 + 3, "a thousand at a time, and none of no pool");
        assert_eq!(world.column("SELECT count(*) FROM leases WHERE pool_id IS NULL").await, ["2501"]);
    }

    async fn a_pool_can_pause_between_leases(world: World) {
        let (replica, renter) = world.populated().await;
        let (number, key) = pooled(&replica, &renter).await;
        let id = replica.rest_ok(Some(&key), "GET /v1/pools", None).await["pools"][0]["id"].clone();
        replica.rest_ok(Some(&renter.token), &format!("PATCH /v1/pools/{id}"), Some(json!({ "cooldown_seconds": 30 }))).await;
        let first = lease(&replica, &key, 60).await;
        assert_eq!(release(&replica, &key, &first).await.status, 200);
        let none = acquire(&replica, &key, json!({ "pool": "ci" })).await;
        assert_eq!((none.error(409).as_str(), none.header("retry-after")), ("NO_NUMBER_AVAILABLE", "31"));
        let next = waiting(&replica, &key, json!({ "pool": "ci", "wait_seconds": 50 }));
        world.until(TICKETS, "1").await;
        post(&replica, "1", &number, "late").await;
        world.advance(30);
        let next = in_time(next).await;
        assert_eq!((next.status.as_u16(), &next.json()["unclaimed_messages"]), (201, &json!(1)), "{}", next.text());
    }

    async fn an_invalid_request_for_a_lease_names_its_field(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, key) = pooled(&replica, &renter).await;
        for (body, status, field) in [
            (json!({}), 400, "pool"),
            (json!({ "pool": "ci", "country_code": "US" }), 422, "pool"),
            (json!({ "pool": "unknown" }), 404, "pool"),
            (json!({ "country_code": "USA" }), 422, "country_code"),
            (json!({ "pool": "ci", "ttl_seconds": 4 }), 422, "ttl_seconds"),
            (json!({ "pool": "ci", "ttl_seconds": 3601 }), 422, "ttl_seconds"),
            (json!({ "pool": "ci", "wait_seconds": 51 }), 422, "wait_seconds"),
            (json!({ "pool": "ci", "ticket": "x" }), 422, "ticket"),
            (json!({ "pool": "ci", "ticket": "tkt_99" }), 404, "ticket"),
            (json!({ "pool": "ci", "ttl": 5 }), 400, "ttl"),
        ] {
            let refused = acquire(&replica, &key, body.clone()).await;
            assert_eq!((refused.status.as_u16(), &refused.json()["details"]["field"]), (status, &json!(field)), "{body} {}", refused.text());
        }
        let lease = lease(&replica, &key, 60).await;
        for (endpoint, status) in [("/messages", 400), ("/messages?fence=x", 400), ("/wait?fence=1&timeout=51", 422), ("/wait?fence=1&after=x", 422), ("/messages?fence=1&limit=101", 422)] {
            let refused = replica.rest(Some(&key), &format!("GET /v1/leases/{}{endpoint}", lease["id"]), None).await;
            assert_eq!(refused.status.as_u16(), status, "{endpoint} {}", refused.text());
        }
    }

    async fn a_repeated_request_gets_the_same_lease(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, key) = pooled(&replica, &renter).await;
        let acquire = async |ttl: u64| {
            let request = axum::http::Request::post("/v1/leases")
                .header("content-type", "application/json")
                .header("authorization", format!("Bearer {key}"))
                .header("idempotency-key", "run-7")
                .body(axum::body::Body::from(json!({ "pool": "ci", "ttl_seconds": ttl }).to_string()));
            replica.send(request.unwrap()).await
        };
        let first = acquire(60).await;
        assert_eq!((acquire(60).await.json(), acquire(60).await.status.as_u16()), (first.json(), 201));
        assert_eq!(acquire(61).await.error(422), "IDEMPOTENCY_KEY_REUSED");
        assert_eq!(release(&replica, &key, &first.json()).await.status, 200);
        assert_eq!(acquire(60).await.error(422), "IDEMPOTENCY_KEY_REUSED");
    }

    async fn what_ends_a_rental_ends_its_lease(world: World) {
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let (_, key) = pooled(&replica, &renter).await;
        let held = lease(&replica, &key, 600).await;
        replica.rest_ok(Some(&renter.token), "DELETE /v1/numbers/3", None).await;
        assert_eq!(lost(&replica, &key, &held).await, "rental_ended");
        replica.rent(&renter, "DE", 1).await;
        let held = lease(&replica, &key, 600).await;
        let block = r#"mutation { setPhoneNumberStatus(input: { phoneNumberId: "num_3", status: BLOCKED }) { __typename } }"#;
        replica.data(&admin, block, json!({})).await;
        assert_eq!(lost(&replica, &key, &held).await, "blocked");
        replica.data(&admin, &block.replace("BLOCKED", "AVAILABLE"), json!({})).await;
        replica.rent(&renter, "DE", 1).await;
        let held = lease(&replica, &key, 600).await;
        let deactivate = r#"mutation($id: ID!, $on: Boolean!) { updateUser(input: { userId: $id, isActive: $on }) { __typename } }"#;
        let id = crate::support::client::user_id(&renter);
        replica.data(&admin, deactivate, json!({ "id": id, "on": false })).await;
        assert_eq!(wait(&replica, &key, &held, "&timeout=0").await.error(403), "ACCOUNT_DEACTIVATED");
        replica.data(&admin, deactivate, json!({ "id": id, "on": true })).await;
        assert_eq!(lost(&replica, &key, &held).await, "deactivated");
    }

    async fn who_waits_is_told_when_there_is_nothing_to_wait_for(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, key) = pooled(&replica, &renter).await;
        lease(&replica, &key, 3600).await;
        let wish = json!({ "pool": "ci", "wait_seconds": 50 });
        let change = async |what: &str, answer: (u16, &str)| {
            let open = waiting(&replica, &key, wish.clone());
            world.until(TICKETS, "1").await;
            match what {
                "key" => {
                    let keys = replica.rest_ok(Some(&renter.token), "GET /v1/users/me/api-keys", None).await;
                    let id = &keys["api_keys"][0]["id"];
                    replica.rest_ok(Some(&renter.token), &format!("DELETE /v1/users/me/api-keys/{id}"), None).await;
                }
                _ => drop(replica.rest_ok(Some(&renter.token), "DELETE /v1/pools/1", None).await),
            }
            // Whoever is not woken looks every five seconds.
            for _ in 0..3 {
                world.advance(5);
                for _ in 0..20 {
                    world.column(TICKETS).await;
                }
            }
            let answered = in_time(open).await;
            assert_eq!((answered.status.as_u16(), answered.json()["code"].as_str().unwrap()), answer, "{what}");
            world.until(TICKETS, "0").await;
        };
        change("pool", (404, "NOT_FOUND")).await;
        replica.rest_ok(Some(&renter.token), "POST /v1/pools", Some(json!({ "name": "ci", "rule": {} }))).await;
        change("key", (401, "UNAUTHENTICATED")).await;
    }

    async fn who_waits_is_told_that_the_account_was_deactivated(world: World) {
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let (_, key) = pooled(&replica, &renter).await;
        let held = lease(&replica, &key, 3600).await;
        let place = waiting(&replica, &key, json!({ "pool": "ci", "wait_seconds": 50 }));
        world.until(TICKETS, "1").await;
        let (open, ()) = tokio::join!(wait(&replica, &key, &held, "&timeout=50"), async {
            while replica.app.count_watched() == 0 {
                tokio::task::yield_now().await;
            }
            let deactivate = "mutation($id: ID!) { updateUser(input: { userId: $id, isActive: false }) { __typename } }";
            replica.data(&admin, deactivate, json!({ "id": crate::support::client::user_id(&renter) })).await;
        });
        // Either notices first: the end of the account, or that of its lease.
        assert!(open.status == 403 || open.json()["details"]["reason"] == "deactivated", "{}", open.text());
        assert_eq!(in_time(place).await.error(403), "ACCOUNT_DEACTIVATED");
        world.until(TICKETS, "0").await;
    }

    async fn a_number_that_is_blocked_or_released_ends_the_wait_through_its_lease(world: World) {
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let (_, key) = pooled(&replica, &renter).await;
        let held = lease(&replica, &key, 600).await;
        let (open, ()) = tokio::join!(wait(&replica, &key, &held, "&timeout=50"), async {
            while replica.app.count_watched() == 0 {
                tokio::task::yield_now().await;
            }
            let block = r#"mutation { setPhoneNumberStatus(input: { phoneNumberId: "num_3", status: BLOCKED }) { __typename } }"#;
            replica.data(&admin, block, json!({})).await;
        });
        assert_eq!((open.error(409).as_str(), &open.json()["details"]["reason"]), ("LEASE_LOST", &json!("blocked")));
        // Nobody who waits is given a blocked number.
        let next = waiting(&replica, &key, json!({ "pool": "ci", "wait_seconds": 1 }));
        world.until(TICKETS, "1").await;
        world.advance(1);
        assert_eq!(in_time(next).await.status, 202);
    }

    async fn two_workers_with_one_lease_read_the_same_and_end_it_together(world: World) {
        let (replica, renter) = world.populated().await;
        let (number, key) = pooled(&replica, &renter).await;
        let held = lease(&replica, &key, 60).await;
        post(&replica, "1", &number, &format!("{OTP} 222222")).await;
        for _ in 0..2 {
            assert_eq!(wait(&replica, &key, &held, "&timeout=0").await.json()["message"]["otp"]["code"], "222222");
        }
        let (one, other) = tokio::join!(release(&replica, &key, &held), release(&replica, &key, &held));
        assert_eq!((one.status.as_u16(), other.status.as_u16()), (200, 200));
        assert_eq!(renew(&replica, &key, &held, None).await.json()["details"]["reason"], "released");
        // A release that comes late ends nobody else's lease.
        let next = lease(&replica, &key, 60).await;
        assert_eq!(release(&replica, &key, &held).await.status, 200);
        assert_eq!(through(&replica, &key, "GET", &next, "", "").await.status, 200);
    }

    async fn a_fence_is_a_number_however_it_is_written(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, key) = pooled(&replica, &renter).await;
        let held = lease(&replica, &key, 60).await;
        let renew = format!("POST /v1/leases/{}/renew", held["id"]);
        for fence in [json!("1"), json!(1.5), json!(null), json!(true), json!([1]), json!(9_223_372_036_854_775_808_u64)] {
            let refused = replica.rest(Some(&key), &renew, Some(json!({ "fence": fence }))).await;
            assert!([400, 422].contains(&refused.status.as_u16()), "{fence} {}", refused.text());
            assert_eq!(refused.json()["details"]["field"], "fence", "{fence} {}", refused.text());
        }
        for fence in ["", "x", "99999999999999999999", "1&fence=2"] {
            let refused = replica.rest(Some(&key), &format!("GET /v1/leases/{}?fence={fence}", held["id"]), None).await;
            assert!([400, 422].contains(&refused.status.as_u16()), "{fence} {}", refused.text());
        }
        let over_graphql = "query($id: ID!, $fence: Int64!) { lease(id: $id, fence: $fence) { fence } }";
        let id = format!("lse_{}", held["id"]);
        assert_eq!(replica.data(&renter, over_graphql, json!({ "id": id, "fence": 1 })).await["lease"]["fence"], held["fence"]);
        for fence in [json!("1"), json!(1.5), json!(null), json!(9_223_372_036_854_775_808_u64)] {
            let refused = replica.code(Some(&renter), over_graphql, json!({ "id": id, "fence": fence })).await;
            assert_eq!(refused, "GRAPHQL_VALIDATION_FAILED", "{fence}");
        }
    }

    async fn a_lease_whose_request_was_given_up_while_it_was_made_ends_by_itself(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, key) = pooled(&replica, &renter).await;
        for _ in 0..10 {
            let acquiring = waiting(&replica, &key, json!({ "pool": "ci", "ttl_seconds": 5, "wait_seconds": 50 }));
            tokio::task::yield_now().await;
            acquiring.abort();
            let _ = acquiring.await;
            // Whether or not there is a lease now, the number is free once one would be over.
            world.advance(6);
            let next = waiting(&replica, &key, json!({ "pool": "ci", "ttl_seconds": 5, "wait_seconds": 50 }));
            assert_eq!(in_time(next).await.status, 201);
            world.advance(6);
        }
    }

    async fn a_granted_number_is_held_for_its_pool(world: World) {
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let other = replica.renter("other@example.com").await;
        let token = Some(renter.token.as_str());
        let pool = replica.rest_ok(token, "POST /v1/pools", Some(json!({ "name": "granted" }))).await["id"].to_string();
        replica.rest_ok(token, "POST /v1/pools", Some(json!({ "name": "all", "rule": {} }))).await;
        let grant = format!(r#"mutation {{ grantPhoneNumber(input: {{ phoneNumberId: "num_3", poolId: "pol_{pool}" }}) {{ phoneNumber {{ status expiresAt isGranted renter {{ id }} }} }} }}"#);
        let granted = &replica.data(&admin, &grant, json!({})).await["grantPhoneNumber"]["phoneNumber"];
        assert_eq!(granted, &json!({ "status": "ASSIGNED", "expiresAt": null, "isGranted": true, "renter": { "id": crate::support::client::user_id(&renter) } }));
        replica.data(&admin, &grant, json!({})).await;
        // Nobody else can rent it, it does not count against the plan, and no other pool and no country has it.
        assert_eq!(replica.rest(Some(&other.token), "POST /v1/numbers", Some(json!({ "country_code": "DE" }))).await.error(409), "NO_NUMBER_AVAILABLE");
        assert_eq!(acquire(&replica, &renter.token, json!({ "pool": "all" })).await.error(409), "NO_NUMBER_AVAILABLE");
        assert_eq!(acquire(&replica, &renter.token, json!({ "country_code": "DE" })).await.error(409), "NO_NUMBER_AVAILABLE");
        let held = acquire(&replica, &renter.token, json!({ "pool": "granted", "ttl_seconds": 60 })).await.json();
        post(&replica, "1", "+4915123456789", "granted").await;
        assert_eq!(texts(&replica, &renter.token, &held).await, ["granted"]);
        assert_eq!(replica.texts(&renter).await, ["granted"]);
        // Its rental has no end, neither by time nor by its renter.
        for (endpoint, status) in [("DELETE /v1/numbers/3", 403), ("POST /v1/numbers/3/extend", 409)] {
            assert_eq!(replica.rest(token, endpoint, None).await.status.as_u16(), status, "{endpoint}");
        }
        world.advance(72 * 3600);
        replica.app.settle_numbers().await.unwrap();
        let (renter, admin) = (replica.log_in("renter@example.com").await, replica.log_in("admin@example.com").await);
        let held = acquire(&replica, &renter.token, json!({ "pool": "granted", "ttl_seconds": 60 })).await.json();
        assert_eq!(renew(&replica, &renter.token, &held, Some(3600)).await.status, 200);
        let end = r#"mutation { endPhoneNumberGrant(input: { phoneNumberId: "num_3" }) { phoneNumber { status isGranted } } }"#;
        let ended = &replica.data(&admin, end, json!({})).await["endPhoneNumberGrant"]["phoneNumber"];
        assert_eq!(ended, &json!({ "status": "EXPIRED", "isGranted": false }));
        assert_eq!(lost(&replica, &renter.token, &held).await, "rental_ended");
        assert_eq!(replica.code(Some(&admin), end, json!({})).await, "NUMBER_UNAVAILABLE");
        let actions = "SELECT action FROM audit_log WHERE action LIKE 'number_grant%' ORDER BY id";
        assert_eq!(world.column(actions).await, ["number_granted", "number_grant_ended"]);
        // A pool gives its numbers back when it is deleted.
        replica.data(&admin, &grant, json!({})).await;
        replica.rest_ok(Some(&renter.token), &format!("DELETE /v1/pools/{pool}"), None).await;
        assert_eq!(world.column("SELECT count(*) FROM phone_numbers WHERE granted_pool_id IS NOT NULL").await, ["0"]);
    }

    async fn leases_work_over_graphql(world: World) {
        let (replica, renter) = world.populated().await;
        let (number, _) = pooled(&replica, &renter).await;
        let acquire = r#"mutation($wait: Int!) { acquireLease(input: { pool: "ci", ttlSeconds: 60, waitSeconds: $wait }) {
            lease { id fence phoneNumber pool cursor unclaimedMessages } ticket { ticket position } } }"#;
        let acquired = replica.data(&renter, acquire, json!({ "wait": 0 })).await;
        let lease = &acquired["acquireLease"]["lease"];
        assert_eq!((&lease["phoneNumber"], &lease["pool"], &acquired["acquireLease"]["ticket"]), (&json!(number), &json!("ci"), &Value::Null));
        assert_eq!(replica.code(Some(&renter), acquire, json!({ "wait": 0 })).await, "NO_NUMBER_AVAILABLE");
        assert_eq!(replica.code(Some(&renter), acquire, json!({ "wait": 51 })).await, "VALIDATION_ERROR");
        let named = json!({ "id": lease["id"], "fence": lease["fence"] });
        let subscription = "subscription($id: ID!, $fence: Int64!) { leaseMessageReceived(leaseId: $id, fence: $fence) { cursor message { messageContent } } }";
        let body = json!({ "query": subscription, "variables": named }).to_string();
        let request = axum::http::Request::post("/graphql").header("content-type", "application/json").header("accept", "text/event-stream")
            .header("authorization", format!("Bearer {}", renter.token)).body(axum::body::Body::from(body)).unwrap();
        let response = tower::ServiceExt::oneshot(replica.router.clone(), request).await.unwrap();
        let mut events = response.into_body().into_data_stream();
        let mut next = async |with: &str| loop {
            let event = tokio::time::timeout(PATIENCE, events.next()).await.expect("no event in time").unwrap().unwrap();
            let event = String::from_utf8(event.to_vec()).unwrap();
            if event.contains(with) {
                return event;
            }
        };
        next(":").await;
        post(&replica, "1", &number, "first").await;
        next("first").await;
        let read = "query($id: ID!, $fence: Int64!) { lease(id: $id, fence: $fence) { messages { cursor message { messageContent } } } leases { id } pools { name leasedCount } }";
        let data = replica.data(&renter, read, named.clone()).await;
        assert_eq!(data["lease"]["messages"][0]["message"]["messageContent"], "first");
        assert_eq!((&data["leases"][0]["id"], &data["pools"]), (&lease["id"], &json!([{ "name": "ci", "leasedCount": 1 }])));
        let renew = "mutation($id: ID!, $fence: Int64!) { renewLease(input: { leaseId: $id, fence: $fence, ttlSeconds: 90 }) { lease { ttlSeconds expiresAt } } }";
        assert_eq!(replica.data(&renter, renew, named.clone()).await["renewLease"]["lease"]["expiresAt"], "2026-03-01T12:01:30Z");
        let release = "mutation($id: ID!, $fence: Int64!) { releaseLease(input: { leaseId: $id, fence: $fence }) { message } }";
        replica.data(&renter, release, named.clone()).await;
        next("LEASE_LOST").await;
        assert_eq!(replica.code(Some(&renter), read, named).await, "LEASE_LOST");
    }

    async fn graphql_waits_for_a_lease_as_long_as_rest_and_no_longer(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, key) = pooled(&replica, &renter).await;
        let held = lease(&replica, &key, 3600).await;
        let acquire = |more: &str| {
            let fields = format!(r#"a: acquireLease(input: {{ pool: "ci", waitSeconds: 50 }}) {{ lease {{ fence }} ticket {{ position }} }} {more}"#);
            let body = json!({ "query": format!("mutation {{ {fields} }}") });
            let (router, key) = (replica.router.clone(), key.clone());
            tokio::spawn(async move {
                let request = axum::http::Request::post("/graphql").header("content-type", "application/json")
                    .header("authorization", format!("Bearer {key}")).body(axum::body::Body::from(body.to_string()));
                let response = tower::ServiceExt::oneshot(router, request.unwrap()).await.unwrap();
                let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
                serde_json::from_slice::<Value>(&body).unwrap()
            })
        };
        // A change of the pool wakes whoever waits, and an attempt keeps the ticket.
        let wait_on = async |seconds: u64| {
            for _ in 0..seconds / 9 {
                world.advance(9);
                replica.rest_ok(Some(&renter.token), "PATCH /v1/pools/1", Some(json!({ "cooldown_seconds": 0 }))).await;
                let kept = World::sql_time(world.now() + chrono::TimeDelta::seconds(15));
                world.until(&format!("SELECT count(*) FROM lease_tickets WHERE expires_at = {kept}"), "1").await;
            }
        };
        let next = acquire("");
        world.until(TICKETS, "1").await;
        wait_on(45).await;
        assert_eq!(release(&replica, &key, &held).await.status, 200);
        let served = tokio::time::timeout(PATIENCE, next).await.expect("no answer in time").unwrap();
        assert_eq!(served["data"]["a"]["lease"]["fence"], 2, "{served}");
        // Of several waits, those after the first have what is left.
        let two = acquire(r#"b: acquireLease(input: { pool: "ci", waitSeconds: 50 }) { lease { fence } ticket { position } }"#);
        world.until(TICKETS, "1").await;
        wait_on(45).await;
        world.advance(5);
        world.until(TICKETS, "2").await;
        world.advance(1);
        let waited = tokio::time::timeout(PATIENCE, two).await.expect("no answer in time").unwrap();
        assert_eq!(waited["data"], json!({ "a": { "lease": null, "ticket": { "position": 1 } }, "b": { "lease": null, "ticket": { "position": 2 } } }));
    }

    async fn leases_are_forgotten_after_their_messages(world: World) {
        let (replica, renter) = world.populated().await;
        let (number, key) = pooled(&replica, &renter).await;
        let held = lease(&replica, &key, 60).await;
        post(&replica, "1", &number, "kept").await;
        world.advance(24 * 3600 + 60);
        replica.app.purge().await.unwrap();
        assert_eq!(world.column("SELECT (SELECT count(*) FROM messages) || ' ' || (SELECT count(*) FROM leases)").await, ["0 1"]);
        world.advance(2 * 3600);
        replica.app.purge().await.unwrap();
        assert_eq!(world.column("SELECT count(*) FROM leases").await, ["0"]);
        assert_eq!(through(&replica, &key, "GET", &held, "", "").await.error(404), "NOT_FOUND");
        // The fence goes on where it was.
        let renter = replica.log_in("renter@example.com").await;
        replica.rent(&renter, "DE", 1).await;
        assert_eq!(lease(&replica, &key, 60).await["fence"], 2);
    }
}

/// Workers on two replicas, over few numbers: nobody is given a number that another holds, and each gets its own code.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_on_two_replicas_get_their_own_codes() {
    const WORKERS: usize = 12;
    const ROUNDS: usize = 4;
    let world = World::new(Backend::Cluster).await;
    let (one, renter) = world.populated().await;
    let (one, other) = (Arc::new(one), Arc::new(world.replica().await));
    one.rent(&renter, "US", 24).await;
    one.rent(&renter, "US", 24).await;
    one.rent(&renter, "DE", 24).await;
    one.rest_ok(Some(&renter.token), "POST /v1/pools", Some(json!({ "name": "ci", "rule": {} }))).await;
    let key = key(&one, &renter, json!(["numbers:lease"])).await;
    let work = async |worker: usize| {
        let (replica, elsewhere) = if worker.is_multiple_of(2) { (&one, &other) } else { (&other, &one) };
        for round in 0..ROUNDS {
            let wish = json!({ "pool": "ci", "ttl_seconds": 600, "wait_seconds": 50 });
            let acquired = acquire(replica, &key, wish).await;
            assert_eq!(acquired.status, 201, "{}", acquired.text());
            let lease = acquired.json();
            let code = format!("{}", 100_000 + worker * 1000 + round);
            let id = format!("{worker}-{round}");
            let waited = wait(replica, &key, &lease, "&message_type=otp&timeout=50");
            let number = lease["phone_number"].as_str().unwrap();
            let text = format!("{OTP} {code}");
            let (waited, ()) = tokio::join!(waited, post(elsewhere, &id, number, &text));
            assert_eq!(waited.json()["message"]["otp"]["code"], code, "{}", waited.text());
            assert_eq!(release(replica, &key, &lease).await.status, 200);
        }
    };
    tokio::time::timeout(4 * PATIENCE, join_all((0..WORKERS).map(work))).await.expect("the workers get no leases");
    let total = (WORKERS * ROUNDS).to_string();
    assert_eq!(world.column("SELECT count(*) FROM leases WHERE end_reason = 'released'").await, [total.as_str()]);
    assert_eq!(world.column("SELECT count(DISTINCT lease_id) FROM messages").await, [total]);
    assert_eq!(world.column("SELECT count(*) FROM lease_tickets").await, ["0"]);
}
