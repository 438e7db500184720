//! The program as a process: its configuration, a server that is stopped with the test, and providers that post to it.

use std::{
    collections::HashSet,
    fs::File,
    io::Write,
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use otpwire::providers::sandbox::{SIGNATURE, Sandbox, TIMESTAMP};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{Backend, PATIENCE, SECRET, World, client::sms, free_port, redis};

pub(crate) const KEY: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
pub(crate) const PASSWORD: &str = "correct horse battery";
/// The address of a proxy that does not exist.
pub(crate) const NO_PROXY: &str = "http://127.0.0.1:9";
/// The number that the renter of an installation rents, and providers post to.
pub(crate) const NUMBER: &str = "+14155550100";

/// The program with its configuration.
pub(crate) struct Installation {
    environment: Vec<(&'static str, String)>,
    pub(crate) address: SocketAddr,
}

impl Installation {
    pub(crate) async fn new(world: &World) -> Self {
        let installation = Self::over(&world.database_url);
        match world.backend {
            Backend::Embedded => installation,
            Backend::Cluster => installation.with("OTPWIRE_REDIS_URL", redis().await.url()),
        }
    }

    /// An installation with any database, without Redis.
    pub(crate) fn over(database_url: &str) -> Self {
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let environment = vec![
            ("OTPWIRE_LISTEN", address.to_string()),
            ("OTPWIRE_DATABASE_URL", database_url.to_owned()),
            ("OTPWIRE_SECRET_KEY", KEY.to_owned()),
            ("OTPWIRE_LOG", "warn".to_owned()),
            ("OTPWIRE_DRAIN_SECONDS", "0".to_owned()),
            // Requests to this machine must not go through a proxy.
            ("HTTP_PROXY", NO_PROXY.to_owned()),
            // Tests that run at the same time count as one guest.
            ("OTPWIRE_REQUESTS_PER_MINUTE_GUEST", "100000".to_owned()),
            ("OTPWIRE_MAX_CONNECTIONS_PER_NETWORK", "100000".to_owned()),
            ("OTPWIRE_REGISTRATIONS_PER_HOUR", "100000".to_owned()),
        ];
        Self { environment, address }
    }

    /// Sets a setting.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.environment.retain(|(known, _)| *known != name);
        self.environment.push((name, value.into()));
        self
    }

    /// Removes a setting.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.environment.retain(|(known, _)| *known != name);
        self
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.configure(Command::new(env!("CARGO_BIN_EXE_otpwire")), arguments)
    }

    /// The server, started by a shell command that ends in `exec "$0" serve`.
    pub(crate) fn server_by(&self, shell: &str) -> Command {
        self.configure(Command::new("/bin/sh"), &["-c", shell, env!("CARGO_BIN_EXE_otpwire")])
    }

    /// Passes the settings to a program as its environment.
    pub(crate) fn configure(&self, mut command: Command, arguments: &[&str]) -> Command {
        command.args(arguments).env_clear().envs(self.environment.iter().cloned()).current_dir(std::env::temp_dir());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let (id, (sender, ended)) = (child.id().to_string(), mpsc::channel());
        std::thread::spawn(move || sender.send(child.wait_with_output()));
        let output = ended.recv_timeout(3 * PATIENCE).unwrap_or_else(|_| {
            // For instance a server that should have refused to start.
            let _ = Command::new("kill").args(["-KILL", &id]).status();
            panic!("{arguments:?} does not end");
        });
        output.unwrap()
    }

    #[track_caller]
    pub(crate) fn succeed(&self, arguments: &[&str], input: &str) -> String {
        let output = self.run(arguments, input);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    #[track_caller]
    pub(crate) fn fail(&self, arguments: &[&str], input: &str) -> String {
        let output = self.run(arguments, input);
        assert!(!output.status.success(), "{arguments:?} should have failed");
        String::from_utf8(output.stderr).unwrap()
    }

    pub(crate) fn populate(&self) {
        self.succeed(&["migrate", "up"], "");
        self.succeed(&["admin", "add-provider", "--kind", "sandbox", "--name", "sandbox"], SECRET);
        self.succeed(&["admin", "import-numbers", "--provider", "sandbox", "-"], &format!("{NUMBER}\n"));
        self.succeed(&["admin", "create-user", "--email", "renter@example.com"], PASSWORD);
    }

    pub(crate) fn serve(&self) -> Serving {
        self.start(self.command(&["serve"]))
    }

    /// Starts a server, and returns when it accepts connections.
    pub(crate) fn start(&self, mut command: Command) -> Serving {
        let mut serving = Serving(command.spawn().unwrap());
        assert!(self.wait_for(&mut serving), "the server exited before it listened");
        serving
    }

    fn wait_for(&self, serving: &mut Serving) -> bool {
        while TcpStream::connect(self.address).is_err() {
            if serving.0.try_wait().unwrap().is_some() {
                return false;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        true
    }

    /// Starts a server whose log goes to a file.
    pub(crate) fn serve_with_log(&self, mut command: Command) -> (Serving, Log) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        command.stderr(File::create(&path).unwrap());
        let log = Log { path, _folder: folder };
        let mut serving = Serving(command.spawn().unwrap());
        assert!(self.wait_for(&mut serving), "the server exited before it listened: {}", log.text());
        (serving, log)
    }

    pub(crate) async fn graphql(&self, token: Option<&str>, query: &str) -> Value {
        let answer = self.try_graphql(token, query).await;
        assert!(answer.get("errors").is_none(), "{answer}");
        answer["data"].clone()
    }

    /// Sends a request that may be refused; returns the whole response.
    pub(crate) async fn try_graphql(&self, token: Option<&str>, query: &str) -> Value {
        let mut request = client()
            .post(format!("http://{}/graphql", self.address))
            .header("content-type", "application/json")
            .body(json!({ "query": query }).to_string());
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap()
    }

    pub(crate) async fn log_in(&self) -> String {
        self.log_in_as("renter@example.com").await
    }

    pub(crate) async fn log_in_as(&self, email: &str) -> String {
        let query = format!(
            "mutation {{ logIn(input: {{ email: \"{email}\", password: \"{PASSWORD}\" }}) {{ accessToken }} }}"
        );
        self.graphql(None, &query).await["logIn"]["accessToken"].as_str().unwrap().to_owned()
    }

    /// Signs the renter in and rents the number; returns the token.
    pub(crate) async fn rent(&self) -> String {
        let token = self.log_in().await;
        let rent = "mutation { assignPhoneNumber(input: { countryCode: \"US\" }) { phoneNumber { id } } }";
        self.graphql(Some(&token), rent).await;
        token
    }

    /// How many messages the renter sees.
    pub(crate) async fn count_messages(&self, token: &str) -> u64 {
        self.graphql(Some(token), "{ messages { totalCount } }").await["messages"]["totalCount"].as_u64().unwrap()
    }

    /// The status and the body of `/readyz`.
    pub(crate) async fn readiness(&self) -> (u16, Value) {
        let answer = client().get(format!("http://{}/readyz", self.address)).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap())
    }

    /// Posts a message with this id until it is acknowledged.
    pub(crate) async fn post_until_stored(&self, id: &str) {
        let client = client();
        let posted = async {
            while !post(&client, self.address, &sms(id, NUMBER, id)).await {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), posted).await.expect("webhooks are not acknowledged again");
    }

    /// Waits until `/readyz` reports this state of the store.
    pub(crate) async fn wait_until_store_is(&self, state: &str) {
        let waited = async {
            while self.readiness().await.1["store"] != state {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), waited).await.expect("the store does not become so");
    }
}

/// The log of a server.
pub(crate) struct Log {
    path: PathBuf,
    _folder: tempfile::TempDir,
}

impl Log {
    pub(crate) fn text(&self) -> String {
        std::fs::read_to_string(&self.path).unwrap()
    }

    /// How many lines contain all of these.
    pub(crate) fn count(&self, parts: &[&str]) -> usize {
        self.text().lines().filter(|line| parts.iter().all(|part| line.contains(part))).count()
    }
}

/// A server that is stopped with the test.
pub(crate) struct Serving(pub(crate) Child);

impl Serving {
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    pub(crate) fn signal(&self, name: &str) {
        let kill = Command::new("kill").args([name, &self.id().to_string()]).status().unwrap();
        assert!(kill.success());
    }

    /// Changes a limit of the running process, such as `--nofile=64`.
    pub(crate) fn limit(&self, limit: &str) {
        let set = Command::new("prlimit").args(["--pid", &self.id().to_string(), limit]).status().unwrap();
        assert!(set.success(), "{limit}");
    }

    /// Stops it with SIGTERM.
    pub(crate) fn stop(mut self) {
        self.signal("-TERM");
        assert!(self.0.wait().unwrap().success());
    }

    /// Kills it with SIGKILL, and returns when it has exited.
    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The file of an embedded database.
pub(crate) fn file_of(database_url: &str) -> &Path {
    Path::new(database_url.strip_prefix("sqlite:").unwrap())
}

/// An HTTP client that keeps its connections.
pub(crate) fn client() -> reqwest::Client {
    otpwire::fetch::client().unwrap().build().unwrap()
}

/// Posts one signed webhook.
pub(crate) async fn deliver(
    client: &reqwest::Client,
    address: SocketAddr,
    provider: &str,
    message: &Value,
) -> reqwest::Result<reqwest::Response> {
    webhook(client, address, provider, message).send().await
}

/// A signed webhook, to be sent.
pub(crate) fn webhook(
    client: &reqwest::Client,
    address: SocketAddr,
    provider: &str,
    message: &Value,
) -> reqwest::RequestBuilder {
    let body = message.to_string();
    let now = otpwire::clock::Clock::System.now().timestamp();
    client
        .post(format!("http://{address}/v1/webhooks/sms?provider={provider}"))
        .header(TIMESTAMP, now)
        .header(SIGNATURE, Sandbox::new(SECRET.into()).sign(now, body.as_bytes()))
        .body(body)
}

/// Posts one signed webhook; returns whether it was acknowledged.
pub(crate) async fn post(client: &reqwest::Client, address: SocketAddr, message: &Value) -> bool {
    let Ok(answer) = deliver(client, address, "sandbox", message).await else { return false };
    let is_acknowledged = answer.status() == 200;
    // The client keeps a connection open only once its response has been read to the end.
    answer.bytes().await.is_ok() && is_acknowledged
}

/// Posts from eight providers at the same time, each retrying until it is acknowledged, until the token is cancelled.
/// Returns the ids that were acknowledged.
pub(crate) fn post_concurrently(
    address: SocketAddr,
    stop: CancellationToken,
    acknowledged: Arc<Mutex<HashSet<String>>>,
) -> tokio::task::JoinHandle<HashSet<String>> {
    tokio::spawn(async move {
        let providers = (0..8).map(|provider| {
            let (acknowledged, stop) = (Arc::clone(&acknowledged), stop.clone());
            tokio::spawn(async move {
                let client = client();
                for n in 0..5_000 {
                    let id = format!("{provider}-{n}");
                    while !post(&client, address, &sms(&id, NUMBER, &id)).await {
                        if stop.is_cancelled() {
                            return;
                        }
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                    acknowledged.lock().unwrap().insert(id);
                    if stop.is_cancelled() {
                        return;
                    }
                }
            })
        });
        futures_util::future::join_all(providers).await;
        acknowledged.lock().unwrap().clone()
    })
}
