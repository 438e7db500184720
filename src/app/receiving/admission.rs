//! Admission: bounds the webhooks in flight, so that memory is bounded whatever is posted.
//!
//! Anybody who knows a provider's name can open a webhook request and send its body as slowly as they like. Requests
//! whose body has not arrived therefore get only a share of the capacity, and each client network only a share of
//! that: they cannot keep out webhooks that are complete.

use std::{net::IpAddr, sync::Arc};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    app::{
        quota::{QuotaPermit, Quotas},
        rate_limits::network,
    },
    domain::{Client, Error, Result, StoreProblem},
};

/// Webhooks in flight (being read, verified, rate limited) beyond those whose messages fill the queue. Each body has
/// at most 64 KiB.
const MAX_UNQUEUED: usize = 1024;
/// Webhooks that may wait for a body that did not arrive together with the head.
const MAX_PENDING_BODIES: usize = 1024;
/// The same for one client network: an IPv4 address or an IPv6 /64.
const MAX_PENDING_BODIES_PER_NETWORK: usize = 256;

#[derive(Debug)]
pub(super) struct Admission {
    in_flight: Arc<Semaphore>,
    pending_bodies: Arc<Semaphore>,
    pending_by_network: Quotas<Option<IpAddr>>,
}

/// Permission to wait for one webhook's body. Dropping it gives the capacity back.
#[derive(Debug)]
pub struct BodyReservation {
    _total: OwnedSemaphorePermit,
    _per_network: QuotaPermit<Option<IpAddr>>,
}

impl Admission {
    /// `queue_length` is the capacity of the receive queue, in messages.
    pub(super) fn new(queue_length: usize) -> Self {
        Self {
            in_flight: Arc::new(Semaphore::new(queue_length.max(MAX_PENDING_BODIES) + MAX_UNQUEUED)),
            pending_bodies: Arc::new(Semaphore::new(MAX_PENDING_BODIES)),
            pending_by_network: Quotas::default(),
        }
    }

    /// Reserves capacity for one webhook.
    pub(super) fn reserve_webhook(&self) -> Result<OwnedSemaphorePermit> {
        Arc::clone(&self.in_flight).try_acquire_owned().map_err(|_| full())
    }

    /// Reserves capacity to wait for one webhook's body.
    pub(super) fn reserve_body(&self, client: &Client) -> Result<BodyReservation> {
        Ok(BodyReservation {
            _total: Arc::clone(&self.pending_bodies).try_acquire_owned().map_err(|_| full())?,
            _per_network: self
                .pending_by_network
                .take(network(client), MAX_PENDING_BODIES_PER_NETWORK)
                .ok_or_else(full)?,
        })
    }
}

fn full() -> Error {
    Error::unavailable("too many webhooks are under way").with_store_problem(StoreProblem::Busy)
}
