//! The REST API follows the specification, and every operation responds with every status that it documents.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use axum::{body::Body, http::Request};
use otpwire::{
    config::AllowedOrigins,
    domain::{InboxCursor, NewApiKey, Scope},
    server::ConnectionOptions,
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::support::{Mailbox, PASSWORD, Renter, Replica, World, client::sms, on_both};

fn openapi() -> Value {
    serde_json::from_str(include_str!("../../openapi.json")).unwrap()
}

#[test]
fn the_openapi_document_is_current() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_otpwire")).arg("openapi").output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed == include_str!("../../openapi.json"), "openapi.json is not current: run scripts/update");
}

/// The operations of the specification (3.1), with the statuses that it documents.
const SPECIFIED: &[(&str, &str, &[&str])] = &[
    ("post", "/auth/register", &["201", "400", "409"]),
    ("post", "/auth/login", &["200", "401"]),
    ("post", "/auth/refresh", &["200", "401"]),
    ("get", "/numbers", &["200"]),
    ("post", "/numbers", &["201", "400", "409"]),
    ("get", "/numbers/{id}", &["200", "404"]),
    ("delete", "/numbers/{id}", &["200", "403", "404"]),
    ("get", "/messages", &["200"]),
    ("patch", "/messages/{id}/read", &["200", "404"]),
    ("post", "/webhooks/sms", &["200", "400"]),
];

#[test]
fn the_openapi_document_covers_the_specification() {
    let api = openapi();
    for (method, path, statuses) in SPECIFIED {
        let operation = &api["paths"][*path][*method];
        for status in *statuses {
            assert!(operation["responses"].get(*status).is_some(), "{method} {path}: {status}");
        }
    }
    let parameters = |path: &str| -> BTreeMap<String, Value> {
        let parameters = api["paths"][path]["get"]["parameters"].as_array().unwrap().iter();
        parameters
            .map(|parameter| (parameter["name"].as_str().unwrap().to_owned(), parameter["schema"].clone()))
            .collect()
    };
    let numbers = parameters("/numbers");
    assert_eq!(numbers.keys().collect::<Vec<_>>(), ["country_code", "limit", "offset", "status"]);
    let bounds = |schema: &Value| (schema["minimum"].as_i64(), schema["maximum"].as_i64(), schema["default"].as_i64());
    assert_eq!(bounds(&numbers["limit"]), (Some(1), Some(100), Some(20)));
    assert_eq!(bounds(&numbers["offset"]), (Some(0), None, Some(0)));
    let messages = parameters("/messages");
    assert_eq!(
        messages.keys().collect::<Vec<_>>(),
        ["is_read", "limit", "message_type", "offset", "phone_number_id", "service", "since"]
    );
    assert_eq!(bounds(&messages["limit"]), (Some(1), Some(100), Some(50)));
    assert_eq!(messages["since"]["format"], "date-time");
    let schemas = &api["components"]["schemas"];
    let fields = |name: &str| -> BTreeSet<&str> {
        schemas[name]["properties"].as_object().unwrap().keys().map(String::as_str).collect()
    };
    for (name, expected) in [
        ("User", "id email first_name last_name role is_active email_verified created_at last_login"),
        ("PhoneNumber", "id phone_number country_code status assigned_at expires_at created_at"),
        (
            "Message",
            "id phone_number_id phone_number sender_number message_content message_type received_at is_read otp",
        ),
        ("OneTimeCode", "code service score"),
        ("Error", "error message code details timestamp request_id"),
        ("Register", "email password first_name last_name"),
        ("LogIn", "email password"),
        ("Refresh", "refresh_token"),
        ("AssignNumber", "phone_number_id duration_hours"),
        ("Registered", "message user_id"),
        ("PhoneNumbers", "numbers total limit offset"),
        ("Messages", "messages total limit offset"),
    ] {
        for field in expected.split(' ') {
            assert!(fields(name).contains(field), "{name}.{field}");
        }
    }
    for (name, required) in
        [("LogIn", "email password"), ("Refresh", "refresh_token"), ("AssignNumber", "phone_number_id")]
    {
        assert_eq!(schemas[name]["required"], json!(required.split(' ').collect::<Vec<_>>()), "{name}");
    }
    let logged_in = schemas["LoggedIn"].to_string();
    assert!(["#/components/schemas/Tokens", "\"user\""].iter().all(|part| logged_in.contains(part)), "{logged_in}");
    assert!(["access_token", "refresh_token", "expires_in"].iter().all(|field| fields("Tokens").contains(field)));
    // The details of an error are an open map, so that generated clients can read all of them.
    assert_eq!(schemas["Error"]["properties"]["details"]["type"], "object");
    assert!(schemas["Error"]["properties"]["details"].get("additionalProperties").is_some());
    assert_eq!(bounds(&schemas["AssignNumber"]["properties"]["duration_hours"]), (Some(1), Some(24), Some(1)));
    assert_eq!(schemas["Register"]["properties"]["password"]["minLength"], 8);
    assert_eq!(schemas["Register"]["required"], json!(["email", "password", "first_name", "last_name"]));
    assert_eq!(schemas["NumberStatus"]["enum"], json!(["available", "assigned", "expired", "blocked"]));
    assert_eq!(schemas["MessageType"]["enum"], json!(["sms", "otp", "verification"]));
    assert_eq!(api["components"]["securitySchemes"]["BearerAuth"]["scheme"], "bearer");
    assert_eq!(api["servers"][0]["url"], "http://127.0.0.1:8080/v1");
}

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
    (
        "post /users/me/password",
        "/users/me/password",
        Signed,
        r#"{"current_password":"correct horse battery","new_password":"correct horse battery"}"#,
        200,
    ),
    ("post /auth/logout", "/auth/logout", Signed, "again", 200),
];

fn request(operation: &str, path: &str, token: Option<&str>, kind: &str, body: impl Into<Body>) -> Request<Body> {
    let method = operation.split(' ').next().unwrap().to_uppercase();
    let mut request = Request::builder().method(method.as_str()).uri(format!("/v1{path}")).header("content-type", kind);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request.body(body.into()).unwrap()
}

const JSON: &str = "application/json";

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
        Self { replica, renter, no_numbers, no_messages, off: off.token, names }
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
        if operation.contains("/messages") && path.contains("since=") {
            // By now there are messages.
            self.replica.post_sms(&sms("read", "+14155550100", "hello")).await;
        }
        self.replica.status_of(request(operation, &path, token.as_deref(), kind, body)).await
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

    async fn lists_have_pages(world: World) {
        let (replica, renter) = world.populated().await;
        let token = Some(renter.token.as_str());
        let page = replica.rest_ok(token, "GET /v1/numbers?limit=2&offset=1", None).await;
        let ids: Vec<_> = page["numbers"].as_array().unwrap().iter().map(|number| number["id"].as_i64().unwrap()).collect();
        assert_eq!((ids, &page["total"], &page["limit"], &page["offset"]), (vec![2, 3], &json!(3), &json!(2), &json!(1)));
        let first = replica.rest_ok(token, "GET /v1/numbers?country_code=de", None).await;
        assert_eq!((&first["total"], &first["limit"], &first["offset"]), (&json!(1), &json!(20), &json!(0)));
        let expected = json!({
            "id": 3, "phone_number": "+4915123456789", "country_code": "DE", "status": "available",
        });
        let mut number = first["numbers"][0].clone();
        number.as_object_mut().unwrap().remove("created_at");
        assert_eq!(number, expected);
        let rented = replica.rest_ok(token, "POST /v1/numbers", Some(json!({ "phone_number_id": 3 }))).await;
        assert_eq!((&rented["status"], &rented["expires_at"]), (&json!("assigned"), &json!("2026-03-01T13:00:00Z")));
        for n in 0..5 {
            replica.post_sms(&sms(&n.to_string(), "+4915123456789", &format!("message {n}"))).await;
        }
        let page = replica.rest_ok(token, "GET /v1/messages?limit=2&offset=1", None).await;
        let texts: Vec<_> = page["messages"].as_array().unwrap().iter().map(|message| message["message_content"].clone()).collect();
        assert_eq!((texts, &page["total"]), (vec![json!("message 3"), json!("message 2")], &json!(5)));
        let id = page["messages"][0]["id"].as_i64().unwrap();
        replica.rest_ok(token, &format!("PATCH /v1/messages/{id}/read"), None).await;
        let read = replica.rest_ok(token, "GET /v1/messages?is_read=true", None).await;
        assert_eq!((&read["total"], &read["limit"], &read["messages"][0]["id"]), (&json!(1), &json!(50), &json!(id)));
        let past = replica.rest_ok(token, "GET /v1/messages?offset=100", None).await;
        assert_eq!((&past["messages"], &past["total"]), (&json!([]), &json!(5)));
    }

    /// The schemas of the specification allow no `null`.
    async fn what_has_no_value_is_left_out(world: World) {
        let (replica, renter) = world.populated().await;
        let token = Some(renter.token.as_str());
        replica.rest_ok(token, "POST /v1/numbers", Some(json!({ "phone_number_id": 1 }))).await;
        replica.post_sms(&sms("1", "+14155550100", "hello")).await;
        let key = json!({ "name": "x", "scopes": ["messages:read"] });
        let cursor = replica.rest_ok(token, "GET /v1/messages/wait?since=2026-01-01T00:00:00Z&timeout=0", None).await;
        assert!(cursor["message"].get("otp").is_none(), "{cursor}");
        for (endpoint, body) in [
            ("GET /v1/users/me", None),
            ("GET /v1/users/me/sessions", None),
            ("POST /v1/users/me/api-keys", Some(key)),
            ("GET /v1/users/me/api-keys", None),
            ("GET /v1/numbers", None),
            ("GET /v1/numbers/1", None),
            ("GET /v1/numbers/2", None),
            ("GET /v1/messages", None),
            ("DELETE /v1/numbers/1", None),
            ("POST /v1/auth/refresh", Some(json!({ "refresh_token": renter.refresh_token }))),
        ] {
            let answer = replica.rest_ok(token, endpoint, body).await;
            assert!(!answer.to_string().contains("null"), "{endpoint}: {answer}");
        }
        let free = replica.rest_ok(token, "GET /v1/numbers/2", None).await;
        assert!(free.get("assigned_at").is_none() && free.get("expires_at").is_none(), "{free}");
        // The document says the same: no field of an answer may be null.
        let api = openapi();
        for name in ["User", "PhoneNumber", "Message", "OneTimeCode", "MessageMedia", "Session", "ApiKey"] {
            let schema = &api["components"]["schemas"][name];
            assert!(!schema.to_string().contains("\"null\""), "{schema}");
        }
        let required = &api["components"]["schemas"]["PhoneNumber"]["required"];
        assert!(!required.to_string().contains("_at\",\"expires") && !required.to_string().contains("assigned_at"), "{required}");
    }

    async fn unknown_parameters_are_ignored_where_the_specification_says_nothing_of_them(world: World) {
        let (replica, renter) = world.populated().await;
        let token = Some(renter.token.as_str());
        replica.rest_ok(token, "POST /v1/numbers", Some(json!({ "phone_number_id": 1 }))).await;
        for (endpoint, status) in [
            ("GET /v1/numbers?page=2&limit=1", 200),
            ("GET /v1/numbers?utm=a&utm=b", 200),
            ("GET /v1/numbers/1?x=1", 200),
            ("GET /v1/messages?_=1700000000", 200),
            // A parameter that is known may still come once.
            ("GET /v1/numbers?limit=1&limit=2", 400),
            // A filter that is misspelled would hand over the wrong code.
            ("GET /v1/messages/wait?timeout=0&sender=GOOGLE", 400),
            ("GET /v1/messages/stream?number=1", 400),
        ] {
            let (found, body) = replica.rest_status(token, endpoint, None).await;
            assert_eq!(found, status, "{endpoint}: {body}");
        }
        let (found, body) = replica.rest_status(token, "DELETE /v1/numbers/1?x=1", None).await;
        assert_eq!(found, 200, "{body}");
    }

    async fn integers_are_those_of_json_schema(world: World) {
        let (replica, renter) = world.populated().await;
        let token = Some(renter.token.as_str());
        let large = "9".repeat(400);
        for (body, status) in [
            (r#"{"phone_number_id":1,"duration_hours":100000000000000000000}"#.to_owned(), 422),
            (r#"{"phone_number_id":1,"duration_hours":3000000000}"#.to_owned(), 422),
            (r#"{"phone_number_id":1,"duration_hours":1e300}"#.to_owned(), 422),
            (format!(r#"{{"phone_number_id":1,"duration_hours":{large}}}"#), 422),
            (r#"{"phone_number_id":18446744073709551616}"#.to_owned(), 422),
            (r#"{"phone_number_id":1,"duration_hours":25}"#.to_owned(), 422),
            (r#"{"phone_number_id":1,"duration_hours":5.5}"#.to_owned(), 400),
            (r#"{"phone_number_id":1,"duration_hours":"5"}"#.to_owned(), 400),
            (r#"{"phone_number_id":1,"duration_hours":1e}"#.to_owned(), 400),
            (r#"{"phone_number_id":3000000000}"#.to_owned(), 404),
            (r#"{"phone_number_id":1.0,"duration_hours":5.0}"#.to_owned(), 201),
        ] {
            let (found, answer) = replica.status_of(request("post /numbers", "/numbers", token, JSON, body.clone())).await;
            assert_eq!(found, status, "{body}: {answer}");
            if status == 422 {
                let field = if body.contains("hours") { "duration_hours" } else { "phone_number_id" };
                assert!(answer.contains(&format!(r#""field":"{field}""#)), "{body}: {answer}");
                assert!(answer.contains("VALIDATION_ERROR") && !answer.contains(&large[..40]), "{answer}");
            }
        }
        for (query, status) in [
            ("numbers?limit=5.0&offset=0.0", 200),
            ("numbers?limit=100000000000000000000", 422),
            ("numbers?offset=-1", 422),
            ("numbers?limit=5.5", 400),
            ("numbers?limit=five", 400),
            ("messages?phone_number_id=1.0", 200),
            ("messages?phone_number_id=100000000000000000000", 422),
            ("messages/wait?timeout=0.0", 204),
            ("messages/wait?timeout=100000000000000000000", 422),
        ] {
            let (found, answer) = replica.rest_status(token, &format!("GET /v1/{query}"), None).await;
            assert_eq!(found, status, "{query}: {answer}");
        }
    }

    async fn ids_may_have_the_prefix_of_graphql(world: World) {
        let (replica, renter) = world.populated().await;
        let token = Some(renter.token.as_str());
        let rented = replica.rest_ok(token, "POST /v1/numbers", Some(json!({ "phone_number_id": "num_1" }))).await;
        assert_eq!(rented["id"], 1);
        replica.post_sms(&sms("1", "+14155550100", "hello")).await;
        for query in ["phone_number_id=num_1", "phone_number_id=1"] {
            let messages = replica.rest_ok(token, &format!("GET /v1/messages?{query}"), None).await;
            assert_eq!(messages["total"], 1, "{query}");
        }
        let key = json!({ "name": "x", "scopes": ["messages:read"] });
        let key = replica.rest_ok(token, "POST /v1/users/me/api-keys", Some(key)).await["api_key"]["id"].to_string();
        let spare = replica.log_in("renter@example.com").await;
        let sessions = replica.rest_ok(Some(&spare.token), "GET /v1/users/me/sessions", None).await;
        let is_other = |session: &&Value| session["is_current"] == false;
        let session = sessions["sessions"].as_array().unwrap().iter().find(is_other).unwrap()["id"].to_string();
        for (endpoint, status) in [
            ("GET /v1/numbers/num_1".to_owned(), 200),
            ("GET /v1/numbers/msg_1".to_owned(), 400),
            ("GET /v1/numbers/num_99".to_owned(), 404),
            ("GET /v1/numbers/num_99999999999".to_owned(), 404),
            ("GET /v1/messages?phone_number_id=msg_1".to_owned(), 400),
            ("PATCH /v1/messages/msg_1/read".to_owned(), 200),
            ("PATCH /v1/messages/num_1/read".to_owned(), 400),
            ("POST /v1/numbers/num_1/extend".to_owned(), 200),
            ("DELETE /v1/numbers/num_1".to_owned(), 200),
            (format!("DELETE /v1/users/me/api-keys/key_{key}"), 200),
            (format!("DELETE /v1/users/me/sessions/ses_{session}"), 200),
        ] {
            let answer = replica.rest(Some(&spare.token), &endpoint, None).await;
            assert_eq!(answer.status, status, "{endpoint}: {}", answer.text());
        }
        // And the other way round, where GraphQL knows the kind of an id.
        let spare = &spare;
        let rent = "mutation { assignPhoneNumber(input: { phoneNumberId: 2 }) { phoneNumber { id } } }";
        assert_eq!(replica.data(spare, rent, json!({})).await["assignPhoneNumber"]["phoneNumber"]["id"], "num_2");
        let read = "query($id: ID!) { phoneNumber(id: 2) { id } message(id: \"1\") { id }
                    messages(filter: { phoneNumberId: $id }) { totalCount } }";
        let data = replica.data(spare, read, json!({ "id": 1 })).await;
        let expected = json!({ "phoneNumber": { "id": "num_2" }, "message": { "id": "msg_1" }, "messages": { "totalCount": 1 } });
        assert_eq!(data, expected);
        for document in ["{ phoneNumber(id: \"msg_2\") { id } }", "{ phoneNumber(id: \"02\") { id } }", "{ node(id: 2) { id } }"] {
            assert_eq!(replica.code(Some(spare), document, json!({})).await, "VALIDATION_ERROR", "{document}");
        }
    }

    async fn blocked_and_others_numbers_are_not_listed(world: World) {
        let (replica, renter) = world.populated().await;
        let other = replica.renter("other@example.com").await;
        let admin = replica.admin("admin@example.com").await;
        replica.rent(&other, "DE", 1).await;
        world.sql("UPDATE phone_numbers SET status = 'blocked' WHERE id = 1").await;
        let seen = async |who: &Renter, query: &str| {
            let page = replica.rest_ok(Some(&who.token), &format!("GET /v1/numbers?{query}"), None).await;
            page["numbers"].as_array().unwrap().iter().map(|number| number["id"].as_i64().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(seen(&renter, "").await, [2]);
        for status in ["blocked", "assigned", "expired"] {
            assert!(seen(&renter, &format!("status={status}")).await.is_empty(), "{status}");
        }
        assert_eq!(seen(&other, "status=assigned").await, [3]);
        assert_eq!(seen(&admin, "").await, [1, 2, 3]);
        assert_eq!(seen(&admin, "status=blocked").await, [1]);
        assert_eq!(replica.rest(Some(&renter.token), "GET /v1/numbers/1", None).await.status, 404);
    }

    async fn a_plan_limits_the_numbers_rented_at_once(world: World) {
        let (replica, renter) = world.populated().await;
        let more: Vec<String> = (0..40).map(|n| format!("+141555502{n:02}")).collect();
        replica.add_numbers("sandbox", &more.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let premium = replica.renter("premium@example.com").await;
        world.sql("UPDATE users SET plan = 'premium' WHERE email = 'premium@example.com'").await;
        let premium = replica.log_in(&premium.user.email).await;
        let rent = |who: &Renter, id: i32| {
            let token = who.token.clone();
            let replica = &replica;
            async move { replica.rest(Some(&token), "POST /v1/numbers", Some(json!({ "phone_number_id": id }))).await }
        };
        // Concurrently: a limit that is checked without a lock would let more through.
        let answers = futures_util::future::join_all((1..9).map(|id| rent(&renter, id))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 3);
        let refused = answers.iter().find(|answer| answer.status != 201).unwrap();
        assert_eq!((refused.error(409), &refused.json()["details"]["limit"]), ("LIMIT_REACHED".into(), &json!(3)));
        let answers = futures_util::future::join_all((9..39).map(|id| rent(&premium, id))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 25);
        // A number that is released or has expired no longer counts.
        let mine = replica.rest_ok(Some(&renter.token), "GET /v1/numbers?status=assigned", None).await;
        let id = mine["numbers"][0]["id"].as_i64().unwrap();
        replica.rest_ok(Some(&renter.token), &format!("DELETE /v1/numbers/{id}"), None).await;
        assert_eq!(rent(&renter, 40).await.status, 201);
        world.advance(3600);
        let renter = replica.log_in(&renter.user.email).await;
        assert_eq!(rent(&renter, 41).await.status, 201);
    }

    async fn a_rental_is_extended_to_at_most_24_hours(world: World) {
        let (replica, renter) = world.populated().await;
        replica.rest_ok(Some(&renter.token), "POST /v1/numbers", Some(json!({ "phone_number_id": 1, "duration_hours": 2 }))).await;
        let extend = |token: &str, hours: i32| {
            let token = token.to_owned();
            let replica = &replica;
            async move { replica.rest(Some(&token), "POST /v1/numbers/1/extend", Some(json!({ "duration_hours": hours }))).await }
        };
        world.advance(3600);
        let renter = replica.log_in(&renter.user.email).await;
        assert_eq!(extend(&renter.token, 3).await.json()["expires_at"], "2026-03-01T17:00:00Z");
        let refused = extend(&renter.token, 20).await;
        assert_eq!((refused.error(422), &refused.json()["details"]["issue"]), ("VALIDATION_ERROR".into(), &json!("must be at most 19: a rental may last 24 hours in all")));
        assert_eq!(extend(&renter.token, 19).await.json()["expires_at"], "2026-03-02T12:00:00Z");
        assert_eq!(extend(&renter.token, 1).await.status, 422);
        // Messages in the extension belong to the renter.
        world.advance(20 * 3600);
        replica.post_sms(&sms("late", "+14155550100", "still mine")).await;
        let renter = replica.log_in(&renter.user.email).await;
        assert_eq!(replica.texts(&renter).await, ["still mine"]);
        world.advance(3 * 3600);
        let renter = replica.log_in(&renter.user.email).await;
        assert_eq!(extend(&renter.token, 1).await.status, 404);
    }

    async fn unknown_paths_and_methods_respond_in_the_same_format(world: World) {
        let (replica, renter) = world.populated().await;
        for (endpoint, status, code) in [
            ("GET /v1", 404, "NOT_FOUND"),
            ("GET /v1/nothing", 404, "NOT_FOUND"),
            ("PUT /v1/numbers", 405, "METHOD_NOT_ALLOWED"),
            ("DELETE /v1/auth/login", 405, "METHOD_NOT_ALLOWED"),
            ("POST /v1/openapi.json", 405, "METHOD_NOT_ALLOWED"),
            ("POST /v1/docs", 405, "METHOD_NOT_ALLOWED"),
        ] {
            let answer = replica.rest(Some(&renter.token), endpoint, None).await;
            assert_eq!(answer.error(status), code, "{endpoint}");
            assert_eq!(answer.header("allow").is_empty(), status != 405, "{endpoint}");
        }
        assert_eq!(replica.rest(None, "PUT /v1/numbers", None).await.header("allow"), "GET,HEAD,POST");
    }

    async fn unreadable_requests_get_the_field_or_the_position(world: World) {
        let (replica, renter) = world.populated().await;
        for (body, field, line, column) in [
            ("{\n  \"phone_number_id\": 1,\n  \"duration_hours\": }", Value::Null, 3, 21),
            ("{\"phone_number_id\":\"one\"}", json!("phone_number_id"), 1, 24),
            ("{\"duration_hours\":1}", json!("phone_number_id"), 1, 20),
            ("{\"phone_number_id\":1,\"hours\":1}", json!("hours"), 1, 28),
            ("{\"phone_number_id\":1.5}", json!("phone_number_id"), 1, 22),
            ("{\"phone_number_id\":1,\"phone_number_id\":2}", json!("phone_number_id"), 1, 38),
        ] {
            let answer = replica.status_of(request("post /numbers", "/numbers", Some(&renter.token), JSON, body)).await;
            let error: Value = serde_json::from_str(&answer.1).unwrap();
            let details = &error["details"];
            assert_eq!(answer.0, 400, "{body}");
            assert_eq!((&details["line"], &details["column"], &details["field"]), (&json!(line), &json!(column), &field), "{body}: {error}");
        }
        // A secret is never echoed.
        for (value, secret) in [(json!(["hunter2"]), "hunter2"), (json!(4711), "4711"), (json!({ "hunter2": 1 }), "hunter2")] {
            let body = json!({ "email": "renter@example.com", "password": value });
            let answer = replica.rest(None, "POST /v1/auth/login", Some(body)).await;
            assert!(answer.error(400) == "INVALID_REQUEST" && !answer.text().contains(secret), "{}", answer.text());
        }
    }

    async fn pages_of_allowed_origins_may_call_the_api(world: World) {
        let mut world = world;
        let preflight = |origin: &str| {
            Request::options("/v1/numbers")
                .header("origin", origin.to_owned())
                .header("access-control-request-method", "GET")
                .header("access-control-request-headers", "authorization")
                .body(Body::empty())
                .unwrap()
        };
        let closed = world.replica().await;
        let answer = closed.send(preflight("https://app.example.com")).await;
        assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (405, ""));
        world.options.allowed_origins = AllowedOrigins::These(vec!["https://app.example.com".to_owned()]);
        let open = world.replica().await;
        let answer = open.send(preflight("https://app.example.com")).await;
        assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (200, "https://app.example.com"));
        assert!(answer.header("access-control-allow-headers").contains("authorization"));
        assert_eq!(open.send(preflight("https://elsewhere.example.com")).await.header("access-control-allow-origin"), "");
        let request = Request::get("/v1/numbers").header("origin", "https://app.example.com").body(Body::empty());
        let answer = open.send(request.unwrap()).await;
        assert_eq!(answer.error(401), "UNAUTHENTICATED");
        assert!(answer.header("access-control-expose-headers").contains("x-ratelimit-remaining"));
    }

    async fn pages_may_send_the_headers_of_apollo_of_tracing_and_of_the_operator(world: World) {
        let mut world = world;
        world.options.allowed_origins = AllowedOrigins::Any;
        world.options.allowed_headers = vec!["x-tenant".parse().unwrap()];
        let replica = world.replica().await;
        for path in ["/graphql", "/v1/messages"] {
            let request = Request::options(path)
                .header("origin", "https://app.example.com")
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "traceparent,apollographql-client-name,x-tenant")
                .body(Body::empty());
            let answer = replica.send(request.unwrap()).await;
            assert_eq!(answer.status, 200, "{path}");
            let allowed: Vec<_> = answer.header("access-control-allow-headers").split(',').collect();
            for header in [
                "authorization", "content-type", "last-event-id", "idempotency-key", "x-request-id",
                "traceparent", "tracestate", "baggage",
                "apollographql-client-name", "apollographql-client-version", "apollo-require-preflight",
                "x-apollo-operation-id", "x-apollo-operation-name", "x-apollo-operation-type", "x-tenant",
            ] {
                assert!(allowed.contains(&header), "{path}: {header} is not in {allowed:?}");
            }
            assert!(!allowed.contains(&"x-other"));
        }
    }

    async fn the_openapi_document_and_its_page_are_served(world: World) {
        let replica = world.replica().await;
        let served = replica.get("/v1/openapi.json").await;
        assert_eq!(served.header("content-type"), "application/json");
        assert_eq!(served.json()["servers"][0]["url"], "https://sms.example.com/v1");
        let page = replica.get("/v1/docs").await;
        assert!(page.header("content-type").starts_with("text/html") && !page.header("content-security-policy").is_empty());
        // The page loads files of this server alone.
        let loads: Vec<_> = page.text().split(['"']).filter(|part| part.contains("/assets/") || part.contains("://")).collect();
        assert_eq!(loads.len(), 3);
        for path in loads {
            assert_eq!(replica.get(&format!("/v1/{path}")).await.status, 200, "{path}");
        }
    }

    async fn an_invalid_credential_does_not_prevent_a_login(world: World) {
        let (replica, renter) = world.populated().await;
        world.advance(3600);
        let body = json!({ "email": "renter@example.com", "password": PASSWORD });
        assert_eq!(replica.rest(Some(&renter.token), "POST /v1/auth/login", Some(body)).await.status, 200);
        let body = json!({ "refresh_token": renter.refresh_token });
        assert_eq!(replica.rest(Some(&renter.token), "POST /v1/auth/refresh", Some(body)).await.status, 200);
    }

    async fn an_optional_body_may_be_left_out(world: World) {
        let (replica, renter) = world.populated().await;
        let token = Some(renter.token.as_str());
        replica.rest_ok(token, "POST /v1/numbers", Some(json!({ "phone_number_id": 1 }))).await;
        let extended = replica.rest_ok(token, "POST /v1/numbers/1/extend", None).await;
        assert_eq!(extended["expires_at"], "2026-03-01T14:00:00Z");
        let missing = replica.rest(token, "POST /v1/numbers", None).await;
        assert_eq!(missing.error(400), "INVALID_REQUEST");
    }
}
