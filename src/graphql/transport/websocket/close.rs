//! Close codes and the closing handshake (RFC 6455, 7).

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use tokio_tungstenite::tungstenite::{self, error::ProtocolError};

use crate::domain::{Error, ErrorCode};

/// How long we wait for the client's half of the closing handshake.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// How many messages are read meanwhile. A client that goes on sending more is cut off.
const MAX_LEFT: usize = 1_000;
/// The code of a connection that ended without a closing handshake. It is never sent.
const GONE: u16 = 1006;
/// The longest reason that fits into a close frame, in bytes.
const MAX_REASON: usize = 123;

/// Why a connection is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CloseReason {
    pub(super) code: u16,
    pub(super) reason: String,
}

impl CloseReason {
    pub(super) fn new(code: u16, reason: impl Into<String>) -> Self {
        let mut reason = reason.into();
        reason.truncate(reason.floor_char_boundary(MAX_REASON));
        Self { code, reason }
    }

    /// The client is gone, or does not read any more.
    pub(super) fn gone() -> Self {
        Self::new(GONE, "the client is gone")
    }

    /// For a message that is not of the subprotocol.
    pub(super) fn invalid_message(reason: impl Into<String>) -> Self {
        Self::new(4400, reason)
    }

    /// For a caller who may no longer be connected. Clients come back after 4403, and may have another token then.
    pub(super) fn forbidden(error: &Error) -> Self {
        match error.code() {
            ErrorCode::TooManyConnections => Self::new(1013, format!("Try again later: {error}")),
            _ if error.is_server_error() => Self::new(1013, "Try again later"),
            _ => Self::new(4403, format!("Forbidden: {error}")),
        }
    }

    /// For a token that is refused. Clients do not come back after 4401: whoever presents a token of a session that has
    /// ended would do so for ever.
    pub(super) fn refused(error: &Error) -> Self {
        match error.code() {
            ErrorCode::SessionEnded | ErrorCode::AccountDeactivated => {
                Self::new(4401, format!("Unauthorized: {error}"))
            }
            _ => Self::forbidden(error),
        }
    }

    /// For a client that sends too many messages. Clients do not come back after 1008.
    pub(super) fn too_many_messages() -> Self {
        Self::new(1008, "Too many messages")
    }

    /// For a frame that could not be read (RFC 6455, 7.4.1).
    pub(super) fn unreadable(error: axum::Error) -> Self {
        match error.into_inner().downcast::<tungstenite::Error>().as_deref() {
            Ok(tungstenite::Error::Capacity(_)) => Self::new(1009, "Message too big"),
            Ok(tungstenite::Error::Utf8(_)) => Self::new(1007, "Invalid UTF-8"),
            // The mark of a compressed frame.
            Ok(tungstenite::Error::Protocol(ProtocolError::NonZeroReservedBits)) => {
                Self::new(1002, "Protocol error: no extension was negotiated, so frames may not be compressed")
            }
            Ok(tungstenite::Error::Protocol(_)) => Self::new(1002, "Protocol error"),
            _ => Self::gone(),
        }
    }
}

/// Sends a close frame and waits for the client's: closing the connection first could cut off what is still on its way
/// to the client.
pub(super) async fn close(mut socket: WebSocket, reason: CloseReason) {
    if reason.code == GONE {
        return;
    }
    let frame = CloseFrame { code: reason.code, reason: reason.reason.into() };
    let sent = tokio::time::timeout(CLOSE_TIMEOUT, socket.send(Message::Close(Some(frame)))).await;
    if sent.is_ok_and(|sent| sent.is_ok()) {
        drain(&mut socket).await;
    }
}

/// Reads what is left until the client has closed. It also sends our half of a closing handshake that the client
/// began.
pub(super) async fn drain(socket: &mut WebSocket) {
    let read_all = async {
        for _ in 0..MAX_LEFT {
            let Some(Ok(_)) = socket.recv().await else { return };
        }
    };
    let _ = tokio::time::timeout(CLOSE_TIMEOUT, read_all).await;
}
