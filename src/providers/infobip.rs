//! Infobip SMS and MMS: JSON posts of many messages or many delivery reports, with Basic credentials.
//!
//! Infobip can also sign with HMAC. What it calls the header is not in its public documentation; the generic adapter
//! takes the name as a setting.
//!
//! Sources: Infobip's documentation, "Receive inbound SMS messages" (format MO_JSON_2), "Receive outbound SMS message
//! reports", "Message status codes"; its Python SDK's models.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{
    Kind, Opener, Provider,
    kit::{
        Ack, Basic, Common, Draft, Item, Malformed, Node, Outgoing, RawWebhook, Reading, Rejected, Setup, States,
        Verified, document, media, message_id, payload, sender, state_of,
    },
};
use crate::domain::{DeliveryState, InboundSms, Result, StatusUpdate};

pub(super) const KIND: Kind = Kind {
    word: "infobip",
    title: "Infobip",
    secret: "the password that webhooks come with",
    settings: &[Basic::SETTING],
    api_endpoint: "https://api.infobip.com",
    open: Opener::Code(|setup| Ok(Box::new(Infobip::open(setup)?))),
};

const STATES: &States = &[
    (DeliveryState::Queued, &["ACCEPTED", "PENDING"]),
    (DeliveryState::Delivered, &["DELIVERED"]),
    (DeliveryState::Undelivered, &["EXPIRED", "UNDELIVERABLE"]),
    (DeliveryState::Failed, &["REJECTED"]),
];

/// The adapter.
struct Infobip {
    basic: Basic,
    common: Common,
}

impl Infobip {
    fn open(setup: Setup) -> Result<Self> {
        Ok(Self { basic: Basic::open(&setup)?, common: setup.common })
    }

    fn read(&self, entry: &Node<'_>) -> Result<Item, Malformed> {
        if entry.find("/status").is_some() { self.status(entry) } else { self.message(entry).map(Item::Message) }
    }

    fn message(&self, entry: &Node<'_>) -> Result<InboundSms, Malformed> {
        // An MMS has a list of parts in place of the text.
        let parts = if entry.find("/message").is_some() { entry.items("/message")? } else { Vec::new() };
        let text = if parts.is_empty() {
            // Not `cleanText`, which lacks the keyword.
            entry.text("/text")?.to_owned()
        } else {
            let is_text = |part: &&Node<'_>| part.text("/contentType").is_ok_and(|kind| kind.starts_with("text/plain"));
            let texts = parts.iter().filter(is_text).filter_map(|part| part.text("/value").ok());
            texts.collect::<Vec<_>>().join("\n")
        };
        let mut sms = InboundSms::new(
            message_id("/messageId", &entry.scalar("/messageId")?)?,
            sender(&entry.name("/from"), &entry.scalar("/from")?)?,
            self.common.recipient(&entry.name("/to"), entry.find_scalar("/to")?.as_deref())?,
            &text,
        );
        sms.media = (parts.iter())
            .filter_map(|part| media(part.text("/url").ok()?, part.text("/contentType").ok()))
            .take(InboundSms::MAX_MEDIA)
            .collect();
        sms.segments = entry.number("/smsCount");
        sms.sent_at = entry.time("/receivedAt");
        sms.payload = payload(entry.value());
        Ok(sms)
    }

    fn status(&self, entry: &Node<'_>) -> Result<Item, Malformed> {
        let word = entry.text("/status/groupName")?;
        let to = entry.find_scalar("/to")?;
        // A report without an error has one all the same, of the group OK.
        let has_failed = entry.filled("/error/groupName")?.is_some_and(|group| !group.eq_ignore_ascii_case("OK"));
        Ok(Item::Status(StatusUpdate {
            provider_message_id: message_id(&entry.name("/messageId"), &entry.scalar("/messageId")?)?,
            state: state_of(STATES, word),
            provider_status: word.to_owned(),
            phone_number: to.and_then(|to| self.common.recipient("/to", Some(&to)).ok()),
            at: entry.time("/doneAt"),
            error: entry.filled("/error/name")?.filter(|_| has_failed).map(str::to_owned),
            payload: payload(entry.value()),
        }))
    }
}

impl Provider for Infobip {
    fn verify<'a>(&self, raw: &'a RawWebhook, _now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        self.basic.verify(raw)
    }

    fn parse(&self, webhook: &Verified<'_>) -> Reading {
        let body = document(&webhook.raw().body)?;
        let entries = Node::root(&body).items("/results")?;
        Ok(entries.iter().map(|entry| self.read(entry)).collect())
    }

    fn ack(&self) -> Ack {
        Ack::text("OK")
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let body = json!({
            "results": [{
                "messageId": draft.id,
                "from": Draft::bare(draft.from),
                "to": Draft::bare(draft.to),
                "text": draft.text,
                "cleanText": draft.text,
                "keyword": null,
                "receivedAt": draft.now.format("%Y-%m-%dT%H:%M:%S%.3f%z").to_string(),
                "smsCount": 1,
                "price": { "pricePerMessage": 0, "currency": "EUR" },
                "callbackData": null,
            }],
            "messageCount": 1,
            "pendingMessageCount": 0,
        });
        Ok(self.basic.sign(Outgoing::json(draft.url, body.to_string().into_bytes(), &[])))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::providers::testing::{adapter, webhook};

    fn read(results: Value) -> Vec<Result<Item, Malformed>> {
        let raw = webhook("http://a/", &[], json!({ "results": results }).to_string().as_bytes());
        adapter("infobip", "secret", json!({ "username": "user" })).parse(&Verified::unchecked(&raw)).unwrap()
    }

    #[test]
    fn many_messages_come_at_once_and_one_that_is_bad_alone_is_lost() {
        let items = read(json!([
            { "messageId": "817790313235066447", "from": "14155550100", "to": "15005550006", "text": "QUIZ 482913",
              "cleanText": "482913", "keyword": "QUIZ", "receivedAt": "2026-11-22T08:00:00.000+0000", "smsCount": 2 },
            { "messageId": "2", "from": "", "to": "15005550006", "text": "x" },
            { "messageId": "3", "from": "GOOGLE", "to": "12345", "text": "", "receivedAt": "yesterday" },
        ]));
        let [Ok(Item::Message(first)), Err(wrong), Ok(Item::Message(last))] = items.as_slice() else {
            panic!("{items:?}")
        };
        assert_eq!((first.text.as_str(), first.segments), ("QUIZ 482913", Some(2)));
        assert_eq!(first.sent_at.unwrap().timestamp(), 1_795_334_400);
        assert!(first.payload.get().contains("QUIZ") && !first.payload.get().contains("GOOGLE"));
        assert_eq!(wrong.field, "/results/1/from");
        assert_eq!((last.from.as_str(), last.to.as_str(), last.sent_at), ("GOOGLE", "12345", None));
        assert!(read(json!([])).is_empty());
    }

    #[test]
    fn an_mms_is_a_list_of_parts() {
        let items = read(json!([{ "messageId": "1", "from": "1", "to": "12345", "message": [
            { "contentType": "application/smil", "value": "<smil/>" },
            { "contentType": "text/plain; charset=utf-8", "value": "482913" },
            { "contentType": "image/jpeg", "url": "https://a/1.jpg" },
        ] }]));
        let [Ok(Item::Message(sms))] = items.as_slice() else { panic!("{items:?}") };
        assert_eq!(sms.text, "482913");
        assert_eq!(sms.media.len(), 1);
        assert_eq!(sms.media[0].content_type.as_deref(), Some("image/jpeg"));
    }

    #[test]
    fn delivery_reports_are_told_apart_by_their_status() {
        let state = |group: &str, error: &str| {
            let items = read(json!([{
                "messageId": "1", "to": "14155550100", "sentAt": "2026-11-22T07:59:00.000+0000",
                "doneAt": "2026-11-22T08:00:00.000+0000", "messageCount": 1,
                "status": { "groupId": 3, "groupName": group, "id": 5, "name": "DELIVERED_TO_HANDSET" },
                "error": { "groupId": 0, "groupName": error, "id": 0, "name": "EC_ABSENT_SUBSCRIBER" },
            }]));
            let [Ok(Item::Status(update))] = items.as_slice() else { panic!("{items:?}") };
            assert_eq!((update.provider_status.as_str(), update.at.unwrap().timestamp()), (group, 1_795_334_400));
            (update.state, update.error.is_some())
        };
        assert_eq!(state("DELIVERED", "Ok"), (Some(DeliveryState::Delivered), false));
        assert_eq!(state("UNDELIVERABLE", "HANDSET_ERRORS"), (Some(DeliveryState::Undelivered), true));
        assert_eq!(state("REJECTED", "OK"), (Some(DeliveryState::Failed), false));
        assert_eq!(state("SOMETHING_NEW", "OK"), (None, false));
    }
}
