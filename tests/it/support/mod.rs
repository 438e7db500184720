//! The harness: each test gets a [`World`] with a database of its own and a clock that only the test advances.
//!
//! In reading order: this file (a world and its replicas), [`client`] (HTTP without a socket), [`socket`] (WebSockets),
//! [`watchers`] (without an API), [`gateways`] and [`samples`] (webhooks of every kind of provider), [`mailbox`] (an
//! SMTP server), [`reader`] (a reader of codes with simple rules), [`program`] (the binary as a process), [`collector`]
//! (of traces) and
//! [`servers`] (PostgreSQL and Redis).

pub(crate) mod client;
pub(crate) mod collector;
pub(crate) mod gateways;
pub(crate) mod mailbox;
pub(crate) mod program;
pub(crate) mod raw_socket;
pub(crate) mod reader;
pub(crate) mod samples;
#[expect(dead_code, reason = "tests/faults uses the rest")]
mod servers;
pub(crate) mod socket;
pub(crate) mod watchers;

use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, header},
    middleware::map_request,
};
use chrono::{DateTime, Utc};
use otpwire::{
    app::{
        App, Dependencies, Keyring, RequestLimits, RootKey, Settings,
        accounts::{PasswordCost, Registration, SignedIn},
        numbers::Imported,
        providers::NewSecrets,
        receiving::BuiltInReader,
    },
    bus::{Bus, Hub, RedisBus},
    clock::{Clock, ManualClock},
    config::AllowedOrigins,
    domain::{
        Client, NewProvider, NumberId, NumberToImport, Operator, ProviderAccount, ProviderChange, ProviderKind, Role,
        User,
    },
    fetch::Fetcher,
    graphql, jobs,
    limiter::{Limiter, MemoryLimiter, RedisLimiter},
    mail::Mailer,
    random::Random,
    server::{self, ConnectionOptions, ServerOptions},
    store::Store,
    tracer::Tracer,
};
use sea_orm::ConnectionTrait;
use secrecy::ExposeSecret;
use tokio::{
    net::TcpListener,
    task::{JoinHandle, JoinSet},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use url::Url;

pub(crate) use mailbox::Mailbox;
pub(crate) use servers::{Postgres, Redis, free_port, postgres, redis};

/// One of the two ways to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    /// SQLite, everything else in memory.
    Embedded,
    /// PostgreSQL and Redis.
    Cluster,
}

/// Turns each scenario into two tests, one for each way to run.
macro_rules! on_both {
    ($($(#[$attribute:meta])* async fn $name:ident($world:ident: World) $body:block)+) => {$(
        $(#[$attribute])*
        async fn $name($world: World) $body

        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn embedded() {
                super::$name($crate::support::World::new($crate::support::Backend::Embedded).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn cluster() {
                super::$name($crate::support::World::new($crate::support::Backend::Cluster).await).await;
            }
        }
    )+};
}
pub(crate) use on_both;

/// The file of an embedded database with every migration. They are run once, and each test gets a copy.
async fn migrated_file() -> &'static [u8] {
    static FILE: tokio::sync::OnceCell<Vec<u8>> = tokio::sync::OnceCell::const_new();
    let file = FILE.get_or_init(|| async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("otpwire.sqlite");
        let store = Store::connect(&format!("sqlite:{}", path.display()), 1).await.unwrap();
        store.migrate_up().await.unwrap();
        // Closing the last connection writes everything into the file.
        store.close().await;
        std::fs::read(path).unwrap()
    });
    file.await
}

/// The surroundings of a test: its database, its clock, and how its replicas are configured.
pub(crate) struct World {
    pub(crate) backend: Backend,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) database_url: String,
    root_key: [u8; 32],
    /// The previous root key, which is still accepted.
    pub(crate) previous_root_key: Option<[u8; 32]>,
    pub(crate) settings: Settings,
    pub(crate) tracer: Tracer,
    pub(crate) options: ServerOptions,
    /// Where mail is sent, if anywhere.
    pub(crate) mailbox: Option<Mailbox>,
    /// What replicas can fetch, by address.
    pub(crate) fetched: Arc<HashMap<Url, Vec<u8>>>,
    /// The reader of codes.
    pub(crate) reader: BuiltInReader,
    /// Adds more keys to the keyring.
    pub(crate) more_keys: fn(Keyring) -> Keyring,
    _folder: tempfile::TempDir,
}

pub(crate) const SECRET: &str = "the sandbox's secret";
pub(crate) const TWILIO_TOKEN: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const PUBLIC_URL: &str = "https://sms.example.com";
/// The connections of a replica's pool.
const CONNECTIONS: u32 = 4;
/// How long a test waits for something that should happen at once.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// Counts the sessions of this database that wait for a lock; the server also has other tests' databases.
pub(crate) const LOCKS_WAITED_FOR: &str = "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) \
                                           WHERE NOT granted AND datname = current_database()";
pub(crate) const PASSWORD: &str = "correct horse battery";

/// The time at which every test begins.
pub(crate) fn beginning() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

impl World {
    pub(crate) async fn new(backend: Backend) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database_url = match backend {
            Backend::Embedded => {
                let file = folder.path().join("otpwire.sqlite");
                std::fs::write(&file, migrated_file().await).unwrap();
                format!("sqlite:{}", file.display())
            }
            Backend::Cluster => postgres().await.new_migrated_database().await,
        };
        Self {
            backend,
            clock: ManualClock::new(beginning()),
            database_url,
            root_key: Random::from_os().bytes(),
            previous_root_key: None,
            tracer: Tracer::off(),
            settings: Settings {
                password_cost: PasswordCost { memory_kib: 8, passes: 1 },
                // Tests that are not about limits should not meet them.
                request_limits: RequestLimits {
                    guest: 100_000,
                    pages: 100_000,
                    free: 100_000,
                    premium: 100_000,
                    admin: 100_000,
                },
                registrations_per_hour: 100_000,
                ..Settings::default()
            },
            options: ServerOptions {
                public_url: PUBLIC_URL.to_owned(),
                trusted_proxies: Vec::new(),
                allowed_origins: AllowedOrigins::These(Vec::new()),
                allowed_headers: Vec::new(),
                graphql: graphql::Options::default(),
                connections: ConnectionOptions::default(),
            },
            mailbox: None,
            fetched: Arc::default(),
            reader: BuiltInReader::default(),
            more_keys: |keys| keys,
            _folder: folder,
        }
    }

    /// A connection to the database for the test itself.
    pub(crate) async fn store(&self) -> Store {
        Store::connect(&self.database_url, CONNECTIONS).await.unwrap()
    }

    /// Runs a statement that bypasses the application.
    pub(crate) async fn sql(&self, statement: &str) {
        self.try_sql(statement).await.unwrap();
    }

    /// Runs a statement that may fail.
    pub(crate) async fn try_sql(&self, statement: &str) -> Result<(), sea_orm::DbErr> {
        let connection = sea_orm::Database::connect(&self.database_url).await.unwrap();
        let done = connection.execute_unprepared(statement).await.map(drop);
        connection.close().await.unwrap();
        done
    }

    /// Reads the first column of each row as text, bypassing the application.
    pub(crate) async fn column(&self, query: &str) -> Vec<String> {
        let connection = sea_orm::Database::connect(&self.database_url).await.unwrap();
        let backend = connection.get_database_backend();
        let text = format!("SELECT CAST(x AS TEXT) AS x FROM ({query}) AS q(x)");
        let text = match backend {
            sea_orm::DbBackend::Sqlite => format!("WITH q(x) AS ({query}) SELECT CAST(x AS TEXT) AS x FROM q"),
            _ => text,
        };
        let rows = connection.query_all_raw(sea_orm::Statement::from_string(backend, text)).await.unwrap();
        connection.close().await.unwrap();
        rows.iter()
            .map(|row| row.try_get::<Option<String>>("", "x").unwrap().unwrap_or_else(|| "NULL".into()))
            .collect()
    }

    pub(crate) fn root_key(&self) -> RootKey {
        RootKey::new(self.root_key)
    }

    pub(crate) fn root_key_bytes(&self) -> [u8; 32] {
        self.root_key
    }

    /// Replaces the root key; returns the previous one.
    pub(crate) fn change_root_key(&mut self) -> [u8; 32] {
        std::mem::replace(&mut self.root_key, Random::from_os().bytes())
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        Clock::Manual(Arc::clone(&self.clock)).now()
    }

    /// A time as an SQL literal that both databases compare correctly.
    pub(crate) fn sql_time(time: DateTime<Utc>) -> String {
        format!("'{}'", time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, false))
    }

    /// Waits until a query has this answer.
    pub(crate) async fn until(&self, query: &str, answer: &str) {
        let started = std::time::Instant::now();
        loop {
            let found = self.column(query).await;
            if found == [answer] {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "{query} is {found:?} and does not become {answer}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Advances the clock by minutes until a query has this answer.
    pub(crate) async fn in_time(&self, query: &str, answer: &str) {
        for _ in 0..1000 {
            self.advance(60);
            if self.column(query).await == [answer] {
                return;
            }
        }
        panic!("{query} does not become {answer}");
    }

    /// Waits until every due job is done, by whichever replica runs jobs.
    pub(crate) async fn jobs_done(&self) {
        let done = "SELECT count(*) FROM jobs WHERE leased_until IS NULL AND failures = 0 AND due_at >";
        self.until(&format!("{done} {}", Self::sql_time(self.now())), "3").await;
    }

    /// Opens a transaction, runs a statement in it, and leaves it open. With SQLite nothing else can write meanwhile.
    pub(crate) async fn hold(&self, statement: &str) -> Held {
        let mut options = sea_orm::ConnectOptions::new(&self.database_url);
        options.max_connections(1);
        let connection = sea_orm::Database::connect(options).await.unwrap();
        let begin = if self.backend == Backend::Embedded { "BEGIN IMMEDIATE" } else { "BEGIN" };
        connection.execute_unprepared(&format!("{begin}; {statement}")).await.unwrap();
        Held(connection)
    }

    /// Starts a replica. Embedded, there should be only one.
    pub(crate) async fn replica(&self) -> Replica {
        self.replica_over(self.redis_url().await).await
    }

    /// Starts a replica without the partitions of the coming days.
    pub(crate) async fn replica_without_partitions(&self) -> Replica {
        self.bare_replica(self.redis_url().await).await
    }

    async fn redis_url(&self) -> Option<String> {
        match self.backend {
            Backend::Embedded => None,
            Backend::Cluster => Some(redis().await.url()),
        }
    }

    /// Starts a replica with this address of Redis, or embedded without one.
    pub(crate) async fn replica_over(&self, redis_url: Option<String>) -> Replica {
        let replica = self.bare_replica(redis_url).await;
        replica.app.prepare_partitions().await.unwrap();
        replica
    }

    async fn bare_replica(&self, redis_url: Option<String>) -> Replica {
        let root_key = self.root_key();
        let stop = CancellationToken::new();
        let random = Random::from_os();
        let (bus, limiter) = match redis_url {
            None => (Bus::Memory(Hub::new()), Limiter::Memory(MemoryLimiter::default())),
            Some(url) => {
                let namespace = root_key.namespace();
                let bus = RedisBus::init(&url, &namespace, &self.tracer, stop.clone()).await.unwrap();
                let limiter = RedisLimiter::init(&url, &namespace, PATIENCE, &random).await.unwrap();
                (Bus::Redis(bus), Limiter::Redis(Box::new(limiter)))
            }
        };
        let mailer = match &self.mailbox {
            Some(mailbox) => Mailer::smtp(&mailbox.url(), "otpwire <no-reply@example.com>").unwrap(),
            None => Mailer::Disabled,
        };
        let store = self.store().await;
        let (app, writer) = App::start(Dependencies {
            store: store.clone(),
            bus,
            limiter,
            mailer,
            fetcher: Fetcher::Memory(Arc::clone(&self.fetched)),
            reader: self.reader.clone(),
            clock: Clock::Manual(Arc::clone(&self.clock)),
            random,
            keys: (self.more_keys)(
                self.previous_root_key
                    .iter()
                    .fold(Keyring::new(root_key), |keys, &key| keys.with_previous(RootKey::new(key))),
            ),
            tracer: self.tracer.clone(),
            settings: self.settings.clone(),
        });
        let sockets = TaskTracker::new();
        let served = server::router(&app, &self.options, sockets.clone());
        let router = served.clone().layer(map_request(with_host));
        Replica { app, router, served, writer, sockets, options: self.options.clone(), stop, store }
    }

    /// A replica with a sandbox provider, its numbers, and a renter.
    pub(crate) async fn populated(&self) -> (Replica, Renter) {
        let replica = self.replica().await;
        replica.add_provider("sandbox", "sandbox", SECRET).await;
        replica.add_numbers("sandbox", &["+14155550100", "+14155550101", "+4915123456789"]).await;
        let renter = replica.renter("renter@example.com").await;
        (replica, renter)
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

async fn with_host(mut request: Request) -> Request {
    request.headers_mut().entry(header::HOST).or_insert(HeaderValue::from_static("sms.example.com"));
    request
}

/// An open transaction of the test.
pub(crate) struct Held(sea_orm::DatabaseConnection);

impl Held {
    pub(crate) async fn let_go(self) {
        self.0.execute_unprepared("ROLLBACK").await.unwrap();
        self.0.close().await.unwrap();
    }
}

/// A running application.
pub(crate) struct Replica {
    pub(crate) app: Arc<App>,
    /// The routes, for requests without a socket. Those without a host get one, as every client sends it.
    pub(crate) router: Router,
    /// The routes as the server has them.
    pub(crate) served: Router,
    pub(crate) writer: JoinHandle<()>,
    pub(crate) sockets: TaskTracker,
    options: ServerOptions,
    stop: CancellationToken,
    store: Store,
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.app.stop_receiving();
        self.stop.cancel();
    }
}

/// A signed-in user.
#[derive(Clone)]
pub(crate) struct Renter {
    pub(crate) user: Arc<User>,
    pub(crate) token: String,
    pub(crate) refresh_token: String,
}

impl From<SignedIn> for Renter {
    fn from(signed_in: SignedIn) -> Self {
        Self {
            user: signed_in.user,
            token: signed_in.access_token,
            refresh_token: signed_in.refresh_token.expose_secret().to_owned(),
        }
    }
}

impl Replica {
    /// Starts its jobs; they end when the returned set is dropped.
    pub(crate) fn start_jobs(&self) -> JoinSet<()> {
        jobs::start(&self.app)
    }

    /// How many statements it has sent to the database.
    pub(crate) fn statements(&self) -> u64 {
        self.store.count_statements()
    }

    /// Takes every connection of its pool, until the transactions are dropped.
    pub(crate) async fn hold_every_connection(&self) -> Vec<otpwire::store::Tx> {
        let mut held = Vec::new();
        for _ in 0..CONNECTIONS {
            held.push(self.store.begin().await.unwrap());
        }
        held
    }

    /// Begins transactions until the pool has waited for a connection in vain; returns what it says then.
    pub(crate) async fn exhaust_the_pool(&self) -> String {
        loop {
            let error = self.store.begin().await.expect_err("there is a connection");
            let cause = std::error::Error::source(&error).unwrap().to_string();
            // Before that it may find connections that it does not know to be closed.
            if cause.contains("takes no connection") {
                return cause;
            }
        }
    }

    /// Calls `observer` with every statement that its connections for reading send.
    pub(crate) fn observe_reading(&self, observer: impl Fn(&str) + Send + Sync + 'static) {
        self.store.observe_statements(move |statement, may_write| {
            if !may_write {
                observer(statement);
            }
        });
    }

    /// Calls `observer` with every statement that its connections for writing send.
    pub(crate) fn observe_writing(&self, observer: impl Fn(&str) + Send + Sync + 'static) {
        self.store.observe_statements(move |statement, may_write| {
            if may_write {
                observer(statement);
            }
        });
    }

    pub(crate) async fn add_provider(&self, kind: &'static str, name: &str, secret: &str) -> ProviderAccount {
        self.add_configured_provider(kind, name, secret, serde_json::json!({})).await
    }

    pub(crate) async fn add_configured_provider(
        &self,
        kind: &'static str,
        name: &str,
        secret: &str,
        configuration: serde_json::Value,
    ) -> ProviderAccount {
        // Tests that are not about limits should not meet them.
        let settings = ProviderChange::new(None, None, Some(1_000_000)).unwrap();
        let settings = settings.with_configuration(configuration.as_object().cloned());
        let new = NewProvider::new(ProviderKind::of(kind), name, settings).unwrap();
        self.app.create_provider(&Operator, &new, &NewSecrets::signing(secret)).await.unwrap()
    }

    pub(crate) async fn add_numbers(&self, provider: &str, numbers: &[&str]) -> Vec<NumberId> {
        let account = self.app.get_provider(provider).await.unwrap();
        let numbers = numbers.iter().map(|number| NumberToImport {
            phone_number: (*number).to_owned(),
            country_code: (!number.starts_with('+')).then(|| "US".to_owned()),
        });
        let imported = self.app.import_numbers(&Operator, account.id, None, numbers.collect()).await.unwrap();
        let id = |outcome| match outcome {
            Imported::Added(id) => id,
            other => panic!("{other:?}"),
        };
        imported.into_iter().map(id).collect()
    }

    pub(crate) async fn renter(&self, email: &str) -> Renter {
        self.create_user(email, Role::User).await
    }

    pub(crate) async fn admin(&self, email: &str) -> Renter {
        self.create_user(email, Role::Admin).await
    }

    async fn create_user(&self, email: &str, role: Role) -> Renter {
        let registration =
            Registration { email: email.into(), password: PASSWORD.into(), first_name: None, last_name: None };
        self.app.create_user(registration, role).await.unwrap();
        self.log_in(email).await
    }

    /// Signs an existing user in.
    pub(crate) async fn log_in(&self, email: &str) -> Renter {
        let signed_in = self.app.log_in(email, PASSWORD.into(), &Client::default()).await.unwrap();
        signed_in.into()
    }

    /// Waits until everything that was accepted is stored and published, after [`App::stop_receiving`].
    pub(crate) async fn finish(&mut self) {
        tokio::time::timeout(PATIENCE, &mut self.writer).await.expect("the writer does not end").unwrap();
    }

    /// Serves on a real socket until the test ends; returns the address.
    pub(crate) async fn listen(&self) -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (app, router, options) = (Arc::clone(&self.app), self.served.clone(), self.options.clone());
        let stop = self.stop.clone().cancelled_owned();
        tokio::spawn(async move { server::serve(&app, router, &options, listener, stop).await });
        address
    }
}
