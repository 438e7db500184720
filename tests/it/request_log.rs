//! The log: one span a request, one line at its end, and nothing personal.

use serde_json::Value;

use crate::support::{
    World,
    client::sms,
    on_both,
    program::{Installation, NUMBER, PASSWORD, client, deliver},
    socket::Socket,
};

/// The lines of a log in JSON. No object of a line may have a key twice.
fn lines(log: &str) -> Vec<Value> {
    log.lines()
        .map(|line| {
            let read: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            assert_eq!(
                read.to_string().matches("\":").count(),
                line.matches("\":").count(),
                "a key is repeated: {line}"
            );
            read
        })
        .collect()
}

/// The lines at the end of the requests with this id.
fn ends<'l>(lines: &'l [Value], id: &str) -> Vec<&'l Value> {
    let is_end = |line: &&Value| line["fields"]["message"] == "answered" && line["span"]["request_id"] == id;
    lines.iter().filter(is_end).collect()
}

on_both! {
    async fn each_request_has_one_line_at_its_end(world: World) {
        let installation = Installation::new(&world).await
            .with("OTPWIRE_LOG", "otpwire=debug")
            .with("OTPWIRE_LOG_FORMAT", "json");
        installation.populate();
        let (serving, log) = installation.serve_with_log(installation.command(&["serve"]));
        let token = installation.rent().await;
        let address = installation.address;
        let send = async |id: &str, method: &str, path: &str, token: Option<&str>, body: Option<String>| {
            let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
            let mut request = client().request(method, format!("http://{address}{path}")).header("x-request-id", id);
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            if let Some(body) = body {
                request = request.header("content-type", "application/json").body(body);
            }
            let answer = request.send().await.unwrap();
            let text = answer.text().await.unwrap();
            serde_json::from_str::<Value>(&text).unwrap_or_default()
        };
        let user: i64 = world.column("SELECT id FROM users").await[0].parse().unwrap();
        let created = r#"{"name":"secret name","scopes":["messages:read"]}"#.to_owned();
        let key = send("make-key", "POST", "/v1/users/me/api-keys", Some(&token), Some(created)).await;
        let (secret, key) = (key["key"].as_str().unwrap().to_owned(), key["api_key"]["id"].as_i64().unwrap());
        send("by-user", "GET", "/v1/numbers/1?note=private", Some(&token), None).await;
        send("by-key", "GET", "/v1/messages", Some(&secret), None).await;
        send("by-guest", "GET", "/v1/users/me", None, None).await;
        send("nowhere", "GET", "/private/path", None, None).await;
        send("health", "GET", "/readyz", None, None).await;
        send("page", "GET", "/v1/docs", None, None).await;
        send("unknown", "POST", "/v1/webhooks/sms?provider=private", None, Some("{}".to_owned())).await;
        send("forged", "POST", "/v1/webhooks/sms?provider=sandbox", None, Some("{}".to_owned())).await;
        let wrong = format!(r#"{{"email":"renter@example.com","password":"{PASSWORD}x"}}"#);
        send("wrong", "POST", "/v1/auth/login", None, Some(wrong)).await;
        let query = r#"{"query":"{ viewer { email } phoneNumber(id: \"num_99\") { id } }"}"#.to_owned();
        send("graphql", "POST", "/graphql", Some(&token), Some(query)).await;
        // A guest's request counts as a page until it is known what it asks for.
        let viewer = || Some(r#"{"query":"{ viewer { email } }"}"#.to_owned());
        send("graphql-guest", "POST", "/graphql", None, viewer()).await;
        send("graphql-schema", "POST", "/graphql", None, Some(r#"{"query":"{ __typename }"}"#.to_owned())).await;
        assert_eq!(deliver(&client(), address, "sandbox", &sms("1", NUMBER, "code 482913")).await.unwrap().status(), 200);
        drop(Socket::open(address, "graphql-transport-ws").await);
        serving.stop();

        let text = log.text();
        let read = lines(&text);
        for (id, method, route, status, level) in [
            ("make-key", "POST", "/v1/users/me/api-keys", 201, "INFO"),
            ("by-user", "GET", "/v1/numbers/{id}", 200, "INFO"),
            ("by-key", "GET", "/v1/messages", 200, "INFO"),
            ("by-guest", "GET", "/v1/users/me", 401, "INFO"),
            ("wrong", "POST", "/v1/auth/login", 401, "INFO"),
            ("graphql", "POST", "/graphql", 200, "INFO"),
            ("graphql-guest", "POST", "/graphql", 200, "INFO"),
            ("graphql-schema", "POST", "/graphql", 200, "DEBUG"),
            // Nobody is limited in sending these, or only generously, so they must not fill the disk.
            ("health", "GET", "/readyz", 200, "DEBUG"),
            ("page", "GET", "/v1/docs", 200, "DEBUG"),
            ("nowhere", "GET", "(none)", 404, "DEBUG"),
            ("unknown", "POST", "/v1/webhooks/sms", 404, "DEBUG"),
            ("forged", "POST", "/v1/webhooks/sms", 403, "DEBUG"),
        ] {
            let [line] = ends(&read, id)[..] else { panic!("{id} has not one line: {text}") };
            let span = &line["span"];
            assert_eq!((&span["method"], &span["route"]), (&method.into(), &route.into()), "{line}");
            assert_eq!((&line["fields"]["status"], &line["level"]), (&status.into(), &level.into()), "{line}");
            assert!(line["fields"]["duration_ms"].as_f64().unwrap() > 0.0, "{line}");
            assert!(line["fields"].get("aborted").is_none(), "{line}");
            let by_user = ["make-key", "by-user", "by-key", "graphql"].contains(&id);
            assert_eq!(span["user_id"].as_i64(), by_user.then_some(user), "{line}");
            assert_eq!(span["api_key_id"].as_i64(), (id == "by-key").then_some(key), "{line}");
            assert_eq!(span["provider"].as_str(), (id == "forged").then_some("sandbox"), "{line}");
        }
        let webhook = |line: &&Value| line["span"]["provider"] == "sandbox" && line["fields"]["status"] == 200;
        let [webhook] = read.iter().filter(webhook).collect::<Vec<_>>()[..] else { panic!("{text}") };
        assert_eq!((&webhook["level"], &webhook["span"]["route"]), (&"INFO".into(), &"/v1/webhooks/sms".into()));
        let upgrade = |line: &&Value| line["span"]["route"] == "/graphql" && line["fields"]["status"] == 101;
        assert_eq!(read.iter().filter(upgrade).count(), 1, "{text}");
        // Other lines about a request are within its span.
        let refused = |line: &&Value| line["fields"]["code"] == "INVALID_CREDENTIALS";
        let refused = read.iter().find(refused).unwrap();
        assert_eq!((&refused["span"]["request_id"], &refused["span"]["route"]), (&"wrong".into(), &"/v1/auth/login".into()));
        for private in ["renter@example.com", "14155550100", "482913", "private", "secret name", &secret, &token, "127.0.0.1"] {
            let quoting: Vec<_> = text.lines().filter(|line| line.contains(private)).collect();
            // The addresses of the server and of its database are not a client's.
            let is_ours = |line: &&str| line.contains("otpwire listens") || line.contains("opening the database");
            assert!(quoting.iter().all(is_ours), "{private}: {quoting:?}");
        }
    }
}

/// A client that goes away, in the other format.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_has_its_line_when_it_ends() {
    let world = World::new(crate::support::Backend::Embedded).await;
    let installation = Installation::new(&world).await.with("OTPWIRE_LOG", "info");
    installation.populate();
    let (serving, log) = installation.serve_with_log(installation.command(&["serve"]));
    let token = installation.rent().await;
    let stream = client()
        .get(format!("http://{}/v1/messages/stream", installation.address))
        .header("x-request-id", "watching")
        .bearer_auth(&token);
    let stream = stream.send().await.unwrap();
    assert_eq!((stream.status().as_u16(), log.count(&["watching"])), (200, 0));
    drop(stream);
    let told = async {
        while log.count(&["request_id=\"watching\"", "route=\"/v1/messages/stream\"", "status=200", "aborted=true"])
            == 0
        {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(crate::support::PATIENCE, told).await.unwrap_or_else(|_| panic!("{}", log.text()));
    assert_eq!(log.count(&["watching"]), 1, "{}", log.text());
    serving.stop();
}
