//! Kannel: a self-hosted SMS gateway that requests a URL with the parameters that its configuration names, and signs
//! nothing. These parameters are read:
//!
//! ```text
//! get-url = "…?provider=NAME&token=SECRET&from=%p&to=%P&text=%b&id=%I&ts=%T&charset=%C&coding=%c&smsc=%i&udh=%u"
//! dlr-url = "…?provider=NAME&token=SECRET&id=OUR-ID&dlr=%d&to=%P&ts=%T&answer=%A"
//! ```
//!
//! With `post-url` the URL is the same and the text is the body. The body of the response is sent to the sender as an
//! SMS, so it is empty. An escape that the gateway is too old to know is sent as it is (`%I`), and ignored.
//!
//! Sources: Kannel's user guide, "SMS service group", "Delivery reports"; its `gw/urltrans.c` and `gw/smsbox.c`.

use http::Method;

use super::{
    Constructor, Kind, Unsigned, UnsignedProvider,
    kit::{Ack, Charset, CommonSettings, Draft, Form, Item, Malformed, RawWebhook, Rejected, with_parameters},
};

mod message;

pub(super) static KIND: Kind = Kind {
    word: "kannel",
    title: "Kannel",
    secret: "a long random text of your own, which `get-url` carries as `token`",
    settings: &[(
        "default_charset",
        "How texts are written of which neither `charset` nor `coding` says it: utf-8 (the default), iso-8859-1, gsm, \
         us-ascii or utf-16be.",
    )],
    api_endpoint: "http://localhost:13013",
    open: Constructor::Code(|setup| {
        Unsigned::open(setup, |setup| {
            Ok(Kannel { default_charset: setup.default_charset(Charset::Utf8)?, common: setup.common.clone() })
        })
    }),
};

struct Kannel {
    default_charset: Charset,
    common: CommonSettings,
}

impl UnsignedProvider for Kannel {
    fn methods(&self) -> &[Method] {
        &[Method::GET, Method::POST]
    }

    /// A posted text has whatever content type the message has.
    fn check_type(&self, _raw: &RawWebhook) -> Result<(), Rejected> {
        Ok(())
    }

    fn parse(&self, raw: &RawWebhook) -> Result<Item, Malformed> {
        let is_form = raw.is_form() && raw.method != Method::GET;
        let form = Form::decode(if is_form { &raw.body } else { raw.query().as_bytes() }).without_platform_parameters();
        let body = (raw.method == Method::POST && !is_form).then_some(raw.body.as_slice());
        message::parse(&form, body, &self.common, self.default_charset)
    }

    fn ack(&self) -> Ack {
        Ack::text("")
    }

    fn compose(&self, draft: &Draft<'_>) -> RawWebhook {
        let parameters = [
            ("from", Draft::without_plus(draft.from)),
            ("to", Draft::without_plus(draft.to)),
            ("text", draft.text),
            ("id", draft.id),
            ("ts", &draft.now.timestamp().to_string()),
            ("charset", "UTF-8"),
            ("coding", "0"),
            ("smsc", "smsc1"),
            ("udh", ""),
        ];
        RawWebhook::request(Method::GET, &with_parameters(draft.url, &parameters))
    }
}

#[cfg(test)]
mod tests;
