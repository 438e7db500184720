//! Numbers: who sees them, who can rent them, and when they are available again.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Renter, Replica, World, on_both};

const ASSIGN: &str = "mutation($input: AssignPhoneNumberInput!) {
    assignPhoneNumber(input: $input) { phoneNumber { id status assignedAt expiresAt } } }";
const RELEASE: &str = "mutation($id: ID!) {
    releasePhoneNumber(input: { phoneNumberId: $id }) { phoneNumber { id status expiresAt } } }";

/// The numbers that a user sees, as `num_1 AVAILABLE`.
async fn visible(replica: &Replica, who: &Renter, filter: Value) -> Vec<String> {
    let query =
        "query($filter: PhoneNumberFilter) { phoneNumbers(filter: $filter) { totalCount nodes { id status } } }";
    let data = replica.data(who, query, json!({ "filter": filter })).await;
    let nodes = data["phoneNumbers"]["nodes"].as_array().unwrap();
    assert_eq!(data["phoneNumbers"]["totalCount"], nodes.len());
    let line = |node: &Value| format!("{} {}", node["id"].as_str().unwrap(), node["status"].as_str().unwrap());
    nodes.iter().map(line).collect()
}

on_both! {
    async fn numbers_without_a_provider_are_rented_last(world: World) {
        let (replica, renter) = world.populated().await;
        // Nobody brings the messages of this one, and it comes first by its id.
        world.sql("UPDATE phone_numbers SET provider_id = NULL WHERE phone_number = '+14155550100'").await;
        let mut rented = Vec::new();
        for _ in 0..2 {
            rented.push(replica.rent(&renter, "US", 1).await.1);
        }
        assert_eq!(rented, ["+14155550101", "+14155550100"]);
    }

    async fn everybody_who_asks_at_once_sees_what_they_would_see_alone(world: World) {
        const NUMBER: &str = "query($id: ID!) { phoneNumber(id: $id) { id status expiresAt } }";
        let (replica, renter) = world.populated().await;
        let other = replica.renter("other@example.com").await;
        let admin = replica.admin("admin@example.com").await;
        replica.rent(&renter, "DE", 1).await;
        replica.rent(&other, "US", 2).await;
        let callers = [&renter, &other, &admin];
        let questions: Vec<_> = callers.into_iter().flat_map(|who| (0..5).map(move |id| (who, id))).collect();
        let ask = |&(who, id): &(_, i32)| replica.graphql(Some(who), NUMBER, json!({ "id": format!("num_{id}") }));
        let mut alone = Vec::new();
        for question in &questions {
            alone.push(ask(question).await);
        }
        let seen = |who: usize| alone[5 * who..][..5].iter().filter(|answer| answer["errors"].is_null()).count();
        // Of three numbers, each renter sees their own and the free one.
        assert_eq!((seen(0), seen(1), seen(2)), (2, 2, 3), "{alone:?}");
        let together = join_all(questions.iter().cycle().take(10 * questions.len()).map(ask)).await;
        for (together, alone) in together.iter().zip(alone.iter().cycle()) {
            assert_eq!(together, alone);
        }
    }

    async fn a_rental_ends_at_its_exact_time(world: World) {
        let (replica, renter) = world.populated().await;
        let data = replica.data(&renter, ASSIGN, json!({ "input": { "phoneNumberId": "num_2", "durationHours": 2 } })).await;
        let number = &data["assignPhoneNumber"]["phoneNumber"];
        assert_eq!(number["status"], "ASSIGNED");
        assert_eq!(number["assignedAt"], "2026-03-01T12:00:00Z");
        assert_eq!(number["expiresAt"], "2026-03-01T14:00:00Z");
        let mine = json!({ "mine": true });
        assert_eq!(visible(&replica, &renter, mine.clone()).await, ["num_2 ASSIGNED"]);
        let renter = later(&world, &replica, &renter, 2 * 3600 - 1).await;
        assert_eq!(visible(&replica, &renter, mine.clone()).await, ["num_2 ASSIGNED"]);
        // The rental ends although no job has run.
        let renter = later(&world, &replica, &renter, 1).await;
        assert!(visible(&replica, &renter, mine).await.is_empty());
        assert_eq!(visible(&replica, &renter, json!({})).await, ["num_1 AVAILABLE", "num_3 AVAILABLE"]);
    }

    async fn a_number_cools_down_before_the_next_renter(world: World) {
        let (replica, renter) = world.populated().await;
        let other = replica.renter("other@example.com").await;
        let (id, _) = replica.rent(&renter, "DE", 1).await;
        let released = replica.data(&renter, RELEASE, json!({ "id": id })).await;
        let number = &released["releasePhoneNumber"]["phoneNumber"];
        assert_eq!((&number["status"], &number["expiresAt"]), (&json!("EXPIRED"), &Value::Null));
        let assign = json!({ "input": { "phoneNumberId": id } });
        assert_eq!(replica.code(Some(&other), ASSIGN, assign.clone()).await, "NUMBER_UNAVAILABLE");
        world.advance(599);
        assert_eq!(replica.code(Some(&other), ASSIGN, assign.clone()).await, "NUMBER_UNAVAILABLE");
        world.advance(1);
        replica.data(&other, ASSIGN, assign).await;
    }

    async fn a_number_does_not_cool_down_for_its_last_renter(world: World) {
        let (replica, renter) = world.populated().await;
        let other = replica.renter("other@example.com").await;
        let (id, _) = replica.rent(&renter, "DE", 1).await;
        let wanted = |wanted: Value| json!({ "input": wanted });
        replica.data(&renter, RELEASE, json!({ "id": id })).await;
        replica.data(&renter, ASSIGN, wanted(json!({ "phoneNumberId": id }))).await;
        replica.data(&renter, RELEASE, json!({ "id": id })).await;
        assert_eq!(replica.code(Some(&other), ASSIGN, wanted(json!({ "countryCode": "DE" }))).await, "NO_NUMBER_AVAILABLE");
        assert_eq!(replica.rent(&renter, "DE", 1).await.0, id);
        // Also when the rental has run out by itself, whether or not the job has run.
        let renter = later(&world, &replica, &renter, 3601).await;
        let other = replica.log_in("other@example.com").await;
        assert_eq!(replica.code(Some(&other), ASSIGN, wanted(json!({ "phoneNumberId": id }))).await, "NUMBER_UNAVAILABLE");
        assert_eq!(replica.rent(&renter, "DE", 1).await.0, id);
        // Once somebody else has rented it, it cools down for the one before.
        let renter = later(&world, &replica, &renter, 3601 + 600).await;
        let other = replica.log_in("other@example.com").await;
        assert_eq!(replica.rent(&other, "DE", 1).await.0, id);
        replica.data(&other, RELEASE, json!({ "id": id })).await;
        assert_eq!(replica.code(Some(&renter), ASSIGN, wanted(json!({ "phoneNumberId": id }))).await, "NUMBER_UNAVAILABLE");
    }

    async fn any_number_of_a_country_is_rented_over_rest(world: World) {
        let (replica, renter) = world.populated().await;
        let other = replica.renter("other@example.com").await;
        let rent = async |who: &Renter, body: Value| replica.rest(Some(&who.token), "POST /v1/numbers", Some(body)).await;
        let rented = rent(&renter, json!({ "country_code": "de", "duration_hours": 2 })).await;
        assert_eq!((rented.status.as_u16(), &rented.json()["country_code"]), (201, &json!("DE")));
        // The only one is free in two hours, and has cooled down ten minutes later.
        let none = rent(&other, json!({ "country_code": "DE" })).await;
        assert_eq!(none.header("retry-after"), "7801");
        assert_eq!(none.json()["details"]["available_at"], "2026-03-01T14:10:00Z");
        assert_eq!(none.error(409), "NO_NUMBER_AVAILABLE");
        let nowhere = rent(&other, json!({ "country_code": "FR" })).await;
        assert_eq!((nowhere.header("retry-after"), &nowhere.json()["details"]["available_at"]), ("", &Value::Null));
        let both = rent(&other, json!({ "phone_number_id": 1, "country_code": "US" })).await;
        assert_eq!(both.json()["details"]["field"], "phone_number_id");
        assert_eq!(both.error(422), "VALIDATION_ERROR");
    }

    async fn a_number_can_be_rented_again_before_the_job_has_ended_the_last_rental(world: World) {
        let (replica, renter) = world.populated().await;
        replica.rent(&renter, "DE", 1).await;
        let renter = later(&world, &replica, &renter, 3600 + 600).await;
        replica.rent(&renter, "DE", 1).await;
        let ends = "SELECT coalesce(end_reason, '-') FROM number_assignments ORDER BY id";
        assert_eq!(world.column(ends).await, ["expired", "-"]);
    }

    async fn concurrent_requests_never_get_the_same_number(world: World) {
        let (replica, _) = world.populated().await;
        let more: Vec<String> = (0..10).map(|n| format!("+1415555020{n}")).collect();
        replica.add_numbers("sandbox", &more.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let renters = renters(&replica, 20).await;
        let input = json!({ "input": { "countryCode": "US" } });
        let answers = join_all(renters.iter().map(|renter| replica.graphql(Some(renter), ASSIGN, input.clone()))).await;
        let mut got: Vec<_> = answers
            .iter()
            .filter_map(|answer| answer["data"]["assignPhoneNumber"]["phoneNumber"]["id"].as_str())
            .collect();
        got.sort_unstable();
        let count = got.len();
        got.dedup();
        assert_eq!((got.len(), count), (12, 12), "{answers:?}");
        let refused = answers.iter().filter(|answer| answer["errors"][0]["extensions"]["code"] == "NO_NUMBER_AVAILABLE");
        assert_eq!(refused.count(), 8);
    }

    async fn one_of_many_concurrent_requests_gets_a_number(world: World) {
        let (replica, _) = world.populated().await;
        let renters = renters(&replica, 8).await;
        let input = json!({ "input": { "phoneNumberId": "num_1" } });
        let answers = join_all(renters.iter().map(|renter| replica.graphql(Some(renter), ASSIGN, input.clone()))).await;
        let won = answers.iter().filter(|answer| answer.get("errors").is_none()).count();
        let lost = answers.iter().filter(|answer| answer["errors"][0]["extensions"]["code"] == "NUMBER_UNAVAILABLE").count();
        assert_eq!((won, lost), (1, 7), "{answers:?}");
    }

    async fn numbers_of_others_are_not_found(world: World) {
        let (replica, renter) = world.populated().await;
        let other = replica.renter("other@example.com").await;
        let admin = replica.admin("admin@example.com").await;
        let (id, _) = replica.rent(&other, "DE", 1).await;
        world.sql("UPDATE phone_numbers SET status = 'blocked' WHERE id = 2").await;
        assert_eq!(visible(&replica, &renter, json!({})).await, ["num_1 AVAILABLE"]);
        assert_eq!(visible(&replica, &other, json!({})).await, ["num_1 AVAILABLE", "num_3 ASSIGNED"]);
        let all = ["num_1 AVAILABLE", "num_2 BLOCKED", "num_3 ASSIGNED"];
        assert_eq!(visible(&replica, &admin, json!({})).await, all);
        assert_eq!(visible(&replica, &admin, json!({ "status": "BLOCKED" })).await, ["num_2 BLOCKED"]);
        for query in ["query($id: ID!) { phoneNumber(id: $id) { id } }", "query($id: ID!) { node(id: $id) { id } }"] {
            assert_eq!(replica.code(Some(&renter), query, json!({ "id": id })).await, "NOT_FOUND");
            assert_eq!(replica.code(Some(&renter), query, json!({ "id": "num_99" })).await, "NOT_FOUND");
        }
        assert_eq!(replica.code(Some(&renter), RELEASE, json!({ "id": id })).await, "NOT_FOUND");
        assert_eq!(replica.code(Some(&renter), RELEASE, json!({ "id": "num_1" })).await, "FORBIDDEN");
        let assign = |id: &str| json!({ "input": { "phoneNumberId": id } });
        assert_eq!(replica.code(Some(&renter), ASSIGN, assign("num_2")).await, "NUMBER_UNAVAILABLE");
        // An administrator may end any rental.
        replica.data(&admin, RELEASE, json!({ "id": id })).await;
    }

    async fn an_invalid_rental_names_its_field(world: World) {
        let (replica, renter) = world.populated().await;
        for (input, field) in [
            (json!({}), "phoneNumberId"),
            (json!({ "phoneNumberId": "num_1", "countryCode": "US" }), "phoneNumberId"),
            (json!({ "phoneNumberId": "msg_1" }), "phoneNumberId"),
            (json!({ "phoneNumberId": "num_01" }), "phoneNumberId"),
            (json!({ "phoneNumberId": "num_99999999999" }), "phoneNumberId"),
            (json!({ "countryCode": "USA" }), "countryCode"),
            (json!({ "countryCode": "US", "durationHours": 0 }), "durationHours"),
            (json!({ "countryCode": "US", "durationHours": 25 }), "durationHours"),
        ] {
            let answer = replica.graphql(Some(&renter), ASSIGN, json!({ "input": input })).await;
            let extensions = &answer["errors"][0]["extensions"];
            assert_eq!((&extensions["code"], &extensions["field"]), (&json!("VALIDATION_ERROR"), &json!(field)), "{answer}");
            assert_eq!(answer["data"]["assignPhoneNumber"], Value::Null);
        }
        let none = json!({ "input": { "countryCode": "fr" } });
        assert_eq!(replica.code(Some(&renter), ASSIGN, none).await, "NO_NUMBER_AVAILABLE");
    }

    async fn countries_show_how_many_numbers_can_be_rented(world: World) {
        let (replica, renter) = world.populated().await;
        replica.rent(&renter, "US", 1).await;
        let data = replica.data(&renter, "{ countries { code availableCount } }", json!({})).await;
        let expected = json!([{ "code": "DE", "availableCount": 1 }, { "code": "US", "availableCount": 1 }]);
        assert_eq!(data["countries"], expected);
        let renter = later(&world, &replica, &renter, 3600 + 599).await;
        let data = replica.data(&renter, "{ countries { availableCount } }", json!({})).await;
        assert_eq!(data["countries"][1]["availableCount"], 1);
        let renter = later(&world, &replica, &renter, 1).await;
        let data = replica.data(&renter, "{ countries { availableCount } }", json!({})).await;
        assert_eq!(data["countries"][1]["availableCount"], 2);
    }

    async fn a_message_after_the_release_belongs_to_no_user(world: World) {
        let (replica, renter) = world.populated().await;
        let (id, number) = replica.rent(&renter, "DE", 1).await;
        replica.data(&renter, RELEASE, json!({ "id": id })).await;
        let late = crate::support::client::sms("1", &number, "late");
        assert_eq!(replica.post_sms(&late).await.status, 200);
        world.advance(600);
        let next = replica.renter("next@example.com").await;
        replica.rent(&next, "DE", 1).await;
        assert!(replica.texts(&next).await.is_empty());
        assert!(replica.texts(&renter).await.is_empty());
        // Only the next renter sees what arrives from then on.
        let new = crate::support::client::sms("2", &number, "new");
        assert_eq!(replica.post_sms(&new).await.status, 200);
        assert_eq!(replica.texts(&next).await, ["new"]);
        assert!(replica.texts(&renter).await.is_empty());
    }
}

async fn renters(replica: &Replica, count: usize) -> Vec<Renter> {
    let mut renters = Vec::new();
    for n in 0..count {
        renters.push(replica.renter(&format!("racer{n}@example.com")).await);
    }
    renters
}

/// Advances the clock and signs in again.
async fn later(world: &World, replica: &Replica, renter: &Renter, seconds: u64) -> Renter {
    world.advance(seconds);
    replica.log_in(&renter.user.email).await
}
