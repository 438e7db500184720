//! Authorisation: every operation of both APIs, tried with every kind of credential.

use std::collections::BTreeSet;

use axum::{body::Body, http::Request};
use futures_util::FutureExt;
use otpwire::domain::{Caller, Client, NewApiKey, NumberChoice, NumberId, RentalHours, Scope};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio_stream::StreamExt;
use tower::ServiceExt;

use crate::support::{Renter, Replica, World, client::sms, on_both};

/// The callers, in the order of the columns below.
const PEOPLE: [&str; 10] =
    ["guest", "renter", "another", "premium", "admin", "deactivated", "expired", "ended", "key without", "key with"];

/// The outcome for each caller: `ok`, or an error code.
pub(crate) type Row = [&'static str; 10];

const OK: &str = "ok";
const NO: &str = "UNAUTHENTICATED";
const OFF: &str = "ACCOUNT_DEACTIVATED";
const OLD: &str = "TOKEN_EXPIRED";
const OUT: &str = "SESSION_ENDED";
const FORBIDDEN: &str = "FORBIDDEN";
const SCOPE: &str = "INSUFFICIENT_SCOPE";
const NONE: &str = "NOT_FOUND";

/// For every caller. REST ignores the credential.
const OPEN: Row = [OK; 10];
/// For every valid credential.
const MEMBER: Row = [NO, OK, OK, OK, OK, OFF, OLD, OUT, OK, OK];
/// For sessions.
const ACCOUNT: Row = [NO, OK, OK, OK, OK, OFF, OLD, OUT, FORBIDDEN, FORBIDDEN];
/// For sessions, on something of the renter's.
const OWN_ACCOUNT: Row = [NO, OK, NONE, NONE, NONE, OFF, OLD, OUT, FORBIDDEN, FORBIDDEN];
/// For sessions, and keys that may rent.
const RENTS: Row = [NO, OK, OK, OK, OK, OFF, OLD, OUT, SCOPE, OK];
/// For sessions, and keys that may read.
const READS: Row = [NO, OK, OK, OK, OK, OFF, OLD, OUT, OK, SCOPE];
/// For sessions, and keys that may read, on something of the renter's.
const OWN: Row = [NO, OK, NONE, NONE, NONE, OFF, OLD, OUT, OK, SCOPE];
/// For sessions, and keys that may rent, on something of the renter's, and for administrators.
const OWN_OR_ADMIN: Row = [NO, OK, NONE, NONE, OK, OFF, OLD, OUT, SCOPE, OK];
/// The same, but administrators may only see it.
const OWN_SEEN: Row = [NO, OK, NONE, NONE, FORBIDDEN, OFF, OLD, OUT, SCOPE, OK];
/// For sessions, and keys that may rent, on something of the renter's.
const OWN_TO_RENT: Row = [NO, OK, NONE, NONE, NONE, OFF, OLD, OUT, SCOPE, OK];
/// For sessions: neither key may lease.
const LEASES: Row = [NO, OK, OK, OK, OK, OFF, OLD, OUT, SCOPE, SCOPE];
/// The same, on something of the renter's.
const OWN_LEASE: Row = [NO, OK, NONE, NONE, NONE, OFF, OLD, OUT, SCOPE, SCOPE];
/// For administrators.
pub(crate) const ADMIN: Row = [NO, FORBIDDEN, FORBIDDEN, FORBIDDEN, OK, OFF, OLD, OUT, FORBIDDEN, FORBIDDEN];

/// For sessions that may see a number: messages are the caller's own, and a key needs the scopes of both.
const NUMBER_AND_MESSAGES: Row = [NO, OK, NONE, NONE, OK, OFF, OLD, OUT, SCOPE, SCOPE];
/// For administrators, on a number that others see too.
const NUMBER_FOR_ADMIN: Row = [NO, FORBIDDEN, NONE, NONE, OK, OFF, OLD, OUT, SCOPE, FORBIDDEN];

/// The operations of the REST API: operation, path and body, and the outcome for each caller. `@NUMBER`, `@MESSAGE`,
/// `@SESSION`, `@KEY`, `@POOL` and `@LEASE` (with `@FENCE`) are ids of things of the renter's; `@FREE` is a number that
/// can be rented, `@TICKET` is a place in a queue of the renter's, and `@PATTERN` the id of a code pattern.
const REST: &[(&str, &str, &str, Row)] = &[
    (
        "post /auth/register",
        "/auth/register",
        r#"{"email":"@FRESH@example.com","password":"correct horse battery","first_name":"A","last_name":"B"}"#,
        OPEN,
    ),
    ("post /auth/login", "/auth/login", r#"{"email":"renter@example.com","password":"correct horse battery"}"#, OPEN),
    ("post /auth/refresh", "/auth/refresh", r#"{"refresh_token":"@REFRESH"}"#, OPEN),
    ("post /auth/logout", "/auth/logout", "", ACCOUNT),
    ("post /auth/verify-email", "/auth/verify-email", r#"{"token":"x"}"#, ["VALIDATION_ERROR"; 10]),
    ("post /auth/resend-verification", "/auth/resend-verification", r#"{"email":"renter@example.com"}"#, OPEN),
    ("post /auth/forgot-password", "/auth/forgot-password", r#"{"email":"renter@example.com"}"#, OPEN),
    (
        "post /auth/reset-password",
        "/auth/reset-password",
        r#"{"token":"x","password":"correct horse battery"}"#,
        ["VALIDATION_ERROR"; 10],
    ),
    ("get /users/me", "/users/me", "", MEMBER),
    ("patch /users/me", "/users/me", r#"{"first_name":"Ada"}"#, ACCOUNT),
    (
        "post /users/me/password",
        "/users/me/password",
        r#"{"current_password":"correct horse battery","new_password":"correct horse battery"}"#,
        ACCOUNT,
    ),
    ("get /users/me/sessions", "/users/me/sessions", "", ACCOUNT),
    ("delete /users/me/sessions", "/users/me/sessions", "", ACCOUNT),
    ("delete /users/me/sessions/{id}", "/users/me/sessions/@SESSION", "", OWN_ACCOUNT),
    ("get /users/me/api-keys", "/users/me/api-keys", "", ACCOUNT),
    ("post /users/me/api-keys", "/users/me/api-keys", r#"{"name":"x","scopes":["messages:read"]}"#, ACCOUNT),
    ("delete /users/me/api-keys/{id}", "/users/me/api-keys/@KEY", "", OWN_ACCOUNT),
    ("get /numbers", "/numbers", "", RENTS),
    ("post /numbers", "/numbers", r#"{"phone_number_id":@FREE}"#, RENTS),
    ("get /numbers/{id}", "/numbers/@NUMBER", "", OWN_OR_ADMIN),
    ("delete /numbers/{id}", "/numbers/@NUMBER", "", OWN_OR_ADMIN),
    ("patch /numbers/{id}", "/numbers/@NUMBER", r#"{"label":"x"}"#, OWN_TO_RENT),
    ("get /pools", "/pools", "", LEASES),
    ("post /pools", "/pools", r#"{"name":"@FRESH"}"#, RENTS),
    ("patch /pools/{id}", "/pools/@POOL", r#"{"cooldown_seconds":1}"#, OWN_TO_RENT),
    ("delete /pools/{id}", "/pools/@POOL", "", OWN_TO_RENT),
    ("get /leases", "/leases", "", LEASES),
    ("post /leases", "/leases", r#"{"country_code":"US"}"#, LEASES),
    ("get /leases/{id}", "/leases/@LEASE?fence=@FENCE", "", OWN_LEASE),
    ("delete /leases/{id}", "/leases/@LEASE?fence=@FENCE", "", OWN_LEASE),
    ("post /leases/{id}/renew", "/leases/@LEASE/renew", r#"{"fence":@FENCE}"#, OWN_LEASE),
    ("delete /leases/tickets/{ticket}", "/leases/tickets/tkt_@TICKET", "", OWN_LEASE),
    ("get /leases/{id}/messages", "/leases/@LEASE/messages?fence=@FENCE", "", OWN_LEASE),
    ("get /leases/{id}/wait", "/leases/@LEASE/wait?fence=@FENCE&timeout=0", "", OWN_LEASE),
    ("post /numbers/{id}/extend", "/numbers/@NUMBER/extend", "{}", OWN_SEEN),
    ("get /auth/registration", "/auth/registration", "", OPEN),
    ("get /invitations", "/invitations", "", ADMIN),
    ("post /invitations", "/invitations", "{}", ADMIN),
    ("delete /invitations/{id}", "/invitations/@INVITATION", "", ADMIN),
    ("get /blocked-senders", "/blocked-senders", "", ADMIN),
    ("post /blocked-senders", "/blocked-senders", r#"{"sender":"@FRESH"}"#, ADMIN),
    ("delete /blocked-senders/{id}", "/blocked-senders/@BLOCKED", "", ADMIN),
    ("get /messages", "/messages", "", READS),
    ("patch /messages/{id}/read", "/messages/@MESSAGE/read", "", OWN),
    ("get /messages/{id}/timeline", "/messages/@MESSAGE/timeline", "", ADMIN),
    ("get /messages/wait", "/messages/wait?timeout=0", "", READS),
    ("get /messages/stream", "/messages/stream", "", READS),
    // Webhooks need a provider's signature, which these requests lack.
    ("post /webhooks/sms", "/webhooks/sms?provider=sandbox", "{}", ["INVALID_SIGNATURE"; 10]),
    ("get /webhooks/sms", "/webhooks/sms?provider=sandbox", "", ["METHOD_NOT_ALLOWED"; 10]),
    ("get /webhooks/status", "/webhooks/status?provider=sandbox", "", ["METHOD_NOT_ALLOWED"; 10]),
    ("post /webhooks/status", "/webhooks/status?provider=sandbox", "{}", ["INVALID_SIGNATURE"; 10]),
];

/// An invalid credential refuses a whole GraphQL request, whatever it selects.
const OPEN_GRAPHQL: Row = [OK, OK, OK, OK, OK, OFF, OLD, OUT, OK, OK];
const TOKEN_GRAPHQL: Row = [
    "VALIDATION_ERROR",
    "VALIDATION_ERROR",
    "VALIDATION_ERROR",
    "VALIDATION_ERROR",
    "VALIDATION_ERROR",
    OFF,
    OLD,
    OUT,
    "VALIDATION_ERROR",
    "VALIDATION_ERROR",
];

/// The operations of the GraphQL API, and the fields below them with rights of their own (`Type.field`).
pub(crate) const GRAPHQL: &[(&str, &str, Row)] = &[
    ("viewer", "{ viewer { email } }", MEMBER),
    ("sessions", "{ sessions { id } }", ACCOUNT),
    ("apiKeys", "{ apiKeys { id } }", ACCOUNT),
    ("phoneNumbers", "{ phoneNumbers { totalCount } }", RENTS),
    ("phoneNumber", r#"{ phoneNumber(id: "num_@NUMBER") { id } }"#, OWN_OR_ADMIN),
    ("PhoneNumber.messages", r#"{ phoneNumber(id: "num_@NUMBER") { messages { totalCount } } }"#, NUMBER_AND_MESSAGES),
    ("PhoneNumber.unreadCount", r#"{ phoneNumber(id: "num_@NUMBER") { unreadCount } }"#, NUMBER_AND_MESSAGES),
    ("PhoneNumber.provider", r#"{ phoneNumber(id: "num_@NUMBER") { provider { id } } }"#, NUMBER_FOR_ADMIN),
    ("PhoneNumber.renter", r#"{ phoneNumber(id: "num_@NUMBER") { renter { id } } }"#, NUMBER_FOR_ADMIN),
    ("countries", "{ countries { code } }", RENTS),
    ("messages", "{ messages { totalCount } }", READS),
    ("message", r#"{ message(id: "msg_@MESSAGE") { id } }"#, OWN),
    ("node", r#"{ node(id: "msg_@MESSAGE") { id } }"#, OWN),
    (
        "register",
        r#"mutation { register(input: { email: "@FRESH@example.com", password: "correct horse battery" }) { user { id } } }"#,
        OPEN_GRAPHQL,
    ),
    (
        "logIn",
        r#"mutation { logIn(input: { email: "renter@example.com", password: "correct horse battery" }) { expiresIn } }"#,
        OPEN_GRAPHQL,
    ),
    (
        "refreshSession",
        r#"mutation { refreshSession(input: { refreshToken: "@REFRESH" }) { expiresIn } }"#,
        OPEN_GRAPHQL,
    ),
    ("logOut", "mutation { logOut { message } }", ACCOUNT),
    ("logOutEverywhere", "mutation { logOutEverywhere { message } }", ACCOUNT),
    ("endSession", r#"mutation { endSession(input: { sessionId: "ses_@SESSION" }) { message } }"#, OWN_ACCOUNT),
    ("verifyEmail", r#"mutation { verifyEmail(input: { token: "x" }) { message } }"#, TOKEN_GRAPHQL),
    (
        "resendVerificationEmail",
        r#"mutation { resendVerificationEmail(input: { email: "renter@example.com" }) { message } }"#,
        OPEN_GRAPHQL,
    ),
    (
        "requestPasswordReset",
        r#"mutation { requestPasswordReset(input: { email: "renter@example.com" }) { message } }"#,
        OPEN_GRAPHQL,
    ),
    (
        "resetPassword",
        r#"mutation { resetPassword(input: { token: "x", password: "correct horse battery" }) { message } }"#,
        TOKEN_GRAPHQL,
    ),
    (
        "changePassword",
        r#"mutation { changePassword(input: { currentPassword: "correct horse battery", newPassword: "correct horse battery" }) { expiresIn } }"#,
        ACCOUNT,
    ),
    ("updateViewer", r#"mutation { updateViewer(input: { firstName: "Ada" }) { user { id } } }"#, ACCOUNT),
    ("updateUser", r#"mutation { updateUser(input: { userId: "usr_2", plan: FREE }) { user { id } } }"#, ADMIN),
    ("createApiKey", r#"mutation { createApiKey(input: { name: "x", scopes: [READ_MESSAGES] }) { key } }"#, ACCOUNT),
    ("revokeApiKey", r#"mutation { revokeApiKey(input: { apiKeyId: "key_@KEY" }) { message } }"#, OWN_ACCOUNT),
    (
        "assignPhoneNumber",
        r#"mutation { assignPhoneNumber(input: { phoneNumberId: "num_@FREE" }) { phoneNumber { id } } }"#,
        RENTS,
    ),
    (
        "extendPhoneNumber",
        r#"mutation { extendPhoneNumber(input: { phoneNumberId: "num_@NUMBER" }) { phoneNumber { id } } }"#,
        OWN_SEEN,
    ),
    (
        "releasePhoneNumber",
        r#"mutation { releasePhoneNumber(input: { phoneNumberId: "num_@NUMBER" }) { phoneNumber { id } } }"#,
        OWN_OR_ADMIN,
    ),
    (
        "markMessageRead",
        r#"mutation { markMessageRead(input: { messageId: "msg_@MESSAGE" }) { message { id } } }"#,
        OWN,
    ),
    (
        "simulateInboundSms",
        r#"mutation { simulateInboundSms(input: { to: "+14155550100", from: "X", text: "hi" }) { outcome } }"#,
        ADMIN,
    ),
    ("markAllMessagesRead", "mutation { markAllMessagesRead(input: {}) { markedCount } }", READS),
    ("deleteMessage", r#"mutation { deleteMessage(input: { messageId: "msg_@MESSAGE" }) { deletedMessageId } }"#, OWN),
    (
        "labelPhoneNumber",
        r#"mutation { labelPhoneNumber(input: { phoneNumberId: "num_@NUMBER", label: "x" }) { phoneNumber { id } } }"#,
        OWN_TO_RENT,
    ),
    ("pools", "{ pools { id } }", LEASES),
    ("leases", "{ leases { id } }", LEASES),
    ("lease", r#"{ lease(id: "lse_@LEASE", fence: @FENCE) { messages { cursor } } }"#, OWN_LEASE),
    ("acquireLease", r#"mutation { acquireLease(input: { countryCode: "US" }) { lease { id } } }"#, LEASES),
    (
        "renewLease",
        r#"mutation { renewLease(input: { leaseId: "lse_@LEASE", fence: @FENCE }) { lease { id } } }"#,
        OWN_LEASE,
    ),
    (
        "releaseLease",
        r#"mutation { releaseLease(input: { leaseId: "lse_@LEASE", fence: @FENCE }) { message } }"#,
        OWN_LEASE,
    ),
    ("giveUpLeaseTicket", r#"mutation { giveUpLeaseTicket(input: { ticket: "tkt_@TICKET" }) { message } }"#, OWN_LEASE),
    ("createPool", r#"mutation { createPool(input: { name: "@FRESH" }) { pool { id } } }"#, RENTS),
    (
        "updatePool",
        r#"mutation { updatePool(input: { poolId: "pol_@POOL", cooldownSeconds: 1 }) { pool { id } } }"#,
        OWN_TO_RENT,
    ),
    ("deletePool", r#"mutation { deletePool(input: { poolId: "pol_@POOL" }) { message } }"#, OWN_TO_RENT),
    (
        "grantPhoneNumber",
        r#"mutation { grantPhoneNumber(input: { phoneNumberId: "num_@FREE", poolId: "pol_@POOL" }) { phoneNumber { id } } }"#,
        ADMIN,
    ),
    (
        "endPhoneNumberGrant",
        r#"mutation { endPhoneNumberGrant(input: { phoneNumberId: "num_3" }) { phoneNumber { id } } }"#,
        ADMIN,
    ),
    ("nodes", r#"{ nodes(ids: ["num_@NUMBER"]) { id } }"#, RENTS),
    ("users", "{ users { totalCount } }", ADMIN),
    ("providers", "{ providers { totalCount } }", ADMIN),
    ("providerKinds", "{ providerKinds { kind } }", ADMIN),
    ("otpPatterns", "{ otpPatterns { totalCount } }", ADMIN),
    ("testOtpPattern", r#"{ testOtpPattern(pattern: "(?<code>x)", text: "x") { code } }"#, ADMIN),
    (
        "createOtpPattern",
        r#"mutation { createOtpPattern(input: { sender: "X", pattern: "(?<code>x)" }) { otpPattern { id } } }"#,
        ADMIN,
    ),
    (
        "updateOtpPattern",
        r#"mutation { updateOtpPattern(input: { otpPatternId: "pat_@PATTERN", isActive: true }) { otpPattern { id } } }"#,
        ADMIN,
    ),
    (
        "deleteOtpPattern",
        r#"mutation { deleteOtpPattern(input: { otpPatternId: "pat_@PATTERN" }) { deletedOtpPatternId } }"#,
        ADMIN,
    ),
    ("registration", "{ registration { policy } }", OPEN_GRAPHQL),
    ("invitations", "{ invitations { totalCount } }", ADMIN),
    ("createInvitation", "mutation { createInvitation(input: {}) { token } }", ADMIN),
    (
        "revokeInvitation",
        r#"mutation { revokeInvitation(input: { invitationId: "inv_@INVITATION" }) { revokedInvitationId } }"#,
        ADMIN,
    ),
    ("blockedSenders", "{ blockedSenders { totalCount } }", ADMIN),
    ("blockSender", r#"mutation { blockSender(input: { sender: "@FRESH" }) { blockedSender { id } } }"#, ADMIN),
    (
        "unblockSender",
        r#"mutation { unblockSender(input: { blockedSenderId: "blk_@BLOCKED" }) { unblockedSenderId } }"#,
        ADMIN,
    ),
    ("deliveryReports", "{ deliveryReports { totalCount } }", ADMIN),
    ("auditLog", "{ auditLog { totalCount } }", ADMIN),
    ("messageTimeline", r#"{ messageTimeline(messageId: "msg_@MESSAGE") { milliseconds } }"#, ADMIN),
    ("stats", "{ stats { messageCount } }", ADMIN),
    (
        "createProvider",
        r#"mutation { createProvider(input: { kind: SANDBOX, name: "@FRESH", secret: "n3Vx81-kQ02mzTfp" }) { provider { id } } }"#,
        ADMIN,
    ),
    (
        "updateProvider",
        r#"mutation { updateProvider(input: { providerId: "prv_1", priority: 1 }) { provider { id } } }"#,
        ADMIN,
    ),
    (
        "importPhoneNumbers",
        r#"mutation { importPhoneNumbers(input: { providerId: "prv_1", numbers: [{ phoneNumber: "+14155550100" }] }) { knownCount } }"#,
        ADMIN,
    ),
    (
        "setPhoneNumberStatus",
        r#"mutation { setPhoneNumberStatus(input: { phoneNumberId: "num_@FREE", status: AVAILABLE }) { phoneNumber { id } } }"#,
        ADMIN,
    ),
    ("messageReceived", "subscription { messageReceived { cursor } }", READS),
    (
        "leaseMessageReceived",
        r#"subscription { leaseMessageReceived(leaseId: "lse_@LEASE", fence: @FENCE) { cursor } }"#,
        OWN_LEASE,
    ),
    ("phoneNumberUpdated", "subscription { phoneNumberUpdated { id } }", RENTS),
];

/// A platform that is reset before each attempt.
struct Fixture {
    world: World,
    replica: Replica,
    expired: String,
    fresh: u32,
}

/// The ids and credentials of one attempt.
struct Resources {
    tokens: Vec<Option<String>>,
    names: Vec<(&'static str, String)>,
}

impl Fixture {
    async fn new(world: World) -> Self {
        let (replica, renter) = world.populated().await;
        for name in ["another", "premium", "deactivated"] {
            replica.renter(&format!("{name}@example.com")).await;
        }
        replica.admin("admin@example.com").await;
        world.sql("UPDATE users SET plan = 'premium' WHERE email = 'premium@example.com'").await;
        world.advance(3600);
        Self { world, replica, expired: renter.token, fresh: 0 }
    }

    async fn caller(&self, who: &Renter) -> Caller {
        self.replica.app.authenticate(&who.token, &otpwire::domain::Client::default()).await.unwrap()
    }

    /// Resets the platform: the things of the renter's, and the credential of each caller.
    async fn reset(&mut self) -> Resources {
        let Self { world, replica, expired, fresh } = self;
        world
            .sql(
                "DELETE FROM number_assignments; DELETE FROM user_sessions; DELETE FROM api_keys;
                 DELETE FROM pools; DELETE FROM otp_patterns; INSERT INTO otp_patterns (sender, pattern) VALUES ('X', '(?<code>x)');
                 DELETE FROM invitations; INSERT INTO invitations (token_digest, created_at, expires_at)
                     VALUES ('x', '2026-03-01T12:00:00+00:00', '2027-03-01T12:00:00+00:00');
                 DELETE FROM blocked_senders; INSERT INTO blocked_senders (pattern, created_at)
                     VALUES ('NOBODY', '2026-03-01T12:00:00+00:00');
                 UPDATE users SET is_active = true;
                 UPDATE phone_numbers SET status = 'available', user_id = NULL, assigned_at = NULL, expires_at = NULL,
                     label = NULL, granted_pool_id = NULL;",
            )
            .await;
        // Longer than the application caches users and providers, which were changed in the store.
        let log_in = async |name: &str| replica.log_in(&format!("{name}@example.com")).await;
        let renter = log_in("renter").await;
        let spare = log_in("renter").await;
        let (another, premium, admin) = (log_in("another").await, log_in("premium").await, log_in("admin").await);
        let (deactivated, ended) = (log_in("deactivated").await, log_in("renter").await);
        world.sql("UPDATE users SET is_active = false WHERE email = 'deactivated@example.com'").await;
        replica.rest_ok(Some(&ended.token), "POST /v1/auth/logout", None).await;
        let caller = replica.app.authenticate(&renter.token, &otpwire::domain::Client::default()).await.unwrap();
        replica
            .app
            .assign_number(&caller, &Client::default(), &NumberChoice::Exactly(NumberId(1)), hours(), None)
            .await
            .unwrap();
        *fresh += 1;
        let posted = replica.post_sms(&sms(&format!("stage {fresh}"), "+14155550100", "hello")).await;
        assert_eq!(posted.status, 200);
        let pool = Some(json!({ "name": "ci", "rule": {} }));
        let pool = Box::pin(replica.rest_ok(Some(&renter.token), "POST /v1/pools", pool)).await["id"].to_string();
        let lease = Some(json!({ "pool": "ci", "ttl_seconds": 600 }));
        let lease = Box::pin(replica.rest_ok(Some(&renter.token), "POST /v1/leases", lease)).await;
        // A place in the queue of a country without numbers.
        let wait = "INSERT INTO lease_tickets (user_id, country_code, expires_at) VALUES (1, 'FR', '2030-01-01T00:00:00+00:00')";
        world.sql(wait).await;
        let ticket = world.column("SELECT max(id) FROM lease_tickets").await.remove(0);
        let grant = format!(
            r#"mutation {{ grantPhoneNumber(input: {{ phoneNumberId: "num_3", poolId: "pol_{pool}" }}) {{ __typename }} }}"#
        );
        Box::pin(replica.data(&admin, &grant, json!({}))).await;
        let message = world.column("SELECT max(id) FROM messages").await.remove(0);
        let mut keys = Vec::new();
        for scope in [Scope::ReadMessages, Scope::RentNumbers] {
            let new = NewApiKey::new("x", [scope], None).unwrap();
            let (key, secret) = replica.app.create_api_key(&caller, &new).await.unwrap();
            keys.push((key.id, secret.expose_secret().to_owned()));
        }
        let session = world.column("SELECT max(id) FROM user_sessions WHERE user_id = 1").await.remove(0);
        let pattern = world.column("SELECT max(id) FROM otp_patterns").await.remove(0);
        let invitation = world.column("SELECT max(id) FROM invitations").await.remove(0);
        let blocked = world.column("SELECT max(id) FROM blocked_senders").await.remove(0);
        let names = vec![
            ("@INVITATION", invitation),
            ("@BLOCKED", blocked),
            ("@PATTERN", pattern),
            ("@NUMBER", "1".to_owned()),
            ("@FREE", "2".to_owned()),
            ("@MESSAGE", message),
            ("@SESSION", session),
            ("@KEY", keys[0].0.to_string()),
            ("@REFRESH", spare.refresh_token),
            ("@POOL", pool),
            ("@LEASE", lease["id"].to_string()),
            ("@TICKET", ticket),
            ("@FENCE", lease["fence"].to_string()),
            ("@FRESH", format!("fresh{fresh}")),
        ];
        let tokens = vec![
            None,
            Some(renter.token),
            Some(another.token),
            Some(premium.token),
            Some(admin.token),
            Some(deactivated.token),
            Some(expired.clone()),
            Some(ended.token),
            Some(keys[0].1.clone()),
            Some(keys[1].1.clone()),
        ];
        Resources { tokens, names }
    }
}

fn hours() -> RentalHours {
    RentalHours::parse("hours", Some(1)).unwrap()
}

impl Resources {
    fn fill(&self, text: &str) -> String {
        // Longer names first, where one is a prefix of another.
        let mut names: Vec<_> = self.names.iter().collect();
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        names.into_iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }
}

/// The error code of a response of either API, or `ok`.
fn outcome(status: u16, body: &Value) -> String {
    match (status, body["code"].as_str(), body["errors"][0]["extensions"]["code"].as_str()) {
        (_, Some(code), _) | (_, None, Some(code)) => code.to_owned(),
        (200..300, None, None) => OK.to_owned(),
        (status, ..) => format!("{status} {body}"),
    }
}

on_both! {
    async fn rest_operations_are_authorised_as_the_table_says(world: World) {
        let mut fixture = Fixture::new(world).await;
        let mut wrong = Vec::new();
        for (operation, path, body_text, expected) in REST {
            let method = operation.split(' ').next().unwrap().to_uppercase();
            let mut resources = fixture.reset().await;
            for (column, person) in PEOPLE.iter().enumerate() {
                let endpoint = format!("{method} /v1{}", resources.fill(path));
                let body = (!body_text.is_empty()).then(|| serde_json::from_str(&resources.fill(body_text)).unwrap());
                let token = resources.tokens[column].as_deref();
                let (status, body) = fixture.replica.rest_status(token, &endpoint, body).await;
                let found = outcome(status, &serde_json::from_str(&body).unwrap_or_default());
                if found != expected[column] {
                    wrong.push(format!("{operation} by {person}: {found}, not {}", expected[column]));
                }
                // Operations may consume something, so the platform is reset; those open to all callers consume
                // nothing.
                let uses_up = method != "GET" && (path.contains('@') || path.contains("leases") || path.contains("logout") || path.contains("password") || body_text.contains('@'));
                if found == OK && uses_up {
                    resources = fixture.reset().await;
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    async fn graphql_operations_are_authorised_as_the_table_says(world: World) {
        let mut fixture = Fixture::new(world).await;
        let mut wrong = Vec::new();
        for (operation, document, expected) in GRAPHQL {
            let mut resources = fixture.reset().await;
            for (column, person) in PEOPLE.iter().enumerate() {
                let document = resources.fill(document);
                let found = if document.starts_with("subscription") {
                    subscribe(&fixture.replica, &document, resources.tokens[column].as_deref()).await
                } else {
                    let body = Some(json!({ "query": document }));
                    let answer = fixture.replica.rest(resources.tokens[column].as_deref(), "POST /graphql", body).await;
                    outcome(answer.status.as_u16(), &answer.json())
                };
                if found != expected[column] {
                    wrong.push(format!("{operation} by {person}: {found}, not {}", expected[column]));
                }
                if found == OK && document.starts_with("mutation") {
                    resources = fixture.reset().await;
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    async fn a_reset_platform_is_complete(world: World) {
        let mut fixture = Fixture::new(world).await;
        fixture.reset().await;
        let renter = fixture.replica.log_in("renter@example.com").await;
        let caller = fixture.caller(&renter).await;
        assert_eq!(caller.user().unwrap().user_id, renter.user.id);
        assert_eq!(fixture.replica.texts(&renter).await, ["hello"]);
    }
}

/// The outcome of a subscription, over an event stream.
async fn subscribe(replica: &Replica, document: &str, token: Option<&str>) -> String {
    let mut request =
        Request::post("/graphql").header("content-type", "application/json").header("accept", "text/event-stream");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let request = request.body(Body::from(json!({ "query": document }).to_string())).unwrap();
    let response = replica.router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let mut body = response.into_body().into_data_stream();
    let first = body.next().await.unwrap().unwrap();
    let Ok(refusal) = serde_json::from_slice(&first) else {
        // The stream begins with a comment. A refusal is there then; of a subscription that watches, nothing is yet.
        assert_eq!(&first[..], b":\n\n");
        return match body.next().now_or_never() {
            None => OK.to_owned(),
            Some(event) => {
                let event = String::from_utf8(event.unwrap().unwrap().to_vec()).unwrap();
                let data = event.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
                outcome(status, &serde_json::from_str(data).unwrap())
            }
        };
    };
    outcome(status, &refusal)
}

#[test]
fn no_operation_is_missing_from_the_tables() {
    let api: Value = serde_json::from_str(include_str!("../../openapi.json")).unwrap();
    let operations = api["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| item.as_object().unwrap().keys().map(move |method| format!("{method} {path}")));
    let tried: BTreeSet<String> = REST.iter().map(|(operation, ..)| (*operation).to_owned()).collect();
    assert_eq!(operations.collect::<BTreeSet<_>>(), tried);

    // The root types, in the schema definition language.
    let schema = include_str!("../../schema.graphql");
    let mut fields = BTreeSet::new();
    for root in ["type Query {", "type Mutation {", "type Subscription {"] {
        let body = schema.split(root).nth(1).unwrap_or_else(|| panic!("no {root}")).split("\n}").next().unwrap();
        let names = body.lines().filter_map(|line| {
            let line = line.strip_prefix('\t')?;
            let name = line.split(['(', ':']).next()?;
            (!line.starts_with(['"', '\t', '#', ' ', ')']) && name.chars().all(char::is_alphanumeric))
                .then(|| name.to_owned())
        });
        fields.extend(names.filter(|name| !name.is_empty()));
    }
    let roots = GRAPHQL.iter().filter(|(operation, ..)| !operation.contains('.'));
    let tried: BTreeSet<String> = roots.map(|(operation, ..)| (*operation).to_owned()).collect();
    assert_eq!(fields, tried);
}
