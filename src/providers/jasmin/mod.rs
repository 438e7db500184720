//! Jasmin: a self-hosted SMPP gateway that sends messages as forms, posted or in the URL, without a signature.
//!
//! A message that is not acknowledged with exactly `ACK/Jasmin` is sent again. Long messages arrive in one piece.
//!
//! For GETs, Jasmin appends `?` and the parameters to its base URL even if that has a query: the second question mark
//! is read as a separator.
//!
//! Sources: Jasmin's documentation, "HTTP API", and its `routing/throwers.py`.

use http::Method;

use super::{
    Constructor, Kind, Unsigned, UnsignedProvider,
    kit::{Ack, Charset, CommonSettings, Draft, Form, Item, Malformed, RawWebhook, Rejected, encode_hex},
};

mod message;

pub(super) static KIND: Kind = Kind {
    word: "jasmin",
    title: "Jasmin",
    secret: "a long random text of your own, which the base URL of the HTTP connector carries as `token`",
    settings: &[(
        "default_charset",
        "How the carrier writes texts of coding 0: gsm (the default), iso-8859-1, us-ascii, utf-8 or utf-16be.",
    )],
    api_endpoint: "http://localhost:1401",
    open: Constructor::Code(|setup| {
        Unsigned::open(setup, |setup| {
            Ok(Jasmin { default_charset: setup.default_charset(Charset::Gsm)?, common: setup.common.clone() })
        })
    }),
};

struct Jasmin {
    /// The carrier's encoding of texts in data coding 0.
    default_charset: Charset,
    common: CommonSettings,
}

impl UnsignedProvider for Jasmin {
    fn methods(&self) -> &[Method] {
        &[Method::POST, Method::GET]
    }

    fn check_type(&self, raw: &RawWebhook) -> Result<(), Rejected> {
        if raw.method == Method::GET { Ok(()) } else { raw.require_form() }
    }

    fn parse(&self, raw: &RawWebhook) -> Result<Item, Malformed> {
        // A question mark within a value is percent-encoded.
        let query = raw.query().replace('?', "&");
        let form = Form::decode(if raw.method == Method::GET { query.as_bytes() } else { &raw.body });
        message::parse(&form.without_platform_parameters(), &self.common, self.default_charset)
    }

    fn ack(&self) -> Ack {
        Ack::text("ACK/Jasmin")
    }

    fn compose(&self, draft: &Draft<'_>) -> RawWebhook {
        let octets: Vec<u8> = draft.text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let fields = [
            ("binary", &*encode_hex(&octets)),
            ("coding", "8"),
            ("from", Draft::without_plus(draft.from)),
            ("id", draft.id),
            ("origin-connector", "smppc_1"),
            ("priority", "1"),
            ("to", Draft::without_plus(draft.to)),
        ];
        let mut raw = RawWebhook::form_post(draft.url, &fields);
        // `serde_urlencoded` takes text only, and these octets are UTF-16.
        let content: String = octets.iter().map(|octet| format!("%{octet:02X}")).collect();
        raw.body.extend_from_slice(format!("&content={content}").as_bytes());
        raw
    }
}

#[cfg(test)]
mod tests;
