//! Telnyx Messaging: JSON posts, signed with the account's Ed25519 key.
//!
//! `telnyx-signature-ed25519` is base64 of the signature (RFC 8032) over the value of `telnyx-timestamp`, a `|` and
//! the body. Each attempt is signed anew, and is good for five minutes. An account knows the public key alone.
//!
//! A group message names several recipients. Which of them are ours is not the adapter's to know, so there is one
//! item for each: the first with the message's id, the others with their place after it.
//!
//! Sources: Telnyx's documentation, "Receiving webhooks for messaging", "Group messaging"; its SDKs' webhook
//! verification and its reference of `message.received` and `message.finalized`.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use ring::signature::{ED25519, Ed25519KeyPair};
use secrecy::ExposeSecret;
use serde_json::{Value, json, value::RawValue};

use super::{
    Kind, Opener, Provider,
    kit::{
        Ack, Common, Draft, Item, Malformed, Node, Outgoing, RawWebhook, Reading, Rejected, Setup, States, TimeFormat,
        Verified, document, fresh, media, message_id, payload, read_time, sender, state_of, unbase64,
    },
};
use crate::domain::{DeliveryState, Error, InboundSms, Media, Msisdn, Result, StatusUpdate};

pub(super) const KIND: Kind = Kind {
    word: "telnyx",
    title: "Telnyx",
    secret: "the account's public key: base64 of 32 bytes",
    settings: &[],
    api_endpoint: "https://api.telnyx.com/v2",
    open: Opener::Code(|setup| Ok(Box::new(Telnyx::open(setup)?))),
};

const SIGNATURE: &str = "telnyx-signature-ed25519";
const TIMESTAMP: &str = "telnyx-timestamp";

/// How old a signature may be, in seconds.
const TOLERANCE: u32 = 300;

const STATES: &States = &[
    (DeliveryState::Queued, &["queued"]),
    (DeliveryState::Sent, &["sending", "sent"]),
    (DeliveryState::Delivered, &["delivered"]),
    (DeliveryState::Undelivered, &["delivery_failed", "delivery_unconfirmed"]),
    (DeliveryState::Failed, &["sending_failed"]),
];

struct Telnyx {
    key: [u8; 32],
    tolerance: u32,
    common: Common,
}

impl Telnyx {
    fn open(setup: Setup) -> Result<Self> {
        setup.has_no_own()?;
        let key = unbase64(setup.secret.expose_secret().trim()).and_then(|key| key.try_into().ok());
        let key = key.ok_or_else(|| Error::invalid("secret", format!("must be {}", KIND.secret)))?;
        Ok(Self { key, tolerance: setup.tolerance(TOLERANCE), common: setup.common })
    }

    /// Reads one recipient of a message.
    fn message(&self, data: &Node<'_>, to: &Node<'_>, place: usize, kept: &RawValue) -> Result<Item, Malformed> {
        let id = data.text("/payload/id")?;
        let id = if place == 0 { id.to_owned() } else { format!("{id}#{}", place + 1) };
        let mut sms = InboundSms::new(
            message_id(&data.name("/payload/id"), &id)?,
            sender(&data.name("/payload/from/phone_number"), data.text("/payload/from/phone_number")?)?,
            self.common.recipient(&to.name("/phone_number"), Some(to.text("/phone_number")?))?,
            // There is none when the message has only media.
            data.filled("/payload/text")?.unwrap_or_default(),
        );
        let received = data.filled("/payload/received_at").ok().flatten();
        sms.sent_at = received.and_then(|at| read_time(at, &TimeFormat::Rfc3339));
        sms.media = files(data);
        sms.segments = data.number("/payload/parts");
        sms.payload = kept.to_owned();
        Ok(Item::Message(sms))
    }
}

/// An event as it is kept. It has our address in several places, and with it the token that an account may ask for.
fn kept(mut event: Value) -> Box<RawValue> {
    for place in ["/data/payload/webhook_url", "/data/payload/webhook_failover_url", "/meta/delivered_to"] {
        event.pointer_mut(place).map(Value::take);
    }
    payload(&event)
}

fn files(data: &Node<'_>) -> Vec<Media> {
    let files = data.items("/payload/media").unwrap_or_default();
    let file = |file: &Node<'_>| media(file.text("/url").ok()?, file.text("/content_type").ok());
    files.iter().filter_map(file).take(InboundSms::MAX_MEDIA).collect()
}

/// Reads what became of a message for one recipient.
fn status(data: &Node<'_>, to: &Node<'_>, kept: &RawValue) -> Result<Item, Malformed> {
    let word = to.text("/status")?;
    let state = state_of(STATES, word);
    let at = ["/payload/completed_at", "/occurred_at"].iter().find_map(|time| data.filled(time).ok().flatten());
    let errors = data.items("/payload/errors").unwrap_or_default();
    let error = errors.first().map(|error| {
        let parts = ["/code", "/title"].map(|part| error.find_scalar(part).ok().flatten().unwrap_or_default());
        parts.join(" ").trim().to_owned()
    });
    Ok(Item::Status(StatusUpdate {
        provider_message_id: message_id(&data.name("/payload/id"), data.text("/payload/id")?)?,
        state,
        provider_status: word.to_owned(),
        phone_number: to.text("/phone_number").ok().and_then(|number| Msisdn::parse("to", number).ok()),
        at: at.and_then(|at| read_time(at, &TimeFormat::Rfc3339)),
        // The errors are the message's, and it may have reached some of its recipients.
        error: error.filter(|error| !error.is_empty() && state != Some(DeliveryState::Delivered)),
        payload: kept.to_owned(),
    }))
}

impl Provider for Telnyx {
    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let timestamp = raw.header(TIMESTAMP)?;
        let signature = STANDARD.decode(raw.header(SIGNATURE)?).map_err(|_| Rejected::WrongSignature)?;
        let message = [timestamp.as_bytes(), b"|", &raw.body].concat();
        let verified = Verified::by_public_key(raw, &ED25519, &self.key, &message, &signature)?;
        // Only now is the time worth reading: it is the one that was signed.
        fresh(timestamp.parse().map_err(|_| Rejected::Stale)?, now, Some(self.tolerance))?;
        Ok(verified)
    }

    fn parse(&self, webhook: &Verified<'_>) -> Reading {
        let read = document(&webhook.raw().body)?;
        let data = Node::root(&read).get("/data")?;
        let is_message = match data.text("/event_type")? {
            "message.received" => true,
            "message.sent" | "message.finalized" | "message.updated" => false,
            _ => return Ok(vec![Ok(Item::Nothing)]),
        };
        let recipients = data.items("/payload/to")?;
        if recipients.is_empty() {
            return Err(data.wrong("/payload/to", "names nobody"));
        }
        let kept = kept(read.clone());
        let read = |(place, to)| {
            if is_message { self.message(&data, to, place, &kept) } else { status(&data, to, &kept) }
        };
        Ok(recipients.iter().enumerate().map(read).collect())
    }

    fn payload(&self, webhook: &Verified<'_>) -> Box<RawValue> {
        kept(serde_json::from_slice(&webhook.raw().body).unwrap_or_default())
    }

    fn ack(&self) -> Ack {
        Ack::text("OK")
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let seed = unbase64(draft.private_key()?.expose_secret().trim());
        let pair = seed.and_then(|seed| Ed25519KeyPair::from_seed_and_public_key(&seed, &self.key).ok());
        let pair = pair.ok_or_else(|| {
            Error::invalid("key", "must be base64 of the 32-byte seed that the account's public key was made from")
        })?;
        let time = draft.now.to_rfc3339();
        let body = json!({
            "data": {
                "event_type": "message.received",
                "id": draft.nonce,
                "occurred_at": time,
                "record_type": "event",
                "payload": {
                    "id": draft.id,
                    "record_type": "message",
                    "direction": "inbound",
                    "type": "SMS",
                    "from": { "phone_number": draft.from, "carrier": "", "line_type": "Wireless" },
                    "to": [{ "phone_number": draft.to, "status": "webhook_delivered", "carrier": "Telnyx" }],
                    "cc": [],
                    "text": draft.text,
                    "media": [],
                    "encoding": "GSM-7",
                    "parts": 1,
                    "received_at": time,
                    "webhook_url": draft.url,
                    "errors": [],
                },
            },
            "meta": { "attempt": 1, "delivered_to": draft.url },
        });
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let timestamp = draft.now.timestamp().to_string();
        let signature = pair.sign(&[timestamp.as_bytes(), b"|", &body].concat());
        let signature = STANDARD.encode(signature);
        Ok(Outgoing::json(draft.url, body, &[(TIMESTAMP, &timestamp), (SIGNATURE, &signature)]))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::providers::{
        Adapter,
        testing::{adapter, webhook},
    };

    /// The first key pair of RFC 8032, 7.1.
    const PUBLIC: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    const SEED: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";

    fn telnyx() -> Adapter {
        adapter("telnyx", PUBLIC, Value::Null)
    }

    fn composed(seed: &str) -> Result<RawWebhook> {
        let draft = Draft {
            id: "84cca175",
            from: "+14155550100",
            to: "+15005550006",
            text: "482913",
            url: "https://sms.example.com/",
            now: DateTime::from_timestamp(1_000, 0).unwrap(),
            nonce: "00",
            key: Some(&seed.into()),
        };
        telnyx().compose(&draft)
    }

    fn verify(raw: &RawWebhook, now: i64) -> Result<(), Rejected> {
        telnyx().verify(raw, DateTime::from_timestamp(now, 0).unwrap()).map(drop)
    }

    /// Made with another implementation of Ed25519, over `1000|{}`.
    #[test]
    fn a_signature_of_another_library() {
        let raw = |signature| webhook("https://a/", &[(TIMESTAMP, "1000"), (SIGNATURE, signature)], b"{}");
        let good = "n/wgQt67Tqjrv8hiBuDTSy7wp3Uu7CtoPWGmYqBZZl6Q7PFO/tmJLiDEI37aUpP5vFCIDgqwultCNgy6qPX7BA==";
        assert_eq!(verify(&raw(good), 1_000), Ok(()));
        for wrong in ["", "not base64", &good[..84], &format!("A{}", &good[1..])] {
            assert_eq!(verify(&raw(wrong), 1_000), Err(Rejected::WrongSignature), "{wrong}");
        }
    }

    #[test]
    fn a_signature_is_good_for_five_minutes() {
        let sent = composed(SEED).unwrap();
        for (now, verified) in [(700, true), (1_300, true), (699, false), (1_301, false)] {
            assert_eq!(verify(&sent, now), if verified { Ok(()) } else { Err(Rejected::Stale) }, "{now}");
        }
        for header in [SIGNATURE, TIMESTAMP] {
            let mut unsigned = composed(SEED).unwrap();
            unsigned.headers.remove(header);
            assert_eq!(verify(&unsigned, 1_000), Err(Rejected::Unsigned(header.to_owned())));
        }
        let mut later = composed(SEED).unwrap();
        later.headers.insert(TIMESTAMP, HeaderValue::from(1_001));
        assert_eq!(verify(&later, 1_000), Err(Rejected::WrongSignature));
    }

    #[test]
    fn keys_are_checked_when_they_are_set() {
        for wrong in ["c2hvcnQ=", "not base64", "bm90IGEga2V5IG9mIHRoaXJ0eS10d28gYnl0ZXMgYnV0IGxvbmdlcg=="] {
            let opened = Adapter::open("telnyx", wrong.into(), None, &Default::default());
            assert_eq!(opened.unwrap_err().details()["field"], "secret", "{wrong}");
        }
        for wrong in ["", "c2hvcnQ=", "TM0Imyj/ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U+4pvs="] {
            assert_eq!(composed(wrong).unwrap_err().details()["field"], "key", "{wrong}");
        }
    }

    fn parse(body: &Value) -> Reading {
        let raw = webhook("https://a/", &[], &serde_json::to_vec(body).unwrap());
        telnyx().parse(&Verified::unchecked(&raw))
    }

    #[test]
    fn a_group_message_has_an_item_for_each_recipient() {
        let read = parse(&json!({ "data": { "event_type": "message.received", "id": "event", "payload": {
            "id": "84cca175", "type": "MMS", "from": { "phone_number": "+14155550100" }, "text": null, "parts": 2,
            "to": [
                { "phone_number": "+15005550006" },
                { "phone_number": "nobody" },
                { "phone_number": "+15005550008" },
            ],
            "received_at": "2026-11-22T08:00:00.000+00:00",
            "media": [
                { "url": "https://media.example.com/1.png", "content_type": "image/png", "size": 12 },
                { "url": "file:///etc/passwd", "content_type": null },
                { "url": "https://media.example.com/2", "content_type": null },
            ],
        } } }));
        let read = read.unwrap();
        let [Ok(Item::Message(first)), Err(second), Ok(Item::Message(third))] = &read[..] else { panic!("{read:?}") };
        assert_eq!((first.provider_message_id.as_str(), first.to.as_str()), ("84cca175", "+15005550006"));
        assert_eq!((third.provider_message_id.as_str(), third.to.as_str()), ("84cca175#3", "+15005550008"));
        assert_eq!(second.field, "/data/payload/to/1/phone_number");
        assert_eq!((first.text.as_str(), first.segments), ("", Some(2)));
        assert_eq!(first.sent_at.unwrap().timestamp(), 1_795_334_400);
        let files: Vec<_> = first.media.iter().map(|file| (&file.url[26..], file.content_type.as_deref())).collect();
        assert_eq!(files, [("1.png", Some("image/png")), ("2", None)]);
    }

    #[test]
    fn states_are_read_for_each_recipient() {
        let read = parse(&json!({ "data": {
            "event_type": "message.finalized", "occurred_at": "2026-11-22T08:00:01Z",
            "payload": {
                "id": "84cca175", "completed_at": "2026-11-22T08:00:00Z",
                "to": [
                    { "phone_number": "+14155550100", "status": "delivery_failed" },
                    { "phone_number": "+14155550101", "status": "delivered" },
                    { "phone_number": "+14155550102", "status": "something_new" },
                ],
                "errors": [{ "code": "40001", "title": "Not routable", "detail": "…" }],
            },
        } }));
        let states: Vec<_> = read
            .unwrap()
            .into_iter()
            .map(|item| match item {
                Ok(Item::Status(update)) => {
                    assert_eq!(update.provider_message_id, "84cca175");
                    let error = (update.provider_status != "delivered").then_some("40001 Not routable");
                    assert_eq!(update.error.as_deref(), error);
                    assert_eq!(update.at.unwrap().timestamp(), 1_795_334_400);
                    (update.state, update.provider_status, update.phone_number.unwrap().to_string())
                }
                other => panic!("{other:?}"),
            })
            .collect();
        let expected = |state, word: &str, number: &str| (state, word.to_owned(), number.to_owned());
        assert_eq!(
            states,
            [
                expected(Some(DeliveryState::Undelivered), "delivery_failed", "+14155550100"),
                expected(Some(DeliveryState::Delivered), "delivered", "+14155550101"),
                expected(None, "something_new", "+14155550102"),
            ]
        );
    }

    #[test]
    fn our_address_is_not_kept() {
        let raw = composed(SEED).unwrap();
        assert!(String::from_utf8_lossy(&raw.body).contains("sms.example.com"));
        let webhook = Verified::unchecked(&raw);
        let Ok(Item::Message(sms)) = telnyx().parse(&webhook).unwrap().remove(0) else { panic!() };
        for kept in [sms.payload, telnyx().payload(&webhook)] {
            assert!(kept.get().contains("482913") && !kept.get().contains("sms.example.com"), "{kept}");
        }
    }

    #[test]
    fn other_events_and_unreadable_ones() {
        let read = parse(&json!({ "data": { "event_type": "call.initiated", "payload": {} } })).unwrap();
        assert!(matches!(&read[..], [Ok(Item::Nothing)]));
        for (body, field) in [
            (json!({}), "/data"),
            (json!({ "data": {} }), "/data/event_type"),
            (json!({ "data": { "event_type": "message.received", "payload": { "id": "1" } } }), "/data/payload/to"),
            (json!({ "data": { "event_type": "message.received", "payload": { "to": [] } } }), "/data/payload/to"),
        ] {
            assert_eq!(parse(&body).unwrap_err().field, field, "{body}");
        }
    }
}
