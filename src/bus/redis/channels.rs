//! The names of Redis channels.

use std::sync::Arc;

use crate::domain::UserId;

/// The names of channels. Redis publish/subscribe ignores the numbers of databases, so what separates two deployments
/// on one Redis is a prefix that only replicas with the same root key know.
#[derive(Clone, Debug)]
pub(super) struct ChannelNames(Arc<str>);

impl ChannelNames {
    pub(super) fn new(namespace: &str) -> Self {
        Self(format!("otpwire:{namespace}:").into())
    }

    /// The channel of an inbox.
    pub(super) fn inbox(&self, inbox: UserId) -> String {
        format!("{}inbox:{inbox}", self.0)
    }

    /// The inbox of a channel, if it is one of an inbox.
    pub(super) fn inbox_of(&self, channel: &str) -> Option<UserId> {
        channel.strip_prefix(&*self.0)?.strip_prefix("inbox:")?.parse().ok().map(UserId)
    }

    /// The channel for changes of users, numbers and leases, which every replica subscribes to.
    pub(super) fn users(&self) -> String {
        format!("{}users", self.0)
    }
}
