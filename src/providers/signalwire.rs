//! SignalWire: Twilio's forms on its compatibility surface (cXML), signed with the project's Signing Key.
//!
//! `X-SignalWire-Signature`, or `X-Twilio-Signature` where that is all there is, carries HMAC-SHA1 over the address
//! and what was posted. How, follows from the type of the body:
//!
//! - a form: base64, over the address and every field, sorted by name. Unlike Twilio's, fields of one name stay in
//!   their order, and each counts;
//! - JSON whose address has `bodySHA256`: base64, over the address, as Twilio's;
//! - other JSON: hexadecimal digits, over the address and the raw body.
//!
//! The validator of SignalWire's Python SDK also tries a form without its fields. A signature of the bare address
//! would then fit any form, so that is not done here.
//!
//! Sources: SignalWire's guides, "Webhooks overview", "Webhook security", "Status callbacks"; its SDKs'
//! `webhook_validator.py` and `webhooks.js`.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use http::Method;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{
    Kind, Opener, Provider,
    kit::{
        Ack, Common, Draft, Form, Hash, Item, Node, Outgoing, RawWebhook, Reading, Rejected, Verified, document, one,
        unhex,
    },
    twilio,
};
use crate::domain::Result;

pub(super) const KIND: Kind = Kind {
    word: "signalwire",
    title: "SignalWire",
    secret: "the Signing Key of the project, not an API token",
    settings: &[],
    api_endpoint: "https://api.signalwire.com",
    open: Opener::Code(|setup| {
        setup.has_no_own()?;
        Ok(Box::new(SignalWire { secret: setup.secret, common: setup.common }))
    }),
};

/// The header that carries the signature.
pub const SIGNATURE: &str = "x-signalwire-signature";

/// The adapter.
pub struct SignalWire {
    secret: SecretString,
    common: Common,
}

impl SignalWire {
    fn code(&self, url: &str, form: &Form<'_>) -> Vec<u8> {
        let mut fields: Vec<_> = form.fields().collect();
        // A stable sort: fields of one name stay in their order.
        fields.sort_by_key(|(name, _)| *name);
        let mut parts = vec![url.as_bytes()];
        parts.extend(fields.iter().flat_map(|(name, value)| [*name, *value]));
        Hash::Sha1.code(self.secret.expose_secret().as_bytes(), &parts)
    }
}

/// The ways to write an address that may have been signed. A port that is not the scheme's own is always there.
fn spellings(url: &str) -> impl Iterator<Item = String> + use<> {
    let has_own_port = Url::parse(url).is_ok_and(|url| url.port().is_some());
    twilio::spellings(url).take(if has_own_port { 1 } else { usize::MAX })
}

impl Provider for SignalWire {
    fn methods(&self) -> &[Method] {
        &[Method::POST, Method::GET]
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, _now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let has_only_twilios = !raw.headers.contains_key(SIGNATURE) && raw.headers.contains_key(twilio::SIGNATURE);
        let presented = raw.header(if has_only_twilios { twilio::SIGNATURE } else { SIGNATURE })?;
        let mut form = Form::decode(b"");
        if raw.method == Method::GET {
            // The fields are in the address.
        } else if raw.is_json() && Form::decode(raw.query().as_bytes()).has(twilio::BODY_HASH) {
            twilio::check_body_hash(raw)?;
        } else if raw.is_json() {
            let presented = unhex(presented).ok_or(Rejected::WrongSignature)?;
            let code = Hash::Sha1.code(self.secret.expose_secret().as_bytes(), &[raw.url.as_bytes(), &raw.body]);
            return Verified::by_code(raw, [code], &presented);
        } else {
            raw.must_be_form()?;
            form = Form::decode(&raw.body);
        }
        let presented = STANDARD.decode(presented).map_err(|_| Rejected::WrongSignature)?;
        Verified::by_code(raw, spellings(&raw.url).map(|url| self.code(&url, &form)), &presented)
    }

    fn parse(&self, webhook: &Verified<'_>) -> Reading {
        let raw = webhook.raw();
        if raw.method == Method::POST && raw.is_json() {
            let json = document(&raw.body)?;
            // Events of calls and the like come in SignalWire's own format. One of a message is not passed over: that
            // it cannot be read is for the operator to see.
            let event = Node::root(&json).filled("/event").ok().flatten();
            if event.is_some_and(|event| !event.starts_with("messag")) {
                return one(Ok(Item::Nothing));
            }
        }
        one(twilio::read(&raw.flat()?.without_ours(), &self.common))
    }

    fn ack(&self) -> Ack {
        Ack::twiml()
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let mut raw = Outgoing::form(draft.url, &twilio::fields(draft), &[]);
        let signature = STANDARD.encode(self.code(draft.url, &Form::decode(&raw.body)));
        Outgoing::set(&mut raw, SIGNATURE, &signature);
        Ok(raw)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        domain::DeliveryState,
        providers::{
            kit::hex,
            testing::{adapter, vectors, webhook},
        },
    };

    const URL: &str = "https://sms.example.com/v1/webhooks/sms?provider=test";
    const BODY: &str = "MessageSid=1&From=%2B14155550100&To=%2B15005550006&Body=482913";

    fn verify_at(url: &str, headers: &[(&str, &str)], body: &str) -> Result<(), Rejected> {
        adapter("signalwire", "key", json!({}))
            .verify(&webhook(url, headers, body.as_bytes()), DateTime::UNIX_EPOCH)
            .map(drop)
    }

    /// What SignalWire signs when it signs these texts, one after the other.
    fn code(parts: &[&str]) -> Vec<u8> {
        Hash::Sha1.code(b"key", &parts.iter().map(|part| part.as_bytes()).collect::<Vec<_>>())
    }

    #[test]
    fn published_signatures_of_json() {
        for vector in vectors("signalwire_json") {
            let text = |name: &str| vector["input"][name].as_str().unwrap();
            let headers = [("content-type", "application/json"), (SIGNATURE, vector["expected"].as_str().unwrap())];
            let account = adapter("signalwire", text("key"), json!({}));
            let mut raw = webhook(text("url"), &headers, text("body").as_bytes());
            let verified = account.verify(&raw, DateTime::UNIX_EPOCH).unwrap();
            assert!(matches!(account.parse(&verified).unwrap()[..], [Ok(Item::Nothing)]), "an event of a call");
            raw.body.push(b' ');
            assert_eq!(account.verify(&raw, DateTime::UNIX_EPOCH).map(drop), Err(Rejected::WrongSignature));
        }
    }

    #[test]
    fn a_form_is_signed_with_its_fields() {
        let signature = STANDARD.encode(code(&[URL, "Body482913From+14155550100MessageSid1To+15005550006"]));
        for header in [SIGNATURE, twilio::SIGNATURE] {
            assert_eq!(verify_at(URL, &[("content-type", Form::TYPE), (header, &signature)], BODY), Ok(()));
        }
        let bare = STANDARD.encode(code(&[URL]));
        let raw = STANDARD.encode(code(&[URL, BODY]));
        let digits = hex(&code(&[URL, "Body482913From+14155550100MessageSid1To+15005550006"]));
        for wrong in [bare, raw, digits] {
            let refused = verify_at(URL, &[("content-type", Form::TYPE), (SIGNATURE, &wrong)], BODY);
            assert_eq!(refused, Err(Rejected::WrongSignature), "{wrong}");
        }
        let both = [("content-type", Form::TYPE), (SIGNATURE, "AAAA"), (twilio::SIGNATURE, &signature)];
        assert_eq!(verify_at(URL, &both, BODY), Err(Rejected::WrongSignature), "its own header counts");
    }

    #[test]
    fn fields_of_one_name_stay_in_their_order() {
        let verify = |signed: &str| {
            let signature = STANDARD.encode(code(&[URL, signed]));
            verify_at(URL, &[("content-type", Form::TYPE), (SIGNATURE, &signature)], "b=1&a=2&a=1&a=1")
        };
        assert_eq!(verify("a2a1a1b1"), Ok(()));
        assert_eq!(verify("a1a2b1"), Err(Rejected::WrongSignature));
    }

    #[test]
    fn a_port_may_be_signed_where_it_is_the_standard_one() {
        let verify = |called: &str, signed: &str| {
            let signature = STANDARD.encode(code(&[signed, "a1"]));
            verify_at(called, &[("content-type", Form::TYPE), (SIGNATURE, &signature)], "a=1")
        };
        assert_eq!(verify("https://a.example/x", "https://a.example:443/x"), Ok(()));
        assert_eq!(verify("https://a.example:443/x", "https://a.example/x"), Ok(()));
        assert_eq!(verify("https://a.example:8443/x", "https://a.example:8443/x"), Ok(()));
        let stripped = verify("https://a.example:8443/x", "https://a.example/x");
        assert_eq!(stripped, Err(Rejected::WrongSignature));
    }

    #[test]
    fn json_is_covered_one_way_or_the_other() {
        let body = r#"{"MessageSid":"1","From":"+14155550100","To":"+15005550006","Body":"482913"}"#;
        let url = format!("{URL}&bodySHA256={}", hex(&Hash::Sha256.digest(body.as_bytes())));
        let verify = |url: &str, signature: String, body: &str| {
            verify_at(url, &[("content-type", "application/json"), (SIGNATURE, &signature)], body)
        };
        assert_eq!(verify(&url, STANDARD.encode(code(&[&url])), body), Ok(()));
        assert_eq!(verify(URL, hex(&code(&[URL, body])), body), Ok(()));
        for (url, signature, body) in [
            (url.as_str(), STANDARD.encode(code(&[&url])), "{}"),
            (&url, hex(&code(&[&url, body])), body),
            (URL, STANDARD.encode(code(&[URL])), body),
            (URL, hex(&code(&[URL])), body),
            (URL, STANDARD.encode(code(&[URL, body])), body),
        ] {
            assert_eq!(verify(url, signature, body), Err(Rejected::WrongSignature), "{url} {body}");
        }
    }

    #[test]
    fn messages_and_status_callbacks_are_twilios() {
        let read = |content_type: &str, body: &str| {
            let raw = webhook(URL, &[("content-type", content_type)], body.as_bytes());
            adapter("signalwire", "key", json!({})).parse(&Verified::unchecked(&raw)).map(|mut items| items.remove(0))
        };
        let Ok(Ok(Item::Message(sms))) = read(Form::TYPE, BODY) else { panic!("{BODY}") };
        assert_eq!((sms.provider_message_id.as_str(), sms.text.as_str()), ("1", "482913"));
        let status = "MessageSid=1&MessageStatus=undelivered&To=%2B15005550006&ErrorCode=30003&ErrorMessage=x";
        let Ok(Ok(Item::Status(update))) = read(Form::TYPE, status) else { panic!("{status}") };
        assert_eq!((update.state, update.error.as_deref()), (Some(DeliveryState::Undelivered), Some("30003")));
        // A message in a format that is not known here must be seen to be lost.
        assert!(read("application/json", r#"{"event":"messaging.receive","params":{}}"#).is_err());
    }
}
