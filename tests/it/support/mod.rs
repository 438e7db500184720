//! The harness: a world for each test, with a database of its own and a clock that stands still.

pub(crate) mod client;
pub(crate) mod gateways;
pub(crate) mod mailbox;
pub(crate) mod program;
pub(crate) mod reader;
pub(crate) mod samples;
#[expect(dead_code, reason = "the tests of faults restart servers")]
mod servers;
pub(crate) mod socket;

use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
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
        Client, NewProvider, NumberId, NumberToImport, ProviderAccount, ProviderChange, ProviderKind, Role, User,
    },
    fetch::Fetcher,
    graphql, jobs,
    limiter::{Limiter, MemoryLimiter, RedisLimiter},
    mail::Mailer,
    random::Random,
    server::{self, ServerOptions},
    store::Store,
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

/// Makes two tests of each scenario, one for each way to run.
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

/// An embedded database that has every migration: they are run once, and each test gets a copy.
async fn migrated_file() -> &'static [u8] {
    static FILE: tokio::sync::OnceCell<Vec<u8>> = tokio::sync::OnceCell::const_new();
    let file = FILE.get_or_init(|| async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("otpwire.sqlite");
        let store = Store::connect(&format!("sqlite:{}", path.display()), 1).await.unwrap();
        store.migrate_up().await.unwrap();
        // The last connection that closes writes everything into the file.
        store.close().await;
        std::fs::read(path).unwrap()
    });
    file.await
}

/// Where a test happens.
pub(crate) struct World {
    pub(crate) backend: Backend,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) database_url: String,
    root_key: [u8; 32],
    /// The root key before it, whose work is honoured.
    pub(crate) previous_root_key: Option<[u8; 32]>,
    pub(crate) settings: Settings,
    pub(crate) options: ServerOptions,
    /// Where mail goes, if anybody is to read it.
    pub(crate) mailbox: Option<Mailbox>,
    /// What there is to be fetched, by its address.
    pub(crate) fetched: Arc<HashMap<Url, Vec<u8>>>,
    /// What reads codes.
    pub(crate) reader: BuiltInReader,
    /// What is in the ring besides the root key.
    pub(crate) more_keys: fn(Keyring) -> Keyring,
    _folder: tempfile::TempDir,
}

pub(crate) const SECRET: &str = "the sandbox's secret";
pub(crate) const TWILIO_TOKEN: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const PUBLIC_URL: &str = "https://sms.example.com";
/// How long anything may take that should happen at once.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// How many sessions of this database wait for a lock; other tests' databases are on the same server.
pub(crate) const LOCKS_WAITED_FOR: &str = "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) \
                                           WHERE NOT granted AND datname = current_database()";
pub(crate) const PASSWORD: &str = "correct horse battery";

/// When every test begins.
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
            settings: Settings {
                password_cost: PasswordCost { memory_kib: 8, passes: 1 },
                // Tests that are not about limits should not meet them.
                request_limits: RequestLimits { guest: 100_000, free: 100_000, premium: 100_000, admin: 100_000 },
                ..Settings::default()
            },
            options: ServerOptions {
                public_url: PUBLIC_URL.to_owned(),
                trusted_proxies: Vec::new(),
                allowed_origins: AllowedOrigins::These(Vec::new()),
                graphql: graphql::Options::default(),
            },
            mailbox: None,
            fetched: Arc::default(),
            reader: BuiltInReader::default(),
            more_keys: |keys| keys,
            _folder: folder,
        }
    }

    /// A connection of the test's own to the database.
    pub(crate) async fn store(&self) -> Store {
        Store::connect(&self.database_url, 4).await.unwrap()
    }

    /// Runs a statement of the test's own, behind the application's back.
    pub(crate) async fn sql(&self, statement: &str) {
        self.try_sql(statement).await.unwrap();
    }

    /// The same for a statement that may be refused.
    pub(crate) async fn try_sql(&self, statement: &str) -> Result<(), sea_orm::DbErr> {
        let connection = sea_orm::Database::connect(&self.database_url).await.unwrap();
        let done = connection.execute_unprepared(statement).await.map(drop);
        connection.close().await.unwrap();
        done
    }

    /// Reads the first column of each row as text, behind the application's back.
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

    /// Takes another root key from now on; answers the one before.
    pub(crate) fn change_root_key(&mut self) -> [u8; 32] {
        std::mem::replace(&mut self.root_key, Random::from_os().bytes())
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        Clock::Manual(Arc::clone(&self.clock)).now()
    }

    /// The time as a literal of SQL, as both databases compare it.
    pub(crate) fn sql_time(time: DateTime<Utc>) -> String {
        format!("'{}'", time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, false))
    }

    /// Returns when a query has this answer.
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

    /// Lets minutes pass until a query has this answer.
    pub(crate) async fn in_time(&self, query: &str, answer: &str) {
        for _ in 0..1000 {
            self.advance(60);
            if self.column(query).await == [answer] {
                return;
            }
        }
        panic!("{query} does not become {answer}");
    }

    /// Returns when every job of the platform that is due has been done, by whoever runs jobs.
    pub(crate) async fn jobs_done(&self) {
        let done = "SELECT count(*) FROM jobs WHERE leased_until IS NULL AND failures = 0 AND due_at >";
        self.until(&format!("{done} {}", Self::sql_time(self.now())), "3").await;
    }

    /// A connection of the test's own in the middle of a transaction that has done this. Embedded, nobody else can
    /// write meanwhile.
    pub(crate) async fn hold(&self, statement: &str) -> Held {
        let mut options = sea_orm::ConnectOptions::new(&self.database_url);
        options.max_connections(1);
        let connection = sea_orm::Database::connect(options).await.unwrap();
        let begin = if self.backend == Backend::Embedded { "BEGIN IMMEDIATE" } else { "BEGIN" };
        connection.execute_unprepared(&format!("{begin}; {statement}")).await.unwrap();
        Held(connection)
    }

    /// Starts a replica. Embedded, there is to be one.
    pub(crate) async fn replica(&self) -> Replica {
        self.replica_over(self.wire().await).await
    }

    /// Starts a replica that does not make the partitions of its days.
    pub(crate) async fn replica_without_partitions(&self) -> Replica {
        self.bare_replica(self.wire().await).await
    }

    async fn wire(&self) -> Option<String> {
        match self.backend {
            Backend::Embedded => None,
            Backend::Cluster => Some(redis().await.url()),
        }
    }

    /// Starts a replica whose wire is at this address.
    pub(crate) async fn replica_over(&self, redis_url: Option<String>) -> Replica {
        let replica = self.bare_replica(redis_url).await;
        replica.app.prepare_partitions().await.unwrap();
        replica
    }

    /// Starts a replica that makes no partitions.
    async fn bare_replica(&self, redis_url: Option<String>) -> Replica {
        let root_key = self.root_key();
        let stop = CancellationToken::new();
        let random = Random::from_os();
        let (bus, limiter) = match redis_url {
            None => (Bus::Memory(Hub::new()), Limiter::Memory(MemoryLimiter::default())),
            Some(url) => {
                let namespace = root_key.namespace();
                let bus = RedisBus::init(&url, &namespace, stop.clone()).await.unwrap();
                let limiter = RedisLimiter::init(&url, &namespace, PATIENCE, random.clone()).await.unwrap();
                (Bus::Redis(bus), Limiter::Redis(Box::new(limiter)))
            }
        };
        let mailer = match &self.mailbox {
            Some(mailbox) => Mailer::smtp(&mailbox.url(), "otpwire <no-reply@example.com>").unwrap(),
            None => Mailer::Nowhere,
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
            settings: self.settings.clone(),
        });
        let sockets = TaskTracker::new();
        let router = server::router(&app, &self.options, sockets.clone());
        Replica { app, router, writer, sockets, stop, store }
    }

    /// A replica with a sandbox provider, its numbers, and a renter.
    pub(crate) async fn furnished(&self) -> (Replica, Renter) {
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

/// A transaction of the test's own that goes on.
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
    pub(crate) router: Router,
    pub(crate) writer: JoinHandle<()>,
    pub(crate) sockets: TaskTracker,
    stop: CancellationToken,
    store: Store,
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.app.stop_receiving();
        self.stop.cancel();
    }
}

/// Somebody who is signed in.
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
    /// Starts its jobs; they end when the answer is dropped.
    pub(crate) fn start_jobs(&self) -> JoinSet<()> {
        jobs::start(&self.app)
    }

    /// How many statements it has sent to the database.
    pub(crate) fn statements(&self) -> u64 {
        self.store.count_statements()
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
        self.app.create_provider_as_operator(&new, &NewSecrets::signing(secret)).await.unwrap()
    }

    pub(crate) async fn add_numbers(&self, provider: &str, numbers: &[&str]) -> Vec<NumberId> {
        let account = self.app.get_provider(provider).await.unwrap();
        let numbers = numbers.iter().map(|number| NumberToImport {
            phone_number: (*number).to_owned(),
            country_code: (!number.starts_with('+')).then(|| "US".to_owned()),
        });
        let imported = self.app.import_numbers_as_operator(account.id, numbers.collect()).await.unwrap();
        let id = |outcome| match outcome {
            Imported::Added(id) => id,
            other => panic!("{other:?}"),
        };
        imported.into_iter().map(id).collect()
    }

    pub(crate) async fn renter(&self, email: &str) -> Renter {
        self.person(email, Role::User).await
    }

    pub(crate) async fn admin(&self, email: &str) -> Renter {
        self.person(email, Role::Admin).await
    }

    async fn person(&self, email: &str, role: Role) -> Renter {
        let registration =
            Registration { email: email.into(), password: PASSWORD.into(), first_name: None, last_name: None };
        self.app.create_user(registration, role).await.unwrap();
        self.log_in(email).await
    }

    /// Signs somebody in once more.
    pub(crate) async fn log_in(&self, email: &str) -> Renter {
        let signed_in = self.app.log_in(email, PASSWORD.into(), &Client::default()).await.unwrap();
        signed_in.into()
    }

    /// Returns when everything that was accepted is stored and sent, after [`App::stop_receiving`].
    pub(crate) async fn finish(&mut self) {
        tokio::time::timeout(PATIENCE, &mut self.writer).await.expect("it does not end").unwrap();
    }

    /// Serves on a real socket until the test ends; answers the address.
    pub(crate) async fn listen(&self) -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = self.router.clone();
        let stop = self.stop.clone();
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(
            async move { axum::serve(listener, service).with_graceful_shutdown(stop.cancelled_owned()).await },
        );
        address
    }
}
