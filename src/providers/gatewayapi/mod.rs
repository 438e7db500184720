//! GatewayAPI: JSON posts, in the format of its REST API or in the envelopes of its Mobile Messaging API.
//!
//! In reading order: `signature.rs` verifies the signatures of the two; `message.rs` parses their bodies.
//!
//! Sources: GatewayAPI's documentation, "Webhooks", "REST" and "Mobile Messaging API"; the PHP library
//! `nickdnk/gatewayapi-php`, which reads the tokens instead of the bodies, and lists the types of envelopes.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use self::signature::{Scheme, Signature};
use super::{
    Constructor, Kind, Provider,
    kit::{
        CommonSettings, Draft, Hash, JsonNode, ParsedWebhook, RawWebhook, Rejected, Setup, Verified, parse_json, single,
    },
};
use crate::domain::Result;

mod message;
mod signature;

pub(super) static KIND: Kind = Kind {
    word: "gatewayapi",
    title: "GatewayAPI",
    secret: "the secret of the webhook (its authentication token), which you choose",
    settings: &[(
        "scheme",
        "How webhooks are signed: \"jwt\" (the default), as the REST API does, or \"hmac\", as the Mobile Messaging \
         API does.",
    )],
    api_endpoint: "https://gatewayapi.com",
    open: Constructor::Code(|setup| Ok(Box::new(GatewayApi::open(setup)?))),
};

/// How old an envelope may be, in seconds. Its timestamp is that of the event, which GatewayAPI tries to deliver for at
/// least a day.
const TOLERANCE: u32 = 7 * 86_400;

struct GatewayApi {
    signature: Signature,
    common: CommonSettings,
}

impl GatewayApi {
    fn open(setup: Setup) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Settings {
            #[serde(default)]
            scheme: Scheme,
        }

        let Settings { scheme } = setup.settings()?;
        let signature = Signature { scheme, tolerance: setup.tolerance(TOLERANCE), secret: setup.secret };
        Ok(Self { signature, common: setup.common })
    }
}

impl Provider for GatewayApi {
    fn is_secret_chosen(&self) -> bool {
        true
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        self.signature.verify(raw, now)
    }

    fn parse(&self, webhook: &Verified<'_>) -> ParsedWebhook {
        let body = parse_json(&webhook.raw().body)?;
        let root = JsonNode::root(&body);
        single(match root.find("/event_type") {
            Some(_) => message::parse_envelope(&root, &self.common),
            None => message::parse_plain(&root, &self.common),
        })
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        // The name of a sender has a field of its own.
        let (msisdn, name) = match number(draft.from) {
            Value::Null => (Value::Null, Some(draft.from)),
            msisdn => (msisdn, None),
        };
        let body = match self.signature.scheme {
            Scheme::Jwt => json!({
                "id": numeric_id(draft.id),
                "msisdn": msisdn,
                "receiver": number(draft.to),
                "message": draft.text,
                "senttime": draft.now.timestamp(),
                "webhook_label": "inbound",
                "sender": name,
            }),
            Scheme::Hmac => {
                let now = draft.now.to_rfc3339_opts(SecondsFormat::Micros, false);
                json!({
                    "event_id": draft.nonce,
                    "timestamp": now,
                    "event_type": "user-message.text.sms",
                    "event": {
                        "msg_id": draft.id,
                        "sender": name.map_or(msisdn, Value::from),
                        "recipient": number(draft.to),
                        "sent_at": now,
                        "content": { "message": draft.text, "encoding": "UTF8", "header": null },
                    },
                })
            }
        };
        self.signature.sign(RawWebhook::json_post(draft.url, &body), &body)
    }
}

/// A phone number as GatewayAPI writes it: as a JSON number. Null if it is a name.
fn number(text: &str) -> Value {
    Draft::without_plus(text).parse::<u64>().map_or(Value::Null, Value::from)
}

/// A whole number for a message id, as the REST API has it.
fn numeric_id(id: &str) -> u64 {
    let digest = Hash::Sha256.digest(id.as_bytes());
    digest.iter().take(6).fold(0, |id, byte| id << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests;
