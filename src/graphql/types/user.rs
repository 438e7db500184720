//! Users.

use std::sync::Arc;

use async_graphql::{Enum, ID, Object};
use chrono::{DateTime, Utc};

use crate::domain::{self, NodeId, User};

/// What a user may do.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Role", name = "UserRole")]
pub(in crate::graphql) enum UserRole {
    /// Rent numbers and read their messages.
    User,
    /// Run the platform.
    Admin,
}

/// What a user pays for.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Plan", name = "UserPlan")]
pub(in crate::graphql) enum UserPlan {
    /// Nothing.
    Free,
    /// More numbers at once, and more requests a minute.
    Premium,
}

/// An account.
pub(in crate::graphql) struct UserView(pub(in crate::graphql) Arc<User>);

/// An account.
#[Object(name = "User")]
impl UserView {
    /// The id, unique over everything.
    pub(in crate::graphql) async fn id(&self) -> ID {
        NodeId::User(self.0.id).to_string().into()
    }

    /// The id that the REST API uses.
    async fn database_id(&self) -> i32 {
        self.0.id.0
    }

    /// The e-mail address, in lower case.
    async fn email(&self) -> &str {
        &self.0.email
    }

    /// Given name.
    async fn first_name(&self) -> Option<&str> {
        self.0.first_name.as_deref()
    }

    /// Family name.
    async fn last_name(&self) -> Option<&str> {
        self.0.last_name.as_deref()
    }

    /// What the user may do.
    async fn role(&self) -> UserRole {
        self.0.role.into()
    }

    /// What the user pays for.
    async fn plan(&self) -> UserPlan {
        self.0.plan.into()
    }

    /// Whether the user may sign in.
    async fn is_active(&self) -> bool {
        self.0.is_active
    }

    /// Whether the address was shown to be the user's.
    async fn email_verified(&self) -> bool {
        self.0.email_verified
    }

    /// When the account was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When the user last signed in.
    async fn last_login(&self) -> Option<DateTime<Utc>> {
        self.0.last_login
    }
}
