//! What the stream of an operation tells its client, whatever its format.

use std::{sync::Arc, time::Duration};

use async_graphql::Response as GraphqlResponse;
use futures_util::stream;
use tokio_stream::{Stream, StreamExt, adapters::Peekable};

use crate::{
    app::{
        App, ClosingTime,
        watching::{ConnectionPermit, SessionGuard},
    },
    domain::{Error, ErrorCode},
    graphql::{context::StartSignal, execution::ResponseStream},
};

/// An item of a stream.
pub(super) enum StreamItem {
    /// The subscription has started: the client misses no event from now on.
    Opened,
    Response(Box<GraphqlResponse>),
    /// Sent when nothing else was for a while, so that nobody takes the connection for dead, and a client that is gone
    /// is noticed.
    Heartbeat,
    /// There are no more responses.
    Completed,
    /// The caller may no longer have the stream.
    SessionEnded(Error),
    /// The server shuts down, and the client is to reconnect.
    GoingAway,
}

/// Who has a stream open.
pub(super) struct StreamOwner {
    /// Ends with the session of a user. A guest has none.
    pub(super) session_guard: Option<SessionGuard>,
    /// The stream counts as a connection of its caller for as long as it is open.
    pub(super) _permit: ConnectionPermit,
}

/// Whether a client whose session ended for this reason can go on with another token. If not, its user has to sign in.
pub(super) fn may_come_back(reason: &Error) -> bool {
    // An administrator who is one no longer can go on as a user.
    matches!(reason.code(), ErrorCode::TokenExpired | ErrorCode::Forbidden)
}

/// The responses of an operation, with what a stream adds to them.
pub(super) fn items(
    app: &Arc<App>,
    heartbeat: Duration,
    responses: ResponseStream,
    start: StartSignal,
    owner: StreamOwner,
) -> impl Stream<Item = StreamItem> + Send + use<> {
    let closing_time = app.closing_time();
    let open = OpenStream { app: Arc::clone(app), heartbeat, responses: responses.peekable(), closing_time, owner };
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
            last @ (StreamItem::Completed | StreamItem::SessionEnded(_) | StreamItem::GoingAway) => {
                (last, State::Closed)
            }
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
    closing_time: ClosingTime,
    owner: StreamOwner,
}

impl OpenStream {
    async fn next(&mut self) -> StreamItem {
        tokio::select! {
            biased;
            response = self.responses.next() => match response {
                Some(response) => StreamItem::Response(Box::new(response)),
                None => StreamItem::Completed,
            },
            reason = ended(&mut self.owner.session_guard) => StreamItem::SessionEnded(reason),
            () = self.closing_time.reached() => StreamItem::GoingAway,
            () = self.app.clock().sleep(self.heartbeat) => StreamItem::Heartbeat,
        }
    }
}

async fn ended(guard: &mut Option<SessionGuard>) -> Error {
    match guard {
        Some(guard) => guard.ended().await,
        None => std::future::pending().await,
    }
}
