//! Providers. For administrators.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use secrecy::ExposeSecret;
use serde_json::{Map, Value};

use crate::{
    app::providers::NewSecrets,
    domain::{self, NewProvider, NodeId, ProviderChange},
    graphql::{
        context::{Nullable, app, caller, nullable},
        types::{provider::ProviderView, provider_kind::ProviderKind, scalars::Json},
    },
};

/// An account at an SMS provider.
#[derive(InputObject)]
struct CreateProviderInput {
    /// Which adapter reads it.
    kind: ProviderKind,
    /// Your own name for it, which its webhook address carries: letters, digits, hyphens, underscores and dots.
    name: String,
    /// What its webhooks are signed with: see `providerKinds` for what it is. It is kept sealed and never shown. One
    /// that you choose has at least 16 characters and is hard to guess; without it, one is generated.
    #[graphql(secret)]
    secret: Option<String>,
    /// A second secret, which its webhooks have to show as `token` in their address: 16 to 200 letters, digits,
    /// hyphens, underscores, dots or tildes. It is kept sealed and never shown.
    #[graphql(secret)]
    address_token: Option<String>,
    /// What its adapter has to know, an object: see `providerKinds` for its settings. It must not contain secrets.
    configuration: Option<Json>,
    /// Whether its webhooks are taken. By default they are.
    is_active: Option<bool>,
    /// Whose numbers are rented first: 1 to 1000, the lowest. The default is 1.
    priority: Option<i32>,
    /// How many webhooks a minute are taken of it: 1 to 1000000. The default is 60000.
    rate_limit_per_minute: Option<i32>,
}

/// The new account.
#[derive(SimpleObject)]
struct CreateProviderPayload {
    /// The account.
    provider: ProviderView,
    /// The secret that was generated, if none was given. It is shown here and never again.
    generated_secret: Option<String>,
}

/// What changes about an account. What is left out stays.
#[derive(InputObject)]
struct UpdateProviderInput {
    /// The account.
    provider_id: ID,
    /// A new secret. The one before it is honoured until a webhook has been verified with the new one, so that nothing
    /// is lost while the provider is told.
    #[graphql(secret)]
    secret: Option<String>,
    /// Whether the secret before stops at once. For one that has leaked.
    #[graphql(default)]
    end_previous_secret: bool,
    /// A new second secret in the address. An empty one takes it away.
    #[graphql(secret)]
    address_token: Option<String>,
    /// What its adapter has to know, as a whole.
    configuration: Option<Json>,
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
pub(crate) struct ProviderMutation;

/// Providers.
#[Object]
impl ProviderMutation {
    /// Adds an account at an SMS provider. For administrators.
    async fn create_provider(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account.")] input: CreateProviderInput,
    ) -> Nullable<CreateProviderPayload> {
        let created = async {
            caller(ctx).admin()?;
            let settings = ProviderChange::new(input.is_active, input.priority, input.rate_limit_per_minute)?;
            let settings = settings.with_configuration(configuration(input.configuration)?);
            let new = NewProvider::new(input.kind.0, &input.name, settings)?;
            let generated = match &input.secret {
                Some(_) => None,
                None => app(ctx).generate_provider_secret(&new)?,
            };
            let secrets = NewSecrets {
                secret: input.secret.map(Into::into).or_else(|| generated.clone()),
                address_token: input.address_token.map(Into::into),
                ends_previous: false,
            };
            let account = app(ctx).create_provider(caller(ctx), &new, &secrets).await?;
            let generated_secret = generated.map(|secret| secret.expose_secret().to_owned());
            Ok(CreateProviderPayload { provider: ProviderView(account), generated_secret })
        };
        nullable(created.await)
    }

    /// Changes an account at an SMS provider; every replica goes by it within seconds. For administrators.
    async fn update_provider(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateProviderInput,
    ) -> Nullable<UpdateProviderPayload> {
        let updated = async {
            caller(ctx).admin()?;
            let id = NodeId::provider("providerId", &input.provider_id)?;
            let change = ProviderChange::new(input.is_active, input.priority, input.rate_limit_per_minute)?;
            let change = change.with_configuration(configuration(input.configuration)?);
            let secrets = NewSecrets {
                secret: input.secret.map(Into::into),
                address_token: input.address_token.map(Into::into),
                ends_previous: input.end_previous_secret,
            };
            let account = app(ctx).update_provider(caller(ctx), id, change, &secrets).await?;
            Ok(UpdateProviderPayload { provider: ProviderView(account) })
        };
        nullable(updated.await)
    }
}

fn configuration(given: Option<Json>) -> domain::Result<Option<Map<String, Value>>> {
    match given.map(|Json(value)| value) {
        None => Ok(None),
        Some(Value::Object(configuration)) => Ok(Some(configuration)),
        Some(_) => Err(domain::Error::invalid("configuration", "must be an object")),
    }
}
