//! Twilio Programmable Messaging: form posts, signed with the account's Auth Token.
//!
//! Sources: Twilio's documentation, "Messaging webhooks" and "Webhooks security"; its SDKs'
//! request validators.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde_json::value::RawValue;
use sha1::Sha1;
use url::Url;

use super::{Ack, Malformed, Provider, RawWebhook, Rejected, Verified, form::Form, payload};
use crate::domain::{InboundSms, Msisdn, Sender};

/// The header that carries the signature.
pub const SIGNATURE: &str = "x-twilio-signature";

/// The type of body that is signed by this scheme.
const FORM: &str = "application/x-www-form-urlencoded";

/// The adapter.
pub struct Twilio {
    auth_token: SecretString,
}

impl Twilio {
    /// An adapter for the account with this Auth Token.
    #[must_use]
    pub fn new(auth_token: SecretString) -> Self {
        Self { auth_token }
    }

    /// The signature of a form post: base64 of HMAC-SHA1 over the address, then each field's name
    /// and value, sorted by name, with nothing in between.
    #[must_use]
    pub fn sign(&self, url: &str, body: &[u8]) -> String {
        STANDARD.encode(self.code(url, &Form::decode(body)))
    }

    fn code(&self, url: &str, form: &Form<'_>) -> [u8; 20] {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha1>::new_from_slice(self.auth_token.expose_secret().as_bytes()).expect("any length");
        mac.update(url.as_bytes());
        for (name, value) in form.sorted() {
            mac.update(name);
            mac.update(value);
        }
        mac.finalize().into_bytes().into()
    }
}

/// The address as it was given, then the other ways to write its port: Twilio signs some with the
/// standard port and some without.
fn spellings(url: &str) -> impl Iterator<Item = String> + use<> {
    let given = url.to_owned();
    let other = move |url: String| {
        let parsed = Url::parse(&url).ok()?;
        let (scheme, rest) = url.split_once("://")?;
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let host = &authority[authority.rfind('@').map_or(0, |at| at + 1)..];
        let port = host.rfind(':').filter(|&at| !host[at..].contains(']'));
        Some(match port {
            Some(at) => format!("{scheme}://{}{path}", &authority[..authority.len() - host.len() + at]),
            None => format!("{scheme}://{authority}:{}{path}", parsed.port_or_known_default()?),
        })
    };
    // The second spelling is made only when the first one did not match.
    std::iter::once(given.clone()).chain(std::iter::once_with(move || other(given)).flatten())
}

impl Provider for Twilio {
    fn verify<'a>(&self, raw: &'a RawWebhook, _now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        raw.must_be(FORM)?;
        let presented = STANDARD.decode(raw.header(SIGNATURE)?).map_err(|_| Rejected::WrongSignature)?;
        let form = Form::decode(&raw.body);
        Verified::by_code(raw, spellings(&raw.url).map(|url| self.code(&url, &form)), &presented)
    }

    fn parse(&self, Verified(raw): Verified<'_>) -> Result<Vec<InboundSms>, Malformed> {
        let form = Form::decode(&raw.body);
        let id = form.text("MessageSid")?;
        InboundSms::check_id("MessageSid", id)?;
        Ok(vec![InboundSms {
            provider_message_id: id.to_owned(),
            from: Sender::parse("From", form.text("From")?)?,
            to: Msisdn::parse("To", form.text("To")?)?,
            // Empty when the message has only media.
            text: InboundSms::storable(form.text("Body")?),
            // Twilio does not say when a message was sent.
            sent_at: None,
            payload: payload(&form),
        }])
    }

    /// TwiML that does nothing. A plain-text reply would be sent to the sender as an SMS.
    fn ack(&self) -> Ack {
        Ack { content_type: "text/xml", body: r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"# }
    }

    fn payload(&self, Verified(raw): Verified<'_>) -> Box<RawValue> {
        payload(&Form::decode(&raw.body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::webhook;

    const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
    const CALL: &str =
        "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212";

    fn verify(url: &str, body: &str, signature: &str) -> Result<(), Rejected> {
        let raw = webhook(url, &[("content-type", FORM), (SIGNATURE, signature)], body.as_bytes());
        Twilio::new("12345".into()).verify(&raw, DateTime::UNIX_EPOCH).map(drop)
    }

    /// The vectors of the test suites of twilio-python and twilio-node.
    #[test]
    fn published_signatures_verify() {
        for (url, body, signature) in [
            (URL, CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
            ("https://mycompany.com:443/myapp.php?foo=1&bar=2", CALL, "kvajT1Ptam85bY51eRf/AJRuM3w="),
            (URL, CALL, "kvajT1Ptam85bY51eRf/AJRuM3w="),
            ("http://mycompany.com:1234/myapp.php?foo=1&bar=2", CALL, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
            ("http://mycompany.com:80/myapp.php?foo=1&bar=2", CALL, "0ZXoZLH/DfblKGATFgpif+LLRf4="),
            ("http://mycompany.com/myapp.php?foo=1&bar=2", CALL, "0ZXoZLH/DfblKGATFgpif+LLRf4="),
            (URL, "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234", "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
            ("https://user:pass@mycompany.com/myapp.php?foo=1&bar=2", CALL, "CukzLTc1tT5dXEDIHm/tKBanW10="),
            ("https://user@mycompany.com/myapp.php?foo=1&bar=2", CALL, "2YRLlVAflCqxaNicjMpJcSTgzSs="),
            ("https://user:pass@mycompany.com/myapp.php?foo=1&bar=2", CALL, "ZQFR1PTIZXF2MXB8ZnKCvnnA+rI="),
            (
                URL,
                "MessagingBinding.Address=%2B1325xxxxxxx&MessagingBinding.Address=%2B1415xxxxxxx",
                "83O6e2vORAoJHUNzJjDWN1jz+BA=",
            ),
        ] {
            assert_eq!(verify(url, body, signature), Ok(()), "{url} {signature}");
        }
    }

    #[test]
    fn anything_else_does_not() {
        let good = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
        for (url, body, signature) in [
            (URL, CALL.replace("1234", "1235").as_str(), good),
            ("https://mycompany.com/myapp.php?foo=1&bar=3", CALL, good),
            (URL, CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B9="),
            (URL, CALL, "not base64"),
            (URL, CALL, ""),
        ] {
            assert_eq!(verify(url, body, signature), Err(Rejected::WrongSignature), "{signature}");
        }
        let unsigned = webhook(URL, &[("content-type", FORM)], CALL.as_bytes());
        let verified = Twilio::new("12345".into()).verify(&unsigned, DateTime::UNIX_EPOCH).map(drop);
        assert_eq!(verified, Err(Rejected::Unsigned(SIGNATURE)));
        let json = webhook(URL, &[("content-type", "application/json"), (SIGNATURE, good)], b"{}");
        let verified = Twilio::new("12345".into()).verify(&json, DateTime::UNIX_EPOCH).map(drop);
        assert_eq!(verified, Err(Rejected::WrongType(FORM)));
    }

    #[test]
    fn a_message_is_read_field_by_field() {
        let parse = |body: &str| {
            let raw = webhook(URL, &[], body.as_bytes());
            Twilio::new("12345".into()).parse(Verified(&raw))
        };
        let read = parse("MessageSid=SM1&From=GOOGLE&To=%2B15005550006&Body=G-482913+%F0%9F%98%80&NumMedia=0").unwrap();
        assert_eq!(read[0].text, "G-482913 😀");
        assert_eq!(read[0].from.as_str(), "GOOGLE");
        assert_eq!(read[0].to.as_str(), "+15005550006");
        assert_eq!(parse("MessageSid=SM1&From=1&To=12345&Body=").unwrap()[0].text, "");
        for (body, field) in [
            ("From=1&To=12345&Body=x", "MessageSid"),
            ("MessageSid=&From=1&To=12345&Body=x", "MessageSid"),
            ("MessageSid=SM1&To=12345&Body=x", "From"),
            ("MessageSid=SM1&From=1&To=nobody&Body=x", "To"),
            ("MessageSid=SM1&From=1&To=12345", "Body"),
            ("MessageSid=SM1&From=1&To=12345&Body=%FF%FE", "Body"),
            ("MessageSid=SM1&From=1&To=12345&Body=a&Body=b", "Body"),
        ] {
            assert_eq!(parse(body).unwrap_err().field, field, "{body}");
        }
    }
}
