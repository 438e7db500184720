//! What a connection reacts to.

use axum::extract::ws::{Message, WebSocket};
use futures_util::SinkExt;
use tokio::sync::mpsc;

use super::{keep_alive::KeepAlive, operation::OutboundFrame, session::SessionEvent};

/// What a connection reacts to.
pub(super) enum Event {
    ClosingTime,
    InitTimeout,
    Session(SessionEvent),
    Frame(Box<OutboundFrame>),
    Received(Option<Result<Message, axum::Error>>),
    KeepAlive,
}

/// The next thing to do in the ordinary course of a connection. Of several, it takes any, so that none waits for ever.
pub(super) async fn work(
    frames: &mut mpsc::Receiver<Box<OutboundFrame>>,
    socket: &mut WebSocket,
    keep_alive: &mut KeepAlive,
) -> Event {
    tokio::select! {
        Some(frame) = frames.recv() => Event::Frame(frame),
        received = receive(socket) => Event::Received(received),
        () = keep_alive.tick() => Event::KeepAlive,
    }
}

/// The next message of the client, after everything for the client is written. The library would otherwise keep a pong
/// for each ping of a client that reads nothing.
async fn receive(socket: &mut WebSocket) -> Option<Result<Message, axum::Error>> {
    match socket.flush().await {
        Ok(()) => socket.recv().await,
        Err(error) => Some(Err(error)),
    }
}
