//! GraphQL over HTTP: the schema, the transport and its limits.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};

use crate::support::{
    Renter, Replica, World,
    client::{Answer, sms},
    on_both,
};

/// The committed schema is the one that the code makes. `scripts/update` writes it.
#[test]
fn the_schema_is_current() {
    let committed = include_str!("../../schema.graphql");
    assert!(committed == otpwire::graphql::sdl(), "schema.graphql is not current: run scripts/update");
}

/// Every type, field, argument and enum value has a description.
#[tokio::test]
async fn everything_in_the_schema_is_described() {
    let world = World::new(crate::support::Backend::Embedded).await;
    let replica = world.replica().await;
    let query = "{ __schema { types { name kind description
        fields { name description args { name description } }
        inputFields { name description } enumValues { name description } } } }";
    let data = replica.graphql(None, query, json!({})).await;
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut silent = Vec::new();
    for kind in list(&data["data"]["__schema"]["types"]) {
        let name = kind["name"].as_str().unwrap();
        // Introspection, and the scalars of the specification.
        if name.starts_with("__") || name == "ID" {
            continue;
        }
        let mut check = |what: String, value: &Value| {
            if value["description"].as_str().unwrap_or_default().is_empty() {
                silent.push(what);
            }
        };
        // The library makes the types of connections, and describes their fields alone.
        if !name.ends_with("Connection") {
            check(name.to_owned(), &kind);
        }
        for field in list(&kind["fields"]).iter().chain(&list(&kind["inputFields"])).chain(&list(&kind["enumValues"])) {
            check(format!("{name}.{}", field["name"]), field);
            for argument in list(&field["args"]) {
                check(format!("{name}.{}({})", field["name"], argument["name"]), &argument);
            }
        }
    }
    assert!(silent.is_empty(), "{silent:#?}");
}

async fn post(replica: &Replica, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Answer {
    let mut request = Request::post("/graphql");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    replica.send(request.body(Body::from(body.into())).unwrap()).await
}

const JSON: (&str, &str) = ("content-type", "application/json");
const NEWER: (&str, &str) = ("accept", "application/graphql-response+json");

async fn page(replica: &Replica, who: &Renter, arguments: &str) -> Value {
    let query = format!(
        "{{ messages({arguments}) {{ totalCount
        pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
        edges {{ cursor node {{ messageContent }} }} nodes {{ messageContent }} }} }}"
    );
    replica.data(who, &query, json!({})).await["messages"].clone()
}

fn texts(page: &Value) -> Vec<&str> {
    page["nodes"].as_array().unwrap().iter().map(|node| node["messageContent"].as_str().unwrap()).collect()
}

on_both! {
    async fn an_inbox_is_paged_both_ways(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        for n in 1..=5 {
            replica.post_sms(&sms(&n.to_string(), &number, &n.to_string())).await;
        }
        let first = page(&replica, &renter, "first: 2").await;
        assert_eq!(texts(&first), ["5", "4"]);
        assert_eq!(first["totalCount"], 5);
        let info = &first["pageInfo"];
        assert_eq!((&info["hasNextPage"], &info["hasPreviousPage"]), (&json!(true), &json!(false)));
        assert_eq!(info["endCursor"], first["edges"][1]["cursor"]);
        let next = page(&replica, &renter, &format!("first: 2, after: {}", info["endCursor"])).await;
        assert_eq!(texts(&next), ["3", "2"]);
        let rest = page(&replica, &renter, &format!("first: 2, after: {}", next["pageInfo"]["endCursor"])).await;
        assert_eq!(texts(&rest), ["1"]);
        assert_eq!(rest["pageInfo"]["hasNextPage"], false);
        let oldest = page(&replica, &renter, "last: 2").await;
        assert_eq!(texts(&oldest), ["2", "1"]);
        assert_eq!(oldest["pageInfo"]["hasPreviousPage"], true);
        let before = page(&replica, &renter, &format!("last: 2, before: {}", oldest["pageInfo"]["startCursor"])).await;
        assert_eq!(texts(&before), ["4", "3"]);
    }

    async fn numbers_are_paged_both_ways(world: World) {
        let (replica, renter) = world.populated().await;
        let ids = async |arguments: &str| {
            let query = format!("{{ phoneNumbers({arguments}) {{ nodes {{ id }} pageInfo {{ endCursor startCursor hasNextPage }} }} }}");
            let data = replica.data(&renter, &query, json!({})).await["phoneNumbers"].clone();
            let nodes = data["nodes"].as_array().unwrap().iter();
            let ids: Vec<_> = nodes.map(|node| node["id"].as_str().unwrap().to_owned()).collect();
            (ids, data["pageInfo"].clone())
        };
        let (first, info) = ids("first: 2").await;
        assert_eq!((first, &info["hasNextPage"]), (vec!["num_1".to_owned(), "num_2".to_owned()], &json!(true)));
        assert_eq!(ids(&format!("first: 2, after: {}", info["endCursor"])).await.0, ["num_3"]);
        let (last, info) = ids("last: 1").await;
        assert_eq!(last, ["num_3"]);
        assert_eq!(ids(&format!("last: 9, before: {}", info["startCursor"])).await.0, ["num_1", "num_2"]);
    }

    async fn messages_are_filtered(world: World) {
        let (replica, renter) = world.populated().await;
        let (id, number) = replica.rent(&renter, "US", 1).await;
        let (_, other) = replica.rent(&renter, "DE", 1).await;
        replica.post_sms(&sms("1", &number, "one")).await;
        world.advance(60);
        replica.post_sms(&sms("2", &other, "two")).await;
        let read = r#"mutation { markMessageRead(input: { messageId: "msg_1" }) { message { isRead databaseId } } }"#;
        assert_eq!(replica.data(&renter, read, json!({})).await["markMessageRead"]["message"], json!({ "isRead": true, "databaseId": 1 }));
        for (filter, expected) in [
            (format!("phoneNumberId: \"{id}\""), vec!["one"]),
            ("isRead: false".into(), vec!["two"]),
            ("isRead: true".into(), vec!["one"]),
            ("since: \"2026-03-01T12:01:00Z\"".into(), vec!["two"]),
            ("types: [SMS]".into(), vec!["two", "one"]),
            ("types: [OTP, VERIFICATION]".into(), vec![]),
        ] {
            let page = page(&replica, &renter, &format!("filter: {{ {filter} }}")).await;
            assert_eq!(texts(&page), expected, "{filter}");
            assert_eq!(page["totalCount"], expected.len(), "{filter}");
        }
        let code = "Your code is 482913";
        replica.post_sms(&sms("3", &number, code)).await;
        for (filter, expected) in [
            ("types: [VERIFICATION, OTP]", vec![code]),
            ("types: [OTP, SMS]", vec![code, "two", "one"]),
            ("channels: [MMS, SMS], types: [OTP, VERIFICATION], isRead: false", vec![code]),
        ] {
            assert_eq!(texts(&page(&replica, &renter, &format!("filter: {{ {filter} }}")).await), expected, "{filter}");
        }
    }

    async fn a_number_lists_and_counts_its_messages(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        replica.rent(&renter, "DE", 1).await;
        replica.post_sms(&sms("1", &number, "one")).await;
        let query = "{ phoneNumbers(filter: { mine: true }) { nodes {
            countryCode unreadCount messages(first: 5) { totalCount nodes { messageContent senderNumber phoneNumber } } } } }";
        let data = replica.data(&renter, query, json!({})).await;
        let message = json!({ "messageContent": "one", "senderNumber": "GOOGLE", "phoneNumber": number });
        assert_eq!(data["phoneNumbers"]["nodes"], json!([
            { "countryCode": "US", "unreadCount": 1, "messages": { "totalCount": 1, "nodes": [message] } },
            { "countryCode": "DE", "unreadCount": 0, "messages": { "totalCount": 0, "nodes": [] } },
        ]));
    }

    async fn retention_ends_at_its_instant(world: World) {
        let mut world = world;
        world.settings.token_lifetime = std::time::Duration::from_secs(48 * 3600);
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        replica.post_sms(&sms("1", &number, "one")).await;
        world.advance(24 * 3600 - 1);
        assert_eq!(replica.texts(&renter).await, ["one"]);
        world.advance(1);
        assert!(replica.texts(&renter).await.is_empty());
        assert_eq!(replica.code(Some(&renter), r#"{ message(id: "msg_1") { id } }"#, json!({})).await, "NOT_FOUND");
    }

    async fn a_simulated_message_is_received_like_any_other(world: World) {
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let query = "mutation($input: SimulateInboundSmsInput!) { simulateInboundSms(input: $input) {
            outcome message { messageContent } } }";
        let input = json!({ "to": number, "from": "GitHub", "text": "123456" });
        for _ in 0..2 {
            let data = replica.data(&admin, query, json!({ "input": input })).await;
            assert_eq!(data["simulateInboundSms"], json!({ "outcome": "DELIVERED", "message": { "messageContent": "123456" } }));
        }
        assert_eq!(replica.texts(&renter).await.len(), 2);
        for (input, code) in [
            (json!({ "to": "+4900000000", "from": "X", "text": "" }), "NOT_FOUND"),
            (json!({ "to": "x", "from": "X", "text": "" }), "VALIDATION_ERROR"),
            (json!({ "to": number, "from": "", "text": "" }), "VALIDATION_ERROR"),
        ] {
            assert_eq!(replica.code(Some(&admin), query, json!({ "input": input })).await, code);
        }
    }
}

/// A replica for what does not depend on the backend.
async fn replica() -> (World, Replica) {
    let world = World::new(crate::support::Backend::Embedded).await;
    let replica = world.replica().await;
    (world, replica)
}

#[tokio::test]
async fn the_response_format_is_negotiated() {
    let (_world, replica) = replica().await;
    let query = r#"{"query":"{ __typename }"}"#;
    for (accept, expected) in [
        (None, "application/json; charset=utf-8"),
        (Some("*/*"), "application/json; charset=utf-8"),
        (Some("application/json"), "application/json; charset=utf-8"),
        (
            Some("application/json;q=0.1, application/graphql-response+json"),
            "application/graphql-response+json; charset=utf-8",
        ),
        (
            Some("application/graphql-response+json, application/json;q=0.9"),
            "application/graphql-response+json; charset=utf-8",
        ),
    ] {
        let mut headers = vec![JSON];
        headers.extend(accept.map(|accept| ("accept", accept)));
        let answer = post(&replica, &headers, query).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, expected));
        assert_eq!(answer.text(), r#"{"data":{"__typename":"Query"}}"#);
    }
    assert_eq!(post(&replica, &[JSON, ("accept", "text/plain")], query).await.error(406), "NOT_ACCEPTABLE");
}

#[tokio::test]
async fn a_refused_request_is_400_in_the_newer_format() {
    let (_world, replica) = replica().await;
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { __typename } query B { __typename }", "GRAPHQL_VALIDATION_FAILED"),
        ("query($id: ID!) { message(id: $id) { id } }", "GRAPHQL_VALIDATION_FAILED"),
    ] {
        let body = json!({ "query": query }).to_string();
        let newer = post(&replica, &[JSON, NEWER], body.clone()).await;
        assert_eq!(newer.status, 400, "{query}");
        assert!(newer.json().get("data").is_none(), "{query}");
        assert_eq!(newer.json()["errors"][0]["extensions"]["code"], code, "{query}: {}", newer.text());
        assert_eq!(post(&replica, &[JSON], body).await.status, 200);
    }
    // A field that fails does not refuse the request.
    let answer = post(&replica, &[JSON, NEWER], r#"{"query":"{ viewer { id } }"}"#).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["data"], json!({ "viewer": null }));
}

#[tokio::test]
async fn other_content_types_and_malformed_bodies_are_refused() {
    let (_world, replica) = replica().await;
    let query = r#"{"query":"{ __typename }"}"#;
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""] {
        assert_eq!(post(&replica, &[("content-type", content_type)], query).await.error(415), "UNSUPPORTED_MEDIA_TYPE");
    }
    for body in [
        "",
        "{",
        "[]",
        "[1]",
        "[[]]",
        r#"[["{a}",null,null,null,null]]"#,
        "null",
        "{}",
        r#"{"query":1}"#,
        r#"{"query":"{a}","variables":[]}"#,
        "\u{0}",
    ] {
        assert_eq!(post(&replica, &[JSON], body).await.error(400), "INVALID_REQUEST", "{body}");
    }
    assert_eq!(post(&replica, &[JSON], b"{\"query\":\"\xff\"}".to_vec()).await.error(400), "INVALID_REQUEST");
    assert_eq!(post(&replica, &[JSON], vec![b' '; 300 * 1024]).await.error(413), "PAYLOAD_TOO_LARGE");
    let put = Request::put("/graphql").body(Body::empty()).unwrap();
    assert_eq!(replica.send(put).await.error(405), "METHOD_NOT_ALLOWED");
}

#[tokio::test]
async fn queries_may_come_by_get_and_mutations_may_not() {
    let (_world, replica) = replica().await;
    let answer = replica
        .get("/graphql?query=query($id:ID!)%7Bnode(id:$id)%7Bid%7D%7D&variables=%7B%22id%22:%22num_1%22%7D")
        .await;
    assert_eq!(answer.json()["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    let answer = replica
        .get("/graphql?query=mutation%7BlogIn(input:%7Bemail:%22a%22,password:%22b%22%7D)%7BaccessToken%7D%7D")
        .await;
    assert_eq!(answer.error(405), "METHOD_NOT_ALLOWED");
    assert_eq!(answer.header("allow"), "POST");
    assert_eq!(replica.get("/graphql").await.error(400), "INVALID_REQUEST");
    assert_eq!(replica.get("/graphql?query=%7Ba%7D&variables=x").await.error(400), "INVALID_REQUEST");
}

#[tokio::test]
async fn expensive_documents_are_refused() {
    let (_world, replica) = replica().await;
    let deep = |levels: usize| {
        let open = "phoneNumbers { nodes { messages { nodes {".repeat(levels);
        format!("{{ {open} id {} }}", "} } } }".repeat(levels))
    };
    // Forty levels that the schema has: interfaces and objects nested in introspection.
    let forty = format!("{{ __schema {{ types {{ {} name {} }} }} }}", "ofType {".repeat(38), "}".repeat(38));
    let bomb: String = (0..40).map(|n| format!("fragment f{n} on Query {{ ...f{m} ...f{m} }} ", m = n + 1)).collect();
    let bomb = format!("{{ ...f0 }} {bomb} fragment f40 on Query {{ __typename }}");
    let wide = format!("{{ {} }}", "__typename ".repeat(2001));
    let aliases = format!("{{ {} }}", (0..101).map(|n| format!("a{n}: __typename ")).collect::<String>());
    let directives = format!("{{ __typename {} }}", "@skip(if: false) ".repeat(51));
    let logins = (0..6).map(|n| format!("a{n}: logIn(input: {{ email: \"a\", password: \"b\" }}) {{ expiresIn }} "));
    let logins = format!("mutation {{ {} }}", logins.collect::<String>());
    let lists = "{ phoneNumbers(first: 100) { nodes { messages(first: 100) { nodes { id messageContent } } } } }";
    for (query, code) in [
        (forty.as_str(), "QUERY_TOO_DEEP"),
        (&deep(1).replace("id", &format!("x(y: {})", "[".repeat(1500))), "QUERY_TOO_DEEP"),
        (&"{a".repeat(1500), "QUERY_TOO_DEEP"),
        (&bomb, "QUERY_TOO_COMPLEX"),
        (&wide, "QUERY_TOO_COMPLEX"),
        (&aliases, "TOO_MANY_ALIASES"),
        (&directives, "TOO_MANY_DIRECTIVES"),
        (&logins, "QUERY_TOO_COMPLEX"),
        (&"{}".repeat(2001), "QUERY_TOO_LONG"),
        (
            &format!("{{ node(id: [\"\"\"\" {}1{} ]) {{ id }} }}", "[".repeat(60), "]".repeat(60)),
            "GRAPHQL_PARSE_FAILED",
        ),
        ("{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }", "QUERY_TOO_COMPLEX"),
        ("subscription { a: messageReceived { cursor } b: messageReceived { cursor } }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "subscription { ...f } fragment f on Subscription { phoneNumberUpdated { id } messageReceived { cursor } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (lists, "QUERY_TOO_COMPLEX"),
        (&format!("{{ __typename }} #{}", "x".repeat(40_000)), "QUERY_TOO_LONG"),
    ] {
        let answer = replica.graphql(None, query, json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{answer}");
        assert!(answer.get("data").is_none());
    }
}

#[tokio::test]
async fn keys_come_in_the_order_of_the_document() {
    let world = World::new(crate::support::Backend::Embedded).await;
    let (replica, renter) = world.populated().await;
    replica.rent(&renter, "US", 1).await;
    let query = "query { z: __typename phoneNumbers { nodes { status ...n id unreadCount } totalCount edges { cursor } }
        viewer { id email } countries { code } a: __typename }
        fragment n on PhoneNumber { unreadCount countryCode ... on PhoneNumber { messages { totalCount nodes { id } } } }";
    let body = json!({ "query": query }).to_string();
    for _ in 0..5 {
        let request = Request::post("/graphql")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {}", renter.token))
            .body(Body::from(body.clone()));
        let answer = replica.send(request.unwrap()).await;
        let text = answer.text();
        let keys = text.match_indices("\":").map(|(end, _)| &text[text[..end].rfind('"').unwrap() + 1..end]);
        let item = ["status", "unreadCount", "countryCode", "messages", "totalCount", "nodes", "id"];
        let expected = ["data", "z", "phoneNumbers", "nodes"].into_iter().chain(item).chain(item).chain(item);
        let expected = expected.chain(["totalCount", "edges", "cursor", "cursor", "cursor"]);
        let expected = expected.chain(["viewer", "id", "email", "countries", "code", "code", "a"]);
        assert_eq!(keys.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn errors_have_message_location_path_and_code() {
    let world = World::new(crate::support::Backend::Embedded).await;
    let (replica, renter) = world.populated().await;
    for (who, query, expected) in [
        (
            None,
            "{ viewer { id } }",
            json!({
                "data": { "viewer": null },
                "errors": [{
                    "message": "sign in first: send an access token or an API key as `Authorization: Bearer …`",
                    "locations": [{ "line": 1, "column": 3 }], "path": ["viewer"],
                    "extensions": { "code": "UNAUTHENTICATED" },
                }],
            }),
        ),
        (
            Some(&renter),
            "{ n: node(id: \"x\") { id } }",
            json!({
                "data": { "n": null },
                "errors": [{
                    "message": "id: not an id of ours; ids look like num_7 or msg_42",
                    "locations": [{ "line": 1, "column": 3 }], "path": ["n"],
                    "extensions": { "code": "VALIDATION_ERROR", "field": "id" },
                }],
            }),
        ),
        (
            Some(&renter),
            "mutation { extendPhoneNumber(input: { phoneNumberId: \"num_1\", durationHours: 25 }) { phoneNumber { id } } }",
            json!({
                "data": { "extendPhoneNumber": null },
                "errors": [{
                    "message": "durationHours: must be from 1 to 24",
                    "locations": [{ "line": 1, "column": 12 }], "path": ["extendPhoneNumber"],
                    "extensions": { "code": "VALIDATION_ERROR", "field": "durationHours", "issue": "must be from 1 to 24" },
                }],
            }),
        ),
        (
            Some(&renter),
            "{ viewr { id } }",
            json!({
                "errors": [{
                    "message": "Unknown field \"viewr\" on type \"Query\". Did you mean \"viewer\"?",
                    "locations": [{ "line": 1, "column": 3 }],
                    "extensions": { "code": "GRAPHQL_VALIDATION_FAILED" },
                }],
            }),
        ),
        (
            Some(&renter),
            "query($id: ID!) { node(id: $id) { id } }",
            json!({
                "errors": [{
                    "message": "the variable $id of type ID! is required",
                    "extensions": { "code": "GRAPHQL_VALIDATION_FAILED", "field": "id" },
                }],
            }),
        ),
        (
            Some(&renter),
            "{ viewer { id }",
            json!({
                "errors": [{
                    "message": "syntax error at line 1, column 16: expected }, but the document ends",
                    "extensions": { "code": "GRAPHQL_PARSE_FAILED", "line": 1, "column": 16 },
                }],
            }),
        ),
    ] {
        assert_eq!(replica.graphql(who, query, json!({})).await, expected, "{query}");
    }
}

/// The query that explorers and code generators send.
#[tokio::test]
async fn standard_introspection_passes() {
    let (_world, replica) = replica().await;
    let nested = "ofType { kind name ".repeat(9) + &"}".repeat(9);
    let query = format!(
        "query IntrospectionQuery {{ __schema {{ queryType {{ name }} mutationType {{ name }} subscriptionType {{ name }}
           types {{ ...FullType }} directives {{ name description locations args {{ ...InputValue }} }} }} }}
         fragment FullType on __Type {{ kind name description
           fields(includeDeprecated: true) {{ name description args {{ ...InputValue }} type {{ ...TypeRef }} isDeprecated deprecationReason }}
           inputFields {{ ...InputValue }} interfaces {{ ...TypeRef }}
           enumValues(includeDeprecated: true) {{ name description isDeprecated deprecationReason }} possibleTypes {{ ...TypeRef }} }}
         fragment InputValue on __InputValue {{ name description type {{ ...TypeRef }} defaultValue }}
         fragment TypeRef on __Type {{ kind name {nested} }}"
    );
    let answer = replica.graphql(None, &query, json!({})).await;
    assert!(answer.get("errors").is_none(), "{answer}");
}

#[tokio::test]
async fn syntax_errors_do_not_quote_the_document() {
    let (_world, replica) = replica().await;
    let answer = replica.graphql(None, "{ viewer(secret: \"hunter2\" }", json!({})).await;
    let error = &answer["errors"][0];
    assert!(error["message"].as_str().unwrap().starts_with("syntax error at line 1, column"), "{answer}");
    assert!(!answer.to_string().contains("hunter2"));
    assert_eq!(error["extensions"]["line"], 1);
}

#[tokio::test]
async fn a_browser_gets_the_explorer_without_the_internet() {
    let (_world, replica) = replica().await;
    let request =
        Request::get("/graphql").header("accept", "text/html,application/xhtml+xml,*/*;q=0.8").body(Body::empty());
    let page = replica.send(request.unwrap()).await;
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.header("content-security-policy").starts_with("default-src 'none'; script-src 'self';"));
    let text = page.text();
    assert!(!text.contains("https://") && !text.contains("http://"));
    let links = text.split('"').filter(|part| part.starts_with("/graphql/assets/"));
    let mut count = 0;
    for link in links {
        let asset = replica.get(link).await;
        assert_eq!(asset.status, 200, "{link}");
        assert!(!asset.body.is_empty());
        count += 1;
    }
    assert_eq!(count, 2);
}
