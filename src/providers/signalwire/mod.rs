//! SignalWire: Twilio's forms on its compatibility API (cXML), signed with the project's Signing Key.
//!
//! `X-SignalWire-Signature`, or if that is missing `X-Twilio-Signature`, carries HMAC-SHA1 over the URL and what was
//! posted. The details depend on the content type:
//!
//! - a form: base64, over the URL and every field, sorted by name. Unlike with Twilio, fields of one name stay in their
//!   order, and each is signed;
//! - JSON with `bodySHA256` in the URL: base64, over the URL, as with Twilio;
//! - other JSON: hexadecimal digits, over the URL and the raw body.
//!
//! The validator of SignalWire's Python SDK also tries a form without its fields. A signature of the bare URL would
//! then be valid for any form, so it is not accepted here.
//!
//! Sources: SignalWire's guides, "Webhooks overview", "Webhook security", "Status callbacks"; its SDKs'
//! `webhook_validator.py` and `webhooks.js`.

use chrono::{DateTime, Utc};
use http::Method;
use secrecy::SecretString;

use super::{
    Constructor, Kind, Provider,
    kit::{
        Ack, CommonSettings, Draft, Form, Hash, Item, JsonNode, ParsedWebhook, RawWebhook, Rejected, Verified,
        encode_base64, parse_json, single,
    },
    twilio::{
        self, message,
        signature::{self, Ports},
    },
};
use crate::domain::Result;

pub(super) static KIND: Kind = Kind {
    word: "signalwire",
    title: "SignalWire",
    secret: "the Signing Key of the project, not an API token",
    settings: &[],
    api_endpoint: "https://api.signalwire.com",
    open: Constructor::Code(|setup| {
        setup.refuse_settings()?;
        Ok(Box::new(SignalWire { secret: setup.secret, common: setup.common }))
    }),
};

const SIGNATURE: &str = "x-signalwire-signature";

struct SignalWire {
    secret: SecretString,
    common: CommonSettings,
}

impl SignalWire {
    fn mac(&self, url: &str, form: &Form<'_>) -> Vec<u8> {
        let mut fields: Vec<_> = form.fields().collect();
        // A stable sort: fields of one name stay in their order.
        fields.sort_by_key(|(name, _)| *name);
        signature::mac(Hash::Sha1, &self.secret, url, &fields)
    }
}

impl Provider for SignalWire {
    fn methods(&self) -> &[Method] {
        &[Method::POST, Method::GET]
    }

    fn is_secret_chosen(&self) -> bool {
        false
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, _now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let has_only_twilios = !raw.headers.contains_key(SIGNATURE) && raw.headers.contains_key(twilio::SIGNATURE);
        let header = if has_only_twilios { twilio::SIGNATURE } else { SIGNATURE };
        raw.header(header)?;
        let mut form = Form::decode(b"");
        if raw.method == Method::GET {
            // The fields are in the URL.
        } else if raw.is_json() && Form::decode(raw.query().as_bytes()).has(signature::BODY_HASH) {
            signature::check_body_hash(raw)?;
        } else if raw.is_json() {
            let mac = Hash::Sha1.hmac(&self.secret, &[raw.url.as_bytes(), &raw.body]);
            return Verified::by_mac(raw, [mac], &raw.hex_header(header)?);
        } else {
            raw.require_form()?;
            form = Form::decode(&raw.body);
        }
        let presented = raw.base64_header(header)?;
        Verified::by_mac(
            raw,
            signature::url_variants(&raw.url, Ports::Standard).map(|url| self.mac(&url, &form)),
            &presented,
        )
    }

    fn parse(&self, webhook: &Verified<'_>) -> ParsedWebhook {
        let raw = webhook.raw();
        if raw.method == Method::POST && raw.is_json() {
            let json = parse_json(&raw.body)?;
            // Events of calls and the like come in SignalWire's own format. An event of a message in that format is an
            // error, so that the operator sees it.
            let event = JsonNode::root(&json).first_filled(&["/event"]);
            if event.is_some_and(|event| !event.starts_with("messag")) {
                return single(Ok(Item::Ignored));
            }
        }
        single(message::parse(&raw.fields()?.without_platform_parameters(), &self.common))
    }

    fn ack(&self) -> Ack {
        Ack::twiml()
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let raw = RawWebhook::form_post(draft.url, &message::fields(draft));
        let signature = encode_base64(&self.mac(draft.url, &Form::decode(&raw.body)));
        Ok(raw.with_header(SIGNATURE, &signature))
    }
}

#[cfg(test)]
mod tests;
