//! The messages of both subprotocols.

use async_graphql::{Response, ServerError};
use axum::{
    extract::ws::Utf8Bytes,
    http::{HeaderMap, header},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::close::CloseReason;
use crate::{
    graphql::{
        request::parameters::{RequestParameters, read_object},
        transport::response_body::{ResponseBody, to_json},
    },
    http::redact_json_error,
};

/// A subprotocol of WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subprotocol {
    /// <https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>
    GraphqlTransportWs,
    /// The older one: <https://github.com/apollographql/subscriptions-transport-ws/blob/master/PROTOCOL.md>
    GraphqlWs,
}

impl Subprotocol {
    /// Its name in `Sec-WebSocket-Protocol`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::GraphqlTransportWs => "graphql-transport-ws",
            Self::GraphqlWs => "graphql-ws",
        }
    }

    /// The first that a client offers and we know. Clients list them in the order that they prefer (RFC 6455, 1.9), and
    /// some that offer both speak the first without reading our choice.
    pub(super) fn preferred(headers: &HeaderMap) -> Option<Self> {
        let offers = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|value| value.to_str().ok());
        let mut offers = offers.flat_map(|value| value.split(',')).map(str::trim);
        offers.find_map(|offer| {
            [Self::GraphqlTransportWs, Self::GraphqlWs].into_iter().find(|subprotocol| subprotocol.name() == offer)
        })
    }
}

/// A message of a client.
#[derive(Debug)]
pub(super) enum ClientMessage {
    Init(serde_json::Map<String, serde_json::Value>),
    Subscribe { id: String, parameters: RequestParameters },
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
    /// Reads a message. One that is not of the subprotocol closes the connection with 4400.
    pub(super) fn read(subprotocol: Subprotocol, text: &str) -> Result<Self, CloseReason> {
        let invalid = |reason: String| CloseReason::invalid_message(reason);
        let Envelope { r#type: kind, id, payload } = read_object(text.as_bytes())
            .map_err(|error| invalid(format!("Invalid message: {}", redact_json_error(&error.to_string()))))?;
        let id = || id.filter(|id| !id.is_empty()).ok_or_else(|| invalid(format!("Message `{kind}` must have an id")));
        match (subprotocol, kind.as_str()) {
            (_, "connection_init") => {
                let payload = payload.as_deref().map_or("null", RawValue::get);
                let payload: Option<_> = serde_json::from_str(payload)
                    .map_err(|_| invalid("The payload of `connection_init` must be an object".to_owned()))?;
                Ok(Self::Init(payload.unwrap_or_default()))
            }
            (Subprotocol::GraphqlTransportWs, "subscribe") | (Subprotocol::GraphqlWs, "start") => {
                let payload = payload.as_deref().map_or("null", RawValue::get);
                let parameters: RequestParameters = read_object(payload.as_bytes()).map_err(|error| {
                    invalid(format!("Invalid payload of `{kind}`: {}", redact_json_error(&error.to_string())))
                })?;
                if !parameters.has_document() {
                    return Err(invalid(format!("Invalid payload of `{kind}`: query is missing")));
                }
                Ok(Self::Subscribe { id: id()?, parameters })
            }
            (Subprotocol::GraphqlTransportWs, "complete") | (Subprotocol::GraphqlWs, "stop") => {
                Ok(Self::Complete { id: id()? })
            }
            (Subprotocol::GraphqlTransportWs, "ping" | "pong")
                if payload.as_deref().is_some_and(|payload| !payload.get().starts_with('{')) =>
            {
                Err(invalid(format!("The payload of `{kind}` must be an object")))
            }
            (Subprotocol::GraphqlTransportWs, "ping") => Ok(Self::Ping(payload)),
            (Subprotocol::GraphqlTransportWs, "pong") => Ok(Self::Pong),
            (Subprotocol::GraphqlWs, "connection_terminate") => Ok(Self::Terminate),
            _ => Err(invalid("Invalid message: unknown type".to_owned())),
        }
    }
}

/// A message of the server.
pub(super) enum ServerMessage<'a> {
    Ack,
    /// Keeps an idle connection open. Only the older subprotocol has it.
    KeepAlive,
    Pong(Option<&'a RawValue>),
    /// The access token is about to end, at this time. Clients reply with a pong.
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
    /// The connection is refused. Only the older subprotocol has it.
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
    pub(super) fn encode(&self, subprotocol: Subprotocol) -> Utf8Bytes {
        let is_transport_ws = subprotocol == Subprotocol::GraphqlTransportWs;
        match *self {
            Self::Ack => frame::<()>(None, "connection_ack", None),
            Self::KeepAlive => frame::<()>(None, "ka", None),
            Self::Pong(payload) => frame(None, "pong", payload),
            Self::Ping { token_expires_at } => {
                let payload = serde_json::json!({ "code": "TOKEN_EXPIRES", "expiresAt": token_expires_at });
                frame(None, "ping", Some(payload))
            }
            Self::Next { id, response } => {
                frame(Some(id), if is_transport_ws { "next" } else { "data" }, Some(ResponseBody(response)))
            }
            Self::Error { id, errors } if is_transport_ws => frame(Some(id), "error", Some(errors)),
            Self::Error { id, errors } => frame(Some(id), "error", errors.first()),
            Self::Complete { id } => frame::<()>(Some(id), "complete", None),
            Self::ConnectionError { message } => {
                frame(None, "connection_error", Some(serde_json::json!({ "message": message })))
            }
        }
    }
}

fn frame<P: Serialize>(id: Option<&str>, r#type: &str, payload: Option<P>) -> Utf8Bytes {
    to_json(&Frame { id, r#type, payload }).into()
}
