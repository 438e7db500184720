//! What clients rely on in the schema, and what its queries cost.

use futures_util::future::join_all;
use otpwire::domain::Client;
use serde_json::{Value, json};

use crate::support::{Backend, PATIENCE, World, client::sms, on_both};

const INTROSPECTION: &str = "{ __schema { types { kind name description specifiedByURL
    fields(includeDeprecated: true) { name description args { name description } type { kind name ofType { name } } }
    inputFields { name description } enumValues(includeDeprecated: true) { name description }
    interfaces { name } } } }";

async fn types() -> Vec<Value> {
    let replica = World::new(Backend::Embedded).await.replica().await;
    let answer = replica.graphql(None, INTROSPECTION, json!({})).await;
    let types = answer["data"]["__schema"]["types"].as_array().unwrap().clone();
    types.into_iter().filter(|kind| !kind["name"].as_str().unwrap().starts_with("__")).collect()
}

fn list<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> + 'v {
    value[name].as_array().into_iter().flatten()
}

#[tokio::test]
async fn everything_is_described() {
    let mut missing = Vec::new();
    let mut count = 0;
    let mut check = |path: String, described: &Value| {
        count += 1;
        if described["description"].as_str().is_none_or(|text| text.trim().is_empty()) {
            missing.push(path);
        }
    };
    let given = ["Boolean", "Float", "ID", "Int", "String"];
    for kind in types().await.iter().filter(|kind| !given.contains(&kind["name"].as_str().unwrap())) {
        let name = kind["name"].as_str().unwrap();
        check(name.to_owned(), kind);
        for (members, is_field) in [("fields", true), ("inputFields", false), ("enumValues", false)] {
            for member in list(kind, members) {
                let path = format!("{name}.{}", member["name"].as_str().unwrap());
                for argument in list(member, "args").filter(|_| is_field) {
                    check(format!("{path}({})", argument["name"].as_str().unwrap()), argument);
                }
                check(path, member);
            }
        }
        if kind["kind"] == "SCALAR" {
            assert!(kind["specifiedByURL"].is_string(), "{name}");
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(count > 300, "{count}");
}

#[tokio::test]
async fn lists_are_connections_and_mutations_take_one_input() {
    let types = types().await;
    let find = |name: &str| types.iter().find(|kind| kind["name"] == name).unwrap_or_else(|| panic!("no {name}"));
    let names = |kind: &Value, members: &str| -> Vec<String> {
        list(kind, members).map(|member| member["name"].as_str().unwrap().to_owned()).collect()
    };
    let mut connections = 0;
    for kind in types.iter().filter(|kind| kind["name"].as_str().unwrap().ends_with("Connection")) {
        let fields = names(kind, "fields");
        for wanted in ["edges", "nodes", "pageInfo", "totalCount"] {
            assert!(fields.iter().any(|field| field == wanted), "{} has no {wanted}", kind["name"]);
        }
        connections += 1;
    }
    assert_eq!(connections, 9);
    for kind in types.iter().filter(|kind| kind["kind"] == "OBJECT") {
        for field in list(kind, "fields") {
            let of = field["type"]["name"].as_str().or(field["type"]["ofType"]["name"].as_str());
            if of.is_some_and(|of| of.ends_with("Connection")) {
                let arguments: Vec<_> = list(field, "args").map(|argument| &argument["name"]).collect();
                for wanted in ["first", "after", "last", "before"] {
                    assert!(arguments.iter().any(|name| *name == wanted), "{}.{}", kind["name"], field["name"]);
                }
            }
        }
        // Whatever has an id can be asked for by it.
        if names(kind, "fields").iter().any(|field| field == "id") {
            assert!(list(kind, "interfaces").any(|interface| interface["name"] == "Node"), "{}", kind["name"]);
        }
    }
    for field in list(find("Mutation"), "fields") {
        let name = field["name"].as_str().unwrap();
        let arguments: Vec<_> = list(field, "args").map(|argument| argument["name"].as_str().unwrap()).collect();
        assert!(
            arguments == ["input"] || (name.starts_with("logOut") && arguments.is_empty()),
            "{name}: {arguments:?}"
        );
        // A field that can fail may be null: its failure costs the client that field alone.
        assert_ne!(field["type"]["kind"], "NON_NULL", "{name}");
    }
    for field in list(find("Query"), "fields") {
        assert_ne!(field["type"]["kind"], "NON_NULL", "{}", field["name"]);
    }
}

on_both! {
    async fn a_query_over_many_rows_takes_few_statements(world: World) {
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let more: Vec<String> = (0..60).map(|n| format!("+141555502{n:02}")).collect();
        replica.add_numbers("sandbox", &more.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let mut ids = Vec::new();
        for n in 0..50 {
            let (id, number) = replica.rent(&admin, "US", 1).await;
            for m in 0..2 {
                replica.post_sms(&sms(&format!("{n}-{m}"), &number, "text")).await;
            }
            ids.push(id);
        }
        let count = |query: &'static str, variables: Value| {
            let (replica, admin) = (&replica, &admin);
            async move {
                // Who asks is known by now, and the bound is on what the query itself takes.
                replica.data(admin, "{ viewer { id } }", json!({})).await;
                let before = replica.statements();
                let data = replica.data(admin, query, variables).await;
                (replica.statements() - before, data)
            }
        };
        let (statements, data) = count(
            "{ phoneNumbers(first: 50, filter: { mine: true }) { totalCount nodes {
                unreadCount provider { name } renter { email }
                messages(first: 1) { totalCount pageInfo { hasNextPage } nodes { id messageContent } } } } }",
            json!({}),
        )
        .await;
        let nodes = data["phoneNumbers"]["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), 50);
        for node in nodes {
            let messages = json!({ "totalCount": 2, "pageInfo": { "hasNextPage": true } });
            assert_eq!(node["unreadCount"], 2);
            assert_eq!((&node["provider"]["name"], &node["renter"]["email"]), (&json!("sandbox"), &json!("admin@example.com")));
            assert_eq!(node["messages"]["totalCount"], messages["totalCount"]);
            assert_eq!(node["messages"]["pageInfo"], messages["pageInfo"]);
            assert_eq!(node["messages"]["nodes"].as_array().unwrap().len(), 1);
        }
        // Numbers, their count, unread and all messages, the inbox and a page of it, providers, renters.
        assert!(statements <= 8, "{statements}");

        let (statements, data) = count(
            "{ deliveryReports(first: 50) { totalCount nodes { status provider { name } } }
               auditLog(first: 50) { totalCount nodes { action actor { email } } } }",
            json!({}),
        )
        .await;
        assert_eq!(data["deliveryReports"]["totalCount"], 100);
        assert_eq!(data["deliveryReports"]["nodes"].as_array().unwrap().len(), 50);
        assert!(statements <= 6, "{statements}");

        for n in 0..20 {
            replica.add_provider("twilio", &format!("twilio-{n}"), "secret").await;
        }
        let (statements, data) = count(
            "{ deliveryReports(first: 50) { nodes { payload } }
               providers(first: 50) { nodes { name health { messageCount lastRefusalReason } } } }",
            json!({}),
        )
        .await;
        assert_eq!(data["providers"]["nodes"].as_array().unwrap().len(), 21);
        assert_eq!(data["providers"]["nodes"][0]["health"]["messageCount"], 100);
        // Reports, whose messages they are about, providers, how they are doing and whether their secrets are weak; and
        // before that, what this replica has counted since the last time: that it is new, the usage, and what providers
        // did.
        assert!(statements <= 8, "{statements}");

        world.sql("INSERT INTO otp_patterns (provider_id, pattern) SELECT id, '(?<code>x)' FROM sms_providers").await;
        let (statements, data) = count(
            "{ otpPatterns(first: 50) { totalCount nodes { pattern provider { name } } } }",
            json!({}),
        )
        .await;
        assert_eq!(data["otpPatterns"]["nodes"].as_array().unwrap().len(), 21);
        // Patterns, their count, providers.
        assert!(statements <= 3, "{statements}");

        let (statements, data) = count("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": ids })).await;
        let found: Vec<_> = data["nodes"].as_array().unwrap().iter().map(|node| node["id"].as_str().unwrap()).collect();
        assert_eq!(found, ids);
        assert_eq!(statements, 1);
        drop(renter);
    }

    async fn messages_of_a_number_are_paged(world: World) {
        let (replica, renter) = world.populated().await;
        let (id, number) = replica.rent(&renter, "US", 1).await;
        for n in 1..=5 {
            replica.post_sms(&sms(&n.to_string(), &number, &n.to_string())).await;
        }
        let query = "query($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
            phoneNumber(id: $id) { messages(first: $first, after: $after, last: $last, before: $before) {
                pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { messageContent } edges { cursor } } } }";
        let page = async |mut variables: Value| {
            variables["id"] = json!(id);
            let data = replica.data(&renter, query, variables).await;
            let messages = data["phoneNumber"]["messages"].clone();
            let texts: String = list(&messages, "nodes").map(|node| node["messageContent"].as_str().unwrap()).collect();
            let info = &messages["pageInfo"];
            assert_eq!(messages["edges"][0]["cursor"], info["startCursor"]);
            let around = (info["hasPreviousPage"].as_bool().unwrap(), info["hasNextPage"].as_bool().unwrap());
            (texts, around, info["startCursor"].clone(), info["endCursor"].clone())
        };
        let (texts, around, _, end) = page(json!({ "first": 2 })).await;
        assert_eq!((texts.as_str(), around), ("54", (false, true)));
        let (texts, around, start, end) = page(json!({ "first": 2, "after": end })).await;
        assert_eq!((texts.as_str(), around), ("32", (true, true)));
        let (texts, around, ..) = page(json!({ "first": 2, "after": end })).await;
        assert_eq!((texts.as_str(), around), ("1", (true, false)));
        let (texts, around, ..) = page(json!({ "last": 2 })).await;
        assert_eq!((texts.as_str(), around), ("21", (true, false)));
        let (texts, around, ..) = page(json!({ "last": 2, "before": start })).await;
        assert_eq!((texts.as_str(), around), ("54", (false, true)));
    }

    async fn every_node_is_found_by_its_id(world: World) {
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let (number, msisdn) = replica.rent(&renter, "US", 1).await;
        replica.post_sms(&sms("1", &msisdn, "one")).await;
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
        let ids = json!([number, "msg_1", "usr_1", "usr_2", "num_99", "msg_1"]);
        let data = replica.data(&renter, query, json!({ "ids": ids })).await;
        let node = |kind: &str, id: &str| json!({ "__typename": kind, "id": id });
        let (mine, message) = (node("PhoneNumber", &number), node("Message", "msg_1"));
        assert_eq!(data["nodes"], json!([mine, message, node("User", "usr_1"), null, null, message]));
        // Messages are their renter's, whoever else asks.
        world.sql("INSERT INTO otp_patterns (sender, pattern) VALUES ('X', '(?<code>x)')").await;
        let ids = json!([number, "msg_1", "usr_1", "prv_1", "rpt_1", "aud_1", "pat_1"]);
        let data = replica.data(&admin, query, json!({ "ids": ids })).await;
        let seen = |kind, id| node(kind, id);
        assert_eq!(
            data["nodes"],
            json!([mine, null, seen("User", "usr_1"), seen("Provider", "prv_1"), seen("DeliveryReport", "rpt_1"), seen("AuditEntry", "aud_1"), seen("OtpPattern", "pat_1")])
        );
        for id in ["prv_1", "rpt_1", "aud_1", "pat_1"] {
            assert_eq!(replica.code(Some(&renter), query, json!({ "ids": [id] })).await, "FORBIDDEN", "{id}");
        }
        for ids in [json!(["x"]), json!(vec!["num_1"; 101])] {
            assert_eq!(replica.code(Some(&renter), query, json!({ "ids": ids })).await, "VALIDATION_ERROR");
        }
        let one = "query($id: ID!) { node(id: $id) { id } }";
        assert_eq!(replica.code(Some(&renter), one, json!({ "id": "num_99" })).await, "NOT_FOUND");
    }

    async fn watchers_of_one_user_share_their_reads(world: World) {
        let (replica, renter) = world.populated().await;
        let caller = replica.app.authenticate(&renter.token, &Client::default()).await.unwrap();
        let mut watchers = Vec::new();
        for _ in 0..50 {
            watchers.push(replica.app.watch_numbers(&caller, None).await.unwrap());
        }
        let before = replica.statements();
        let (id, _) = replica.rent(&renter, "US", 1).await;
        let itself = replica.statements() - before;
        let told = join_all(watchers.iter_mut().map(|watcher| tokio::time::timeout(PATIENCE, watcher.next()))).await;
        for number in told {
            assert_eq!(format!("num_{}", number.unwrap().unwrap().unwrap().id), id);
        }
        assert!(replica.statements() - before < itself + 10, "{}", replica.statements() - before);
    }
}
