//! SMS Gateway for Android (capcom6): JSON posts from the phone itself, one for each event, signed with the signing
//! key of the app.
//!
//! `X-Signature` is HMAC-SHA256, in hexadecimal digits, over the body directly followed by `X-Timestamp`. The phone
//! signs each attempt anew.
//!
//! Sources: github.com/capcom6/android-sms-gateway (`modules/webhooks`, `modules/receiver`); docs.sms-gate.app,
//! "Webhooks".

use chrono::{DateTime, SecondsFormat, Utc};
use secrecy::SecretString;
use serde_json::json;

use super::{
    Constructor, Kind, Provider,
    kit::{
        CommonSettings, Draft, Hash, JsonNode, ParsedWebhook, RawWebhook, Rejected, Tolerance, Verified, encode_hex,
        parse_json,
    },
};
use crate::domain::Result;

mod message;

pub(super) static KIND: Kind = Kind {
    word: "sms_gateway_android",
    title: "SMS Gateway for Android",
    secret: "the signing key, from the app's settings for webhooks: choose a long one",
    settings: &[],
    api_endpoint: "https://api.sms-gate.app",
    open: Constructor::Code(|setup| {
        setup.refuse_settings()?;
        Ok(Box::new(Gateway { tolerance: setup.tolerance(TOLERANCE), secret: setup.secret, common: setup.common }))
    }),
};

const SIGNATURE: &str = "x-signature";
const TIMESTAMP: &str = "x-timestamp";

/// How old a signature may be, in seconds.
const TOLERANCE: u32 = 300;

struct Gateway {
    secret: SecretString,
    tolerance: Tolerance,
    common: CommonSettings,
}

impl Gateway {
    fn mac(&self, body: &[u8], timestamp: &str) -> Vec<u8> {
        Hash::Sha256.hmac(&self.secret, &[body, timestamp.as_bytes()])
    }
}

impl Provider for Gateway {
    fn is_secret_chosen(&self) -> bool {
        true
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let timestamp = raw.header(TIMESTAMP)?;
        let presented = raw.hex_header(SIGNATURE)?;
        let verified = Verified::by_mac(raw, [self.mac(&raw.body, timestamp)], &presented)?;
        // Without a separator, digits could be moved between body and timestamp. But a body that ends in digits is no
        // JSON object, so it is not parsed.
        self.tolerance.check_text(timestamp, now)?;
        Ok(verified)
    }

    fn parse(&self, webhook: &Verified<'_>) -> ParsedWebhook {
        let event = parse_json(&webhook.raw().body)?;
        message::parse(&JsonNode::root(&event), &self.common)
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let body = json!({
            "deviceId": "ffffffffceb0b1db0000018e937c815b",
            "event": "sms:received",
            "id": draft.id,
            "payload": {
                "messageId": "a1b2c3d4",
                "message": draft.text,
                "sender": draft.from,
                "recipient": draft.to,
                "phoneNumber": draft.from,
                "simNumber": 1,
                "receivedAt": draft.now.to_rfc3339_opts(SecondsFormat::Millis, false),
            },
            "webhookId": "LreFUt-Z3sSq0JufY9uWB",
        });
        let raw = RawWebhook::json_post(draft.url, &body);
        let timestamp = draft.now.timestamp().to_string();
        let signature = encode_hex(&self.mac(&raw.body, &timestamp));
        Ok(raw.with_header(SIGNATURE, &signature).with_header(TIMESTAMP, &timestamp))
    }
}

#[cfg(test)]
mod tests;
