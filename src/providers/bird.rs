//! Bird, the new platform of MessageBird: events of its Channels API as JSON.
//!
//! `MessageBird-Signature` is base64 of HMAC-SHA256 over three lines: the value of `MessageBird-Request-Timestamp`,
//! the address and the digest of the body. Bird tries again for 8 hours, and does not say whether it signs again, so
//! a signature is good for longer than that.
//!
//! An inbound message names the channel that it came to, and not the number. The account's configuration says which
//! number a channel has: in `to_map`, or as `to` when there is one channel.
//!
//! Sources: Bird's documentation, "Verifying a webhook subscription", "Webhook subscriptions", "Programmable SMS:
//! receiving messages", "Message status and interactions".

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::json;

use super::{
    Kind, Opener, Provider,
    kit::{
        Ack, Common, Draft, Item, Malformed, Node, Outgoing, RawWebhook, Reading, Rejected, States, TimeFormat,
        Verified, document, media, message_id, one, payload, read_time, sender, state_of,
    },
    messagebird::{SIGNATURE, TIMESTAMP, code, verify_dated},
};
use crate::domain::{DeliveryState, InboundSms, Media, Msisdn, Result, StatusUpdate};

pub(super) const KIND: Kind = Kind {
    word: "bird",
    title: "Bird",
    secret: "the signing key of the webhook subscription",
    settings: &[],
    api_endpoint: "https://api.bird.com",
    open: Opener::Code(|setup| {
        setup.has_no_own()?;
        Ok(Box::new(Bird { tolerance: setup.tolerance(TOLERANCE), secret: setup.secret, common: setup.common }))
    }),
};

/// How old a signature may be: 12 hours, in seconds.
const TOLERANCE: u32 = 43_200;

const STATES: &States = &[
    (DeliveryState::Queued, &["accepted", "processing"]),
    (DeliveryState::Sent, &["sent"]),
    (DeliveryState::Delivered, &["delivered"]),
    (DeliveryState::Undelivered, &["delivery_failed"]),
    (DeliveryState::Failed, &["sending_failed", "rejected"]),
];

struct Bird {
    secret: SecretString,
    tolerance: u32,
    common: Common,
}

impl Bird {
    fn message(&self, sms: &Node<'_>) -> Result<Item, Malformed> {
        let from = "/sender/contact/identifierValue";
        let body = sms.get("/body")?;
        let kind = body.text("/type")?;
        let content = body.get(&format!("/{kind}"))?;
        let text = match kind {
            "text" => content.text("/text")?,
            // What goes with a picture.
            _ => content.filled("/text").ok().flatten().unwrap_or_default(),
        };
        let mut read = InboundSms::new(
            message_id(&sms.name("/id"), &sms.scalar("/id")?)?,
            sender(&sms.name(from), &sms.scalar(from)?)?,
            self.recipient(sms)?,
            text,
        );
        let created = sms.filled("/createdAt").ok().flatten();
        read.sent_at = created.and_then(|at| read_time(at, &TimeFormat::Rfc3339));
        read.media = files(&content);
        read.payload = payload(sms.value());
        Ok(Item::Message(read))
    }

    /// The number of the channel.
    fn recipient(&self, sms: &Node<'_>) -> Result<Msisdn, Malformed> {
        let (channel, number) = ("/channelId", "/receiver/connector/identifierValue");
        let names = [channel, "/receiver/connector/id", number];
        let known = names.iter().find_map(|name| {
            let text = sms.find_scalar(name).ok().flatten()?;
            self.common.to_map.contains_key(text.as_ref()).then_some(text)
        });
        if known.is_some() || self.common.to.is_some() {
            return self.common.recipient(&sms.name(channel), known.as_deref());
        }
        // Some kinds of channel have their number with them.
        let given = sms.find_scalar(number).ok().flatten();
        given.and_then(|given| self.common.recipient(number, Some(&given)).ok()).ok_or_else(|| {
            sms.wrong(channel, "is not known; say which number it has in the configuration, in `to_map` or as `to`")
        })
    }
}

/// The files of a message. The name of their list is the plural of their type.
fn files(content: &Node<'_>) -> Vec<Media> {
    let lists = ["/images", "/files", "/audios", "/videos"];
    let files = lists.iter().flat_map(|list| content.items(list).unwrap_or_default());
    let file = |file: Node<'_>| media(file.text("/mediaUrl").ok()?, file.text("/contentType").ok());
    files.filter_map(file).take(InboundSms::MAX_MEDIA).collect()
}

fn status(sms: &Node<'_>) -> Result<Item, Malformed> {
    let word = sms.text("/status")?;
    let state = state_of(STATES, word);
    let to = ["/receiver/contacts/0/identifierValue", "/receiver/contact/identifierValue"];
    let to = to.iter().find_map(|name| sms.find_scalar(name).ok().flatten());
    let at = ["/lastStatusAt", "/updatedAt"].iter().find_map(|name| sms.filled(name).ok().flatten());
    let reason = ["/failure/description", "/reason"].iter().find_map(|name| sms.filled(name).ok().flatten());
    Ok(Item::Status(StatusUpdate {
        provider_message_id: message_id(&sms.name("/id"), &sms.scalar("/id")?)?,
        state,
        provider_status: word.to_owned(),
        phone_number: to.and_then(|to| Msisdn::parse("receiver", &to).ok()),
        at: at.and_then(|at| read_time(at, &TimeFormat::Rfc3339)),
        error: reason.map(str::to_owned),
        payload: payload(sms.value()),
    }))
}

impl Provider for Bird {
    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        verify_dated(raw, &self.secret, [raw.url.clone()], now, self.tolerance)
    }

    fn parse(&self, webhook: &Verified<'_>) -> Reading {
        let read = document(&webhook.raw().body)?;
        let event = Node::root(&read);
        match event.text("/event")? {
            "sms.inbound" => one(self.message(&event.get("/payload")?)),
            "sms.outbound" => one(status(&event.get("/payload")?)),
            _ => one(Ok(Item::Nothing)),
        }
    }

    fn ack(&self) -> Ack {
        Ack::text("OK")
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let channel = self.common.to_map.iter().find(|(_, number)| number.as_str() == draft.to);
        let time = draft.now.to_rfc3339();
        let body = json!({
            "service": "channels",
            "event": "sms.inbound",
            "payload": {
                "id": draft.id,
                "channelId": channel.map_or("614208aa-b153-4d5d-9989-2fddfc0ce4c3", |(channel, _)| channel),
                "sender": { "contact": { "identifierKey": "phonenumber", "identifierValue": draft.from } },
                "receiver": { "connector": { "id": "86cc4dc0-3dc0-41b7-ac43-8ec829ead56f" } },
                "body": { "type": "text", "text": { "text": draft.text } },
                "parts": [{ "platformReference": draft.nonce }],
                "status": "delivered",
                "direction": "incoming",
                "lastStatusAt": time,
                "createdAt": time,
                "updatedAt": time,
            },
        });
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let timestamp = draft.now.timestamp().to_string();
        let signature = STANDARD.encode(code(&self.secret, &timestamp, draft.url, &body));
        Ok(Outgoing::json(draft.url, body, &[(TIMESTAMP, &timestamp), (SIGNATURE, &signature)]))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::providers::testing::{adapter, webhook};

    const URL: &str = "https://sms.example.com/v1/webhooks/sms?provider=bird";

    /// Made with another implementation of HMAC, as Bird's documentation has it.
    #[test]
    fn the_address_is_signed_as_it_is() {
        let verify = |url: &str, body: &[u8], now| {
            let headers = [(TIMESTAMP, "1719823259"), (SIGNATURE, "fU16mk7pP20vP3QdmQ6HifjHQrHP0HenUUfJn6qcg8c=")];
            let raw = webhook(url, &headers, body);
            let bird = adapter("bird", "secret", Value::Null);
            bird.verify(&raw, DateTime::from_timestamp(now, 0).unwrap()).map(drop)
        };
        assert_eq!(verify(URL, b"{}", 1_719_823_259), Ok(()));
        assert_eq!(verify(URL, b"{}", 1_719_823_259 + 43_200), Ok(()));
        assert_eq!(verify(URL, b"{}", 1_719_823_259 + 43_201), Err(Rejected::Stale));
        assert_eq!(verify(URL, b"{ }", 1_719_823_259), Err(Rejected::WrongSignature));
        let sorted = URL.split_once('?').unwrap().1;
        for url in [&format!("{URL}&a=b"), sorted, "https://sms.example.com/v1/webhooks/sms"] {
            assert_eq!(verify(url, b"{}", 1_719_823_259), Err(Rejected::WrongSignature), "{url}");
        }
    }

    fn parse(configuration: Value, event: &Value) -> Result<Item, Malformed> {
        let raw = webhook(URL, &[], &serde_json::to_vec(event).unwrap());
        adapter("bird", "secret", configuration).parse(&Verified::unchecked(&raw)).map(|mut items| items.remove(0))?
    }

    /// As the documentation shows it.
    fn inbound() -> Value {
        json!({ "service": "channels", "event": "sms.inbound", "payload": {
            "id": "96a0b5fa", "channelId": "614208aa",
            "sender": { "contact": { "identifierKey": "phonenumber", "identifierValue": "+31612345678" } },
            "receiver": { "connector": { "id": "86cc4dc0" } },
            "body": { "type": "text", "text": { "text": "Sample incoming text message" } },
            "parts": [{ "platformReference": "e8077d80" }],
            "status": "delivered", "direction": "incoming", "createdAt": "2026-11-22T08:00:00.736Z",
        } })
    }

    #[test]
    fn a_channel_has_a_number() {
        let to = |configuration, event: &Value| match parse(configuration, event) {
            Ok(Item::Message(sms)) => Ok(sms.to.to_string()),
            Ok(other) => panic!("{other:?}"),
            Err(wrong) => Err(wrong.to_string()),
        };
        let number = || Ok("+15005550006".to_owned());
        assert_eq!(to(json!({ "to_map": { "614208aa": "+15005550006" } }), &inbound()), number());
        assert_eq!(to(json!({ "to_map": { "86cc4dc0": "+15005550006" } }), &inbound()), number());
        assert_eq!(to(json!({ "to": "+15005550006", "to_map": { "other": "+15005550007" } }), &inbound()), number());
        assert!(to(json!({}), &inbound()).unwrap_err().starts_with("/payload/channelId: is not known"));
        let mut event = inbound();
        event["payload"]["receiver"]["connector"]["identifierValue"] = json!("+15005550006");
        assert_eq!(to(json!({}), &event), number());
    }

    #[test]
    fn a_message_is_read() {
        let read = |event: &Value| match parse(json!({ "to": "+15005550006" }), event) {
            Ok(Item::Message(sms)) => sms,
            other => panic!("{other:?}"),
        };
        let sms = read(&inbound());
        assert_eq!((sms.provider_message_id.as_str(), sms.from.as_str()), ("96a0b5fa", "+31612345678"));
        assert_eq!(sms.text, "Sample incoming text message");
        assert_eq!(sms.sent_at.unwrap().timestamp(), 1_795_334_400);
        let mut picture = inbound();
        let files = json!([{ "mediaUrl": "https://media.example.com/1" }, { "mediaUrl": "javascript:x" }]);
        picture["payload"]["body"] = json!({ "type": "image", "image": { "text": "look", "images": files } });
        let sms = read(&picture);
        assert_eq!((sms.text.as_str(), sms.media.len()), ("look", 1));
    }

    #[test]
    fn a_field_that_is_wrong_is_named() {
        for (pointer, field) in [
            ("/event", "/event"),
            ("/payload", "/payload"),
            ("/payload/id", "/payload/id"),
            ("/payload/sender/contact/identifierValue", "/payload/sender/contact/identifierValue"),
            ("/payload/body", "/payload/body"),
            ("/payload/body/text/text", "/payload/body/text/text"),
        ] {
            let mut event = inbound();
            *event.pointer_mut(pointer).unwrap() = Value::Null;
            assert_eq!(parse(json!({ "to": "+15005550006" }), &event).unwrap_err().field, field);
        }
    }

    #[test]
    fn a_state_is_read() {
        let status = |word| {
            let event = json!({ "service": "channels", "event": "sms.outbound", "payload": {
                "id": "1", "status": word, "reason": "", "failure": { "code": 5, "description": "no route" },
                "receiver": { "contacts": [{ "identifierValue": "+31612345678" }] },
                "lastStatusAt": "2026-11-22T08:00:00Z",
            } });
            let Ok(Item::Status(update)) = parse(json!({}), &event) else { panic!("{word}") };
            assert_eq!((update.provider_status.as_str(), update.error.as_deref()), (word, Some("no route")));
            assert_eq!(update.phone_number.unwrap().as_str(), "+31612345678");
            assert_eq!(update.at.unwrap().timestamp(), 1_795_334_400);
            update.state
        };
        assert_eq!(status("sending_failed"), Some(DeliveryState::Failed));
        assert_eq!(status("delivery_failed"), Some(DeliveryState::Undelivered));
        assert_eq!(status("something_new"), None);
        let other = json!({ "service": "channels", "event": "whatsapp.inbound", "payload": {} });
        assert!(matches!(parse(json!({}), &other), Ok(Item::Nothing)));
    }
}
