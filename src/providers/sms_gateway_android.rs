//! SMS Gateway for Android (capcom6): JSON posts from the phone itself, one for each event, signed with the signing
//! key of the app.
//!
//! `X-Signature` is HMAC-SHA256, in hexadecimal digits, over the body and, right after it, `X-Timestamp`. The phone
//! signs each attempt anew. The id of an event is what its retries repeat; `messageId` is a short hash of a received
//! message, and not its alone. An inbox may be exported again, and then brings the same messages as new events.
//!
//! Sources: github.com/capcom6/android-sms-gateway (`modules/webhooks`, `modules/receiver`); docs.sms-gate.app,
//! "Webhooks".

use chrono::{DateTime, SecondsFormat, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::{
    Kind, Opener, Provider,
    kit::{
        Ack, Common, Draft, Hash, Item, Malformed, Node, Outgoing, RawWebhook, Reading, Rejected, States, TimeFormat,
        Verified, document, fresh, hex, message_id, one, payload, read_time, sender, state_of, unbase64, unhex,
    },
};
use crate::domain::{DeliveryState, InboundSms, Msisdn, Result, StatusUpdate};

pub(super) const KIND: Kind = Kind {
    word: "sms_gateway_android",
    title: "SMS Gateway for Android",
    secret: "the signing key, from the app's settings for webhooks: choose a long one",
    settings: &[],
    api_endpoint: "https://api.sms-gate.app",
    open: Opener::Code(|setup| {
        setup.has_no_own()?;
        Ok(Box::new(Gateway { tolerance: setup.tolerance(TOLERANCE), secret: setup.secret, common: setup.common }))
    }),
};

const SIGNATURE: &str = "x-signature";
const TIMESTAMP: &str = "x-timestamp";

/// How far the time of a signature may be from ours, in seconds.
const TOLERANCE: u32 = 300;

/// The events of a message that the phone sends.
const STATES: &States = &[
    (DeliveryState::Sent, &["sms:sent"]),
    (DeliveryState::Delivered, &["sms:delivered"]),
    (DeliveryState::Failed, &["sms:failed", "sms:cancelled"]),
];

struct Gateway {
    secret: SecretString,
    tolerance: u32,
    common: Common,
}

/// What carries a text.
#[derive(Clone, Copy)]
enum Carrier {
    Sms,
    /// An SMS for a program: bytes.
    Data,
    Mms,
}

impl Carrier {
    /// What an event brings, if it is one that brings messages. The header of an MMS (`mms:received`) is none: the
    /// message follows when it has been downloaded.
    fn of(event: &str) -> Option<Self> {
        match event {
            "sms:received" => Some(Self::Sms),
            "sms:data-received" => Some(Self::Data),
            "mms:downloaded" => Some(Self::Mms),
            _ => None,
        }
    }

    fn text(self, message: &Node<'_>) -> Result<String, Malformed> {
        match self {
            Self::Sms => Ok(message.text("/message")?.to_owned()),
            // Bytes that are no text stay in Base64.
            Self::Data => {
                let data = message.text("/data")?;
                let text = unbase64(data).and_then(|bytes| String::from_utf8(bytes).ok());
                Ok(text.unwrap_or_else(|| data.to_owned()))
            }
            Self::Mms => {
                let lines = [message.filled("/subject")?, message.filled("/body")?];
                Ok(lines.into_iter().flatten().collect::<Vec<_>>().join("\n"))
            }
        }
    }
}

impl Gateway {
    fn code(&self, body: &[u8], timestamp: &str) -> Vec<u8> {
        Hash::Sha256.code(self.secret.expose_secret().as_bytes(), &[body, timestamp.as_bytes()])
    }

    /// The number that a message is for: what the phone says, or where it does not know, what its SIM stands for.
    fn recipient(&self, event: &Node<'_>, message: &Node<'_>) -> Result<Msisdn, Malformed> {
        let named = message.find_scalar("/recipient")?;
        let device = event.text("/deviceId")?;
        let slot = message.find_scalar("/simNumber")?.map(|sim| format!("{device}:{sim}"));
        // Some phones know their number in national form alone, which cannot be told from another country's. What
        // the operator says of the SIM is better then.
        let is_known = slot.iter().any(|slot| self.common.to_map.contains_key(slot));
        let is_international = named.as_ref().is_some_and(|named| named.starts_with('+'));
        if let Some(number) = named.and_then(|named| self.common.recipient("recipient", Some(&named)).ok())
            && (is_international || !is_known)
        {
            return Ok(number);
        }
        self.common.recipient_of("recipient", &[slot.as_deref().unwrap_or(device), device])
    }

    /// A message. `what` is what its id names, and what is kept of it: the event, or one message of several.
    fn message(
        &self,
        event: &Node<'_>,
        message: &Node<'_>,
        carrier: Carrier,
        id: &str,
        what: &Node<'_>,
    ) -> Result<Item, Malformed> {
        // Its name of old was `phoneNumber`.
        let from = match message.find_scalar("/sender")? {
            Some(from) => from,
            None => message.scalar("/phoneNumber")?,
        };
        let mut sms = InboundSms::new(
            message_id("id", id)?,
            sender("sender", &from)?,
            self.recipient(event, message)?,
            &carrier.text(message)?,
        );
        sms.sent_at = message.filled("/receivedAt")?.and_then(|time| read_time(time, &TimeFormat::Rfc3339));
        sms.may_return = true;
        sms.payload = payload(what.value());
        Ok(Item::Message(sms))
    }

    fn status(&self, event: &Node<'_>, word: &str) -> Result<Item, Malformed> {
        let message = event.get("/payload")?;
        let to = match message.find_scalar("/recipient")? {
            Some(to) => Some(to),
            None => message.find_scalar("/phoneNumber")?,
        };
        let times = ["/sentAt", "/deliveredAt", "/failedAt", "/cancelledAt"];
        let time = times.iter().find_map(|name| message.filled(name).ok().flatten());
        Ok(Item::Status(StatusUpdate {
            provider_message_id: message_id("messageId", message.text("/messageId")?)?,
            state: state_of(STATES, word),
            provider_status: word.to_owned(),
            phone_number: to.and_then(|to| self.common.recipient("recipient", Some(&to)).ok()),
            at: time.and_then(|time| read_time(time, &TimeFormat::Rfc3339)),
            error: message.filled("/reason")?.map(InboundSms::storable),
            payload: payload(event.value()),
        }))
    }
}

impl Provider for Gateway {
    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let timestamp = raw.header(TIMESTAMP)?;
        let presented = unhex(raw.header(SIGNATURE)?).ok_or(Rejected::WrongSignature)?;
        let verified = Verified::by_code(raw, [self.code(&raw.body, timestamp)], &presented)?;
        // Nothing parts the body from the time: digits could be moved from one to the other. A body that ends in
        // digits is no object, and is not read.
        fresh(timestamp.parse().map_err(|_| Rejected::Stale)?, now, Some(self.tolerance))?;
        Ok(verified)
    }

    fn parse(&self, webhook: &Verified<'_>) -> Reading {
        let event = document(&webhook.raw().body)?;
        let event = Node::root(&event);
        let (word, id) = (event.text("/event")?, event.text("/id")?);
        if let Some(carrier) = Carrier::of(word) {
            return one(self.message(&event, &event.get("/payload")?, carrier, id, &event));
        }
        // `sms:batch:received` has several messages of `sms:received`.
        if let Some(carrier) = Carrier::of(&word.replacen(":batch:", ":", 1)) {
            let messages = event.items("/payload/messages")?;
            let read = |(at, message): (usize, &Node<'_>)| {
                self.message(&event, message, carrier, &format!("{id}:{at}"), message)
            };
            return Ok(messages.iter().enumerate().map(read).collect());
        }
        one(if state_of(STATES, word).is_some() { self.status(&event, word) } else { Ok(Item::Nothing) })
    }

    fn ack(&self) -> Ack {
        Ack::text("OK")
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let body = json!({
            "deviceId": "ffffffffceb0b1db0000018e937c815b",
            "event": "sms:received",
            "id": draft.id,
            "payload": {
                "messageId": "a1b2c3d4",
                "message": draft.text,
                "sender": draft.from,
                "recipient": draft.to,
                "phoneNumber": draft.from,
                "simNumber": 1,
                "receivedAt": draft.now.to_rfc3339_opts(SecondsFormat::Millis, false),
            },
            "webhookId": "LreFUt-Z3sSq0JufY9uWB",
        });
        let body = body.to_string().into_bytes();
        let timestamp = draft.now.timestamp().to_string();
        let signature = hex(&self.code(&body, &timestamp));
        Ok(Outgoing::json(draft.url, body, &[(SIGNATURE, &signature), (TIMESTAMP, &timestamp)]))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::providers::testing::{adapter, webhook};

    const DEVICE: &str = "ffffffffceb0b1db0000018e937c815b";

    fn parse(configuration: Value, body: &Value) -> Vec<Result<Item, Malformed>> {
        let raw = webhook("https://sms.example.com/", &[], body.to_string().as_bytes());
        let account = adapter("sms_gateway_android", "secret", configuration);
        account.parse(&Verified::unchecked(&raw)).unwrap_or_else(|wrong| vec![Err(wrong)])
    }

    fn event(word: &str, payload: Value) -> Value {
        json!({ "deviceId": DEVICE, "event": word, "id": "Ey6ECgOkVVFjz3CL48B8C", "webhookId": "w", "payload": payload })
    }

    fn message(configuration: Value, body: &Value) -> Result<InboundSms, Malformed> {
        match parse(configuration, body).remove(0)? {
            Item::Message(sms) => Ok(sms),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_code_covers_body_and_time() {
        // HMAC-SHA256 as OpenSSL computes it. The app writes some characters as escapes: the bytes count.
        let body = br#"{"event":"sms:received","payload":{"message":"a\u003db"}}"#;
        let signature = "966012ba546362a0021af47369475e39753c1924bf54240da5ac261aa4dcd18e";
        let account = adapter("sms_gateway_android", "0123456789abcdef", Value::Null);
        let verify = |body: &[u8], timestamp: &str, seconds: i64| {
            let raw = webhook("https://a.example/", &[(SIGNATURE, signature), (TIMESTAMP, timestamp)], body);
            account.verify(&raw, DateTime::from_timestamp(seconds, 0).unwrap()).map(drop)
        };
        assert_eq!(verify(body, "1795334400", 1_795_334_700), Ok(()));
        assert_eq!(verify(body, "1795334400", 1_795_334_100), Ok(()));
        assert_eq!(verify(body, "1795334400", 1_795_334_701), Err(Rejected::Stale));
        assert_eq!(verify(body, "1795334401", 1_795_334_400), Err(Rejected::WrongSignature));
        assert_eq!(verify(&body[1..], "1795334400", 1_795_334_400), Err(Rejected::WrongSignature));
        // A digit that was moved from the time to the body verifies, for what is no time of today and no JSON.
        let moved = [body, b"1".as_slice()].concat();
        assert_eq!(verify(&moved, "795334400", 1_795_334_400), Err(Rejected::Stale));
        let raw = webhook("https://a.example/", &[], &moved);
        assert!(account.parse(&Verified::unchecked(&raw)).is_err());
    }

    #[test]
    fn a_sim_stands_for_a_number() {
        let received = |recipient: Value, sim: Value| {
            event(
                "sms:received",
                json!({
                    "messageId": "a1b2c3d4", "message": "Your code is 482913", "phoneNumber": "+14155550100",
                    "recipient": recipient, "simNumber": sim, "receivedAt": "2026-11-22T15:00:00.000+07:00",
                }),
            )
        };
        let slot = format!("{DEVICE}:2");
        let two = json!({ "to_map": { slot: "+15005550007", DEVICE: "+15005550008" } });
        let to = |configuration: &Value, recipient: Value, sim: Value| {
            message(configuration.clone(), &received(recipient, sim)).map(|sms| sms.to.to_string())
        };
        assert_eq!(to(&two, "+15005550006".into(), 2.into()).unwrap(), "+15005550006");
        assert_eq!(to(&two, Value::Null, 2.into()).unwrap(), "+15005550007");
        assert_eq!(to(&two, "".into(), 2.into()).unwrap(), "+15005550007");
        // A number as it is dialled at home.
        assert_eq!(to(&two, "0150055500".into(), 2.into()).unwrap(), "+15005550007");
        assert_eq!(to(&two, Value::Null, 1.into()).unwrap(), "+15005550008");
        assert_eq!(to(&two, Value::Null, Value::Null).unwrap(), "+15005550008");
        assert_eq!(to(&json!({ "to": "+15005550009" }), Value::Null, 1.into()).unwrap(), "+15005550009");
        let unknown = to(&json!({}), Value::Null, 1.into()).unwrap_err();
        assert!(unknown.field == "recipient" && unknown.issue.contains(&format!("{DEVICE}:1")), "{unknown}");

        let sms = message(two, &received(Value::Null, 2.into())).unwrap();
        assert_eq!((sms.provider_message_id.as_str(), sms.from.as_str()), ("Ey6ECgOkVVFjz3CL48B8C", "+14155550100"));
        assert_eq!(sms.sent_at, DateTime::from_timestamp(1_795_334_400, 0));
        assert!(sms.may_return);
    }

    #[test]
    fn data_and_mms_are_read_as_text() {
        let text = |word: &str, payload: Value| {
            let mut payload = payload;
            payload["sender"] = "BANK".into();
            payload["recipient"] = "+15005550006".into();
            message(json!({}), &event(word, payload)).map(|sms| sms.text)
        };
        assert_eq!(text("sms:data-received", json!({ "data": "NDgyOTEz" })).unwrap(), "482913");
        assert_eq!(text("sms:data-received", json!({ "data": "/wD+" })).unwrap(), "/wD+");
        assert_eq!(text("mms:downloaded", json!({ "subject": "Code", "body": "482913" })).unwrap(), "Code\n482913");
        assert_eq!(text("mms:downloaded", json!({ "subject": null, "body": "482913" })).unwrap(), "482913");
        assert_eq!(text("mms:downloaded", json!({ "attachments": [] })).unwrap(), "");
        assert_eq!(text("sms:received", json!({})).unwrap_err().field, "/payload/message");
    }

    #[test]
    fn the_messages_of_a_batch_have_ids_of_their_own() {
        let one = |text: &str| json!({ "messageId": "x", "message": text, "sender": "A", "recipient": "+15005550006" });
        let messages = json!({ "messages": [one("1"), { "message": "2" }, one("3")] });
        let read = parse(json!({}), &event("sms:batch:received", messages));
        assert_eq!(read.len(), 3);
        assert_eq!(read[1].as_ref().unwrap_err().field, "/payload/messages/1/phoneNumber");
        let ids: Vec<_> = read
            .iter()
            .filter_map(|item| match item {
                Ok(Item::Message(sms)) => Some((sms.provider_message_id.as_str(), sms.text.as_str())),
                _ => None,
            })
            .collect();
        assert_eq!(ids, [("Ey6ECgOkVVFjz3CL48B8C:0", "1"), ("Ey6ECgOkVVFjz3CL48B8C:2", "3")]);
    }

    #[test]
    fn states_are_read_and_other_events_are_not() {
        let read = |word: &str| {
            let payload = json!({
                "messageId": "o1", "phoneNumber": "+14155550100", "simNumber": 1,
                "reason": "No service", "failedAt": "2026-11-22T08:00:00.000Z",
            });
            parse(json!({}), &event(word, payload)).remove(0)
        };
        for (word, state) in [
            ("sms:sent", DeliveryState::Sent),
            ("sms:delivered", DeliveryState::Delivered),
            ("sms:failed", DeliveryState::Failed),
            ("sms:cancelled", DeliveryState::Failed),
        ] {
            let Ok(Item::Status(update)) = read(word) else { panic!("{word}") };
            assert_eq!((update.provider_message_id.as_str(), update.state), ("o1", Some(state)));
            assert_eq!((update.provider_status.as_str(), update.error.as_deref()), (word, Some("No service")));
            assert_eq!(update.phone_number.unwrap().as_str(), "+14155550100");
            assert_eq!(update.at, DateTime::from_timestamp(1_795_334_400, 0));
        }
        for word in ["system:ping", "app:started", "mms:received", "mms:batch:received", "call:missed"] {
            assert!(matches!(read(word), Ok(Item::Nothing)), "{word}");
        }
    }
}
