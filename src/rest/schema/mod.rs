//! The bodies of requests and responses that several handlers share, with the names of the specification (3.1). Their
//! comments are the descriptions in the OpenAPI document.

mod api_key;
mod message;
mod number;
mod pool;
mod timeline;
mod user;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use api_key::ApiKey;
pub(super) use api_key::Scope;
pub(super) use message::{Channel, Message, MessageType};
pub(super) use number::NumberStatus;
pub(crate) use number::PhoneNumber;
pub(crate) use pool::Pool;
pub(super) use pool::Rule;
pub(crate) use timeline::Timeline;
pub(crate) use user::User;
pub(super) use user::{LoggedIn, Plan, Tokens};

/// What went wrong.
#[derive(Serialize, ToSchema)]
pub(super) struct Error {
    /// A title for people.
    #[schema(example = "Validation Error")]
    error: String,
    /// What is wrong, and what would be right.
    #[schema(example = "limit: must be from 1 to 100")]
    message: String,
    /// What went wrong, for programs: one of a closed set.
    #[schema(example = "VALIDATION_ERROR")]
    code: String,
    /// More about it: `field` and `issue` where one value is wrong, `retry_after` in seconds where
    /// waiting helps.
    #[schema(value_type = std::collections::BTreeMap<String, serde_json::Value>)]
    details: serde_json::Value,
    #[schema(example = "2024-01-01T12:00:00Z")]
    timestamp: DateTime<Utc>,
    /// The same as in the `X-Request-Id` header. Tell it to the operator.
    #[schema(example = "req_123456789")]
    request_id: String,
}

/// It is done.
#[derive(Serialize, ToSchema)]
pub(super) struct Done {
    /// A sentence for people.
    #[schema(example = "Done")]
    pub(super) message: &'static str,
}
