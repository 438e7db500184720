//! API keys.

use async_graphql::{Enum, ID, Object};

use super::scalars::{Int64, Time};
use crate::domain::{self, ApiKey, NodeId};

/// What an API key is good for.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Scope")]
pub(crate) enum ApiKeyScope {
    /// Read, wait for and watch messages, and mark them as read.
    ReadMessages,
    /// See numbers; rent, extend and release them.
    RentNumbers,
    /// Lease numbers, and read what arrives during a lease.
    LeaseNumbers,
}

/// A key with which a program acts for you.
#[derive(Clone)]
pub(crate) struct ApiKeyView(pub(crate) ApiKey);

/// A key with which a program acts for you.
#[Object(name = "ApiKey")]
impl ApiKeyView {
    /// The id, unique over everything.
    pub(crate) async fn id(&self) -> ID {
        NodeId::ApiKey(self.0.id).into()
    }

    /// The id that the REST API uses.
    async fn database_id(&self) -> Int64 {
        self.0.id.0.into()
    }

    /// What you call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// How the key begins.
    async fn prefix(&self) -> &str {
        &self.0.prefix
    }

    /// What it is good for.
    async fn scopes(&self) -> Vec<ApiKeyScope> {
        self.0.scopes.iter().map(ApiKeyScope::from).collect()
    }

    /// When it was made.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }

    /// When it was last used, to the minute.
    async fn last_used_at(&self) -> Option<Time> {
        self.0.last_used_at.map(Time)
    }

    /// When it ends, if it does.
    async fn expires_at(&self) -> Option<Time> {
        self.0.expires_at.map(Time)
    }
}
