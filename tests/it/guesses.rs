//! Limits on guessing passwords, and on what anybody can make the platform do.

use std::time::Duration;

use axum::{body::Body, http::Request};
use futures_util::future::join_all;
use serde_json::json;

use crate::{
    accounts::NEW_PASSWORD,
    support::{
        Mailbox, PASSWORD, PATIENCE, Renter, Replica, World,
        client::{Answer, at},
        on_both,
    },
};

/// Posts JSON from an address.
pub(crate) async fn post_from(replica: &Replica, peer: &str, path: &str, body: serde_json::Value) -> Answer {
    let request = Request::post(path).header("content-type", "application/json").body(Body::from(body.to_string()));
    replica.send(at(peer, request.unwrap())).await
}

async fn log_in(replica: &Replica, peer: &str, email: &str, password: &str) -> Answer {
    post_from(replica, peer, "/v1/auth/login", json!({ "email": email, "password": password })).await
}

on_both! {
    async fn wrong_passwords_for_an_account_are_limited_by_network(world: World) {
        let (replica, _) = world.populated().await;
        // Ten attempts from one network, concurrently with ten more.
        let guesses = (0..20).map(|n| {
            let (replica, place) = (&replica, format!("2001:db8::{n}"));
            async move { log_in(replica, &place, "renter@example.com", "wrong password").await.status.as_u16() }
        });
        let mut statuses = join_all(guesses).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![401; 10], vec![429; 10]].concat());
        // The right password is refused there as well: accepting it would confirm it.
        let right = log_in(&replica, "2001:db8::99", " RENTER@example.com", PASSWORD).await;
        assert_eq!(right.error(429), "RATE_LIMITED");
        assert_eq!(right.header("retry-after"), "900");
        // The user is elsewhere, and is not locked out.
        assert_eq!(log_in(&replica, "203.0.113.99", "renter@example.com", PASSWORD).await.status, 200);
        // An unknown account is limited like an existing one.
        for n in 0..11 {
            let status = log_in(&replica, "198.51.100.1", "nobody@example.com", "wrong password").await.status;
            assert_eq!(status, if n < 10 { 401 } else { 429 });
        }
        world.advance(900);
        assert_eq!(log_in(&replica, "2001:db8::99", "renter@example.com", PASSWORD).await.status, 200);
    }

    async fn wrong_passwords_from_everywhere_spare_the_user(world: World) {
        let mut world = world;
        world.mailbox = Some(Mailbox::start().await);
        let (replica, renter) = world.populated().await;
        let log_in = async |place: &str, password: &str| {
            log_in(&replica, place, "renter@example.com", password).await.status.as_u16()
        };
        assert_eq!(log_in("198.51.100.7", PASSWORD).await, 200);
        world.advance(29 * 86_400);
        // A hundred attempts from as many networks, concurrently with more.
        let places: Vec<_> = (0..110).map(|n| format!("203.0.113.{n}")).collect();
        let mut statuses = join_all(places.iter().map(|place| log_in(place, "wrong password"))).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![401; 100], vec![429; 10]].concat());
        // Only where the user has logged in lately is the right password accepted, and wrong ones are counted there
        // too.
        assert_eq!(log_in("192.0.2.1", PASSWORD).await, 429);
        for n in 0..11 {
            assert_eq!(log_in("198.51.100.7", "wrong password").await, if n < 10 { 401 } else { 429 });
        }
        world.advance(900);
        join_all(places.iter().map(|place| log_in(place, "wrong password"))).await;
        assert_eq!(log_in("192.0.2.1", PASSWORD).await, 429);
        assert_eq!(log_in("198.51.100.7", PASSWORD).await, 200);
        // A network is forgotten after a month without a login.
        world.advance(30 * 86_400);
        join_all(places.iter().map(|place| log_in(place, "wrong password"))).await;
        assert_eq!(log_in("198.51.100.7", PASSWORD).await, 429);
        // A reset by mail lifts the lock everywhere.
        replica.rest_ok(None, "POST /v1/auth/forgot-password", Some(json!({ "email": renter.user.email }))).await;
        let mail = world.mailbox.as_ref().unwrap().mail(0).await;
        let body = json!({ "token": mail.token(), "password": PASSWORD });
        replica.rest_ok(None, "POST /v1/auth/reset-password", Some(body)).await;
        assert_eq!(log_in("192.0.2.1", PASSWORD).await, 200);
    }

    async fn a_reset_by_mail_unlocks_the_network_of_the_user(world: World) {
        let mut world = world;
        world.mailbox = Some(Mailbox::start().await);
        let (replica, renter) = world.populated().await;
        let log_in = async |place: &str, password: &str| {
            log_in(&replica, place, "renter@example.com", password).await.status.as_u16()
        };
        // The phone is known; the laptop is where the reset is made; a stranger is neither.
        let (phone, laptop, stranger) = ("198.51.100.7", "192.0.2.1", "203.0.113.9");
        assert_eq!(log_in(phone, PASSWORD).await, 200);
        for place in [phone, laptop, stranger] {
            for n in 0..11 {
                assert_eq!(log_in(place, "wrong password").await, if n < 10 { 401 } else { 429 });
            }
        }
        replica.rest_ok(None, "POST /v1/auth/forgot-password", Some(json!({ "email": renter.user.email }))).await;
        let mail = world.mailbox.as_ref().unwrap().mail(0).await;
        let reset = "mutation($input: ResetPasswordInput!) { resetPassword(input: $input) { message } }";
        let variables = json!({ "input": { "token": mail.token(), "password": NEW_PASSWORD } });
        let body = json!({ "query": reset, "variables": variables }).to_string();
        let request = Request::post("/graphql").header("content-type", "application/json").body(Body::from(body));
        let answer = replica.send(at(laptop, request.unwrap())).await.json();
        assert!(answer.get("errors").is_none(), "{answer}");
        // Nobody who logged in before is known any longer.
        assert!(world.column("SELECT network FROM login_networks").await.is_empty());
        assert_eq!(log_in(phone, NEW_PASSWORD).await, 200);
        assert_eq!(log_in(laptop, NEW_PASSWORD).await, 200);
        assert_eq!(log_in(stranger, NEW_PASSWORD).await, 429);
    }

    async fn a_verified_address_makes_networks_from_before_unknown(world: World) {
        let mut world = world;
        world.mailbox = Some(Mailbox::start().await);
        let (replica, _) = world.populated().await;
        let body = json!({ "email": "victim@example.com", "password": PASSWORD, "first_name": "A", "last_name": "L" });
        assert_eq!(post_from(&replica, "198.51.100.7", "/v1/auth/register", body).await.status, 201);
        assert_eq!(log_in(&replica, "198.51.100.7", "victim@example.com", PASSWORD).await.status, 200);
        assert_eq!(world.column("SELECT network FROM login_networks").await, ["198.51.100.7"]);
        let mail = world.mailbox.as_ref().unwrap().mail(0).await;
        replica.rest_ok(None, "POST /v1/auth/verify-email", Some(json!({ "token": mail.token() }))).await;
        assert!(world.column("SELECT network FROM login_networks").await.is_empty());
    }

    async fn only_the_latest_networks_of_a_user_are_known(world: World) {
        let (replica, _) = world.populated().await;
        for n in 0..25 {
            world.advance(1);
            let answer = log_in(&replica, &format!("2001:db8:0:{n}::1"), "renter@example.com", PASSWORD).await;
            assert_eq!(answer.status, 200);
        }
        let known = world.column("SELECT network FROM login_networks ORDER BY last_login_at").await;
        assert_eq!((known.len(), known[0].as_str(), known[19].as_str()), (20, "2001:db8:0:5::", "2001:db8:0:24::"));
    }

    async fn a_login_whose_client_disconnects_is_not_counted(world: World) {
        let mut world = world;
        // Hashing takes long enough to disconnect meanwhile.
        world.settings.password_cost = otpwire::app::accounts::PasswordCost { memory_kib: 19 * 1024, passes: 4 };
        let (replica, _) = world.populated().await;
        for n in 0..12 {
            let place = format!("203.0.113.{n}");
            let left = log_in(&replica, &place, "renter@example.com", "wrong password");
            let left = tokio::time::timeout(Duration::from_millis(1), left).await;
            assert!(left.is_err(), "the answer was faster");
        }
        // An abandoned attempt is released a moment later.
        let signed_in = async {
            while log_in(&replica, "203.0.113.99", "renter@example.com", PASSWORD).await.status != 200 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, signed_in).await.expect("they are locked out");
    }

    async fn wrong_passwords_from_an_address_are_limited(world: World) {
        let (replica, _) = world.populated().await;
        let guesses = (0..60).map(|n| {
            let replica = &replica;
            async move { log_in(replica, "203.0.113.7", &format!("nobody{n}@example.com"), "wrong password").await.status }
        });
        let refused = join_all(guesses).await.into_iter().filter(|status| *status == 429).count();
        assert_eq!(refused, 10);
        assert_eq!(log_in(&replica, "203.0.113.7", "renter@example.com", PASSWORD).await.status, 429);
        assert_eq!(log_in(&replica, "203.0.113.8", "renter@example.com", PASSWORD).await.status, 200);
    }

    async fn the_right_password_is_not_counted(world: World) {
        let (replica, _) = world.populated().await;
        for _ in 0..60 {
            assert_eq!(log_in(&replica, "203.0.113.7", "renter@example.com", PASSWORD).await.status, 200);
        }
        // Neither is an attempt that fails on the server's side.
        world.sql("ALTER TABLE users RENAME TO gone").await;
        for _ in 0..12 {
            assert_eq!(log_in(&replica, "203.0.113.7", "renter@example.com", PASSWORD).await.status, 500);
        }
        world.sql("ALTER TABLE gone RENAME TO users").await;
        assert_eq!(log_in(&replica, "203.0.113.7", "renter@example.com", PASSWORD).await.status, 200);
    }

    async fn registrations_from_a_network_are_limited(world: World) {
        let mut world = world;
        world.settings.registrations_per_hour = otpwire::app::Settings::default().registrations_per_hour;
        let (replica, _) = world.populated().await;
        let register = async |place: &str, email: String, password: &str| {
            let body = json!({ "email": email, "password": password, "first_name": "A", "last_name": "L" });
            post_from(&replica, place, "/v1/auth/register", body).await
        };
        // What cannot become an account is not counted.
        for _ in 0..6 {
            assert_eq!(register("2001:db8::1", "nonsense".to_owned(), PASSWORD).await.status, 422);
        }
        // The addresses of one subscriber are one network, and to ask who has an account is counted.
        assert_eq!(register("2001:db8::1", "renter@example.com".to_owned(), PASSWORD).await.error(409), "EMAIL_TAKEN");
        let asks = (0..10).map(|n| {
            let register = &register;
            async move { register(&format!("2001:db8::{n}"), format!("{n}@example.com"), PASSWORD).await.status.as_u16() }
        });
        let mut statuses = join_all(asks).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![201; 4], vec![429; 6]].concat());
        let refused = register("2001:db8::1", "x@example.com".to_owned(), PASSWORD).await;
        assert_eq!((refused.error(429), refused.header("retry-after")), ("RATE_LIMITED".to_owned(), "3600"));
        assert_eq!(register("2001:db8:0:1::1", "y@example.com".to_owned(), PASSWORD).await.status, 201);
        world.advance(3600);
        assert_eq!(register("2001:db8::1", "x@example.com".to_owned(), PASSWORD).await.status, 201);
    }

    async fn a_number_is_rented_and_extended_after_the_address_is_verified(world: World) {
        let mut world = world;
        world.settings.require_verified_email = true;
        world.mailbox = Some(Mailbox::start().await);
        // Accounts of the operator count as verified.
        let (replica, operators) = world.populated().await;
        replica.rent(&operators, "US", 1).await;
        let body = json!({ "email": "new@example.com", "password": PASSWORD, "first_name": "A", "last_name": "L" });
        post_from(&replica, "203.0.113.7", "/v1/auth/register", body).await;
        let mail = world.mailbox.as_ref().unwrap().mail(0).await;
        let new = replica.log_in("new@example.com").await;
        let order = || Some(json!({ "phone_number_id": 3 }));
        let refused = replica.rest(Some(&new.token), "POST /v1/numbers", order()).await;
        assert_eq!(refused.error(403), "EMAIL_NOT_VERIFIED");
        let rent = "mutation { assignPhoneNumber(input: { countryCode: \"DE\" }) { phoneNumber { id } } }";
        assert_eq!(replica.code(Some(&new), rent, json!({})).await, "EMAIL_NOT_VERIFIED");
        // A rental from before the operator required it goes on, and is not extended.
        world.settings.require_verified_email = false;
        let (rented, _) = world.replica().await.rent(&new, "US", 1).await;
        let extend = format!("POST /v1/numbers/{rented}/extend");
        let extended = async |renter: &Renter| {
            let body = Some(json!({ "duration_hours": 1 }));
            replica.rest(Some(&renter.token), &extend, body).await
        };
        let extension = format!(
            "mutation {{ extendPhoneNumber(input: {{ phoneNumberId: \"{rented}\", durationHours: 1 }}) {{ phoneNumber {{ id }} }} }}"
        );
        assert_eq!(extended(&new).await.error(403), "EMAIL_NOT_VERIFIED");
        assert_eq!(replica.code(Some(&new), &extension, json!({})).await, "EMAIL_NOT_VERIFIED");
        post_from(&replica, "203.0.113.7", "/v1/auth/verify-email", json!({ "token": mail.token() })).await;
        let new = replica.log_in("new@example.com").await;
        assert_eq!(extended(&new).await.status, 200);
        replica.data(&new, &extension, json!({})).await;
        assert_eq!(replica.rest(Some(&new.token), "POST /v1/numbers", order()).await.status, 201);
    }
}
