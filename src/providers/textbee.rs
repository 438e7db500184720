//! textbee: JSON posts about an Android phone's messages, signed with the subscription's signing secret.
//!
//! `X-Signature` is HMAC-SHA256 over the body, in hexadecimal digits. Nothing says when it was signed: a webhook that
//! is sent again is known by the id of its message. A message says which device received it, and not which number.
//!
//! Sources: textbee's own server (github.com/vernu/textbee, `api/src/webhook`).

use chrono::{DateTime, SecondsFormat, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::{
    Kind, Opener, Provider,
    kit::{
        Ack, Common, Draft, Hash, Item, Malformed, Node, Outgoing, RawWebhook, Reading, Rejected, States, TimeFormat,
        Verified, document, hex, message_id, one, payload, read_time, sender, state_of, unhex,
    },
};
use crate::domain::{DeliveryState, InboundSms, Result, StatusUpdate};

pub(super) const KIND: Kind = Kind {
    word: "textbee",
    title: "textbee",
    secret: "the signing secret of the webhook subscription",
    settings: &[],
    api_endpoint: "https://api.textbee.dev",
    open: Opener::Code(|setup| {
        setup.has_no_own()?;
        Ok(Box::new(Textbee { secret: setup.secret, common: setup.common }))
    }),
};

const SIGNATURE: &str = "x-signature";

const STATES: &States = &[
    (DeliveryState::Sent, &["MESSAGE_SENT"]),
    (DeliveryState::Delivered, &["MESSAGE_DELIVERED"]),
    (DeliveryState::Failed, &["MESSAGE_FAILED"]),
];

struct Textbee {
    secret: SecretString,
    common: Common,
}

impl Textbee {
    fn code(&self, body: &[u8]) -> Vec<u8> {
        Hash::Sha256.code(self.secret.expose_secret().as_bytes(), &[body])
    }

    fn message(&self, event: &Node<'_>) -> Result<Item, Malformed> {
        let mut sms = InboundSms::new(
            message_id("smsId", event.text("/smsId")?)?,
            sender("sender", &event.scalar("/sender")?)?,
            self.common.recipient_of("deviceId", &[event.text("/deviceId")?])?,
            event.text("/message")?,
        );
        sms.sent_at = event.filled("/receivedAt")?.and_then(|time| read_time(time, &TimeFormat::Rfc3339));
        sms.payload = payload(event.value());
        Ok(Item::Message(sms))
    }

    fn status(&self, event: &Node<'_>, word: &str) -> Result<Item, Malformed> {
        let to = event.find_scalar("/recipient")?;
        let time = ["/failedAt", "/deliveredAt", "/sentAt"].iter().find_map(|name| event.filled(name).ok().flatten());
        let error = match event.filled("/errorMessage")? {
            Some(text) => Some(text.into()),
            None => event.find_scalar("/errorCode")?,
        };
        Ok(Item::Status(StatusUpdate {
            provider_message_id: message_id("smsId", event.text("/smsId")?)?,
            state: state_of(STATES, word),
            provider_status: word.to_owned(),
            phone_number: to.and_then(|to| self.common.recipient("recipient", Some(&to)).ok()),
            at: time.and_then(|time| read_time(time, &TimeFormat::Rfc3339)),
            error: error.map(|error| InboundSms::storable(&error)),
            payload: payload(event.value()),
        }))
    }
}

impl Provider for Textbee {
    fn verify<'a>(&self, raw: &'a RawWebhook, _now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let presented = unhex(raw.header(SIGNATURE)?).ok_or(Rejected::WrongSignature)?;
        Verified::by_code(raw, [self.code(&raw.body)], &presented)
    }

    fn parse(&self, webhook: &Verified<'_>) -> Reading {
        let event = document(&webhook.raw().body)?;
        let event = Node::root(&event);
        one(match event.text("/webhookEvent")? {
            "MESSAGE_RECEIVED" => self.message(&event),
            // The last is what textbee calls a state that it does not know itself.
            word @ ("MESSAGE_SENT" | "MESSAGE_DELIVERED" | "MESSAGE_FAILED" | "UNKNOWN_STATE") => {
                self.status(&event, word)
            }
            _ => Ok(Item::Nothing),
        })
    }

    fn ack(&self) -> Ack {
        Ack::text("OK")
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let device = self.common.to_map.iter().find(|(_, number)| Draft::bare(number) == Draft::bare(draft.to));
        let body = json!({
            "smsId": draft.id,
            "message": draft.text,
            "deviceId": device.map_or("65f1c0ffee65f1c0ffee65f1", |(device, _)| device),
            "webhookSubscriptionId": "65f1beef65f1beef65f1beef",
            "webhookEvent": "MESSAGE_RECEIVED",
            "idempotencyKey": draft.nonce,
            "sender": draft.from,
            "receivedAt": draft.now.to_rfc3339_opts(SecondsFormat::Millis, true),
        });
        let body = body.to_string().into_bytes();
        let signature = hex(&self.code(&body));
        Ok(Outgoing::json(draft.url, body, &[(SIGNATURE, &signature)]))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::providers::testing::{adapter, webhook};

    fn read(body: Value) -> Result<Item, Malformed> {
        let account = adapter("textbee", "secret", json!({ "to_map": { "device1": "+15005550006" } }));
        let raw = webhook("https://sms.example.com/", &[], body.to_string().as_bytes());
        account.parse(&Verified::unchecked(&raw))?.remove(0)
    }

    #[test]
    fn the_code_covers_the_body() {
        // HMAC-SHA256 as OpenSSL computes it.
        let signature = "91adb3e1d7bcdca154b69dd0eeda679c636fed9426e15dd5dc4bd6d02302a4fd";
        let account = adapter("textbee", "0123456789abcdef0123", Value::Null);
        let verify = |body: &[u8], signature: &str| {
            let raw = webhook("https://sms.example.com/", &[(SIGNATURE, signature)], body);
            account.verify(&raw, DateTime::UNIX_EPOCH).map(drop)
        };
        let body = br#"{"smsId":"1","webhookEvent":"MESSAGE_RECEIVED"}"#;
        assert_eq!(verify(body, signature), Ok(()));
        assert_eq!(verify(body, &signature.to_uppercase()), Ok(()));
        for wrong in ["", "00", &signature[2..], &format!("sha256={signature}")] {
            assert_eq!(verify(body, wrong), Err(Rejected::WrongSignature), "{wrong}");
        }
        assert_eq!(verify(b"{}", signature), Err(Rejected::WrongSignature));
    }

    #[test]
    fn a_device_stands_for_a_number() {
        let message = |device: &str| {
            json!({
                "smsId": "s1", "sender": "GOOGLE", "message": "G-482913", "receivedAt": "2026-11-22T08:00:00.000Z",
                "deviceId": device, "webhookEvent": "MESSAGE_RECEIVED",
            })
        };
        let Ok(Item::Message(sms)) = read(message("device1")) else { panic!() };
        assert_eq!((sms.from.as_str(), sms.to.as_str(), sms.text.as_str()), ("GOOGLE", "+15005550006", "G-482913"));
        assert_eq!(sms.sent_at, DateTime::from_timestamp(1_795_334_400, 0));
        let unknown = read(message("device2")).unwrap_err();
        assert!(unknown.field == "deviceId" && unknown.issue.contains("device2"), "{unknown}");
    }

    #[test]
    fn delivery_events_are_read() {
        let event = |word: &str| {
            read(json!({
                "smsId": "s2", "message": "Hello", "deviceId": "device1", "webhookEvent": word, "status": "failed",
                "recipient": "+14155550100", "errorCode": 38, "failedAt": "2026-11-22T08:00:00.000Z",
            }))
        };
        let Ok(Item::Status(update)) = event("MESSAGE_FAILED") else { panic!() };
        assert_eq!((update.provider_message_id.as_str(), update.state), ("s2", Some(DeliveryState::Failed)));
        assert_eq!((update.error.as_deref(), update.at), (Some("38"), DateTime::from_timestamp(1_795_334_400, 0)));
        assert_eq!(update.phone_number.unwrap().as_str(), "+14155550100");
        let Ok(Item::Status(update)) = event("UNKNOWN_STATE") else { panic!() };
        assert_eq!((update.state, update.provider_status.as_str()), (None, "UNKNOWN_STATE"));
        assert!(matches!(event("SOMETHING_ELSE"), Ok(Item::Nothing)));
    }
}
