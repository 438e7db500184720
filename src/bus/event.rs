//! What goes over the wire: versioned JSON that carries the message, so that the live path reads no
//! database.

use serde::{Deserialize, Serialize};

use crate::domain::{Message, NumberId, UserId};

/// An event. A replica that does not know the version drops it, and its watchers heal from the
/// store: old and new replicas can run side by side.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "v")]
pub enum Event<M = Message> {
    /// A message was committed.
    #[serde(rename = "1")]
    Message {
        /// The message.
        message: M,
    },
    /// What a user may do has changed: what replicas remember of the user is outdated.
    #[serde(rename = "user1")]
    UserChanged {
        /// The user.
        user: UserId,
    },
    /// A number was rented, extended, given back or taken out of use.
    #[serde(rename = "number1")]
    NumberChanged {
        /// The number.
        number: NumberId,
        /// Who rents it, or rented it just before.
        renter: Option<UserId>,
    },
}
