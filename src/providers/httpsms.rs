//! httpSMS: an Android phone as a gateway. It posts CloudEvents, with a JSON Web Token.
//!
//! `Authorization: Bearer` carries a token that is signed with HMAC-SHA256 by the signing key of the webhook. It says
//! for which address it is (`aud`) and when it was made. It does not cover the body, and has no id: httpSMS writes
//! the very same token for all webhooks of one second. To take a token for one body alone would lose every message
//! that shares its second with another event, so that is the account's choice (`token_once`).
//!
//! httpSMS tries twice, one right after the other, and never again.
//!
//! Sources: httpSMS's documentation, "Webhooks"; the source of its webhook service and of its events
//! (NdoleStudio/httpsms).

use chrono::{DateTime, Utc};
use jsonwebtoken::Algorithm;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Kind, Opener, Provider,
    kit::{
        Ack, Common, Draft, Item, Malformed, Node, Outgoing, RawWebhook, Reading, Rejected, Setup, States,
        TimeFormat, Verified, document, fresh, in_force, media, message_id, one, payload, read_time, sender,
        state_of, token,
    },
};
use crate::domain::{DeliveryState, InboundSms, Media, Msisdn, Result, StatusUpdate};

pub(super) const KIND: Kind = Kind {
    word: "httpsms",
    title: "httpSMS",
    secret: "the signing key of the webhook",
    settings: &[(
        "token_once",
        "Whether a token is good for one body alone: true or false (the default). Tokens of one second are the same.",
    )],
    api_endpoint: "https://api.httpsms.com",
    open: Opener::Code(|setup| Ok(Box::new(HttpSms::open(setup)?))),
};

const ISSUER: &str = "api.httpsms.com";
/// How old a token may be, in seconds: httpSMS's own limit.
const TOLERANCE: u32 = 600;

/// The events that say how far a message has come.
const STATES: &States = &[
    (DeliveryState::Sent, &["message.phone.sent"]),
    (DeliveryState::Delivered, &["message.phone.delivered"]),
    (DeliveryState::Undelivered, &["message.send.expired"]),
    (DeliveryState::Failed, &["message.send.failed"]),
];

struct HttpSms {
    secret: SecretString,
    token_once: bool,
    tolerance: u32,
    common: Common,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(default)]
    token_once: bool,
}

/// What a token says.
#[derive(Clone, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    #[serde(default)]
    sub: String,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// Whom a token is for (RFC 7519, 4.1.3). Older versions write a text.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Audience {
    Many(Vec<String>),
    One(String),
}

impl Audience {
    fn is(&self, url: &str) -> bool {
        match self {
            Self::Many(urls) => urls.iter().any(|known| known == url),
            Self::One(known) => known == url,
        }
    }
}

impl HttpSms {
    fn open(setup: Setup) -> Result<Self> {
        let Settings { token_once } = setup.own()?;
        Ok(Self { tolerance: setup.tolerance(TOLERANCE), secret: setup.secret, token_once, common: setup.common })
    }

    fn message(&self, event: &Node<'_>) -> Result<Item, Malformed> {
        let sms = event.get("/data")?;
        let content = sms.text("/content")?;
        let (id, id_name) = id(&sms)?;
        let is_encrypted = sms.find("/encrypted").is_some_and(|is| is.value() == &Value::Bool(true));
        let mut read = InboundSms::new(
            message_id(&id_name, &id)?,
            sender(&sms.name("/contact"), &sms.scalar("/contact")?)?,
            self.common.recipient(&sms.name("/owner"), sms.find_scalar("/owner")?.as_deref())?,
            // The key is on the phone: whoever has it can read on.
            &if is_encrypted { format!("[encrypted] {content}") } else { content.to_owned() },
        );
        read.sent_at = time(&sms);
        read.media = files(&sms);
        read.payload = payload(event.value());
        Ok(Item::Message(read))
    }
}

/// The id of a message, and its name: that depends on the event.
fn id(data: &Node<'_>) -> Result<(String, String), Malformed> {
    let name = if data.find("/message_id").is_some() { "/message_id" } else { "/id" };
    Ok((data.scalar(name)?.into_owned(), data.name(name)))
}

fn time(data: &Node<'_>) -> Option<DateTime<Utc>> {
    data.filled("/timestamp").ok().flatten().and_then(|at| read_time(at, &TimeFormat::Rfc3339))
}

fn files(data: &Node<'_>) -> Vec<Media> {
    let files = data.items("/attachments").unwrap_or_default();
    let file = |file: &Node<'_>| match file.value() {
        Value::String(url) => media(url, None),
        _ => media(file.text("/url").ok()?, file.text("/content_type").ok()),
    };
    files.iter().filter_map(file).take(InboundSms::MAX_MEDIA).collect()
}

fn status(event: &Node<'_>, word: &str) -> Result<Item, Malformed> {
    let data = event.get("/data")?;
    let (id, id_name) = id(&data)?;
    // A message that has expired may be sent again.
    let goes_on = data.find("/is_final").is_some_and(|is| is.value() == &Value::Bool(false));
    Ok(Item::Status(StatusUpdate {
        provider_message_id: message_id(&id_name, &id)?,
        state: state_of(STATES, word).filter(|_| !goes_on),
        provider_status: word.to_owned(),
        phone_number: data.text("/contact").ok().and_then(|to| Msisdn::parse("contact", to).ok()),
        at: time(&data),
        error: data.filled("/error_message").ok().flatten().map(str::to_owned),
        payload: payload(event.value()),
    }))
}

impl Provider for HttpSms {
    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let token = raw.bearer()?;
        let check = |claims: &Claims| {
            // One signing key is often that of several webhooks: what was meant for another address is not for us.
            if claims.iss != ISSUER || !claims.aud.is(&raw.url) {
                return Err(Rejected::WrongSignature);
            }
            fresh(claims.iat, now, Some(self.tolerance))?;
            in_force(claims.nbf, claims.exp, now, 0)
        };
        let (verified, claims) = Verified::by_token(raw, token, &self.secret, &[Algorithm::HS256], check)?;
        if !self.token_once {
            return Ok(verified);
        }
        // What is signed is remembered: the signature itself could be written in other ways.
        let signed = token.rsplit_once('.').map_or(token, |(signed, _)| signed);
        let end = DateTime::from_timestamp(claims.exp, 0).ok_or(Rejected::Stale)?;
        Ok(verified.only_once(signed.as_bytes(), now, Some(end)))
    }

    fn parse(&self, webhook: &Verified<'_>) -> Reading {
        let read = document(&webhook.raw().body)?;
        let event = Node::root(&read);
        match event.text("/type")? {
            "message.phone.received" => one(self.message(&event)),
            word if state_of(STATES, word).is_some() => one(status(&event, word)),
            _ => one(Ok(Item::Nothing)),
        }
    }

    fn ack(&self) -> Ack {
        Ack::text("OK")
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let now = draft.now.timestamp();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: Audience::Many(vec![draft.url.to_owned()]),
            sub: "simulation".to_owned(),
            iat: now,
            nbf: now - 600,
            exp: now + 600,
        };
        let token = token(&claims, &self.secret)?;
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
                "user_id": claims.sub,
                "owner": draft.to,
                "encrypted": false,
                "contact": draft.from,
                "timestamp": time,
                "content": draft.text,
                "sim": "SIM1",
                "attachments": null,
            },
        });
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let headers = [("authorization", format!("Bearer {token}")), ("x-event-type", "message.phone.received".into())];
        Ok(Outgoing::json(draft.url, body, &headers.each_ref().map(|(name, value)| (*name, value.as_str()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::testing::{adapter, webhook};

    const URL: &str = "https://sms.example.com/v1/webhooks/sms?provider=phone";

    fn claims() -> Claims {
        Claims {
            iss: ISSUER.to_owned(),
            aud: Audience::Many(vec![URL.to_owned()]),
            sub: "WB7D".to_owned(),
            iat: 10_000,
            nbf: 9_400,
            exp: 10_600,
        }
    }

    fn verify(token: &str, body: &[u8], now: i64, configuration: Value) -> Result<Option<String>, Rejected> {
        let raw = webhook(URL, &[("authorization", &format!("Bearer {token}"))], body);
        let now = DateTime::from_timestamp(now, 0).unwrap();
        let httpsms = adapter("httpsms", "secret", configuration);
        httpsms.verify(&raw, now).map(|verified| verified.once().map(|once| once.key.clone()))
    }

    /// Made with another implementation: what httpSMS would send for this address at second 10,000.
    #[test]
    fn a_token_of_another_library() {
        let good = concat!(
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJhcGkuaHR0cHNtcy5jb20iLCJzdWIiOiJXQjdEIiwiY",
            "XVkIjpbImh0dHBzOi8vc21zLmV4YW1wbGUuY29tL3YxL3dlYmhvb2tzL3Ntcz9wcm92aWRlcj1waG9uZSJdLCJleHA",
            "iOjEwNjAwLCJuYmYiOjk0MDAsImlhdCI6MTAwMDB9.99ObV6iT8Hie53UY9NIlv3_thZ7ooASSYMXUHOyPZTg",
        );
        assert_eq!(verify(good, b"{}", 10_000, json!({})), Ok(None));
        assert_eq!(verify(&good[..good.len() - 1], b"{}", 10_000, json!({})), Err(Rejected::WrongSignature));
    }

    #[test]
    fn every_claim_counts() {
        let with = |change: fn(&mut Claims), now| {
            let mut claims = claims();
            change(&mut claims);
            verify(&token(&claims, &"secret".into()).unwrap(), b"{}", now, json!({}))
        };
        for now in [9_700, 10_000, 10_600] {
            assert_eq!(with(|_| {}, now), Ok(None), "{now}");
        }
        for now in [9_699, 10_601] {
            assert_eq!(with(|_| {}, now), Err(Rejected::Stale), "{now}");
        }
        assert_eq!(with(|claims| claims.exp = 20_000, 10_601), Err(Rejected::Stale));
        assert_eq!(with(|claims| claims.exp = 9_999, 10_000), Err(Rejected::Stale));
        assert_eq!(with(|claims| claims.nbf = 10_301, 10_000), Err(Rejected::Stale));
        assert_eq!(with(|claims| claims.aud = Audience::One(URL.to_owned()), 10_000), Ok(None));
        for change in [
            (|claims| claims.iss = "httpsms.com".to_owned()) as fn(&mut Claims),
            |claims| claims.aud = Audience::Many(Vec::new()),
            |claims| claims.aud = Audience::One("https://sms.example.com/v1/webhooks/sms".to_owned()),
            |claims| claims.aud = Audience::Many(vec!["https://other.example.com/".to_owned()]),
        ] {
            assert_eq!(with(change, 10_000), Err(Rejected::WrongSignature));
        }
        let mut raw = webhook(URL, &[], b"{}");
        let httpsms = adapter("httpsms", "secret", Value::Null);
        let refused = httpsms.verify(&raw, DateTime::UNIX_EPOCH).map(drop);
        assert_eq!(refused, Err(Rejected::Unsigned("authorization".to_owned())));
        Outgoing::set(&mut raw, "authorization", "Basic c2VjcmV0OnNlY3JldA==");
        assert_eq!(httpsms.verify(&raw, DateTime::UNIX_EPOCH).map(drop), Err(Rejected::WrongSignature));
    }

    #[test]
    fn a_token_may_be_good_for_one_body() {
        let once = |claims: &Claims, once| {
            let token = token(claims, &"secret".into()).unwrap();
            verify(&token, b"{}", 10_000, json!({ "token_once": once })).unwrap()
        };
        assert_eq!(once(&claims(), false), None);
        let key = once(&claims(), true).unwrap();
        assert_eq!(once(&claims(), true), Some(key.clone()));
        assert_ne!(once(&Claims { iat: 10_001, ..claims() }, true), Some(key));
    }

    fn parse(event: &Value) -> Result<Item, Malformed> {
        let raw = webhook(URL, &[], &serde_json::to_vec(event).unwrap());
        adapter("httpsms", "secret", Value::Null).parse(&Verified::unchecked(&raw)).map(|mut items| items.remove(0))?
    }

    fn received(data: &Value) -> Result<InboundSms, Malformed> {
        let mut event = json!({ "specversion": "1.0", "id": "event", "type": "message.phone.received", "data": {
            "message_id": "2f1e", "user_id": "WB7D", "owner": "+15005550006", "encrypted": false,
            "contact": "+14155550100", "timestamp": "2026-11-22T08:00:00Z", "content": "Your code is 482913",
            "sim": "SIM1", "attachments": null,
        } });
        for (name, value) in data.as_object().unwrap() {
            event["data"][name] = value.clone();
        }
        match parse(&event)? {
            Item::Message(sms) => Ok(sms),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_message_is_read() {
        let sms = received(&json!({})).unwrap();
        assert_eq!((sms.provider_message_id.as_str(), sms.text.as_str()), ("2f1e", "Your code is 482913"));
        assert_eq!((sms.from.as_str(), sms.to.as_str()), ("+14155550100", "+15005550006"));
        assert_eq!(sms.sent_at.unwrap().timestamp(), 1_795_334_400);
        let older = received(&json!({ "message_id": null, "id": "1a" })).unwrap();
        assert_eq!(older.provider_message_id, "1a");
        let files = received(&json!({ "attachments": ["https://a/1", { "url": "https://a/2" }, 3] })).unwrap();
        assert_eq!(
            files.media.iter().map(|file| file.url.as_str()).collect::<Vec<_>>(),
            ["https://a/1", "https://a/2"]
        );
        for name in ["message_id", "owner", "contact", "content"] {
            let field = if name == "message_id" { "id" } else { name };
            assert_eq!(received(&json!({ name: null })).unwrap_err().field, format!("/data/{field}"));
        }
    }

    #[test]
    fn what_is_encrypted_is_shown_as_such() {
        assert_eq!(received(&json!({ "encrypted": true, "content": "q83v" })).unwrap().text, "[encrypted] q83v");
    }

    #[test]
    fn a_state_is_an_event() {
        let status = |event: &str, data: Value| match parse(&json!({ "type": event, "data": data })) {
            Ok(Item::Status(update)) => update,
            other => panic!("{other:?}"),
        };
        let sent =
            status("message.phone.sent", json!({ "id": "1", "contact": "+14155550100", "owner": "+15005550006" }));
        assert_eq!((sent.provider_message_id.as_str(), sent.state), ("1", Some(DeliveryState::Sent)));
        assert_eq!(sent.phone_number.unwrap().as_str(), "+14155550100");
        let failed = status("message.send.failed", json!({ "id": "1", "error_message": "NO_SERVICE" }));
        assert_eq!((failed.state, failed.error.as_deref()), (Some(DeliveryState::Failed), Some("NO_SERVICE")));
        for (is_final, state) in [(json!(null), true), (json!(true), true), (json!(false), false)] {
            let expired = status("message.send.expired", json!({ "message_id": "1", "is_final": is_final }));
            assert_eq!(expired.state, state.then_some(DeliveryState::Undelivered));
            assert_eq!(expired.provider_status, "message.send.expired");
        }
        let missed = parse(&json!({ "type": "message.call.missed", "data": { "id": "1" } }));
        assert!(matches!(missed, Ok(Item::Nothing)));
    }
}
