//! The objects that `otpwire admin` prints, with the names that the REST API has for the same, and for what it does not
//! have those of the GraphQL API, written with underscores.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};

use super::super::output::Record;
use crate::domain;

/// An account.
#[derive(Serialize)]
pub(super) struct User {
    id: i32,
    email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    role: &'static str,
    plan: &'static str,
    is_active: bool,
    email_verified: bool,
    created_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_login: Option<DateTime<Utc>>,
}

impl Record for User {
    const COLUMNS: &'static [&'static str] =
        &["id", "email", "role", "plan", "is_active", "email_verified", "created_at", "last_login"];
}

impl From<domain::User> for User {
    fn from(user: domain::User) -> Self {
        Self {
            id: user.id.0,
            email: user.email,
            first_name: user.first_name,
            last_name: user.last_name,
            role: user.role.as_str(),
            plan: user.plan.as_str(),
            is_active: user.is_active,
            email_verified: user.email_verified,
            created_at: user.created_at,
            last_login: user.last_login,
        }
    }
}

/// An API key, without the key.
#[derive(Serialize)]
pub(super) struct ApiKey {
    id: i32,
    name: String,
    prefix: String,
    /// The address of its user.
    user: String,
    scopes: Vec<&'static str>,
    created_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<DateTime<Utc>>,
}

impl Record for ApiKey {
    const COLUMNS: &'static [&'static str] =
        &["id", "prefix", "user", "name", "scopes", "created_at", "last_used_at", "expires_at"];
}

impl ApiKey {
    pub(super) fn of(key: domain::ApiKey, user: String) -> Self {
        Self {
            id: key.id.0,
            name: key.name,
            prefix: key.prefix,
            user,
            scopes: key.scopes.iter().map(domain::Scope::as_str).collect(),
            created_at: key.created_at,
            last_used_at: key.last_used_at,
            expires_at: key.expires_at,
        }
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
    id: i32,
    phone_number: String,
    country_code: String,
    status: &'static str,
    /// The name of the provider that brings its messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    /// The address of the user who rents it.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    granted: bool,
    created_at: DateTime<Utc>,
}

impl Record for PhoneNumber {
    const COLUMNS: &'static [&'static str] =
        &["id", "phone_number", "country_code", "status", "provider", "user", "expires_at", "granted"];
}

impl PhoneNumber {
    pub(super) fn of(number: domain::Number, provider: Option<String>, user: Option<String>) -> Self {
        Self {
            id: number.id.0,
            phone_number: number.phone_number.as_str().to_owned(),
            country_code: number.country_code.as_str().to_owned(),
            status: number.status.as_str(),
            provider,
            user,
            assigned_at: number.assigned_at,
            expires_at: number.expires_at,
            label: number.label.map(|label| label.as_str().to_owned()),
            granted: number.granted_pool_id.is_some(),
            created_at: number.created_at,
        }
    }
}

/// A set of numbers that workers lease from.
#[derive(Serialize)]
pub(super) struct Pool {
    id: i32,
    name: String,
    cooldown_seconds: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<PoolRule>,
    phone_number_ids: Vec<i32>,
    granted_phone_number_ids: Vec<i32>,
    numbers: u64,
    leased: u64,
    waiting: u64,
}

/// Which of the rented numbers belong to a pool.
#[derive(Serialize)]
struct PoolRule {
    #[serde(skip_serializing_if = "Option::is_none")]
    country_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
}

impl Record for Pool {
    const COLUMNS: &'static [&'static str] =
        &["id", "name", "cooldown_seconds", "rule", "numbers", "leased", "waiting"];
}

impl From<domain::Pool> for Pool {
    fn from(pool: domain::Pool) -> Self {
        let ids = |ids: Vec<domain::NumberId>| ids.into_iter().map(|id| id.0).collect();
        Self {
            id: pool.id.0,
            name: pool.name.as_str().to_owned(),
            cooldown_seconds: pool.cooldown.seconds(),
            rule: pool.rule.map(|rule| PoolRule {
                country_code: rule.country_code.map(|code| code.as_str().to_owned()),
                label: rule.label.map(|label| label.as_str().to_owned()),
            }),
            phone_number_ids: ids(pool.number_ids),
            granted_phone_number_ids: ids(pool.granted_ids),
            numbers: pool.numbers,
            leased: pool.leased,
            waiting: pool.waiting,
        }
    }
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
