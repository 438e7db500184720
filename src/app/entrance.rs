//! The entrance of webhooks: there is room for so many and no more, so that memory is bounded whatever is posted.
//!
//! Whoever knows the name of a provider can begin a webhook, and take all the time that its body may take. So those
//! whose bodies are still to come have no more than a part of the room, and those of one place a part of that: they
//! keep nobody out whose webhook is there.

use std::{net::IpAddr, sync::Arc};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    App,
    counts::{Counted, Counts},
    limits::network,
};
use crate::domain::{Client, Error, Reason, Result};

/// How many webhooks may be under way besides those whose messages fill the queue: being read, verified, counted.
/// Each may have a body of 64 KiB.
const BEFORE_THE_QUEUE: usize = 1024;
/// How many of all may wait for their bodies, if these did not come with their heads.
const AWAITED: usize = 1024;
/// How many of them may come from one place: an address, or an IPv6 network of 64 bits.
const AWAITED_OF_A_PLACE: usize = 256;

#[derive(Debug)]
pub(super) struct Entrance {
    room: Arc<Semaphore>,
    awaited: Arc<Semaphore>,
    places: Counts<Option<IpAddr>>,
}

/// A webhook whose body is to come, until this is dropped.
#[derive(Debug)]
pub struct Awaited {
    _one: OwnedSemaphorePermit,
    _of_its_place: Counted<Option<IpAddr>>,
}

impl Entrance {
    /// For a queue of so many messages.
    pub(super) fn new(queue: usize) -> Self {
        Self {
            room: Arc::new(Semaphore::new(queue.max(AWAITED) + BEFORE_THE_QUEUE)),
            awaited: Arc::new(Semaphore::new(AWAITED)),
            places: Counts::default(),
        }
    }
}

impl App {
    /// Makes room for one more webhook, for as long as what is returned is kept.
    ///
    /// # Errors
    /// `UNAVAILABLE` when there is none.
    pub fn enter_webhook(&self) -> Result<OwnedSemaphorePermit> {
        Arc::clone(&self.entrance.room).try_acquire_owned().map_err(|_| full())
    }

    /// Lets a webhook wait for its body, for as long as what is returned is kept.
    ///
    /// # Errors
    /// `UNAVAILABLE` when too many wait, of all or of the client's place.
    pub fn await_body(&self, client: &Client) -> Result<Awaited> {
        let Entrance { awaited, places, .. } = &self.entrance;
        Ok(Awaited {
            _one: Arc::clone(awaited).try_acquire_owned().map_err(|_| full())?,
            _of_its_place: places.take(network(client), AWAITED_OF_A_PLACE).ok_or_else(full)?,
        })
    }
}

fn full() -> Error {
    Error::unavailable("too many webhooks are under way").because(Reason::Busy)
}
