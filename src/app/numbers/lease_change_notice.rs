//! Publishing that leases have changed, and waking those whose turn it may be.

use crate::{
    app::App,
    bus::Bus,
    clock::Clock,
    domain::{NumberId, UserId},
    store::Store,
};

/// Publishes, when it is dropped, that leases of a number have changed, or what the pools of a user have; and wakes the
/// first in each of the user's queues. Created before the change is committed, for the reason that `UserChangeNotice`
/// of accounts has.
///
/// Who is first is read after the commit, by a task of its own: somebody who has queued up before that read is found by
/// it, and somebody who queues up later finds the change. If the task cannot read, they try again at their next
/// heartbeat.
pub(super) struct LeaseChangeNotice {
    store: Store,
    bus: Bus,
    clock: Clock,
    user: Option<UserId>,
    number: Option<NumberId>,
}

impl Drop for LeaseChangeNotice {
    fn drop(&mut self) {
        let (store, bus, clock) = (self.store.clone(), self.bus.clone(), self.clock.clone());
        let (user, number) = (self.user, self.number);
        tokio::spawn(async move {
            let tickets = match user {
                Some(user) => store.list_next_tickets(user, clock.now()).await,
                None => Ok(Vec::new()),
            };
            let tickets = tickets.unwrap_or_else(|error| {
                error.log("wake those who wait for a lease");
                Vec::new()
            });
            bus.publish_lease_change(number, tickets);
        });
    }
}

impl App {
    #[must_use]
    pub(super) fn lease_change_notice(&self, user: Option<UserId>, number: Option<NumberId>) -> LeaseChangeNotice {
        LeaseChangeNotice { store: self.store.clone(), bus: self.bus.clone(), clock: self.clock.clone(), user, number }
    }
}
