//! Bodies of requests.

use std::{fmt, marker::PhantomData};

use axum::{
    body::HttpBody,
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::error_code::{OUT_OF_RANGE, code_for};
use crate::{
    domain::{Error, ErrorCode, Result},
    http::{ErrorResponse, read_body, redact_json_error},
};

/// The largest body that is read, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// A JSON object as the body.
pub(in crate::rest) struct JsonBody<T>(pub(in crate::rest) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = ErrorResponse;

    async fn from_request(request: Request, _: &S) -> Result<Self, ErrorResponse> {
        let (parts, body) = request.into_parts();
        let has_no_type = !parts.headers.contains_key(header::CONTENT_TYPE);
        if !is_json(&parts.headers) && !has_no_type {
            return Err(not_json().into());
        }
        match read_body(body, MAX_BODY).await?.as_slice() {
            bytes if has_no_type && !bytes.is_empty() => Err(not_json().into()),
            bytes => Ok(Self(parse(bytes)?)),
        }
    }
}

/// A JSON object as the body, or no body, which means an object without fields.
pub(in crate::rest) struct OptionalJsonBody<T>(pub(in crate::rest) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for OptionalJsonBody<T> {
    type Rejection = ErrorResponse;

    async fn from_request(request: Request, state: &S) -> Result<Self, ErrorResponse> {
        let has_no_type = !request.headers().contains_key(header::CONTENT_TYPE);
        if has_no_type && request.body().is_end_stream() {
            return Ok(Self(parse(b"{}")?));
        }
        JsonBody::from_request(request, state).await.map(|JsonBody(body)| Self(body))
    }
}

fn not_json() -> Error {
    Error::new(ErrorCode::UnsupportedMediaType, "the content type must be application/json")
}

/// Whether the content type is JSON (RFC 8259), or built on it (RFC 6839).
fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || essence.starts_with("application/") && essence.ends_with("+json")
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None => return Err(Error::new(ErrorCode::InvalidRequest, "the body is empty; it must be a JSON object")),
        // serde would read an array as the fields in their order.
        Some(b'[') => {
            return Err(Error::new(ErrorCode::InvalidRequest, "the body must be a JSON object, not an array"));
        }
        Some(_) => {}
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        json_error(error.into_inner(), &path)
    })?;
    reader.end().map_err(|error| json_error(error, "."))?;
    Ok(read)
}

/// What is wrong with a body, with the field if it is known, and the line and column.
fn json_error(error: serde_json::Error, path: &str) -> Error {
    let (line, column) = (error.line(), error.column());
    let text = error.to_string();
    // The position is at the end of the message; the details have it separately.
    let issue = &redact_json_error(text.split(" at line ").next().unwrap_or(&text));
    let malformed = (error.is_syntax() || error.is_eof()) && !issue.starts_with(OUT_OF_RANGE);
    // The path does not include a missing or unknown field; the message quotes it.
    let quotes_field = ["missing", "unknown", "duplicate"]
        .iter()
        .any(|what| issue.strip_prefix(what).is_some_and(|rest| rest.starts_with(" field `")));
    let quoted = issue.split('`').nth(1).filter(|_| quotes_field);
    let field = match (malformed, quoted, path) {
        (true, ..) | (_, None, "." | "") => None,
        (_, Some(field), "." | "") => Some(field.to_owned()),
        // The path may end in an unknown field, and never in a missing one.
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
        Error::new(code_for(issue), message).with("issue", issue.as_str()).with("line", line).with("column", column);
    match field {
        Some(field) => error.with("field", field),
        None => error,
    }
}

/// Deserializes a field of a PATCH request: `Some(None)` for `null`. With `#[serde(default)]`, a missing field is
/// `None`.
pub(in crate::rest) fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// An object within a body. By itself, serde also reads a struct from an array of its fields.
#[derive(Debug)]
pub(in crate::rest) struct Object<T>(pub(in crate::rest) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(fields)).map(Object)
            }
        }

        deserializer.deserialize_map(Fields(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Example {
        #[expect(dead_code, reason = "only deserialized")]
        email: String,
        #[expect(dead_code, reason = "only deserialized")]
        hours: Option<i32>,
    }

    #[test]
    fn errors_name_the_field_or_the_position() {
        for (body, message, field) in [
            ("", "the body is empty; it must be a JSON object", None),
            ("{", "the body is not JSON: EOF while parsing an object at line 1, column 1", None),
            ("{\n  \"email\": x }", "the body is not JSON: expected value at line 2, column 12", None),
            (" [\"x\", 1]", "the body must be a JSON object, not an array", None),
            ("7", "the body is wrong: invalid type: integer, expected an object", None),
            ("{}", "email: missing field `email`", Some("email")),
            ("{\"email\":1}", "email: invalid type: integer, expected a string", Some("email")),
            (
                "{\"email\":\"x\",\"hours\":\"2\"}",
                "hours: invalid type: string, expected a whole number",
                Some("hours"),
            ),
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
