//! Infobip SMS and MMS: JSON posts of many messages or many delivery reports, with Basic credentials.
//!
//! Infobip can also sign with HMAC, but its public documentation does not name the header. The generic adapter takes
//! the name as a setting.
//!
//! Sources: Infobip's documentation, "Receive inbound SMS messages" (format MO_JSON_2), "Receive outbound SMS message
//! reports", "Message status codes"; its Python SDK's models.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{
    Constructor, Kind, Provider,
    kit::{BasicAuth, CommonSettings, Draft, JsonNode, ParsedWebhook, RawWebhook, Rejected, Verified, parse_json},
};
use crate::domain::Result;

mod message;

pub(super) static KIND: Kind = Kind {
    word: "infobip",
    title: "Infobip",
    secret: "the password that webhooks come with",
    settings: &[BasicAuth::SETTING],
    api_endpoint: "https://api.infobip.com",
    open: Constructor::Code(|setup| Ok(Box::new(Infobip { basic: BasicAuth::open(&setup)?, common: setup.common }))),
};

struct Infobip {
    basic: BasicAuth,
    common: CommonSettings,
}

impl Provider for Infobip {
    fn is_secret_chosen(&self) -> bool {
        true
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, _now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        self.basic.verify(raw)
    }

    fn parse(&self, webhook: &Verified<'_>) -> ParsedWebhook {
        let body = parse_json(&webhook.raw().body)?;
        let entries = JsonNode::root(&body).items("/results")?;
        Ok(entries.iter().map(|entry| message::parse(entry, &self.common)).collect())
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let body = json!({
            "results": [{
                "messageId": draft.id,
                "from": Draft::without_plus(draft.from),
                "to": Draft::without_plus(draft.to),
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
        Ok(self.basic.sign(RawWebhook::json_post(draft.url, &body)))
    }
}

#[cfg(test)]
mod tests;
