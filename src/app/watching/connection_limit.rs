//! How many sockets and streams somebody may have open on this replica.
//!
//! Rate limits count requests by the minute, but a socket lasts for hours: without a limit of its own, one caller
//! could keep as many open as the rate limits let them start.

use super::live_measures::{LiveMeasures, OpenCount, Transport};
use crate::{
    app::quota::{QuotaPermit, Quotas},
    domain::UserId,
};

/// Who connections are counted for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum ConnectionOwner {
    User(UserId),
    /// The guests of one network.
    Network(String),
}

/// Counts as one open socket or stream until it is dropped.
#[derive(Debug)]
pub struct ConnectionPermit {
    permit: QuotaPermit<ConnectionOwner>,
    transport: Transport,
    _open: OpenCount,
}

impl ConnectionPermit {
    pub(super) fn owner(&self) -> &ConnectionOwner {
        self.permit.owner()
    }

    pub(super) fn transport(&self) -> Transport {
        self.transport
    }
}

/// Counts open connections by owner.
#[derive(Debug, Default)]
pub(super) struct ConnectionLimit(Quotas<ConnectionOwner>);

impl ConnectionLimit {
    /// Counts one more, unless its owner has `limit` already.
    pub(super) fn take(
        &self,
        owner: ConnectionOwner,
        limit: usize,
        transport: Transport,
        measures: &LiveMeasures,
    ) -> Option<ConnectionPermit> {
        let permit = self.0.take(owner, limit)?;
        Some(ConnectionPermit { permit, transport, _open: measures.open_socket(transport) })
    }

    pub(super) fn total(&self) -> usize {
        self.0.total()
    }
}
