//! Sinch Conversation API, all channels: JSON posts, told apart by their members. They are signed like those of
//! the SMS API.
//!
//! Sources: Sinch's documentation, "Conversation API callbacks"; its SDKs for Node.js (`@sinch/conversation`) and
//! Python.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;

use super::{
    Constructor, Kind, Provider,
    kit::{CommonSettings, Draft, JsonNode, ParsedWebhook, RawWebhook, Rejected, Verified, parse_json, single},
    sinch::Signature,
};
use crate::domain::Result;

mod message;

pub(super) static KIND: Kind = Kind {
    word: "sinch_conversation",
    title: "Sinch Conversation API",
    secret: "the secret of the webhook, which you choose",
    settings: &[],
    api_endpoint: "https://us.conversation.api.sinch.com",
    open: Constructor::Code(|setup| {
        setup.refuse_settings()?;
        Ok(Box::new(Conversation { signature: Signature::new(&setup), common: setup.common }))
    }),
};

struct Conversation {
    signature: Signature,
    common: CommonSettings,
}

impl Provider for Conversation {
    fn is_secret_chosen(&self) -> bool {
        true
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        self.signature.verify(raw, now)
    }

    fn parse(&self, webhook: &Verified<'_>) -> ParsedWebhook {
        let body = parse_json(&webhook.raw().body)?;
        single(message::parse(&JsonNode::root(&body), &self.common))
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let now = draft.now.to_rfc3339_opts(SecondsFormat::Millis, true);
        let from = Draft::without_plus(draft.from);
        let body = json!({
            "app_id": "01EB37HMH1M6SV18BSNS3G135H",
            "project_id": "c36f3d3d-1513-2edd-ae42-11995557ff61",
            "accepted_time": now,
            "event_time": now,
            "message": {
                "id": draft.id,
                "direction": "TO_APP",
                "contact_message": { "text_message": { "text": draft.text } },
                "channel_identity": { "channel": "SMS", "identity": from, "app_id": "" },
                "conversation_id": "01EPYATA64TMNZ1FV02JKF12JF",
                "contact_id": "01EXA07N79THJ20WSN6AS30TMW",
                "accept_time": now,
                "sender_id": Draft::without_plus(draft.to),
                "processing_mode": "CONVERSATION",
            },
            "message_metadata": "",
        });
        Ok(self.signature.sign(RawWebhook::json_post(draft.url, &body), draft))
    }
}

#[cfg(test)]
mod tests;
