//! Use cases: every rule of the platform, once. The APIs, the jobs and the command line all call these.
//!
//! Each is a method of [`App`] that takes who is asking first and authorises on its first line. They live in folders
//! by subject; a subject keeps its state in one struct, whose fields no other subject can touch. To be read in this
//! order:
//!
//! 1. [`receiving`]: from a verified webhook to a committed message. What the platform exists for, first half.
//! 2. [`watching`]: from a committed message to whoever waits for it. The second half.
//! 3. [`numbers`]: renting them, giving them back, importing them.
//! 4. [`accounts`]: who there is, how they sign in, and what their credentials are good for.
//! 5. [`providers`]: accounts at providers, and what verifies their webhooks.
//! 6. [`maintenance`]: what time does to all of it, and which replica sees to that.
//! 7. [`admin`]: what administrators look up.
//!
//! Beside them: `settings` (what the operator decides), `requests` and `rate_limits` (how often somebody may ask),
//! `readiness` and `lifecycle` (whether there is work to be had here), `keyring` (one root key, and a key for each
//! purpose), `quota` (how many of something each may have).
//!
//! Imports between the subjects point one way too: maintenance → watching → receiving → providers → numbers →
//! accounts.

pub mod accounts;
pub mod admin;
mod keyring;
mod lifecycle;
pub mod maintenance;
pub mod numbers;
pub mod providers;
mod quota;
mod rate_limits;
mod readiness;
pub mod receiving;
mod requests;
mod settings;
pub mod watching;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::task::JoinHandle;

pub use keyring::{Keyring, RootKey};
pub use rate_limits::{refuse, refuse_webhook};
pub use settings::{RequestLimits, SessionLifetime, Settings};

use self::{
    accounts::Accounts, lifecycle::Lifecycle, maintenance::Maintenance, providers::Providers, rate_limits::RateLimits,
    receiving::Receiving, watching::Watching,
};
use crate::{
    bus::Bus,
    clock::Clock,
    fetch::Fetcher,
    limiter::Limiter,
    mail::Mailer,
    random::Random,
    store::{AsOf, Store},
};

/// What the application is made of.
#[derive(Debug)]
pub struct Dependencies {
    /// The database.
    pub store: Store,
    /// Tells watchers, here and on other replicas, what has changed.
    pub bus: Bus,
    /// What counts requests.
    pub limiter: Limiter,
    /// What sends mail.
    pub mailer: Mailer,
    /// What asks providers.
    pub fetcher: Fetcher,
    /// What reads codes where no pattern finds one.
    pub reader: receiving::BuiltInReader,
    /// The time.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// What signs and encrypts.
    pub keys: Keyring,
    /// What the operator decided.
    pub settings: Settings,
}

/// The application: a handle that every API shares.
#[derive(Debug)]
pub struct App {
    store: Store,
    bus: Bus,
    clock: Clock,
    random: Random,
    settings: Settings,
    lifecycle: Lifecycle,
    rate_limits: RateLimits,
    accounts: Accounts,
    providers: Providers,
    receiving: Receiving,
    watching: Watching,
    maintenance: Maintenance,
}

impl App {
    /// Starts the application, and the tasks that store what is received and send mail. They end after
    /// [`App::stop_receiving`], once everything that was accepted is stored and sent.
    #[must_use]
    pub fn start(dependencies: Dependencies) -> (Arc<Self>, JoinHandle<()>) {
        let Dependencies { store, bus, limiter, mailer, fetcher, reader, clock, random, keys, settings } = dependencies;
        let rate_limits = RateLimits::new(limiter);
        let providers = Providers::new(&keys, fetcher, random.clone());
        let (receiving, writing) =
            Receiving::start(&store, &bus, &clock, &keys, reader, providers.activity(), settings.receive_queue);
        let (accounts, sending) =
            Accounts::start(&store, mailer, rate_limits.limiter(), &clock, &random, &keys, &settings);
        let changes = bus.changes();
        let app = Arc::new(Self {
            lifecycle: Lifecycle::default(),
            watching: Watching::new(),
            maintenance: Maintenance::default(),
            store,
            bus,
            clock,
            random,
            settings,
            rate_limits,
            accounts,
            providers,
            receiving,
        });
        tokio::spawn(Self::follow_user_changes(Arc::downgrade(&app), changes));
        let finish = tokio::spawn(async move {
            let _ = tokio::join!(writing, sending);
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

    /// The time that states of numbers are told for: now.
    fn as_of(&self) -> AsOf {
        AsOf { now: self.clock.now(), cool_down: self.settings.cool_down }
    }

    /// Messages received then or before have expired.
    fn expired_before(&self) -> DateTime<Utc> {
        self.clock.now() - self.settings.retention
    }
}
