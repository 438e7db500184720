//! Connections: how many sockets and streams somebody has open on this replica.
//!
//! Requests are counted by the minute, and a socket lasts for hours: without a bound of its own, one
//! caller could keep as many open as the limits let them start.

use super::{App, counts::Counted};
use crate::domain::{Caller, Client, Code, Error, Result, UserId};

/// Whose connections are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Owner {
    User(UserId),
    /// Guests of one place.
    Place(String),
}

/// A socket or a stream that counts as open until this is dropped.
#[derive(Debug)]
pub struct Opened(#[expect(dead_code, reason = "it is kept to be dropped")] Counted<Owner>);

impl App {
    /// Counts one more socket or stream of the caller. Guests are counted by place.
    ///
    /// # Errors
    /// `TOO_MANY_CONNECTIONS` when the caller has as many open as they may.
    pub fn open_connection(&self, cx: &Caller, client: &Client) -> Result<Opened> {
        let owner = match cx {
            Caller::User(actor) => Owner::User(actor.user_id),
            Caller::Guest => Owner::Place(Self::place(client)),
        };
        let limit = self.settings.max_connections;
        self.connections.take(owner, limit).map(Opened).ok_or_else(|| {
            let message = format!("you may have {limit} sockets and streams open at once; close one");
            Error::new(Code::TooManyConnections, message).with("limit", limit)
        })
    }
}
