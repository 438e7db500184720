//! The objects that `otpwire admin` prints: those of the REST API, and for what it does not have, objects with the
//! names of the GraphQL API, written with underscores.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};

use super::super::output::Record;
pub(super) use crate::rest::{Pool, Timeline, User};
use crate::{domain, rest};

impl Record for User {
    const COLUMNS: &'static [&'static str] =
        &["id", "email", "role", "plan", "is_active", "email_verified", "created_at", "last_login"];
}

/// An API key, without the key.
#[derive(Serialize)]
pub(super) struct ApiKey {
    #[serde(flatten)]
    key: rest::ApiKey,
    /// The address of its user.
    user: String,
}

impl Record for ApiKey {
    const COLUMNS: &'static [&'static str] =
        &["id", "prefix", "user", "name", "scopes", "created_at", "last_used_at", "expires_at"];
}

impl ApiKey {
    pub(super) fn of(key: domain::ApiKey, user: String) -> Self {
        Self { key: key.into(), user }
    }
}

/// An API key that was just made, with the key, which is shown once.
#[derive(Serialize)]
pub(super) struct CreatedApiKey {
    pub(super) key: String,
    pub(super) api_key: ApiKey,
}

impl Record for CreatedApiKey {
    const COLUMNS: &'static [&'static str] = &["key"];
}

/// A number of the platform.
#[derive(Serialize)]
pub(super) struct PhoneNumber {
    #[serde(flatten)]
    number: rest::PhoneNumber,
    /// The name of the provider that brings its messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    /// The address of the user who rents it.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
}

impl Record for PhoneNumber {
    const COLUMNS: &'static [&'static str] =
        &["id", "phone_number", "country_code", "status", "provider", "user", "expires_at", "granted"];
}

impl PhoneNumber {
    pub(super) fn of(number: domain::Number, provider: Option<String>, user: Option<String>) -> Self {
        Self { number: number.into(), provider, user }
    }
}

impl Record for Pool {
    const COLUMNS: &'static [&'static str] =
        &["id", "name", "cooldown_seconds", "rule", "numbers", "leased", "waiting"];
}

impl Record for Timeline {
    const COLUMNS: &'static [&'static str] = &["message_id", "milliseconds"];
}

/// An account at a provider, without its secrets.
#[derive(Serialize)]
pub(super) struct Provider {
    id: i32,
    name: String,
    kind: String,
    is_active: bool,
    priority: i32,
    rate_limit_per_minute: i32,
    configuration: Map<String, Value>,
    has_address_token: bool,
    webhook_url: String,
    status_callback_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_changed_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_verified_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[serde(flatten)]
    health: Health,
}

/// How a provider is doing: counts of the last 24 hours, and the last events of the last 30 days.
#[derive(Serialize)]
struct Health {
    message_count: i64,
    duplicate_count: i64,
    unroutable_count: i64,
    status_count: i64,
    failure_count: i64,
    refusal_count: i64,
    limited_count: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_message_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_failure_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_refusal_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_refusal_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    clock_offset_seconds: Option<i64>,
    is_clock_off: bool,
    has_weak_secret: bool,
}

impl Record for Provider {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "name",
        "kind",
        "is_active",
        "priority",
        "message_count",
        "failure_count",
        "refusal_count",
        "last_message_at",
    ];
}

impl Provider {
    pub(super) fn of(account: domain::ProviderAccount, health: domain::ProviderHealth, public_url: &str) -> Self {
        Self {
            id: account.id.0,
            webhook_url: format!("{public_url}/v1/webhooks/sms?provider={}", account.name),
            status_callback_url: format!("{public_url}/v1/webhooks/status?provider={}", account.name),
            name: account.name,
            kind: account.kind.as_str().to_owned(),
            is_active: account.is_active,
            priority: account.priority,
            rate_limit_per_minute: account.rate_limit_per_minute,
            configuration: account.configuration,
            has_address_token: account.has_address_token,
            secret_changed_at: account.secret_changed_at,
            secret_verified_at: account.secret_verified_at,
            created_at: account.created_at,
            updated_at: account.updated_at,
            health: Health {
                message_count: health.messages,
                duplicate_count: health.duplicates,
                unroutable_count: health.unroutable,
                status_count: health.statuses,
                failure_count: health.failures,
                refusal_count: health.refusals,
                limited_count: health.limited,
                last_message_at: health.last_message_at,
                last_failure_at: health.last_failure_at,
                last_refusal_at: health.last_refusal_at,
                last_refusal_reason: health.last_refusal,
                clock_offset_seconds: health.clock_offset.map(|offset| offset.num_seconds()),
                is_clock_off: health.is_clock_off,
                has_weak_secret: health.has_weak_secret,
            },
        }
    }
}

/// What became of a webhook.
#[derive(Serialize)]
pub(super) struct DeliveryReport {
    id: i64,
    created_at: DateTime<Utc>,
    kind: &'static str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_message_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
    retry_count: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivered_at: Option<DateTime<Utc>>,
    /// What the provider posted, without what is its renter's alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<Value>,
}

impl Record for DeliveryReport {
    const COLUMNS: &'static [&'static str] =
        &["id", "created_at", "kind", "status", "reason", "provider", "phone_number", "retry_count", "error_message"];
}

impl DeliveryReport {
    /// One of a list, without the payload.
    pub(super) fn listed(report: domain::DeliveryReport, provider: Option<String>) -> Self {
        Self {
            id: report.id.0,
            created_at: report.created_at,
            kind: report.kind.as_str(),
            status: report.status.as_str(),
            reason: report.reason.map(domain::ReportReason::as_str),
            provider,
            phone_number: report.phone_number.map(|number| number.as_str().to_owned()),
            provider_message_id: report.provider_message_id,
            message_id: report.message_id.map(|id| id.0),
            error_message: report.error_message,
            retry_count: report.retry_count,
            provider_status: report.provider_status,
            delivered_at: report.delivered_at,
            payload: None,
        }
    }

    /// One alone, with the payload as far as the operator may see it.
    pub(super) fn whole(report: domain::DeliveryReport, provider: Option<String>) -> Self {
        let payload = report.payload.as_ref().map(|payload| payload.value().clone());
        Self { payload, ..Self::listed(report, provider) }
    }
}
