//! Use cases: every rule of the platform, once. The APIs, the jobs and the command line all call them.
//!
//! Each is a method of [`App`]. Those that act for a caller take it first and authorise on their first line; those for
//! administrators take an [`Administrator`](crate::domain::Administrator), which the operator at the command line is as
//! well. Webhooks are authorised by their signature, and jobs act for the platform. They live in folders by subject. A
//! subject keeps its state in one struct, whose fields no other subject can access. To be read in this order:
//!
//! 1. [`receiving`]: from a verified webhook to a committed message.
//! 2. [`watching`]: from a committed message to the clients that wait for it.
//! 3. [`numbers`]: listing, renting, releasing and importing numbers.
//! 4. [`accounts`]: users, sessions, API keys.
//! 5. [`providers`]: the operator's accounts with providers, and verifying their webhooks.
//! 6. [`maintenance`]: expiry, clean-up and statistics, and which replica does them.
//! 7. [`admin`]: what administrators look up.
//!
//! Besides: `settings` (what the operator decides), `requests` and `rate_limits` (how often a caller may ask),
//! `readiness` (whether this replica should get requests), `lifecycle`, `shutdown` and `closing_time` (draining,
//! shutdown), `keyring` (one root key, and a derived key for each purpose), `quota` (how many of something each owner
//! may have), `timelines` (when messages passed each stage), `measuring` and `platform_measures` (metrics of what is
//! there at the moment when somebody asks).
//!
//! Subjects import one way too: admin → maintenance → watching → receiving → providers → numbers → accounts. Files that
//! hold state do not import [`App`], so that no files import each other in a circle.
//!
//! Errors that every use case may return are not repeated at each: `UNAUTHENTICATED` for a guest where a user is
//! needed, `INSUFFICIENT_SCOPE` or `FORBIDDEN` for an API key without the right, `FORBIDDEN` for a user where an
//! administrator is needed, `UNAVAILABLE` when the store is away, and `INTERNAL` for a defect. `# Errors` sections
//! name the others.

pub mod accounts;
pub mod admin;
mod closing_time;
mod keyring;
mod lifecycle;
pub mod maintenance;
mod measuring;
pub mod numbers;
mod platform_measures;
pub mod providers;
mod quota;
mod rate_limits;
mod readiness;
pub mod receiving;
mod requests;
mod settings;
mod shutdown;
mod single_flight;
mod timelines;
pub mod watching;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::task::JoinHandle;

pub use closing_time::ClosingTime;
pub use keyring::{Keyring, RootKey};
pub use quota::{QuotaPermit, Quotas};
pub use rate_limits::{must_be_allowed, network_of, webhook_must_be_allowed};
pub use settings::{RentalLimits, RequestLimits, SessionLifetime, Settings, Unusual};

use self::{
    accounts::Accounts,
    lifecycle::Lifecycle,
    maintenance::Maintenance,
    platform_measures::PlatformMeasures,
    providers::Providers,
    rate_limits::RateLimits,
    receiving::{Receiving, Recorders},
    timelines::TimelineRecorder,
    watching::Watching,
};
use crate::{
    bus::Bus,
    clock::Clock,
    fetch::Fetcher,
    limiter::Limiter,
    mail::Mailer,
    random::Random,
    store::{AsOf, Store},
    tracer::Tracer,
};

/// What the application depends on.
#[derive(Debug)]
pub struct Dependencies {
    /// The database.
    pub store: Store,
    /// Change notification, within this replica and between replicas.
    pub bus: Bus,
    /// Counts requests for rate limits.
    pub limiter: Limiter,
    /// Sends mail.
    pub mailer: Mailer,
    /// Fetches from providers.
    pub fetcher: Fetcher,
    /// Reads codes where no pattern does.
    pub reader: receiving::BuiltInReader,
    /// The time.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// Keys for signing and encryption.
    pub keys: Keyring,
    /// Records what is traced.
    pub tracer: Tracer,
    /// The operator's settings.
    pub settings: Settings,
}

/// The application: a handle that every API shares.
#[derive(Debug)]
pub struct App {
    store: Store,
    bus: Bus,
    clock: Clock,
    random: Random,
    tracer: Tracer,
    settings: Settings,
    lifecycle: Lifecycle,
    rate_limits: RateLimits,
    accounts: Accounts,
    providers: Providers,
    receiving: Receiving,
    watching: Watching,
    maintenance: Maintenance,
    timelines: TimelineRecorder,
    platform: PlatformMeasures,
}

impl App {
    /// Starts the application, with the tasks that store messages and send mail. They end after
    /// [`App::stop_receiving`], once everything that was accepted is stored and sent.
    #[must_use]
    pub fn start(dependencies: Dependencies) -> (Arc<Self>, JoinHandle<()>) {
        let Dependencies { store, bus, limiter, mailer, fetcher, reader, clock, random, keys, tracer, settings } =
            dependencies;
        let rate_limits = RateLimits::new(limiter);
        let providers = Providers::new(&keys, fetcher, random.clone());
        let timelines = TimelineRecorder::start(&store, &clock);
        let recorders = Recorders {
            activity: Arc::clone(providers.activity()),
            timelines: timelines.clone(),
            tracer: tracer.clone(),
        };
        let (receiving, writing) = Receiving::start(&store, &bus, &clock, &keys, reader, recorders, &settings);
        let (accounts, sending) =
            Accounts::start(&store, mailer, rate_limits.limiter(), &clock, &random, &keys, &settings);
        let changes = bus.user_changes();
        let app = Arc::new(Self {
            lifecycle: Lifecycle::default(),
            watching: Watching::new(),
            maintenance: Maintenance::default(),
            timelines: timelines.clone(),
            platform: PlatformMeasures::default(),
            store,
            bus,
            clock,
            random,
            tracer,
            settings,
            rate_limits,
            accounts,
            providers,
            receiving,
        });
        tokio::spawn(Self::follow_user_changes(Arc::downgrade(&app), changes));
        let finish = tokio::spawn(async move {
            let _ = tokio::join!(writing, sending);
            timelines.flush().await;
        });
        (app, finish)
    }

    /// The clock that the application goes by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The randomness that the application uses.
    #[must_use]
    pub fn random(&self) -> &Random {
        &self.random
    }

    /// Records what is traced.
    #[must_use]
    pub fn tracer(&self) -> &Tracer {
        &self.tracer
    }

    /// The time for which the status of numbers is evaluated: now.
    fn as_of(&self) -> AsOf {
        AsOf { now: self.clock.now(), cool_down: self.settings.cool_down }
    }

    /// Messages received at this time or before have expired.
    fn expired_before(&self) -> DateTime<Utc> {
        self.clock.now() - self.settings.retention
    }
}
