//! Sessions and API keys.

use async_graphql::{Enum, ID, Object};

use super::{Int64, Time};
use crate::domain::{self, ApiKey, NodeId, Session};

/// One device on which you have signed in.
#[derive(Clone)]
pub(in crate::graphql) struct SessionView {
    pub(in crate::graphql) session: Session,
    pub(in crate::graphql) is_current: bool,
}

/// One device on which you have signed in.
#[Object(name = "Session")]
impl SessionView {
    /// The id, unique over everything.
    pub(in crate::graphql) async fn id(&self) -> ID {
        NodeId::Session(self.session.id).to_string().into()
    }

    /// The id that the REST API uses.
    async fn database_id(&self) -> Int64 {
        self.session.id.0.into()
    }

    /// What the program calls itself.
    async fn user_agent(&self) -> Option<&str> {
        self.session.user_agent.as_deref()
    }

    /// Where it was last seen.
    async fn ip_address(&self) -> Option<String> {
        self.session.ip_address.map(|address| address.to_string())
    }

    /// When it began.
    async fn created_at(&self) -> Time {
        self.session.created_at.into()
    }

    /// When it last took an access token.
    async fn last_used_at(&self) -> Time {
        self.session.last_used_at.into()
    }

    /// When it ends, unless it is used before.
    async fn expires_at(&self) -> Time {
        self.session.expires_at.into()
    }

    /// Whether it is the one that asks.
    async fn is_current(&self) -> bool {
        self.is_current
    }
}

/// What an API key is good for.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Scope")]
pub(in crate::graphql) enum ApiKeyScope {
    /// Read, wait for and watch messages, and mark them as read.
    ReadMessages,
    /// See numbers; rent, extend and release them.
    RentNumbers,
}

/// A key with which a program acts for you.
#[derive(Clone)]
pub(in crate::graphql) struct ApiKeyView(pub(in crate::graphql) ApiKey);

/// A key with which a program acts for you.
#[Object(name = "ApiKey")]
impl ApiKeyView {
    /// The id, unique over everything.
    pub(in crate::graphql) async fn id(&self) -> ID {
        NodeId::ApiKey(self.0.id).to_string().into()
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
