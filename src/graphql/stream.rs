//! Answers as they come, over one HTTP answer: server-sent events and multipart.
//!
//! - GraphQL over SSE, distinct connections: <https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md>
//! - Multipart subscriptions:
//!   <https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol>

use std::{convert::Infallible, sync::Arc, time::Duration};

use async_graphql::Response as GraphqlResponse;
use axum::{
    body::{Body, Bytes},
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use serde::Serialize;

use super::{answer::Begun, error::refusal, protocol::Body as Answer, run::Answers};
use crate::{
    app::{App, watching::ConnectionPermit},
    domain::{Error, ErrorCode},
};

/// How the answers are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// Server-sent events.
    Events,
    /// Parts of `multipart/mixed`. Heartbeats are for clients that know them.
    Parts { heartbeats: bool },
}

impl Framing {
    fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Events => "text/event-stream; charset=utf-8",
            Self::Parts { .. } => "multipart/mixed; boundary=\"graphql\"; subscriptionSpec=1.0",
        })
    }

    /// How often a quiet stream says that it is there.
    fn heartbeat(self) -> Duration {
        match self {
            Self::Events => Duration::from_secs(12),
            Self::Parts { .. } => Duration::from_secs(5),
        }
    }

    /// What opens the stream. A client learns at once that it is open.
    fn opening(self) -> Bytes {
        Bytes::from_static(match self {
            Self::Events => b":\n\n",
            Self::Parts { .. } => b"\r\n--graphql",
        })
    }

    /// A heartbeat, if there is one.
    fn beat(self) -> Option<Bytes> {
        match self {
            Self::Events => Some(Bytes::from_static(b":\n\n")),
            Self::Parts { heartbeats: true } => Some(part(&serde_json::json!({}))),
            Self::Parts { heartbeats: false } => None,
        }
    }

    /// An answer. A part is ended at once, so that the client need not wait for the next one to see it.
    fn frame(self, response: &GraphqlResponse) -> Bytes {
        match self {
            Self::Events => {
                // JSON has no line breaks that the format would mind.
                let data = serde_json::to_string(&Answer(response)).unwrap_or_default();
                format!("event: next\ndata: {data}\n\n").into()
            }
            Self::Parts { .. } => part(&Payload { payload: Some(Answer(response)), errors: None }),
        }
    }

    /// What ends a stream that is complete.
    fn ending(self) -> Bytes {
        Bytes::from_static(match self {
            // Without data a browser would not tell its page of the event.
            Self::Events => b"event: complete\ndata: {}\n\n",
            Self::Parts { .. } => b"--\r\n",
        })
    }

    /// What ends a stream whose client is to come back: an event stream just breaks off.
    fn breaking(self) -> Option<Bytes> {
        match self {
            Self::Events => None,
            Self::Parts { .. } => {
                let message = "the server is going away; come back to go on";
                let response = refusal(Error::new(ErrorCode::Unavailable, message));
                let last = part(&Payload { payload: None, errors: Some(&response.errors) });
                Some([last, Bytes::from_static(b"--\r\n")].concat().into())
            }
        }
    }
}

#[derive(Serialize)]
struct Payload<'a> {
    payload: Option<Answer<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<&'a [async_graphql::ServerError]>,
}

fn part(content: &impl Serialize) -> Bytes {
    let content = serde_json::to_string(content).unwrap_or_default();
    format!("\r\nContent-Type: application/json; charset=utf-8\r\n\r\n{content}\r\n--graphql").into()
}

/// A stream that is open.
struct Open {
    app: Arc<App>,
    framing: Framing,
    answers: Answers,
    /// For as long as the stream counts as one of its caller's.
    _opened: ConnectionPermit,
}

/// Answers with a stream of answers.
pub(super) fn respond(
    app: &Arc<App>,
    framing: Framing,
    answers: Answers,
    begun: Begun,
    opened: ConnectionPermit,
) -> Response {
    let open = Open { app: Arc::clone(app), framing, answers, _opened: opened };
    let frames = stream::unfold(Stage::Opening(open, begun), async |stage| {
        let (frame, next) = match stage {
            Stage::Opening(open, begun) => open.begin(begun).await,
            Stage::Open(open) => open.next().await?,
            Stage::Closed => return None,
        };
        Some((Ok::<_, Infallible>(frame), next))
    });
    let headers = [
        (header::CONTENT_TYPE, framing.content_type()),
        // A proxy that gathers an answer before it passes it on would keep messages back.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (headers, Body::from_stream(frames)).into_response()
}

/// Where a stream is.
enum Stage {
    Opening(Open, Begun),
    Open(Open),
    Closed,
}

impl Open {
    /// The first frame. It is sent once the subscription has begun, so that its client knows from when on
    /// it is told of everything.
    async fn begin(mut self, begun: Begun) -> (Bytes, Stage) {
        let opening = self.framing.opening();
        tokio::select! {
            biased;
            answer = self.answers.next() => {
                let (first, next) = self.pass(answer);
                ([opening, first].concat().into(), next)
            }
            () = begun.wait() => (opening, Stage::Open(self)),
        }
    }

    fn pass(self, answer: Option<GraphqlResponse>) -> (Bytes, Stage) {
        match answer {
            Some(response) => (self.framing.frame(&response), Stage::Open(self)),
            None => (self.framing.ending(), Stage::Closed),
        }
    }

    /// The next frame, and where the stream is after it.
    async fn next(mut self) -> Option<(Bytes, Stage)> {
        loop {
            tokio::select! {
                biased;
                answer = self.answers.next() => return Some(self.pass(answer)),
                () = self.app.shutdown_started() => {
                    return self.framing.breaking().map(|last| (last, Stage::Closed));
                }
                () = self.app.clock().sleep(self.framing.heartbeat()) => {
                    if let Some(beat) = self.framing.beat() {
                        return Some((beat, Stage::Open(self)));
                    }
                }
            }
        }
    }
}
