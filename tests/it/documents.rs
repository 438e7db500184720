//! Documents that the server knows: persisted by clients, listed by the operator, and what is told about the schema.

use std::sync::Arc;

use otpwire::graphql::{AllowedDocuments, Options};
use serde_json::json;

use crate::{
    support::{Backend, World},
    transports::{populated, post},
};

/// The SHA-256 of `{ __typename }`.
const HASH: &str = "7f56e67dd21ab3f30d1ff8b7bed08893f0a0db86449836189b361dd1e56ddb4b";

#[tokio::test]
async fn automatic_persisted_queries_work() {
    let (_world, replica, renter) = populated().await;
    let hash = |hash: &str| json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });
    let by_hash = json!({ "extensions": hash(HASH) });
    let unknown = post(&replica, Some(&renter), &[], by_hash.clone()).await;
    assert_eq!(unknown.status, 200);
    let expected =
        json!({ "message": "PersistedQueryNotFound", "extensions": { "code": "PERSISTED_QUERY_NOT_FOUND" } });
    assert_eq!(unknown.json(), json!({ "errors": [expected] }));
    let newer = [("accept", "application/graphql-response+json")];
    assert_eq!(post(&replica, Some(&renter), &newer, by_hash.clone()).await.status, 400);
    let with = |query: &str| json!({ "query": query, "extensions": hash(HASH) });
    let wrong = post(&replica, Some(&renter), &[], with("{ viewer { id } }")).await;
    assert_eq!(wrong.json()["errors"][0]["extensions"]["code"], "PERSISTED_QUERY_MISMATCH");
    let known = post(&replica, Some(&renter), &[], with("{ __typename }")).await;
    assert_eq!(known.json(), json!({ "data": { "__typename": "Query" } }));
    assert_eq!(post(&replica, None, &[], by_hash).await.json(), json!({ "data": { "__typename": "Query" } }));
    let extensions: String = url::form_urlencoded::byte_serialize(hash(HASH).to_string().as_bytes()).collect();
    let answer = replica.get(&format!("/graphql?extensions={extensions}")).await;
    assert_eq!(answer.json(), json!({ "data": { "__typename": "Query" } }));
    for wrong in [json!({ "version": 2, "sha256Hash": HASH }), json!({ "version": 1 }), json!("x")] {
        let answer = post(&replica, None, &[], json!({ "extensions": { "persistedQuery": wrong } })).await;
        assert_eq!(answer.error(400), "INVALID_REQUEST");
    }
}

#[tokio::test]
async fn an_operator_may_restrict_documents_to_a_list() {
    let mut world = World::new(Backend::Embedded).await;
    let listed = json!({ "one": "{ __typename }", "two": "query Q { viewer { email } }" }).to_string();
    let documents = Some(Arc::new(AllowedDocuments::parse(&listed).unwrap()));
    world.options.graphql = Options { documents, ..Options::default() };
    let (replica, renter) = world.populated().await;
    let hash = json!({ "persistedQuery": { "version": 1, "sha256Hash": HASH } });
    for (body, expected) in [
        (json!({ "documentId": "one" }), Ok("Query")),
        (json!({ "query": "{ __typename }" }), Ok("Query")),
        (json!({ "query": "{ __typename }", "extensions": hash }), Ok("Query")),
        // The document that is named is the one that runs.
        (json!({ "documentId": "one", "query": "{ viewer { id } }" }), Ok("Query")),
        (json!({ "documentId": "three" }), Err("DOCUMENT_NOT_ALLOWED")),
        (json!({ "query": "{ viewer { id } }" }), Err("DOCUMENT_NOT_ALLOWED")),
        (json!({ "query": "{ __schema { description } }" }), Err("DOCUMENT_NOT_ALLOWED")),
        (json!({ "extensions": hash }), Ok("Query")),
        (
            json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": "00" } } }),
            Err("PERSISTED_QUERY_NOT_FOUND"),
        ),
        (json!({}), Err("DOCUMENT_NOT_ALLOWED")),
    ] {
        let answer = post(&replica, Some(&renter), &[], body.clone()).await.json();
        match expected {
            Ok(name) => assert_eq!(answer["data"]["__typename"], name, "{body}"),
            Err(code) => assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{body}"),
        }
    }
    // Over a socket as well.
    let mut socket = crate::support::socket::Socket::ready(replica.listen().await, &renter).await;
    socket.subscribe("1", "{ viewer { id } }", json!({})).await;
    assert_eq!(socket.receive().await["payload"][0]["extensions"]["code"], "DOCUMENT_NOT_ALLOWED");
    socket.send(json!({ "type": "subscribe", "id": "2", "payload": { "documentId": "two" } })).await;
    assert_eq!(socket.receive().await["payload"]["data"]["viewer"]["email"], "renter@example.com");
}

#[test]
fn a_document_list_is_validated_when_it_is_read() {
    let apollo = json!({ "format": "apollo-persisted-query-manifest", "version": 1,
        "operations": [{ "id": "x", "name": "Q", "type": "query", "body": "query Q { __typename }" }] });
    assert!(AllowedDocuments::parse(&apollo.to_string()).is_ok());
    for (text, issue) in [
        ("x", "must be a JSON object of ids and documents"),
        ("[]", "must be a JSON object of ids and documents"),
        (r#"{"format":"other","operations":[]}"#, "must be a JSON object of ids and documents"),
        (r#"{"one":"{"}"#, "the document `one` is not GraphQL"),
        (&json!({ "one": "{a".repeat(2000) }).to_string(), "the document `one`: the document is nested too deep"),
    ] {
        let error = AllowedDocuments::parse(text).unwrap_err();
        assert!(error.starts_with(issue), "{error}");
    }
}

#[tokio::test]
async fn introspection_and_suggestions_can_be_turned_off() {
    let mut world = World::new(Backend::Embedded).await;
    let query = "{ viewr { id } }";
    let suggested = world.replica().await.graphql(None, query, json!({})).await;
    assert!(suggested["errors"][0]["message"].as_str().unwrap().contains("viewer"), "{suggested}");
    world.options.graphql = Options { introspection: false, suggestions: false, documents: None };
    let replica = world.replica().await;
    let plain = replica.graphql(None, query, json!({})).await;
    assert!(!plain["errors"][0]["message"].as_str().unwrap().contains("viewer"), "{plain}");
    for query in [
        "{ __schema { types { name } } }",
        "{ ...f } fragment f on Query { a: __type(name: \"User\") { name } }",
        "{ ... on Query { __schema { description } } }",
    ] {
        let answer = replica.graphql(None, query, json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "INTROSPECTION_DISABLED", "{query}");
        assert!(answer.get("data").is_none());
    }
    assert_eq!(replica.graphql(None, "{ __typename }", json!({})).await["data"]["__typename"], "Query");
}

#[tokio::test]
async fn brackets_inside_strings_are_not_counted() {
    let (_world, replica, renter) = populated().await;
    let brackets = "[".repeat(100);
    for value in [
        format!("\"{brackets}\""),
        format!("\"\"\"{brackets} \\\"\"\" {brackets}\"\"\""),
        format!("\"\\\"{brackets}\""),
    ] {
        let query = format!("{{ node(id: {value}) {{ id }} }} # {brackets}");
        let answer = replica.graphql(Some(&renter), &query, json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "VALIDATION_ERROR", "{query}: {answer}");
    }
    // A string that ends earlier than a naive scanner would think hides no brackets.
    for start in ["\"", "\"\\", "\"\"\"\"\"\"", "\"\"", "\"\"\" \\\"\"\"\"\"\"", "#\n", "#\r"] {
        let query = format!("{{ a(b: {start}\n {} )}}", "[".repeat(2000));
        let answer = replica.graphql(Some(&renter), &query, json!({})).await;
        let code = answer["errors"][0]["extensions"]["code"].as_str().unwrap();
        assert!(["QUERY_TOO_DEEP", "GRAPHQL_PARSE_FAILED"].contains(&code), "{start}: {answer}");
    }
}
