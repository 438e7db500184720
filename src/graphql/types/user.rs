//! Users.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object};

use super::scalars::{Int64, Time};
use crate::{
    domain::{self, NodeId, User, UserFilter},
    graphql::{
        context::{app, caller},
        pagination::connection,
    },
};

/// What a user may do.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Role", name = "UserRole")]
pub(crate) enum UserRole {
    /// Rent numbers and read their messages.
    User,
    /// Run the platform.
    Admin,
}

/// What a user pays for.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Plan", name = "UserPlan")]
pub(crate) enum UserPlan {
    /// Nothing.
    Free,
    /// More numbers at once, and more requests a minute.
    Premium,
}

/// An account.
#[derive(Clone)]
pub(crate) struct UserView(pub(crate) Arc<User>);

impl From<User> for UserView {
    fn from(user: User) -> Self {
        Self(Arc::new(user))
    }
}

/// An account.
#[Object(name = "User")]
impl UserView {
    /// The id, unique over everything.
    pub(crate) async fn id(&self) -> ID {
        NodeId::User(self.0.id).into()
    }

    /// The id that the REST API uses.
    async fn database_id(&self) -> Int64 {
        self.0.id.0.into()
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
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }

    /// When the user last signed in.
    async fn last_login(&self) -> Option<Time> {
        self.0.last_login.map(Time)
    }
}

connection! {
    UserConnection("UserConnection", "A page of users, by id."),
    UserEdge("UserEdge", "A user and their cursor.") of UserView,
    filtered by UserFilter,
    counted by async |ctx: &Context<'_>, filter: &UserFilter| app(ctx).count_users(caller(ctx), filter).await
}

/// Which users to list.
#[derive(Default, InputObject)]
#[graphql(name = "UserFilter")]
pub(crate) struct UserFilterInput {
    /// Only those whose address has this in it, in whatever case.
    email_contains: Option<String>,
    /// Only those who may do this.
    role: Option<UserRole>,
    /// Only those of this plan.
    plan: Option<UserPlan>,
    /// Only those who may sign in, or only those who may not.
    is_active: Option<bool>,
}

impl From<UserFilterInput> for UserFilter {
    fn from(input: UserFilterInput) -> Self {
        Self {
            email_contains: input.email_contains,
            role: input.role.map(Into::into),
            plan: input.plan.map(Into::into),
            is_active: input.is_active,
        }
    }
}
