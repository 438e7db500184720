//! Bandwidth Messaging (V2): JSON posts of a list of events, with Basic credentials.
//!
//! Sources: Bandwidth's documentation, "Messaging webhooks"; its Python SDK's models (`bandwidth-sdk`).

use chrono::{DateTime, SecondsFormat, Utc};
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
    word: "bandwidth",
    title: "Bandwidth",
    secret: "the password of the application's callbacks",
    settings: &[Basic::SETTING],
    api_endpoint: "https://messaging.bandwidth.com",
    open: Opener::Code(|setup| Ok(Box::new(Bandwidth::open(setup)?))),
};

/// The types of event that tell a state.
const STATES: &States = &[
    (DeliveryState::Sent, &["message-sending", "message-sent"]),
    (DeliveryState::Delivered, &["message-delivered", "message-read"]),
    (DeliveryState::Failed, &["message-failed"]),
];

/// The adapter.
struct Bandwidth {
    basic: Basic,
    common: Common,
}

impl Bandwidth {
    fn open(setup: Setup) -> Result<Self> {
        Ok(Self { basic: Basic::open(&setup)?, common: setup.common })
    }

    fn read(&self, event: &Node<'_>) -> Result<Item, Malformed> {
        let kind = event.text("/type")?;
        match (kind, state_of(STATES, kind)) {
            ("message-received", _) => self.message(event).map(Item::Message),
            (_, Some(state)) => self.status(event, kind, state).map(Item::Status),
            _ => Ok(Item::Nothing),
        }
    }

    fn message(&self, event: &Node<'_>) -> Result<InboundSms, Malformed> {
        let message = event.get("/message")?;
        // In a group `message.to` has everybody; the number that the event is for stands outside.
        let to = match event.find_scalar("/to")? {
            Some(to) => Some(to),
            None => message.find_scalar("/owner")?,
        };
        // Every number of a group has a callback of its own, which may share the message's id with the others.
        let group = message.items("/to").unwrap_or_default();
        let is_ours = |entry: &Node<'_>| entry.scalar("").ok().is_some_and(|entry| is_same(&entry, to.as_deref()));
        let place = group.iter().position(is_ours).unwrap_or_default();
        let id = message.text("/id")?;
        let id = if place == 0 { id.to_owned() } else { format!("{id}#{}", place + 1) };
        let mut sms = InboundSms::new(
            message_id(&message.name("/id"), &id)?,
            sender(&message.name("/from"), &message.scalar("/from")?)?,
            self.common.recipient(&event.name("/to"), to.as_deref())?,
            // A message may have nothing but media.
            message.filled("/text")?.unwrap_or_default(),
        );
        sms.media = (message.items("/media").unwrap_or_default().iter())
            .filter_map(|file| media(file.text("").ok()?, None))
            .take(InboundSms::MAX_MEDIA)
            .collect();
        sms.segments = message.number("/segmentCount");
        sms.sent_at = message.time("/time").or_else(|| event.time("/time"));
        sms.payload = payload(event.value());
        Ok(sms)
    }

    fn status(&self, event: &Node<'_>, kind: &str, state: DeliveryState) -> Result<StatusUpdate, Malformed> {
        let to = event.find_scalar("/to")?;
        Ok(StatusUpdate {
            provider_message_id: message_id(&event.name("/message/id"), event.text("/message/id")?)?,
            state: Some(state),
            provider_status: kind.to_owned(),
            phone_number: to.and_then(|to| self.common.recipient("/to", Some(&to)).ok()),
            at: event.time("/time"),
            error: event.find_scalar("/errorCode")?.map(Into::into),
            payload: payload(event.value()),
        })
    }
}

/// Whether two ways to write a number mean the same: the outer one has been seen without its plus sign.
fn is_same(one: &str, other: Option<&str>) -> bool {
    other.is_some_and(|other| Draft::bare(one) == Draft::bare(other))
}

impl Provider for Bandwidth {
    fn verify<'a>(&self, raw: &'a RawWebhook, _now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        self.basic.verify(raw)
    }

    fn parse(&self, webhook: &Verified<'_>) -> Reading {
        let body = document(&webhook.raw().body)?;
        Ok(Node::root(&body).items("")?.iter().map(|event| self.read(event)).collect())
    }

    fn ack(&self) -> Ack {
        Ack::text("OK")
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let now = draft.now.to_rfc3339_opts(SecondsFormat::Millis, true);
        let body = json!([{
            "type": "message-received",
            "time": now,
            "description": "Incoming message received",
            "to": draft.to,
            "message": {
                "id": draft.id,
                "owner": draft.to,
                "applicationId": "93de2206-9669-4e07-948d-329f4b722ee2",
                "time": now,
                "segmentCount": 1,
                "direction": "in",
                "to": [draft.to],
                "from": draft.from,
                "text": draft.text,
            },
        }]);
        Ok(self.basic.sign(Outgoing::json(draft.url, body.to_string().into_bytes(), &[])))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::providers::testing::{adapter, webhook};

    fn read(body: Value) -> Vec<Result<Item, Malformed>> {
        let raw = webhook("http://a/", &[], body.to_string().as_bytes());
        adapter("bandwidth", "secret", json!({ "username": "user" })).parse(&Verified::unchecked(&raw)).unwrap()
    }

    #[test]
    fn a_message_to_a_group_is_for_the_number_outside() {
        let message = json!({
            "id": "14762070468292kw2fuqty55yp2b2", "owner": "+15005550006", "from": "+14155550100",
            "to": ["+14155550199", "+15005550006"], "time": "2026-11-22T08:00:00.000Z", "segmentCount": 2,
            "media": ["https://messaging.bandwidth.com/api/v2/users/1/media/a.jpg"],
        });
        let items = read(json!([
            { "type": "message-received", "to": "15005550006", "message": message },
            { "type": "message-received", "message": message },
            { "type": "message-received", "message": { "id": "1", "from": "+14155550100", "text": "x" } },
        ]));
        let [Ok(Item::Message(outer)), Ok(Item::Message(owner)), Err(wrong)] = items.as_slice() else {
            panic!("{items:?}")
        };
        assert_eq!((outer.to.as_str(), owner.to.as_str()), ("+15005550006", "+15005550006"));
        // The first of the group has the message's id, and the others are told from it.
        let ids = [&outer.provider_message_id, &owner.provider_message_id];
        assert_eq!(ids, ["14762070468292kw2fuqty55yp2b2#2", "14762070468292kw2fuqty55yp2b2#2"]);
        assert_eq!((outer.text.as_str(), outer.segments, outer.media.len()), ("", Some(2), 1));
        assert_eq!(outer.sent_at.unwrap().timestamp(), 1_795_334_400);
        assert_eq!(wrong.field, "/2/to");
    }

    #[test]
    fn states_are_types_of_event() {
        let update = |kind: &str, code: Value| {
            let body = json!([{
                "type": kind, "time": "2026-11-22T08:00:00.000Z", "to": "+14155550100", "errorCode": code,
                "description": "x", "message": { "id": "M1", "owner": "+15005550006", "direction": "out" },
            }]);
            read(body).remove(0).unwrap()
        };
        let Item::Status(failed) = update("message-failed", json!(4432)) else { panic!() };
        assert_eq!((failed.state, failed.error.as_deref()), (Some(DeliveryState::Failed), Some("4432")));
        assert_eq!((failed.provider_message_id.as_str(), failed.provider_status.as_str()), ("M1", "message-failed"));
        assert_eq!(failed.phone_number.unwrap().as_str(), "+14155550100");
        let Item::Status(delivered) = update("message-delivered", Value::Null) else { panic!() };
        assert_eq!((delivered.state, delivered.error), (Some(DeliveryState::Delivered), None));
        assert!(matches!(update("something-new", Value::Null), Item::Nothing));
    }
}
