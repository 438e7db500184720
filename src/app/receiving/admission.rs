//! Admission of webhooks: there is room for so many and no more, so that memory is bounded whatever is posted.
//!
//! Whoever knows the name of a provider can begin a webhook, and take all the time that its body may take. So those
//! whose bodies are still to come have no more than a part of the room, and those of one network a part of that: they
//! keep nobody out whose webhook is there.

use std::{net::IpAddr, sync::Arc};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    app::{
        quota::{QuotaPermit, Quotas},
        rate_limits::network,
    },
    domain::{Client, Error, Result, StoreProblem},
};

/// How many webhooks may be under way besides those whose messages fill the queue: being read, verified, counted.
/// Each may have a body of 64 KiB.
const BEFORE_THE_QUEUE: usize = 1024;
/// How many of all may wait for their bodies, if these did not come with their heads.
const AWAITED: usize = 1024;
/// How many of them may come from one network: an address, or an IPv6 network of 64 bits.
const AWAITED_OF_A_NETWORK: usize = 256;

#[derive(Debug)]
pub(super) struct Admission {
    room: Arc<Semaphore>,
    awaited: Arc<Semaphore>,
    networks: Quotas<Option<IpAddr>>,
}

/// A webhook whose body is to come, until this is dropped.
#[derive(Debug)]
pub struct BodyReservation {
    _one: OwnedSemaphorePermit,
    _of_its_network: QuotaPermit<Option<IpAddr>>,
}

impl Admission {
    /// For a queue of so many messages.
    pub(super) fn new(queue: usize) -> Self {
        Self {
            room: Arc::new(Semaphore::new(queue.max(AWAITED) + BEFORE_THE_QUEUE)),
            awaited: Arc::new(Semaphore::new(AWAITED)),
            networks: Quotas::default(),
        }
    }

    /// Makes room for one more webhook.
    pub(super) fn reserve_webhook(&self) -> Result<OwnedSemaphorePermit> {
        Arc::clone(&self.room).try_acquire_owned().map_err(|_| full())
    }

    /// Lets one more webhook wait for its body.
    pub(super) fn reserve_body(&self, client: &Client) -> Result<BodyReservation> {
        Ok(BodyReservation {
            _one: Arc::clone(&self.awaited).try_acquire_owned().map_err(|_| full())?,
            _of_its_network: self.networks.take(network(client), AWAITED_OF_A_NETWORK).ok_or_else(full)?,
        })
    }
}

fn full() -> Error {
    Error::unavailable("too many webhooks are under way").with_store_problem(StoreProblem::Busy)
}
