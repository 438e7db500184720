//! An operation of a connection: its task sends frames to the task of the connection.

use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc},
    task::AbortHandle,
};
use tokio_stream::StreamExt;

use super::protocol::{ServerMessage, Subprotocol};
use crate::graphql::{error::is_refusal, execution::ResponseStream, response_budget::EventPermits};

/// A frame on its way from an operation to the client. It travels in a box: the queue reserves room for its capacity,
/// and an idle connection should not pay for that.
pub(super) struct OutboundFrame {
    pub(super) id: Arc<str>,
    /// Tells an operation from an earlier one that had the same id.
    pub(super) generation: u64,
    pub(super) text: Utf8Bytes,
    pub(super) is_last: bool,
    /// Once the frame is sent, its permit is free for another: the last frame of a query or a mutation has that of the
    /// operation, and each event of a subscription has its own.
    pub(super) _permit: Option<OwnedSemaphorePermit>,
}

/// An operation that runs, as the connection knows it.
pub(super) struct RunningOperation {
    pub(super) generation: u64,
    pub(super) task: AbortHandle,
}

/// Sends the responses of one operation.
pub(super) struct ResponseSender {
    pub(super) id: Arc<str>,
    pub(super) generation: u64,
    pub(super) subprotocol: Subprotocol,
    pub(super) frames: mpsc::Sender<Box<OutboundFrame>>,
    /// What a query or a mutation needs to run.
    pub(super) permit: Option<OwnedSemaphorePermit>,
    /// Where the events of a subscription get their permits.
    pub(super) event_permits: Option<Arc<EventPermits>>,
}

impl ResponseSender {
    /// Sends every response and then the end of the operation.
    pub(super) async fn send_all(mut self, mut responses: ResponseStream) {
        while let Some(response) = responses.next().await {
            let is_refused = is_refusal(&response);
            let message = match is_refused {
                true => ServerMessage::Error { id: &self.id, errors: &response.errors },
                false => ServerMessage::Next { id: &self.id, response: &response },
            };
            let text = message.encode(self.subprotocol);
            // Only the text is kept until the client reads.
            drop(response);
            if !self.send(text, is_refused).await || is_refused {
                return;
            }
        }
        self.send(ServerMessage::Complete { id: &self.id }.encode(self.subprotocol), true).await;
    }

    /// Returns whether the connection is still open.
    async fn send(&mut self, text: Utf8Bytes, is_last: bool) -> bool {
        let _permit = match &self.event_permits {
            Some(permits) => permits.hand_over(),
            None => self.permit.take_if(|_| is_last),
        };
        let frame = OutboundFrame { id: Arc::clone(&self.id), generation: self.generation, text, is_last, _permit };
        self.frames.send(Box::new(frame)).await.is_ok()
    }
}
