//! Cursors: opaque to clients, with a version inside.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{Error, Result, UserId};

/// A position in an inbox: after the message with this sequence number.
///
/// It contains its inbox, so that a cursor of another inbox is refused rather than misread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InboxCursor {
    /// The owner of the inbox.
    pub inbox: UserId,
    /// The sequence number of the last message seen; 0 is before the first.
    pub seq: i64,
}

impl InboxCursor {
    const VERSION: u8 = 1;

    /// The text for clients.
    #[must_use]
    pub fn encode(self) -> String {
        let mut bytes = [0; 13];
        bytes[0] = Self::VERSION;
        bytes[1..5].copy_from_slice(&self.inbox.0.to_be_bytes());
        bytes[5..].copy_from_slice(&self.seq.to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a cursor of the inbox of `owner`; `field` names the argument in the error.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when it is not a cursor, or one of another inbox.
    pub fn decode(field: &str, text: &str, owner: UserId) -> Result<Self> {
        let read = || {
            let bytes: [u8; 13] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
            let (version, inbox, seq) = (bytes[0], &bytes[1..5], &bytes[5..]);
            let cursor = Self {
                inbox: UserId(i32::from_be_bytes(inbox.try_into().ok()?)),
                seq: i64::from_be_bytes(seq.try_into().ok()?),
            };
            (version == Self::VERSION && cursor.inbox == owner && cursor.seq >= 0).then_some(cursor)
        };
        read().ok_or_else(|| Error::invalid(field, "not a cursor of your inbox; pass one that this API gave you"))
    }
}

/// A position in a list that is ordered by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ListCursor(pub i64);

impl ListCursor {
    const VERSION: u8 = 0x41;

    /// The text for clients.
    #[must_use]
    pub fn encode(self) -> String {
        let mut bytes = [0; 9];
        bytes[0] = Self::VERSION;
        bytes[1..].copy_from_slice(&self.0.to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a cursor; `field` names the argument in the error.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when it is not a cursor of a list.
    pub fn decode(field: &str, text: &str) -> Result<Self> {
        let read = || {
            let bytes: [u8; 9] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
            let id = i64::from_be_bytes(bytes[1..].try_into().ok()?);
            (bytes[0] == Self::VERSION).then_some(Self(id))
        };
        read().ok_or_else(|| Error::invalid(field, "not a cursor of this list; pass one that this API gave you"))
    }
}
