//! What is published: messages that were committed, and events between replicas, in versioned JSON. An event carries
//! the whole message, so that live delivery reads no database.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{Message, NumberId, TicketId, UserId},
    tracer::Span,
};

/// A message that was committed.
#[derive(Debug)]
pub struct Committed {
    /// The message.
    pub message: Arc<Message>,
    /// The span of its publication, if it is traced.
    pub span: Option<Span>,
}

impl From<Arc<Message>> for Committed {
    fn from(message: Arc<Message>) -> Self {
        Self { message, span: None }
    }
}

/// An event. A replica that does not know its version drops it and sends its subscriptions to the store, so old and new
/// replicas can run side by side.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "v")]
pub enum Event<M = Message> {
    /// A message was committed.
    #[serde(rename = "1")]
    Message {
        /// The message.
        message: M,
        /// When it was committed. Replicas of older versions do not say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        committed_at: Option<DateTime<Utc>>,
        /// The span of its publication, if it is traced. Replicas of older versions neither say nor read it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        traceparent: Option<String>,
    },
    /// The rights of a user have changed: what replicas cache of the user is outdated.
    #[serde(rename = "user1")]
    UserChanged {
        /// The user.
        user: UserId,
    },
    /// A number was rented, extended, released or blocked.
    #[serde(rename = "number1")]
    NumberChanged {
        /// The number.
        number: NumberId,
        /// Its renter, now or until the change.
        renter: Option<UserId>,
    },
    /// A lease was given, renewed or ended, or a pool has changed.
    #[serde(rename = "lease1")]
    LeaseChanged {
        /// The number, if the change is one of a number.
        number: Option<NumberId>,
        /// The tickets whose turn it may be.
        tickets: Vec<TicketId>,
    },
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The message of an event as replicas of the previous version read it.
    #[derive(Deserialize)]
    #[serde(tag = "v")]
    enum Previous {
        #[serde(rename = "1")]
        Message {
            message: Value,
            #[serde(default)]
            committed_at: Option<DateTime<Utc>>,
        },
    }

    #[test]
    fn replicas_of_the_previous_version_read_what_is_traced() {
        let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned();
        let message = json!({ "id": 1 });
        let committed_at = Some(DateTime::UNIX_EPOCH);
        let event = Event::Message { message: message.clone(), committed_at, traceparent: Some(traceparent) };
        let Previous::Message { message: read, committed_at: at } = serde_json::from_value(json!(event)).unwrap();
        assert_eq!((read, at), (message.clone(), committed_at));
        // What is not traced is as it was, and so is what they send.
        let event = Event::Message { message: message.clone(), committed_at, traceparent: None };
        assert_eq!(json!(event), json!({ "v": "1", "message": message, "committed_at": DateTime::UNIX_EPOCH }));
        let read = serde_json::from_value::<Event<Value>>(json!({ "v": "1", "message": message })).unwrap();
        assert!(matches!(read, Event::Message { committed_at: None, traceparent: None, .. }), "{read:?}");
    }
}
