//! The OpenAPI document: it is current, covers the specification, and is served with its page.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::{World, on_both};

/// The document that the repository has.
pub(crate) fn openapi() -> Value {
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
        ["channel", "is_read", "limit", "message_type", "offset", "phone_number_id", "service", "since"]
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
    for (name, required) in [("LogIn", "email password"), ("Refresh", "refresh_token")] {
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

on_both! {
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
}
