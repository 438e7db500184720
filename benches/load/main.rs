//! The load bench: what the path of a message costs, against a bare baseline in the same run.
//!
//! `cargo bench --bench load` starts PostgreSQL (durable, as in production) and Redis on free
//! loopback ports, and the server beside them as a process of its own. Then it measures
//!
//! - **throughput**: acknowledged webhooks a second, against what pgbench commits as single-row
//!   inserts into a bare table with as many clients;
//! - **latency**: from posting a webhook to its frame on a WebSocket, at 500 a second;
//! - **reading while others log in**: a list of messages over REST, alone and with 50 parallel log-ins;
//! - **GraphQL**: requests a second, against async-graphql-axum over a schema that reads nothing, with as many clients;
//! - **memory**: what an idle subscription on a socket of its own adds to the server, and to that baseline.
//!
//! Machines are noisy: read the ratios, and compare runs of one machine only. It takes about a
//! minute, and talks to 127.0.0.1 alone.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on says so by panicking")]

mod baseline;
mod server;
#[expect(dead_code, reason = "the tests need more of it")]
#[path = "../../tests/it/support/servers.rs"]
mod servers;
mod traffic;

use std::{
    net::SocketAddr,
    process::Command,
    time::{Duration, Instant},
};

use futures_util::future::join_all;

use self::{
    baseline::Baseline,
    server::Server,
    servers::{Postgres, Redis},
    traffic::{GraphqlClient, Poster, Watcher},
};

/// How many webhooks are under way at once, and how many clients pgbench has.
const CLIENTS: usize = 128;
const ROUNDS: usize = 3;
const ROUND: Duration = Duration::from_secs(4);
const RENTERS: usize = 50;
const PACE: u32 = 500;
const SUBSCRIPTIONS: usize = 2_000;
const READS: usize = 500;

#[tokio::main(worker_threads = 2)]
async fn main() {
    baseline::serve_if_asked().await;
    let postgres = Postgres::start(true).await;
    let redis = Redis::start();
    let database = postgres.new_database().await;
    let server = Server::start(&database, &redis.url(), RENTERS).await;

    let elsewhere = postgres.url("postgres");
    let bare = Inserts::into_bare_table(&elsewhere);
    let full = Inserts::into_messages(&database);
    let mut ratios = Vec::new();
    println!("throughput a second, {CLIENTS} clients");
    println!("             bare inserts   inserts as messages   webhooks    ratio to bare   to messages");
    for round in 1..=ROUNDS {
        let (bare, full, ours) = (bare.measure(), full.measure(), throughput(&server).await);
        ratios.push((ours / bare, ours / full));
        let (to_bare, to_full) = (ours / bare, ours / full);
        println!("  round {round}  {bare:>14.0}   {full:>19.0}   {ours:>8.0}   {to_bare:>14.2}   {to_full:>11.2}");
    }
    ratios.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (to_bare, to_full) = ratios[ROUNDS / 2];
    println!("  median (aim: 1.5)                                          {to_bare:>14.2}   {to_full:>11.2}\n");

    let mut latencies = latency(&server).await;
    latencies.sort_unstable();
    let at = |share: f64| latencies[((latencies.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    let commit = commit_latency(&database).await.as_secs_f64() * 1000.0;
    println!("latency, webhook to frame, {PACE} a second");
    println!("  median (aim: below 1 ms)  {:>7.2} ms", at(0.5));
    println!("  p99                       {:>7.2} ms", at(0.99));
    println!("  one bare commit, alone    {commit:>7.2} ms   ratio {:.2}\n", at(0.5) / commit);

    let (alone, crowded) = reading(&server).await;
    println!("latency, reading one's messages over REST");
    for (name, times) in [("alone", &alone), ("while 50 log in", &crowded)] {
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
        println!("  {name:<24}  {:>7.2} ms median  {:>7.2} ms p99", at(0.5), at(0.99));
    }
    let middle = |times: &[Duration]| times[times.len() / 2].as_secs_f64();
    println!("  ratio of the medians      {:>7.2}\n", middle(&crowded) / middle(&alone));

    let baseline = Baseline::start();
    let token = server.log_in(0).await;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let bare = requests(baseline.address, &token).await;
        let ours = requests(server.address, &token).await;
        rounds.push((ours / bare, ours, bare));
    }
    rounds.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (ratio, ours, bare) = rounds[ROUNDS / 2];
    println!("GraphQL requests a second, {CLIENTS} clients");
    println!("  bare {bare:>8.0}   ours {ours:>8.0}   ratio {ratio:>5.2}\n");

    let ours = idle_subscription(server.address, &token, || server.memory_kib()).await;
    let bare = idle_subscription(baseline.address, &token, || baseline.memory_kib()).await;
    println!("memory, {SUBSCRIPTIONS} idle subscriptions");
    println!("  each (aim: at most 12 KB) {ours:>7.1} KiB   bare {bare:>7.1} KiB");
}

/// Requests a second, each for the caller's own account.
async fn requests(address: SocketAddr, token: &str) -> f64 {
    let started = Instant::now();
    let clients = (0..CLIENTS).map(async |_| {
        let mut client = GraphqlClient::connect(address, token, "{ viewer { id email } }").await;
        let mut answered = 0_u64;
        while started.elapsed() < ROUND {
            client.ask().await;
            answered += 1;
        }
        answered
    });
    let answered: Vec<u64> = join_all(clients).await;
    answered.iter().sum::<u64>() as f64 / started.elapsed().as_secs_f64()
}

/// What an idle subscription adds to the memory of a server, in KiB.
async fn idle_subscription(address: SocketAddr, token: &str, memory_kib: impl Fn() -> i64) -> f64 {
    let before = memory_kib();
    let mut watchers = Vec::new();
    for _ in 0..SUBSCRIPTIONS / 50 {
        watchers.extend(join_all((0..50).map(|_| Watcher::start(address, token))).await);
    }
    (memory_kib() - before) as f64 / SUBSCRIPTIONS as f64
}

/// How long reading takes, alone and while 50 people log in again and again. Both sorted.
async fn reading(server: &Server) -> (Vec<Duration>, Vec<Duration>) {
    let token = server.log_in(0).await;
    let client = otpwire::fetch::client().unwrap().build().unwrap();
    let measure = async || {
        let mut times = Vec::new();
        for _ in 0..READS {
            let began = Instant::now();
            server.read_messages(&client, &token).await;
            times.push(began.elapsed());
        }
        times.sort_unstable();
        times
    };
    let alone = measure().await;
    let log_ins = join_all((0..50).map(async |renter| {
        loop {
            server.log_in(renter).await;
        }
    }));
    let crowded = tokio::select! {
        times = measure() => times,
        _ = log_ins => unreachable!("they log in for ever"),
    };
    (alone, crowded)
}

/// What pgbench commits, one row a transaction.
struct Inserts<'a> {
    url: &'a str,
    statement: &'static str,
}

impl<'a> Inserts<'a> {
    /// Into a table with a key and nothing else.
    fn into_bare_table(url: &'a str) -> Self {
        let table =
            "CREATE TABLE baseline (id bigserial PRIMARY KEY, body text NOT NULL, at timestamptz DEFAULT now())";
        assert!(Command::new("psql").args([url, "-qc", table]).status().unwrap().success());
        Self { url, statement: "INSERT INTO baseline (body) VALUES ('Your code is 482913');" }
    }

    /// Into the table of messages as it is, with its indexes and foreign keys; nothing else that
    /// receiving does.
    fn into_messages(url: &'a str) -> Self {
        let statement = "INSERT INTO messages (phone_number_id, sender_number, message_content, provider_id)
                         VALUES (1, 'GOOGLE', 'Your code is 482913', 1);";
        Self { url, statement }
    }

    fn measure(&self) -> f64 {
        let script = std::env::temp_dir().join(format!("otpwire-bench-{}.sql", std::process::id()));
        std::fs::write(&script, self.statement.replace('\n', " ")).unwrap();
        let (clients, seconds) = (CLIENTS.to_string(), ROUND.as_secs().to_string());
        let run = Command::new("pgbench")
            .args(["-n", "-M", "prepared", "-j", "2", "-c", &clients, "-T", &seconds, "-f"])
            .arg(&script)
            .arg(self.url)
            .output()
            .expect("pgbench is installed beside PostgreSQL");
        let _ = std::fs::remove_file(&script);
        let text = String::from_utf8(run.stdout).unwrap();
        let line =
            text.lines().find(|line| line.starts_with("tps = ")).unwrap_or_else(|| panic!("pgbench said: {text}"));
        line["tps = ".len()..].split(' ').next().unwrap().parse().unwrap()
    }
}

/// Acknowledged webhooks a second.
async fn throughput(server: &Server) -> f64 {
    let started = Instant::now();
    let clients = (0..CLIENTS).map(|client| async move {
        let mut poster = Poster::connect(server.address).await;
        let mut acknowledged = 0_u64;
        while started.elapsed() < ROUND {
            poster.post(&server.numbers[client % RENTERS], "Your code is 482913").await;
            acknowledged += 1;
        }
        acknowledged
    });
    let acknowledged: Vec<u64> = join_all(clients).await;
    acknowledged.iter().sum::<u64>() as f64 / started.elapsed().as_secs_f64()
}

/// From posting to the frame, at a steady pace that does not wait for answers.
async fn latency(server: &Server) -> Vec<Duration> {
    let token = server.log_in(0).await;
    let mut watcher = Watcher::start(server.address, &token).await;
    let count = PACE * 6;
    let posters = 8;
    let (sent, mut times) = tokio::sync::mpsc::unbounded_channel();
    let number = server.numbers[0].clone();
    let address = server.address;
    let started = tokio::time::Instant::now() + Duration::from_millis(100);
    for lane in 0..posters {
        let (sent, number) = (sent.clone(), number.clone());
        tokio::spawn(async move {
            let mut poster = Poster::connect(address).await;
            for n in (lane..count).step_by(posters as usize) {
                tokio::time::sleep_until(started + Duration::from_secs(1) / PACE * n).await;
                sent.send((n, Instant::now())).unwrap();
                poster.post(&number, &n.to_string()).await;
            }
        });
    }
    drop(sent);
    let mut posted = vec![None; count as usize];
    let mut latencies = Vec::new();
    for _ in 0..count {
        let text = watcher.next().await;
        let now = Instant::now();
        let n: usize = text.parse().unwrap();
        while posted[n].is_none() {
            let (n, at) = times.recv().await.unwrap();
            posted[n as usize] = Some(at);
        }
        // The first second warms caches and connections.
        if n >= PACE as usize {
            latencies.push(now - posted[n].unwrap());
        }
    }
    latencies
}

/// The median of one client's single-row commits: what the disk alone asks for.
async fn commit_latency(url: &str) -> Duration {
    use sea_orm::ConnectionTrait;
    let connection = sea_orm::Database::connect(url).await.unwrap();
    connection.execute_unprepared("CREATE TABLE IF NOT EXISTS baseline (body text)").await.unwrap();
    let mut times = Vec::new();
    for _ in 0..300 {
        let started = Instant::now();
        connection.execute_unprepared("INSERT INTO baseline VALUES ('x')").await.unwrap();
        times.push(started.elapsed());
    }
    times.sort_unstable();
    times[150]
}
