//! How operations are executed (<https://spec.graphql.org/October2021/#sec-Execution>), where async-graphql by itself
//! does otherwise. `tests/clients/differential.test.mjs` compares thousands of documents with graphql-js; here are the
//! cases that it cannot make: what is run how often, and subscriptions.

use serde_json::{Value, json};

use crate::support::{Renter, Replica, World, client::sms, on_both, socket::Socket};

/// The texts of a response, in their order: `serde_json` sorts keys.
async fn raw(replica: &Replica, who: &Renter, query: &str, variables: Value) -> String {
    let body = json!({ "query": query, "variables": variables }).to_string();
    let request = axum::http::Request::post("/graphql")
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {}", who.token));
    replica.send(request.body(body.into()).unwrap()).await.text().to_owned()
}

async fn count(world: &World, table: &str, condition: &str) -> String {
    world.column(&format!("SELECT CAST(COUNT(*) AS TEXT) FROM {table} WHERE {condition}")).await.remove(0)
}

on_both! {
    async fn a_repeated_field_runs_once(world: World) {
        let (replica, renter) = world.populated().await;
        let data = replica.data(&renter, "mutation {
            assignPhoneNumber(input: { countryCode: \"US\" }) { phoneNumber { id } }
            ...More
            ... on Mutation { assignPhoneNumber(input: { countryCode: \"US\" }) { phoneNumber { status } } }
        }
        fragment More on Mutation {
            assignPhoneNumber(input: { countryCode: \"US\" }) { phoneNumber { phoneNumber id } }
        }", json!({})).await;
        let number = &data["assignPhoneNumber"]["phoneNumber"];
        assert_eq!(count(&world, "phone_numbers", "status = 'assigned'").await, "1");
        let known = replica.data(&renter, "query($id: ID!) { phoneNumber(id: $id) { id phoneNumber status } }",
            json!({ "id": number["id"] })).await;
        assert_eq!(known["phoneNumber"], *number);
    }

    async fn a_secret_split_over_fragments_is_one_secret(world: World) {
        let (replica, renter) = world.populated().await;
        let data = replica.data(&renter, "mutation { ...A ...B }
            fragment A on Mutation { createApiKey(input: { name: \"x\", scopes: [READ_MESSAGES] }) { apiKey { id prefix } } }
            fragment B on Mutation { createApiKey(input: { name: \"x\", scopes: [READ_MESSAGES] }) { key } }",
            json!({})).await;
        assert_eq!(count(&world, "api_keys", "1 = 1").await, "1");
        let created = &data["createApiKey"];
        let prefix = created["apiKey"]["prefix"].as_str().unwrap();
        assert!(created["key"].as_str().unwrap().starts_with(prefix), "another key's secret");
    }

    async fn a_field_that_is_repeated_costs_as_much_as_one(world: World) {
        let (replica, renter) = world.populated().await;
        let field = "phoneNumbers(first: 100) { nodes { id } }";
        // Once, so that the caller is known.
        replica.data(&renter, "{ viewer { id } }", json!({})).await;
        let mut costs = Vec::new();
        for query in [format!("{{ {field} }}"), format!("{{ {} }}", field.repeat(200))] {
            let before = replica.statements();
            replica.data(&renter, &query, json!({})).await;
            costs.push(replica.statements() - before);
        }
        assert_eq!(costs[0], costs[1]);
    }

    async fn values_inside_json_are_checked(world: World) {
        let (replica, renter) = world.populated().await;
        for (configuration, named) in [
            ("{ a: $nope }", "nope"),
            ("{ a: [{ b: $nope }] }", "nope"),
            ("{ a: { twice: 1, twice: 2 } }", "twice"),
            ("[{ twice: 1, twice: 2 }]", "twice"),
        ] {
            let query = format!("mutation {{ createProvider(input: {{ kind: SANDBOX, name: \"x\", secret: \"y\", configuration: {configuration} }}) {{ provider {{ id }} }} }}");
            let answer = replica.graphql(Some(&renter), &query, json!({})).await;
            assert!(answer.get("data").is_none() && answer.to_string().contains(named), "{answer}");
        }
    }

    /// Validation would compare their fields in ever new combinations.
    async fn fragments_that_spread_themselves_are_refused_before_validation(world: World) {
        let (replica, renter) = world.populated().await;
        let fragments: String = (0..20)
            .map(|n| format!("fragment q{n} on __Type {{ a: ofType {{ ...q{} }} b: ofType {{ ...q{n} ...q0 }} }} ", (n + 1) % 20))
            .collect();
        let answer = replica.graphql(Some(&renter), &format!("{{ __schema {{ types {{ ...q0 }} }} }} {fragments}"), json!({})).await;
        assert_eq!(answer["errors"][0]["message"], "a fragment must not spread itself, directly or through others");
    }

    async fn aliases_run_apart(world: World) {
        let (replica, renter) = world.populated().await;
        let data = replica.data(&renter, "mutation {
            a: assignPhoneNumber(input: { countryCode: \"US\" }) { phoneNumber { id } }
            b: assignPhoneNumber(input: { countryCode: \"US\" }) { phoneNumber { id } }
        }", json!({})).await;
        assert_ne!(data["a"], data["b"]);
    }

    async fn nothing_runs_with_a_wrong_value(world: World) {
        let (replica, renter) = world.populated().await;
        let rent = "first: assignPhoneNumber(input: { countryCode: \"US\" }) { phoneNumber { id } }";
        let rename = "second: updateViewer(input: $i) { user { id } }";
        let wanting = |ty: &str, field: &str| format!("mutation($i: {ty}) {{ {rent} {field} }}");
        let scopes = "second: createApiKey(input: { name: \"x\", scopes: $i }) { apiKey { id } }";
        let extend = "second: extendPhoneNumber(input: { phoneNumberId: \"num_1\", durationHours: $i }) { phoneNumber { id } }";
        for (query, value, path, issue) in [
            (wanting("UpdateViewerInput!", rename), json!("oops"), "i", "must be an object"),
            (wanting("UpdateViewerInput!", rename), json!({ "firstName": 1 }), "i.firstName", "must be a string"),
            (wanting("UpdateViewerInput!", rename), json!({ "fristName": "x" }), "i.fristName",
                "is not defined by UpdateViewerInput; did you mean firstName?"),
            (wanting("[ApiKeyScope!]!", scopes), json!(["READ_MESSAGES", "NO"]), "i[1]", "must be one of LEASE_NUMBERS, READ_MESSAGES, RENT_NUMBERS"),
            (wanting("[ApiKeyScope!]!", scopes), json!([null]), "i[0]", "must not be null"),
            (wanting("Int", extend), json!(1.5), "i", "must be a whole number of 32 bits"),
            (wanting("Int", extend), json!(3_000_000_000_u64), "i", "must be a whole number of 32 bits"),
        ] {
            let answer = replica.graphql(Some(&renter), &query, json!({ "i": value })).await;
            let error = &answer["errors"][0];
            assert_eq!(error["message"], format!("${path}: {issue}"), "{answer}");
            assert_eq!(error["extensions"]["field"], path);
            assert_eq!(error["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
            assert!(answer.get("data").is_none());
        }
        let since = "query($i: DateTime) { messages(filter: { since: $i }) { latestCursor } }";
        let answer = replica.graphql(Some(&renter), since, json!({ "i": "tomorrow" })).await;
        assert_eq!(answer["errors"][0]["message"], "$i: must be a time such as 2026-03-01T12:00:00Z (RFC 3339)");
        for wrong in ["{ firstName: 1 }", "{ firstName: \"a\", firstName: \"b\" }", "{ no: 1 }", "\"oops\"", "$none"] {
            let query = format!("mutation {{ {rent} second: updateViewer(input: {wrong}) {{ user {{ id }} }} }}");
            let answer = replica.graphql(Some(&renter), &query, json!({})).await;
            assert!(answer.get("data").is_none(), "{wrong}: {answer}");
        }
        assert_eq!(count(&world, "phone_numbers", "status = 'assigned'").await, "0");
    }

    async fn a_field_that_fails_is_null_where_it_stands(world: World) {
        let (replica, renter) = world.populated().await;
        let text = raw(&replica, &renter, "mutation {
            z: updateViewer(input: { firstName: \"Ada\" }) { user { firstName } }
            a: extendPhoneNumber(input: { phoneNumberId: \"num_999\" }) { phoneNumber { id } }
            m: updateViewer(input: { firstName: \"Eve\" }) { user { firstName } }
        }", json!({})).await;
        let data = r#""data":{"z":{"user":{"firstName":"Ada"}},"a":null,"m":{"user":{"firstName":"Eve"}}}"#;
        assert!(text.contains(data), "{text}");
        let text = raw(&replica, &renter, "{ b: node(id: \"x\") { id } a: message(id: \"msg_9\") { id } __typename }", json!({})).await;
        assert!(text.contains(r#""data":{"b":null,"a":null,"__typename":"Query"}"#), "{text}");
    }

    async fn defaults_of_variables_decide_conditions(world: World) {
        let (replica, renter) = world.populated().await;
        for (query, variables, expected) in [
            ("query($b: Boolean = true) { viewer @skip(if: $b) { id } }", json!({}), json!({})),
            ("query($b: Boolean = true) { viewer @skip(if: $b) { role } }", json!({ "b": false }), json!({ "viewer": { "role": "USER" } })),
            ("query($b: Boolean = false) { viewer { role @include(if: $b) } }", json!({}), json!({ "viewer": {} })),
            ("query($b: Boolean! = false) { ...F @include(if: $b) } fragment F on Query { viewer { id } }", json!({}), json!({})),
            ("{ viewer @skip(if: false) @include(if: false) { id } }", json!({}), json!({})),
        ] {
            let answer = replica.graphql(Some(&renter), query, variables).await;
            assert_eq!(answer, json!({ "data": expected }), "{query}");
        }
        // The same document, each time with what its variables say.
        let query = "query($a: Boolean!, $b: Boolean!) { viewer { role @include(if: $a) plan @skip(if: $b) } }";
        for (a, b) in [(true, true), (true, false), (false, true), (false, false), (true, true), (false, false)] {
            let viewer = replica.data(&renter, query, json!({ "a": a, "b": b })).await["viewer"].clone();
            assert_eq!((viewer.get("role").is_some(), viewer.get("plan").is_some()), (a, !b));
        }
        for query in [
            "query($b: Boolean = true) { viewer @skip(if: $b) { id } }",
            "query($b: [ID!] = []) { nodes(ids: $b) { id } }",
        ] {
            let answer = replica.graphql(Some(&renter), query, json!({ "b": null })).await;
            assert_eq!(answer["errors"][0]["message"], "$b: must not be null where it is used");
        }
    }

    async fn a_subscription_may_use_fragments(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let mut socket = Socket::ready(replica.listen().await, &renter).await;
        let documents = [
            "subscription { ...A } fragment A on Subscription { messageReceived { message { messageContent } } }",
            "subscription { ... on Subscription { messageReceived { message { messageContent } } } }",
            "subscription { ... @include(if: true) { messageReceived { message { messageContent } } } }",
            "subscription { ...A messageReceived { message { messageContent } } }
             fragment A on Subscription { ...B messageReceived { cursor } } fragment B on Subscription { messageReceived { message { id } } }",
        ];
        let after = replica.data(&renter, "{ messages { latestCursor } }", json!({})).await["messages"]["latestCursor"].clone();
        assert_eq!(replica.post_sms(&sms("one", &number, "one")).await.status, 200);
        for (id, document) in documents.iter().enumerate() {
            let document = document.replace("messageReceived {", "messageReceived(after: $after) {");
            let document = document.replacen("subscription {", "subscription($after: String) {", 1);
            socket.subscribe(&id.to_string(), &document, json!({ "after": after })).await;
            let event = socket.receive().await;
            assert_eq!((&event["type"], &event["id"]), (&json!("next"), &json!(id.to_string())), "{document}");
            let received = &event["payload"]["data"]["messageReceived"];
            assert_eq!(received["message"]["messageContent"], "one", "{document}");
            if id == 3 {
                // One event has all that was asked for of it.
                assert!(received["cursor"].is_string() && received["message"]["id"].is_string(), "{event}");
            }
        }
        for document in [
            "subscription { a: messageReceived { cursor } b: messageReceived { cursor } }",
            "subscription { ...A phoneNumberUpdated { id } } fragment A on Subscription { messageReceived { cursor } }",
            "subscription { messageReceived @skip(if: true) { cursor } }",
            "subscription { __typename }",
        ] {
            socket.subscribe("refused", document, json!({})).await;
            assert_eq!(socket.receive().await["type"], "error", "{document}");
        }
    }

    async fn mistakes_are_told_once_and_in_terms_of_graphql(world: World) {
        let (replica, renter) = world.populated().await;
        for (body, issue) in [
            ("\"x\"", "invalid type: string, expected an object at line 1 column 3"),
            ("[\"x\"]", "invalid type: string, expected an object at line 1 column 3"),
            ("{\"query\": 1}", "invalid type: integer, expected a string at line 1 column 11"),
            ("{\"query\": \"{ viewer { id } }\", \"variables\": \"x\"}", "invalid type: string, expected a map at line 1 column 47"),
        ] {
            let request = axum::http::Request::post("/graphql").header("content-type", "application/json");
            let answer = replica.send(request.body(body.into()).unwrap()).await.json();
            let expected = format!("the body must be a JSON object with `query`, or several in an array: {issue}");
            assert_eq!(answer["errors"][0]["message"], expected, "{body}");
        }
        for query in ["{ viewer { shoeSize shoeSize } }", "{ node(id: \"x\") { id } }", "{ messages(first: 101) { latestCursor totalCount } }"] {
            let answer = replica.graphql(Some(&renter), query, json!({})).await;
            let errors = answer["errors"].as_array().unwrap();
            let distinct: std::collections::HashSet<_> = errors.iter().map(Value::to_string).collect();
            assert_eq!(distinct.len(), errors.len(), "{answer}");
        }
    }

    async fn a_page_of_nothing_tells_whether_there_is_more(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let query = "{ first: messages(first: 0) { nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor } totalCount }
                       last: messages(last: 0) { nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor } totalCount } }";
        let page = |next: bool, previous: bool, total: u32| json!({
            "nodes": [], "totalCount": total,
            "pageInfo": { "hasNextPage": next, "hasPreviousPage": previous, "endCursor": null },
        });
        assert_eq!(replica.data(&renter, query, json!({})).await, json!({ "first": page(false, false, 0), "last": page(false, false, 0) }));
        assert_eq!(replica.post_sms(&sms("one", &number, "one")).await.status, 200);
        assert_eq!(replica.data(&renter, query, json!({})).await, json!({ "first": page(true, false, 1), "last": page(false, true, 1) }));
        assert_eq!(replica.code(Some(&renter), "{ messages(first: -1) { latestCursor } }", json!({})).await, "VALIDATION_ERROR");
    }

    async fn unicode_escapes_are_understood(world: World) {
        let (replica, renter) = world.populated().await;
        for literal in ["\\u{1F600}", "\\uD83D\\uDE00"] {
            let query = format!("mutation {{ updateViewer(input: {{ firstName: \"{literal}\" }}) {{ user {{ firstName }} }} }}");
            let data = replica.data(&renter, &query, json!({})).await;
            assert_eq!(data["updateViewer"]["user"]["firstName"], "\u{1F600}", "{literal}");
        }
    }
}
