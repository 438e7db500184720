//! Ordinary use for a long time, in a short one: users sign in, rent, watch, receive, read, release and sign out, one
//! round after the other, and messages expire. Memory, open files and the log grow with none of it.
//!
//! `OTPWIRE_SOAK_SECONDS` makes it longer: an hour has about as many rounds as a week of a small platform.

#![cfg(target_os = "linux")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::{SinkExt, StreamExt, future::join_all};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::Instant};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{ClientRequestBuilder, Message},
};
use tokio_util::sync::CancellationToken;

use crate::{
    platform::{PASSWORD, Platform},
    provider::{Outcome, post},
};

/// How long it takes if nothing else is said, in seconds.
const SECONDS: u64 = 20;
const USERS: usize = 6;
/// How many messages a user receives in a round.
const MESSAGES: usize = 5;
/// How long a user waits for a message.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often the server is measured.
const MEASURED: Duration = Duration::from_millis(200);
/// How often messages are made to expire.
const EXPIRY: Duration = Duration::from_secs(5);
/// How much more memory the last quarter may need than the second: caches fill, and the allocator keeps some.
const MEMORY_KIB: u64 = 12 * 1024;
/// How many more files may be open.
const FILES: usize = 12;

const RELEASE: &str =
    "mutation($input: ReleasePhoneNumberInput!) { releasePhoneNumber(input: $input) { phoneNumber { id } } }";

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What a server had at a moment.
#[derive(Clone, Copy, Debug)]
struct Sample {
    memory_kib: u64,
    open_files: usize,
    logged: u64,
    rounds: u64,
}

/// A quarter of the run: the medians of its memory and open files, and what was logged for each round.
#[derive(Debug)]
struct Quarter {
    memory_kib: u64,
    open_files: usize,
    rounds: u64,
    logged_each: u64,
}

impl Quarter {
    fn of(samples: &[Sample]) -> Self {
        let mut memory: Vec<_> = samples.iter().map(|sample| sample.memory_kib).collect();
        let mut files: Vec<_> = samples.iter().map(|sample| sample.open_files).collect();
        memory.sort_unstable();
        files.sort_unstable();
        let (first, last) = (samples[0], samples[samples.len() - 1]);
        let rounds = last.rounds - first.rounds;
        Self {
            memory_kib: memory[memory.len() / 2],
            open_files: files[files.len() / 2],
            rounds,
            logged_each: (last.logged - first.logged) / rounds.max(1),
        }
    }
}

/// One user, who does the same in every round.
struct User {
    platform: Arc<Platform>,
    email: String,
    name: String,
    client: reqwest::Client,
}

impl User {
    async fn live_round(&self, round: u64) {
        let platform = &self.platform;
        let account = json!({ "input": { "email": self.email, "password": PASSWORD } });
        let log_in = "mutation($input: LogInInput!) { logIn(input: $input) { accessToken refreshToken } }";
        let signed_in = platform.graphql(None, log_in, account).await["logIn"].clone();
        let refresh = "mutation($input: RefreshSessionInput!) { refreshSession(input: $input) { accessToken } }";
        let input = json!({ "input": { "refreshToken": signed_in["refreshToken"] } });
        let refreshed = platform.graphql(None, refresh, input).await["refreshSession"].clone();
        let token = refreshed["accessToken"].as_str().unwrap();

        let rent = "mutation { assignPhoneNumber(input: { countryCode: \"US\" }) { phoneNumber { id phoneNumber } } }";
        let rented = platform.graphql(Some(token), rent, json!({})).await["assignPhoneNumber"]["phoneNumber"].clone();
        let number = rented["phoneNumber"].as_str().unwrap();
        let mut socket = self.watch(token).await;
        let stream = self.client.get(format!("{}/v1/messages/stream", platform.address(0))).bearer_auth(token);
        let stream = stream.send().await.unwrap();
        assert_eq!(stream.status(), 200);
        for n in 0..MESSAGES {
            let id = format!("{}-{round}-{n}", self.name);
            let posted = post(&self.client, &platform.address(0), &id, number).await;
            assert_eq!(posted, Outcome::Acknowledged);
            let next = next_frame(&mut socket, "next").await;
            let text = next["payload"]["data"]["messageReceived"]["message"]["messageContent"].as_str();
            assert!(text.is_some_and(|text| text.starts_with(&id)), "{next}");
        }
        self.read(token, rented["id"].as_str().unwrap()).await;
        // Some clients say goodbye.
        if round.is_multiple_of(2) {
            socket.close(None).await.unwrap();
        }
        drop((socket, stream));
        platform.graphql(Some(token), RELEASE, json!({ "input": { "phoneNumberId": rented["id"] } })).await;
        platform.graphql(Some(token), "mutation { logOut { message } }", json!({})).await;
    }

    async fn watch(&self, token: &str) -> Socket {
        let address = self.platform.address(0).replace("http://", "ws://") + "/graphql";
        let request = ClientRequestBuilder::new(address.parse().unwrap()).with_sub_protocol("graphql-transport-ws");
        let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
        let init = json!({ "type": "connection_init", "payload": { "token": token } });
        socket.send(Message::text(init.to_string())).await.unwrap();
        next_frame(&mut socket, "connection_ack").await;
        for (id, query) in [
            ("messages", "subscription { messageReceived { cursor message { messageContent } } }"),
            ("numbers", "subscription { phoneNumberUpdated(phoneNumberId: \"num_0\") { id } }"),
        ] {
            let subscribe = json!({ "type": "subscribe", "id": id, "payload": { "query": query } });
            socket.send(Message::text(subscribe.to_string())).await.unwrap();
        }
        // The second is refused; by then the first has started.
        next_frame(&mut socket, "error").await;
        socket
    }

    /// Reads the inbox over both APIs, marks what is there as read, and deletes a message.
    async fn read(&self, token: &str, number: &str) {
        let query = "query($number: ID) { viewer { id } phoneNumbers { totalCount }
            messages(first: 20, filter: { phoneNumberId: $number }) { totalCount nodes {
                id messageContent phoneNumber otp { code } } } }";
        let read = self.platform.graphql(Some(token), query, json!({ "number": number })).await;
        let delete = "mutation($input: DeleteMessageInput!) { markAllMessagesRead(input: {}) { markedCount }
            deleteMessage(input: $input) { deletedMessageId } }";
        let input = json!({ "messageId": read["messages"]["nodes"][0]["id"] });
        self.platform.graphql(Some(token), delete, json!({ "input": input })).await;
        for path in ["messages", "numbers", "users/me"] {
            let request = self.client.get(format!("{}/v1/{path}", self.platform.address(0))).bearer_auth(token);
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 200, "{path}");
            answer.bytes().await.unwrap();
        }
    }
}

/// The next frame of a type; others are skipped.
async fn next_frame(socket: &mut Socket, kind: &str) -> Value {
    let next = async {
        loop {
            let received = socket.next().await.expect("the socket is closed").unwrap();
            let Message::Text(text) = received else { continue };
            let frame: Value = serde_json::from_str(&text).unwrap();
            if frame["type"] == kind {
                return frame;
            }
        }
    };
    tokio::time::timeout(PATIENCE, next).await.unwrap_or_else(|_| panic!("no `{kind}` comes"))
}

/// Makes messages older than the retention, as time would.
async fn expire(platform: Arc<Platform>, stop: CancellationToken) {
    while tokio::time::timeout(EXPIRY, stop.cancelled()).await.is_err() {
        let sql = "BEGIN; SET LOCAL audit.is_paused = 'yes';
            SELECT ensure_message_partitions((now() AT TIME ZONE 'UTC')::date - 3, 4);
            UPDATE messages SET received_at = received_at - interval '25 hours'
            WHERE received_at BETWEEN now() - interval '24 hours' AND now() - interval '10 seconds'; COMMIT";
        platform.sql(sql).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ordinary_use_grows_nothing() {
    let _machine = crate::exclusive().await;
    #[expect(clippy::disallowed_methods, reason = "this is a setting of the test, not of the program")]
    let seconds = std::env::var("OTPWIRE_SOAK_SECONDS").map_or(SECONDS, |text| text.parse().unwrap());
    let settings = [("OTPWIRE_COOL_DOWN_MINUTES", "0"), ("OTPWIRE_RETENTION_HOURS", "24")];
    let platform = Arc::new(Platform::start_with(1, &[], &settings).await);
    // Each brings two numbers, which anybody may rent once they are released.
    for renter in platform.create_renters(USERS, 2).await {
        let rented = "{ phoneNumbers(filter: { mine: true }) { nodes { id } } }";
        let rented = platform.graphql(Some(&renter.token), rented, json!({})).await["phoneNumbers"]["nodes"].clone();
        for number in rented.as_array().unwrap() {
            let input = json!({ "input": { "phoneNumberId": number["id"] } });
            platform.graphql(Some(&renter.token), RELEASE, input).await;
        }
    }
    let (rounds, stop) = (Arc::new(AtomicU64::new(0)), CancellationToken::new());
    let users = (0..USERS).map(|n| {
        let user = User {
            platform: Arc::clone(&platform),
            email: format!("renter{n}@example.com"),
            name: format!("user{n}"),
            client: otpwire::fetch::client().unwrap().build().unwrap(),
        };
        let (rounds, stop) = (Arc::clone(&rounds), stop.clone());
        tokio::spawn(async move {
            for round in 0.. {
                if stop.is_cancelled() {
                    return;
                }
                user.live_round(round).await;
                rounds.fetch_add(1, Ordering::Relaxed);
            }
        })
    });
    let users: Vec<_> = users.collect();
    let expiry = tokio::spawn(expire(Arc::clone(&platform), stop.clone()));
    let mut samples = Vec::new();
    let end = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < end {
        samples.push(Sample {
            memory_kib: platform.memory_kib(0),
            open_files: platform.open_files(0),
            logged: platform.logged_bytes(0),
            rounds: rounds.load(Ordering::Relaxed),
        });
        tokio::time::sleep(MEASURED).await;
    }
    stop.cancel();
    for user in join_all(users).await {
        user.unwrap();
    }
    expiry.await.unwrap();
    let quarters: Vec<_> = samples.chunks(samples.len().div_ceil(4)).map(Quarter::of).collect();
    println!("{} rounds in {seconds} s: {quarters:#?}", rounds.load(Ordering::Relaxed));
    let (second, last) = (&quarters[1], &quarters[3]);
    assert!(last.rounds > 0, "{quarters:?}");
    assert!(last.memory_kib <= second.memory_kib + MEMORY_KIB, "memory grows: {quarters:?}");
    assert!(last.open_files <= second.open_files + FILES, "files stay open: {quarters:?}");
    assert!(last.logged_each <= second.logged_each * 3 / 2, "the log grows: {quarters:?}");
    assert!(platform.logs().lines().all(|line| !line.contains("panicked")));
}
