//! Twilio Programmable Messaging: form posts, signed with the account's Auth Token.
//!
//! `X-Twilio-Signature` is base64 of HMAC-SHA1 over the address and, for a form, every field's name and value,
//! sorted by name. A GET has its fields in the address. A body of JSON is covered by its SHA-256 in the address
//! (`bodySHA256`). With a shared key (in beta), the code is HMAC-SHA256 with the key's secret, and a header names
//! the key; which of the two an account uses is for its configuration to say, never for the request.
//!
//! Sources: Twilio's documentation, "Messaging webhooks", "Webhooks security", "Webhook shared keys", "Outbound
//! message status in status callbacks"; its SDKs' request validators.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::{
    Kind, Opener, Provider,
    kit::{
        Ack, Common, Draft, Form, Hash, Item, Malformed, Outgoing, RawWebhook, Reading, Rejected, Setup, States,
        Verified, hex, media, message_id, one, payload, refuse_setting, sender, state_of,
    },
};
use crate::domain::{DeliveryState, InboundSms, Result, StatusUpdate};

pub(super) const KIND: Kind = Kind {
    word: "twilio",
    title: "Twilio",
    secret: "the Auth Token of the account, or the secret of the shared key",
    settings: &[("shared_key_id", "The id of the shared key that webhooks are signed with, instead of the Auth Token.")],
    api_endpoint: "https://api.twilio.com",
    open: Opener::Code(|setup| Ok(Box::new(Twilio::open(setup)?))),
};

/// The header that carries the signature.
pub const SIGNATURE: &str = "x-twilio-signature";
/// The header that names the shared key.
const KEY: &str = "x-twilio-webhooks-signature-settings";
/// The parameter of the address that covers a body that is no form.
pub(super) const BODY_HASH: &str = "bodySHA256";

/// Twilio's words for the states of a message.
pub(super) const STATES: &States = &[
    (DeliveryState::Queued, &["accepted", "scheduled", "queued"]),
    (DeliveryState::Sent, &["sending", "sent"]),
    (DeliveryState::Delivered, &["delivered", "read"]),
    (DeliveryState::Undelivered, &["undelivered", "partially_delivered"]),
    (DeliveryState::Failed, &["failed", "canceled"]),
];

/// The adapter.
pub struct Twilio {
    secret: SecretString,
    /// The header that an account with a shared key must send, and the hash that goes with it.
    shared_key: Option<String>,
    common: Common,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    shared_key_id: Option<String>,
}

impl Twilio {
    /// An adapter for the account with this Auth Token.
    #[must_use]
    pub fn new(auth_token: SecretString) -> Self {
        Self { secret: auth_token, shared_key: None, common: Common::default() }
    }

    fn open(setup: Setup) -> Result<Self> {
        let Settings { shared_key_id } = setup.own()?;
        if shared_key_id.as_ref().is_some_and(|id| id.is_empty() || id.contains(',')) {
            return Err(refuse_setting("shared_key_id", "must be the id of a shared key, such as SK0123…"));
        }
        Ok(Self { secret: setup.secret, shared_key: shared_key_id, common: setup.common })
    }

    /// The signature of a form post.
    #[must_use]
    pub fn sign(&self, url: &str, body: &[u8]) -> String {
        STANDARD.encode(self.code(url, &Form::decode(body)))
    }

    fn code(&self, url: &str, form: &Form<'_>) -> Vec<u8> {
        let mut fields = form.sorted();
        // Of a value that is given twice under one name, one is signed.
        fields.dedup();
        let mut parts = vec![url.as_bytes()];
        parts.extend(fields.iter().flat_map(|(name, value)| [*name, *value]));
        let hash = if self.shared_key.is_some() { Hash::Sha256 } else { Hash::Sha1 };
        hash.code(self.secret.expose_secret().as_bytes(), &parts)
    }

    /// Refuses a request that names another key than the account's.
    fn check_key(&self, raw: &RawWebhook) -> Result<(), Rejected> {
        let Some(id) = &self.shared_key else { return Ok(()) };
        let mut named = raw.header(KEY)?.split(',').filter_map(|pair| pair.trim().split_once('='));
        let key = named.clone().find(|(name, _)| *name == "key").map(|(_, key)| key);
        let algorithm = named.find(|(name, _)| *name == "algorithm").map(|(_, algorithm)| algorithm);
        if key == Some(id) && algorithm == Some("HMAC_SHA256") { Ok(()) } else { Err(Rejected::WrongSignature) }
    }
}

/// The address as it was given, then the other ways to write it: Twilio signs some with the standard port and
/// some without, and an apostrophe in a query plain or encoded.
pub(super) fn spellings(url: &str) -> impl Iterator<Item = String> + use<> {
    let given = url.to_owned();
    let other = move |url: &str| {
        let parsed = Url::parse(url).ok()?;
        let (scheme, rest) = url.split_once("://")?;
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let host = &authority[authority.rfind('@').map_or(0, |at| at + 1)..];
        let port = host.rfind(':').filter(|&at| !host[at..].contains(']'));
        Some(match port {
            Some(at) => format!("{scheme}://{}{path}", &authority[..authority.len() - host.len() + at]),
            None => format!("{scheme}://{authority}:{}{path}", parsed.port_or_known_default()?),
        })
    };
    let encoded = |url: &str| url.contains('\'').then(|| url.replace('\'', "%27"));
    // The other spellings are made only when the first one did not match.
    let (for_port, for_quote) = (given.clone(), given.clone());
    std::iter::once(given)
        .chain(std::iter::once_with(move || other(&for_port)).flatten())
        .chain(std::iter::once_with(move || encoded(&for_quote)).flatten())
}

/// Refuses a body that its address does not cover.
pub(super) fn check_body_hash(raw: &RawWebhook) -> Result<(), Rejected> {
    let query = Form::decode(raw.query().as_bytes());
    let covered = query.find(BODY_HASH).ok().flatten();
    let covered = covered.ok_or_else(|| Rejected::Unsigned(format!("`{BODY_HASH}` in the address")))?;
    let body = hex(&Hash::Sha256.digest(&raw.body));
    // Nothing secret is compared here: the address is covered by the signature.
    if covered.eq_ignore_ascii_case(&body) { Ok(()) } else { Err(Rejected::WrongSignature) }
}

/// Reads a message or a status callback, as Twilio and those who are compatible with it write them.
pub(super) fn read(form: &Form<'_>, common: &Common) -> Result<Item, Malformed> {
    if let Some(status) = form.filled("MessageStatus")? {
        return Ok(Item::Status(StatusUpdate {
            provider_message_id: message_id("MessageSid", form.text("MessageSid")?)?,
            state: state_of(STATES, status),
            provider_status: status.to_owned(),
            phone_number: form.find("To")?.and_then(|to| common.recipient("To", Some(to)).ok()),
            at: None,
            error: form.filled("ErrorCode")?.map(str::to_owned),
            payload: payload(form),
        }));
    }
    let mut sms = InboundSms::new(
        message_id("MessageSid", form.text("MessageSid")?)?,
        sender("From", form.text("From")?)?,
        common.recipient("To", Some(form.text("To")?))?,
        // Empty when the message has only media.
        form.text("Body")?,
    );
    let files = form.number::<usize>("NumMedia")?.unwrap_or(0).min(InboundSms::MAX_MEDIA);
    sms.media = (0..files)
        .filter_map(|at| {
            let url = form.find(&format!("MediaUrl{at}")).ok().flatten()?;
            media(url, form.find(&format!("MediaContentType{at}")).ok().flatten())
        })
        .collect();
    sms.segments = form.number("NumSegments")?;
    sms.payload = payload(form);
    Ok(Item::Message(sms))
}

/// The fields of a message.
pub(super) fn fields<'d>(draft: &Draft<'d>) -> [(&'static str, &'d str); 8] {
    [
        ("MessageSid", draft.id),
        ("SmsSid", draft.id),
        ("SmsStatus", "received"),
        ("From", draft.from),
        ("To", draft.to),
        ("Body", draft.text),
        ("NumSegments", "1"),
        ("NumMedia", "0"),
    ]
}

impl Provider for Twilio {
    fn methods(&self) -> &[Method] {
        &[Method::POST, Method::GET]
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, _now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        if raw.method != Method::GET && !raw.is_json() {
            raw.must_be_form()?;
        }
        let presented = STANDARD.decode(raw.header(SIGNATURE)?).map_err(|_| Rejected::WrongSignature)?;
        self.check_key(raw)?;
        let form = if raw.method == Method::GET {
            Form::decode(b"")
        } else if raw.is_json() {
            check_body_hash(raw)?;
            Form::decode(b"")
        } else {
            Form::decode(&raw.body)
        };
        Verified::by_code(raw, spellings(&raw.url).map(|url| self.code(&url, &form)), &presented)
    }

    fn parse(&self, webhook: &Verified<'_>) -> Reading {
        one(read(&webhook.raw().flat()?.without_ours(), &self.common))
    }

    fn ack(&self) -> Ack {
        Ack::twiml()
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let mut raw = Outgoing::form(draft.url, &fields(draft), &[]);
        let signature = self.sign(draft.url, &raw.body);
        let key = self.shared_key.as_ref().map(|id| format!("key={id},algorithm=HMAC_SHA256"));
        let headers = [Some((SIGNATURE, signature)), key.map(|key| (KEY, key))];
        for (name, value) in headers.into_iter().flatten() {
            Outgoing::set(&mut raw, name, &value);
        }
        Ok(raw)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::providers::testing::{adapter, vectors, webhook};

    const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
    const CALL: &str =
        "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212";

    fn verify(url: &str, body: &str, signature: &str) -> Result<(), Rejected> {
        let raw = webhook(url, &[("content-type", Form::TYPE), (SIGNATURE, signature)], body.as_bytes());
        Twilio::new("12345".into()).verify(&raw, DateTime::UNIX_EPOCH).map(drop)
    }

    /// What vectors mean by a text.
    fn text(value: &Value) -> &str {
        value.as_str().unwrap()
    }

    #[test]
    fn published_signatures_of_forms() {
        for vector in vectors("twilio_form") {
            let input = &vector["input"];
            let fields: Vec<(String, String)> = serde_json::from_value(input["params"].clone()).unwrap();
            let body = serde_urlencoded::to_string(fields).unwrap();
            let headers = [("content-type", Form::TYPE), (SIGNATURE, text(&vector["expected"]))];
            let raw = webhook(text(&input["url"]), &headers, body.as_bytes());
            let verified = Twilio::new(SecretString::from(text(&input["token"]))).verify(&raw, DateTime::UNIX_EPOCH);
            assert_eq!(Value::from(verified.is_ok()), vector["valid"], "{vector}");
        }
    }

    #[test]
    fn published_signatures_of_json() {
        for vector in vectors("twilio_json") {
            let input = &vector["input"];
            let headers = [("content-type", "application/json"), (SIGNATURE, text(&vector["expected"]))];
            let raw = webhook(text(&input["url"]), &headers, text(&input["body"]).as_bytes());
            let verified = Twilio::new(SecretString::from(text(&input["token"]))).verify(&raw, DateTime::UNIX_EPOCH);
            assert_eq!(Value::from(verified.is_ok()), vector["valid"], "{vector}");
        }
    }

    #[test]
    fn anything_else_does_not() {
        let good = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
        for (url, body, signature) in [
            (URL, CALL.replace("1234", "1235").as_str(), good),
            ("https://mycompany.com/myapp.php?foo=1&bar=3", CALL, good),
            (URL, CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B9="),
            (URL, CALL, "not base64"),
            (URL, CALL, ""),
        ] {
            assert_eq!(verify(url, body, signature), Err(Rejected::WrongSignature), "{signature}");
        }
        let unsigned = webhook(URL, &[("content-type", Form::TYPE)], CALL.as_bytes());
        let verified = Twilio::new("12345".into()).verify(&unsigned, DateTime::UNIX_EPOCH).map(drop);
        assert_eq!(verified, Err(Rejected::Unsigned(SIGNATURE.to_owned())));
        let xml = webhook(URL, &[("content-type", "text/xml"), (SIGNATURE, good)], b"<a/>");
        let verified = Twilio::new("12345".into()).verify(&xml, DateTime::UNIX_EPOCH).map(drop);
        assert_eq!(verified, Err(Rejected::WrongType(Form::TYPE)));
        let json = webhook(URL, &[("content-type", "application/json"), (SIGNATURE, good)], b"{}");
        let verified = Twilio::new("12345".into()).verify(&json, DateTime::UNIX_EPOCH).map(drop);
        assert_eq!(verified, Err(Rejected::Unsigned("`bodySHA256` in the address".to_owned())));
    }

    #[test]
    fn a_shared_key_cannot_be_talked_down() {
        let draft = Draft {
            id: "SM1",
            from: "+14155550100",
            to: "+15005550006",
            text: "x",
            url: URL,
            now: DateTime::UNIX_EPOCH,
            nonce: "00",
            key: None,
        };
        let account = |secret: &str, id: Option<&str>| adapter("twilio", secret, json!({ "shared_key_id": id }));
        let sent = account("secret", Some("SK1")).compose(&draft).unwrap();
        let verify = |id, raw: &RawWebhook| account("secret", id).verify(raw, DateTime::UNIX_EPOCH).map(drop);
        assert_eq!(verify(Some("SK1"), &sent), Ok(()));
        assert_eq!(verify(Some("SK2"), &sent), Err(Rejected::WrongSignature));
        assert_eq!(verify(None, &sent), Err(Rejected::WrongSignature));
        let weaker = account("secret", None).compose(&draft).unwrap();
        assert_eq!(verify(Some("SK1"), &weaker), Err(Rejected::Unsigned(KEY.to_owned())));
        let mut weaker = weaker;
        Outgoing::set(&mut weaker, KEY, "key=SK1,algorithm=HMAC_SHA1");
        assert_eq!(verify(Some("SK1"), &weaker), Err(Rejected::WrongSignature));
    }

    fn parse(body: &str) -> Result<Item, Malformed> {
        let raw = webhook(URL, &[("content-type", Form::TYPE)], body.as_bytes());
        Twilio::new("12345".into()).parse(&Verified::unchecked(&raw)).map(|mut items| items.remove(0))?
    }

    #[test]
    fn a_status_callback_is_read() {
        let status = |word| {
            let body = format!("MessageSid=SM1&MessageStatus={word}&To=%2B15005550006&ErrorCode=30003");
            let Ok(Item::Status(update)) = parse(&body) else { panic!("{body}") };
            assert_eq!((update.provider_message_id.as_str(), update.error.as_deref()), ("SM1", Some("30003")));
            (update.state, update.provider_status)
        };
        assert_eq!(status("undelivered"), (Some(DeliveryState::Undelivered), "undelivered".to_owned()));
        assert_eq!(status("sent").0, Some(DeliveryState::Sent));
        assert_eq!(status("something_new"), (None, "something_new".to_owned()));
    }

    #[test]
    fn media_are_remembered() {
        let body = "MessageSid=MM1&From=1&To=12345&Body=&NumMedia=3&MediaUrl0=https://a/1&MediaContentType0=image/jpeg\
                    &MediaUrl1=javascript:x&MediaUrl2=https://a/2";
        let Ok(Item::Message(sms)) = parse(body) else { panic!() };
        let urls: Vec<_> = sms.media.iter().map(|media| (media.url.as_str(), media.content_type.as_deref())).collect();
        assert_eq!(urls, [("https://a/1", Some("image/jpeg")), ("https://a/2", None)]);
    }

    #[test]
    fn a_message_is_read_field_by_field() {
        let message = |body| match parse(body) {
            Ok(Item::Message(sms)) => sms,
            other => panic!("{other:?}"),
        };
        let read = message("MessageSid=SM1&From=GOOGLE&To=%2B15005550006&Body=G-482913+%F0%9F%98%80&NumMedia=0");
        assert_eq!(read.text, "G-482913 😀");
        assert_eq!(read.from.as_str(), "GOOGLE");
        assert_eq!(read.to.as_str(), "+15005550006");
        assert_eq!(message("MessageSid=SM1&From=1&To=12345&Body=").text, "");
        for (body, field) in [
            ("From=1&To=12345&Body=x", "MessageSid"),
            ("MessageSid=&From=1&To=12345&Body=x", "MessageSid"),
            ("MessageSid=SM1&To=12345&Body=x", "From"),
            ("MessageSid=SM1&From=1&To=nobody&Body=x", "To"),
            ("MessageSid=SM1&From=1&To=12345", "Body"),
            ("MessageSid=SM1&From=1&To=12345&Body=%FF%FE", "Body"),
            ("MessageSid=SM1&From=1&To=12345&Body=a&Body=b", "Body"),
        ] {
            assert_eq!(parse(body).unwrap_err().field, field, "{body}");
        }
    }
}
