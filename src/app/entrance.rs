//! The entrance of webhooks: there is room for so many and no more, so that memory is bounded whatever is posted.
//!
//! Whoever knows the name of a provider can post, and take all the time that a body may take. So those who have
//! proved nothing yet have places of their own, and nobody most of them: they keep no message out whose webhook is
//! verified, and, unless they are many, none that is still to be.

use std::{net::IpAddr, sync::Arc};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    App,
    counts::{Counted, Counts},
    limits::network,
};
use crate::domain::{Client, Error, Reason, Result};

/// How many webhooks may be under way that are not verified yet. Each may have a body of 64 KiB.
const STRANGERS: usize = 1024;
/// How many of them may come from one place: an address, or an IPv6 network of 64 bits.
const STRANGERS_OF_A_PLACE: usize = 256;
/// How many verified webhooks may be under way besides those whose messages fill the queue: being counted, read.
const BEFORE_THE_QUEUE: usize = 1024;

#[derive(Debug)]
pub(super) struct Entrance {
    strangers: Arc<Semaphore>,
    places: Counts<Option<IpAddr>>,
    verified: Arc<Semaphore>,
}

/// A webhook that has proved nothing yet. It has its place until this is dropped.
#[derive(Debug)]
pub struct Stranger {
    _stranger: OwnedSemaphorePermit,
    _of_a_place: Counted<Option<IpAddr>>,
    verified: Arc<Semaphore>,
}

impl Entrance {
    /// For a queue of so many messages.
    pub(super) fn new(queue: usize) -> Self {
        Self {
            strangers: Arc::new(Semaphore::new(STRANGERS)),
            places: Counts::default(),
            verified: Arc::new(Semaphore::new(queue + BEFORE_THE_QUEUE)),
        }
    }
}

impl Stranger {
    /// Lets a webhook that has been verified further in, for as long as what is returned is kept.
    ///
    /// # Errors
    /// `UNAVAILABLE` when there is no room.
    pub fn let_in(self) -> Result<OwnedSemaphorePermit> {
        self.verified.try_acquire_owned().map_err(|_| full())
    }
}

impl App {
    /// Makes room for one more webhook, whoever sent it.
    ///
    /// # Errors
    /// `UNAVAILABLE` when there is no room, or the client has taken all of it that anybody may.
    pub fn enter_webhook(&self, client: &Client) -> Result<Stranger> {
        let Entrance { strangers, places, verified } = &self.entrance;
        Ok(Stranger {
            _stranger: Arc::clone(strangers).try_acquire_owned().map_err(|_| full())?,
            _of_a_place: places.take(network(client), STRANGERS_OF_A_PLACE).ok_or_else(full)?,
            verified: Arc::clone(verified),
        })
    }
}

fn full() -> Error {
    Error::unavailable("too many webhooks are under way").because(Reason::Busy)
}
