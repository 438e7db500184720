//! seven (formerly sms77): posts of JSON, or as the account is configured forms or queries, signed with the account's
//! signing secret.
//!
//! `X-Signature` is HMAC-SHA256, in hexadecimal digits, over the timestamp, the nonce, the method, the address and the
//! MD5 of the body, separated by line feeds. The examples of seven's SDK use the path and the query as the address.
//! Whether the service does, or uses the whole URL, is not documented: both are accepted, and cover the same.
//!
//! Sources: `@seven.io/client` (`WebhookVerifier` and its README); seven's documentation, "Webhooks".

use chrono::{DateTime, Utc};
use http::Method;
use secrecy::SecretString;
use serde_json::json;

use super::{
    Constructor, Kind, Provider,
    kit::{
        CommonSettings, Draft, Hash, Item, JsonNode, ParsedWebhook, RawWebhook, Rejected, Tolerance, Verified,
        encode_hex, single,
    },
};
use crate::domain::Result;

mod message;

pub(super) static KIND: Kind = Kind {
    word: "seven",
    title: "seven",
    secret: "the signing secret of webhooks",
    settings: &[],
    api_endpoint: "https://gateway.seven.io",
    open: Constructor::Code(|setup| {
        setup.refuse_settings()?;
        Ok(Box::new(Seven { tolerance: setup.tolerance(TOLERANCE), secret: setup.secret, common: setup.common }))
    }),
};

const SIGNATURE: &str = "x-signature";
const TIMESTAMP: &str = "x-timestamp";
const NONCE: &str = "x-nonce";

/// How old a signature may be, in seconds.
const TOLERANCE: u32 = 300;

struct Seven {
    secret: SecretString,
    tolerance: Tolerance,
    common: CommonSettings,
}

impl Seven {
    fn mac(&self, timestamp: &str, nonce: &str, raw: &RawWebhook, address: &str) -> Vec<u8> {
        let body = Hash::Md5.hex_digest(&raw.body);
        let signed = [timestamp, nonce, raw.method.as_str(), address, &body].join("\n");
        Hash::Sha256.hmac(&self.secret, &[signed.as_bytes()])
    }
}

impl Provider for Seven {
    fn methods(&self) -> &[Method] {
        &[Method::POST, Method::GET]
    }

    fn is_secret_chosen(&self) -> bool {
        false
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let (timestamp, nonce) = (raw.header(TIMESTAMP)?, raw.header(NONCE)?);
        let presented = raw.hex_header(SIGNATURE)?;
        raw.require_fields()?;
        let macs = [raw.path_and_query(), &raw.url].map(|address| self.mac(timestamp, nonce, raw, address));
        let verified = Verified::by_mac(raw, macs, &presented)?;
        self.tolerance.check_text(timestamp, now)?;
        Ok(verified)
    }

    fn parse(&self, webhook: &Verified<'_>) -> ParsedWebhook {
        let event = message::event(webhook.raw())?;
        let event = JsonNode::root(&event);
        single(match event.text("/webhook_event")? {
            "sms_mo" => message::message(&event.get("/data")?, &self.common).map(Item::Message),
            "dlr" => message::status(&event.get("/data")?).map(Item::Status),
            _ => Ok(Item::Ignored),
        })
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let body = json!({
            "data": {
                "id": draft.id,
                "sender": Draft::without_plus(draft.from),
                "system": Draft::without_plus(draft.to),
                "text": draft.text,
                "time": draft.now.timestamp().to_string(),
            },
            "webhook_event": "sms_mo",
            "webhook_timestamp": draft.now.format("%Y-%m-%d %H:%M:%S").to_string(),
        });
        let raw = RawWebhook::json_post(draft.url, &body);
        let timestamp = draft.now.timestamp().to_string();
        let signature = encode_hex(&self.mac(&timestamp, draft.nonce, &raw, raw.path_and_query()));
        Ok(raw.with_header(TIMESTAMP, &timestamp).with_header(NONCE, draft.nonce).with_header(SIGNATURE, &signature))
    }
}

#[cfg(test)]
mod tests;
