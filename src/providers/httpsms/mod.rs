//! httpSMS: an Android phone as a gateway. It posts CloudEvents, with a JSON Web Token.
//!
//! In reading order: `token.rs`, `message.rs`. httpSMS tries a webhook twice in immediate succession, and never again.
//!
//! Sources: httpSMS's documentation, "Webhooks"; the source of its webhook service and of its events
//! (NdoleStudio/httpsms).

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;

use self::token::TokenSignature;
use super::{
    Constructor, Kind, Provider,
    kit::{CommonSettings, Draft, JsonNode, ParsedWebhook, RawWebhook, Rejected, Setup, Verified, parse_json, single},
};
use crate::domain::Result;

mod message;
mod token;

pub(super) static KIND: Kind = Kind {
    word: "httpsms",
    title: "httpSMS",
    secret: "the signing key of the webhook, which you choose",
    settings: &[(
        "token_once",
        "Whether a token is good for one body alone: true or false (the default). Tokens of one second are the same.",
    )],
    api_endpoint: "https://api.httpsms.com",
    open: Constructor::Code(|setup| Ok(Box::new(HttpSms::open(setup)?))),
};

/// How old a token may be, in seconds: httpSMS's own limit.
const TOLERANCE: u32 = 600;

struct HttpSms {
    signature: TokenSignature,
    common: CommonSettings,
}

impl HttpSms {
    fn open(setup: Setup) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Settings {
            #[serde(default)]
            token_once: bool,
        }

        let Settings { token_once } = setup.settings()?;
        let signature =
            TokenSignature { is_single_use: token_once, tolerance: setup.tolerance(TOLERANCE), secret: setup.secret };
        Ok(Self { signature, common: setup.common })
    }
}

impl Provider for HttpSms {
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
        let time = draft.now.to_rfc3339();
        let body = json!({
            "specversion": "1.0",
            "id": draft.nonce,
            "source": "/v1/messages/receive",
            "type": "message.phone.received",
            "datacontenttype": "application/json",
            "time": time,
            "data": {
                "message_id": draft.id,
                "user_id": "simulation",
                "owner": draft.to,
                "encrypted": false,
                "contact": draft.from,
                "timestamp": time,
                "content": draft.text,
                "sim": "SIM1",
                "attachments": null,
            },
        });
        let raw = RawWebhook::json_post(draft.url, &body).with_header("x-event-type", "message.phone.received");
        self.signature.sign(raw, draft)
    }
}

#[cfg(test)]
mod tests;
