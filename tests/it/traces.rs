//! Traces: what a collector gets of a message on its way, over one replica or two.

use std::collections::BTreeMap;

use serde_json::json;

use crate::support::{
    Backend, PATIENCE, World,
    client::sms,
    collector::{Collector, Received, hex},
    free_port, on_both,
    program::{Installation, NUMBER, client, webhook},
    socket::Socket,
};

/// How the ids of the client's traces begin.
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e47";
const PARENT: &str = "00f067aa0ba902b7";
const SERVER: i32 = 2;

/// An installation of whose requests this part is traced, and where its metrics are.
async fn traced(world: &World, endpoint: impl Into<String>, ratio: &str) -> (Installation, String) {
    let operator = format!("127.0.0.1:{}", free_port());
    let installation = Installation::new(world)
        .await
        .with("OTPWIRE_OTLP_ENDPOINT", endpoint)
        .with("OTPWIRE_TRACE_RATIO", ratio)
        .with("OTPWIRE_METRICS_LISTEN", operator.clone());
    (installation, format!("http://{operator}/metrics"))
}

/// Waits until the metrics have a line.
async fn until(metrics: &str, line: &str) {
    let waited = async {
        loop {
            let answer = client().get(metrics).send().await.unwrap().text().await.unwrap();
            if answer.lines().any(|found| found == line) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waited).await.unwrap_or_else(|_| panic!("there is no {line}"));
}

/// A socket of the renter at an installation, which watches by now.
async fn watch(installation: &Installation, metrics: &str, token: &str) -> Socket {
    let mut socket = Socket::open(installation.address, "graphql-transport-ws").await;
    let payload = json!({ "Authorization": format!("Bearer {token}") });
    socket.send(json!({ "type": "connection_init", "payload": payload })).await;
    assert_eq!(socket.receive().await["type"], "connection_ack");
    socket.watch(None).await;
    until(metrics, "otpwire_subscriptions_open{transport=\"websocket\"} 1").await;
    socket
}

/// Posts a message within a client's trace, with this flag, until it is stored. Returns the trace of the attempt that
/// was.
async fn post(installation: &Installation, id: &str, flag: &str) -> String {
    for attempt in 0..100 {
        let trace = format!("{TRACE}{attempt:02}");
        let message = webhook(&client(), installation.address, "sandbox", &sms(id, NUMBER, id));
        let answer = message.header("traceparent", format!("00-{trace}-{PARENT}-{flag}")).send().await.unwrap();
        match answer.status().as_u16() {
            200 => return trace,
            // The machine is busy.
            503 => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
            other => panic!("{other}"),
        }
    }
    panic!("it is not stored")
}

/// The path of each span from the client's, by names, with the process that sent it.
fn paths(spans: &[Received]) -> BTreeMap<String, Vec<String>> {
    let by_id: BTreeMap<_, _> = spans.iter().map(|received| (hex(&received.span.span_id), received)).collect();
    let mut paths: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for received in spans {
        let (mut path, mut at) = (received.span.name.clone(), received);
        loop {
            let parent = hex(&at.span.parent_span_id);
            if parent == PARENT {
                break;
            }
            at = by_id.get(&parent).unwrap_or_else(|| panic!("{path} has no parent"));
            path = format!("{} > {path}", at.span.name);
        }
        paths.entry(path).or_default().push(received.instance.clone());
    }
    paths
}

on_both! {
    async fn a_message_is_one_trace_from_the_webhook_to_the_frame(world: World) {
        let collector = Collector::start().await;
        let (one, metrics) = traced(&world, collector.url(), "1").await;
        one.populate();
        let serving = one.serve();
        let token = one.rent().await;
        // On another replica, if there can be one.
        let (other, other_metrics) = traced(&world, collector.url(), "1").await;
        let far = (world.backend == Backend::Cluster).then(|| other.serve());
        let (watched, metrics) = if far.is_some() { (&other, other_metrics) } else { (&one, metrics) };
        let mut socket = watch(watched, &metrics, &token).await;
        let trace = post(&one, "1", "00").await;
        assert_eq!(socket.next_message().await.0, "1");
        drop(socket);
        serving.stop();
        if let Some(far) = far {
            far.stop();
        }

        let spans: Vec<_> = collector.spans().into_iter().filter(|received| received.trace_id() == trace).collect();
        let paths = paths(&spans);
        let root = "POST /v1/webhooks/sms";
        let here = paths[root][0].clone();
        for stage in ["verify", "queue", "batch", "batch > commit", "batch > publish"] {
            assert_eq!(paths[&format!("{root} > {stage}")], std::slice::from_ref(&here), "{stage}: {paths:#?}");
        }
        let bus = if world.backend == Backend::Cluster { " > receive" } else { "" };
        let frame = &paths[&format!("{root} > batch > publish{bus} > frame")];
        assert_eq!(frame.len(), 1, "{paths:#?}");
        assert_eq!(frame[0] == here, world.backend == Backend::Embedded, "{paths:#?}");
        assert_eq!(paths.len(), 7 + usize::from(world.backend == Backend::Cluster), "{paths:#?}");

        let named = |name: &str| spans.iter().find(|received| received.span.name == name).unwrap();
        let request = named(root);
        assert_eq!(request.span.kind, SERVER);
        assert_eq!(request.attribute("http.route").as_deref(), Some("/v1/webhooks/sms"));
        assert_eq!(request.attribute("http.response.status_code").as_deref(), Some("200"));
        assert_eq!(named("frame").attribute("otpwire.transport").as_deref(), Some("websocket"));
        let id = world.column("SELECT id FROM messages").await[0].clone();
        for name in ["publish", "frame"] {
            assert_eq!(named(name).attribute("otpwire.message.id"), Some(id.clone()));
        }
        for received in &spans {
            let span = &received.span;
            assert!(span.start_time_unix_nano <= span.end_time_unix_nano && span.start_time_unix_nano > 0, "{span:?}");
            assert!(!received.has_failed(), "{span:?}");
        }
        // What is answered only after the commit ends after it.
        assert!(request.span.end_time_unix_nano >= named("commit").span.end_time_unix_nano);
        assert!(named("queue").span.end_time_unix_nano <= named("commit").span.start_time_unix_nano);
    }

    async fn strangers_cannot_have_their_requests_traced(world: World) {
        let collector = Collector::start().await;
        let (installation, metrics) = traced(&world, collector.url(), "0").await;
        installation.populate();
        let serving = installation.serve();
        let token = installation.rent().await;
        let mut socket = watch(&installation, &metrics, &token).await;
        post(&installation, "1", "01").await;
        assert_eq!(socket.next_message().await.0, "1");
        serving.stop();
        assert!(collector.spans().is_empty(), "{:?}", collector.spans());
        // A proxy that sets the header itself can.
        let installation = installation.with("OTPWIRE_TRUSTED_PROXIES", "127.0.0.1/32").with("OTPWIRE_TRUST_TRACEPARENT", "true");
        let serving = installation.serve();
        post(&installation, "2", "00").await;
        post(&installation, "3", "01").await;
        serving.stop();
        let stored = |received: &Received| {
            received.span.kind == SERVER && received.attribute("http.response.status_code").as_deref() == Some("200")
        };
        assert_eq!(collector.spans().iter().filter(|received| stored(received)).count(), 1, "{:?}", collector.spans());
    }

    async fn requests_that_fail_and_health_checks(world: World) {
        let collector = Collector::start().await;
        let (installation, _) = traced(&world, collector.url(), "1").await;
        let installation = installation.with("OTPWIRE_OTLP_HEADERS", "authorization=Bearer%20collector-key,x-scope=7");
        installation.populate();
        let serving = installation.serve();
        let get = async |path: &str| {
            let answer = client().get(format!("http://{}{path}", installation.address)).send().await.unwrap();
            answer.status().as_u16()
        };
        assert_eq!(get("/healthz").await, 200);
        assert_eq!(get("/v1/users/me").await, 401);
        assert_eq!(get("/nowhere?token=canary").await, 404);
        let forged = client().post(format!("http://{}/v1/webhooks/sms?provider=sandbox", installation.address));
        assert_eq!(forged.body("{}").send().await.unwrap().status(), 403);
        serving.stop();
        let spans = collector.spans();
        let names: Vec<_> = spans.iter().map(|received| received.span.name.as_str()).collect();
        assert_eq!(names, ["GET /v1/users/me", "GET (none)", "verify", "POST /v1/webhooks/sms"]);
        let failed: Vec<_> = spans.iter().filter(|received| received.has_failed()).map(|it| &it.span.name).collect();
        assert_eq!(failed, ["verify"], "a refusal is not a failure of the server");
        assert!(!collector.text().contains("canary"));
        let headers = collector.headers();
        assert!(headers.iter().all(|it| it["authorization"] == "Bearer collector-key" && it["x-scope"] == "7"));
    }

    async fn a_collector_that_is_away_costs_spans_and_nothing_else(world: World) {
        let away = format!("http://user:collector-key@127.0.0.1:{}", free_port());
        let (installation, metrics) = traced(&world, away, "1").await;
        installation.populate();
        let (serving, log) = installation.serve_with_log(installation.command(&["serve"]));
        let token = installation.rent().await;
        let mut socket = watch(&installation, &metrics, &token).await;
        post(&installation, "1", "01").await;
        assert_eq!(socket.next_message().await.0, "1");
        let counted = async |outcome: &str| {
            let text = client().get(&metrics).send().await.unwrap().text().await.unwrap();
            let series = format!("otpwire_trace_spans_total{{outcome=\"{outcome}\"}} ");
            text.lines().find_map(|line| line.strip_prefix(&series)).unwrap().parse::<u64>().unwrap()
        };
        let waited = async {
            while counted("failed").await == 0 {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waited).await.unwrap();
        assert_eq!((counted("exported").await, counted("dropped").await), (0, 0));
        serving.stop();
        assert_eq!(log.count(&["traces could not be sent"]), 1, "{}", log.text());
        assert!(!log.text().contains("collector-key"), "{}", log.text());
    }

    async fn histograms_lead_to_traces(world: World) {
        let collector = Collector::start().await;
        let (installation, metrics) = traced(&world, collector.url(), "1").await;
        installation.populate();
        let serving = installation.serve();
        let token = installation.rent().await;
        let mut socket = watch(&installation, &metrics, &token).await;
        let trace = post(&installation, "1", "01").await;
        assert_eq!(socket.next_message().await.0, "1");
        // The span of the frame is the last of what it waits for.
        collector.wait_for(|received| received.span.name == "frame").await;
        collector.wait_for(|received| received.span.name == "POST /v1/webhooks/sms").await;
        let scrape = async |accept: &str| {
            let request = client().get(&metrics).header("accept", accept);
            let answer = request.send().await.unwrap();
            let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
            (kind, answer.text().await.unwrap())
        };
        let (kind, text) = scrape("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.3").await;
        assert_eq!(kind, "application/openmetrics-text; version=1.0.0; charset=utf-8");
        assert!(text.ends_with("\n# EOF\n") && text.contains("\n# TYPE otpwire_received counter\n"));
        let exemplar = format!(" # {{trace_id=\"{trace}\"}} ");
        for series in [
            "otpwire_receive_commit_seconds_bucket{le=",
            "otpwire_frame_seconds_bucket{transport=\"websocket\",le=",
            "otpwire_http_request_seconds_bucket{route=\"/v1/webhooks/sms\",method=\"POST\",le=",
        ] {
            let found = text.lines().filter(|line| line.starts_with(series) && line.contains(&exemplar)).count();
            assert_eq!(found, 1, "{series}\n{text}");
        }
        let (kind, text) = scrape("text/plain").await;
        assert!(kind.starts_with("text/plain") && !text.contains(TRACE) && !text.contains("# EOF"));
        serving.stop();
    }
}
