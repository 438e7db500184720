//! Every operation of the REST API responds with every status that the OpenAPI document has for it, and with no other.

use std::{collections::BTreeSet, time::Duration};

use axum::{body::Body, http::Request};
use otpwire::{
    domain::{InboxCursor, NewApiKey, Scope},
    server::ConnectionOptions,
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::{
    openapi::openapi,
    support::{Mailbox, Renter, Replica, World, client::sms, on_both},
};

/// Who sends a request.
#[derive(Clone, Copy, PartialEq)]
enum Who {
    Guest,
    Renter,
    /// An API key without the scope for numbers, or for messages.
    NoNumbers,
    NoMessages,
    /// A user whose account was deactivated.
    Off,
    Admin,
}
use Who::{Guest, NoMessages, NoNumbers, Renter as Signed};

/// A request for each documented status that not all operations have in common, with the status that it gets. They are
/// sent in this order, to one platform.
const CASES: &[(&str, &str, Who, &str, u16)] = &[
    (
        "post /auth/register",
        "/auth/register",
        Guest,
        r#"{"email":"new@example.com","password":"correct horse battery","first_name":"A","last_name":"B"}"#,
        201,
    ),
    (
        "post /auth/register",
        "/auth/register",
        Guest,
        r#"{"email":"NEW@example.com","password":"correct horse battery","first_name":"A","last_name":"B"}"#,
        409,
    ),
    (
        "post /auth/register",
        "/auth/register",
        Guest,
        r#"{"email":"new","password":"correct horse battery","first_name":"A","last_name":"B"}"#,
        422,
    ),
    (
        "post /auth/register",
        "/auth/register",
        Guest,
        r#"{"email":"x@example.com","password":"correct horse battery","first_name":"A","last_name":"B","invitation":"otpi_x"}"#,
        403,
    ),
    ("get /auth/registration", "/auth/registration", Guest, "", 200),
    ("post /invitations", "/invitations", Signed, "{}", 403),
    ("post /invitations", "/invitations", Who::Admin, r#"{"email":"a@example.org","plan":"premium"}"#, 201),
    ("post /invitations", "/invitations", Who::Admin, r#"{"email":"new@example.com"}"#, 409),
    ("post /invitations", "/invitations", Who::Admin, r#"{"expires_in_days":0}"#, 422),
    ("get /invitations", "/invitations", Who::Admin, "", 200),
    ("get /invitations", "/invitations", Signed, "", 403),
    ("delete /invitations/{id}", "/invitations/x", Who::Admin, "", 400),
    ("delete /invitations/{id}", "/invitations/1", Signed, "", 403),
    ("delete /invitations/{id}", "/invitations/99", Who::Admin, "", 404),
    ("delete /invitations/{id}", "/invitations/inv_1", Who::Admin, "", 200),
    ("post /blocked-senders", "/blocked-senders", Signed, r#"{"sender":"JUNK"}"#, 403),
    ("post /blocked-senders", "/blocked-senders", Who::Admin, r#"{"sender":"JUNK","note":"x"}"#, 201),
    ("post /blocked-senders", "/blocked-senders", Who::Admin, r#"{"sender":"junk"}"#, 409),
    ("post /blocked-senders", "/blocked-senders", Who::Admin, r#"{"sender":"*"}"#, 422),
    ("get /blocked-senders", "/blocked-senders", Who::Admin, "", 200),
    ("get /blocked-senders", "/blocked-senders", Signed, "", 403),
    ("delete /blocked-senders/{id}", "/blocked-senders/x", Who::Admin, "", 400),
    ("delete /blocked-senders/{id}", "/blocked-senders/1", Signed, "", 403),
    ("delete /blocked-senders/{id}", "/blocked-senders/99", Who::Admin, "", 404),
    ("delete /blocked-senders/{id}", "/blocked-senders/blk_1", Who::Admin, "", 200),
    (
        "post /auth/login",
        "/auth/login",
        Guest,
        r#"{"email":"renter@example.com","password":"correct horse battery"}"#,
        200,
    ),
    ("post /auth/login", "/auth/login", Guest, r#"{"email":"renter@example.com","password":"wrong"}"#, 401),
    (
        "post /auth/login",
        "/auth/login",
        Guest,
        r#"{"email":"off@example.com","password":"correct horse battery"}"#,
        403,
    ),
    ("post /auth/refresh", "/auth/refresh", Guest, r#"{"refresh_token":"@REFRESH"}"#, 200),
    ("post /auth/refresh", "/auth/refresh", Guest, r#"{"refresh_token":"nonsense"}"#, 401),
    ("post /auth/refresh", "/auth/refresh", Guest, r#"{"refresh_token":"@OFF"}"#, 403),
    ("post /auth/verify-email", "/auth/verify-email", Guest, r#"{"token":"@VERIFY"}"#, 200),
    ("post /auth/verify-email", "/auth/verify-email", Guest, r#"{"token":"@VERIFY"}"#, 422),
    ("post /auth/resend-verification", "/auth/resend-verification", Guest, r#"{"email":"renter@example.com"}"#, 202),
    ("post /auth/resend-verification", "/auth/resend-verification", Guest, r#"{"email":"renter"}"#, 422),
    ("post /auth/forgot-password", "/auth/forgot-password", Guest, r#"{"email":"nobody@example.com"}"#, 202),
    ("post /auth/forgot-password", "/auth/forgot-password", Guest, r#"{"email":"@"}"#, 422),
    (
        "post /auth/reset-password",
        "/auth/reset-password",
        Guest,
        r#"{"token":"@RESET","password":"correct horse battery"}"#,
        200,
    ),
    (
        "post /auth/reset-password",
        "/auth/reset-password",
        Guest,
        r#"{"token":"@RESET","password":"correct horse battery"}"#,
        422,
    ),
    ("get /users/me", "/users/me", Signed, "", 200),
    ("get /users/me", "/users/me", NoNumbers, "", 200),
    ("get /users/me", "/users/me", Who::Off, "", 403),
    ("patch /users/me", "/users/me", Signed, r#"{"first_name":"Ada"}"#, 200),
    ("patch /users/me", "/users/me", NoNumbers, r#"{"first_name":"Ada"}"#, 403),
    ("patch /users/me", "/users/me", Signed, "{\"first_name\":\"\\u0007\"}", 422),
    ("get /users/me/sessions", "/users/me/sessions", Signed, "", 200),
    ("get /users/me/sessions", "/users/me/sessions", NoNumbers, "", 403),
    ("delete /users/me/sessions", "/users/me/sessions", NoNumbers, "", 403),
    ("delete /users/me/sessions/{id}", "/users/me/sessions/@SESSION", Signed, "", 200),
    ("delete /users/me/sessions/{id}", "/users/me/sessions/@SESSION", Signed, "", 404),
    ("delete /users/me/sessions/{id}", "/users/me/sessions/x", Signed, "", 400),
    ("delete /users/me/sessions/{id}", "/users/me/sessions/1", NoNumbers, "", 403),
    ("get /users/me/api-keys", "/users/me/api-keys", Signed, "", 200),
    ("get /users/me/api-keys", "/users/me/api-keys", NoNumbers, "", 403),
    ("post /users/me/api-keys", "/users/me/api-keys", Signed, r#"{"name":"x","scopes":["numbers:rent"]}"#, 201),
    ("post /users/me/api-keys", "/users/me/api-keys", Signed, r#"{"name":"","scopes":["numbers:rent"]}"#, 422),
    ("post /users/me/api-keys", "/users/me/api-keys", NoNumbers, r#"{"name":"x","scopes":["numbers:rent"]}"#, 403),
    ("post /users/me/api-keys", "/users/me/api-keys", Signed, "50 more", 409),
    ("get /numbers", "/numbers?country_code=us&status=available&limit=1&offset=0", Signed, "", 200),
    ("get /numbers", "/numbers?limit=many", Signed, "", 400),
    ("get /numbers", "/numbers", NoNumbers, "", 403),
    ("get /numbers", "/numbers?limit=101", Signed, "", 422),
    ("post /numbers", "/numbers", Signed, r#"{"phone_number_id":1,"duration_hours":2}"#, 201),
    ("post /numbers", "/numbers", Signed, r#"{"phone_number_id":1}"#, 409),
    ("post /numbers", "/numbers", Signed, r#"{"phone_number_id":99}"#, 404),
    ("post /numbers", "/numbers", Signed, r#"{"phone_number_id":99999999999}"#, 404),
    ("post /numbers", "/numbers", Signed, r#"{"phone_number_id":2,"duration_hours":25}"#, 422),
    ("post /numbers", "/numbers", NoNumbers, r#"{"phone_number_id":2}"#, 403),
    ("get /numbers/{id}", "/numbers/1", Signed, "", 200),
    ("get /numbers/{id}", "/numbers/3", Signed, "", 404),
    ("get /numbers/{id}", "/numbers/one", Signed, "", 400),
    ("get /numbers/{id}", "/numbers/1", NoNumbers, "", 403),
    ("post /numbers/{id}/extend", "/numbers/1/extend", Signed, r#"{"duration_hours":22}"#, 200),
    ("post /numbers/{id}/extend", "/numbers/1/extend", Signed, "{}", 422),
    ("post /numbers/{id}/extend", "/numbers/2/extend", Signed, "{}", 403),
    ("post /numbers/{id}/extend", "/numbers/3/extend", Signed, "{}", 404),
    ("delete /numbers/{id}", "/numbers/2", Signed, "", 403),
    ("delete /numbers/{id}", "/numbers/3", Signed, "", 404),
    ("delete /numbers/{id}", "/numbers/-", Signed, "", 400),
    (
        "get /messages",
        "/messages?phone_number_id=1&message_type=sms&is_read=false&since=2026-01-01T00:00:00Z&service=GitHub",
        Signed,
        "",
        200,
    ),
    ("get /messages", "/messages?is_read=maybe", Signed, "", 400),
    ("get /messages", "/messages?offset=-1", Signed, "", 422),
    ("get /messages", "/messages?service=", Signed, "", 422),
    ("get /messages", "/messages", NoMessages, "", 403),
    ("patch /messages/{id}/read", "/messages/@MESSAGE/read", Signed, "", 200),
    ("patch /messages/{id}/read", "/messages/-1/read", Signed, "", 404),
    ("patch /messages/{id}/read", "/messages/99999999999999999999/read", Signed, "", 404),
    ("patch /messages/{id}/read", "/messages/0x1/read", Signed, "", 400),
    ("patch /messages/{id}/read", "/messages/1/read", NoMessages, "", 403),
    ("get /messages/{id}/timeline", "/messages/@MESSAGE/timeline", Who::Admin, "", 200),
    ("get /messages/{id}/timeline", "/messages/msg_@MESSAGE/timeline", Who::Admin, "", 200),
    ("get /messages/{id}/timeline", "/messages/99/timeline", Who::Admin, "", 404),
    ("get /messages/{id}/timeline", "/messages/x/timeline", Who::Admin, "", 400),
    ("get /messages/{id}/timeline", "/messages/@MESSAGE/timeline", Signed, "", 403),
    ("get /messages/wait", "/messages/wait?since=2026-01-01T00:00:00Z", Signed, "", 200),
    ("get /messages/wait", "/messages/wait?timeout=0", Signed, "", 204),
    ("get /messages/wait", "/messages/wait?timeout=x", Signed, "", 400),
    ("get /messages/wait", "/messages/wait", NoMessages, "", 403),
    ("get /messages/wait", "/messages/wait?phone_number_id=3", Signed, "", 404),
    ("get /messages/wait", "/messages/wait?timeout=99", Signed, "", 422),
    ("get /messages/wait", "/messages/wait?service=%20&timeout=0", Signed, "", 422),
    ("get /messages/wait", "/messages/wait?service=GitHub&timeout=0", Signed, "", 204),
    ("get /messages/stream", "/messages/stream?after=nonsense", Signed, "", 422),
    ("get /messages/stream", "/messages/stream?service=", Signed, "", 422),
    ("get /messages/stream", "/messages/stream?before=x", Signed, "", 400),
    ("get /messages/stream", "/messages/stream", NoMessages, "", 403),
    ("get /messages/stream", "/messages/stream?phone_number_id=3", Signed, "", 404),
    ("get /messages/stream", "/messages/stream", Signed, "", 200),
    ("post /webhooks/sms", "/webhooks/sms?provider=sandbox", Guest, "signed", 200),
    ("post /webhooks/sms", "/webhooks/sms", Guest, "", 400),
    ("post /webhooks/sms", "/webhooks/sms?provider=sandbox", Guest, "{}", 403),
    ("post /webhooks/sms", "/webhooks/sms?provider=nobody", Guest, "{}", 404),
    ("post /webhooks/sms", "/webhooks/sms?provider=sandbox", Guest, "huge", 413),
    ("post /webhooks/sms", "/webhooks/sms?provider=kudosity", Guest, "", 405),
    ("post /webhooks/sms", "/webhooks/sms?provider=twilio", Guest, "text", 415),
    (
        "post /webhooks/status",
        "/webhooks/status?provider=kannel&token=n3Vx81-kQ02mzTfp&from=1&to=12345&id=1",
        Guest,
        "text",
        200,
    ),
    ("post /webhooks/status", "/webhooks/status", Guest, "", 400),
    ("post /webhooks/status", "/webhooks/status?provider=sandbox", Guest, "{}", 403),
    ("post /webhooks/status", "/webhooks/status?provider=nobody", Guest, "{}", 404),
    ("post /webhooks/status", "/webhooks/status?provider=kudosity", Guest, "", 405),
    ("post /webhooks/status", "/webhooks/status?provider=sandbox", Guest, "huge", 413),
    ("post /webhooks/status", "/webhooks/status?provider=twilio", Guest, "text", 415),
    (
        "get /webhooks/sms",
        "/webhooks/sms?provider=kannel&token=n3Vx81-kQ02mzTfp&from=1&to=12345&text=x",
        Guest,
        "",
        200,
    ),
    (
        "get /webhooks/sms",
        "/webhooks/sms?provider=kannel&token=n3Vx81-kQ02mzTfp&from=1&to=nobody&text=x",
        Guest,
        "",
        400,
    ),
    ("get /webhooks/sms", "/webhooks/sms?provider=kannel&token=guess&from=1&to=12345&text=x", Guest, "", 403),
    ("get /webhooks/sms", "/webhooks/sms?provider=nobody", Guest, "", 404),
    ("get /webhooks/sms", "/webhooks/sms?provider=sandbox", Guest, "", 405),
    ("get /webhooks/status", "/webhooks/status?provider=kannel&token=n3Vx81-kQ02mzTfp&id=1&dlr=1", Guest, "", 200),
    ("get /webhooks/status", "/webhooks/status", Guest, "", 400),
    ("get /webhooks/status", "/webhooks/status?provider=kannel&token=guess", Guest, "", 403),
    ("get /webhooks/status", "/webhooks/status?provider=nobody", Guest, "", 404),
    ("get /webhooks/status", "/webhooks/status?provider=sandbox", Guest, "", 405),
    ("get /webhooks/status", "/webhooks/status?provider=slow&token=n3Vx81-kQ02mzTfp&id=1&dlr=1", Guest, "", 200),
    ("get /webhooks/status", "/webhooks/status?provider=slow&token=n3Vx81-kQ02mzTfp&id=1&dlr=1", Guest, "", 429),
    ("get /webhooks/sms", "/webhooks/sms?provider=slow&token=n3Vx81-kQ02mzTfp&from=1&to=12345&text=x", Guest, "", 429),
    ("post /webhooks/status", "/webhooks/status?provider=slow&token=n3Vx81-kQ02mzTfp&id=1&dlr=1", Guest, "text", 429),
    ("post /webhooks/sms", "/webhooks/sms?provider=slow&token=n3Vx81-kQ02mzTfp&from=1&to=12345", Guest, "text", 429),
    ("patch /numbers/{id}", "/numbers/1", Signed, r#"{"label":"ci"}"#, 200),
    ("patch /numbers/{id}", "/numbers/1", NoNumbers, r#"{"label":"ci"}"#, 403),
    ("patch /numbers/{id}", "/numbers/3", Signed, r#"{"label":"ci"}"#, 404),
    ("patch /numbers/{id}", "/numbers/1", Signed, r#"{"label":""}"#, 422),
    ("post /pools", "/pools", Signed, r#"{"name":"ci","phone_number_ids":[1]}"#, 201),
    ("post /pools", "/pools", Signed, r#"{"name":"ci"}"#, 409),
    ("post /pools", "/pools", Signed, r#"{"name":"more","phone_number_ids":[3]}"#, 404),
    ("post /pools", "/pools", Signed, r#"{"name":"more","rule":[null,null]}"#, 400),
    ("post /pools", "/pools", Signed, r#"{"name":"more","rule":{"lable":"x"}}"#, 400),
    ("post /pools", "/pools", Signed, r#"{"name":""}"#, 422),
    ("post /pools", "/pools", NoNumbers, r#"{"name":"more"}"#, 403),
    ("post /pools", "/pools", Signed, r#"{"name":"other"}"#, 201),
    ("get /pools", "/pools", Signed, "", 200),
    ("get /pools", "/pools", NoNumbers, "", 403),
    ("patch /pools/{id}", "/pools/1", Signed, r#"{"cooldown_seconds":0}"#, 200),
    ("patch /pools/{id}", "/pools/1", NoNumbers, r#"{"cooldown_seconds":0}"#, 403),
    ("patch /pools/{id}", "/pools/99", Signed, r#"{"cooldown_seconds":0}"#, 404),
    ("patch /pools/{id}", "/pools/1", Signed, r#"{"name":"other"}"#, 409),
    ("patch /pools/{id}", "/pools/1", Signed, r#"{"name":""}"#, 422),
    ("post /leases", "/leases", Signed, r#"{"pool":"ci"}"#, 201),
    ("post /leases", "/leases", Signed, r#"{"pool":"ci"}"#, 409),
    ("post /leases", "/leases", Signed, r#"{"pool":"ci","wait_seconds":1}"#, 202),
    ("delete /leases/tickets/{ticket}", "/leases/tickets/x", Signed, "", 422),
    ("delete /leases/tickets/{ticket}", "/leases/tickets/@TICKET", NoNumbers, "", 403),
    ("delete /leases/tickets/{ticket}", "/leases/tickets/tkt_99", Signed, "", 404),
    ("delete /leases/tickets/{ticket}", "/leases/tickets/@TICKET", Signed, "", 200),
    ("post /leases", "/leases", Signed, r#"{"pool":"nobody's"}"#, 404),
    ("post /leases", "/leases", Signed, r#"{"pool":"ci","ttl_seconds":1}"#, 422),
    ("post /leases", "/leases", NoNumbers, r#"{"pool":"ci"}"#, 403),
    ("get /leases", "/leases", Signed, "", 200),
    ("get /leases", "/leases", NoNumbers, "", 403),
    ("get /leases/{id}", "/leases/@LEASE?fence=@FENCE", Signed, "", 200),
    ("get /leases/{id}", "/leases/x?fence=1", Signed, "", 400),
    ("get /leases/{id}", "/leases/@LEASE?fence=@FENCE", NoNumbers, "", 403),
    ("get /leases/{id}", "/leases/99?fence=1", Signed, "", 404),
    ("get /leases/{id}", "/leases/@LEASE?fence=99", Signed, "", 409),
    ("get /leases/{id}", "/leases/@LEASE?fence=99999999999999999999", Signed, "", 422),
    ("get /leases/{id}/wait", "/leases/@LEASE/wait?fence=@FENCE&timeout=0", Signed, "", 204),
    ("get /leases/{id}/wait", "/leases/@LEASE/wait?fence=@FENCE&timeout=1", Signed, "", 200),
    ("get /leases/{id}/wait", "/leases/x/wait?fence=1", Signed, "", 400),
    ("get /leases/{id}/wait", "/leases/@LEASE/wait?fence=@FENCE", NoNumbers, "", 403),
    ("get /leases/{id}/wait", "/leases/99/wait?fence=1", Signed, "", 404),
    ("get /leases/{id}/wait", "/leases/@LEASE/wait?fence=99", Signed, "", 409),
    ("get /leases/{id}/wait", "/leases/@LEASE/wait?fence=@FENCE&timeout=51", Signed, "", 422),
    ("get /leases/{id}/messages", "/leases/@LEASE/messages?fence=@FENCE", Signed, "", 200),
    ("get /leases/{id}/messages", "/leases/x/messages?fence=1", Signed, "", 400),
    ("get /leases/{id}/messages", "/leases/@LEASE/messages?fence=@FENCE", NoNumbers, "", 403),
    ("get /leases/{id}/messages", "/leases/99/messages?fence=1", Signed, "", 404),
    ("get /leases/{id}/messages", "/leases/@LEASE/messages?fence=99", Signed, "", 409),
    ("get /leases/{id}/messages", "/leases/@LEASE/messages?fence=@FENCE&limit=101", Signed, "", 422),
    ("post /leases/{id}/renew", "/leases/@LEASE/renew", Signed, r#"{"fence":@FENCE,"ttl_seconds":60}"#, 200),
    ("post /leases/{id}/renew", "/leases/@LEASE/renew", NoNumbers, r#"{"fence":@FENCE}"#, 403),
    ("post /leases/{id}/renew", "/leases/99/renew", Signed, r#"{"fence":1}"#, 404),
    ("post /leases/{id}/renew", "/leases/@LEASE/renew", Signed, r#"{"fence":99}"#, 409),
    ("post /leases/{id}/renew", "/leases/@LEASE/renew", Signed, r#"{"fence":@FENCE,"ttl_seconds":1}"#, 422),
    ("delete /leases/{id}", "/leases/x?fence=1", Signed, "", 400),
    ("delete /leases/{id}", "/leases/@LEASE?fence=@FENCE", NoNumbers, "", 403),
    ("delete /leases/{id}", "/leases/99?fence=1", Signed, "", 404),
    ("delete /leases/{id}", "/leases/@LEASE?fence=99", Signed, "", 409),
    ("delete /leases/{id}", "/leases/@LEASE?fence=99999999999999999999", Signed, "", 422),
    ("delete /leases/{id}", "/leases/@LEASE?fence=@FENCE", Signed, "", 200),
    ("delete /pools/{id}", "/pools/x", Signed, "", 400),
    ("delete /pools/{id}", "/pools/1", NoNumbers, "", 403),
    ("delete /pools/{id}", "/pools/99", Signed, "", 404),
    ("delete /pools/{id}", "/pools/1", Signed, "", 200),
    // Last, because they end what the other cases need.
    ("delete /users/me/api-keys/{id}", "/users/me/api-keys/x", Signed, "", 400),
    ("delete /users/me/api-keys/{id}", "/users/me/api-keys/1", NoNumbers, "", 403),
    ("delete /users/me/api-keys/{id}", "/users/me/api-keys/999", Signed, "", 404),
    ("delete /numbers/{id}", "/numbers/1", Signed, "", 200),
    ("post /numbers/{id}/extend", "/numbers/-/extend", Signed, "{}", 400),
    ("post /numbers/{id}/extend", "/numbers/1/extend", Signed, "an admin", 409),
    ("delete /numbers/{id}", "/numbers/1", Signed, "an admin", 409),
    (
        "post /users/me/password",
        "/users/me/password",
        Signed,
        r#"{"current_password":"wrong","new_password":"correct horse battery"}"#,
        422,
    ),
    (
        "post /users/me/password",
        "/users/me/password",
        Signed,
        r#"{"current_password":"wrong","new_password":"short"}"#,
        422,
    ),
    (
        "post /users/me/password",
        "/users/me/password",
        NoNumbers,
        r#"{"current_password":"x","new_password":"correct horse battery"}"#,
        403,
    ),
    ("post /auth/logout", "/auth/logout", NoNumbers, "", 403),
    ("delete /users/me/api-keys/{id}", "/users/me/api-keys/1", Signed, "", 200),
    ("get /messages/wait", "/messages/wait?after=@OLD", Signed, "a day later", 410),
    ("get /messages/stream", "/messages/stream?after=@OLD", Signed, "", 410),
    ("post /leases", "/leases", Signed, r#"{"country_code":"US"}"#, 201),
    ("get /leases/{id}/wait", "/leases/@LEASE/wait?fence=@FENCE&after=@OLD", Signed, "", 410),
    (
        "post /users/me/password",
        "/users/me/password",
        Signed,
        r#"{"current_password":"correct horse battery","new_password":"correct horse battery"}"#,
        200,
    ),
    ("post /auth/logout", "/auth/logout", Signed, "again", 200),
    ("delete /users/me/sessions", "/users/me/sessions", Signed, "again", 200),
];

/// A request for an operation, with a body of any content type.
pub(crate) fn request(
    operation: &str,
    path: &str,
    token: Option<&str>,
    kind: &str,
    body: impl Into<Body>,
) -> Request<Body> {
    let method = operation.split(' ').next().unwrap().to_uppercase();
    let mut request = Request::builder().method(method.as_str()).uri(format!("/v1{path}")).header("content-type", kind);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request.body(body.into()).unwrap()
}

pub(crate) const JSON: &str = "application/json";

/// The statuses that were seen, by operation.
type Seen = BTreeSet<(String, String)>;

/// The statuses that all operations have in common: no credential, rate limits, an invalid body.
async fn try_common_statuses(world: &World, seen: &mut Seen) {
    let api = openapi();
    let (replica, renter) = world.populated().await;
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{method} {path}");
            let target = path.replace("{id}", "1");
            let is_webhook = path.starts_with("/webhooks");
            let secured = operation.get("security") != Some(&json!([]));
            let mut tries = Vec::new();
            if secured {
                tries.push((401, request(&name, &target, None, JSON, "{}")));
                tries.push((401, request(&name, &target, Some("nonsense"), JSON, "{}")));
            }
            if operation.get("requestBody").is_some() && !is_webhook {
                let token = Some(renter.token.as_str());
                for malformed in ["", "{", "[]", "null", "{\"no such field\":1}", "{\"email\":\"\u{fffd}"] {
                    tries.push((400, request(&name, &target, token, JSON, malformed)));
                }
                tries.push((400, request(&name, &target, token, JSON, b"{\"email\":\"\xff\"}".to_vec())));
                tries.push((413, request(&name, &target, token, JSON, vec![b' '; 70_000])));
                tries.push((415, request(&name, &target, token, "text/plain", "{}")));
                tries.push((415, request(&name, &target, token, "application/x-www-form-urlencoded", "a=b")));
                let never = Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>());
                tries.push((408, request(&name, &target, token, JSON, never)));
            }
            if !is_webhook {
                let mut html = request(&name, &target, Some(&renter.token), JSON, "{}");
                html.headers_mut().insert("accept", "text/html".parse().unwrap());
                tries.push((406, html));
            }
            for (expected, request) in tries {
                let (status, body) = replica.status_of(request).await;
                assert_eq!(status, expected, "{name}: {body}");
                seen.insert((name.clone(), status.to_string()));
            }
        }
    }
}

/// Sends requests until the rate limit refuses them.
async fn try_rate_limits(world: &mut World, seen: &mut Seen) {
    world.settings.request_limits.guest = 1;
    let replica = world.replica().await;
    replica.get("/v1/users/me").await;
    for (path, item) in openapi()["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys().filter(|_| !path.starts_with("/webhooks")) {
            let name = format!("{method} {path}");
            let (status, body) = replica.status_of(request(&name, &path.replace("{id}", "1"), None, JSON, "{}")).await;
            assert_eq!(status, 429, "{name}: {body}");
            seen.insert((name, "429".to_owned()));
        }
    }
    world.settings.request_limits.guest = 100_000;
}

/// The users, numbers and messages that the cases need.
struct Fixture {
    replica: Replica,
    renter: Renter,
    no_numbers: String,
    no_messages: String,
    off: String,
    admin: String,
    names: Vec<(&'static str, String)>,
}

impl Fixture {
    async fn new(world: &World) -> Self {
        let replica = world.replica().await;
        for kind in ["twilio", "kannel", "kudosity"] {
            replica.add_provider(kind, kind, "n3Vx81-kQ02mzTfp").await;
        }
        replica.add_provider("kannel", "slow", "n3Vx81-kQ02mzTfp").await;
        world.sql("UPDATE sms_providers SET rate_limit_per_minute = 1 WHERE name = 'slow'").await;
        let renter = replica.log_in("renter@example.com").await;
        let other = replica.renter("other@example.com").await;
        let off = replica.renter("off@example.com").await;
        let admin = replica.admin("boss@example.com").await;
        world.sql("UPDATE users SET is_active = false WHERE email = 'off@example.com'").await;
        replica.rent(&other, "DE", 24).await;
        let caller = replica.app.authenticate(&renter.token, &otpwire::domain::Client::default()).await.unwrap();
        let mut keys = Vec::new();
        for scope in [Scope::ReadMessages, Scope::RentNumbers] {
            let new = NewApiKey::new("x", [scope], None).unwrap();
            keys.push(replica.app.create_api_key(&caller, &new).await.unwrap().1.expose_secret().to_owned());
        }
        let spare = replica.log_in("renter@example.com").await;
        let sessions = replica.rest_ok(Some(&renter.token), "GET /v1/users/me/sessions", None).await;
        let oldest = sessions["sessions"].as_array().unwrap().last().unwrap()["id"].to_string();
        let mailbox = world.mailbox.as_ref().unwrap();
        let before = mailbox.count();
        let ask = |path: &'static str, email: &'static str| replica.rest(None, path, Some(json!({ "email": email })));
        // Verifying ends the sessions of the user, so it is not one of those that the cases use.
        replica.renter("fresh@example.com").await;
        world.sql("UPDATE users SET email_verified = false WHERE email = 'fresh@example.com'").await;
        ask("POST /v1/auth/resend-verification", "fresh@example.com").await;
        let verify = mailbox.mail(before).await.token().to_owned();
        ask("POST /v1/auth/forgot-password", "other@example.com").await;
        let reset = mailbox.mail(before + 1).await.token().to_owned();
        let names = vec![
            ("@REFRESH", spare.refresh_token),
            ("@OFF", off.refresh_token),
            ("@VERIFY", verify),
            ("@RESET", reset),
            ("@SESSION", oldest),
            ("@MESSAGE", "1".to_owned()),
            ("@OLD", InboxCursor { inbox: renter.user.id, seq: 0 }.encode()),
        ];
        let [no_numbers, no_messages] = keys.try_into().unwrap();
        Self { replica, renter, no_numbers, no_messages, off: off.token, admin: admin.token, names }
    }

    fn fill(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }

    /// Sends the request of one case. A few need preparation.
    async fn attempt(&mut self, world: &World, case: &(&str, &str, Who, &str, u16)) -> (u16, String) {
        let (operation, path, who, body, _) = *case;
        let mut body = self.fill(body);
        let mut kind = JSON;
        let mut token = match who {
            Guest => None,
            Signed => Some(self.renter.token.clone()),
            NoNumbers => Some(self.no_numbers.clone()),
            NoMessages => Some(self.no_messages.clone()),
            Who::Off => Some(self.off.clone()),
            Who::Admin => Some(self.admin.clone()),
        };
        match body.as_str() {
            "signed" => {
                let answer = self.replica.post_sms(&sms("1", "+14155550100", "hello")).await;
                return (answer.status.as_u16(), String::from_utf8(answer.body).unwrap());
            }
            "huge" => body = " ".repeat(70_000),
            "text" => kind = "text/plain",
            "50 more" => {
                body = r#"{"name":"x","scopes":["numbers:rent"]}"#.to_owned();
                for _ in 0..47 {
                    let made = Some(serde_json::from_str(&body).unwrap());
                    self.replica.rest_ok(token.as_deref(), "POST /v1/users/me/api-keys", made).await;
                }
            }
            "an admin" => {
                world.sql("UPDATE users SET role = 'admin' WHERE email = 'off@example.com'; UPDATE users SET is_active = true;").await;
                token = Some(self.replica.log_in("off@example.com").await.token);
                body = "{}".to_owned();
            }
            "a day later" => {
                world.advance(24 * 3600);
                self.renter = self.replica.log_in("renter@example.com").await;
                token = Some(self.renter.token.clone());
            }
            "again" => {
                self.renter = self.replica.log_in("renter@example.com").await;
                token = Some(self.renter.token.clone());
            }
            _ => {}
        }
        let path = self.fill(path);
        if path.contains("/messages") && path.contains("since=")
            || path.contains("/wait?") && path.contains("timeout=1")
        {
            // By now there are messages.
            self.replica.post_sms(&sms(&path, "+14155550100", "hello")).await;
        }
        let waits = body.contains("wait_seconds");
        let answer = self.replica.status_of(request(operation, &path, token.as_deref(), kind, body));
        let time_passes = async {
            loop {
                tokio::time::sleep(Duration::from_millis(20)).await;
                world.advance(1);
            }
        };
        let answer = tokio::select! {
            answer = answer => answer,
            () = time_passes, if waits => unreachable!("time goes on for ever"),
        };
        if operation == "post /leases" && answer.0 == 202 {
            let queued: Value = serde_json::from_str(&answer.1).unwrap();
            self.names.push(("@TICKET", queued["ticket"].as_str().unwrap().to_owned()));
        }
        if operation == "post /leases" && answer.0 == 201 {
            let lease: Value = serde_json::from_str(&answer.1).unwrap();
            self.names.retain(|(name, _)| !["@LEASE", "@FENCE"].contains(name));
            self.names.extend([("@LEASE", lease["id"].to_string()), ("@FENCE", lease["fence"].to_string())]);
        }
        answer
    }
}

/// Whether an error has the six fields, and a code of which the document has an example.
fn is_documented(api: &Value, operation: &str, status: u16, body: &str) -> bool {
    let body: Value = serde_json::from_str(body).unwrap();
    let mut fields: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    let (method, path) = operation.split_once(' ').unwrap();
    let response = &api["paths"][path][method]["responses"][status.to_string()];
    let name = response["$ref"].as_str().and_then(|name| name.rsplit('/').next()).unwrap();
    let examples = &api["components"]["responses"][name]["content"]["application/json"]["examples"];
    fields == ["code", "details", "error", "message", "request_id", "timestamp"]
        && examples.get(body["code"].as_str().unwrap()).is_some()
}

on_both! {
    async fn every_operation_responds_with_every_status_that_it_documents(world: World) {
        let mut world = world;
        world.mailbox = Some(Mailbox::start().await);
        let mut seen = Seen::new();
        world.options.connections.body_timeout = Duration::from_millis(50);
        try_common_statuses(&world, &mut seen).await;
        world.options.connections = ConnectionOptions::default();
        try_rate_limits(&mut world, &mut seen).await;
        let mut fixture = Fixture::new(&world).await;
        let api = openapi();
        let mut wrong = Vec::new();
        for case in CASES {
            let (operation, path, .., expected) = *case;
            let (status, body) = fixture.attempt(&world, case).await;
            if status != expected {
                wrong.push(format!("{operation} as {path}: {status}, not {expected}: {body}"));
            }
            if status >= 400 && !is_documented(&api, operation, status, &body) {
                wrong.push(format!("{operation} as {path}: {status} is not as documented: {body}"));
            }
            seen.insert((operation.to_owned(), status.to_string()));
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        let mut documented = Seen::new();
        for (path, item) in api["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let statuses = operation["responses"].as_object().unwrap().keys();
                documented.extend(
                    statuses.filter(|status| *status != "default").map(|status| (format!("{method} {path}"), status.clone())),
                );
            }
        }
        let untried: Vec<_> = documented.difference(&seen).collect();
        assert!(untried.is_empty(), "documented and not seen: {untried:#?}");
        let undocumented: Vec<_> = seen.difference(&documented).collect();
        assert!(undocumented.is_empty(), "seen and not documented: {undocumented:#?}");
    }
}
