//! Connections: how many sockets and streams somebody has open on this replica.
//!
//! Requests are counted by the minute, and a socket lasts for hours: without a bound of its own, one
//! caller could keep as many open as the limits let them start.

use crate::{
    app::{App, quota::QuotaPermit, rate_limits::client_network},
    domain::{Caller, Client, Error, ErrorCode, Result, UserId},
};

/// Whose connections are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum ConnectionOwner {
    User(UserId),
    /// Guests of one network.
    Network(String),
}

/// A socket or a stream that counts as open until this is dropped.
#[derive(Debug)]
pub struct ConnectionPermit(#[expect(dead_code, reason = "it is kept to be dropped")] QuotaPermit<ConnectionOwner>);

impl App {
    /// Counts one more socket or stream of the caller. Guests are counted by network.
    ///
    /// # Errors
    /// `TOO_MANY_CONNECTIONS` when the caller has as many open as they may.
    pub fn open_connection(&self, cx: &Caller, client: &Client) -> Result<ConnectionPermit> {
        let owner = match cx {
            Caller::User(actor) => ConnectionOwner::User(actor.user_id),
            Caller::Guest => ConnectionOwner::Network(client_network(client)),
        };
        let limit = self.settings.max_connections;
        self.watching.connections.take(owner, limit).map(ConnectionPermit).ok_or_else(|| {
            let message = format!("you may have {limit} sockets and streams open at once; close one");
            Error::new(ErrorCode::TooManyConnections, message).with("limit", limit)
        })
    }
}
