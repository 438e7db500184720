//! Bird, the new platform of MessageBird: events of its Channels API as JSON.
//!
//! They are signed by the older scheme of the classic platform, with the URL in place of the query. Bird retries for 8
//! hours, and does not document whether it signs again, so a signature is accepted for longer.
//!
//! Sources: Bird's documentation, "Verifying a webhook subscription", "Webhook subscriptions", "Programmable SMS:
//! receiving messages", "Message status and interactions".

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{
    Constructor, Kind, Provider,
    kit::{CommonSettings, Draft, Item, JsonNode, ParsedWebhook, RawWebhook, Rejected, Verified, parse_json, single},
    messagebird::DatedSignature,
};
use crate::domain::Result;

mod message;

pub(super) static KIND: Kind = Kind {
    word: "bird",
    title: "Bird",
    secret: "the signing key of the webhook subscription, which you choose",
    settings: &[],
    api_endpoint: "https://api.bird.com",
    open: Constructor::Code(|setup| {
        setup.refuse_settings()?;
        let signature = DatedSignature { tolerance: setup.tolerance(TOLERANCE), secret: setup.secret };
        Ok(Box::new(Bird { signature, common: setup.common }))
    }),
};

/// How old a signature may be, in seconds: 12 hours.
const TOLERANCE: u32 = 43_200;

struct Bird {
    signature: DatedSignature,
    common: CommonSettings,
}

impl Provider for Bird {
    fn is_secret_chosen(&self) -> bool {
        true
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        self.signature.verify(raw, [raw.url.clone()], now)
    }

    fn parse(&self, webhook: &Verified<'_>) -> ParsedWebhook {
        let body = parse_json(&webhook.raw().body)?;
        let event = JsonNode::root(&body);
        single(match event.text("/event")? {
            "sms.inbound" => message::message(&event.get("/payload")?, &self.common).map(Item::Message),
            "sms.outbound" => message::status(&event.get("/payload")?).map(Item::Status),
            _ => Ok(Item::Ignored),
        })
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
        Ok(self.signature.sign(RawWebhook::json_post(draft.url, &body), draft.url, draft.now))
    }
}

#[cfg(test)]
mod tests;
