//! Keys with which a client may repeat a request.

use super::{Error, Result};

/// A client's own name for a request: whoever repeats the request with it gets what the first one got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The longest key, in characters.
    pub const MAX: usize = 255;

    /// Reads a key; `field` names what was read.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when it is not 1 to 255 visible ASCII characters.
    pub fn parse(field: &str, text: &str) -> Result<Self> {
        if (1..=Self::MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(Self(text.to_owned()));
        }
        Err(Error::invalid(field, "must have 1 to 255 visible ASCII characters, such as a UUID"))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
