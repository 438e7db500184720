//! Providers. For administrators.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use crate::{
    domain::{NewProvider, NodeId, ProviderChange},
    graphql::{
        answer::{Answer, answer, app, caller},
        types::{ProviderKind, ProviderView},
    },
};

/// An account at an SMS provider.
#[derive(InputObject)]
struct CreateProviderInput {
    /// Which adapter reads it.
    kind: ProviderKind,
    /// Your own name for it, which its webhook address carries: letters, digits, hyphens, underscores and dots.
    name: String,
    /// What its webhooks are signed with. It is kept sealed and never shown.
    #[graphql(secret)]
    secret: String,
    /// Whether its webhooks are taken. By default they are.
    is_active: Option<bool>,
    /// Whose numbers are rented first: 1 to 1000, the lowest. The default is 1.
    priority: Option<i32>,
    /// How many webhooks a minute are taken of it: 1 to 1000000. The default is 100.
    rate_limit_per_minute: Option<i32>,
}

/// The new account.
#[derive(SimpleObject)]
struct CreateProviderPayload {
    /// The account.
    provider: ProviderView,
}

/// What changes about an account. What is left out stays.
#[derive(InputObject)]
struct UpdateProviderInput {
    /// The account.
    provider_id: ID,
    /// A new secret.
    #[graphql(secret)]
    secret: Option<String>,
    /// Whether its webhooks are taken.
    is_active: Option<bool>,
    /// Whose numbers are rented first: 1 to 1000, the lowest.
    priority: Option<i32>,
    /// How many webhooks a minute are taken of it: 1 to 1000000.
    rate_limit_per_minute: Option<i32>,
}

/// The account.
#[derive(SimpleObject)]
struct UpdateProviderPayload {
    /// The account as it is now.
    provider: ProviderView,
}

/// Providers.
#[derive(Default)]
pub(in crate::graphql) struct ProviderMutation;

/// Providers.
#[Object]
impl ProviderMutation {
    /// Adds an account at an SMS provider. For administrators.
    async fn create_provider(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account.")] input: CreateProviderInput,
    ) -> Answer<CreateProviderPayload> {
        let created = async {
            caller(ctx).admin()?;
            let settings = ProviderChange::new(input.is_active, input.priority, input.rate_limit_per_minute)?;
            let new = NewProvider::new(input.kind.into(), &input.name, settings)?;
            let account = app(ctx).create_provider(caller(ctx), &new, &input.secret.into()).await?;
            Ok(CreateProviderPayload { provider: ProviderView(account) })
        };
        answer(created.await)
    }

    /// Changes an account at an SMS provider; every replica goes by it within seconds. For administrators.
    async fn update_provider(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateProviderInput,
    ) -> Answer<UpdateProviderPayload> {
        let updated = async {
            caller(ctx).admin()?;
            let id = NodeId::provider("providerId", &input.provider_id)?;
            let change = ProviderChange::new(input.is_active, input.priority, input.rate_limit_per_minute)?;
            let secret = input.secret.map(Into::into);
            let account = app(ctx).update_provider(caller(ctx), id, change, secret.as_ref()).await?;
            Ok(UpdateProviderPayload { provider: ProviderView(account) })
        };
        answer(updated.await)
    }
}
