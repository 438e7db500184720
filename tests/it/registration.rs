//! Who may make an account: the operator's rule, invitations, domains; and what needs a verified address.

use axum::http::Request;
use otpwire::domain::{EmailDomain, RegistrationPolicy};
use serde_json::{Value, json};

use crate::support::{Mailbox, PASSWORD, Renter, Replica, World, client::at, on_both};

fn registration(email: &str, invitation: Option<&str>) -> Value {
    let body = json!({ "email": email, "password": PASSWORD, "first_name": "A", "last_name": "B" });
    let Value::Object(mut body) = body else { unreachable!() };
    if let Some(invitation) = invitation {
        body.insert("invitation".to_owned(), invitation.into());
    }
    body.into()
}

/// Registers over REST. Returns the code of the error, or `ok`.
async fn register(replica: &Replica, email: &str, invitation: Option<&str>) -> String {
    let answer = replica.rest(None, "POST /v1/auth/register", Some(registration(email, invitation))).await;
    answer.json()["code"].as_str().unwrap_or("ok").to_owned()
}

/// The same over GraphQL.
async fn register_by_graphql(replica: &Replica, email: &str, invitation: Option<&str>) -> String {
    let query = "mutation($input: RegisterInput!) { register(input: $input) { user { email } } }";
    let input = json!({ "email": email, "password": PASSWORD, "invitation": invitation });
    let answer = replica.graphql(None, query, json!({ "input": input })).await;
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("ok").to_owned()
}

/// Invites somebody over GraphQL; returns the whole response.
async fn invite(replica: &Replica, admin: &Renter, input: Value) -> Value {
    let query = "mutation($input: CreateInvitationInput!) { createInvitation(input: $input) {
        token link invitation { id databaseId status email plan isMailed createdBy { email } expiresAt usedBy { email } } } }";
    replica.graphql(Some(admin), query, json!({ "input": input })).await
}

/// Invites somebody; returns the token.
async fn invited(replica: &Replica, admin: &Renter, input: Value) -> String {
    let answer = invite(replica, admin, input).await;
    let token = answer["data"]["createInvitation"]["token"].as_str().unwrap_or_else(|| panic!("{answer}"));
    assert!(token.starts_with("otpi_") && token.len() == 48, "{token}");
    token.to_owned()
}

async fn statuses(replica: &Replica, admin: &Renter) -> Vec<String> {
    let data = replica.data(admin, "{ invitations(first: 50) { nodes { status } } }", json!({})).await;
    let nodes = data["invitations"]["nodes"].as_array().unwrap();
    nodes.iter().map(|node| node["status"].as_str().unwrap().to_owned()).collect()
}

async fn with_policy(world: &mut World, policy: RegistrationPolicy) -> (Replica, Renter) {
    world.settings.registration = policy;
    let replica = world.replica().await;
    let admin = replica.admin("admin@example.com").await;
    (replica, admin)
}

on_both! {
    async fn everybody_is_told_who_may_make_an_account(world: World) {
        let mut world = world;
        world.settings.allowed_email_domains = vec![EmailDomain::parse("x", "example.com").unwrap()];
        for (policy, rest, graphql) in [
            (RegistrationPolicy::Open, "open", "OPEN"),
            (RegistrationPolicy::Invite, "invite", "INVITE"),
            (RegistrationPolicy::Closed, "closed", "CLOSED"),
        ] {
            world.settings.registration = policy;
            let replica = world.replica().await;
            let answer = replica.rest_ok(None, "GET /v1/auth/registration", None).await;
            assert_eq!(answer, json!({ "policy": rest, "allowed_email_domains": ["example.com"] }));
            let answer = replica.graphql(None, "{ registration { policy allowedEmailDomains } }", json!({})).await;
            let expected = json!({ "policy": graphql, "allowedEmailDomains": ["example.com"] });
            assert_eq!(answer["data"]["registration"], expected, "{answer}");
            // The page has it, so that it does not have to ask.
            let page = replica.get("/register").await;
            let tag = format!(r#"<meta name="registration" content="{rest}" data-domains="example.com">"#);
            assert!(page.text().contains(&tag), "{}", page.text());
        }
    }

    async fn nobody_makes_an_account_where_registration_is_closed(world: World) {
        let mut world = world;
        let (replica, admin) = with_policy(&mut world, RegistrationPolicy::Closed).await;
        let refused = replica.rest(None, "POST /v1/auth/register", Some(registration("a@example.com", None))).await;
        assert_eq!(refused.error(403), "REGISTRATION_CLOSED");
        assert_eq!(refused.json()["details"], json!({ "registration": "closed" }));
        assert_eq!(register_by_graphql(&replica, "a@example.com", None).await, "REGISTRATION_CLOSED");
        // Nothing tells who has an account, or whether a value would be right.
        for email in ["admin@example.com", "nonsense"] {
            assert_eq!(register(&replica, email, Some("otpi_x")).await, "REGISTRATION_CLOSED");
        }
        // An invitation would promise what is not kept.
        let answer = invite(&replica, &admin, json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "REGISTRATION_CLOSED", "{answer}");
        assert_eq!(replica.rest(Some(&admin.token), "POST /v1/invitations", Some(json!({}))).await.error(403), "REGISTRATION_CLOSED");
        assert_eq!(world.column("SELECT count(*) FROM users").await, ["1"]);
        // The operator makes accounts.
        replica.renter("operator-made@example.com").await;
    }

    async fn an_invitation_is_good_once(world: World) {
        let mut world = world;
        let (replica, admin) = with_policy(&mut world, RegistrationPolicy::Invite).await;
        assert_eq!(register(&replica, "a@example.com", None).await, "REGISTRATION_CLOSED");
        assert_eq!(register(&replica, "admin@example.com", None).await, "REGISTRATION_CLOSED");
        let made = invite(&replica, &admin, json!({ "plan": "PREMIUM", "expiresInDays": 2 })).await["data"]["createInvitation"].clone();
        let token = made["token"].as_str().unwrap().to_owned();
        assert_eq!(made["link"], Value::Null);
        assert_eq!(made["invitation"], json!({
            "id": "inv_1", "databaseId": 1, "status": "PENDING", "email": null, "plan": "PREMIUM", "isMailed": false,
            "createdBy": { "email": "admin@example.com" }, "expiresAt": "2026-03-03T12:00:00Z", "usedBy": null,
        }));
        // Only a digest is stored, and the audit log has neither.
        for table in ["invitations", "audit_log"] {
            let columns = if table == "invitations" { "token_digest" } else { "CAST(details AS TEXT)" };
            assert!(!world.column(&format!("SELECT {columns} FROM {table}")).await.join("\n").contains(&token[5..]));
        }
        for wrong in ["", "otpi_", "otpi_x", &token[1..], &format!("{token}x"), &token.to_uppercase()] {
            assert_eq!(register(&replica, "a@example.com", Some(wrong)).await, "INVITATION_INVALID", "{wrong}");
        }
        // What fails does not use it up.
        assert_eq!(register(&replica, "ADMIN@example.com", Some(&token)).await, "EMAIL_TAKEN");
        assert_eq!(register(&replica, "nonsense", Some(&token)).await, "VALIDATION_ERROR");
        assert_eq!(register(&replica, "a@example.com", Some(&token)).await, "ok");
        let user = replica.log_in("a@example.com").await.user;
        assert_eq!((user.plan.as_str(), user.role.as_str(), user.email_verified), ("premium", "user", false));
        assert_eq!(register(&replica, "b@example.com", Some(&token)).await, "INVITATION_INVALID");
        assert_eq!(register_by_graphql(&replica, "b@example.com", Some(&token)).await, "INVITATION_INVALID");
        let listed = replica.data(&admin, "{ invitations { totalCount nodes { status usedAt usedBy { email } } } }", json!({})).await;
        let used = json!({ "status": "USED", "usedAt": "2026-03-01T12:00:00Z", "usedBy": { "email": "a@example.com" } });
        assert_eq!(listed["invitations"], json!({ "totalCount": 1, "nodes": [used] }));
        let log = "SELECT action FROM audit_log WHERE action LIKE 'invitation%' ORDER BY id";
        assert_eq!(world.column(log).await, ["invitation_created", "invitation_used"]);
    }

    async fn of_two_who_use_an_invitation_at_once_one_gets_an_account(world: World) {
        let mut world = world;
        let (replica, admin) = with_policy(&mut world, RegistrationPolicy::Invite).await;
        let token = invited(&replica, &admin, json!({})).await;
        let emails: Vec<_> = (0..6).map(|n| format!("u{n}@example.com")).collect();
        let attempts = emails.iter().map(|email| register(&replica, email, Some(&token)));
        let mut outcomes = futures_util::future::join_all(attempts).await;
        outcomes.sort();
        assert_eq!(outcomes[5], "ok");
        assert!(outcomes[..5].iter().all(|outcome| outcome == "INVITATION_INVALID"), "{outcomes:?}");
        assert_eq!(world.column("SELECT count(*) FROM users").await, ["2"]);
    }

    async fn an_invitation_ends_and_can_be_taken_back(world: World) {
        let mut world = world;
        let (replica, admin) = with_policy(&mut world, RegistrationPolicy::Invite).await;
        let renter = replica.renter("renter@example.com").await;
        let (late, back) = (invited(&replica, &admin, json!({ "expiresInDays": 1 })).await, invited(&replica, &admin, json!({})).await);
        let revoke = "mutation($id: ID!) { revokeInvitation(input: { invitationId: $id }) { revokedInvitationId } }";
        assert_eq!(replica.code(Some(&renter), revoke, json!({ "id": "inv_2" })).await, "FORBIDDEN");
        for (id, code) in [("inv_9", "NOT_FOUND"), ("usr_1", "VALIDATION_ERROR")] {
            assert_eq!(replica.code(Some(&admin), revoke, json!({ "id": id })).await, code);
        }
        let revoked = replica.data(&admin, revoke, json!({ "id": "inv_2" })).await;
        assert_eq!(revoked["revokeInvitation"]["revokedInvitationId"], "inv_2");
        assert_eq!(register(&replica, "a@example.com", Some(&back)).await, "INVITATION_INVALID");
        world.advance(86_400);
        let admin = replica.log_in("admin@example.com").await;
        assert_eq!(register(&replica, "a@example.com", Some(&late)).await, "INVITATION_INVALID");
        assert_eq!(statuses(&replica, &admin).await, ["EXPIRED"]);
        world.advance(30 * 86_400);
        replica.app.purge().await.unwrap();
        assert!(world.column("SELECT id FROM invitations").await.is_empty());
        let log = "SELECT action FROM audit_log WHERE action = 'invitation_revoked'";
        assert_eq!(world.column(log).await.len(), 1);
    }

    async fn an_invitation_may_be_for_one_address(world: World) {
        let mut world = world;
        world.settings.allowed_email_domains = vec![EmailDomain::parse("x", "example.com").unwrap()];
        let (replica, admin) = with_policy(&mut world, RegistrationPolicy::Invite).await;
        // An address that an administrator names may have any domain.
        let bound = invited(&replica, &admin, json!({ "email": "Ada@Elsewhere.example" })).await;
        for other in ["bob@elsewhere.example", "ada@example.com", "admin@example.com"] {
            assert_eq!(register(&replica, other, Some(&bound)).await, "INVITATION_INVALID", "{other}");
        }
        assert_eq!(register(&replica, " ADA@elsewhere.EXAMPLE ", Some(&bound)).await, "ok");
        // Another does not do away with the domains.
        let open = invited(&replica, &admin, json!({})).await;
        assert_eq!(register(&replica, "bob@elsewhere.example", Some(&open)).await, "VALIDATION_ERROR");
        assert_eq!(register(&replica, "bob@example.com", Some(&open)).await, "ok");
        let taken = invite(&replica, &admin, json!({ "email": "bob@example.com" })).await;
        assert_eq!(taken["errors"][0]["extensions"]["code"], "EMAIL_TAKEN");
    }

    async fn wrong_invitations_are_refused_with_the_field_that_is_wrong(world: World) {
        let mut world = world;
        let (replica, admin) = with_policy(&mut world, RegistrationPolicy::Open).await;
        for (input, field) in [
            (json!({ "email": "ada" }), "email"),
            (json!({ "email": "" }), "email"),
            (json!({ "expires_in_days": 0 }), "expires_in_days"),
            (json!({ "expires_in_days": 91 }), "expires_in_days"),
            (json!({ "send_mail": true }), "email"),
            (json!({ "plan": "gold" }), "plan"),
            // This server sends none.
            (json!({ "email": "ada@example.com", "send_mail": true }), "send_mail"),
        ] {
            let refused = replica.rest(Some(&admin.token), "POST /v1/invitations", Some(input.clone())).await;
            assert_eq!((refused.error(422).as_str(), &refused.json()["details"]["field"]), ("VALIDATION_ERROR", &json!(field)), "{input}");
        }
        for input in [json!({ "role": "admin" }), json!({ "expires_in_days": "7" })] {
            let refused = replica.rest(Some(&admin.token), "POST /v1/invitations", Some(input)).await;
            assert_eq!(refused.error(400), "INVALID_REQUEST");
        }
        let answer = invite(&replica, &admin, json!({ "expiresInDays": 0 })).await;
        assert_eq!(answer["errors"][0]["extensions"]["field"], "expiresInDays", "{answer}");
        assert!(world.column("SELECT id FROM invitations").await.is_empty());
        // Where everybody may make an account, an invitation still gives it a plan.
        let made = replica.rest_ok(Some(&admin.token), "POST /v1/invitations", Some(json!({ "plan": "premium" }))).await;
        assert_eq!(register(&replica, "a@example.com", made["token"].as_str()).await, "ok");
        assert_eq!(replica.log_in("a@example.com").await.user.plan.as_str(), "premium");
        let listed = replica.rest_ok(Some(&admin.token), "GET /v1/invitations", None).await;
        assert_eq!(listed["invitations"][0]["status"], "used");
        assert_eq!(listed["invitations"][0]["created_by"], 1);
        assert_eq!(listed["invitations"][0].get("token"), None);
    }

    async fn an_invitation_by_mail_verifies_the_address(world: World) {
        let mut world = world;
        world.mailbox = Some(Mailbox::start().await);
        world.settings.require_verified_email = true;
        world.settings.mail_links.invitation = Some("https://sms.example.com/register#token={token}".to_owned());
        let (replica, admin) = with_policy(&mut world, RegistrationPolicy::Invite).await;
        let shown = replica.rest_ok(Some(&admin.token), "POST /v1/invitations", Some(json!({}))).await;
        let expected = format!("https://sms.example.com/register#token={}", shown["token"].as_str().unwrap());
        assert_eq!(shown["link"], expected);
        let mailed = json!({ "email": "ada@example.com", "send_mail": true });
        let made = replica.rest_ok(Some(&admin.token), "POST /v1/invitations", Some(mailed)).await;
        assert_eq!((made.get("token"), made.get("link")), (None, None), "{made}");
        assert_eq!(made["invitation"]["is_mailed"], true);
        let mailbox = world.mailbox.as_ref().unwrap();
        let mail = mailbox.mail(0).await;
        assert_eq!(mail.to, "ada@example.com");
        assert!(mail.text.contains("until 2026-03-08 12:00 (UTC)"), "{}", mail.text);
        let link = mail.text.lines().find(|line| line.starts_with("https://")).unwrap();
        let token = link.split_once("#token=").unwrap().1;
        assert_eq!(register(&replica, "bob@example.com", Some(token)).await, "INVITATION_INVALID");
        assert_eq!(register(&replica, "ada@example.com", Some(token)).await, "ok");
        assert!(replica.log_in("ada@example.com").await.user.email_verified);
        // One that was shown proves nothing, so a mail does.
        assert_eq!(register(&replica, "bob@example.com", shown["token"].as_str()).await, "ok");
        assert!(!replica.log_in("bob@example.com").await.user.email_verified);
        assert_eq!(mailbox.mail(1).await.to, "bob@example.com");
    }

    async fn addresses_have_an_allowed_domain(world: World) {
        let mut world = world;
        let domain = |text| EmailDomain::parse("x", text).unwrap();
        world.settings.allowed_email_domains = vec![domain("example.com"), domain("mail.example.org")];
        let replica = world.replica().await;
        let refused = replica.rest(None, "POST /v1/auth/register", Some(registration("a@elsewhere.example", None))).await;
        assert_eq!(refused.error(422), "VALIDATION_ERROR");
        let details = refused.json()["details"].clone();
        assert_eq!(details, json!({ "field": "email", "issue": "must be an address of example.com or mail.example.org" }));
        for other in ["a@sub.example.com", "a@example.org", "a@xexample.com", "example.com@a.example"] {
            assert_eq!(register(&replica, other, None).await, "VALIDATION_ERROR", "{other}");
            assert_eq!(register_by_graphql(&replica, other, None).await, "VALIDATION_ERROR", "{other}");
        }
        assert_eq!(register(&replica, "a@EXAMPLE.com", None).await, "ok");
        assert_eq!(register_by_graphql(&replica, "a@mail.example.org", None).await, "ok");
        // The operator makes any.
        replica.renter("a@elsewhere.example").await;
    }

    async fn guesses_at_invitations_count_as_registrations(world: World) {
        let mut world = world;
        world.settings.registrations_per_hour = 3;
        let (replica, admin) = with_policy(&mut world, RegistrationPolicy::Invite).await;
        let token = invited(&replica, &admin, json!({})).await;
        let attempt = async |peer: &str, email: &str, token: &str| {
            let body = registration(email, Some(token)).to_string();
            let request = Request::post("/v1/auth/register").header("content-type", "application/json");
            replica.send(at(peer, request.body(body.into()).unwrap())).await.status.as_u16()
        };
        for _ in 0..3 {
            assert_eq!(attempt("203.0.113.7", "a@example.com", "otpi_guess").await, 403);
        }
        assert_eq!(attempt("203.0.113.7", "a@example.com", &token).await, 429);
        assert_eq!(attempt("203.0.113.8", "a@example.com", &token).await, 201);
    }

    async fn an_address_is_verified_before_a_number_is_rented_or_leased(world: World) {
        let mut world = world;
        world.settings.require_verified_email = true;
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let token = Some(renter.token.as_str());
        // A number that the user rents already, and one that was granted, are leased by nobody else's will.
        replica.rent(&renter, "US", 2).await;
        replica.rest_ok(token, "POST /v1/pools", Some(json!({ "name": "ci", "rule": {} }))).await;
        let grant = r#"mutation { grantPhoneNumber(input: { phoneNumberId: "num_3", poolId: "pol_1" }) { __typename } }"#;
        replica.data(&admin, grant, json!({})).await;
        world.sql("UPDATE users SET email_verified = false WHERE email = 'renter@example.com'").await;
        // Longer than users are cached.
        world.advance(10);
        for (endpoint, body) in [
            ("POST /v1/numbers", json!({ "country_code": "US" })),
            ("POST /v1/numbers/1/extend", json!({})),
            ("POST /v1/leases", json!({ "pool": "ci" })),
            ("POST /v1/leases", json!({ "country_code": "US" })),
            ("POST /v1/leases", json!({ "country_code": "US", "wait_seconds": 50 })),
        ] {
            let refused = replica.rest(token, endpoint, Some(body.clone())).await;
            assert_eq!(refused.error(403), "EMAIL_NOT_VERIFIED", "{endpoint} {body}");
        }
        for query in [
            r#"mutation { acquireLease(input: { pool: "ci" }) { __typename } }"#,
            r#"mutation { assignPhoneNumber(input: { countryCode: "US", durationHours: 1 }) { __typename } }"#,
        ] {
            assert_eq!(replica.code(Some(&renter), query, json!({})).await, "EMAIL_NOT_VERIFIED");
        }
        world.sql("UPDATE users SET email_verified = true").await;
        world.advance(10);
        replica.rest_ok(token, "POST /v1/leases", Some(json!({ "pool": "ci" }))).await;
    }
}
