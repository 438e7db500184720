//! E-mail addresses.

use email_address::{EmailAddress, Options};

use super::{Error, Result};

/// An e-mail address in lower case, so that a mailbox has at most one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// The longest address that is stored, in characters.
    pub const MAX: usize = 255;

    /// Parses an address; white space around it is ignored.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when it is not an address (RFC 5321) or too long.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim().to_lowercase();
        let options = Options::default().with_required_tld().without_display_text().without_domain_literal();
        if text.chars().count() > Self::MAX || EmailAddress::parse_with_options(&text, options).is_err() {
            return Err(Error::invalid("email", "must be an e-mail address, such as user@example.com"));
        }
        Ok(Self(text))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
