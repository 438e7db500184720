//! Watching: from a committed message to whoever waits for it. To be read in this order:
//!
//! 1. [`messages`]: the one loop behind every live API: in order, without gaps, whatever the bus loses.
//! 2. [`numbers`]: the same for what happens to the numbers that one rents.
//! 3. `inbox`: reading and marking messages that are there.
//! 4. `session_guard`: ends what is open when its user may no longer have it.
//! 5. `connection_limit`: how many sockets and streams somebody may have open.

mod connection_limit;
mod inbox;
pub mod messages;
pub mod numbers;
mod session_guard;

pub use connection_limit::ConnectionPermit;
pub use inbox::Inbox;
pub use session_guard::SessionGuard;

use self::{connection_limit::ConnectionOwner, numbers::RentalCache, session_guard::OpenSessions};
use super::{MEMORY, quota::Quotas};
use crate::domain::UserId;

/// The state of watching on this replica.
#[derive(Debug)]
pub(super) struct Watching {
    sessions: OpenSessions,
    connections: Quotas<ConnectionOwner>,
    /// What users rent, kept for those who look after the same change.
    rentals: RentalCache,
}

impl Watching {
    pub(super) fn new() -> Self {
        Self {
            sessions: OpenSessions::default(),
            connections: Quotas::default(),
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
