//! MessageBird, the classic platform: forms, flat JSON or queries, signed in one of two ways.
//!
//! `MessageBird-Signature-JWT` is a JSON Web Token, signed with HMAC by the account's signing key. It covers the
//! address (`url_hash`) and the body (`payload_hash`, which is there if and only if there is a body), and says for
//! how long it is good. The older scheme, for accounts that have no other, is HMAC-SHA256 over the time, the sorted
//! query and the digest of the body. Which of the two an account uses is for its configuration to say, never for
//! the request.
//!
//! Long and short numbers have different names for the same things, and some are there twice, from older versions of
//! the API. Status reports are GET requests.
//!
//! Sources: MessageBird's documentation, "Receive a message", "Handle a status report", "Verify HTTP requests"; its
//! SDKs' request validators.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use http::Method;
use jsonwebtoken::Algorithm;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{
    Kind, Opener, Provider,
    kit::{
        Ack, Common, Draft, Form, Hash, Item, Malformed, Outgoing, RawWebhook, Reading, Rejected, Setup, States,
        TimeFormat, Verified, fresh, hex, in_force, media, message_id, one, payload, read_time, sender, state_of,
        token,
    },
};
use crate::domain::{DeliveryState, InboundSms, Media, Result, StatusUpdate};

pub(super) const KIND: Kind = Kind {
    word: "messagebird",
    title: "MessageBird (classic)",
    secret: "the signing key of the account, which is not its API key",
    settings: &[(
        "scheme",
        "How webhooks are signed: jwt (MessageBird-Signature-JWT, the default) or older (MessageBird-Signature).",
    )],
    api_endpoint: "https://rest.messagebird.com",
    open: Opener::Code(|setup| Ok(Box::new(MessageBird::open(setup)?))),
};

const TOKEN: &str = "messagebird-signature-jwt";
/// The signature of the older scheme, which the new platform has taken over.
pub(super) const SIGNATURE: &str = "messagebird-signature";
/// Its time, in seconds since 1970.
pub(super) const TIMESTAMP: &str = "messagebird-request-timestamp";

/// For how long after its end a token is still taken, in seconds: clocks differ.
const LEEWAY: u32 = 60;
/// How old a signature of the older scheme may be, in seconds.
const TOLERANCE: u32 = 300;

const STATES: &States = &[
    (DeliveryState::Queued, &["scheduled"]),
    (DeliveryState::Sent, &["sent", "buffered"]),
    (DeliveryState::Delivered, &["delivered"]),
    (DeliveryState::Undelivered, &["expired", "delivery_failed"]),
];

struct MessageBird {
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

/// How webhooks are signed.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Scheme {
    #[default]
    Jwt,
    Older,
}

/// What a token says.
#[derive(Clone, Serialize, Deserialize)]
struct Claims {
    iss: String,
    nbf: i64,
    exp: i64,
    jti: String,
    url_hash: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    payload_hash: Option<String>,
}

impl Claims {
    const ISSUER: &str = "MessageBird";

    /// Refuses a token that is for another request. Nothing secret is compared here: the claims are signed.
    fn check(&self, raw: &RawWebhook) -> Result<(), Rejected> {
        let body = (!raw.body.is_empty()).then(|| digest(&raw.body));
        let covers = |claim: &str, digest: &str| claim.eq_ignore_ascii_case(digest);
        let covers_body = match (&self.payload_hash, &body) {
            (Some(claim), Some(body)) => covers(claim, body),
            (claim, body) => claim.is_none() && body.is_none(),
        };
        let is_it = self.iss == Self::ISSUER && covers(&self.url_hash, &digest(raw.url.as_bytes())) && covers_body;
        if is_it { Ok(()) } else { Err(Rejected::WrongSignature) }
    }
}

fn digest(bytes: &[u8]) -> String {
    hex(&Hash::Sha256.digest(bytes))
}

/// The signature of the older scheme. Its second line is the query, sorted; on the new platform it is the address.
pub(super) fn code(secret: &SecretString, timestamp: &str, line: &str, body: &[u8]) -> Vec<u8> {
    let digest = Hash::Sha256.digest(body);
    let parts = [timestamp.as_bytes(), b"\n", line.as_bytes(), b"\n", &digest];
    Hash::Sha256.code(secret.expose_secret().as_bytes(), &parts)
}

/// Verifies the signature of the older scheme, with one of these second lines.
pub(super) fn verify_dated<'a>(
    raw: &'a RawWebhook,
    secret: &SecretString,
    lines: impl IntoIterator<Item = String>,
    now: DateTime<Utc>,
    tolerance: u32,
) -> Result<Verified<'a>, Rejected> {
    let timestamp = raw.header(TIMESTAMP)?;
    let presented = STANDARD.decode(raw.header(SIGNATURE)?).map_err(|_| Rejected::WrongSignature)?;
    let codes = lines.into_iter().map(|line| code(secret, timestamp, &line, &raw.body));
    let verified = Verified::by_code(raw, codes, &presented)?;
    // Only now is the time worth reading: it is the one that was signed.
    fresh(timestamp.parse().map_err(|_| Rejected::Stale)?, now, Some(tolerance))?;
    Ok(verified)
}

/// What stays as it is in a query (RFC 3986, 2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The query sorted by name, encoded anew: a space as `+`, which is how most of MessageBird's own libraries write
/// it, then as `%20`, which is how the others do.
fn sorted_queries(raw: &RawWebhook) -> [String; 2] {
    let form = Form::decode(raw.query().as_bytes());
    let mut fields: Vec<_> = form.fields().collect();
    // The values of one name stay in their order.
    fields.sort_by_key(|(name, _)| *name);
    let encode = |bytes| percent_encode(bytes, ENCODED).to_string();
    let pairs: Vec<_> = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let query = pairs.join("&");
    [query.replace("%20", "+"), query]
}

impl MessageBird {
    fn open(setup: Setup) -> Result<Self> {
        let Settings { scheme } = setup.own()?;
        let tolerance = setup.tolerance(match scheme {
            Scheme::Jwt => LEEWAY,
            Scheme::Older => TOLERANCE,
        });
        Ok(Self { secret: setup.secret, scheme, tolerance, common: setup.common })
    }

    fn read(&self, form: &Form<'_>) -> Result<Item, Malformed> {
        // A status report has a recipient, and no sender.
        if form.has("status") && !form.has("originator") { self.status(form) } else { self.message(form) }
    }

    fn message(&self, form: &Form<'_>) -> Result<Item, Malformed> {
        // On short codes `id` is not one message's own.
        let is_short = form.filled("shortcode")?.is_some();
        let (id_name, id) = if is_short { form.first_of(&["mid"])? } else { form.first_of(&["id"])? };
        let (to_name, to) = form.first_of(&["recipient", "shortcode", "receiver"])?;
        let files = files(form);
        let [name, other] = if is_short { ["message", "body"] } else { ["body", "message"] };
        let text = match form.filled(name)? {
            Some(text) => text,
            None => match form.find(other)?.or(form.find(name)?) {
                Some(text) => text,
                None if !files.is_empty() => "",
                None => return Err(Malformed::new(name, "is missing")),
            },
        };
        let mut sms = InboundSms::new(
            message_id(id_name, id)?,
            sender("originator", form.text("originator")?)?,
            self.common.recipient(to_name, Some(to))?,
            text,
        );
        let created = form.first_of(&["createdDatetime", "CreatedDatetime"]).ok();
        // The `receive_datetime` of short codes does not say its zone.
        sms.sent_at = created.and_then(|(_, at)| read_time(at, &TimeFormat::Rfc3339));
        sms.media = files;
        sms.payload = payload(form);
        Ok(Item::Message(sms))
    }

    fn status(&self, form: &Form<'_>) -> Result<Item, Malformed> {
        let word = form.text("status")?;
        let state = state_of(STATES, word);
        let code = form.filled("statusErrorCode")?.filter(|code| *code != "0");
        let reason = form.filled("statusReason")?.filter(|_| state == Some(DeliveryState::Undelivered));
        let at = form.filled("statusDatetime").ok().flatten();
        Ok(Item::Status(StatusUpdate {
            provider_message_id: message_id("id", form.text("id")?)?,
            state,
            provider_status: word.to_owned(),
            phone_number: form.find("recipient")?.and_then(|to| self.common.recipient("recipient", Some(to)).ok()),
            at: at.and_then(|at| read_time(at, &TimeFormat::Rfc3339)),
            error: code.or(reason).map(str::to_owned),
            payload: payload(form),
        }))
    }
}

/// The files of a message: a field that is repeated, under one of several spellings of its name.
fn files(form: &Form<'_>) -> Vec<Media> {
    let is_file = |name: &[u8]| name.get(..9).is_some_and(|start| start.eq_ignore_ascii_case(b"mediaUrls"));
    let addresses = form.fields().filter(|(name, _)| is_file(name)).filter_map(|(_, url)| str::from_utf8(url).ok());
    addresses.filter_map(|url| media(url, None)).take(InboundSms::MAX_MEDIA).collect()
}

impl Provider for MessageBird {
    fn methods(&self) -> &[Method] {
        &[Method::POST, Method::GET]
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let Scheme::Jwt = self.scheme else {
            return verify_dated(raw, &self.secret, sorted_queries(raw), now, self.tolerance);
        };
        let algorithms = [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];
        let check = |claims: &Claims| {
            claims.check(raw)?;
            in_force(claims.nbf, claims.exp, now, self.tolerance)
        };
        let (verified, _) = Verified::by_token(raw, raw.header(TOKEN)?, &self.secret, &algorithms, check)?;
        Ok(verified)
    }

    fn parse(&self, webhook: &Verified<'_>) -> Reading {
        one(self.read(&webhook.raw().flat()?.without_ours()))
    }

    fn ack(&self) -> Ack {
        Ack::text("OK")
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let mut raw = Outgoing::form(
            draft.url,
            &[
                ("id", draft.id),
                ("recipient", Draft::bare(draft.to)),
                ("originator", Draft::bare(draft.from)),
                ("body", draft.text),
                ("createdDatetime", &draft.now.to_rfc3339()),
            ],
            &[],
        );
        let now = draft.now.timestamp();
        match self.scheme {
            Scheme::Jwt => {
                let claims = Claims {
                    iss: Claims::ISSUER.to_owned(),
                    nbf: now,
                    exp: now + 60,
                    jti: draft.nonce.to_owned(),
                    url_hash: digest(draft.url.as_bytes()),
                    payload_hash: Some(digest(&raw.body)),
                };
                Outgoing::set(&mut raw, TOKEN, &token(&claims, &self.secret)?);
            }
            Scheme::Older => {
                let [query, _] = sorted_queries(&raw);
                let signature = STANDARD.encode(code(&self.secret, &now.to_string(), &query, &raw.body));
                Outgoing::set(&mut raw, TIMESTAMP, &now.to_string());
                Outgoing::set(&mut raw, SIGNATURE, &signature);
            }
        }
        Ok(raw)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::providers::{
        Adapter,
        testing::{adapter, vectors, webhook},
    };

    const URL: &str = "https://sms.example.com/v1/webhooks/sms?provider=test";
    const FORM: &[(&str, &str)] = &[("content-type", Form::TYPE)];

    fn account(scheme: &str) -> Adapter {
        adapter("messagebird", "secret", json!({ "scheme": scheme }))
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn text(value: &Value) -> &str {
        value.as_str().unwrap()
    }

    #[test]
    fn published_tokens() {
        for vector in vectors("messagebird_jwt") {
            let input = &vector["input"];
            let mut raw =
                webhook(text(&input["url"]), &[(TOKEN, text(&vector["expected"]))], text(&input["body"]).as_bytes());
            raw.method = text(&input["method"]).parse().unwrap();
            // One vector has an empty key, with which no account can be opened.
            let messagebird = MessageBird {
                secret: text(&input["key"]).into(),
                scheme: Scheme::Jwt,
                tolerance: LEEWAY,
                common: Common::default(),
            };
            let verified = messagebird.verify(&raw, at(input["now"].as_i64().unwrap())).map(drop);
            assert_eq!(Value::from(verified.is_ok()), vector["valid"], "{vector}");
            if let Some(note) = vector["note"].as_str() {
                let is_stale = note.contains("in the future") || note.contains("in the past");
                let expected = if is_stale { Rejected::Stale } else { Rejected::WrongSignature };
                assert_eq!(verified, Err(expected), "{vector}");
            }
        }
    }

    #[test]
    fn published_signatures_of_the_older_scheme() {
        for vector in vectors("messagebird_legacy") {
            let input = &vector["input"];
            let headers = [(TIMESTAMP, text(&input["timestamp"])), (SIGNATURE, text(&vector["expected"]))];
            let query = text(&input["query"]);
            let url = if query.is_empty() { "https://a/".to_owned() } else { format!("https://a/?{query}") };
            let raw = webhook(&url, &headers, text(&input["body"]).as_bytes());
            let messagebird = adapter("messagebird", text(&input["key"]), json!({ "scheme": "older" }));
            let now = text(&input["timestamp"]).parse().unwrap();
            let verified = messagebird.verify(&raw, at(now)).map(drop);
            assert_eq!(Value::from(verified.is_ok()), vector["valid"], "{vector}");
            if verified.is_ok() {
                assert_eq!(messagebird.verify(&raw, at(now + 301)).map(drop), Err(Rejected::Stale));
                assert_eq!(messagebird.verify(&raw, at(now - 301)).map(drop), Err(Rejected::Stale));
            }
        }
    }

    #[test]
    fn a_query_is_sorted_by_name_and_encoded_anew() {
        let raw = webhook("https://a/?price%5bamount%5d=1&b=2&b=1&a=x+y%2fz%7e*#x", &[], b"");
        let sorted = "a=x+y%2Fz~%2A&b=2&b=1&price%5Bamount%5D=1";
        assert_eq!(sorted_queries(&raw), [sorted, &sorted.replace('+', "%20")]);
    }

    fn draft() -> Draft<'static> {
        Draft {
            id: "3b53c137",
            from: "+14155550100",
            to: "+15005550006",
            text: "482913",
            url: URL,
            now: at(1_000),
            nonce: "00",
            key: None,
        }
    }

    /// What is signed, as it came, and as somebody else would like to have it.
    fn signed(change: impl FnOnce(&mut Claims), algorithm: Algorithm) -> RawWebhook {
        let mut raw = webhook(URL, FORM, b"id=1");
        let mut claims = Claims {
            iss: "MessageBird".to_owned(),
            nbf: 1_000,
            exp: 1_060,
            jti: "1".to_owned(),
            url_hash: digest(URL.as_bytes()),
            payload_hash: Some(digest(b"id=1")),
        };
        change(&mut claims);
        let key = jsonwebtoken::EncodingKey::from_secret(b"secret");
        let token = crate::jwt::encode(&jsonwebtoken::Header::new(algorithm), &claims, &key).unwrap();
        Outgoing::set(&mut raw, TOKEN, &token);
        raw
    }

    #[test]
    fn every_claim_counts() {
        let verify = |raw: &RawWebhook, now| account("jwt").verify(raw, at(now)).map(drop);
        let good = signed(|_| {}, Algorithm::HS256);
        for now in [700, 1_000, 1_060, 1_120] {
            assert_eq!(verify(&good, now), Ok(()), "{now}");
        }
        for now in [699, 1_121] {
            assert_eq!(verify(&good, now), Err(Rejected::Stale), "{now}");
        }
        for wrong in [
            signed(|claims| claims.iss = "Messagebird".to_owned(), Algorithm::HS256),
            signed(|claims| claims.url_hash = digest(b"https://sms.example.com/"), Algorithm::HS256),
            signed(|claims| claims.url_hash.clear(), Algorithm::HS256),
            signed(|claims| claims.payload_hash = None, Algorithm::HS256),
            signed(|claims| claims.payload_hash = Some(digest(b"id=2")), Algorithm::HS256),
            RawWebhook { body: Vec::new(), ..signed(|_| {}, Algorithm::HS256) },
            RawWebhook { url: format!("{URL}&x"), ..signed(|_| {}, Algorithm::HS256) },
        ] {
            assert_eq!(verify(&wrong, 1_000), Err(Rejected::WrongSignature), "{wrong:?}");
        }
        for algorithm in [Algorithm::HS384, Algorithm::HS512] {
            assert_eq!(verify(&signed(|_| {}, algorithm), 1_000), Ok(()), "{algorithm:?}");
        }
    }

    #[test]
    fn a_scheme_is_not_for_the_request_to_choose() {
        let (jwt, older) = (account("jwt"), account("older"));
        let new = jwt.compose(&draft()).unwrap();
        let old = older.compose(&draft()).unwrap();
        assert_eq!(jwt.verify(&new, at(1_000)).map(drop), Ok(()));
        assert_eq!(older.verify(&old, at(1_000)).map(drop), Ok(()));
        assert_eq!(jwt.verify(&old, at(1_000)).map(drop), Err(Rejected::Unsigned(TOKEN.to_owned())));
        assert_eq!(older.verify(&new, at(1_000)).map(drop), Err(Rejected::Unsigned(TIMESTAMP.to_owned())));
        let unknown = json!({ "scheme": "none" });
        let refused = Adapter::open("messagebird", "secret".into(), None, unknown.as_object().unwrap()).unwrap_err();
        assert_eq!(refused.details()["field"], "configuration.scheme");
    }

    fn parse(raw: &RawWebhook) -> Result<Item, Malformed> {
        account("jwt").parse(&Verified::unchecked(raw)).map(|mut items| items.remove(0))?
    }

    fn message(raw: &RawWebhook) -> InboundSms {
        match parse(raw) {
            Ok(Item::Message(sms)) => sms,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_message_of_a_long_number() {
        let form = "id=3b53&recipient=15005550006&originator=14155550100&body=Your+code+is+482913&id=3b53\
                    &createdDatetime=2026-11-22T08%3A00%3A00%2B00%3A00&receiver=1&message=old&reference=47\
                    &mediaUrls=https%3A%2F%2Fa%2F1&mediaUrls=https%3A%2F%2Fa%2F2";
        let json = json!({
            "id": "3b53", "recipient": 15005550006_u64, "originator": "14155550100", "body": "Your code is 482913",
            "createdDatetime": "2026-11-22T08:00:00+00:00", "mediaURLs": ["https://a/1", "https://a/2"],
        });
        let json = serde_json::to_vec(&json).unwrap();
        let mut get = webhook(&format!("{URL}&token=hidden&{form}"), &[], b"");
        get.method = Method::GET;
        for raw in
            [webhook(URL, FORM, form.as_bytes()), webhook(URL, &[("content-type", "application/json")], &json), get]
        {
            let sms = message(&raw);
            assert_eq!((sms.provider_message_id.as_str(), sms.text.as_str()), ("3b53", "Your code is 482913"));
            assert_eq!((sms.from.as_str(), sms.to.as_str()), ("14155550100", "+15005550006"));
            assert_eq!(sms.sent_at, Some(at(1_795_334_400)));
            assert_eq!(
                sms.media.iter().map(|file| file.url.as_str()).collect::<Vec<_>>(),
                ["https://a/1", "https://a/2"]
            );
            assert!(!sms.payload.get().contains("hidden"));
        }
    }

    #[test]
    fn a_message_of_a_short_code() {
        let body =
            "id=keyword&mid=77&shortcode=51274&originator=14155550100&message=JOIN&receive_datetime=20261122080000";
        let sms = message(&webhook(URL, FORM, body.as_bytes()));
        assert_eq!((sms.provider_message_id.as_str(), sms.to.as_str(), sms.text.as_str()), ("77", "51274", "JOIN"));
        assert_eq!(sms.sent_at, None);
    }

    #[test]
    fn a_field_that_is_wrong_is_named() {
        for (body, field) in [
            ("recipient=12345&originator=1&body=x", "id"),
            ("id=1&id=2&recipient=12345&originator=1&body=x", "id"),
            ("id=1&recipient=12345&originator=1&body=x&body=y", "body"),
            ("id=1&recipient=12345&originator=1", "body"),
            ("id=1&recipient=12345&body=x", "originator"),
            ("id=1&originator=1&body=x", "recipient"),
            ("id=1&recipient=nobody&originator=1&body=x", "recipient"),
            ("id=1&shortcode=12345&originator=1&message=x", "mid"),
            ("recipient=12345&status=sent", "id"),
        ] {
            assert_eq!(parse(&webhook(URL, FORM, body.as_bytes())).unwrap_err().field, field, "{body}");
        }
        for body in ["body=", "message=", "mediaUrls=https://a/1"] {
            let body = format!("id=1&recipient=12345&originator=1&{body}");
            assert_eq!(message(&webhook(URL, FORM, body.as_bytes())).text, "", "{body}");
        }
    }

    #[test]
    fn a_status_report_is_read() {
        let status = |query: &str| {
            let mut raw = webhook(&format!("https://a/v1/webhooks/status?provider=test&{query}"), &[], b"");
            raw.method = Method::GET;
            match parse(&raw) {
                Ok(Item::Status(update)) => update,
                other => panic!("{other:?}"),
            }
        };
        let delivered = status(
            "id=eef0&recipient=31612345678&reference=FOO&status=delivered&statusReason=successfully+delivered\
             &statusDatetime=2026-11-22T08%3A00%3A00%2B00%3A00&mccmnc=20408&price%5Bamount%5D=0.07",
        );
        assert_eq!((delivered.provider_message_id.as_str(), delivered.state), ("eef0", Some(DeliveryState::Delivered)));
        assert_eq!((delivered.error, delivered.at), (None, Some(at(1_795_334_400))));
        assert_eq!(delivered.phone_number.unwrap().as_str(), "+31612345678");
        let failed =
            status("id=1&recipient=1&status=delivery_failed&statusReason=unknown+subscriber&statusErrorCode=103");
        assert_eq!((failed.state, failed.error.as_deref()), (Some(DeliveryState::Undelivered), Some("103")));
        assert_eq!(status("id=1&status=expired&statusReason=x").error.as_deref(), Some("x"));
        assert_eq!(status("id=1&status=something_new").state, None);
    }
}
