//! Metrics, as Prometheus sees them: every one is documented, and follows the conventions.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::support::{
    Backend, PATIENCE, Redis, World,
    client::sms,
    free_port, on_both,
    program::{Installation, NUMBER, client, deliver},
    socket::Socket,
};

/// The metrics of one name.
#[derive(Debug, Default)]
struct Family {
    help: String,
    kind: String,
    /// The values, by the whole name with its labels.
    values: BTreeMap<String, f64>,
}

/// Reads the text format of Prometheus, and panics at what is none.
fn parse(text: &str) -> BTreeMap<String, Family> {
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, help) = help.split_once(' ').unwrap();
            let family = families.entry(name.to_owned()).or_default();
            assert!(std::mem::replace(&mut family.help, help.to_owned()).is_empty(), "{name} has two helps");
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').unwrap();
            let family = families.entry(name.to_owned()).or_default();
            assert!(std::mem::replace(&mut family.kind, kind.to_owned()).is_empty(), "{name} has two types");
        } else {
            let (sample, value) = line.rsplit_once(' ').unwrap();
            let name = sample.split('{').next().unwrap();
            let of_histogram = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| name.strip_suffix(suffix));
            let family = [Some(name), of_histogram].into_iter().flatten().find(|name| families.contains_key(*name));
            let family = family.unwrap_or_else(|| panic!("{name} has no type before it"));
            let value = value.parse().unwrap_or_else(|_| panic!("{line}"));
            let before = families.get_mut(family).unwrap().values.insert(sample.to_owned(), value);
            assert!(before.is_none(), "{sample} is there twice");
        }
    }
    families
}

/// The labels of a sample.
fn labels(sample: &str) -> Vec<(&str, &str)> {
    let Some((_, labels)) = sample.split_once('{') else { return Vec::new() };
    let labels = labels.strip_suffix("\"}").unwrap().split("\",");
    labels.map(|label| label.split_once("=\"").unwrap()).collect()
}

/// The names in the table of the documentation, with their types.
fn documented() -> BTreeMap<String, String> {
    let rows = include_str!("../../docs/metrics.md").lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| {
        let (name, rest) = row.split_once("` | ").unwrap();
        (name.to_owned(), rest.split(" | ").next().unwrap().to_owned())
    })
    .collect()
}

/// A server that is measured, and where.
async fn measured(world: &World) -> (Installation, String) {
    let operator = format!("127.0.0.1:{}", free_port());
    let installation = Installation::new(world).await.with("OTPWIRE_METRICS_LISTEN", operator.clone());
    installation.populate();
    (installation, format!("http://{operator}/metrics"))
}

/// The metrics, if they are served by now.
async fn scrape(address: &str) -> BTreeMap<String, Family> {
    let Ok(answer) = client().get(address).send().await else { return BTreeMap::new() };
    assert_eq!(answer.status(), 200);
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
    parse(&answer.text().await.unwrap())
}

/// Scrapes until a metric has this value.
async fn until(address: &str, name: &str, sample: &str, value: f64) -> BTreeMap<String, Family> {
    let waited = async {
        loop {
            let families = scrape(address).await;
            if families.get(name).and_then(|family| family.values.get(sample)) == Some(&value) {
                return families;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, waited).await;
    match waited {
        Ok(families) => families,
        Err(_) => panic!("{sample} is not {value}: {:?}", scrape(address).await.get(name)),
    }
}

on_both! {
    async fn every_metric_is_there_from_the_start(world: World) {
        let (installation, address) = measured(&world).await;
        let serving = installation.serve();
        let families = until(&address, "otpwire_ready", "otpwire_ready", 1.0).await;
        for (name, family) in &families {
            assert!(family.help.ends_with('.') && !family.values.is_empty(), "{name}: {family:?}");
            assert!(name.starts_with("otpwire_") || name.starts_with("process_"), "{name}");
            assert_eq!(name.ends_with("_total"), family.kind == "counter", "{name} is a {}", family.kind);
            assert!(["counter", "gauge", "histogram"].contains(&family.kind.as_str()), "{name} is a {}", family.kind);
            if family.kind == "histogram" {
                assert!(name.ends_with("_seconds") || name.ends_with("_messages"), "{name}");
                let buckets = family.values.keys().filter(|sample| sample.contains("le=\"+Inf\"")).count();
                let counts = family.values.keys().filter(|sample| sample.starts_with(&format!("{name}_count"))).count();
                assert!(buckets > 0 && buckets == counts, "{name}: {family:?}");
                assert!(family.values.keys().any(|sample| sample.contains("le=\"1\"")), "{name}: {family:?}");
            }
        }
        // Nothing has happened yet, and that is told.
        for (name, sample) in [
            ("otpwire_received_total", "otpwire_received_total{outcome=\"received\"}"),
            ("otpwire_received_total", "otpwire_received_total{outcome=\"failed\"}"),
            ("otpwire_bus_failed_total", "otpwire_bus_failed_total"),
            ("otpwire_limits_local_total", "otpwire_limits_local_total"),
            ("otpwire_timelines_dropped_total", "otpwire_timelines_dropped_total"),
            ("otpwire_job_failures_total", "otpwire_job_failures_total{job=\"purge\"}"),
            ("otpwire_connections_refused_total", "otpwire_connections_refused_total{bound=\"total\"}"),
            (
                "otpwire_http_requests_total",
                "otpwire_http_requests_total{route=\"/v1/webhooks/sms\",method=\"POST\",status=\"5xx\"}",
            ),
            ("otpwire_webhooks_rejected_total", "otpwire_webhooks_rejected_total{provider=\"sandbox\"}"),
            ("otpwire_receive_commit_seconds", "otpwire_receive_commit_seconds_count"),
            ("otpwire_frame_seconds", "otpwire_frame_seconds_count{transport=\"websocket\"}"),
        ] {
            assert_eq!(families[name].values.get(sample), Some(&0.0), "{sample}: {:?}", families[name]);
        }
        serving.stop();
    }

    async fn what_happens_is_measured(world: World) {
        let (installation, address) = measured(&world).await;
        let serving = installation.serve();
        let token = installation.rent().await;
        let mut socket = Socket::open(installation.address, "graphql-transport-ws").await;
        let payload = json!({ "Authorization": format!("Bearer {token}") });
        socket.send(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(socket.receive().await["type"], "connection_ack");
        socket.watch(None).await;
        let open = "otpwire_subscriptions_open{transport=\"websocket\"}";
        until(&address, "otpwire_subscriptions_open", open, 1.0).await;
        let mut message = sms("1", NUMBER, "Your code is 482913");
        message["sent_at"] = json!(otpwire::clock::Clock::System.now());
        let client = client();
        for (message, status) in [(&message, 200), (&message, 200), (&sms("2", "+14155550199", "nobody's"), 200)] {
            let answer = deliver(&client, installation.address, "sandbox", message).await.unwrap();
            assert_eq!(answer.status(), status);
        }
        assert_eq!(socket.next_message().await.0, "Your code is 482913");
        let forged = client.post(format!("http://{}/v1/webhooks/sms?provider=sandbox", installation.address));
        assert_eq!(forged.body("{}").send().await.unwrap().status(), 403);
        let missing = client.get(format!("http://{}/made/up", installation.address));
        assert_eq!(missing.send().await.unwrap().status(), 404);
        installation.try_graphql(Some(&token), "{ message(id: \"msg_999\") { id } }").await;

        let families = until(&address, "otpwire_webhooks_rejected_total",
            "otpwire_webhooks_rejected_total{provider=\"sandbox\"}", 1.0).await;
        let expected = [
            ("otpwire_received_total{outcome=\"received\"}", 1.0),
            ("otpwire_received_total{outcome=\"duplicate\"}", 1.0),
            ("otpwire_received_total{outcome=\"unroutable\"}", 1.0),
            // The repetition is not one of them.
            ("otpwire_receive_commit_seconds_count", 2.0),
            ("otpwire_batch_messages_count", 3.0),
            ("otpwire_batch_messages_sum", 3.0),
            ("otpwire_provider_messages_total{provider=\"sandbox\"}", 2.0),
            // One had a time of its provider.
            ("otpwire_provider_lag_seconds_count{provider=\"sandbox\"}", 1.0),
            ("otpwire_frame_seconds_count{transport=\"websocket\"}", 1.0),
            ("otpwire_sockets_open{transport=\"websocket\"}", 1.0),
            ("otpwire_subscriptions_open{transport=\"sse\"}", 0.0),
            ("otpwire_receive_queue_messages", 0.0),
            ("otpwire_receive_queue_oldest_seconds", 0.0),
            ("otpwire_http_requests_total{route=\"/v1/webhooks/sms\",method=\"POST\",status=\"2xx\"}", 3.0),
            ("otpwire_http_requests_total{route=\"/v1/webhooks/sms\",method=\"POST\",status=\"4xx\"}", 1.0),
            ("otpwire_http_requests_total{route=\"(none)\",method=\"GET\",status=\"4xx\"}", 1.0),
            ("otpwire_http_request_seconds_count{route=\"/v1/webhooks/sms\",method=\"POST\"}", 4.0),
            // The log-in and the rental.
            ("otpwire_graphql_seconds_count{operation=\"mutation\",outcome=\"ok\"}", 2.0),
            ("otpwire_graphql_seconds_count{operation=\"query\",outcome=\"error\"}", 1.0),
            ("otpwire_graphql_seconds_count{operation=\"subscription\",outcome=\"ok\"}", 1.0),
            ("otpwire_leases{state=\"held\"}", 0.0),
        ];
        for (sample, value) in expected {
            let name = sample.split('{').next().unwrap();
            let name = ["_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
            assert_eq!(families[name].values.get(sample), Some(&value), "{sample}: {:?}", families[name].values);
        }
        let statements = &families["otpwire_database_seconds"].values;
        let count = |kind: &str, table: &str| {
            let name = format!("otpwire_database_seconds_count{{kind=\"{kind}\",table=\"{table}\"}}");
            statements.get(&name).copied().unwrap_or_default()
        };
        assert!(count("select", "users") > 0.0, "{statements:?}");
        let stores = if world.backend == Backend::Cluster { ("with", "message_receipts") } else { ("insert", "messages") };
        assert!(count(stores.0, stores.1) > 0.0, "{statements:?}");
        // It counts anew once the figures are older, so this is of the start or of now.
        assert!(families["otpwire_numbers"].values.keys().all(|sample| sample.contains("country=\"US\"")));
        assert_eq!(families["otpwire_numbers"].values.values().sum::<f64>(), 1.0);
        let build = families["otpwire_build_info"].values.keys().next().unwrap();
        assert!(build.contains(&format!("version=\"{}\"", env!("CARGO_PKG_VERSION"))), "{build}");

        // The documentation has these, and no more.
        let mut documented = documented();
        if world.backend == Backend::Embedded {
            documented.retain(|name, _| !["otpwire_redis_up", "otpwire_bus_queue_batches"].contains(&name.as_str()));
        } else {
            assert_eq!(families["otpwire_redis_up"].values["otpwire_redis_up"], 1.0);
        }
        let exposed: BTreeMap<_, _> = families.iter().map(|(name, family)| (name.clone(), family.kind.clone())).collect();
        assert_eq!(exposed, documented);

        // No label has a value that grows with the users, or is anything personal.
        let bounded = ["outcome", "provider", "transport", "bound", "route", "method", "status", "operation", "kind",
            "pool", "state", "job", "table", "pattern", "country", "version", "revision", "le"];
        let mut values: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (label, value) in families.values().flat_map(|family| family.values.keys()).flat_map(|sample| labels(sample)) {
            assert!(bounded.contains(&label), "{label}=\"{value}\"");
            assert!(!value.contains('@') && !value.contains("4155550") && !value.contains("made"), "{label}=\"{value}\"");
            values.entry(label).or_default().insert(value);
        }
        assert_eq!(values["provider"], BTreeSet::from(["sandbox"]));
        assert!(values["route"].iter().all(|route| !route.chars().any(|c| c.is_ascii_digit()) || route.starts_with("/v1/")));

        // What is open is counted down again.
        drop(socket);
        let open = "otpwire_sockets_open{transport=\"websocket\"}";
        let families = until(&address, "otpwire_sockets_open", open, 0.0).await;
        let subscriptions = &families["otpwire_subscriptions_open"].values;
        assert!(subscriptions.values().all(|count| *count == 0.0), "{subscriptions:?}");
        serving.stop();
    }
}

/// A database that is away does not make the metrics disappear: they say so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_are_there_while_redis_is_away() {
    let world = World::new(Backend::Cluster).await;
    let mut redis = Redis::start();
    let operator = format!("127.0.0.1:{}", free_port());
    let installation = Installation::new(&world)
        .await
        .with("OTPWIRE_METRICS_LISTEN", operator.clone())
        .with("OTPWIRE_REDIS_URL", redis.url());
    installation.populate();
    let serving = installation.serve();
    let address = format!("http://{operator}/metrics");
    until(&address, "otpwire_redis_up", "otpwire_redis_up", 1.0).await;
    redis.stop();
    until(&address, "otpwire_redis_up", "otpwire_redis_up", 0.0).await;
    redis.start_again();
    until(&address, "otpwire_redis_up", "otpwire_redis_up", 1.0).await;
    serving.stop();
}
