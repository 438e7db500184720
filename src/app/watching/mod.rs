//! Watching: from a committed message to the clients that wait for it. To be read in this order:
//!
//! 1. [`messages`]: one loop behind every live API: in order, without gaps, whatever the bus loses. `feed` is the loop.
//! 2. [`numbers`]: changes of the numbers that a user rents. [`leases`] and `leased_reading`: what
//!    arrives in a lease.
//! 3. `inbox`: listing, marking and deleting stored messages.
//! 4. `session_guard`: ends sockets and streams whose credential is no longer good. `open_sessions` knows which are
//!    open. `lease_guard`: ends those whose lease is lost.
//! 5. `connections` and `connection_limit`: how many sockets and streams a caller may have open.
//!
//! `rental_cache` lets all watchers of one user share one query per change. `live_measures` is what is measured.

mod connection_limit;
mod connections;
mod feed;
mod inbox;
mod lease_guard;
mod leased_reading;
pub mod leases;
mod live_measures;
pub mod messages;
pub mod numbers;
mod open_sessions;
mod rental_cache;
mod session_guard;

pub use connection_limit::ConnectionPermit;
pub use inbox::Inbox;
pub use live_measures::Transport;
pub use session_guard::SessionGuard;

use self::{
    connection_limit::ConnectionLimit, live_measures::LiveMeasures, open_sessions::OpenSessions,
    rental_cache::RentalCache,
};
use crate::{app::settings::MEMORY, domain::UserId};

/// The state of watching in this process.
#[derive(Debug)]
pub(super) struct Watching {
    sessions: OpenSessions,
    connections: ConnectionLimit,
    /// What users rent, shared by the watchers that react to the same change.
    rentals: RentalCache,
    measures: LiveMeasures,
}

impl Watching {
    pub(super) fn new() -> Self {
        Self {
            sessions: OpenSessions::default(),
            connections: ConnectionLimit::default(),
            rentals: RentalCache::builder().max_capacity(10_000).time_to_live(MEMORY).build(),
            measures: LiveMeasures::new(),
        }
    }

    /// Has everything open in a user's name check whether it still may be.
    pub(super) fn recheck_sessions(&self, user: UserId) {
        self.sessions.notify(user);
    }

    /// The same for everybody.
    pub(super) fn recheck_all_sessions(&self) {
        self.sessions.notify_all();
    }

    /// The number of open sockets and streams.
    pub(super) fn count_connections(&self) -> usize {
        self.connections.total()
    }
}
