//! Nothing personal leaves: every capability is used with values that appear nowhere else, and then none of them is in
//! the log, whatever its level, in the metrics, in traces, or in an error.

use std::{
    io::{BufRead, BufReader, Read},
    process::Stdio,
    sync::Mutex,
};

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::support::{
    Backend, Mailbox, PATIENCE, SECRET, World,
    client::sms,
    collector::Collector,
    free_port, on_both,
    program::{Installation, KEY, NUMBER, PASSWORD, Serving, client, deliver},
    socket::Socket,
};

const EMAIL: &str = "canary.mary@example.com";
const NAME: &str = "Canariensis";
const NEW_PASSWORD: &str = "canary trombone 5521 staple";
const LABEL: &str = "canary-label";
const SENDER: &str = "+14155559876";
const CODE: &str = "731946";
const TEXT: &str = "Canaries sing: 731946 is your code";
const PROVIDER_SECRET: &str = "canary-Xr7-secret-q9Lw2";
const ADDRESS_TOKEN: &str = "canary-address-token-77";
const UNKNOWN_NUMBER: &str = "+14155559001";
const GRANTED_NUMBER: &str = "+14155559002";
const BLOCKED_SENDER: &str = "+14155559877";
const GUEST: &str = "canary.guest@example.com";
const NEXT_PROVIDER_SECRET: &str = "canary-Zt4-secret-m2Vb8";

/// A client of a server, which keeps what it must not find again, and the errors that it was answered.
struct Bird {
    address: std::net::SocketAddr,
    client: reqwest::Client,
    secrets: Mutex<Vec<String>>,
    errors: Mutex<Vec<String>>,
    /// What was answered otherwise than it must be.
    surprises: Mutex<Vec<String>>,
}

impl Bird {
    fn hide(&self, secret: impl Into<String>) -> String {
        let secret = secret.into();
        assert!(secret.len() >= 6, "{secret} may be anywhere");
        self.secrets.lock().unwrap().push(secret.clone());
        secret
    }

    /// Sends a request, with the status that it must be answered with.
    async fn send(&self, token: Option<&str>, endpoint: &str, body: impl Into<Option<Value>>, expected: u16) -> Value {
        self.send_text(token, endpoint, body.into().map(|body| body.to_string()), expected).await
    }

    async fn send_text(&self, token: Option<&str>, endpoint: &str, body: Option<String>, expected: u16) -> Value {
        let (method, path) = endpoint.split_once(' ').unwrap();
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.client.request(method, format!("http://{}{path}", self.address));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
        if status != expected {
            self.surprises.lock().unwrap().push(format!("{endpoint}: {status} and not {expected}: {text}"));
        }
        let body: Value = serde_json::from_str(&text).unwrap_or_default();
        if status >= 400 {
            self.errors.lock().unwrap().push(format!("{endpoint}: {text}"));
        } else if let Some(errors) = body.get("errors") {
            self.errors.lock().unwrap().push(format!("{endpoint}: {errors}"));
        }
        body
    }

    /// Runs an operation that must succeed.
    async fn run(&self, token: Option<&str>, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables });
        let answer = self.send(token, "POST /graphql", body, 200).await;
        if answer.get("errors").is_some() {
            self.surprises.lock().unwrap().push(format!("{query}: {answer}"));
        }
        answer["data"].clone()
    }

    /// Runs an operation that must be refused.
    async fn fail(&self, token: Option<&str>, query: &str, variables: Value) {
        let body = json!({ "query": query, "variables": variables });
        let answer = self.send(token, "POST /graphql", body, 200).await;
        if answer.get("errors").is_none() {
            self.surprises.lock().unwrap().push(format!("{query} succeeded: {answer}"));
        }
    }
}

/// Reads a stream until it has the text.
async fn stream(request: reqwest::RequestBuilder) -> JoinHandle<()> {
    let mut answer = request.header("accept", "text/event-stream").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    tokio::spawn(async move {
        let mut read = String::new();
        while !read.contains(CODE) {
            let chunk = answer.chunk().await.unwrap().expect("the stream goes on");
            read.push_str(&String::from_utf8_lossy(&chunk));
        }
    })
}

/// A running `otpwire watch`, which shows codes on its standard output and nothing of them on the other.
struct Watching(Serving);

impl Watching {
    fn start(installation: &Installation, key: &str) -> Self {
        let url = format!("http://{}", installation.address);
        let mut command = installation.command(&["watch", "--url", &url]);
        command.env("OTPWIRE_API_KEY", key).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = Serving(command.spawn().unwrap());
        let mut said = [0; 9];
        process.0.stderr.as_mut().unwrap().read_exact(&mut said).unwrap();
        assert_eq!(&said, b"watching ");
        Self(process)
    }

    /// Waits until it has shown a message; returns what it said otherwise.
    fn end(mut self) -> String {
        let mut line = String::new();
        BufReader::new(self.0.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains(CODE), "{line}");
        self.0.signal("-INT");
        let mut said = String::new();
        self.0.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        said
    }
}

/// Accounts, sessions, mails and keys. Returns an access token and an API key.
async fn sing_of_accounts(bird: &Bird, mailbox: &Mailbox) -> (String, String) {
    let account = json!({ "email": EMAIL, "password": PASSWORD, "first_name": NAME, "last_name": NAME });
    bird.send(None, "POST /v1/auth/register", account.clone(), 201).await;
    bird.send(None, "POST /v1/auth/register", account, 409).await;
    bird.send(
        None,
        "POST /v1/auth/register",
        json!({ "email": format!("{EMAIL} x"), "password": PASSWORD, "first_name": NAME, "last_name": NAME }),
        422,
    )
    .await;
    bird.send(
        None,
        "POST /v1/auth/register",
        json!({ "email": EMAIL, "password": "canary", "first_name": NAME, "last_name": NAME }),
        422,
    )
    .await;
    let verify = bird.hide(token_of(&mailbox.mail(0).await.text));
    bird.send(None, "POST /v1/auth/verify-email", json!({ "token": verify }), 200).await;
    bird.send(None, "POST /v1/auth/verify-email", json!({ "token": verify }), 422).await;
    bird.send(None, "POST /v1/auth/forgot-password", json!({ "email": EMAIL }), 202).await;
    let reset = bird.hide(token_of(&mailbox.mail(1).await.text));
    bird.send(None, "POST /v1/auth/reset-password", json!({ "token": reset, "password": NEW_PASSWORD }), 200).await;
    bird.send(None, "POST /v1/auth/login", json!({ "email": EMAIL, "password": PASSWORD }), 401).await;
    let session =
        bird.send(None, "POST /v1/auth/login", json!({ "email": EMAIL, "password": NEW_PASSWORD }), 200).await;
    let refresh = bird.hide(session["refresh_token"].as_str().unwrap());
    let refreshed = bird.send(None, "POST /v1/auth/refresh", json!({ "refresh_token": refresh }), 200).await;
    bird.hide(refreshed["refresh_token"].as_str().unwrap());
    let token = bird.hide(refreshed["access_token"].as_str().unwrap());
    bird.send(Some(&format!("{token}x")), "GET /v1/users/me", None, 401).await;
    bird.send(Some(&token), "PATCH /v1/users/me", json!({ "first_name": NAME }), 200).await;
    bird.send(Some(&token), "PATCH /v1/users/me", json!({ "first_name": [NAME] }), 400).await;
    bird.send_text(Some(&token), "PATCH /v1/users/me", Some(format!("{{\"first_name\": \"{NAME}\"")), 400).await;
    let key = json!({ "name": LABEL, "scopes": ["messages:read"] });
    let key = bird.send(Some(&token), "POST /v1/users/me/api-keys", key, 201).await;
    let key = bird.hide(key["key"].as_str().unwrap());
    bird.send(Some(&key), "GET /v1/messages", None, 200).await;
    bird.send(Some(&key), "GET /v1/users/me/sessions", None, 403).await;
    let log_in = "mutation($input: LogInInput!) { logIn(input: $input) { accessToken refreshToken } }";
    let session = bird.run(None, log_in, json!({ "input": { "email": EMAIL, "password": NEW_PASSWORD } })).await;
    bird.hide(session["logIn"]["refreshToken"].as_str().unwrap());
    bird.fail(None, log_in, json!({ "input": { "email": EMAIL, "password": CODE } })).await;
    (bird.hide(session["logIn"]["accessToken"].as_str().unwrap()), key)
}

/// Numbers, pools and leases; messages that arrive, and those that do not.
async fn sing_of_messages(bird: &Bird, token: &str, streams: impl AsyncFnOnce()) {
    let rented = bird.send(Some(token), "POST /v1/numbers", json!({ "country_code": "US" }), 201).await;
    let number = rented["id"].as_i64().unwrap();
    let labelled = format!("PATCH /v1/numbers/{number}");
    bird.send(Some(token), &labelled, json!({ "label": LABEL }), 200).await;
    bird.send(Some(token), &format!("GET /v1/numbers?country_code={CODE}"), None, 422).await;
    let pool =
        bird.send(Some(token), "POST /v1/pools", json!({ "name": LABEL, "phone_number_ids": [number] }), 201).await;
    bird.send(Some(token), "POST /v1/pools", json!({ "name": LABEL }), 409).await;
    let lease = bird.send(Some(token), "POST /v1/leases", json!({ "pool": LABEL }), 201).await;
    let (lease, fence) = (lease["id"].as_i64().unwrap(), lease["fence"].as_i64().unwrap());
    let queued = bird.send(Some(token), "POST /v1/leases", json!({ "pool": LABEL, "wait_seconds": 1 }), 202).await;
    let ticket = queued["ticket"].as_str().unwrap();
    bird.send(Some(token), &format!("DELETE /v1/leases/tickets/{ticket}"), None, 200).await;
    bird.send(Some(token), &format!("DELETE /v1/leases/tickets/{ticket}x"), None, 422).await;
    bird.send(Some(token), "POST /v1/leases", json!({ "pool": LABEL, "ticket": CODE }), 422).await;
    let renewal = json!({ "fence": fence, "ttl_seconds": 120 });
    bird.send(Some(token), &format!("POST /v1/leases/{lease}/renew"), renewal, 200).await;
    let extension = format!("POST /v1/numbers/{number}/extend");
    bird.send(Some(token), &extension, json!({ "duration_hours": 1 }), 200).await;
    bird.send(Some(token), &extension, json!({ "duration_hours": CODE }), 400).await;
    let mut socket = Socket::open(bird.address, "graphql-transport-ws").await;
    let payload = json!({ "Authorization": format!("Bearer {token}") });
    socket.send(json!({ "type": "connection_init", "payload": payload })).await;
    assert_eq!(socket.receive().await["type"], "connection_ack");
    let end = bird.send(Some(token), "GET /v1/messages/wait?timeout=0", None, 204).await;
    assert_eq!(end, Value::Null);
    socket.watch(None).await;

    let post = async |message: &Value, status: u16| {
        let answer = deliver(&bird.client, bird.address, "sandbox", message).await.unwrap();
        let (got, text) = (answer.status().as_u16(), answer.text().await.unwrap());
        if got != status {
            bird.surprises.lock().unwrap().push(format!("{message}: {got} and not {status}: {text}"));
        }
        if status >= 400 {
            bird.errors.lock().unwrap().push(text);
        }
    };
    streams().await;
    let message = json!({ "id": "canary-message-1", "from": SENDER, "to": NUMBER, "text": TEXT });
    post(&message, 200).await;
    post(&message, 200).await;
    assert_eq!(socket.next_message().await.0, TEXT);
    post(&sms("canary-message-2", UNKNOWN_NUMBER, TEXT), 200).await;
    post(&json!({ "id": "canary-message-3", "from": SENDER, "to": NUMBER, "text": [TEXT] }), 400).await;
    post(&json!({ "id": "canary-message-4", "from": SENDER, "to": [NUMBER], "text": TEXT }), 400).await;
    post(&json!({ "id": "canary-message-5", "from": SENDER, "to": NUMBER, "text": TEXT, "extra": TEXT }), 400).await;
    post(&json!([TEXT, SENDER, NUMBER]), 400).await;
    let forged = message.to_string();
    bird.send_text(None, "POST /v1/webhooks/sms?provider=sandbox", Some(forged.clone()), 403).await;
    bird.send_text(None, &format!("POST /v1/webhooks/sms?provider={CODE}"), Some(forged), 404).await;
    bird.send(None, &format!("GET /v1/webhooks/sms?provider=sandbox&text={CODE}&to={CODE}"), None, 405).await;

    let listed = bird.send(Some(token), &format!("GET /v1/leases/{lease}/messages?fence={fence}"), None, 200).await;
    assert_eq!(listed["messages"][0]["message"]["message_content"], TEXT, "{listed}");
    bird.send(Some(token), &format!("GET /v1/leases/{lease}/wait?fence={fence}&timeout=0"), None, 200).await;
    bird.send(Some(token), &format!("GET /v1/messages?service={TEXT}"), None, 200).await;
    let listed = bird.send(Some(token), "GET /v1/messages", None, 200).await;
    let message = listed["messages"][0]["id"].as_i64().unwrap();
    bird.send(Some(token), &format!("PATCH /v1/messages/{message}/read"), None, 200).await;
    bird.send(Some(token), &format!("PATCH /v1/messages/{CODE}{CODE}/read"), None, 404).await;
    bird.run(Some(token), "{ messages { nodes { messageContent senderNumber } } viewer { email } }", json!({})).await;
    for query in [
        format!("{{ message(id: \"{TEXT}\") {{ id }} }}"),
        format!("{{ messages(filter: {{ service: 3, phoneNumberId: \"{TEXT}\" }}) {{ totalCount }} }}"),
        format!("{{ message(id: \"{TEXT}"),
        format!("subscription {{ messageReceived(after: \"{CODE}{CODE}\") {{ cursor }} }}"),
    ] {
        // Some are refused with a status of their own, all with an error.
        let answer = bird.client.post(format!("http://{}/graphql", bird.address)).bearer_auth(token);
        let body = json!({ "query": query }).to_string();
        let answer = answer.header("content-type", "application/json").body(body).send().await.unwrap();
        let text = answer.text().await.unwrap();
        bird.errors.lock().unwrap().push(text);
    }
    let variables = json!({ "input": { "messageId": { "x": TEXT } } });
    bird.fail(
        Some(token),
        "mutation($input: DeleteMessageInput!) { deleteMessage(input: $input) { __typename } }",
        variables,
    )
    .await;
    socket.send(json!({ "type": "subscribe", "id": CODE, "payload": { "query": [TEXT] } })).await;
    let (_, reason) = socket.closed_at_last().await;
    bird.errors.lock().unwrap().push(reason);
    bird.send(Some(token), &format!("DELETE /v1/leases/{lease}?fence={fence}"), None, 200).await;
    bird.send(Some(token), &format!("DELETE /v1/pools/{}", pool["id"]), None, 200).await;
    bird.send(Some(token), &format!("DELETE /v1/numbers/{number}"), None, 200).await;
    // No answer repeats a path, a query or a method.
    bird.send(Some(token), &format!("GET /nowhere/{CODE}?token={token}&code={CODE}"), None, 404).await;
    bird.send(Some(token), &format!("GET /v1/nowhere/{EMAIL}"), None, 404).await;
    bird.send(None, &format!("POST /v1/webhooks/sms/{ADDRESS_TOKEN}"), json!({}), 404).await;
    bird.send(Some(token), &format!("{CODE} /v1/numbers"), None, 405).await;
}

/// What administrators do.
async fn sing_of_administration(bird: &Bird, token: &str) {
    let create = "mutation($input: CreateProviderInput!) { createProvider(input: $input) { provider { id } } }";
    let provider = json!({ "kind": "CLICKSEND", "name": "second", "secret": PROVIDER_SECRET });
    let created = bird.run(Some(token), create, json!({ "input": provider })).await;
    bird.fail(Some(token), create, json!({ "input": provider })).await;
    let twilio = json!({ "kind": "TWILIO", "name": "third", "secret": PROVIDER_SECRET, "addressToken": ADDRESS_TOKEN,
        "configuration": { "unknown": PROVIDER_SECRET } });
    bird.fail(Some(token), create, json!({ "input": twilio })).await;
    bird.send(None, &format!("POST /v1/webhooks/sms?provider=second&token={PROVIDER_SECRET}x"), json!({}), 403).await;
    let update = "mutation($input: UpdateProviderInput!) { updateProvider(input: $input) { provider { id } } }";
    let second = created["createProvider"]["provider"]["id"].clone();
    let change = json!({ "providerId": second, "secret": NEXT_PROVIDER_SECRET, "endPreviousSecret": true });
    bird.run(Some(token), update, json!({ "input": change })).await;
    bird.fail(Some(token), update, json!({ "input": { "providerId": second, "secret": "canary" } })).await;
    let unknown = json!({ "providerId": second, "configuration": { "unknown": PROVIDER_SECRET } });
    bird.fail(Some(token), update, json!({ "input": unknown })).await;
    bird.send(None, &format!("POST /v1/webhooks/sms?provider=second&token={PROVIDER_SECRET}"), json!({}), 403).await;
    let pattern = "query($text: String!) { testOtpPattern(pattern: \"(?<code>[0-9]{6})\", text: $text) { code } }";
    bird.run(Some(token), pattern, json!({ "text": TEXT })).await;
    let create = "mutation($input: CreateOtpPatternInput!) { createOtpPattern(input: $input) { __typename } }";
    bird.fail(Some(token), create, json!({ "input": { "pattern": "(canaries sing" } })).await;
    let simulate = "mutation($input: SimulateInboundSmsInput!) { simulateInboundSms(input: $input) { __typename } }";
    bird.run(Some(token), simulate, json!({ "input": { "from": SENDER, "to": NUMBER, "text": TEXT } })).await;
    bird.fail(Some(token), simulate, json!({ "input": { "from": SENDER, "to": UNKNOWN_NUMBER, "text": TEXT } })).await;
    let overview =
        "{ users { nodes { email } } auditLog { nodes { action } } deliveryReports { nodes { payload status } } }";
    let reports = bird.run(Some(token), overview, json!({})).await;
    let ids = bird.run(Some(token), "{ deliveryReports { nodes { messageId } } }", json!({})).await;
    let nodes = ids["deliveryReports"]["nodes"].as_array().cloned().unwrap_or_default();
    let id = nodes.iter().find_map(|node| node["messageId"].as_str());
    let timeline = "query($id: ID!) { messageTimeline(messageId: $id) { stages { stage } } }";
    bird.run(Some(token), timeline, json!({ "id": id })).await;
    let number = id.and_then(|id| id.strip_prefix("msg_")).unwrap();
    bird.send(Some(token), &format!("GET /v1/messages/{number}/timeline"), None, 200).await;
    assert!(reports["deliveryReports"]["nodes"].as_array().is_some_and(|nodes| nodes.len() > 3), "{reports}");
}

/// Who comes in, who is kept out, and what is held for somebody.
async fn sing_of_guests(bird: &Bird, token: &str, renter: &str, mailbox: &Mailbox) {
    let mailed =
        bird.send(Some(token), "POST /v1/invitations", json!({ "email": GUEST, "send_mail": true }), 201).await;
    // The one before says that the password was changed.
    let mut number = 2;
    let mail = loop {
        let mail = mailbox.mail(number).await;
        if mail.to == GUEST {
            break mail;
        }
        number += 1;
    };
    let invitation = bird.hide(token_of(&mail.text));
    let shown = bird.send(Some(token), "POST /v1/invitations", json!({}), 201).await;
    bird.hide(shown["token"].as_str().unwrap());
    bird.send(Some(token), "POST /v1/invitations", json!({ "email": format!("{GUEST} x") }), 422).await;
    bird.send(Some(renter), "GET /v1/invitations", None, 403).await;
    let account = |email: &str, invitation: &str| {
        let account = json!({ "email": email, "password": PASSWORD, "first_name": NAME, "last_name": NAME });
        let mut account = account.as_object().cloned().unwrap();
        account.insert("invitation".to_owned(), invitation.into());
        Value::Object(account)
    };
    bird.send(None, "POST /v1/auth/register", account(GUEST, &format!("{invitation}x")), 403).await;
    bird.send(None, "POST /v1/auth/register", account(&format!("x{GUEST}"), &invitation), 403).await;
    bird.send(None, "POST /v1/auth/register", account(GUEST, &invitation), 201).await;
    bird.send(Some(token), &format!("DELETE /v1/invitations/{}", mailed["invitation"]["id"]), None, 200).await;

    let block = json!({ "sender": BLOCKED_SENDER, "note": LABEL });
    let blocked = bird.send(Some(token), "POST /v1/blocked-senders", block.clone(), 201).await;
    bird.send(Some(token), "POST /v1/blocked-senders", block, 409).await;
    bird.send(Some(token), "POST /v1/blocked-senders", json!({ "sender": [BLOCKED_SENDER] }), 400).await;
    let refused = json!({ "id": "canary-message-9", "from": BLOCKED_SENDER, "to": NUMBER, "text": TEXT });
    let posted = deliver(&bird.client, bird.address, "sandbox", &refused).await.unwrap();
    assert_eq!(posted.status(), 200);
    bird.run(Some(token), "{ blockedSenders { nodes { sender note } } }", json!({})).await;
    bird.send(Some(token), &format!("DELETE /v1/blocked-senders/{}", blocked["id"]), None, 200).await;

    let provider = bird.run(Some(token), "{ providers { nodes { id name } } }", json!({})).await;
    let nodes = provider["providers"]["nodes"].as_array().unwrap();
    let provider = nodes.iter().find(|node| node["name"] == "sandbox").unwrap()["id"].clone();
    let import = "mutation($input: ImportPhoneNumbersInput!) { importPhoneNumbers(input: $input) { addedIds } }";
    let numbers = json!({ "providerId": provider, "numbers": [{ "phoneNumber": GRANTED_NUMBER }] });
    let added = bird.run(Some(token), import, json!({ "input": numbers })).await;
    let number = added["importPhoneNumbers"]["addedIds"][0].clone();
    let pool = bird.send(Some(renter), "POST /v1/pools", json!({ "name": LABEL }), 201).await;
    let grant = "mutation($input: GrantPhoneNumberInput!) { grantPhoneNumber(input: $input) { __typename } }";
    let wanted = json!({ "phoneNumberId": number, "poolId": format!("pol_{}", pool["id"]) });
    bird.run(Some(token), grant, json!({ "input": wanted })).await;
    bird.fail(Some(token), grant, json!({ "input": { "phoneNumberId": GRANTED_NUMBER, "poolId": LABEL } })).await;
    let end = "mutation($input: EndPhoneNumberGrantInput!) { endPhoneNumberGrant(input: $input) { __typename } }";
    bird.run(Some(token), end, json!({ "input": { "phoneNumberId": number } })).await;
}

on_both! {
    async fn nothing_personal_is_logged_measured_or_said(world: World) {
        let mailbox = Mailbox::start().await;
        let (operator, collector) = (format!("127.0.0.1:{}", free_port()), Collector::start().await);
        let installation = Installation::new(&world).await
            .with("OTPWIRE_LOG", "debug")
            .with("OTPWIRE_LOG_FORMAT", "json")
            .with("OTPWIRE_METRICS_LISTEN", operator.clone())
            .with("OTPWIRE_OTLP_ENDPOINT", collector.url())
            .with("OTPWIRE_TRACE_RATIO", "1")
            .with("OTPWIRE_SMTP_URL", mailbox.url())
            .with("OTPWIRE_MAIL_FROM", "no-reply@example.org");
        installation.populate();
        installation.succeed(&["admin", "create-user", "--email", "root@example.org", "--role", "admin"], PASSWORD);
        let (serving, log) = installation.serve_with_log(installation.command(&["serve"]));
        let bird = Bird { address: installation.address, client: client(), secrets: Mutex::default(), errors: Mutex::default(), surprises: Mutex::default() };
        let (token, key) = sing_of_accounts(&bird, &mailbox).await;
        let (mut streams, mut watching) = (Vec::new(), None);
        sing_of_messages(&bird, &token, async || {
            let live = format!("http://{}", bird.address);
            let events = bird.client.get(format!("{live}/v1/messages/stream")).bearer_auth(&token);
            let body = json!({ "query": "subscription { messageReceived { message { messageContent } } }" }).to_string();
            let graphql = bird.client.post(format!("{live}/graphql")).bearer_auth(&token);
            let graphql = graphql.header("content-type", "application/json").body(body);
            streams.extend([stream(events).await, stream(graphql).await]);
            watching = Some(Watching::start(&installation, &key));
        })
        .await;
        for stream in streams {
            tokio::time::timeout(PATIENCE, stream).await.unwrap().unwrap();
        }
        let said = watching.map(Watching::end).unwrap();
        let admin = bird.hide(installation.log_in_as("root@example.org").await);
        sing_of_administration(&bird, &admin).await;
        sing_of_guests(&bird, &admin, &token, &mailbox).await;
        let metrics = client().get(format!("http://{operator}/metrics")).header("accept", "application/openmetrics-text");
        let metrics = metrics.send().await.unwrap().text().await.unwrap();
        serving.stop();
        // The reader of codes panics, and the panic has the text.
        let installation = installation.with("OTPWIRE_FAULT_INJECTION", "[\"reading\"]");
        let (serving, panicked) = installation.serve_with_log(installation.command(&["serve"]));
        let message = json!({ "id": "canary-message-10", "from": SENDER, "to": NUMBER, "text": TEXT });
        assert_eq!(deliver(&bird.client, bird.address, "sandbox", &message).await.unwrap().status(), 200);
        serving.stop();
        let panicked = panicked.text();
        assert!(panicked.contains("something panicked") && panicked.contains("(not shown)"), "{panicked}");

        let surprises = bird.surprises.into_inner().unwrap();
        assert!(surprises.is_empty(), "{}", surprises.join("\n"));
        let log = [log.text(), panicked, said].concat();
        let traces = collector.text();
        assert!(collector.spans().len() > 100 && metrics.contains("# {trace_id="), "{metrics}");
        assert!(log.matches("\"answered\"").count() > 40, "{log}");
        assert!(metrics.contains("otpwire_received_total"), "{metrics}");
        let errors = bird.errors.into_inner().unwrap();
        assert!(errors.len() > 25, "{errors:#?}");
        let mut canaries = bird.secrets.into_inner().unwrap();
        let known = [EMAIL, NAME, PASSWORD, NEW_PASSWORD, LABEL, SENDER, CODE, "Canaries sing", PROVIDER_SECRET,
            ADDRESS_TOKEN, UNKNOWN_NUMBER, GRANTED_NUMBER, BLOCKED_SENDER, GUEST, NEXT_PROVIDER_SECRET, NUMBER, SECRET, KEY,
            "canary-message"];
        canaries.extend(known.map(|canary| canary.trim_start_matches('+').to_owned()));
        if world.backend == Backend::Cluster {
            // The password of the database's role.
            let url = url::Url::parse(&world.database_url).unwrap();
            canaries.extend(url.password().map(str::to_owned));
        }
        let mut found = Vec::new();
        for canary in &canaries {
            found.extend(log.lines().filter(|line| line.contains(canary)).map(|line| format!("log: {canary}: {line}")));
            found.extend(metrics.lines().filter(|line| line.contains(canary)).map(|line| format!("metrics: {canary}: {line}")));
            found.extend(traces.contains(canary).then(|| format!("traces: {canary}")));
            found.extend(errors.iter().filter(|body| body_of(body).contains(canary)).map(|body| format!("error: {canary}: {body}")));
        }
        assert!(found.is_empty(), "{} leaks:\n{}", found.len(), found.join("\n"));
    }
}

/// The token of the link in a mail.
fn token_of(mail: &str) -> &str {
    mail.split_once("token=").and_then(|(_, rest)| rest.split_whitespace().next()).unwrap()
}

/// The body of an error, without the request that it answers.
fn body_of(error: &str) -> &str {
    error.split_once(": {").map_or(error, |(_, body)| body)
}
