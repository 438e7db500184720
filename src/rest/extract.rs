//! What handlers read of a request, with errors that say what is wrong and where.

use std::sync::Arc;

use axum::{
    body::HttpBody,
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{HeaderMap, HeaderName, header, request::Parts},
};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use crate::{
    domain::{Caller, Client, Error, ErrorCode, IdempotencyKey, NumberId, Result},
    http::{ErrorResponse, RequestIdentity, read_body, redact_json_error},
};

/// The largest body that is read, in bytes.
pub(super) const MAX_BODY: usize = 64 * 1024;

/// Somebody with a valid credential. Everybody else is refused before a body is read.
pub(super) struct Member {
    pub(super) caller: Caller,
    pub(super) client: Arc<Client>,
}

impl<S: Sync> FromRequestParts<S> for Member {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ErrorResponse> {
        let identity = RequestIdentity::from_request_parts(parts, state).await?;
        let caller = identity.caller()?;
        caller.user()?;
        Ok(Self { caller, client: identity.client })
    }
}

/// A JSON body.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ErrorResponse;

    async fn from_request(request: Request, _: &S) -> Result<Self, ErrorResponse> {
        let (parts, body) = request.into_parts();
        let says_nothing = !parts.headers.contains_key(header::CONTENT_TYPE);
        if !is_json(&parts.headers) && !says_nothing {
            return Err(not_json().into());
        }
        match read_body(body, MAX_BODY).await?.as_slice() {
            bytes if says_nothing && !bytes.is_empty() => Err(not_json().into()),
            bytes => Ok(Self(parse(bytes)?)),
        }
    }
}

/// A JSON body that may be left out: then all that it could say is as it is by default.
pub(super) struct MaybeBody<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for MaybeBody<T> {
    type Rejection = ErrorResponse;

    async fn from_request(request: Request, state: &S) -> Result<Self, ErrorResponse> {
        let says_nothing = !request.headers().contains_key(header::CONTENT_TYPE);
        if says_nothing && request.body().is_end_stream() {
            return Ok(Self(parse(b"{}")?));
        }
        Body::from_request(request, state).await.map(|Body(body)| Self(body))
    }
}

fn not_json() -> Error {
    Error::new(ErrorCode::UnsupportedMediaType, "the content type must be application/json")
}

/// Whether a body says that it is JSON (RFC 8259, or a type that is built on it: RFC 6839).
fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || essence.starts_with("application/") && essence.ends_with("+json")
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None => return Err(Error::new(ErrorCode::InvalidRequest, "the body is empty; it must be a JSON object")),
        // The library would read an array as the fields in their order.
        Some(b'[') => {
            return Err(Error::new(ErrorCode::InvalidRequest, "the body must be a JSON object, not an array"));
        }
        Some(_) => {}
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        explain(error.into_inner(), &path)
    })?;
    reader.end().map_err(|error| explain(error, "."))?;
    Ok(read)
}

/// What is wrong with a body: the field where it can be told, and the place.
fn explain(error: serde_json::Error, path: &str) -> Error {
    let (line, column) = (error.line(), error.column());
    let text = error.to_string();
    // The library ends its sentences with the place, which is told beside them.
    let issue = &redact_json_error(text.split(" at line ").next().unwrap_or(&text));
    let malformed = error.is_syntax() || error.is_eof();
    // A field that is missing or unknown is named in the sentence alone.
    let names_a_field = ["missing", "unknown", "duplicate"]
        .iter()
        .any(|what| issue.strip_prefix(what).is_some_and(|rest| rest.starts_with(" field `")));
    let quoted = issue.split('`').nth(1).filter(|_| names_a_field);
    let field = match (malformed, quoted, path) {
        (true, ..) | (_, None, "." | "") => None,
        (_, Some(field), "." | "") => Some(field.to_owned()),
        // An unknown field is where the reader was; a missing one is below that.
        (_, Some(field), path) if path == field || path.ends_with(&format!(".{field}")) => Some(path.to_owned()),
        (_, Some(field), path) => Some(format!("{path}.{field}")),
        (_, None, path) => Some(path.to_owned()),
    };
    let message = match (&field, malformed) {
        (Some(field), _) => format!("{field}: {issue}"),
        (None, true) => format!("the body is not JSON: {issue} at line {line}, column {column}"),
        (None, false) => format!("the body is wrong: {issue}"),
    };
    let error =
        Error::new(code_of(issue), message).with("issue", issue.as_str()).with("line", line).with("column", column);
    match field {
        Some(field) => error.with("field", field),
        None => error,
    }
}

/// A value that is none of those that there are, or too large, is well-formed and breaks a rule; anything
/// else cannot be read.
fn code_of(issue: &str) -> ErrorCode {
    let breaks_a_rule = ["unknown variant", "invalid value"].iter().any(|what| issue.starts_with(what));
    if breaks_a_rule { ErrorCode::ValidationError } else { ErrorCode::InvalidRequest }
}

/// The query of an address. Each parameter once, and none that is not known: one that is misspelled
/// would be missed otherwise.
pub(super) struct Params<T>(pub(super) T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ErrorResponse> {
        let query = parts.uri.query().unwrap_or_default();
        let reader = serde_urlencoded::Deserializer::new(url::form_urlencoded::parse(query.as_bytes()));
        let read = serde_path_to_error::deserialize(reader).map_err(|error| {
            let (path, issue) = (error.path().to_string(), error.inner().to_string());
            let quoted = issue.split('`').nth(1).filter(|_| issue.contains(" field `")).map(str::to_owned);
            let field = quoted.unwrap_or(path);
            Error::new(code_of(&issue), format!("{field}: {issue}")).with("field", field).with("issue", issue)
        })?;
        Ok(Self(read))
    }
}

/// The id in a path. Whole numbers that are no id of ours name nothing; anything else is a mistake.
pub(super) struct Id(i64);

impl Id {
    /// The id, where ids have 32 bits.
    pub(super) fn small(&self, what: &str) -> Result<i32> {
        self.0.try_into().map_err(|_| Error::not_found(what))
    }

    /// The id, where ids have 64 bits.
    pub(super) fn large(&self) -> i64 {
        self.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ErrorResponse> {
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| bad_id())?;
        let digits = text.strip_prefix('-').unwrap_or(&text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(bad_id().into());
        }
        // No id is as large as what does not fit.
        Ok(Self(text.parse().unwrap_or(-1)))
    }
}

/// A request that its client may repeat, by its `Idempotency-Key`
/// (<https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>).
pub(super) struct Repeatable(pub(super) Option<IdempotencyKey>);

/// The header that names a request.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

impl<S: Sync> FromRequestParts<S> for Repeatable {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ErrorResponse> {
        let Some(value) = parts.headers.get(IDEMPOTENCY_KEY) else { return Ok(Self(None)) };
        let text = String::from_utf8_lossy(value.as_bytes());
        Ok(Self(Some(IdempotencyKey::parse("idempotency_key", &text)?)))
    }
}

fn bad_id() -> Error {
    Error::new(ErrorCode::InvalidRequest, "id: must be a whole number")
        .with("field", "id")
        .with("issue", "must be a whole number")
}

/// The id of a number in a query. One that is too large is no number's.
pub(super) fn number_id(id: i64) -> NumberId {
    NumberId(id.try_into().unwrap_or(-1))
}

/// What a client sets, or removes with `null`; without the field it stays.
pub(super) fn set_or_remove<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Reads a time of a query, where an unescaped `+` has become a space.
pub(super) fn time<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<chrono::DateTime<chrono::Utc>>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let text = text.replace(' ', "+");
    let time = chrono::DateTime::parse_from_rfc3339(&text)
        .map_err(|_| serde::de::Error::custom("must be a time such as 2026-03-01T12:00:00Z (RFC 3339)"))?;
    Ok(Some(time.to_utc()))
}

/// Reads a sender of a query, where an unescaped `+` has become a space.
pub(super) fn sender(text: &str) -> String {
    match text.strip_prefix(' ') {
        Some(number) => format!("+{number}"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Example {
        #[expect(dead_code, reason = "it is there to be read")]
        email: String,
        #[expect(dead_code, reason = "it is there to be read")]
        hours: Option<i32>,
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (body, message, field) in [
            ("", "the body is empty; it must be a JSON object", None),
            ("{", "the body is not JSON: EOF while parsing an object at line 1, column 1", None),
            ("{\n  \"email\": x }", "the body is not JSON: expected value at line 2, column 12", None),
            (" [\"x\", 1]", "the body must be a JSON object, not an array", None),
            ("7", "the body is wrong: invalid type: integer, expected struct Example", None),
            ("{}", "email: missing field `email`", Some("email")),
            ("{\"email\":1}", "email: invalid type: integer, expected a string", Some("email")),
            ("{\"email\":\"x\",\"hours\":\"2\"}", "hours: invalid type: string, expected i32", Some("hours")),
            ("{\"mail\":\"x\"}", "mail: unknown field `mail`, expected `email` or `hours`", Some("mail")),
            ("{\"email\":\"x\",\"email\":\"y\"}", "email: duplicate field `email`", Some("email")),
            ("{\"email\":\"x\"} x", "the body is not JSON: trailing characters at line 1, column 15", None),
        ] {
            let error = parse::<Example>(body.as_bytes()).unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidRequest);
            assert_eq!(error.message(), message);
            assert_eq!(error.details().get("field").and_then(serde_json::Value::as_str), field, "{body}");
        }
    }
}
