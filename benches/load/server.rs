//! The server under load: the real binary, set up with its own commands.

use std::{
    io::Write,
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};

pub(crate) const SECRET: &str = "the secret of the benchmark";
const PASSWORD: &str = "correct horse battery";

/// A server with renters, one number each.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
    pub(crate) numbers: Vec<String>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    pub(crate) async fn start(database: &str, redis: &str, renters: usize) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let command = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_otpwire"));
            command
                .env("OTPWIRE_LISTEN", address.to_string())
                .env("OTPWIRE_DATABASE_URL", database)
                .env("OTPWIRE_REDIS_URL", redis)
                .env("OTPWIRE_SECRET_KEY", "YmVuY2hiZW5jaGJlbmNoYmVuY2hiZW5jaGJlbmNoYmU=")
                // What is measured is the server, not how often it lets somebody ask.
                .env("OTPWIRE_REQUESTS_PER_MINUTE_GUEST", "1000000")
                .env("OTPWIRE_REQUESTS_PER_MINUTE_FREE", "1000000")
                .env("OTPWIRE_REGISTRATIONS_PER_HOUR", "1000000")
                .env("OTPWIRE_MAX_CONNECTIONS_PER_USER", "100000")
                .env("OTPWIRE_MAX_CONNECTIONS_PER_NETWORK", "1000000")
                .env("OTPWIRE_LOG", "warn");
            command
        };
        let run = |arguments: &[&str], input: &str| {
            let mut child = command()
                .args(arguments)
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .spawn()
                .expect("the server is built");
            child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
            assert!(child.wait().unwrap().success(), "otpwire {arguments:?}");
        };
        let numbers: Vec<String> = (0..renters).map(|n| format!("+1415555{n:04}")).collect();
        run(&["migrate", "up"], "");
        let add =
            ["admin", "add-provider", "--kind", "sandbox", "--name", "sandbox", "--rate-limit-per-minute", "1000000"];
        run(&add, SECRET);
        let list: String = numbers.iter().map(|number| format!("{number},US\n")).collect();
        run(&["admin", "import-numbers", "--provider", "sandbox", "-"], &list);
        for n in 0..renters {
            run(&["admin", "create-user", "--email", &format!("renter{n}@example.com")], PASSWORD);
        }
        let process = command().arg("serve").spawn().unwrap();
        wait_for(address);
        let server = Self { process, address, numbers };
        for n in 0..renters {
            let token = server.log_in(n).await;
            let rent = "mutation($id: ID!) { assignPhoneNumber(input: { phoneNumberId: $id, durationHours: 24 }) { phoneNumber { id } } }";
            server.graphql(Some(&token), rent, json!({ "id": format!("num_{}", n + 1) })).await;
        }
        server
    }

    pub(crate) async fn log_in(&self, renter: usize) -> String {
        let query = "mutation($input: LogInInput!) { logIn(input: $input) { accessToken } }";
        let input = json!({ "email": format!("renter{renter}@example.com"), "password": PASSWORD });
        let data = self.graphql(None, query, json!({ "input": input })).await;
        data["logIn"]["accessToken"].as_str().unwrap().to_owned()
    }

    /// Reads a list of messages over REST, with a client that keeps its connection.
    pub(crate) async fn read_messages(&self, client: &reqwest::Client, token: &str) {
        let url = format!("http://{}/v1/messages", self.address);
        let answer = client.get(url).bearer_auth(token).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
        answer.bytes().await.unwrap();
    }

    async fn graphql(&self, token: Option<&str>, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let mut request = otpwire::fetch::client()
            .unwrap()
            .build()
            .unwrap()
            .post(format!("http://{}/graphql", self.address))
            .header("content-type", "application/json")
            .body(body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer: Value = serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap();
        assert!(answer.get("errors").is_none(), "{answer}");
        answer["data"].clone()
    }

    /// Its resident memory, in KiB.
    pub(crate) fn memory_kib(&self) -> i64 {
        memory_kib(&self.process)
    }
}

/// Returns once something listens at an address.
pub(crate) fn wait_for(address: SocketAddr) {
    while TcpStream::connect(address).is_err() {
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The resident memory of a process, in KiB.
pub(crate) fn memory_kib(process: &Child) -> i64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
