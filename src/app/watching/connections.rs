//! Opening WebSockets and streams.

use super::{
    connection_limit::{ConnectionOwner, ConnectionPermit},
    live_measures::Transport,
};
use crate::{
    app::{App, rate_limits::client_network},
    domain::{Caller, Client, Error, ErrorCode, Result},
};

impl App {
    /// Counts one more socket or stream of the caller, until the permit is dropped. Guests are counted by network.
    ///
    /// # Errors
    /// `TOO_MANY_CONNECTIONS` when the caller has as many open as allowed.
    pub fn open_connection(&self, cx: &Caller, client: &Client, transport: Transport) -> Result<ConnectionPermit> {
        self.take_connection(owner_of(cx, client), transport)
    }

    /// Counts an open socket for another caller: its client has introduced itself. Nothing changes if it is the same
    /// caller, who may have no place left.
    ///
    /// # Errors
    /// `TOO_MANY_CONNECTIONS` when the caller has as many open as allowed.
    pub fn reassign_connection(&self, permit: &mut ConnectionPermit, cx: &Caller, client: &Client) -> Result<()> {
        let owner = owner_of(cx, client);
        if *permit.owner() != owner {
            *permit = self.take_connection(owner, permit.transport())?;
        }
        Ok(())
    }

    fn take_connection(&self, owner: ConnectionOwner, transport: Transport) -> Result<ConnectionPermit> {
        let limit = self.settings.max_connections;
        let taken = self.watching.connections.take(owner, limit, transport, &self.watching.measures);
        taken.ok_or_else(|| {
            let message = format!("you may have {limit} sockets and streams open at once; close one");
            Error::new(ErrorCode::TooManyConnections, message).with("limit", limit)
        })
    }
}

fn owner_of(cx: &Caller, client: &Client) -> ConnectionOwner {
    match cx {
        Caller::User(actor) => ConnectionOwner::User(actor.user_id),
        Caller::Guest => ConnectionOwner::Network(client_network(client)),
    }
}
