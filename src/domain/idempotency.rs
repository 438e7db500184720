//! Idempotency keys, with which a client may safely repeat a request.

use super::{Error, Result};

/// A client's identifier for a request. Repeating the request with the same key returns the first result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The longest key, in characters.
    pub const MAX: usize = 255;

    /// Parses a key; `field` names the argument in the error.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when it is not 1 to 255 visible ASCII characters.
    pub fn parse(field: &str, text: &str) -> Result<Self> {
        if (1..=Self::MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(Self(text.to_owned()));
        }
        Err(Error::invalid(field, "must have 1 to 255 visible ASCII characters, such as a UUID"))
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
