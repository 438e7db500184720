//! Verbs: every rule of the platform, once. The faces, the jobs and the command line all call these.
//!
//! Each file is an `impl App`. A verb takes who is asking first and authorises on its first line.
//! The two that the platform exists for are [`receive`] and [`watch`].

mod accounts;
mod gateways;
mod keys;
mod messages;
mod numbers;
mod passwords;
pub mod receive;
mod tokens;
mod upkeep;
pub mod watch;
mod writer;

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use moka::future::Cache;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use accounts::{Registration, SignedIn};
pub use gateways::Gateway;
pub use keys::RootKey;
pub use messages::Inbox;
pub use passwords::PasswordCost;

use crate::{
    ambient::{Clock, Random},
    bus::Bus,
    domain::{Actor, User, UserId},
    store::{Moment, Store},
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
    /// How much work a password hash is.
    pub password_cost: PasswordCost,
    /// How many messages wait to be stored before webhooks are told to come back later.
    pub receive_queue: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            retention: Duration::from_secs(24 * 3600),
            cool_down: Duration::from_secs(600),
            token_lifetime: Duration::from_secs(3600),
            password_cost: PasswordCost::default(),
            receive_queue: 4096,
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
    /// Time.
    pub clock: Clock,
    /// Chance.
    pub random: Random,
    /// The key that all others come from.
    pub root_key: RootKey,
    /// What the operator decided.
    pub settings: Settings,
}

/// The application: a handle that every face shares.
#[derive(Debug)]
pub struct App {
    store: Store,
    bus: Bus,
    clock: Clock,
    random: Random,
    settings: Settings,
    receiver: writer::Receiver,
    passwords: passwords::Passwords,
    tokens: tokens::Tokens,
    vault: keys::Vault,
    /// Who is behind a token, kept for a few seconds: no query a request.
    users: Cache<UserId, Arc<User>>,
    /// The providers that post to us, kept for a few seconds: no query a webhook.
    gateways: Cache<String, Option<Arc<Gateway>>>,
    closing: CancellationToken,
}

/// How long a replica may act on what it knew of a user or a provider.
const MEMORY: Duration = Duration::from_secs(5);

impl App {
    /// Starts the application, and the task that stores what is received. The task ends after
    /// [`App::stop_receiving`], once everything that was accepted is stored.
    #[must_use]
    pub fn start(parts: Parts) -> (Arc<Self>, JoinHandle<()>) {
        let Parts { store, bus, clock, random, root_key, settings } = parts;
        let writer = writer::Writer::new(store.clone(), bus.clone(), clock.clone());
        let (receiver, task) = writer::Receiver::start(writer, settings.receive_queue);
        let app = Self {
            passwords: passwords::Passwords::new(settings.password_cost, random.clone()),
            tokens: tokens::Tokens::new(&root_key, settings.token_lifetime),
            vault: keys::Vault::new(&root_key, random.clone()),
            users: Cache::builder().max_capacity(100_000).time_to_live(MEMORY).build(),
            gateways: Cache::builder().max_capacity(1_000).time_to_live(MEMORY).build(),
            closing: CancellationToken::new(),
            store,
            bus,
            clock,
            random,
            settings,
            receiver,
        };
        (Arc::new(app), task)
    }

    /// Says that the application is about to stop: it is no longer ready, and watchers are told to
    /// go elsewhere. What is under way goes on.
    pub fn begin_closing(&self) {
        self.closing.cancel();
    }

    /// Takes no more messages. What was accepted is still stored.
    pub fn stop_receiving(&self) {
        self.receiver.close();
    }

    /// Returns when the application is about to stop.
    pub async fn closing(&self) {
        self.closing.cancelled().await;
    }

    /// Whether the application is about to stop.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.closing.is_cancelled()
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
