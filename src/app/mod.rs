//! Verbs: every rule of the platform, once. The faces, the jobs and the command line all call these.
//!
//! Each file is an `impl App`. A verb takes who is asking first and authorises on its first line.
//! The two that the platform exists for are [`receive`] and [`watch`].

mod accounts;
mod announce;
mod api_keys;
mod arrival;
mod attempts;
mod audit;
mod connections;
mod counts;
mod courier;
mod entrance;
mod gateways;
mod health;
mod keys;
mod limits;
mod messages;
mod numbers;
mod parts;
mod passwords;
mod patterns;
mod presence;
mod providers;
mod reading;
pub mod receive;
mod recovery;
mod reports;
mod secrets;
mod sessions;
mod tokens;
mod trouble;
pub mod turns;
mod upkeep;
pub mod watch;
pub mod watch_numbers;
mod writer;

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use moka::{future::Cache, sync};
use tokio::{sync::broadcast, task::JoinHandle};
use tokio_util::sync::CancellationToken;

pub use accounts::Registration;
pub use connections::Opened;
pub use courier::MailLinks;
pub use entrance::Awaited;
pub use gateways::{Gateway, SIMULATED};
pub use keys::{Keyring, RootKey};
pub use limits::{RequestLimits, refuse, refuse_webhook};
pub use messages::Inbox;
pub use numbers::Imported;
pub use passwords::PasswordCost;
pub use presence::Stay;
pub use providers::NewSecrets;
pub use reading::Reader;
pub use sessions::{SessionLifetime, SignedIn};

use crate::{
    ambient::{Clock, Random},
    bus::Bus,
    domain::{Actor, Credential, UserId},
    fetch::Fetcher,
    limiter::Limiter,
    mail::Mailer,
    store::{Account, FoundApiKey, Moment, RollUp, Store},
};

/// What the operator decides about the rules.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long messages are kept.
    pub retention: Duration,
    /// How long a number has no new renter after a rental.
    pub cool_down: Duration,
    /// How long an access token is valid.
    pub token_lifetime: Duration,
    /// How long a session lasts.
    pub sessions: SessionLifetime,
    /// How many requests a minute somebody may make.
    pub request_limits: RequestLimits,
    /// Where mails send their readers.
    pub mail_links: MailLinks,
    /// How much work a password hash is.
    pub password_cost: PasswordCost,
    /// How many messages wait to be stored before webhooks are told to come back later.
    pub receive_queue: usize,
    /// How many sockets and streams somebody may have open on a replica.
    pub max_connections: usize,
}

impl Settings {
    /// The shortest receive queue: what is committed at once.
    pub const SHORTEST_QUEUE: usize = writer::BATCH;
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            retention: Duration::from_secs(24 * 3600),
            cool_down: Duration::from_secs(600),
            token_lifetime: Duration::from_secs(3600),
            sessions: SessionLifetime::default(),
            request_limits: RequestLimits::default(),
            mail_links: MailLinks::default(),
            password_cost: PasswordCost::default(),
            receive_queue: 4096,
            max_connections: 100,
        }
    }
}

/// What the application stands on.
#[derive(Debug)]
pub struct Parts {
    /// Memory.
    pub store: Store,
    /// The bell.
    pub bus: Bus,
    /// What counts requests.
    pub limiter: Limiter,
    /// What sends mail.
    pub mailer: Mailer,
    /// What asks providers.
    pub fetcher: Fetcher,
    /// What reads codes.
    pub reader: Reader,
    /// Time.
    pub clock: Clock,
    /// Chance.
    pub random: Random,
    /// What signs and seals.
    pub keys: Keyring,
    /// What the operator decided.
    pub settings: Settings,
}

/// The application: a handle that every face shares.
#[derive(Debug)]
pub struct App {
    store: Store,
    bus: Bus,
    limiter: Arc<Limiter>,
    clock: Clock,
    random: Random,
    settings: Settings,
    receiver: writer::Receiver,
    courier: courier::Courier,
    passwords: passwords::Passwords,
    tokens: tokens::Tokens,
    refresh_tokens: secrets::RefreshTokens,
    vault: keys::Vault,
    presence: presence::Presence,
    entrance: entrance::Entrance,
    connections: counts::Counts<connections::Owner>,
    /// What users rent, kept for those who look for one reason.
    rented: watch_numbers::Rented,
    /// Who is behind a credential, kept for a few seconds or until it changes: no query a request.
    accounts: sync::Cache<UserId, Arc<Account>>,
    /// Credentials that have ended, kept for a few seconds: whoever goes on showing one costs no query.
    ended: sync::Cache<Credential, ()>,
    /// How often anything about a user has changed, as far as this replica knows.
    changes: AtomicU64,
    /// Which API key has a digest. Whether it is still good is the account's to say.
    api_keys: Cache<String, FoundApiKey>,
    keys_used: api_keys::KeysUsed,
    used: limits::Used,
    /// What was counted and could not be written down yet.
    unwritten: tokio::sync::Mutex<Option<RollUp>>,
    /// The providers that post to us, kept for a few seconds: no query a webhook.
    gateways: Cache<String, Option<Arc<Gateway>>>,
    /// Held while a provider is looked for.
    looking: tokio::sync::Mutex<()>,
    /// What happened at providers, until it is written down.
    activity: Arc<health::Noted>,
    /// Why messages cannot be stored, when they cannot.
    trouble: Arc<trouble::Trouble>,
    fetcher: Fetcher,
    /// What knows how to read codes.
    codes: Arc<reading::Codes>,
    content_keys: arrival::ContentKeys,
    leaving: AtomicBool,
    closing: CancellationToken,
}

/// How long a replica may act on what it knew of a user or a provider.
const MEMORY: Duration = Duration::from_secs(5);

impl App {
    /// Starts the application, and the task that stores what is received and sends mail. The task ends
    /// after [`App::stop_receiving`], once everything that was accepted is stored and sent.
    #[must_use]
    pub fn start(parts: Parts) -> (Arc<Self>, JoinHandle<()>) {
        let Parts { store, bus, limiter, mailer, fetcher, reader, clock, random, keys, settings } = parts;
        let activity = Arc::new(health::Noted::default());
        let trouble = Arc::new(trouble::Trouble::new(store.is_sqlite()));
        let limiter = Arc::new(limiter);
        let codes = Arc::new(reading::Codes::new(store.clone(), clock.clone(), reader));
        let writer = writer::Writer {
            store: store.clone(),
            codes: Arc::clone(&codes),
            bus: bus.clone(),
            clock: clock.clone(),
            activity: Arc::clone(&activity),
            trouble: Arc::clone(&trouble),
        };
        let (receiver, writing) = writer::Receiver::start(writer, settings.receive_queue);
        let round = courier::Round {
            store: store.clone(),
            mailer,
            limiter: Arc::clone(&limiter),
            clock: clock.clone(),
            random: random.clone(),
            links: settings.mail_links.clone(),
        };
        let (courier, delivering) = courier::Courier::start(round);
        let changes = bus.changes();
        let app = Self {
            passwords: passwords::Passwords::new(settings.password_cost, random.clone()),
            tokens: tokens::Tokens::new(&keys),
            refresh_tokens: secrets::RefreshTokens::new(&keys),
            vault: keys::Vault::new(&keys, random.clone()),
            presence: presence::Presence::default(),
            entrance: entrance::Entrance::new(settings.receive_queue),
            connections: counts::Counts::default(),
            rented: Cache::builder().max_capacity(10_000).time_to_live(MEMORY).build(),
            accounts: sync::Cache::builder().max_capacity(100_000).time_to_live(MEMORY).build(),
            ended: sync::Cache::builder().max_capacity(100_000).time_to_live(MEMORY).build(),
            changes: AtomicU64::new(0),
            api_keys: Cache::builder().max_capacity(10_000).time_to_live(MEMORY).build(),
            keys_used: api_keys::KeysUsed::default(),
            used: limits::Used::default(),
            unwritten: tokio::sync::Mutex::default(),
            looking: tokio::sync::Mutex::default(),
            gateways: Cache::builder().max_capacity(1_000).time_to_live(MEMORY).build(),
            leaving: AtomicBool::new(false),
            closing: CancellationToken::new(),
            content_keys: arrival::ContentKeys::new(&keys),
            activity,
            trouble,
            fetcher,
            codes,
            store,
            bus,
            limiter,
            clock,
            random,
            settings,
            receiver,
            courier,
        };
        let app = Arc::new(app);
        tokio::spawn(Self::hear_changes(Arc::downgrade(&app), changes));
        let finish = tokio::spawn(async move {
            let _ = tokio::join!(writing, delivering);
        });
        (app, finish)
    }

    /// Takes note of what changes about users, here and on other replicas, for as long as there is an
    /// application.
    async fn hear_changes(app: Weak<Self>, mut changes: broadcast::Receiver<UserId>) {
        loop {
            let changed = changes.recv().await;
            let Some(app) = app.upgrade() else { return };
            match changed {
                Ok(user) => app.forget(user),
                Err(broadcast::error::RecvError::Lagged(_)) => {
                    app.changes.fetch_add(1, Ordering::SeqCst);
                    app.accounts.invalidate_all();
                    app.presence.ring_all();
                }
                Err(broadcast::error::RecvError::Closed) => return,
            }
        }
    }

    /// Forgets what is remembered of a user, and makes whoever is here as them look again.
    fn forget(&self, user: UserId) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        self.accounts.invalidate(&user);
        self.presence.ring(user);
    }

    fn count_changes(&self) -> u64 {
        self.changes.load(Ordering::SeqCst)
    }

    /// Says that the application is about to leave: it is no longer ready, and does everything as before, until
    /// whoever sends it work has noticed.
    pub fn begin_leaving(&self) {
        self.leaving.store(true, Ordering::Relaxed);
    }

    /// Whether the application is about to leave, or has begun to stop.
    #[must_use]
    pub fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::Relaxed)
    }

    /// Says that the application stops: watchers are told to go elsewhere. What is under way goes on.
    pub fn begin_closing(&self) {
        self.begin_leaving();
        self.closing.cancel();
    }

    /// Takes no more messages and no more mail. What was accepted is still stored and sent.
    pub fn stop_receiving(&self) {
        self.receiver.close();
        self.courier.close();
    }

    /// Returns when what other replicas should hear of is on its way to them.
    pub async fn flush(&self) {
        self.bus.flush().await;
    }

    /// Returns when the application stops.
    pub async fn closing(&self) {
        self.closing.cancelled().await;
    }

    /// The clock that the application goes by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Chance.
    #[must_use]
    pub fn random(&self) -> &Random {
        &self.random
    }

    fn moment(&self) -> Moment {
        Moment { now: self.clock.now(), cool_down: self.settings.cool_down }
    }

    /// Messages received then or before have outlived their retention.
    fn expired_before(&self) -> DateTime<Utc> {
        self.clock.now() - self.settings.retention
    }

    fn viewer(actor: &Actor) -> crate::store::Viewer {
        if actor.is_admin() {
            crate::store::Viewer::Admin(actor.user_id)
        } else {
            crate::store::Viewer::Renter(actor.user_id)
        }
    }
}
