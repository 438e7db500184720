//! GraphQL over WebSocket, in two subprotocols.
//!
//! A connection's own task reads and writes. Each operation has a task beside it, which sends frames through one short
//! queue. So a busy operation starves no other, and a client that stops reading stops its operations rather than
//! filling our memory: their watchers catch up from the store when it reads again.
//!
//! 1. `protocol`: the messages of both subprotocols.
//! 2. `connection`: one connection, from `connection_init` to the close frame.
//! 3. `event`: what it reacts to; `operation`: an operation of a connection.
//! 4. `session`: the access token that a connection goes by, and when it ends.
//! 5. `message_budget`, `keep_alive`: how much a client may send, and whether it is still there.
//! 6. `close`: close codes and the closing handshake.
//!
//! What a client can make us keep is bounded in bytes, whatever it sends and however little it reads: one message that
//! it sends, eight responses of queries and mutations, and eight of events, each of a bounded size (`response_budget`).
//! Nothing more is read before what is written is on its way.

mod close;
mod connection;
mod event;
mod keep_alive;
mod message_budget;
mod operation;
mod protocol;
mod session;

use std::sync::Arc;

use axum::{
    extract::{WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use tracing::{Instrument, Span};

use self::{
    close::{CloseReason, close},
    connection::Connection,
    protocol::Subprotocol,
};
use crate::{
    app::watching::Transport,
    domain::{Error, ErrorCode},
    graphql::{api::GraphqlApi, execution::RequestContext},
    http::{ErrorResponse, RequestIdentity},
};

/// The largest message that is read, in bytes.
const MAX_MESSAGE: usize = 64 * 1024;

/// Agrees on a subprotocol and upgrades the connection.
pub(super) fn accept(
    api: Arc<GraphqlApi>,
    identity: RequestIdentity,
    headers: &HeaderMap,
    mut upgrade: WebSocketUpgrade,
) -> Response {
    // A token in the header of the upgrade counts until `connection_init` brings another.
    let caller = match identity.caller() {
        Ok(caller) => caller,
        Err(error) => return ErrorResponse(error).into_response(),
    };
    let permit = match api.app.open_connection(&caller, &identity.client, Transport::WebSocket) {
        Ok(permit) => permit,
        Err(error) => return ErrorResponse(error).into_response(),
    };
    let subprotocol = Subprotocol::preferred(headers);
    if let Some(subprotocol) = subprotocol {
        upgrade.set_selected_protocol(HeaderValue::from_static(subprotocol.name()));
    }
    let cx = RequestContext { caller, client: identity.client };
    // From here on, so that a shutdown that begins during the upgrade waits for the closing handshake.
    let open = api.sockets.token();
    // Buffers are small because most connections are idle most of the time.
    let upgrade =
        upgrade.max_message_size(MAX_MESSAGE).max_frame_size(MAX_MESSAGE).read_buffer_size(1024).write_buffer_size(0);
    // What the connection logs has the id of its request.
    let span = Span::current();
    upgrade.on_upgrade(move |socket| {
        let serve = async move {
            match subprotocol {
                Some(subprotocol) => Box::pin(Connection::new(api, cx, subprotocol, permit, socket).run()).await,
                None => close(socket, CloseReason::new(4406, "Subprotocol not acceptable")).await,
            }
            drop(open);
        };
        serve.instrument(span)
    })
}

/// Refuses a request that is no opening handshake (RFC 6455, 4.2).
pub(super) fn refuse(rejection: &WebSocketUpgradeRejection) -> Response {
    let mut response = ErrorResponse(Error::new(ErrorCode::InvalidRequest, rejection.body_text())).into_response();
    if let WebSocketUpgradeRejection::InvalidWebSocketVersionHeader(_) = rejection {
        // The version that we speak.
        response.headers_mut().insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    }
    response
}
