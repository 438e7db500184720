//! Watching: from a committed message to whoever waits for it. To be read in this order:
//!
//! 1. [`messages`]: the one loop behind every live API: in order, without gaps, whatever the bus loses.
//! 2. [`numbers`]: the same for what happens to the numbers that one rents.
//! 3. `inbox`: reading and marking messages that are there.
//! 4. `session_guard`: ends what is open when its user may no longer have it; `open_sessions` knows what is open.
//! 5. `connections` and `connection_limit`: how many sockets and streams somebody may have open.
//!
//! `rental_cache` spares the watchers of one user from reading the same rentals.

mod connection_limit;
mod connections;
mod inbox;
pub mod messages;
pub mod numbers;
mod open_sessions;
mod rental_cache;
mod session_guard;

pub use connection_limit::ConnectionPermit;
pub use inbox::Inbox;
pub use session_guard::SessionGuard;

use self::{connection_limit::ConnectionLimit, open_sessions::OpenSessions, rental_cache::RentalCache};
use crate::{app::settings::MEMORY, domain::UserId};

/// The state of watching on this replica.
#[derive(Debug)]
pub(super) struct Watching {
    sessions: OpenSessions,
    connections: ConnectionLimit,
    /// What users rent, kept for those who look after the same change.
    rentals: RentalCache,
}

impl Watching {
    pub(super) fn new() -> Self {
        Self {
            sessions: OpenSessions::default(),
            connections: ConnectionLimit::default(),
            rentals: RentalCache::builder().max_capacity(10_000).time_to_live(MEMORY).build(),
        }
    }

    /// Makes whatever is open in a user's name check whether it still may be.
    pub(super) fn recheck_sessions(&self, user: UserId) {
        self.sessions.notify(user);
    }

    /// The same for everybody.
    pub(super) fn recheck_all_sessions(&self) {
        self.sessions.notify_all();
    }

    /// How many sockets and streams are open.
    pub(super) fn count_connections(&self) -> usize {
        self.connections.total()
    }
}
