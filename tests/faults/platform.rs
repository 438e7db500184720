//! The platform under test: PostgreSQL and Redis of its own, a network between, and replicas as processes.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Child, Command, ExitStatus},
    sync::Mutex,
    time::Duration,
};

use sea_orm::{ConnectionTrait, DatabaseConnection, FromQueryResult, Statement};
use serde_json::{Value, json};
use tokio::sync::Mutex as AsyncMutex;

use crate::{
    balancer::Balancer,
    proxy::{Network, Proxy},
    servers::{Postgres, Redis, free_port},
};

pub(crate) const SECRET: &str = "the sandbox's secret";
const KEY: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
pub(crate) const PASSWORD: &str = "correct horse battery";
/// How long a test waits for something that must happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// How long a replica may take to stop, as documented in docs/production.md.
const LONGEST_STOP: Duration = Duration::from_secs(81);

/// Triggers that record every message that is ever committed, whether or not it is purged later, and that delay each
/// batch after its messages are inserted.
const TRIGGERS: &str = "
    CREATE TABLE message_audit (user_id INTEGER, inbox_seq BIGINT, phone_number_id INTEGER, id TEXT);
    CREATE TABLE commit_delay (seconds DOUBLE PRECISION);
    CREATE FUNCTION audit_message() RETURNS trigger AS $$
    BEGIN
        -- A message that is moved to another day's partition is not a new one.
        IF current_setting('audit.is_paused', true) = 'yes' THEN
            RETURN NULL;
        END IF;
        INSERT INTO message_audit VALUES (NEW.user_id, NEW.inbox_seq, NEW.phone_number_id, NEW.provider_message_id);
        RETURN NULL;
    END $$ LANGUAGE plpgsql;
    CREATE FUNCTION delay_commit() RETURNS trigger AS $$
    BEGIN
        PERFORM pg_sleep(seconds) FROM commit_delay;
        RETURN NULL;
    END $$ LANGUAGE plpgsql;
    CREATE TRIGGER audit_message AFTER INSERT ON messages FOR EACH ROW EXECUTE FUNCTION audit_message();
    CREATE TRIGGER delay_commit AFTER INSERT ON messages FOR EACH STATEMENT EXECUTE FUNCTION delay_commit();";

/// A user who rents numbers.
#[derive(Clone, Debug)]
pub(crate) struct Renter {
    pub(crate) id: i32,
    pub(crate) token: String,
    pub(crate) numbers: Vec<String>,
}

/// A replica: its address, its connections to the servers, and its process while it runs.
pub(crate) struct Replica {
    port: u16,
    pub(crate) to_store: Proxy,
    pub(crate) to_redis: Proxy,
    process: Mutex<Option<Child>>,
    log: PathBuf,
}

pub(crate) struct Platform {
    pub(crate) replicas: Vec<Replica>,
    balancer: Option<Balancer>,
    pub(crate) postgres: AsyncMutex<Postgres>,
    pub(crate) redis: AsyncMutex<Redis>,
    database_url: String,
    environment: Vec<(&'static str, String)>,
    folder: PathBuf,
    client: reqwest::Client,
}

impl Platform {
    /// An HTTP client that keeps its connections.
    pub(crate) fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Starts the servers and replicas. The named guarantees (`otpwire::fault_injection::Guarantee`) are switched off.
    pub(crate) async fn start(replicas: usize, disabled: &[&str]) -> Self {
        Self::start_with(replicas, disabled, &[]).await
    }

    /// The same with other settings than a run of faults has.
    pub(crate) async fn start_with(replicas: usize, disabled: &[&str], settings: &[(&'static str, &str)]) -> Self {
        let postgres = Postgres::start(true).await;
        let redis = Redis::start();
        let database_url = postgres.new_migrated_database().await;
        let folder = tempfile::Builder::new().prefix("otpwire-faults-").tempdir().unwrap().keep();
        let mut environment = vec![
            ("OTPWIRE_SECRET_KEY", KEY.to_owned()),
            ("OTPWIRE_LOG", "info".to_owned()),
            ("OTPWIRE_DRAIN_SECONDS", "1".to_owned()),
            ("OTPWIRE_MAX_CONNECTIONS_PER_USER", "1000".to_owned()),
            ("OTPWIRE_MAX_CONNECTIONS_PER_NETWORK", "100000".to_owned()),
            ("OTPWIRE_REQUESTS_PER_MINUTE_GUEST", "1000000".to_owned()),
            ("OTPWIRE_REQUESTS_PER_MINUTE_FREE", "1000000".to_owned()),
            ("OTPWIRE_REGISTRATIONS_PER_HOUR", "1000000".to_owned()),
            ("OTPWIRE_REQUESTS_PER_MINUTE_PREMIUM", "1000000".to_owned()),
            ("OTPWIRE_REQUESTS_PER_MINUTE_ADMIN", "1000000".to_owned()),
        ];
        if !disabled.is_empty() {
            // A program without the switches does not know the setting.
            environment.push(("OTPWIRE_FAULT_INJECTION", format!("[{}]", disabled.join(","))));
        }
        // Of a setting that is there twice, the last counts.
        environment.extend(settings.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let mut platform = Self {
            replicas: Vec::new(),
            balancer: None,
            postgres: AsyncMutex::new(postgres),
            redis: AsyncMutex::new(redis),
            database_url,
            environment,
            folder,
            client: otpwire::fetch::client().unwrap().build().unwrap(),
        };
        let (store, redis) = (platform.postgres.get_mut().port(), platform.redis.get_mut().port());
        for n in 0..replicas {
            platform.replicas.push(Replica {
                port: free_port(),
                to_store: Proxy::start(store).await,
                to_redis: Proxy::start(redis).await,
                process: Mutex::new(None),
                log: platform.folder.join(format!("replica-{n}.log")),
            });
        }
        platform.sql(TRIGGERS).await;
        platform.command(0, &["admin", "add-provider", "--kind", "sandbox", "--name", "sandbox"], SECRET);
        for n in 0..replicas {
            platform.launch(n);
        }
        for n in 0..replicas {
            platform.wait_until_ready(n, false).await;
        }
        platform
    }

    pub(crate) fn address(&self, replica: usize) -> String {
        format!("http://127.0.0.1:{}", self.replicas[replica].port)
    }

    /// The ports that clients connect to: the load balancer's if there is one, otherwise those of the replicas.
    pub(crate) fn client_ports(&self) -> Vec<u16> {
        match &self.balancer {
            Some(balancer) => vec![balancer.port],
            None => self.replicas.iter().map(|replica| replica.port).collect(),
        }
    }

    /// Puts a load balancer in front of the replicas; clients only use that from now on.
    pub(crate) async fn add_balancer(&mut self) {
        let replicas = self.replicas.iter().map(|replica| replica.port).collect();
        self.balancer = Some(Balancer::start(replicas, self.client.clone()).await);
    }

    fn program(&self, replica: usize) -> Command {
        let replica = &self.replicas[replica];
        let (base, database) = self.database_url.rsplit_once('/').unwrap();
        let credentials = base.rsplit_once('@').unwrap().0;
        let program = std::env::var_os("OTPWIRE_PROGRAM").unwrap_or(env!("CARGO_BIN_EXE_otpwire").into());
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(self.environment.iter().cloned())
            .env("OTPWIRE_LISTEN", format!("127.0.0.1:{}", replica.port))
            .env("OTPWIRE_DATABASE_URL", format!("{credentials}@127.0.0.1:{}/{database}", replica.to_store.port))
            .env("OTPWIRE_REDIS_URL", format!("redis://127.0.0.1:{}", replica.to_redis.port))
            .current_dir(&self.folder);
        command
    }

    /// Runs a command of the program, which must succeed.
    fn command(&self, replica: usize, arguments: &[&str], input: &str) {
        let file = self.folder.join("input");
        fs::write(&file, input).unwrap();
        let output = self.program(replica).args(arguments).stdin(File::open(file).unwrap()).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Starts a replica's process.
    pub(crate) fn launch(&self, replica: usize) {
        let log = File::options().create(true).append(true).open(&self.replicas[replica].log).unwrap();
        let child = self.program(replica).arg("serve").stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        *self.replicas[replica].process.lock().unwrap() = Some(child);
    }

    /// Waits until a replica is ready. While the store may be unavailable, a replica that has exited is started again,
    /// as a supervisor would.
    pub(crate) async fn wait_until_ready(&self, replica: usize, store_may_be_unavailable: bool) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while self.readiness(replica).await.is_none() {
            if !self.is_running(replica) {
                assert!(store_may_be_unavailable, "replica {replica} has exited; see {}", self.folder.display());
                self.launch(replica);
            }
            assert!(tokio::time::Instant::now() < deadline, "a replica is not ready; see {}", self.folder.display());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Whether a replica's process is running.
    pub(crate) fn is_running(&self, replica: usize) -> bool {
        let mut process = self.replicas[replica].process.lock().unwrap();
        process.as_mut().is_some_and(|child| child.try_wait().unwrap().is_none())
    }

    /// The body of `/readyz`, if the replica is ready.
    pub(crate) async fn readiness(&self, replica: usize) -> Option<Value> {
        let request = self.client.get(format!("{}/readyz", self.address(replica))).timeout(Duration::from_secs(2));
        let answer = request.send().await.ok().filter(|answer| answer.status() == 200)?;
        serde_json::from_str(&answer.text().await.ok()?).ok()
    }

    fn process_id(&self, replica: usize) -> u32 {
        self.replicas[replica].process.lock().unwrap().as_ref().expect("the replica runs").id()
    }

    /// How many files and connections a replica's process has open. Only on Linux.
    pub(crate) fn open_files(&self, replica: usize) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.process_id(replica))).unwrap().count()
    }

    /// How many bytes a replica has logged.
    pub(crate) fn logged_bytes(&self, replica: usize) -> u64 {
        fs::metadata(&self.replicas[replica].log).unwrap().len()
    }

    /// The resident memory of a replica's process in KiB. Only on Linux.
    pub(crate) fn memory_kib(&self, replica: usize) -> u64 {
        let id = self.process_id(replica);
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// The bytes in the kernel's send queue of each of a replica's connections, without empty ones. Only on Linux.
    pub(crate) fn send_queues(&self, replica: usize) -> Vec<u64> {
        let port = format!(":{:04X}", self.replicas[replica].port);
        let table = fs::read_to_string("/proc/net/tcp").unwrap();
        let ours = table.lines().filter_map(|line| {
            let fields: Vec<_> = line.split_whitespace().collect();
            let queues = fields.get(4).filter(|_| fields[1].ends_with(&port))?;
            u64::from_str_radix(queues.split(':').next()?, 16).ok()
        });
        ours.filter(|bytes| *bytes > 0).collect()
    }

    /// Sends a signal to a replica's process.
    pub(crate) fn signal(&self, replica: usize, name: &str) {
        let id = self.process_id(replica).to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// Waits until a replica's process has exited.
    pub(crate) async fn wait_for_exit(&self, replica: usize) -> ExitStatus {
        let mut child = self.replicas[replica].process.lock().unwrap().take().expect("the replica runs");
        let deadline = tokio::time::Instant::now() + LONGEST_STOP;
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                return status;
            }
            if tokio::time::Instant::now() >= deadline {
                let _ = child.kill();
                panic!("replica {replica} does not exit; see {}", self.folder.display());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Sets the state of the network between a server and one replica, or all of them.
    pub(crate) fn set_network(&self, of: fn(&Replica) -> &Proxy, replica: Option<usize>, network: Network) {
        for (n, one) in self.replicas.iter().enumerate() {
            if replica.is_none_or(|only| only == n) {
                of(one).set(network);
            }
        }
    }

    /// A connection to the store that bypasses the proxies.
    pub(crate) async fn store(&self) -> DatabaseConnection {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            match sea_orm::Database::connect(&self.database_url).await {
                Ok(connection) => return connection,
                Err(error) => assert!(tokio::time::Instant::now() < deadline, "{error}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) async fn sql(&self, sql: &str) {
        let store = self.store().await;
        store.execute_unprepared(sql).await.unwrap();
        store.close().await.unwrap();
    }

    pub(crate) async fn query<T: FromQueryResult>(&self, sql: &str) -> Vec<T> {
        let store = self.store().await;
        let statement = Statement::from_string(store.get_database_backend(), sql);
        let rows = T::find_by_statement(statement).all(&store).await.unwrap();
        store.close().await.unwrap();
        rows
    }

    /// Creates an administrator, who may rent as many numbers as there are, and this many numbers. Returns the token of
    /// a session.
    pub(crate) async fn create_administrator(&self, numbers: usize) -> String {
        let all: Vec<_> = (0..numbers).map(|n| format!("+1415555{:04}", 100 + n)).collect();
        self.command(0, &["admin", "import-numbers", "--provider", "sandbox", "-"], &all.join("\n"));
        let email = "administrator@example.com";
        self.command(0, &["admin", "create-user", "--email", email, "--role", "admin"], PASSWORD);
        let log_in = "mutation($input: LogInInput!) { logIn(input: $input) { accessToken } }";
        let input = json!({ "email": email, "password": PASSWORD });
        let token = self.graphql(None, log_in, json!({ "input": input })).await["logIn"]["accessToken"].clone();
        token.as_str().unwrap().to_owned()
    }

    /// Creates renters, each with this many numbers.
    pub(crate) async fn create_renters(&self, renters: usize, numbers: usize) -> Vec<Renter> {
        let all: Vec<_> = (0..renters * numbers).map(|n| format!("+1415555{:04}", 100 + n)).collect();
        self.command(0, &["admin", "import-numbers", "--provider", "sandbox", "-"], &all.join("\n"));
        let mut created = Vec::new();
        for renter in 0..renters {
            let account = json!({ "email": format!("renter{renter}@example.com"), "password": PASSWORD });
            let register = "mutation($input: RegisterInput!) { register(input: $input) { user { databaseId } } }";
            let registered = self.graphql(None, register, json!({ "input": account })).await;
            let log_in = "mutation($input: LogInInput!) { logIn(input: $input) { accessToken } }";
            let token = self.graphql(None, log_in, json!({ "input": account })).await["logIn"]["accessToken"].clone();
            let mut one = Renter {
                id: i32::try_from(registered["register"]["user"]["databaseId"].as_i64().unwrap()).unwrap(),
                token: token.as_str().unwrap().to_owned(),
                numbers: Vec::new(),
            };
            for _ in 0..numbers {
                let rent = "mutation($input: AssignPhoneNumberInput!) {
                    assignPhoneNumber(input: $input) { phoneNumber { phoneNumber } } }";
                let input = json!({ "countryCode": "US", "durationHours": 24 });
                let rented = self.graphql(Some(&one.token), rent, json!({ "input": input })).await;
                let number = rented["assignPhoneNumber"]["phoneNumber"]["phoneNumber"].as_str().unwrap();
                one.numbers.push(number.to_owned());
            }
            created.push(one);
        }
        created
    }

    pub(crate) async fn graphql(&self, token: Option<&str>, query: &str, variables: Value) -> Value {
        let mut request = self
            .client
            .post(format!("{}/graphql", self.address(0)))
            .header("content-type", "application/json")
            .body(json!({ "query": query, "variables": variables }).to_string());
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer: Value = serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap();
        assert!(answer.get("errors").is_none(), "{answer}");
        answer["data"].clone()
    }

    /// The logs of all replicas.
    pub(crate) fn logs(&self) -> String {
        let read = |replica: &Replica| String::from_utf8_lossy(&fs::read(&replica.log).unwrap()).into_owned();
        self.replicas.iter().map(read).collect()
    }

    /// Secrets that must not be in a log.
    pub(crate) fn secrets(&self) -> [&str; 3] {
        [SECRET, KEY, PASSWORD]
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        for replica in &self.replicas {
            if let Some(mut child) = replica.process.lock().unwrap().take() {
                let _ = child.kill();
                let _ = child.wait();
            }
        }
        // The logs of a failed run are kept.
        if std::thread::panicking() {
            eprintln!("the replicas' logs are in {}", self.folder.display());
        } else {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}
