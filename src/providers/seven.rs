//! seven (formerly sms77): posts of JSON, or where the account says so forms or queries, signed with the account's
//! signing secret.
//!
//! `X-Signature` is HMAC-SHA256, in hexadecimal digits, over time, nonce, method, address and MD5 of the body, with
//! line feeds between them. The examples of seven's SDK take the path and the query for the address; whether the
//! service does too, or takes the whole address, is not documented: either is accepted, and both cover the same.
//!
//! Sources: `@seven.io/client` (`WebhookVerifier` and its README); seven's documentation, "Webhooks".

use chrono::{DateTime, TimeZone, Utc};
use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};

use super::{
    Kind, Opener, Provider,
    kit::{
        Ack, Common, Draft, Hash, Item, Malformed, Node, Outgoing, RawWebhook, Reading, Rejected, States, Verified,
        document, fresh, hex, message_id, one, payload, sender, state_of, unhex,
    },
};
use crate::domain::{DeliveryState, InboundSms, Result, StatusUpdate};

pub(super) const KIND: Kind = Kind {
    word: "seven",
    title: "seven",
    secret: "the signing secret of webhooks",
    settings: &[],
    api_endpoint: "https://gateway.seven.io",
    open: Opener::Code(|setup| {
        setup.has_no_own()?;
        Ok(Box::new(Seven { tolerance: setup.tolerance(TOLERANCE), secret: setup.secret, common: setup.common }))
    }),
};

const SIGNATURE: &str = "x-signature";
const TIMESTAMP: &str = "x-timestamp";
const NONCE: &str = "x-nonce";

/// How far the time of a signature may be from ours, in seconds.
const TOLERANCE: u32 = 300;

const STATES: &States = &[
    (DeliveryState::Queued, &["BUFFERED"]),
    (DeliveryState::Sent, &["TRANSMITTED", "ACCEPTED"]),
    (DeliveryState::Delivered, &["DELIVERED"]),
    (DeliveryState::Undelivered, &["NOTDELIVERED", "EXPIRED", "FAILED"]),
    (DeliveryState::Failed, &["REJECTED"]),
];

struct Seven {
    secret: SecretString,
    tolerance: u32,
    common: Common,
}

impl Seven {
    fn code(&self, timestamp: &str, nonce: &str, raw: &RawWebhook, address: &str) -> Vec<u8> {
        let body = hex(&Hash::Md5.digest(&raw.body));
        let text = [timestamp, nonce, raw.method.as_str(), address, &body].join("\n");
        Hash::Sha256.code(self.secret.expose_secret().as_bytes(), &[text.as_bytes()])
    }

    fn message(&self, data: &Node<'_>) -> Result<Item, Malformed> {
        let to = data.find_scalar("/system")?;
        let mut sms = InboundSms::new(
            message_id("data.id", &data.scalar("/id")?)?,
            sender("data.sender", &data.scalar("/sender")?)?,
            self.common.recipient("data.system", to.as_deref())?,
            data.text("/text")?,
        );
        sms.sent_at = unix(data, "/time");
        sms.payload = payload(data.value());
        Ok(Item::Message(sms))
    }

    fn status(data: &Node<'_>) -> Result<Item, Malformed> {
        let word = data.text("/status")?;
        Ok(Item::Status(StatusUpdate {
            provider_message_id: message_id("data.msg_id", &data.scalar("/msg_id")?)?,
            state: state_of(STATES, word),
            provider_status: InboundSms::storable(word),
            phone_number: None,
            at: unix(data, "/timestamp"),
            error: None,
            payload: payload(data.value()),
        }))
    }
}

/// A time in seconds since 1970. Times in words have no zone, and are left out.
fn unix(data: &Node<'_>, pointer: &str) -> Option<DateTime<Utc>> {
    Utc.timestamp_opt(data.number(pointer)?, 0).single()
}

/// What a webhook says, as its JSON does: `webhook_event`, and the rest in `data`.
fn event(raw: &RawWebhook) -> Result<Value, Malformed> {
    if raw.method != Method::GET && raw.is_json() {
        return document(&raw.body);
    }
    let form = raw.flat()?.without_ours();
    let mut data = Map::new();
    for (name, value) in form.fields() {
        let text = |bytes| std::str::from_utf8(bytes).map_err(|_| Malformed::new("body", "is not valid UTF-8"));
        let (name, value) = (text(name)?, text(value)?);
        // As PHP writes what is nested, and without.
        let inner = name.strip_prefix("data[").and_then(|name| name.strip_suffix(']')).unwrap_or(name);
        if data.insert(inner.to_owned(), value.into()).is_some_and(|before| before != value) {
            return Err(Malformed::new(inner, "is given more than once, with different values"));
        }
    }
    let event = data.remove("webhook_event");
    Ok(json!({ "webhook_event": event, "data": data }))
}

impl Provider for Seven {
    fn methods(&self) -> &[Method] {
        &[Method::POST, Method::GET]
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let (timestamp, nonce) = (raw.header(TIMESTAMP)?, raw.header(NONCE)?);
        let presented = unhex(raw.header(SIGNATURE)?).ok_or(Rejected::WrongSignature)?;
        raw.must_be_flat()?;
        let codes = [raw.path_and_query(), &raw.url].map(|address| self.code(timestamp, nonce, raw, address));
        let verified = Verified::by_code(raw, codes, &presented)?;
        // Only now is the time worth reading: it is the one that was signed.
        fresh(timestamp.parse().map_err(|_| Rejected::Stale)?, now, Some(self.tolerance))?;
        Ok(verified)
    }

    fn parse(&self, webhook: &Verified<'_>) -> Reading {
        let event = event(webhook.raw())?;
        let event = Node::root(&event);
        one(match event.text("/webhook_event")? {
            "sms_mo" => self.message(&event.get("/data")?),
            "dlr" => Self::status(&event.get("/data")?),
            _ => Ok(Item::Nothing),
        })
    }

    fn ack(&self) -> Ack {
        Ack::text("OK")
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let body = json!({
            "data": {
                "id": draft.id,
                "sender": Draft::bare(draft.from),
                "system": Draft::bare(draft.to),
                "text": draft.text,
                "time": draft.now.timestamp().to_string(),
            },
            "webhook_event": "sms_mo",
            "webhook_timestamp": draft.now.format("%Y-%m-%d %H:%M:%S").to_string(),
        });
        let timestamp = draft.now.timestamp().to_string();
        let headers = [(TIMESTAMP, timestamp.as_str()), (NONCE, draft.nonce)];
        let mut raw = Outgoing::json(draft.url, body.to_string().into_bytes(), &headers);
        let signature = hex(&self.code(&timestamp, draft.nonce, &raw, raw.path_and_query()));
        Outgoing::set(&mut raw, SIGNATURE, &signature);
        Ok(raw)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::{
        kit::Form,
        testing::{adapter, webhook},
    };

    const URL: &str = "https://sms.example.com/v1/webhooks/sms?provider=seven";
    const BODY: &str = r#"{"data":{"id":681590,"sender":"491771783130","system":"491771456780","text":"Your code is 482913","time":"1795334400"},"webhook_event":"sms_mo","webhook_timestamp":"2026-11-22 09:00:00"}"#;

    fn account() -> Seven {
        Seven { secret: "0123456789abcdef".into(), tolerance: TOLERANCE, common: Common::default() }
    }

    fn verify(raw: &mut RawWebhook, signature: &str, seconds: i64) -> Result<(), Rejected> {
        Outgoing::set(raw, SIGNATURE, signature);
        Outgoing::set(raw, TIMESTAMP, "1795334400");
        Outgoing::set(raw, NONCE, "6e6f6e6365");
        account().verify(raw, DateTime::from_timestamp(seconds, 0).unwrap()).map(drop)
    }

    #[test]
    fn the_code_covers_time_nonce_method_address_and_body() {
        // HMAC-SHA256 as OpenSSL computes it: first with path and query, then with the whole address.
        let (by_path, by_url) = (
            "507fc55e3628f2670424d8f222894c207fe032184bfb786cf55f414faf1329df",
            "b2e0019379eea05b1d331dcc8168749660d6115d11115328233fcb9d351ffad0",
        );
        let mut raw = webhook(URL, &[("content-type", "application/json")], BODY.as_bytes());
        for signature in [by_path, by_url, &by_path.to_uppercase()] {
            for (seconds, result) in [
                (1_795_334_100, Ok(())),
                (1_795_334_700, Ok(())),
                (1_795_334_099, Err(Rejected::Stale)),
                (1_795_334_701, Err(Rejected::Stale)),
            ] {
                assert_eq!(verify(&mut raw, signature, seconds), result, "{signature} {seconds}");
            }
        }
        for wrong in ["", "zz", "00", &by_path[2..]] {
            assert_eq!(verify(&mut raw, wrong, 1_795_334_400), Err(Rejected::WrongSignature), "{wrong}");
        }
        let mut other = webhook(&format!("{URL}2"), &[("content-type", "application/json")], BODY.as_bytes());
        assert_eq!(verify(&mut other, by_path, 1_795_334_400), Err(Rejected::WrongSignature));
        raw.method = Method::PUT;
        assert_eq!(verify(&mut raw, by_path, 1_795_334_400), Err(Rejected::WrongSignature));
        raw.method = Method::POST;
        raw.body.push(b' ');
        assert_eq!(verify(&mut raw, by_path, 1_795_334_400), Err(Rejected::WrongSignature));
    }

    #[test]
    fn a_query_is_covered_by_the_address() {
        let url = format!("{URL}&webhook_event=sms_mo&data%5Bid%5D=1");
        let mut raw = webhook(&url, &[], b"");
        raw.method = Method::GET;
        let signature = hex(&account().code("1795334400", "6e6f6e6365", &raw, raw.path_and_query()));
        assert_eq!(verify(&mut raw, &signature, 1_795_334_400), Ok(()));
        raw.url += "0";
        assert_eq!(verify(&mut raw, &signature, 1_795_334_400), Err(Rejected::WrongSignature));
    }

    fn read(raw: &RawWebhook) -> Result<Item, Malformed> {
        account().parse(&Verified::unchecked(raw))?.remove(0)
    }

    #[test]
    fn a_message_is_the_same_in_json_in_a_form_and_in_a_query() {
        let plain = "webhook_event=sms_mo&id=681590&sender=491771783130&system=491771456780\
                     &text=Your+code+is+482913&time=1795334400";
        let nested = "webhook_event=sms_mo&data%5Bid%5D=681590&data%5Bsender%5D=491771783130\
                      &data%5Bsystem%5D=491771456780&data%5Btext%5D=Your+code+is+482913&data[time]=1795334400";
        let mut webhooks = vec![webhook(URL, &[("content-type", "application/json")], BODY.as_bytes())];
        for form in [plain, nested] {
            webhooks.push(webhook(URL, &[("content-type", Form::TYPE)], form.as_bytes()));
            webhooks.push(webhook(&format!("{URL}&token=secret&{form}"), &[], b""));
            webhooks.last_mut().unwrap().method = Method::GET;
        }
        for raw in webhooks {
            let Ok(Item::Message(sms)) = read(&raw) else { panic!("{raw:?}") };
            assert_eq!((sms.provider_message_id.as_str(), sms.from.as_str()), ("681590", "491771783130"));
            assert_eq!((sms.to.as_str(), sms.text.as_str()), ("+491771456780", "Your code is 482913"));
            assert_eq!(sms.sent_at, DateTime::from_timestamp(1_795_334_400, 0));
            assert!(!sms.payload.get().contains("secret"));
        }
    }

    #[test]
    fn delivery_reports_are_read_and_other_events_are_not() {
        let event = |event: &str, status: &str| {
            let body = json!({
                "data": { "msg_id": "77140000001", "status": status, "timestamp": "2026-11-22 09:00:00" },
                "webhook_event": event,
            });
            read(&webhook(URL, &[("content-type", "application/json")], body.to_string().as_bytes()))
        };
        let Ok(Item::Status(update)) = event("dlr", "NOTDELIVERED") else { panic!() };
        assert_eq!((update.provider_message_id.as_str(), update.at), ("77140000001", None));
        assert_eq!(update.state, Some(DeliveryState::Undelivered));
        let Ok(Item::Status(update)) = event("dlr", "UNKNOWN") else { panic!() };
        assert_eq!((update.state, update.provider_status.as_str()), (None, "UNKNOWN"));
        assert!(matches!(event("voice_status", ""), Ok(Item::Nothing)));
        assert_eq!(event("sms_mo", "").unwrap_err().field, "/data/id");
    }

    #[test]
    fn a_shared_number_may_have_no_name() {
        let body =
            json!({ "data": { "id": 1, "sender": "BANK", "system": null, "text": "" }, "webhook_event": "sms_mo" });
        let raw = webhook(URL, &[("content-type", "application/json")], body.to_string().as_bytes());
        let parse = |configuration| {
            adapter("seven", "x", configuration).parse(&Verified::unchecked(&raw)).map(|mut items| items.remove(0))?
        };
        assert_eq!(parse(json!({})).unwrap_err().field, "data.system");
        let Ok(Item::Message(sms)) = parse(json!({ "to": "+15005550006" })) else { panic!() };
        assert_eq!((sms.from.as_str(), sms.to.as_str()), ("BANK", "+15005550006"));
    }
}
