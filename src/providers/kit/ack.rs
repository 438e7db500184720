//! The response to a webhook.

use std::borrow::Cow;

/// The response that tells a provider that its webhook was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ack {
    /// The HTTP status, 200 to 299.
    pub status: u16,
    /// The content type; empty if there is no body.
    pub content_type: Cow<'static, str>,
    /// The body.
    pub body: Cow<'static, str>,
}

impl Ack {
    /// 200 with a plain text.
    pub(in crate::providers) const fn text(body: &'static str) -> Self {
        Self { status: 200, content_type: Cow::Borrowed("text/plain; charset=utf-8"), body: Cow::Borrowed(body) }
    }

    /// 200 with an empty TwiML document. Twilio would send a plain text to the sender as an SMS.
    pub(in crate::providers) const fn twiml() -> Self {
        Self {
            status: 200,
            content_type: Cow::Borrowed("text/xml"),
            body: Cow::Borrowed(r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#),
        }
    }
}
