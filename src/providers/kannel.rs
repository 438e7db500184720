//! Kannel: an SMS gateway of one's own that calls an address with the parameters that its configuration names, and
//! signs nothing. These are read:
//!
//! ```text
//! get-url = "…?provider=NAME&token=SECRET&from=%p&to=%P&text=%b&id=%I&ts=%T&charset=%C&coding=%c&smsc=%i&udh=%u"
//! dlr-url = "…?provider=NAME&token=SECRET&id=OUR-ID&dlr=%d&to=%P&ts=%T&answer=%A"
//! ```
//!
//! With `post-url` the address is the same and the text is the body. What the answer says is sent to the sender, so
//! it is empty. A code that the gateway is too old to know stays in the address as it is (`%I`), and is nothing.
//!
//! Sources: Kannel's user guide, "SMS service group", "Delivery reports"; its `gw/urltrans.c` and `gw/smsbox.c`.

use chrono::{DateTime, Utc};
use http::Method;
use secrecy::SecretString;
use serde::Deserialize;

use super::{
    Kind, Opener, Provider,
    kit::{
        Ack, Charset, Common, Draft, Form, Item, Malformed, Outgoing, RawWebhook, Reading, Rejected, Setup, TimeFormat,
        Verified, address_with, decode, message_id, octets, one, part_of, payload, read_time, sender,
    },
};
use crate::domain::{DeliveryState, InboundSms, Result, StatusUpdate};

pub(super) const KIND: Kind = Kind {
    word: "kannel",
    title: "Kannel",
    secret: "a long random text of your own, which `get-url` carries as `token`",
    settings: &[(
        "default_charset",
        "How texts are written of which neither `charset` nor `coding` says it: utf-8 (the default), iso-8859-1, gsm, \
         us-ascii or utf-16be.",
    )],
    api_endpoint: "http://localhost:13013",
    open: Opener::Code(|setup| Ok(Box::new(Kannel::open(setup)?))),
};

/// What the bits of `%d` mean, the final ones first. 32 is a report on the way, which says nothing.
const STATES: [(u8, DeliveryState); 5] = [
    (1, DeliveryState::Delivered),
    (2, DeliveryState::Undelivered),
    (16, DeliveryState::Failed),
    (8, DeliveryState::Sent),
    (4, DeliveryState::Queued),
];

/// The adapter.
pub struct Kannel {
    secret: SecretString,
    default_charset: Charset,
    common: Common,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    default_charset: Option<Charset>,
}

impl Kannel {
    fn open(setup: Setup) -> Result<Self> {
        let Settings { default_charset } = setup.own()?;
        let default_charset = default_charset.unwrap_or(Charset::Utf8);
        Ok(Self { secret: setup.secret, default_charset, common: setup.common })
    }

    /// Reads a message or a delivery report. `body` is the text where `post-url` sends it.
    fn read(&self, form: &Form<'_>, body: Option<&[u8]>) -> Result<Item, Malformed> {
        // `%T`. The `%t` of older versions does not say its zone, and often ends with the minutes.
        let at = form.find("ts")?.and_then(|text| read_time(text, &TimeFormat::Unix));
        if let Some(dlr) = form.filled("dlr")? {
            let bits: u8 = form.number("dlr")?.unwrap_or(0);
            return Ok(Item::Status(StatusUpdate {
                provider_message_id: message_id("id", form.text("id")?)?,
                state: STATES.iter().find(|(bit, _)| bits & bit != 0).map(|(_, state)| *state),
                provider_status: dlr.to_owned(),
                phone_number: form.filled("to")?.and_then(|to| self.common.recipient("to", Some(to)).ok()),
                at,
                // What the carrier answered; it says something of every report, and matters for these.
                error: form.filled("answer").ok().flatten().filter(|_| bits & (2 | 16) != 0).map(str::to_owned),
                payload: payload(form),
            }));
        }
        let id = form.filled("id")?.filter(|id| !id.starts_with('%'));
        let id = id.map(|id| message_id("id", id)).transpose()?;
        let text = form.bytes("text")?.or(body).ok_or_else(|| Malformed::new("text", "is missing"))?;
        let mut sms = InboundSms::new(
            id.unwrap_or_default(),
            sender("from", form.text("from")?)?,
            self.common.recipient("to", form.find("to")?)?,
            &self.text(form, text)?,
        );
        sms.sent_at = at;
        sms.part = form.bytes("udh")?.and_then(part_of);
        sms.payload = payload(form);
        Ok(Item::Message(sms))
    }

    fn text(&self, form: &Form<'_>, bytes: &[u8]) -> Result<String, Malformed> {
        let name = form.filled("charset")?;
        if let Some(charset) = name.and_then(Charset::named) {
            return Ok(decode(bytes, charset));
        }
        let is_binary =
            name.is_some_and(|name| ["binary", "8-BIT"].iter().any(|known| known.eq_ignore_ascii_case(name)));
        // 0 is 7 bits, which the gateway has recoded; 3 was UCS-2 before version 1.4.
        Ok(match form.number::<i32>("coding")? {
            _ if is_binary => octets(bytes),
            Some(1) => octets(bytes),
            // Before it was 8 bits: then it is no pairs of octets, or by chance.
            Some(2 | 3) if bytes.len().is_multiple_of(2) => decode(bytes, Charset::Utf16Be),
            _ => decode(bytes, self.default_charset),
        })
    }
}

impl Provider for Kannel {
    fn shows_secret(&self) -> bool {
        true
    }

    fn methods(&self) -> &[Method] {
        &[Method::GET, Method::POST]
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, _now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        Verified::by_secret(raw, &self.secret)
    }

    fn parse(&self, webhook: &Verified<'_>) -> Reading {
        let raw = webhook.raw();
        let is_form = raw.is_form() && raw.method != Method::GET;
        let form = Form::decode(if is_form { &raw.body } else { raw.query().as_bytes() }).without_ours();
        let body = (raw.method == Method::POST && !is_form).then_some(raw.body.as_slice());
        one(self.read(&form, body))
    }

    fn ack(&self) -> Ack {
        Ack::text("")
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let parameters = [
            ("from", Draft::bare(draft.from)),
            ("to", Draft::bare(draft.to)),
            ("text", draft.text),
            ("id", draft.id),
            ("ts", &draft.now.timestamp().to_string()),
            ("charset", "UTF-8"),
            ("coding", "0"),
            ("smsc", "smsc1"),
            ("udh", ""),
        ];
        let mut raw = Outgoing::request(Method::GET, draft.url, &[]).with_token(&self.secret);
        raw.url = address_with(&raw.url, &parameters);
        Ok(raw)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::providers::testing::{adapter, webhook};

    fn get(query: &str) -> RawWebhook {
        let mut raw = webhook(&format!("https://a/?provider=x&token=secret&{query}"), &[], b"");
        raw.method = Method::GET;
        raw
    }

    fn parse_with(configuration: Value, raw: &RawWebhook) -> Result<Item, Malformed> {
        let kannel = adapter("kannel", "secret", configuration);
        let verified = kannel.verify(raw, DateTime::UNIX_EPOCH).unwrap();
        kannel.parse(&verified).map(|mut items| items.remove(0))?
    }

    fn message(raw: &RawWebhook) -> InboundSms {
        match parse_with(Value::Null, raw) {
            Ok(Item::Message(sms)) => sms,
            other => panic!("{}: {other:?}", raw.url),
        }
    }

    const ENDS: &str = "from=14155550100&to=15005550006";

    #[test]
    fn a_message_is_read() {
        let sms = message(&get(&format!(
            "{ENDS}&text=Your+code+is+482913&id=5ba51f0c-8f2b-4b0a-9d3c-0f0a1b2c3d4e&ts=1795334400&charset=UTF-8\
             &coding=0&smsc=smsc1&udh="
        )));
        assert_eq!(sms.provider_message_id, "5ba51f0c-8f2b-4b0a-9d3c-0f0a1b2c3d4e");
        assert_eq!((sms.from.as_str(), sms.to.as_str()), ("14155550100", "+15005550006"));
        assert_eq!((sms.text.as_str(), sms.part.as_ref()), ("Your code is 482913", None));
        assert_eq!(sms.sent_at, DateTime::from_timestamp(1_795_334_400, 0));
        assert!(!sms.payload.get().contains("secret"));
        for (query, field) in [("to=12345&text=x", "from"), ("from=1&text=x", "to"), (ENDS, "text")] {
            assert_eq!(parse_with(Value::Null, &get(query)).unwrap_err().field, field, "{query}");
        }
    }

    #[test]
    fn codes_that_an_old_gateway_does_not_know_are_nothing() {
        for rest in ["id=%I&ts=%T&charset=%C", "id=&ts=2026-11-22+08%3A00&charset="] {
            let sms = message(&get(&format!("{ENDS}&text=x&{rest}")));
            assert_eq!((sms.provider_message_id.as_str(), sms.sent_at), ("", None), "{rest}");
        }
        let sms = message(&get(&format!("{ENDS}&text=x&ts=1795334400")));
        assert_eq!(sms.sent_at, DateTime::from_timestamp(1_795_334_400, 0));
    }

    #[test]
    fn a_text_is_read_by_its_character_set_then_its_coding_then_the_setting() {
        for (rest, text) in [
            ("charset=UTF-8&text=caf%C3%A9", "café"),
            ("charset=ISO-8859-1&coding=0&text=caf%E9", "café"),
            ("charset=gsm&coding=1&text=%00", "@"),
            ("charset=UTF16-BE&coding=3&text=%04%22", "Т"),
            ("charset=UTF-16BE&coding=2&text=%04%22", "Т"),
            ("coding=2&text=%04%22", "Т"),
            ("coding=0&text=caf%C3%A9", "café"),
            ("charset=8-BIT&coding=1&text=caf%E9", "café"),
            // The third coding of old versions is the second of new ones.
            ("charset=binary&coding=2&text=caf%E9", "café"),
            ("text=caf%C3%A9", "café"),
        ] {
            assert_eq!(message(&get(&format!("{ENDS}&{rest}"))).text, text, "{rest}");
        }
        let raw = get(&format!("{ENDS}&coding=0&text=caf%E9"));
        let configured = parse_with(json!({ "default_charset": "iso-8859-1" }), &raw);
        assert!(matches!(configured, Ok(Item::Message(sms)) if sms.text == "café"));
    }

    #[test]
    fn a_text_may_be_posted() {
        let url = format!("https://a/?token=secret&{ENDS}&charset=%C&coding=%c");
        let plain = webhook(&url.replace("%c", "2"), &[("content-type", "text/plain")], &[0x04, 0x22]);
        assert_eq!(message(&plain).text, "Т");
        let body = format!("{ENDS}&text=%E2%82%AC");
        let form = webhook("https://a/?token=secret", &[("content-type", Form::TYPE)], body.as_bytes());
        assert_eq!(message(&form).text, "€");
    }

    #[test]
    fn parts_of_a_long_message_are_told() {
        let part = |udh: &str| message(&get(&format!("{ENDS}&text=x&udh={udh}"))).part;
        let expected = |reference: &str| Some(crate::domain::Part { reference: reference.to_owned(), number: 2, count: 3 });
        assert_eq!(part("%05%00%03%2A%03%02"), expected("2a"));
        assert_eq!(part("%06%08%04%01%2A%03%02"), expected("012a"));
        // Behind the ports of an application (9.2.3.24.4).
        assert_eq!(part("%0B%05%04%0B%84%23%F0%00%03%2A%03%02"), expected("2a"));
        for none in [
            "",
            "%u",
            "%05%00%03%2A%03%00",
            "%05%00%03%2A%03%04",
            "%05%00%03%2A%01%01",
            "%05%00%03%2A%03",
            "%05%00%04%2A%03%02",
            "%06%05%04%0B%84%23%F0",
            "%04%08%02%03%02",
            "%FF",
        ] {
            assert_eq!(part(none), None, "{none}");
        }
    }

    #[test]
    fn a_delivery_report_is_read() {
        let report = |dlr: &str| {
            let query = format!("id=our-1&dlr={dlr}&to=14155550100&ts=1795334400&answer=err%3A011");
            match parse_with(Value::Null, &get(&query)) {
                Ok(Item::Status(update)) => {
                    assert_eq!((update.provider_message_id.as_str(), &*update.provider_status), ("our-1", dlr));
                    assert_eq!(update.phone_number.unwrap().as_str(), "+14155550100");
                    assert_eq!(update.at, DateTime::from_timestamp(1_795_334_400, 0));
                    (update.state, update.error)
                }
                other => panic!("{dlr}: {other:?}"),
            }
        };
        let error = Some("err:011".to_owned());
        assert_eq!(report("1"), (Some(DeliveryState::Delivered), None));
        assert_eq!(report("2"), (Some(DeliveryState::Undelivered), error.clone()));
        assert_eq!(report("4"), (Some(DeliveryState::Queued), None));
        assert_eq!(report("8"), (Some(DeliveryState::Sent), None));
        assert_eq!(report("16"), (Some(DeliveryState::Failed), error));
        for unknown in ["32", "0", "512", "x"] {
            assert_eq!(report(unknown), (None, None), "{unknown}");
        }
        assert_eq!(parse_with(Value::Null, &get("dlr=1")).unwrap_err().field, "id");
    }

    #[test]
    fn the_answer_is_empty() {
        assert_eq!(adapter("kannel", "secret", Value::Null).ack(), Ack::text(""));
    }
}
