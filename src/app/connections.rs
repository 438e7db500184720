//! Connections: how many sockets and streams somebody has open on this replica.
//!
//! Requests are counted by the minute, and a socket lasts for hours: without a bound of its own, one
//! caller could keep as many open as the limits let them start.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::App;
use crate::domain::{Caller, Client, Code, Error, Result, UserId};

/// Whose connections are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Owner {
    User(UserId),
    /// Guests of one place.
    Place(String),
}

/// Who has how many open.
#[derive(Debug, Default)]
pub(super) struct Connections {
    open: Mutex<HashMap<Owner, usize>>,
}

impl Connections {
    fn open(&self) -> MutexGuard<'_, HashMap<Owner, usize>> {
        // Nothing panics while it holds the lock.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many are open in all.
    pub(super) fn count(&self) -> usize {
        self.open().values().sum()
    }
}

/// A socket or a stream that counts as open until this is dropped.
#[derive(Debug)]
pub struct Opened {
    app: Arc<App>,
    owner: Owner,
}

impl App {
    /// Counts one more socket or stream of the caller. Guests are counted by place.
    ///
    /// # Errors
    /// `TOO_MANY_CONNECTIONS` when the caller has as many open as they may.
    pub fn open_connection(self: &Arc<Self>, cx: &Caller, client: &Client) -> Result<Opened> {
        let owner = match cx {
            Caller::User(actor) => Owner::User(actor.user_id),
            Caller::Guest => Owner::Place(Self::place(client)),
        };
        let limit = self.settings.max_connections;
        let mut open = self.connections.open();
        let count = open.entry(owner.clone()).or_default();
        if *count >= limit {
            let message = format!("you may have {limit} sockets and streams open at once; close one");
            return Err(Error::new(Code::TooManyConnections, message).with("limit", limit));
        }
        *count += 1;
        drop(open);
        Ok(Opened { app: Arc::clone(self), owner })
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        let mut open = self.app.connections.open();
        if let Some(count) = open.get_mut(&self.owner) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.owner);
            }
        }
    }
}
