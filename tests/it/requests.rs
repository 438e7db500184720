//! Rules of HTTP that hold for every request: hosts, encodings, media types, and characters that cannot be stored.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{Backend, PATIENCE, Renter, Replica, World, client::Answer, on_both};

/// One path of every API, each for a POST.
const PATHS: [&str; 4] =
    ["/v1/auth/login", "/graphql", "/v1/webhooks/sms?provider=sandbox", "/v1/webhooks/status/sandbox"];

async fn send(replica: &Replica, method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    replica.send(request.body(body.into()).unwrap()).await
}

on_both! {
    async fn encoded_bodies_are_refused(world: World) {
        let (replica, _) = world.populated().await;
        let json = ("content-type", "application/json");
        for path in PATHS {
            for coding in ["gzip", "GZIP", "identity, gzip", "br", "x"] {
                let answer = send(&replica, "POST", path, &[json, ("content-encoding", coding)], "\u{1f}x").await;
                assert_eq!(answer.header("accept-encoding"), "identity", "{path} {coding}");
                assert_eq!(answer.error(415), "UNSUPPORTED_MEDIA_TYPE", "{path} {coding}");
            }
            let plain = send(&replica, "POST", path, &[json, ("content-encoding", "identity")], "{}").await;
            assert_ne!(plain.status, 415, "{path}: {}", plain.text());
        }
        // There is nothing to decode.
        let answer = send(&replica, "GET", "/v1/openapi.json", &[("content-encoding", "gzip")], Body::empty()).await;
        assert_eq!(answer.status, 200);
    }

    async fn what_a_client_does_not_accept_is_not_sent(world: World) {
        let (replica, renter) = world.populated().await;
        let token = format!("Bearer {}", renter.token);
        let ask = async |method: &str, path: &str, accept: &str, body: &'static str| {
            let json = ("content-type", "application/json");
            send(&replica, method, path, &[json, ("accept", accept), ("authorization", &token)], body).await
        };
        let query = r#"{"query":"{ __typename }"}"#;
        for (accept, rest, graphql) in [
            ("*/*", 200, 200),
            ("application/json", 200, 200),
            ("text/html, */*;q=0.1", 200, 200),
            ("application/json;q=0", 406, 406),
            ("application/json;q=0, */*;q=0", 406, 406),
            ("application/json;q=0, */*", 406, 200),
            ("text/html", 406, 406),
        ] {
            let answer = ask("GET", "/v1/users/me", accept, "").await;
            assert_eq!(answer.status, rest, "{accept}");
            if accept == "text/html" {
                assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
            } else if rest == 406 {
                assert_eq!(answer.error(406), "NOT_ACCEPTABLE", "{accept}");
            }
            let answer = ask("POST", "/graphql", accept, query).await;
            assert_eq!(answer.status, graphql, "{accept}");
            if graphql == 406 {
                assert_eq!(answer.error(406), "NOT_ACCEPTABLE", "{accept}");
            }
            let excludes_json = accept.starts_with("application/json;q=0") && !accept.contains("*/*;q=0");
            let expected = if excludes_json { "application/graphql-response+json" } else { "application/json" };
            assert!(answer.header("content-type").starts_with(expected), "{accept}: {}", answer.header("content-type"));
        }
        // Streams are events; their errors are JSON.
        for (accept, expected) in [("text/event-stream", 200), ("*/*", 200), ("text/html", 406)] {
            let request = Request::get("/v1/messages/stream").header("accept", accept).header("authorization", &token);
            assert_eq!(replica.status_of(request.body(Body::empty()).unwrap()).await.0, expected, "{accept}");
        }
        // Health checks, pages and webhooks are for programs that may say anything.
        for path in ["/healthz", "/readyz", "/v1/docs"] {
            assert_eq!(ask("GET", path, "text/plain", "").await.status, 200, "{path}");
        }
        assert_eq!(ask("POST", PATHS[2], "text/html", "{}").await.error(403), "INVALID_SIGNATURE");
    }

    async fn a_webhook_names_one_provider(world: World) {
        let (replica, _) = world.populated().await;
        for (address, status, issue) in [
            ("?provider=%00", 404, None),
            ("/%00", 404, None),
            ("?provider=sandbox%00", 404, None),
            ("?provider=%FF", 404, None),
            ("?provider=a'b", 404, None),
            ("", 400, Some("is missing")),
            ("?Provider=sandbox", 400, Some("is missing")),
            ("?provider=sandbox&provider=sandbox", 400, Some("is given twice")),
            ("?provider=a&x=1&provider=", 400, Some("is given twice")),
            ("?x=1&x=2&provider=sandbox", 403, None),
            ("?provider=%73andbox", 403, None),
        ] {
            for endpoint in ["sms", "status"] {
                let answer = send(&replica, "POST", &format!("/v1/webhooks/{endpoint}{address}"), &[], "{}").await;
                assert_eq!(answer.status, status, "{address}: {}", answer.text());
                assert_eq!(answer.json()["details"]["issue"].as_str(), issue, "{address}");
            }
        }
    }

    /// PostgreSQL cannot store NUL, and SQLite can: neither may get one.
    async fn nul_is_refused_or_found_nowhere_in_rest(world: World) {
        let (replica, renter) = world.populated().await;
        let token = Some(renter.token.as_str());
        for path in ["numbers/%00", "numbers/1%00", "messages/%00", "messages/wait%00"] {
            let answer = replica.rest(token, &format!("GET /v1/{path}"), None).await;
            assert!([400, 404, 405].contains(&answer.status.as_u16()), "{path}: {}", answer.text());
        }
        for query in [
            "numbers?country_code=%00", "numbers?status=%00", "messages?service=%00", "messages?service=a%00b",
            "messages?since=%00", "messages/wait?timeout=0&after=%00", "messages/wait?timeout=0&sender_number=%00",
            "messages/wait?timeout=0&service=%00", "messages/stream?after=%00",
        ] {
            let answer = replica.rest(token, &format!("GET /v1/{query}"), None).await;
            assert!([400, 422].contains(&answer.status.as_u16()), "{query}: {}", answer.text());
        }
        // Names that mean nothing to us are ignored, whatever they hold.
        assert_eq!(replica.rest(token, "GET /v1/numbers?%00=%00", None).await.status, 200);
        for (endpoint, body) in [
            ("POST /v1/auth/register", json!({ "email": "\0@example.com", "password": "correct horse", "first_name": "a", "last_name": "b" })),
            ("POST /v1/auth/register", json!({ "email": "a@example.com", "password": "correct horse", "first_name": "\0", "last_name": "b" })),
            ("POST /v1/auth/login", json!({ "email": "renter@example.com\0", "password": "\0" })),
            ("POST /v1/auth/login", json!({ "email": "\"\0\"@example.com", "password": "\0" })),
            ("POST /v1/auth/refresh", json!({ "refresh_token": "\0" })),
            ("POST /v1/auth/verify-email", json!({ "token": "\0" })),
            ("POST /v1/auth/forgot-password", json!({ "email": "\"\0\"@example.com" })),
            ("POST /v1/auth/resend-verification", json!({ "email": "\0" })),
            ("POST /v1/auth/reset-password", json!({ "token": "\0", "password": "correct horse" })),
            ("PATCH /v1/users/me", json!({ "first_name": "a\0" })),
            ("POST /v1/users/me/api-keys", json!({ "name": "\0", "scopes": ["messages:read"] })),
            ("POST /v1/users/me/api-keys", json!({ "name": "a", "scopes": ["\0"] })),
            ("POST /v1/numbers", json!({ "phone_number_id": "\0" })),
        ] {
            let answer = replica.rest(token, endpoint, Some(body)).await;
            assert!([400, 401, 422].contains(&answer.status.as_u16()), "{endpoint}: {}", answer.text());
        }
        for header in ["user-agent", "idempotency-key", "last-event-id", "x-forwarded-for", "x-request-id"] {
            // NUL itself cannot be part of a header; what comes close must not harm either.
            let headers = [(header, "a\tb"), ("authorization", &format!("Bearer {}", renter.token))];
            let answer = send(&replica, "GET", "/v1/users/me", &headers, Body::empty()).await;
            assert_eq!(answer.status, 200, "{header}: {}", answer.text());
        }
    }

    /// Every argument of every operation that takes text, found in the schema itself.
    async fn nul_is_refused_or_found_nowhere_in_graphql(world: World) {
        let (replica, _) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let types = "{ __schema { queryType { name } types { name kind
            fields { name args { name type { ...T } } type { ...T } } inputFields { name type { ...T } } enumValues { name } } } }
            fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";
        let schema = replica.data(&admin, types, json!({})).await["__schema"]["types"].clone();
        let schema = Schema(&schema);
        let mut tried = 0;
        for root in ["Query", "Mutation"] {
            for field in schema.of(root)["fields"].as_array().unwrap() {
                let name = field["name"].as_str().unwrap();
                for values in schema.with_nul(field["args"].as_array().unwrap(), 3) {
                    let (operation, arguments) = (root.to_lowercase(), literal(&Value::Object(values.clone())));
                    let arguments = arguments.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap();
                    let selection = schema.selection(&field["type"]);
                    let document = format!("{operation} {{ {name}({arguments}) {selection} }}");
                    must_not_fail(&replica, &admin, &document).await;
                    tried += 1;
                }
            }
        }
        assert!(tried > 60, "only {tried} were tried");
        // Filters of lists whose rows nobody asks for.
        must_not_fail(&replica, &admin, r#"{ users(filter: { emailContains: "\u0000" }) { totalCount } }"#).await;
        must_not_fail(&replica, &admin, r#"{ deliveryReports(filter: { providerMessageId: "\u0000" }) { totalCount } }"#).await;
    }
}

/// Runs a document, and checks that nothing of it is a defect.
async fn must_not_fail(replica: &Replica, who: &Renter, document: &str) {
    let answer = replica.graphql(Some(who), document, json!({})).await.to_string();
    for code in ["\"INTERNAL\"", "\"UNAVAILABLE\"", "\"GRAPHQL_PARSE_FAILED\""] {
        assert!(!answer.contains(code), "{document}: {answer}");
    }
}

/// The types of the schema, as introspection tells them.
struct Schema<'s>(&'s Value);

impl Schema<'_> {
    fn of(&self, name: &str) -> &Value {
        self.0.as_array().unwrap().iter().find(|found| found["name"] == name).unwrap()
    }

    /// The name of the type that lists and marks of non-nullness are around.
    fn named(kind: &Value) -> &str {
        match kind["name"].as_str() {
            Some(name) => name,
            None => Self::named(&kind["ofType"]),
        }
    }

    /// For each text among these arguments, values in which that one has NUL, and others only where they are required.
    fn with_nul(&self, arguments: &[Value], depth: usize) -> Vec<serde_json::Map<String, Value>> {
        let mut found = Vec::new();
        for argument in arguments {
            let name = argument["name"].as_str().unwrap();
            for value in self.texts(&argument["type"], depth) {
                let mut values = self.required(arguments, depth);
                values.insert(name.to_owned(), value);
                found.push(values);
            }
        }
        found
    }

    fn texts(&self, kind: &Value, depth: usize) -> Vec<Value> {
        if depth == 0 {
            return Vec::new();
        }
        match (kind["kind"].as_str().unwrap(), kind["name"].as_str()) {
            ("NON_NULL", _) => self.texts(&kind["ofType"], depth),
            ("LIST", _) => self.texts(&kind["ofType"], depth).into_iter().map(|value| json!([value])).collect(),
            ("SCALAR", Some("String" | "ID" | "DateTime")) => vec![json!("\0"), json!("a\0b")],
            ("SCALAR", Some("JSON")) => vec![json!({ "a": "\0" }), json!({ "\0": 1 })],
            ("INPUT_OBJECT", Some(name)) => {
                let fields = self.of(name)["inputFields"].as_array().unwrap();
                self.with_nul(fields, depth - 1).into_iter().map(Value::Object).collect()
            }
            _ => Vec::new(),
        }
    }

    fn required(&self, arguments: &[Value], depth: usize) -> serde_json::Map<String, Value> {
        let required = arguments.iter().filter(|argument| argument["type"]["kind"] == "NON_NULL");
        let value = |argument: &Value| {
            let name = argument["name"].as_str().unwrap();
            (name.to_owned(), self.example(name, &argument["type"]["ofType"], depth))
        };
        required.map(value).collect()
    }

    /// A value that is right as far as that can be told from its name and type.
    fn example(&self, name: &str, kind: &Value, depth: usize) -> Value {
        match (kind["kind"].as_str().unwrap(), Self::named(kind)) {
            ("NON_NULL", _) => self.example(name, &kind["ofType"], depth),
            ("LIST", _) => json!([self.example(name, &kind["ofType"], depth)]),
            ("INPUT_OBJECT", input) => {
                json!(self.required(self.of(input)["inputFields"].as_array().unwrap(), depth.saturating_sub(1)))
            }
            ("ENUM", of) => json!({ "enum": self.of(of)["enumValues"][0]["name"] }),
            (_, "Int") => json!(1),
            (_, "Float") => json!(1.0),
            (_, "Boolean") => json!(true),
            (_, "JSON") => json!({}),
            (_, "DateTime") => json!("2026-03-01T12:00:00Z"),
            (_, "ID") => json!("1"),
            _ if name == "email" => json!("somebody@example.com"),
            _ if name.to_lowercase().contains("number") || name == "to" => json!("+14155550100"),
            _ => json!("abcdefgh"),
        }
    }

    fn selection(&self, kind: &Value) -> &'static str {
        match self.of(Self::named(kind))["kind"].as_str().unwrap() {
            "OBJECT" | "INTERFACE" | "UNION" => "{ __typename }",
            _ => "",
        }
    }
}

/// A value as a GraphQL literal.
fn literal(value: &Value) -> String {
    match value {
        Value::Object(fields) if fields.len() == 1 && fields.contains_key("enum") => {
            fields["enum"].as_str().unwrap().to_owned()
        }
        Value::Object(fields) => {
            // A name with NUL is none in GraphQL: it can only come in variables, which JSON objects are read from.
            let field = |(name, value): (&String, &Value)| format!("{}: {}", name.replace('\0', "nul"), literal(value));
            format!("{{{}}}", fields.iter().map(field).collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// What a server answers to bytes.
async fn raw(address: std::net::SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    tokio::time::timeout(PATIENCE, stream.read_to_string(&mut answer)).await.expect("it stays open").unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_has_exactly_one_host() {
    let world = World::new(Backend::Embedded).await;
    let replica = world.replica().await;
    let address = replica.listen().await;
    for path in ["/healthz", "/v1/openapi.json", "/v1/docs", "/graphql?query={__typename}", "/graphql/assets/worker.js"]
    {
        for (version, hosts, is_fine) in [
            ("1.1", "host: x\r\n", true),
            ("1.1", "host:\r\n", true),
            ("1.0", "", true),
            ("1.1", "", false),
            ("1.1", "host: x\r\nhost: x\r\n", false),
            ("1.1", "host: x\r\nHost: y\r\n", false),
            ("1.0", "host: x\r\nhost: y\r\n", false),
            ("1.1", "host: a b\r\n", false),
        ] {
            let answer = raw(address, &format!("GET {path} HTTP/{version}\r\n{hosts}connection: close\r\n\r\n")).await;
            let expected = format!("HTTP/{version} {} ", if is_fine { 200 } else { 400 });
            assert!(answer.starts_with(&expected), "{path} {hosts:?}: {answer}");
            assert!(is_fine || answer.contains("INVALID_REQUEST"), "{path} {hosts:?}: {answer}");
        }
    }
    let refused = raw(address, "GET /graphql?query={a} HTTP/1.1\r\nconnection: close\r\n\r\n").await;
    assert!(refused.contains(r#"{"errors":[{"#), "{refused}");
}
