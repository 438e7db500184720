//! Sessions.

use async_graphql::{ID, Object};

use super::scalars::{Int64, Time};
use crate::domain::{NodeId, Session};

/// One device on which you have signed in.
#[derive(Clone)]
pub(crate) struct SessionView {
    pub(crate) session: Session,
    pub(crate) is_current: bool,
}

/// One device on which you have signed in.
#[Object(name = "Session")]
impl SessionView {
    /// The id, unique over everything.
    pub(crate) async fn id(&self) -> ID {
        NodeId::Session(self.session.id).into()
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
