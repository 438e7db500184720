//! Mails: verification of addresses, and reset of forgotten passwords.

use std::time::Duration;

use serde_json::json;

use crate::{
    accounts::{NEW_PASSWORD, log_in, me, sha256},
    support::{Mailbox, PASSWORD, Renter, Replica, World, mailbox::Received, on_both, socket::Socket},
};

/// Creates an API key.
async fn api_key(replica: &Replica, token: &str) -> String {
    let body = json!({ "name": "x", "scopes": ["messages:read"] });
    let created = replica.rest_ok(Some(token), "POST /v1/users/me/api-keys", Some(body)).await;
    created["key"].as_str().unwrap().to_owned()
}

/// A replica that sends mail to the world's mailbox, with a registered user and their first mail.
async fn registered(world: &mut World) -> (Replica, Received) {
    world.mailbox = Some(Mailbox::start().await);
    let replica = world.replica().await;
    let body = json!({ "email": "renter@example.com", "password": PASSWORD, "first_name": "Ada", "last_name": "L" });
    replica.rest_ok(None, "POST /v1/auth/register", Some(body)).await;
    let mail = world.mailbox.as_ref().unwrap().mail(0).await;
    (replica, mail)
}

on_both! {
    async fn an_address_is_verified_by_mail(world: World) {
        let mut world = world;
        world.settings.mail_links.verify_email = Some("https://app.example.com/verify?token={token}".into());
        world.mailbox = Some(Mailbox::start().await);
        let (replica, mail) = registered(&mut world).await;
        assert_eq!((mail.to.as_str(), mail.from.as_str()), ("renter@example.com", "no-reply@example.com"));
        assert!(mail.text.contains("Subject: Verify your e-mail address"), "{}", mail.text);
        let link = "https://app.example.com/verify?token=";
        let line = mail.text.lines().find_map(|line| line.strip_prefix(link)).unwrap_or_else(|| panic!("{}", mail.text));
        let token = json!({ "token": line });
        let wrong = replica.rest(None, "POST /v1/auth/verify-email", Some(json!({ "token": "x" }))).await;
        assert_eq!((wrong.error(422), &wrong.json()["details"]["field"]), ("VALIDATION_ERROR".into(), &json!("token")));
        replica.rest_ok(None, "POST /v1/auth/verify-email", Some(token.clone())).await;
        let renter = replica.log_in("renter@example.com").await;
        assert!(renter.user.email_verified);
        assert_eq!(replica.rest(None, "POST /v1/auth/verify-email", Some(token)).await.error(422), "VALIDATION_ERROR");
        // It is verified already, and the answer is the same.
        for email in ["renter@example.com", "nobody@example.com"] {
            let answer = replica.rest(None, "POST /v1/auth/resend-verification", Some(json!({ "email": email }))).await;
            assert_eq!(answer.status, 202);
        }
        replica.rest_ok(None, "POST /v1/auth/forgot-password", Some(json!({ "email": "renter@example.com" }))).await;
        let mailbox = world.mailbox.as_ref().unwrap();
        assert!(mailbox.mail(1).await.text.contains("Subject: Set a new password"));
        assert_eq!(mailbox.count(), 2);
    }

    async fn a_verification_mail_can_be_sent_again_and_expires(world: World) {
        let mut world = world;
        let (replica, first) = registered(&mut world).await;
        let mailbox = world.mailbox.as_ref().unwrap();
        replica.rest_ok(None, "POST /v1/auth/resend-verification", Some(json!({ "email": "renter@example.com" }))).await;
        let second = mailbox.mail(1).await;
        let verify = |token: &str| replica.rest(None, "POST /v1/auth/verify-email", Some(json!({ "token": token })));
        assert_eq!(verify(first.token()).await.status, 422, "only the newest token is valid");
        world.advance(24 * 3600);
        assert_eq!(verify(second.token()).await.status, 422);
        assert_eq!(world.column("SELECT count(*) FROM users WHERE email_verified").await, ["0"]);
    }

    async fn a_forgotten_password_is_reset_by_mail(world: World) {
        let mut world = world;
        let (replica, _) = registered(&mut world).await;
        let mailbox = world.mailbox.as_ref().unwrap();
        let renter = replica.log_in("renter@example.com").await;
        let mut answers = Vec::new();
        for email in ["nobody@example.com", "RENTER@example.com"] {
            let answer = replica.rest(None, "POST /v1/auth/forgot-password", Some(json!({ "email": email }))).await;
            answers.push((answer.status, answer.json()));
        }
        assert_eq!(answers[0], answers[1]);
        let mail = mailbox.mail(1).await;
        let reset = |password: &str| {
            let body = json!({ "token": mail.token(), "password": password });
            replica.rest(None, "POST /v1/auth/reset-password", Some(body))
        };
        assert_eq!(reset("short").await.json()["details"]["field"], "password");
        assert_eq!(reset(NEW_PASSWORD).await.status, 200);
        assert_eq!(reset(PASSWORD).await.error(422), "VALIDATION_ERROR");
        assert_eq!(me(&replica, &renter.token).await, 401);
        assert_eq!(replica.rest(None, "POST /v1/auth/login", log_in(PASSWORD)).await.status, 401);
        let signed_in = replica.rest_ok(None, "POST /v1/auth/login", log_in(NEW_PASSWORD)).await;
        // A reset by mail also verifies the address.
        assert_eq!(signed_in["user"]["email_verified"], true);
        assert!(mailbox.mail(2).await.text.contains("Subject: Your password was changed"));
        // Only digests were stored, and none is left.
        assert_eq!(world.column("SELECT password_reset_token FROM users").await, ["NULL"]);
    }

    async fn a_reset_token_expires(world: World) {
        let mut world = world;
        let (replica, _) = registered(&mut world).await;
        replica.rest_ok(None, "POST /v1/auth/forgot-password", Some(json!({ "email": "renter@example.com" }))).await;
        let mail = world.mailbox.as_ref().unwrap().mail(1).await;
        let stored = world.column("SELECT password_reset_token FROM users").await;
        assert_eq!(stored, [sha256(mail.token())]);
        world.advance(3600);
        let body = json!({ "token": mail.token(), "password": NEW_PASSWORD });
        assert_eq!(replica.rest(None, "POST /v1/auth/reset-password", Some(body)).await.status, 422);
        assert_eq!(replica.rest(None, "POST /v1/auth/login", log_in(PASSWORD)).await.status, 200);
    }

    async fn a_mail_is_retried_when_the_server_is_busy(world: World) {
        let mut world = world;
        world.mailbox = Some(Mailbox::start().await);
        let replica = world.replica().await;
        let mailbox = world.mailbox.as_ref().unwrap();
        mailbox.refuse(2);
        let body = json!({ "email": "a@example.com", "password": PASSWORD, "first_name": "A", "last_name": "B" });
        replica.rest_ok(None, "POST /v1/auth/register", Some(body)).await;
        let clock = std::sync::Arc::clone(&world.clock);
        let waiting = tokio::spawn(async move {
            loop {
                clock.advance(Duration::from_secs(1));
                tokio::task::yield_now().await;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        assert_eq!(mailbox.mail(0).await.to, "a@example.com");
        waiting.abort();
        assert_eq!(mailbox.refusals_left(), 0);
    }

    async fn mails_to_a_mailbox_are_limited(world: World) {
        let mut world = world;
        let (mut replica, _) = registered(&mut world).await;
        for n in 1..20 {
            let asked = json!({ "email": "renter@example.com" });
            assert_eq!(replica.rest(None, "POST /v1/auth/forgot-password", Some(asked)).await.status, 202);
            if n < 5 {
                world.mailbox.as_ref().unwrap().mail(n).await;
            }
        }
        // Other addresses of the mailbox, and other kinds of mail, count with them.
        let body = json!({ "email": "renter+2@example.com", "password": PASSWORD, "first_name": "A", "last_name": "L" });
        replica.rest_ok(None, "POST /v1/auth/register", Some(body)).await;
        let asked = json!({ "email": "renter+2@example.com" });
        replica.rest_ok(None, "POST /v1/auth/resend-verification", Some(asked)).await;
        // The mail of the registration, and four more.
        let mailbox = world.mailbox.as_ref().unwrap();
        let token = mailbox.mail(4).await.token().to_owned();
        // That the password was changed is said all the same.
        let reset = json!({ "token": token, "password": NEW_PASSWORD });
        let done = replica.rest(None, "POST /v1/auth/reset-password", Some(reset)).await;
        assert_eq!(done.status, 200, "{}", done.text());
        assert!(mailbox.mail(5).await.text.contains("Subject: Your password was changed"));
        // Another mailbox is not affected. No others are queued when the mail worker ends.
        let body = json!({ "email": "other@example.com", "password": PASSWORD, "first_name": "A", "last_name": "L" });
        replica.rest_ok(None, "POST /v1/auth/register", Some(body)).await;
        assert_eq!(mailbox.mail(6).await.to, "other@example.com");
        replica.app.stop_receiving();
        replica.finish().await;
        assert_eq!(mailbox.count(), 7);
    }

    /// Whoever registers another's address could fill their mailbox by changing the password again and again.
    async fn notices_of_changed_passwords_are_limited(world: World) {
        let mut world = world;
        let (mut replica, _) = registered(&mut world).await;
        let log_in = json!({ "email": "renter@example.com", "password": PASSWORD });
        let signed_in = replica.rest_ok(None, "POST /v1/auth/login", Some(log_in)).await;
        let mut token = signed_in["access_token"].as_str().unwrap().to_owned();
        let [mut current, mut new] = [PASSWORD, NEW_PASSWORD];
        for n in 1..20 {
            let change = json!({ "current_password": current, "new_password": new });
            let changed = replica.rest_ok(Some(&token), "POST /v1/users/me/password", Some(change)).await;
            token = changed["access_token"].as_str().unwrap().to_owned();
            (current, new) = (new, current);
            if n <= 5 {
                world.mailbox.as_ref().unwrap().mail(n).await;
            }
        }
        replica.app.stop_receiving();
        replica.finish().await;
        assert_eq!(world.mailbox.as_ref().unwrap().count(), 6, "the mail of the registration, and five notices");
    }

    async fn the_first_verification_ends_what_somebody_else_made_before(world: World) {
        let mut world = world;
        // An attacker registered with the address of another person, and waits.
        let (replica, mail) = registered(&mut world).await;
        let thief = replica.log_in("renter@example.com").await;
        let key = api_key(&replica, &thief.token).await;
        let mut socket = Socket::ready(replica.listen().await, &thief).await;
        socket.watch(None).await;
        let verify = "mutation($token: String!) { verifyEmail(input: { token: $token }) { message } }";
        let verified = replica.graphql(None, verify, json!({ "token": mail.token() })).await;
        assert!(verified.get("errors").is_none(), "{verified}");
        for credential in [&thief.token, &key] {
            assert_eq!(me(&replica, credential).await, 401);
        }
        let refresh = json!({ "refresh_token": thief.refresh_token });
        let refresh = replica.rest(None, "POST /v1/auth/refresh", Some(refresh)).await;
        assert_eq!(refresh.error(401), "INVALID_REFRESH_TOKEN");
        assert_eq!(socket.closed_at_last().await.0, 4403);
        // What the owner makes from then on stays: a token is good once.
        let owner = replica.log_in("renter@example.com").await;
        let again = replica.graphql(None, verify, json!({ "token": mail.token() })).await;
        assert_eq!(again["errors"][0]["extensions"]["code"], "VALIDATION_ERROR");
        assert_eq!(me(&replica, &owner.token).await, 200);
    }

    async fn changing_the_password_revokes_api_keys_on_request(world: World) {
        let (replica, renter) = world.populated().await;
        let key = api_key(&replica, &renter.token).await;
        let change = json!({ "current_password": PASSWORD, "new_password": NEW_PASSWORD });
        let changed = replica.rest_ok(Some(&renter.token), "POST /v1/users/me/password", Some(change)).await;
        assert_eq!(me(&replica, &key).await, 200, "without the request they stay");
        let change = json!({ "current_password": NEW_PASSWORD, "new_password": PASSWORD, "revoke_api_keys": true });
        let token = changed["access_token"].as_str();
        let changed = replica.rest_ok(token, "POST /v1/users/me/password", Some(change)).await;
        assert_eq!(me(&replica, &key).await, 401);
        let renter = Renter { token: changed["access_token"].as_str().unwrap().to_owned(), ..renter };
        let key = api_key(&replica, &renter.token).await;
        let change = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { accessToken } }";
        let input = json!({ "currentPassword": PASSWORD, "newPassword": NEW_PASSWORD, "revokeApiKeys": true });
        replica.data(&renter, change, json!({ "input": input })).await;
        assert_eq!(me(&replica, &key).await, 401);
        let audit = world.column("SELECT details FROM audit_log WHERE action = 'password_changed' ORDER BY id").await;
        let revoked = |details: &String| details.replace(' ', "").contains("\"revoked_api_keys\":true");
        assert_eq!(audit.iter().map(revoked).collect::<Vec<_>>(), [false, true, true], "{audit:?}");
    }

    async fn every_reset_by_mail_ends_sessions_and_keys(world: World) {
        let mut world = world;
        let (replica, _) = registered(&mut world).await;
        let reset = async |number: usize| {
            replica.rest_ok(None, "POST /v1/auth/forgot-password", Some(json!({ "email": "renter@example.com" }))).await;
            let mail = world.mailbox.as_ref().unwrap().mail(number).await;
            let body = json!({ "token": mail.token(), "password": PASSWORD });
            replica.rest_ok(None, "POST /v1/auth/reset-password", Some(body)).await;
        };
        // The first reset verifies the address, and the second is a later one.
        for number in [1, 3] {
            let renter = replica.log_in("renter@example.com").await;
            let key = api_key(&replica, &renter.token).await;
            reset(number).await;
            assert_eq!((me(&replica, &renter.token).await, me(&replica, &key).await), (401, 401));
            world.mailbox.as_ref().unwrap().mail(number + 1).await;
        }
    }

    async fn a_permanent_refusal_of_a_mail_is_not_retried(world: World) {
        let mut world = world;
        world.mailbox = Some(Mailbox::start().await);
        let replica = world.replica().await;
        let register = |email: &str| {
            let body = json!({ "email": email, "password": PASSWORD, "first_name": "A", "last_name": "B" });
            replica.rest(None, "POST /v1/auth/register", Some(body))
        };
        let mailbox = world.mailbox.as_ref().unwrap();
        for n in 0..10 {
            assert_eq!(register(&format!("nobody{n}@example.com")).await.status, 201);
        }
        // The clock does not move, so no retry is due here.
        assert_eq!(register("a@example.com").await.status, 201);
        let mut number = 0;
        while mailbox.mail(number).await.to != "a@example.com" {
            number += 1;
        }
        assert!(mailbox.count() == 1, "{}", mailbox.count());
    }

    async fn requesting_a_mail_needs_no_query(world: World) {
        let replica = world.replica().await;
        world.sql("ALTER TABLE users RENAME TO gone").await;
        for path in ["POST /v1/auth/forgot-password", "POST /v1/auth/resend-verification"] {
            let answer = replica.rest(None, path, Some(json!({ "email": "renter@example.com" }))).await;
            assert_eq!(answer.status, 202);
        }
    }
}
