//! Lease guards: end what reads through a lease when the lease is lost.

use std::{sync::Arc, time::Duration};

use crate::{
    app::{App, numbers::leases::must_be_held},
    bus::{ChangeListener, NumberTopic},
    domain::{Error, ErrorCode, Fence, Lease, Result},
    fault_injection::{self, Guarantee},
};

/// How long a guard waits before it asks an unavailable store again.
const RETRY: Duration = Duration::from_secs(1);

/// Guards what reads through a lease.
#[derive(Debug)]
pub(super) struct LeaseGuard {
    app: Arc<App>,
    lease: Lease,
    fence: Fence,
    changes: ChangeListener<NumberTopic>,
    /// Whether there was a change that has not been checked yet. Kept here because the future that checks may be
    /// dropped half-way.
    must_check: bool,
}

impl LeaseGuard {
    pub(super) fn new(app: &Arc<App>, lease: Lease, fence: Fence) -> Self {
        let changes = app.bus.subscribe_to_numbers(NumberTopic::LeaseOf(lease.number_id));
        Self { app: Arc::clone(app), lease, fence, changes, must_check: false }
    }

    /// Returns when the lease is lost, with the reason. The future may be dropped and made again.
    pub(super) async fn lost(&mut self) -> Error {
        if fault_injection::is_disabled(Guarantee::Fencing) {
            std::future::pending::<()>().await;
        }
        loop {
            if !self.must_check {
                tokio::select! {
                    () = self.changes.changed() => {}
                    () = self.app.clock.sleep_until(self.lease.expires_at) => {}
                }
                self.must_check = true;
            }
            // Boxed, so that a waiting watcher does not keep space for a query's future.
            match Box::pin(self.confirm()).await {
                Ok(lease) => (self.lease, self.must_check) = (lease, false),
                Err(reason) => return reason,
            }
        }
    }

    /// The lease as it is now. Waits while the store is unavailable.
    ///
    /// # Errors
    /// `LEASE_LOST`.
    pub(super) async fn confirm(&self) -> Result<Lease> {
        loop {
            match self.app.store.find_lease(self.lease.user_id, self.lease.id).await {
                Err(error) if error.code() == ErrorCode::Unavailable => {
                    error.log("guard a lease");
                    self.app.clock.sleep(RETRY).await;
                }
                found => {
                    let lease = found?.ok_or_else(|| Error::not_found("lease"))?;
                    must_be_held(&lease, self.fence, self.app.clock.now())?;
                    return Ok(lease);
                }
            }
        }
    }
}
