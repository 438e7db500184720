//! Events between replicas: versioned JSON. An event carries the whole message, so that live delivery reads no
//! database.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::{Message, NumberId, TicketId, UserId};

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
