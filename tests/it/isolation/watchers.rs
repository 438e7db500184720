//! Watchers over WebSocket subscriptions and event streams, which check each delivery against the model.

use std::net::SocketAddr;

use axum::{body::Body, http::Request};
use futures_util::StreamExt;
use otpwire::domain::InboxCursor;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tower::ServiceExt;

use super::{
    History,
    model::{Filter, Message},
};
use crate::support::{PATIENCE, Renter, Replica, socket::Socket};

/// An open feed, or the error code of a refused one.
pub(super) type Opened = Result<Feed, String>;

/// A stream of deliveries, each a text and a cursor.
pub(super) enum Feed {
    Socket(Box<Socket>),
    Stream(mpsc::UnboundedReceiver<(String, String)>),
}

pub(super) struct Watcher {
    pub(super) user: usize,
    pub(super) filter: Filter,
    pub(super) feed: Feed,
    /// The last cursor that the client received.
    pub(super) cursor: String,
    pub(super) seq: i64,
}

impl Watcher {
    /// Takes the next delivery, which must be this message.
    pub(super) async fn expect(&mut self, message: &Message) {
        let (text, cursor) = self.feed.next().await;
        assert_eq!(text, message.text, "user {} gets another message; {:?}", self.user, self.filter);
        self.cursor = cursor;
        self.seq = message.position.map_or(self.seq, |(_, seq)| seq);
    }
}

impl Feed {
    pub(super) async fn socket(address: SocketAddr, who: &Renter, filter: Filter, after: &str) -> Opened {
        let mut socket = Socket::ready(address, who).await;
        let query = "subscription($after: String, $number: ID, $types: [MessageType!]) {
            messageReceived(after: $after, phoneNumberId: $number, types: $types) {
                cursor message { messageContent } } }";
        let number = filter.number.map(|number| format!("num_{}", number + 1));
        let types = filter.only_codes.then(|| json!(["OTP"]));
        socket.subscribe("watch", query, json!({ "after": after, "number": number, "types": types })).await;
        Ok(Self::Socket(Box::new(socket)))
    }

    pub(super) async fn stream(replica: &Replica, who: &Renter, filter: Filter, after: &str) -> Opened {
        let path = format!("/v1/messages/stream?after={after}{}", query_of(filter));
        let request = Request::get(path).header("authorization", format!("Bearer {}", who.token));
        let response = replica.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let is_open = response.status() == 200;
        let mut body = response.into_body().into_data_stream();
        if !is_open {
            let body = body.next().await.unwrap().unwrap();
            return Err(serde_json::from_slice::<Value>(&body).unwrap()["code"].as_str().unwrap().to_owned());
        }
        let (sender, receiver) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut text = String::new();
            while let Some(Ok(bytes)) = body.next().await {
                text.push_str(std::str::from_utf8(&bytes).unwrap());
                while let Some((event, rest)) = text.split_once("\n\n") {
                    let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
                    let data: Value = serde_json::from_str(&field("data: ").unwrap_or_default()).unwrap_or_default();
                    let text_of = data["message"]["message_content"].as_str().map(str::to_owned);
                    // The first event only carries the cursor at which the stream begins.
                    if let Some(text) = text_of.or_else(|| event.contains("event: end").then(|| data.to_string())) {
                        let _ = sender.send((text, field("id: ").unwrap_or_default()));
                    }
                    text = rest.to_owned();
                }
                if sender.is_closed() {
                    return;
                }
            }
        });
        Ok(Self::Stream(receiver))
    }

    /// The next delivery; for a refused subscription, the code of the error.
    pub(super) async fn next(&mut self) -> (String, String) {
        match self {
            Self::Socket(socket) => {
                let frame = socket.receive().await;
                let received = &frame["payload"]["data"]["messageReceived"];
                let refused = &frame["payload"][0]["extensions"]["code"];
                let text = received["message"]["messageContent"].as_str().or(refused.as_str());
                let cursor = received["cursor"].as_str().unwrap_or_default();
                (text.unwrap_or_else(|| panic!("{frame}")).to_owned(), cursor.to_owned())
            }
            Self::Stream(receiver) => {
                let next = tokio::time::timeout(PATIENCE, receiver.recv()).await.expect("no delivery in time");
                next.expect("the stream ended")
            }
        }
    }
}

impl History {
    /// Opens a subscription or a stream after some position, in the place of another if there are many.
    pub(super) async fn watch(&mut self, user: usize) {
        if self.watchers.len() >= 4 {
            let gone = self.rng.below(self.watchers.len());
            self.watchers.swap_remove(gone);
        }
        let (filter, seq) = (self.any_filter(), self.any_seq(user));
        let cursor = InboxCursor { inbox: self.renters[user].user.id, seq }.encode();
        self.open(user, filter, cursor, seq).await;
    }

    /// A client loses its connection, and reconnects to any replica with its cursor.
    pub(super) async fn reconnect(&mut self) {
        if !self.watchers.is_empty() {
            let gone = self.rng.below(self.watchers.len());
            let Watcher { user, filter, cursor, seq, .. } = self.watchers.swap_remove(gone);
            self.open(user, filter, cursor, seq).await;
        }
    }

    /// Opens a feed after a position, and takes the messages that are there already.
    pub(super) async fn open(&mut self, user: usize, filter: Filter, cursor: String, seq: i64) {
        let (now, replica) = (self.now(), self.any_replica());
        let by_socket = self.rng.below(2) == 0;
        self.trace(&format!("user {user} watches after {seq} with {filter:?}, by socket: {by_socket}"));
        let who = &self.renters[user];
        let opened = match by_socket {
            true => Feed::socket(self.addresses[replica], who, filter, &cursor).await,
            false => Feed::stream(&self.replicas[replica], who, filter, &cursor).await,
        };
        let concerned = filter.number.is_none_or(|number| self.model.concerns(user, number, now));
        let expected = self.model.after(user, seq, filter, now);
        let refusal = if concerned { "CURSOR_EXPIRED" } else { "NOT_FOUND" };
        match (opened, expected.filter(|_| concerned)) {
            (Ok(feed), Some(expected)) => {
                let mut watcher = Watcher { user, filter, feed, cursor, seq };
                for message in expected {
                    watcher.expect(message).await;
                }
                self.watchers.push(watcher);
            }
            (Ok(mut feed), None) => assert_eq!(feed.next().await.0, refusal),
            (Err(code), None) => assert_eq!(code, refusal),
            (Err(code), Some(_)) => panic!("user {user} is refused: {code}"),
        }
    }
}

/// A filter as query parameters of REST.
pub(super) fn query_of(filter: Filter) -> String {
    let number = filter.number.map(|number| format!("&phone_number_id={}", number + 1)).unwrap_or_default();
    format!("{number}{}", if filter.only_codes { "&message_type=otp" } else { "" })
}
