//! The harness: a world for each test, with a database of its own and a clock that stands still.

pub(crate) mod client;
mod servers;
pub(crate) mod socket;

use std::{sync::Arc, time::Duration};

use axum::Router;
use chrono::{DateTime, Utc};
use otpwire::{
    ambient::{Clock, ManualClock, Random},
    app::{App, Parts, PasswordCost, Registration, RootKey, Settings},
    bus::{Bus, Hub, RedisBus},
    domain::{Msisdn, NumberId, ProviderAccount, ProviderKind, Role, User},
    server,
    store::Store,
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub(crate) use servers::{Redis, free_port, postgres, redis};

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

/// Where a test happens.
pub(crate) struct World {
    pub(crate) backend: Backend,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) database_url: String,
    root_key: [u8; 32],
    pub(crate) settings: Settings,
    _folder: tempfile::TempDir,
}

pub(crate) const SECRET: &str = "the sandbox's secret";
pub(crate) const TWILIO_TOKEN: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const PUBLIC_URL: &str = "https://sms.example.com";
pub(crate) const PASSWORD: &str = "correct horse battery";

/// When every test begins.
pub(crate) fn beginning() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

impl World {
    pub(crate) async fn new(backend: Backend) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database_url = match backend {
            Backend::Embedded => format!("sqlite:{}", folder.path().join("otpwire.sqlite").display()),
            Backend::Cluster => postgres().await.new_database().await,
        };
        let world = Self {
            backend,
            clock: ManualClock::new(beginning()),
            database_url,
            root_key: Random::from_os().bytes(),
            settings: Settings { password_cost: PasswordCost { memory_kib: 8, passes: 1 }, ..Settings::default() },
            _folder: folder,
        };
        world.store().await.migrate_up().await.unwrap();
        world
    }

    /// A connection of the test's own to the database.
    pub(crate) async fn store(&self) -> Store {
        Store::connect(&self.database_url, 4).await.unwrap()
    }

    /// Runs a statement of the test's own, behind the application's back.
    pub(crate) async fn sql(&self, statement: &str) {
        use sea_orm::ConnectionTrait;
        let connection = sea_orm::Database::connect(&self.database_url).await.unwrap();
        connection.execute_unprepared(statement).await.unwrap();
        connection.close().await.unwrap();
    }

    /// Reads the first column of each row as text, behind the application's back.
    pub(crate) async fn column(&self, query: &str) -> Vec<String> {
        use sea_orm::ConnectionTrait;
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

    /// Starts a replica. Embedded, there is to be one.
    pub(crate) async fn replica(&self) -> Replica {
        self.replica_over(match self.backend {
            Backend::Embedded => None,
            Backend::Cluster => Some(redis().await.url()),
        })
        .await
    }

    /// Starts a replica whose wire is at this address.
    pub(crate) async fn replica_over(&self, redis_url: Option<String>) -> Replica {
        let root_key = self.root_key();
        let stop = CancellationToken::new();
        let bus = match redis_url {
            None => Bus::Memory(Hub::new()),
            Some(url) => Bus::Redis(RedisBus::init(&url, &root_key.namespace(), stop.clone()).await.unwrap()),
        };
        let (app, writer) = App::start(Parts {
            store: self.store().await,
            bus,
            clock: Clock::Manual(Arc::clone(&self.clock)),
            random: Random::from_os(),
            root_key,
            settings: self.settings.clone(),
        });
        app.prepare_partitions().await.unwrap();
        let sockets = TaskTracker::new();
        let router = server::router(&app, PUBLIC_URL, sockets.clone());
        Replica { app, router, writer, sockets, stop }
    }

    /// A replica with a sandbox provider, its numbers, and a renter.
    pub(crate) async fn furnished(&self) -> (Replica, Renter) {
        let replica = self.replica().await;
        replica.add_provider(ProviderKind::Sandbox, "sandbox", SECRET).await;
        replica.add_numbers("sandbox", &["+14155550100", "+14155550101", "+4915123456789"]).await;
        let renter = replica.renter("renter@example.com").await;
        (replica, renter)
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

/// A running application.
pub(crate) struct Replica {
    pub(crate) app: Arc<App>,
    pub(crate) router: Router,
    pub(crate) writer: JoinHandle<()>,
    pub(crate) sockets: TaskTracker,
    stop: CancellationToken,
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
}

impl Replica {
    pub(crate) async fn add_provider(&self, kind: ProviderKind, name: &str, secret: &str) -> ProviderAccount {
        self.app.create_provider(kind, name, &secret.into()).await.unwrap()
    }

    pub(crate) async fn add_numbers(&self, provider: &str, numbers: &[&str]) -> Vec<NumberId> {
        let account = self.app.get_provider(provider).await.unwrap();
        let mut ids = Vec::new();
        for number in numbers {
            let number = Msisdn::parse("phone_number", number).unwrap();
            let country = (!number.as_str().starts_with('+'))
                .then(|| otpwire::domain::CountryCode::parse("country_code", "US").unwrap());
            ids.push(self.app.import_number(&number, country, account.id).await.unwrap());
        }
        ids
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
        let signed_in = self.app.log_in(email, PASSWORD.into()).await.unwrap();
        Renter { user: signed_in.user, token: signed_in.access_token }
    }

    /// Serves on a real socket until the test ends; answers the address.
    pub(crate) async fn listen(&self) -> std::net::SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = self.router.clone();
        let stop = self.stop.clone();
        tokio::spawn(async move { axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await });
        address
    }
}
