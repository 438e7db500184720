//! What goes over a GraphQL socket, in both of its dialects.
//!
//! - `graphql-transport-ws`: <https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>
//! - `graphql-ws`, the older one:
//!   <https://github.com/apollographql/subscriptions-transport-ws/blob/master/PROTOCOL.md>

use async_graphql::{Response, ServerError, Value};
use axum::{
    extract::ws::Utf8Bytes,
    http::{HeaderMap, header},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::request::{Parameters, read_object};
use crate::http::redact_json_error;

/// Which dialect a socket speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// `graphql-transport-ws`.
    Modern,
    /// `graphql-ws`.
    Legacy,
}

impl Dialect {
    /// The name of its subprotocol.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Modern => "graphql-transport-ws",
            Self::Legacy => "graphql-ws",
        }
    }

    /// The first dialect of ours that a client offers. Clients list them in the order that they
    /// prefer (RFC 6455, 1.9), and some that offer both speak the first without reading our answer.
    pub(super) fn preferred(headers: &HeaderMap) -> Option<Self> {
        let offers = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|value| value.to_str().ok());
        let mut offers = offers.flat_map(|value| value.split(',')).map(str::trim);
        offers.find_map(|offer| [Self::Modern, Self::Legacy].into_iter().find(|dialect| dialect.name() == offer))
    }
}

/// Why a socket is closed: a code and a reason of at most 123 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Close {
    pub(super) code: u16,
    pub(super) reason: String,
}

impl Close {
    pub(super) fn new(code: u16, reason: impl Into<String>) -> Self {
        let mut reason = reason.into();
        while reason.len() > 123 {
            reason.pop();
        }
        Self { code, reason }
    }
}

/// What a client says.
#[derive(Debug)]
pub(super) enum ClientMessage {
    Init(serde_json::Map<String, serde_json::Value>),
    Subscribe { id: String, parameters: Parameters },
    Complete { id: String },
    Ping(Option<Box<RawValue>>),
    Pong,
    Terminate,
}

#[derive(Deserialize)]
struct Envelope {
    r#type: String,
    id: Option<String>,
    payload: Option<Box<RawValue>>,
}

impl ClientMessage {
    /// Reads a message; one that is not of the dialect closes the socket with 4400 and a reason.
    pub(super) fn read(dialect: Dialect, text: &str) -> Result<Self, Close> {
        let invalid = |reason: String| Close::new(4400, reason);
        let Envelope { r#type: kind, id, payload } = read_object(text.as_bytes())
            .map_err(|error| invalid(format!("Invalid message: {}", redact_json_error(&error.to_string()))))?;
        let id = || id.filter(|id| !id.is_empty()).ok_or_else(|| invalid(format!("Message `{kind}` must have an id")));
        match (dialect, kind.as_str()) {
            (_, "connection_init") => {
                let payload = payload.as_deref().map_or("null", RawValue::get);
                let payload: Option<_> = serde_json::from_str(payload)
                    .map_err(|_| invalid("The payload of `connection_init` must be an object".to_owned()))?;
                Ok(Self::Init(payload.unwrap_or_default()))
            }
            (Dialect::Modern, "subscribe") | (Dialect::Legacy, "start") => {
                let payload = payload.as_deref().map_or("null", RawValue::get);
                let parameters: Parameters = read_object(payload.as_bytes()).map_err(|error| {
                    invalid(format!("Invalid payload of `{kind}`: {}", redact_json_error(&error.to_string())))
                })?;
                if !parameters.names_document() {
                    return Err(invalid(format!("Invalid payload of `{kind}`: query is missing")));
                }
                Ok(Self::Subscribe { id: id()?, parameters })
            }
            (Dialect::Modern, "complete") | (Dialect::Legacy, "stop") => Ok(Self::Complete { id: id()? }),
            (Dialect::Modern, "ping") => Ok(Self::Ping(payload)),
            (Dialect::Modern, "pong") => Ok(Self::Pong),
            (Dialect::Legacy, "connection_terminate") => Ok(Self::Terminate),
            _ => Err(invalid("Invalid message: unknown type".to_owned())),
        }
    }
}

/// What we say.
pub(super) enum ServerMessage<'a> {
    Ack,
    Pong(Option<&'a RawValue>),
    /// The access token is about to end, then. Clients answer with a pong.
    Ping {
        token_expires_at: DateTime<Utc>,
    },
    Next {
        id: &'a str,
        response: &'a Response,
    },
    /// The operation was refused; nothing of it ran.
    Error {
        id: &'a str,
        errors: &'a [ServerError],
    },
    Complete {
        id: &'a str,
    },
    /// The legacy dialect's refusal of a connection.
    ConnectionError {
        message: &'a str,
    },
}

#[derive(Serialize)]
struct Frame<'a, P: Serialize> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    r#type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<P>,
}

impl ServerMessage<'_> {
    /// The text of the message.
    pub(super) fn encode(&self, dialect: Dialect) -> Utf8Bytes {
        let modern = dialect == Dialect::Modern;
        match *self {
            Self::Ack => frame::<()>(None, "connection_ack", None),
            Self::Pong(payload) => frame(None, "pong", payload),
            Self::Ping { token_expires_at } => {
                let payload = serde_json::json!({ "code": "TOKEN_EXPIRES", "expiresAt": token_expires_at });
                frame(None, "ping", Some(payload))
            }
            Self::Next { id, response } => frame(Some(id), if modern { "next" } else { "data" }, Some(Body(response))),
            Self::Error { id, errors } if modern => frame(Some(id), "error", Some(errors)),
            Self::Error { id, errors } => frame(Some(id), "error", errors.first()),
            Self::Complete { id } => frame::<()>(Some(id), "complete", None),
            Self::ConnectionError { message } => {
                frame(None, "connection_error", Some(serde_json::json!({ "message": message })))
            }
        }
    }
}

fn frame<P: Serialize>(id: Option<&str>, r#type: &str, payload: Option<P>) -> Utf8Bytes {
    // Only a map with keys that are not text cannot be written, and there is none.
    serde_json::to_string(&Frame { id, r#type, payload }).unwrap_or_default().into()
}

/// A response as the specification wants it: without `data` when nothing ran.
pub(super) struct Body<'a>(pub(super) &'a Response);

impl Serialize for Body<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let Response { data, errors, extensions, .. } = self.0;
        let mut map = serializer.serialize_map(None)?;
        if !errors.is_empty() {
            map.serialize_entry("errors", errors)?;
        }
        if *data != Value::Null || !super::error::is_refusal(self.0) {
            map.serialize_entry("data", data)?;
        }
        if !extensions.is_empty() {
            map.serialize_entry("extensions", extensions)?;
        }
        map.end()
    }
}

/// The body of an HTTP answer.
pub(super) fn encode(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).unwrap_or_default()
}
