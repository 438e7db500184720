//! Providers, as administrators see them.

use async_graphql::{Context, ID, Object};

use super::{
    provider_kind::ProviderKind,
    scalars::{Int64, Json, Time},
};
use crate::{
    domain::{NodeId, ProviderAccount, ProviderHealth},
    graphql::{
        context::{Nullable, app, caller, loaders, nullable},
        loaders::ProviderHealthKey,
        pagination::connection,
    },
};

/// An account at an SMS provider. Its secrets are never shown.
#[derive(Clone)]
pub(crate) struct ProviderView(pub(crate) ProviderAccount);

/// An account at an SMS provider. Its secrets are never shown.
#[Object(name = "Provider")]
impl ProviderView {
    /// The id, unique over everything.
    pub(crate) async fn id(&self) -> ID {
        NodeId::Provider(self.0.id).into()
    }

    /// The id in the database.
    async fn database_id(&self) -> Int64 {
        self.0.id.0.into()
    }

    /// Which adapter reads it.
    async fn kind(&self) -> ProviderKind {
        ProviderKind(self.0.kind.clone())
    }

    /// The operator's own name for it, which its webhook address carries.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Where its webhooks go, below the address of the platform. A secret that belongs into the address is not shown.
    async fn webhook_path(&self) -> String {
        format!("/v1/webhooks/sms?provider={}", self.0.name)
    }

    /// Where its status callbacks go, below the address of the platform.
    async fn status_callback_path(&self) -> String {
        format!("/v1/webhooks/status?provider={}", self.0.name)
    }

    /// What its adapter has to know of it.
    async fn configuration(&self) -> Json {
        Json(self.0.configuration.clone().into())
    }

    /// Whether its webhooks show a second secret, as `token` in the address.
    async fn has_address_token(&self) -> bool {
        self.0.has_address_token
    }

    /// When its secret was last replaced.
    async fn secret_changed_at(&self) -> Option<Time> {
        self.0.secret_changed_at.map(Into::into)
    }

    /// When a webhook was first verified with the secret that it has now: a test message shows whether a new one is
    /// right. Until then the secret before it is honoured too.
    async fn secret_verified_at(&self) -> Option<Time> {
        self.0.secret_verified_at.map(Into::into)
    }

    /// How it is doing. What happened on other replicas within the last minute may be missing.
    #[graphql(complexity = "1 + child_complexity")]
    async fn health(&self, ctx: &Context<'_>) -> Nullable<HealthView> {
        let found = loaders(ctx).load(ProviderHealthKey(self.0.id)).await;
        nullable(found.map(|found| HealthView(found.unwrap_or_default())))
    }

    /// Whether its webhooks are taken.
    async fn is_active(&self) -> bool {
        self.0.is_active
    }

    /// Whose numbers are rented first: the lowest.
    async fn priority(&self) -> i32 {
        self.0.priority
    }

    /// How many webhooks a minute are taken of it.
    async fn rate_limit_per_minute(&self) -> i32 {
        self.0.rate_limit_per_minute
    }

    /// When it was added.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }

    /// When it was last changed.
    async fn updated_at(&self) -> Time {
        self.0.updated_at.into()
    }
}

connection! {
    ProviderConnection("ProviderConnection", "A page of providers, by id."),
    ProviderEdge("ProviderEdge", "A provider and its cursor.") of ProviderView,
    filtered by (),
    counted by async |ctx: &Context<'_>, (): &()| app(ctx).count_providers(caller(ctx)).await
}

/// How a provider is doing: the figures are of the last 24 hours.
pub(crate) struct HealthView(ProviderHealth);

/// How a provider is doing: the figures are of the last 24 hours.
#[Object(name = "ProviderHealth")]
impl HealthView {
    /// Messages that were stored.
    async fn message_count(&self) -> Int64 {
        Int64(self.0.messages)
    }

    /// Messages that had come before. A provider that repeats many does not get its answers in time.
    async fn duplicate_count(&self) -> Int64 {
        Int64(self.0.duplicates)
    }

    /// Messages to numbers that are not on the platform, or another provider's.
    async fn unroutable_count(&self) -> Int64 {
        Int64(self.0.unroutable)
    }

    /// Status callbacks.
    async fn status_count(&self) -> Int64 {
        Int64(self.0.statuses)
    }

    /// What could not be read, or not be stored.
    async fn failure_count(&self) -> Int64 {
        Int64(self.0.failures)
    }

    /// Requests that were not verified. Anybody can send them.
    async fn refusal_count(&self) -> Int64 {
        Int64(self.0.refusals)
    }

    /// Webhooks beyond `rateLimitPerMinute`.
    async fn limited_count(&self) -> Int64 {
        Int64(self.0.limited)
    }

    /// When the last message was stored, within 30 days.
    async fn last_message_at(&self) -> Option<Time> {
        self.0.last_message_at.map(Into::into)
    }

    /// When something could last not be read or stored, within 30 days.
    async fn last_failure_at(&self) -> Option<Time> {
        self.0.last_failure_at.map(Into::into)
    }

    /// When a request was last not verified, within 30 days.
    async fn last_refusal_at(&self) -> Option<Time> {
        self.0.last_refusal_at.map(Into::into)
    }

    /// By how many seconds its clock is ahead of the platform's, or behind if it is negative, where its messages have a
    /// time of its own: by the fastest message of the last hour that had any, within 24 hours.
    async fn clock_offset_seconds(&self) -> Option<Int64> {
        self.0.clock_offset.map(|offset| Int64(offset.num_seconds()))
    }

    /// Whether its clock is off by more than `clock_skew_seconds`, or all its messages are late by as much. Messages at
    /// the beginning of a rental may then be withheld from their renter.
    async fn is_clock_off(&self) -> bool {
        self.0.is_clock_off
    }

    /// Whether its secret can be guessed: it is one that you chose, and it is short or too regular. Such secrets are
    /// refused now; replace one from before.
    async fn has_weak_secret(&self) -> bool {
        self.0.has_weak_secret
    }

    /// Why it was not verified.
    async fn last_refusal_reason(&self) -> Option<&str> {
        self.0.last_refusal.as_deref()
    }
}
