//! GatewayAPI: JSON posts, in the format of its REST API or in the envelopes of its Mobile Messaging API.
//!
//! The REST API sends a JSON Web Token in `X-Gwapi-Signature`, signed with the webhook's secret (HS256). It does not
//! sign the body; its claims repeat it, as the vendor's examples show, and no body passes that says anything else.
//! Should a token not repeat its body, it is good for one body. The newer API sends `Signature: v1=` and the
//! hexadecimal digits of HMAC-SHA256 over the body.
//!
//! Sources: GatewayAPI's documentation, "Webhooks", "REST" and "Mobile Messaging API"; the PHP library
//! `nickdnk/gatewayapi-php`, which reads tokens in place of bodies, and knows the types of envelopes.

use chrono::{DateTime, SecondsFormat, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Kind, Opener, Provider,
    kit::{
        Ack, Common, Draft, Hash, Item, Malformed, Node, Outgoing, RawWebhook, Reading, Rejected, Setup, States,
        TimeFormat, Verified, document, fresh, hex, message_id, octets, one, part_of, payload, read_time, sender,
        state_of, unbase64, unhex,
    },
};
use crate::domain::{DeliveryState, Error, InboundSms, Result, StatusUpdate};

pub(super) const KIND: Kind = Kind {
    word: "gatewayapi",
    title: "GatewayAPI",
    secret: "the secret of the webhook (its authentication token)",
    settings: &[(
        "scheme",
        "How webhooks are signed: \"jwt\" (the default), as the REST API does, or \"hmac\", as the Mobile Messaging \
         API does.",
    )],
    api_endpoint: "https://gatewayapi.com",
    open: Opener::Code(|setup| Ok(Box::new(GatewayApi::open(setup)?))),
};

const TOKEN: &str = "x-gwapi-signature";
const SIGNATURE: &str = "signature";

/// How old an envelope may be, in seconds. Its time is that of the event, which GatewayAPI tries to deliver for a day
/// at least.
const TOLERANCE: u32 = 7 * 86_400;

/// What is read of a webhook of the REST API, and therefore must be as the token says.
const READ: [&str; 15] = [
    "event",
    "timestamp",
    "id",
    "msisdn",
    "receiver",
    "sender",
    "message",
    "senttime",
    "payload",
    "udh",
    "time",
    "status",
    "error",
    "code",
    "event_type",
];

const STATES: &States = &[
    (DeliveryState::Queued, &["SCHEDULED", "BUFFERED"]),
    (DeliveryState::Sent, &["ENROUTE", "ACCEPTED"]),
    (DeliveryState::Delivered, &["DELIVERED"]),
    (DeliveryState::Undelivered, &["EXPIRED", "UNDELIVERABLE", "DELETED"]),
    (DeliveryState::Failed, &["REJECTED", "SKIPPED"]),
];

/// The adapter.
struct GatewayApi {
    secret: SecretString,
    scheme: Scheme,
    tolerance: u32,
    common: Common,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(default)]
    scheme: Scheme,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Scheme {
    #[default]
    Jwt,
    Hmac,
}

impl GatewayApi {
    fn open(setup: Setup) -> Result<Self> {
        let Settings { scheme } = setup.own()?;
        Ok(Self { scheme, tolerance: setup.tolerance(TOLERANCE), secret: setup.secret, common: setup.common })
    }

    fn code(&self, body: &[u8]) -> Vec<u8> {
        Hash::Sha256.code(self.secret.expose_secret().as_bytes(), &[body])
    }

    fn verify_token<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let token = raw.header(TOKEN)?;
        let check = |claims: &Map<String, Value>| {
            let ended = claims.get("exp").and_then(Value::as_i64).is_some_and(|end| end < now.timestamp());
            if ended {
                return Err(Rejected::Stale);
            }
            let body = document(&raw.body).unwrap_or_default();
            let says_the_same = |name: &&str| {
                let of = |value: Option<&Value>| value.filter(|value| !value.is_null()).cloned();
                of(claims.get(*name)) == of(body.get(*name))
            };
            if repeats(claims) && !READ.iter().all(says_the_same) {
                return Err(Rejected::WrongSignature);
            }
            Ok(())
        };
        let (verified, claims) = Verified::by_token(raw, token, &self.secret, &[Algorithm::HS256], check)?;
        if repeats(&claims) {
            return Ok(verified);
        }
        // What is signed is remembered: the signature itself could be written in other ways.
        let signed = token.rsplit_once('.').map_or(token, |(signed, _)| signed);
        Ok(verified.only_once(signed.as_bytes(), now, None))
    }

    fn verify_body<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let presented = raw.header(SIGNATURE)?.strip_prefix("v1=").and_then(unhex).ok_or(Rejected::WrongSignature)?;
        let verified = Verified::by_code(raw, [self.code(&raw.body)], &presented)?;
        // The time is in what was signed. A body in which there is none cannot be told its age.
        let body = document(&raw.body).unwrap_or_default();
        if let Some(signed_at) = Node::root(&body).time("/timestamp") {
            fresh(signed_at.timestamp(), now, Some(self.tolerance))?;
        }
        Ok(verified)
    }

    /// A webhook of the REST API. A message has a `message`, and the state of one that was sent has not.
    fn plain(&self, root: &Node<'_>) -> Result<Item, Malformed> {
        if root.find("/message").is_none() {
            let error = root.find_scalar("/code")?.or(root.find_scalar("/error")?);
            return self.status(root, "/id", "/msisdn", "/time", error.map(Into::into));
        }
        let text = root.text("/message")?;
        let data = root.filled("/payload")?.filter(|_| text.is_empty()).and_then(unbase64);
        // Who sends under a name has it in `sender`.
        let from = if root.find_scalar("/sender")?.is_some() { "/sender" } else { "/msisdn" };
        let mut sms = InboundSms::new(
            message_id("/id", &root.scalar("/id")?)?,
            sender(from, &root.scalar(from)?)?,
            self.common.recipient("/receiver", root.find_scalar("/receiver")?.as_deref())?,
            &data.map_or_else(|| text.to_owned(), |data| octets(&data)),
        );
        sms.part = root.text("/udh").ok().and_then(unhex).and_then(|header| part_of(&header));
        sms.sent_at = seconds(root, "/senttime");
        sms.payload = payload(root.value());
        Ok(Item::Message(sms))
    }

    /// An envelope of the Mobile Messaging API.
    fn envelope(&self, root: &Node<'_>) -> Result<Item, Malformed> {
        let event = root.get("/event")?;
        match root.text("/event_type")? {
            "user-message.text.sms" => {
                // Under which name our number comes is not documented; `to` says it where it does not come at all.
                let to = event.find_scalar("/recipient")?.or(event.find_scalar("/receiver")?);
                let mut sms = InboundSms::new(
                    message_id("/event/msg_id", &event.scalar("/msg_id")?)?,
                    sender("/event/sender", &event.scalar("/sender")?)?,
                    self.common.recipient("/event/recipient", to.as_deref())?,
                    event.text("/content/message")?,
                );
                sms.part = event.text("/content/header").ok().and_then(unhex).and_then(|header| part_of(&header));
                sms.sent_at = event.time("/sent_at");
                sms.payload = payload(root.value());
                Ok(Item::Message(sms))
            }
            // The documentation has it both ways.
            "message.status.sms" | "messaging.status.sms" => {
                let error = event.find_scalar("/error/hex_code")?.map(Into::into);
                let error = error.or_else(|| event.text("/error").ok().map(str::to_owned));
                self.status(&event, "/msg_id", "/recipient", "/status_at", error)
            }
            _ => Ok(Item::Nothing),
        }
    }

    fn status(&self, node: &Node<'_>, id: &str, to: &str, at: &str, error: Option<String>) -> Result<Item, Malformed> {
        let word = node.text("/status")?;
        let number = node.find_scalar(to)?;
        Ok(Item::Status(StatusUpdate {
            provider_message_id: message_id(&node.name(id), &node.scalar(id)?)?,
            state: state_of(STATES, word),
            provider_status: word.to_owned(),
            phone_number: number.and_then(|number| self.common.recipient(to, Some(&number)).ok()),
            at: node.time(at).or_else(|| seconds(node, at)),
            error: error.filter(|error| !error.is_empty()),
            payload: payload(node.value()),
        }))
    }
}

/// Whether a token says what its webhook says.
fn repeats(claims: &Map<String, Value>) -> bool {
    claims.contains_key("id")
}

/// A time in seconds since 1970, which may have a fraction.
fn seconds(node: &Node<'_>, pointer: &str) -> Option<DateTime<Utc>> {
    let text = node.find(pointer)?.value().as_number()?.to_string();
    read_time(text.split('.').next()?, &TimeFormat::Unix)
}

/// A number as GatewayAPI writes it: as a number.
fn number(text: &str) -> Value {
    Draft::bare(text).parse::<u64>().map_or(Value::Null, Value::from)
}

impl Provider for GatewayApi {
    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        match self.scheme {
            Scheme::Jwt => self.verify_token(raw, now),
            Scheme::Hmac => self.verify_body(raw, now),
        }
    }

    fn parse(&self, webhook: &Verified<'_>) -> Reading {
        let body = document(&webhook.raw().body)?;
        let root = Node::root(&body);
        one(if root.find("/event_type").is_some() { self.envelope(&root) } else { self.plain(&root) })
    }

    fn ack(&self) -> Ack {
        Ack::text("OK")
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        // A name is no number: it comes besides.
        let (msisdn, name) = match number(draft.from) {
            Value::Null => (Value::Null, Some(draft.from)),
            msisdn => (msisdn, None),
        };
        let post = |body: &Value| Outgoing::json(draft.url, body.to_string().into_bytes(), &[]);
        match self.scheme {
            Scheme::Jwt => {
                // Ids are whole numbers.
                let id = Hash::Sha256
                    .digest(draft.id.as_bytes())
                    .iter()
                    .take(6)
                    .fold(0, |id: u64, byte| id << 8 | u64::from(*byte));
                let body = json!({
                    "id": id,
                    "msisdn": msisdn,
                    "receiver": number(draft.to),
                    "message": draft.text,
                    "senttime": draft.now.timestamp(),
                    "webhook_label": "inbound",
                    "sender": name,
                });
                let key = EncodingKey::from_secret(self.secret.expose_secret().as_bytes());
                let token = crate::jwt::encode(&Header::new(Algorithm::HS256), &body, &key);
                let mut raw = post(&body);
                Outgoing::set(&mut raw, TOKEN, &token.map_err(|error| Error::internal(error.to_string()))?);
                Ok(raw)
            }
            Scheme::Hmac => {
                let now = draft.now.to_rfc3339_opts(SecondsFormat::Micros, false);
                let mut raw = post(&json!({
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
                }));
                let signature = format!("v1={}", hex(&self.code(&raw.body)));
                Outgoing::set(&mut raw, SIGNATURE, &signature);
                Ok(raw)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::providers::{
        Adapter,
        testing::{adapter, webhook},
    };

    /// A token of the vendor's documentation, signed with `secret`.
    const STATUS: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.\
        eyJpZCI6MjM4MTcwMywibXNpc2RuIjo0NTQyNjA5MDQ1LCJ0aW1lIjoxNTIyNzY0MDYyLCJzdGF0dXMiOiJERUxJVkVSRUQiLCJlcnJvc\
        iI6bnVsbCwiY29kZSI6bnVsbCwidXNlcnJlZiI6bnVsbCwiY2FsbGJhY2tfdXJsIjoiaHR0cDovL2JiYWY3MTQyLm5ncm9rLmlvIiwiYX\
        BpIjo0fQ.KdfDH65bnQtgxEkFnpAQodOciAJedZFB13r9wEo8t3Y";

    fn account(scheme: &str) -> Adapter {
        adapter("gatewayapi", "secret", json!({ "scheme": scheme }))
    }

    fn with_token(token: &str, body: &Value) -> RawWebhook {
        webhook("http://a/", &[(TOKEN, token)], body.to_string().as_bytes())
    }

    fn status() -> Value {
        json!({ "id": 2_381_703, "msisdn": 4_542_609_045_u64, "time": 1_522_764_062, "status": "DELIVERED" })
    }

    fn read(scheme: &str, raw: &RawWebhook, now: DateTime<Utc>) -> Item {
        let account = account(scheme);
        account.parse(&account.verify(raw, now).unwrap()).unwrap().remove(0).unwrap()
    }

    #[test]
    fn the_published_token() {
        let now = DateTime::UNIX_EPOCH;
        let Item::Status(update) = read("jwt", &with_token(STATUS, &status()), now) else { panic!() };
        assert_eq!((update.provider_message_id.as_str(), update.state), ("2381703", Some(DeliveryState::Delivered)));
        assert_eq!(update.phone_number.unwrap().as_str(), "+4542609045");
        assert_eq!(update.at.unwrap().timestamp(), 1_522_764_062);

        let verify = |secret, token: &str| {
            adapter("gatewayapi", secret, json!({})).verify(&with_token(token, &status()), now).map(drop)
        };
        assert_eq!(verify("secret", STATUS), Ok(()));
        assert_eq!(verify("other", STATUS), Err(Rejected::WrongSignature));
        let unsigned = STATUS.replace("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9", "eyJhbGciOiJub25lIn0");
        assert_eq!(verify("secret", &unsigned), Err(Rejected::WrongSignature));
    }

    #[test]
    fn what_is_read_must_be_what_the_token_says() {
        let verify = |body: Value| account("jwt").verify(&with_token(STATUS, &body), DateTime::UNIX_EPOCH).map(drop);
        let changed = |name: &str, value: Value| {
            let mut body = status();
            body[name] = value;
            verify(body)
        };
        // What the token has and the body has not may be null; what nobody reads may be anything.
        assert_eq!(changed("error", Value::Null), Ok(()));
        assert_eq!(changed("country_code", json!("DK")), Ok(()));
        // Else the state of a message would become a message.
        assert_eq!(changed("message", json!("Your code is 482913")), Err(Rejected::WrongSignature));
        assert_eq!(changed("event_type", json!("user-message.text.sms")), Err(Rejected::WrongSignature));
        assert_eq!(changed("msisdn", json!("4542609045")), Err(Rejected::WrongSignature));
        assert_eq!(verify(json!([])), Err(Rejected::WrongSignature));
    }

    #[test]
    fn a_token_that_says_nothing_is_good_for_one_body() {
        let now = DateTime::from_timestamp(1_795_334_400, 0).unwrap();
        let once = |claims: Value| {
            let key = EncodingKey::from_secret(b"secret");
            let token = crate::jwt::encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap();
            account("jwt").verify(&with_token(&token, &status()), now).map(|verified| verified.once().cloned())
        };
        let (one, two) = (once(json!({ "iat": 1 })).unwrap().unwrap(), once(json!({ "iat": 2 })).unwrap().unwrap());
        assert!(one.key != two.key && one.until > now);
        assert_eq!(once(status()), Ok(None));
        assert_eq!(once(json!({ "exp": 1_795_334_399 })), Err(Rejected::Stale));
    }

    fn draft(now: DateTime<Utc>) -> Draft<'static> {
        let (from, to, text) = ("+14155550100", "+15005550006", "482913");
        Draft { id: "1", from, to, text, url: "http://a/", now, nonce: "00", key: None }
    }

    #[test]
    fn envelopes_are_signed_with_their_time() {
        let now = DateTime::from_timestamp(1_795_334_400, 0).unwrap();
        let raw = account("hmac").compose(&draft(now)).unwrap();
        let Item::Message(sms) = read("hmac", &raw, now) else { panic!() };
        assert_eq!((sms.from.as_str(), sms.to.as_str(), sms.text.as_str()), ("14155550100", "+15005550006", "482913"));
        assert_eq!(sms.sent_at, Some(now));
        let verify = |account: Adapter, raw: &RawWebhook, at| account.verify(raw, at).map(drop);
        assert_eq!(verify(account("hmac"), &raw, now + TimeDelta::days(6)), Ok(()));
        assert_eq!(verify(account("hmac"), &raw, now + TimeDelta::days(8)), Err(Rejected::Stale));
        assert_eq!(verify(account("hmac"), &raw, now - TimeDelta::days(1)), Err(Rejected::Stale));
        assert_eq!(
            verify(adapter("gatewayapi", "x", json!({ "scheme": "hmac" })), &raw, now),
            Err(Rejected::WrongSignature)
        );
        // Neither scheme stands in for the other.
        assert_eq!(verify(account("jwt"), &raw, now), Err(Rejected::Unsigned(TOKEN.to_owned())));
        let token = account("jwt").compose(&draft(now)).unwrap();
        assert_eq!(verify(account("hmac"), &token, now), Err(Rejected::Unsigned(SIGNATURE.to_owned())));
        let mut changed = raw;
        changed.body.push(b' ');
        assert_eq!(verify(account("hmac"), &changed, now), Err(Rejected::WrongSignature));
    }

    #[test]
    fn events_are_told_apart_by_their_type() {
        let event = |kind: &str, event: Value| {
            let now = "2026-11-22T08:00:00.003029+00:00";
            let body = json!({ "event_id": "1", "timestamp": now, "event_type": kind, "event": event });
            let raw = webhook("http://a/", &[], body.to_string().as_bytes());
            let account = adapter("gatewayapi", "secret", json!({ "scheme": "hmac", "to": "+15005550006" }));
            account.parse(&Verified::unchecked(&raw)).unwrap().remove(0).unwrap()
        };
        let failed = json!({
            "msg_id": "01JNN696A9E0WS89FPYGT15NBX", "recipient": 4_512_345_678_u64, "status": "UNDELIVERABLE",
            "status_at": "2026-11-22T08:00:00.003029+00:00", "error": { "hex_code": "0x0B", "details": "x" },
        });
        let Item::Status(update) = event("message.status.sms", failed) else { panic!() };
        assert_eq!((update.state, update.error.as_deref()), (Some(DeliveryState::Undelivered), Some("0x0B")));
        assert_eq!(update.at.unwrap().timestamp(), 1_795_334_400);
        let nameless = json!({ "msg_id": "1", "sender": 4_512_345_678_u64, "content": { "message": "x" } });
        let Item::Message(sms) = event("user-message.text.sms", nameless) else { panic!() };
        assert_eq!(sms.to.as_str(), "+15005550006");
        assert!(matches!(event("user-message.location.rcs", json!({})), Item::Nothing));
    }

    #[test]
    fn a_message_may_come_from_a_name_or_be_data() {
        let message = |more: Value| {
            let mut body = json!({ "id": 1, "msisdn": 45, "receiver": 451_204, "senttime": 1_554_465_205.5 });
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let raw = webhook("http://a/", &[], body.to_string().as_bytes());
            match account("jwt").parse(&Verified::unchecked(&raw)).unwrap().remove(0) {
                Ok(Item::Message(sms)) => sms,
                other => panic!("{other:?}"),
            }
        };
        let named = message(json!({ "message": "foo Hello", "sender": "GOOGLE", "payload": "bin", "udh": "?" }));
        assert_eq!((named.from.as_str(), named.to.as_str(), named.text.as_str()), ("GOOGLE", "451204", "foo Hello"));
        assert_eq!(named.sent_at.unwrap().timestamp(), 1_554_465_205);
        let data = message(json!({ "message": "", "payload": "SGk=", "udh": "0500032a0201" }));
        assert_eq!((data.from.as_str(), data.text.as_str()), ("45", "Hi"));
        assert_eq!(data.part.map(|part| (part.number, part.count)), Some((1, 2)));
    }
}
