//! Bandwidth Messaging (V2): JSON posts of a list of events, with Basic credentials.
//!
//! Sources: Bandwidth's documentation, "Messaging webhooks"; its Python SDK's models (`bandwidth-sdk`).

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;

use super::{
    Constructor, Kind, Provider,
    kit::{BasicAuth, CommonSettings, Draft, JsonNode, ParsedWebhook, RawWebhook, Rejected, Verified, parse_json},
};
use crate::domain::Result;

mod message;

pub(super) static KIND: Kind = Kind {
    word: "bandwidth",
    title: "Bandwidth",
    secret: "the password of the application's callbacks",
    settings: &[BasicAuth::SETTING],
    api_endpoint: "https://messaging.bandwidth.com",
    open: Constructor::Code(|setup| Ok(Box::new(Bandwidth { basic: BasicAuth::open(&setup)?, common: setup.common }))),
};

struct Bandwidth {
    basic: BasicAuth,
    common: CommonSettings,
}

impl Provider for Bandwidth {
    fn is_secret_chosen(&self) -> bool {
        true
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, _now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        self.basic.verify(raw)
    }

    fn parse(&self, webhook: &Verified<'_>) -> ParsedWebhook {
        let body = parse_json(&webhook.raw().body)?;
        let events = JsonNode::root(&body).items("")?;
        Ok(events.iter().map(|event| message::parse(event, &self.common)).collect())
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
        Ok(self.basic.sign(RawWebhook::json_post(draft.url, &body)))
    }
}

#[cfg(test)]
mod tests;
