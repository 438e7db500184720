//! Sinch Conversation API, channels SMS and MMS: JSON posts, told apart by which member they have. They are signed
//! as those of the SMS API are.
//!
//! Sources: Sinch's documentation, "Conversation API callbacks"; its SDKs for Node.js (`@sinch/conversation`) and
//! Python.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;

use super::{
    Kind, Opener, Provider,
    kit::{
        Ack, Common, Draft, Item, Malformed, Node, Outgoing, RawWebhook, Reading, Rejected, Setup, States, Verified,
        document, media, message_id, one, payload, sender, state_of,
    },
    sinch::Signature,
};
use crate::domain::{DeliveryState, InboundSms, Result, StatusUpdate};

pub(super) const KIND: Kind = Kind {
    word: "sinch_conversation",
    title: "Sinch Conversation API",
    secret: "the secret of the webhook",
    settings: &[],
    api_endpoint: "https://us.conversation.api.sinch.com",
    open: Opener::Code(|setup| Ok(Box::new(Conversation::open(setup)?))),
};

const STATES: &States = &[
    (DeliveryState::Queued, &["QUEUED_ON_CHANNEL"]),
    (DeliveryState::Delivered, &["DELIVERED", "READ"]),
    (DeliveryState::Undelivered, &["FAILED"]),
];

/// The adapter.
struct Conversation {
    signature: Signature,
    common: Common,
}

impl Conversation {
    fn open(setup: Setup) -> Result<Self> {
        setup.has_no_own()?;
        Ok(Self { signature: Signature::new(&setup), common: setup.common })
    }

    fn message(&self, root: &Node<'_>) -> Result<Item, Malformed> {
        let message = root.get("/message")?;
        // What the app itself has sent, and what came by WhatsApp and the like, is no SMS to one of the numbers.
        let is_ours = message.filled("/direction")?.is_none_or(|direction| direction == "TO_APP");
        let channel = message.filled("/channel_identity/channel")?;
        if !is_ours || channel.is_some_and(|channel| !matches!(channel, "SMS" | "MMS")) {
            return Ok(Item::Nothing);
        }
        // Older apps name no number; then `to_map` can say which one an app has.
        let app = root.filled("/app_id")?.filter(|app| self.common.to_map.contains_key(*app));
        let to = message.find_scalar("/sender_id")?.or(app.map(Into::into));
        let contents = message.get("/contact_message")?;
        let (text, file) = if let Some(card) = contents.find("/media_card_message") {
            (card.filled("/caption")?.unwrap_or_default(), card.filled("/url")?)
        } else if let Some(file) = contents.find("/media_message") {
            ("", file.filled("/url")?)
        } else {
            (contents.text("/text_message/text")?, None)
        };
        let mut sms = InboundSms::new(
            message_id("/message/id", message.text("/id")?)?,
            sender("/message/channel_identity/identity", &message.scalar("/channel_identity/identity")?)?,
            self.common.recipient("/message/sender_id", to.as_deref())?,
            text,
        );
        sms.media = file.and_then(|url| media(url, None)).into_iter().collect();
        sms.sent_at = message.time("/accept_time");
        sms.payload = payload(root.value());
        Ok(Item::Message(sms))
    }

    fn status(&self, root: &Node<'_>, report: &Node<'_>) -> Result<Item, Malformed> {
        let word = report.text("/status")?;
        let to = report.find_scalar("/channel_identity/identity")?;
        Ok(Item::Status(StatusUpdate {
            provider_message_id: message_id("/message_delivery_report/message_id", report.text("/message_id")?)?,
            state: state_of(STATES, word),
            provider_status: word.to_owned(),
            phone_number: to.and_then(|to| self.common.recipient("/identity", Some(&to)).ok()),
            at: root.time("/event_time"),
            error: report.filled("/reason/code")?.map(str::to_owned),
            payload: payload(root.value()),
        }))
    }
}

impl Provider for Conversation {
    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        self.signature.verify(raw, now)
    }

    fn parse(&self, webhook: &Verified<'_>) -> Reading {
        let body = document(&webhook.raw().body)?;
        let root = Node::root(&body);
        one(if root.find("/message").is_some() {
            self.message(&root)
        } else if let Some(report) = root.find("/message_delivery_report") {
            self.status(&root, &report)
        } else if body.is_object() {
            // Of contacts, conversations, opt-ins and more.
            Ok(Item::Nothing)
        } else {
            Err(root.wrong("", "must be an object of JSON"))
        })
    }

    fn ack(&self) -> Ack {
        Ack::text("OK")
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let now = draft.now.to_rfc3339_opts(SecondsFormat::Millis, true);
        let body = json!({
            "app_id": "01EB37HMH1M6SV18BSNS3G135H",
            "project_id": "c36f3d3d-1513-2edd-ae42-11995557ff61",
            "accepted_time": now,
            "event_time": now,
            "message": {
                "id": draft.id,
                "direction": "TO_APP",
                "contact_message": { "text_message": { "text": draft.text } },
                "channel_identity": { "channel": "SMS", "identity": Draft::bare(draft.from), "app_id": "" },
                "conversation_id": "01EPYATA64TMNZ1FV02JKF12JF",
                "contact_id": "01EXA07N79THJ20WSN6AS30TMW",
                "accept_time": now,
                "sender_id": Draft::bare(draft.to),
                "processing_mode": "CONVERSATION",
            },
            "message_metadata": "",
        });
        Ok(self.signature.sign(Outgoing::json(draft.url, body.to_string().into_bytes(), &[]), draft))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::providers::testing::{adapter, vectors, webhook};

    fn read(body: &Value, configuration: Value) -> Result<Item, Malformed> {
        let raw = webhook("http://a/", &[], body.to_string().as_bytes());
        let account = adapter("sinch_conversation", "secret", configuration);
        account.parse(&Verified::unchecked(&raw)).map(|mut items| items.remove(0))?
    }

    fn message(contents: Value, more: Value) -> Value {
        let mut message = json!({
            "id": "01EQ8235", "contact_message": contents, "sender_id": "15005550006",
            "channel_identity": { "channel": "SMS", "identity": "14155550100" },
        });
        message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "app_id": "APP1", "message": message })
    }

    #[test]
    fn messages_come_as_texts_and_as_media() {
        let sms = |contents| match read(&message(contents, json!({})), json!({})) {
            Ok(Item::Message(sms)) => (sms.text, sms.media.into_iter().map(|file| file.url).collect::<Vec<_>>()),
            other => panic!("{other:?}"),
        };
        assert_eq!(sms(json!({ "text_message": { "text": "482913" } })), ("482913".to_owned(), vec![]));
        let file = vec!["https://a/1".to_owned()];
        assert_eq!(sms(json!({ "media_message": { "url": "https://a/1" } })), (String::new(), file.clone()));
        let card = json!({ "media_card_message": { "url": "https://a/1", "caption": "x" } });
        assert_eq!(sms(card), ("x".to_owned(), file));
        let place = message(json!({ "location_message": {} }), json!({}));
        assert_eq!(read(&place, json!({})).unwrap_err().field, "/message/contact_message/text_message/text");
    }

    #[test]
    fn other_channels_and_what_the_app_sent_are_nothing() {
        let text = || json!({ "text_message": { "text": "x" } });
        for more in [
            json!({ "channel_identity": { "channel": "WHATSAPP", "identity": "14155550100" } }),
            json!({ "direction": "TO_CONTACT" }),
        ] {
            assert!(matches!(read(&message(text(), more), json!({})), Ok(Item::Nothing)));
        }
    }

    #[test]
    fn an_app_without_a_number_is_known_by_its_id() {
        let old = message(json!({ "text_message": { "text": "x" } }), json!({ "sender_id": "" }));
        let to = |configuration| match read(&old, configuration) {
            Ok(Item::Message(sms)) => sms.to.to_string(),
            Err(wrong) => wrong.field,
            other => panic!("{other:?}"),
        };
        assert_eq!(to(json!({ "to_map": { "APP1": "+15005550007" } })), "+15005550007");
        assert_eq!(to(json!({ "to": "+15005550008", "to_map": { "APP2": "+15005550007" } })), "+15005550008");
        assert_eq!(to(json!({})), "/message/sender_id");
    }

    #[test]
    fn delivery_receipts_and_other_events() {
        let published = vectors("sinch").into_iter().map(|vector| vector["input"]["body"].as_str().unwrap().to_owned());
        let bodies: Vec<Value> = published.map(|body| serde_json::from_str(&body).unwrap()).collect();
        let contact = bodies.iter().find(|body| body.get("contact_create_notification").is_some()).unwrap();
        assert!(matches!(read(contact, json!({})), Ok(Item::Nothing)));
        let receipt = bodies.iter().find(|body| body.get("message_delivery_report").is_some()).unwrap();
        let Ok(Item::Status(update)) = read(receipt, json!({})) else { panic!() };
        assert_eq!(update.provider_message_id, "01EQBC1A3BEK731GY4YXEN0C2R");
        assert_eq!(update.state, Some(DeliveryState::Queued));

        let failed = json!({ "event_time": "2026-11-22T08:00:00Z", "message_delivery_report": {
            "message_id": "M1", "status": "FAILED", "reason": { "code": "RECIPIENT_NOT_REACHABLE" },
            "channel_identity": { "channel": "SMS", "identity": "14155550100" },
        } });
        let Ok(Item::Status(update)) = read(&failed, json!({})) else { panic!() };
        assert_eq!(
            (update.state, update.error.as_deref()),
            (Some(DeliveryState::Undelivered), Some("RECIPIENT_NOT_REACHABLE"))
        );
        assert_eq!(update.phone_number.unwrap().as_str(), "+14155550100");
        assert_eq!(update.at.unwrap().timestamp(), 1_795_334_400);
    }
}
