//! The server: builds the application from its configuration, mounts the faces, and stops in order.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use axum::{
    Router,
    http::{HeaderValue, Method, header},
    middleware,
    routing::get,
    serve::ListenerExt,
};
use ipnet::IpNet;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::{
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{NotForContentType, Predicate, SizeAbove},
    },
    cors::{AllowOrigin, CorsLayer},
};
use utoipa::openapi::OpenApi;

use crate::{
    app::{App, Dependencies, receiving::BuiltInReader},
    bus::{Bus, Hub, RedisBus},
    clock::Clock,
    config::{AllowedOrigins, Config},
    domain,
    fetch::Fetcher,
    graphql,
    http::{self, RateLimitState},
    jobs,
    limiter::{Limiter, MemoryLimiter, RedisLimiter},
    random::Random,
    rest,
    store::Store,
    webhooks::{self, Outside},
};

/// How long a shutdown waits for what is under way.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long it waits for statistics.
const STATISTICS_PATIENCE: Duration = Duration::from_secs(5);

/// How long a client may leave what we sent it unread, or unacknowledged, before its connection is given up.
const UNREAD: Duration = Duration::from_secs(60);
/// How much the system takes for a connection before it can send it, in bytes.
const UNSENT: u32 = 128 * 1024;

/// How long a request waits for Redis to count it.
const LIMITER_PATIENCE: Duration = Duration::from_secs(1);

/// The application and what has to be stopped after it.
#[derive(Debug)]
pub struct Running {
    /// The application.
    pub app: Arc<App>,
    store: Store,
    finish: JoinHandle<()>,
    bus: CancellationToken,
}

impl ServerOptions {
    /// What the configuration says of them.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        Self {
            public_url: config.public_url.clone(),
            trusted_proxies: config.trusted_proxies.clone(),
            allowed_origins: config.allowed_origins.clone(),
            graphql: config.graphql.clone(),
        }
    }
}

impl Running {
    /// Opens the store and the bus, and starts the application on them.
    ///
    /// # Errors
    /// When either cannot be reached.
    pub async fn start(config: &Config) -> Result<Self> {
        let random = Random::from_os();
        let mailer = config.mailer()?;
        let store = Store::connect(&config.database_url, config.database_connections)
            .await
            .map_err(explain)
            .context("cannot open the database")?;
        if let Some(path) = config.missing_key_file()
            && store.has_secrets().await.map_err(explain)?
        {
            bail!(
                "the key file {path} is missing, and the database holds secrets of providers that only its key opens: \
                 put it back from your backup. If it is lost, make another with `openssl rand -base64 32 > {path}`; \
                 everybody has to sign in again then, and each provider's secret has to be entered again",
                path = path.display()
            );
        }
        let keys = config.keys(&random)?;
        let stop = CancellationToken::new();
        let (bus, limiter) = match &config.redis_url {
            None => (Bus::Memory(Hub::new()), Limiter::Memory(MemoryLimiter::default())),
            Some(url) => {
                let namespace = keys.root().namespace();
                let bus = RedisBus::init(url, &namespace, stop.clone()).await;
                let bus = bus.map_err(explain).context("redis_url")?;
                let limiter = RedisLimiter::init(url, &namespace, LIMITER_PATIENCE, random.clone()).await;
                let limiter = limiter.map_err(explain).context("redis_url")?;
                (Bus::Redis(bus), Limiter::Redis(Box::new(limiter)))
            }
        };
        let dependencies = Dependencies {
            store: store.clone(),
            bus,
            limiter,
            mailer,
            fetcher: Fetcher::https().map_err(explain)?,
            reader: BuiltInReader::default(),
            clock: Clock::System,
            random,
            keys,
            settings: config.settings.clone(),
        };
        let (app, finish) = App::start(dependencies);
        Ok(Self { app, store, finish, bus: stop })
    }

    /// The database.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Stores what was accepted and sends the mail that waits, then lets go of the bus and the store.
    pub async fn stop(self) {
        self.app.stop_receiving();
        if tokio::time::timeout(PATIENCE, self.finish).await.is_err() {
            tracing::error!(
                "some accepted messages could not be stored, or some mail not be sent, in time; providers have no \
                 answer and will retry, and mail can be asked for again"
            );
        }
        match tokio::time::timeout(STATISTICS_PATIENCE, self.app.roll_up_usage()).await {
            Ok(rolled_up) => rolled_up.unwrap_or_else(|error| error.log("roll_up_usage")),
            Err(_) => tracing::warn!("what was counted since the last minute could not be written down in time"),
        }
        self.app.flush().await;
        self.bus.cancel();
        self.store.close().await;
    }
}

/// A failure for the operator: the public message is of no use without its cause.
pub fn explain(error: domain::Error) -> anyhow::Error {
    let message = error.message().to_owned();
    match std::error::Error::source(&error) {
        Some(cause) => anyhow::anyhow!("{cause}"),
        None => anyhow::anyhow!(message),
    }
}

/// What the faces have to know of the world outside.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// Where the platform is reached, without a slash at the end.
    pub public_url: String,
    /// The proxies whose word about the address of a client is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// The origins whose pages may call the API from a browser.
    pub allowed_origins: AllowedOrigins,
    /// What GraphQL clients may do.
    pub graphql: graphql::Options,
}

/// Bounds what a client that reads nothing costs: the system takes little for it, and gives its connection up after
/// a while. Without this it would hold megabytes for each, and a stream that nobody reads its place for ever.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn bound_unread(stream: &TcpStream) {
    let socket = socket2::SockRef::from(stream);
    let _ = socket.set_tcp_notsent_lowat(UNSENT);
    let _ = socket.set_tcp_user_timeout(Some(UNREAD));
}

/// Only Linux knows how.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn bound_unread(_: &TcpStream) {}

/// Every face on one router.
pub fn router(app: &Arc<App>, options: &ServerOptions, sockets: TaskTracker) -> Router {
    let ServerOptions { public_url, trusted_proxies, allowed_origins, graphql } = options;
    let gate = RateLimitState { app: Arc::clone(app), proxies: trusted_proxies.clone().into() };
    // What people and programs ask for is counted; what providers bring, and files, are not.
    let counted =
        |routes: Router<Arc<App>>| routes.layer(middleware::from_fn_with_state(gate.clone(), http::rate_limit));
    let outside = Outside { public_url: public_url.as_str().into(), proxies: Arc::clone(&gate.proxies) };
    let graphql = graphql::graphql_routes(app, sockets, graphql.clone());
    let api = Router::new()
        .merge(rest::api_routes(openapi(public_url)))
        .fallback(http::not_found)
        .method_not_allowed_fallback(http::method_not_allowed);
    let mut router = counted(api)
        .merge(graphql::shape_refusals(counted(graphql)))
        .merge(http::health_routes())
        .merge(graphql::explorer_routes())
        .merge(rest::docs_routes())
        .merge(webhooks::webhook_routes(outside));
    if let Some(cors) = cors(allowed_origins) {
        router = router.layer(cors);
    }
    router
        .layer(CatchPanicLayer::custom(http::panic_response))
        .layer(middleware::from_fn_with_state(Arc::clone(app), http::render_errors))
        .layer(middleware::from_fn_with_state(Arc::clone(app), http::close_connections_while_draining))
        .layer(middleware::from_fn_with_state(Arc::clone(app), http::assign_request_id))
        .layer(compression())
        .with_state(Arc::clone(app))
}

/// Packs answers that are worth it. Streams are left alone: packing would hold messages back. No answer
/// mixes what a stranger sent with a secret of the caller: credentials are headers, which a page elsewhere
/// cannot make a browser send.
fn compression() -> CompressionLayer<impl Predicate> {
    let worth = SizeAbove::new(1024)
        .and(NotForContentType::const_new("text/event-stream"))
        .and(NotForContentType::const_new("multipart/mixed"));
    CompressionLayer::new().compress_when(worth)
}

/// The description of everything under `/v1`, for a platform that is reached at this address.
#[must_use]
pub fn openapi(public_url: &str) -> OpenApi {
    rest::describe(public_url, webhooks::openapi())
}

/// Lets pages of other origins call the API from a browser. Credentials are headers that a page sets
/// itself, never cookies, so a page that is let in gains nothing that its visitor did not give it.
fn cors(origins: &AllowedOrigins) -> Option<CorsLayer> {
    let origins = match origins {
        AllowedOrigins::Any => AllowOrigin::any(),
        AllowedOrigins::These(origins) if origins.is_empty() => return None,
        AllowedOrigins::These(origins) => {
            AllowOrigin::list(origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()))
        }
    };
    let mut exposed = vec![http::REQUEST_ID, header::RETRY_AFTER, rest::CURSOR];
    exposed.extend(http::RATE_LIMIT_HEADERS);
    let cors = CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            rest::LAST_EVENT_ID,
            rest::IDEMPOTENCY_KEY,
            http::REQUEST_ID,
        ])
        .expose_headers(exposed)
        .max_age(Duration::from_secs(3600));
    Some(cors)
}

/// A server that is about to serve.
#[derive(Debug)]
pub struct Server {
    running: Running,
    router: Router,
    listener: TcpListener,
    sockets: TaskTracker,
    jobs: JoinSet<()>,
    drain: Duration,
}

impl Server {
    /// Mounts the faces of an application on a socket that listens, and starts its jobs. Once told to stop, it
    /// goes on for as long as `drain`: until others have noticed, and send it nothing more.
    #[must_use]
    pub fn new(running: Running, listener: TcpListener, options: &ServerOptions, drain: Duration) -> Self {
        let sockets = TaskTracker::new();
        let router = router(&running.app, options, sockets.clone());
        let jobs = jobs::start(&running.app);
        Self { running, router, listener, sockets, jobs, drain }
    }

    /// Serves until `stop`, then stops in order: no longer ready, but there for whoever has not noticed yet;
    /// sockets told to go elsewhere, requests answered, accepted messages stored, connections closed.
    ///
    /// # Errors
    /// When the listening socket fails.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<()> {
        let Self { running, router, listener, sockets, jobs, drain } = self;
        let app = Arc::clone(&running.app);
        let closing = async move {
            stop.await;
            app.start_draining();
            tokio::time::sleep(drain).await;
            app.start_shutdown();
        };
        let app = Arc::clone(&running.app);
        let listener = listener.tap_io(|stream| {
            // A short answer or frame goes out at once instead of waiting for company.
            let _ = stream.set_nodelay(true);
            bound_unread(stream);
        });
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let serve = axum::serve(listener, service).with_graceful_shutdown(closing);
        // A client that never ends its request must not keep the process.
        let give_up = async {
            app.shutdown_started().await;
            tokio::time::sleep(PATIENCE).await;
        };
        tokio::select! {
            served = async { serve.await } => served?,
            () = give_up => tracing::warn!("some requests did not end in time"),
        }
        sockets.close();
        if tokio::time::timeout(PATIENCE, sockets.wait()).await.is_err() {
            tracing::warn!("some sockets did not close in time");
        }
        drop(jobs);
        running.stop().await;
        Ok(())
    }
}

/// Serves metrics at `/metrics`, on an address of their own.
///
/// # Errors
/// When the address is taken.
pub async fn serve_metrics(address: SocketAddr, metrics: PrometheusHandle) -> Result<()> {
    let listener = TcpListener::bind(address).await.with_context(|| format!("cannot serve metrics on {address}"))?;
    let router = Router::new().route("/metrics", get(async move || metrics.render()));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(())
}
