//! GraphQL over HTTP: batches, compression, and limits of responses.

use std::time::Duration;

use axum::{body::Body, http::Request};
use serde_json::{Value, json};

use crate::support::{Backend, Renter, Replica, World, client::Answer};

/// The type of server-sent events.
pub(crate) const EVENTS: &str = "text/event-stream";

/// Posts a body of GraphQL.
pub(crate) async fn post(replica: &Replica, who: Option<&Renter>, headers: &[(&str, &str)], body: Value) -> Answer {
    let mut request = Request::post("/graphql").header("content-type", "application/json");
    if let Some(who) = who {
        request = request.header("authorization", format!("Bearer {}", who.token));
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    replica.send(request.body(Body::from(body.to_string())).unwrap()).await
}

/// A replica for what does not depend on the backend.
pub(crate) async fn populated() -> (World, Replica, Renter) {
    let world = World::new(Backend::Embedded).await;
    let (replica, renter) = world.populated().await;
    (world, replica, renter)
}

#[tokio::test]
async fn a_batch_is_answered_in_order() {
    let (_world, replica, renter) = populated().await;
    let query = |query: &str| json!({ "query": query });
    let batch = json!([
        query("{ viewer { email } }"),
        query("{ nothing }"),
        query("subscription { messageReceived { cursor } }"),
        query(r#"mutation { assignPhoneNumber(input: { countryCode: "US" }) { phoneNumber { id } } }"#),
        query("{ phoneNumbers(filter: { mine: true }) { totalCount } }"),
    ]);
    let answer = post(&replica, Some(&renter), &[], batch.clone()).await;
    assert_eq!(answer.status, 200);
    let answers = answer.json();
    assert_eq!(answers[0]["data"]["viewer"]["email"], "renter@example.com");
    assert_eq!(answers[1]["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(answers[2]["errors"][0]["extensions"]["code"], "NOT_ACCEPTABLE");
    assert_eq!(answers[3]["data"]["assignPhoneNumber"]["phoneNumber"]["id"], "num_1");
    assert_eq!(answers[4]["data"]["phoneNumbers"]["totalCount"], 1);
    assert_eq!(answers.as_array().unwrap().len(), 5);
    let many = json!(vec![query("{ __typename }"); 11]);
    assert_eq!(post(&replica, Some(&renter), &[], many).await.error(400), "BATCH_TOO_LARGE");
    let answer = post(&replica, Some(&renter), &[("accept", EVENTS)], batch).await;
    assert_eq!(answer.error(406), "NOT_ACCEPTABLE");
}

#[tokio::test]
async fn every_request_of_a_batch_counts_against_the_rate_limit() {
    let mut world = World::new(Backend::Embedded).await;
    world.settings.request_limits.free = 10;
    let (replica, renter) = world.populated().await;
    let batch = json!(vec![json!({ "query": "{ __typename }" }); 8]);
    assert_eq!(post(&replica, Some(&renter), &[], batch.clone()).await.status, 200);
    assert_eq!(post(&replica, Some(&renter), &[], batch).await.error(429), "RATE_LIMITED");
    let one = post(&replica, Some(&renter), &[], json!({ "query": "{ __typename }" })).await;
    assert_eq!(one.header("x-ratelimit-remaining"), "0");
}

#[tokio::test]
async fn large_responses_are_compressed_and_small_ones_are_not() {
    let (_world, replica, _renter) = populated().await;
    let packs = [("accept-encoding", "gzip")];
    let large = json!({ "query": "{ __schema { types { name description } } }" });
    let packed = post(&replica, None, &packs, large.clone()).await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    let plain = post(&replica, None, &[], large).await;
    assert_eq!(plain.header("content-encoding"), "");
    assert!(packed.body.len() * 3 < plain.body.len());
    let small = post(&replica, None, &packs, json!({ "query": "{ __typename }" })).await;
    assert_eq!(small.header("content-encoding"), "");
    // Files are compressed once, and not sent again to a browser that has them.
    let get = |name: &str, value: &str| {
        Request::get("/graphql/assets/explorer.js").header(name, value).body(Body::empty()).unwrap()
    };
    let file = replica.send(get("accept-encoding", "gzip, br")).await;
    assert_eq!((file.status.as_u16(), file.header("content-encoding")), (200, "gzip"));
    let again = replica.send(get("if-none-match", file.header("etag"))).await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
}

#[tokio::test]
async fn a_response_has_at_most_20_errors() {
    let (_world, replica, _renter) = populated().await;
    let wrong: String = (0..1000).map(|n| format!("x{n} ")).collect();
    let answer = replica.graphql(None, &format!("{{ {wrong} }}"), json!({})).await;
    assert_eq!(answer["errors"].as_array().unwrap().len(), 20);
    assert_eq!(answer["extensions"]["omittedErrors"], 980);
}

#[tokio::test]
async fn an_operation_that_takes_too_long_times_out() {
    let mut world = World::new(Backend::Embedded).await;
    world.settings.token_lifetime = Duration::from_secs(48 * 3600);
    let (replica, renter) = world.populated().await;
    // Another connection holds the write lock of the database.
    use sea_orm::{ConnectionTrait, TransactionTrait};
    let connection = sea_orm::Database::connect(&world.database_url).await.unwrap();
    let writer = connection.begin().await.unwrap();
    writer.execute_unprepared("UPDATE users SET first_name = 'x'").await.unwrap();
    let query = r#"mutation { assignPhoneNumber(input: { countryCode: "US" }) { phoneNumber { id } } }"#;
    let code = replica.code(Some(&renter), query, json!({}));
    let time = async {
        loop {
            world.advance(1);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let code = tokio::select! {
        code = code => code,
        () = time => unreachable!(),
    };
    assert_eq!(code, "OPERATION_TIMEOUT");
    writer.rollback().await.unwrap();
}
