//! Queries of requests.

use axum::{extract::FromRequestParts, http::request::Parts};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use super::error_code::code_for;
use crate::{
    domain::{Error, NumberId, Result},
    http::ErrorResponse,
};

/// The query of a request. A repeated or an unknown parameter is an error, so that no misspelled one is ignored.
pub(in crate::rest) struct QueryParams<T>(pub(in crate::rest) T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for QueryParams<T> {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ErrorResponse> {
        let query = parts.uri.query().unwrap_or_default();
        let reader = serde_urlencoded::Deserializer::new(url::form_urlencoded::parse(query.as_bytes()));
        let read = serde_path_to_error::deserialize(reader).map_err(|error| {
            let (path, issue) = (error.path().to_string(), error.inner().to_string());
            let quoted = issue.split('`').nth(1).filter(|_| issue.contains(" field `")).map(str::to_owned);
            let field = quoted.unwrap_or(path);
            Error::new(code_for(&issue), format!("{field}: {issue}")).with("field", field).with("issue", issue)
        })?;
        Ok(Self(read))
    }
}

/// The id of a number in a query. No number has one that is too large.
pub(in crate::rest) fn number_id(id: i64) -> NumberId {
    NumberId(id.try_into().unwrap_or(-1))
}

/// Deserializes a time of a query, in which an unescaped `+` has become a space.
pub(in crate::rest) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let text = text.replace(' ', "+");
    let time = DateTime::parse_from_rfc3339(&text)
        .map_err(|_| serde::de::Error::custom("must be a time such as 2026-03-01T12:00:00Z (RFC 3339)"))?;
    Ok(Some(time.to_utc()))
}

/// A sender of a query, in which an unescaped `+` has become a space.
pub(in crate::rest) fn sender(text: &str) -> String {
    match text.strip_prefix(' ') {
        Some(number) => format!("+{number}"),
        None => text.to_owned(),
    }
}
