//! What the stream of an operation tells its client, whatever its format.

use std::{sync::Arc, time::Duration};

use async_graphql::Response as GraphqlResponse;
use futures_util::stream;
use tokio_stream::{Stream, StreamExt, adapters::Peekable};

use crate::{
    app::{App, watching::ConnectionPermit},
    graphql::{context::StartSignal, execution::ResponseStream},
};

/// An item of a stream.
pub(super) enum StreamItem {
    /// The subscription has started: the client misses no event from now on.
    Opened,
    Response(Box<GraphqlResponse>),
    /// Sent when nothing else was for a while, so that nobody takes the connection for dead.
    Heartbeat,
    /// There are no more responses.
    Completed,
    /// The server shuts down, and the client is to reconnect.
    GoingAway,
}

/// The responses of an operation, with what a stream adds to them.
pub(super) fn items(
    app: Arc<App>,
    heartbeat: Duration,
    responses: ResponseStream,
    start: StartSignal,
    permit: ConnectionPermit,
) -> impl Stream<Item = StreamItem> + Send {
    let open = OpenStream { app, heartbeat, responses: responses.peekable(), _permit: permit };
    stream::unfold(State::Starting(open, start), async |state| match state {
        State::Starting(mut open, start) => {
            tokio::select! {
                // A subscription that fails to start has a response instead.
                _ = open.responses.peek() => {}
                () = start.wait() => {}
            }
            Some((StreamItem::Opened, State::Open(open)))
        }
        State::Open(mut open) => Some(match open.next().await {
            last @ (StreamItem::Completed | StreamItem::GoingAway) => (last, State::Closed),
            item => (item, State::Open(open)),
        }),
        State::Closed => None,
    })
}

enum State {
    Starting(OpenStream, StartSignal),
    Open(OpenStream),
    Closed,
}

struct OpenStream {
    app: Arc<App>,
    heartbeat: Duration,
    responses: Peekable<ResponseStream>,
    /// The stream counts as a connection of its caller for as long as it is open.
    _permit: ConnectionPermit,
}

impl OpenStream {
    async fn next(&mut self) -> StreamItem {
        tokio::select! {
            biased;
            response = self.responses.next() => match response {
                Some(response) => StreamItem::Response(Box::new(response)),
                None => StreamItem::Completed,
            },
            () = self.app.shutdown_started() => StreamItem::GoingAway,
            () = self.app.clock().sleep(self.heartbeat) => StreamItem::Heartbeat,
        }
    }
}
