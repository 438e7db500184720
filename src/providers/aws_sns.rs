//! AWS End User Messaging: two-way SMS and delivery events over Amazon SNS.
//!
//! SNS posts an envelope of JSON as `text/plain`; what it brings is JSON again, in a text, `Message`. The envelope
//! is signed with RSA: PKCS #1 with SHA-1 (version 1) or SHA-256 (version 2) over the names and values of some of its
//! fields. The certificate is at an address in the envelope, which is trusted only if it is one of SNS itself.
//!
//! SNS signs for everybody who has a topic, so the signature alone shows nothing: the topic must be one of the
//! account's. The secret in the address is checked before anything else, and before anything is fetched.
//!
//! Sources: AWS's documentation, "Two-way SMS messaging", "Event types for SMS", "Verifying the signatures of Amazon
//! SNS messages", "Amazon SNS message delivery retries"; the validators `sns-validator` and `sns-payload-validator`.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, SecondsFormat, Utc};
use ring::{
    rand::SystemRandom,
    signature::{
        RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
        VerificationAlgorithm,
    },
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;
use x509_cert::{Certificate, der};

use super::{
    Kind, Opener, Provider,
    kit::{
        Ack, Common, Draft, Item, Malformed, Node, Outgoing, RawWebhook, Reading, Rejected, Setup, States, TimeFormat,
        Verified, document, fresh, message_id, one, payload, read_time, refuse_setting, sender, state_of,
    },
};
use crate::domain::{DeliveryState, Error, InboundSms, Result, StatusUpdate};

pub(super) const KIND: Kind = Kind {
    word: "aws_sns",
    title: "AWS End User Messaging (SNS)",
    secret: "a secret of your own: put it into the address as `token`. It is checked besides the signature of SNS",
    settings: &[
        (
            "topic_arn",
            "The topic that brings the messages, or a list of topics. Anything else that SNS signs is refused.",
        ),
        ("signature_version", "The version that the topic signs with: 2 (SHA-256, the default) or 1 (SHA-1)."),
        ("signing_certificate", "The certificate of SNS in PEM, for platforms that cannot fetch it from SNS."),
    ],
    api_endpoint: "https://aws.amazon.com",
    open: Opener::Code(|setup| Ok(Box::new(AwsSns::open(setup)?))),
};

/// How old an envelope may be, in seconds. Retries repeat its time and its signature, for an hour at most.
const TOLERANCE: u32 = 6 * 3600;

/// What is signed of a notification.
const NOTIFICATION: &[&str] = &["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"];
/// What is signed of what confirms or ends a subscription.
const CONFIRMATION: &[&str] = &["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];

/// The events that a message goes through. `TEXT_SUCCESSFUL` says that a carrier has it; in some countries that is
/// all that ever comes.
const STATES: &States = &[
    (DeliveryState::Queued, &["TEXT_QUEUED"]),
    (DeliveryState::Sent, &["TEXT_PENDING", "TEXT_SENT", "TEXT_SUCCESSFUL"]),
    (DeliveryState::Delivered, &["TEXT_DELIVERED"]),
    (
        DeliveryState::Undelivered,
        &["TEXT_UNREACHABLE", "TEXT_CARRIER_UNREACHABLE", "TEXT_CARRIER_BLOCKED", "TEXT_SPAM", "TEXT_TTL_EXPIRED"],
    ),
    (DeliveryState::Failed, &["TEXT_INVALID", "TEXT_INVALID_MESSAGE", "TEXT_BLOCKED", "TEXT_PROTECT_BLOCKED"]),
];

struct AwsSns {
    secret: SecretString,
    topics: Vec<String>,
    /// The word for the version that the topics sign with, and what it means.
    version: (&'static str, &'static dyn VerificationAlgorithm),
    /// The certificate in PEM, where it is not to be fetched.
    certificate: Option<String>,
    tolerance: u32,
    common: Common,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    topic_arn: Topics,
    signature_version: Option<u8>,
    signing_certificate: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "must be the ARN of a topic, or a list of them")]
enum Topics {
    One(String),
    Several(Vec<String>),
}

impl AwsSns {
    fn open(setup: Setup) -> Result<Self> {
        let Settings { topic_arn, signature_version, signing_certificate: certificate } = setup.own()?;
        let topics = match topic_arn {
            Topics::One(topic) => vec![topic],
            Topics::Several(topics) => topics,
        };
        if topics.is_empty() || !topics.iter().all(|topic| is_topic(topic)) {
            let issue = "must be the ARN of a topic, such as arn:aws:sns:us-east-1:123456789012:two-way-sms";
            return Err(refuse_setting("topic_arn", issue));
        }
        let version: (_, &dyn VerificationAlgorithm) = match signature_version {
            None | Some(2) => ("2", &RSA_PKCS1_2048_8192_SHA256),
            Some(1) => ("1", &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY),
            Some(_) => return Err(refuse_setting("signature_version", "must be 1 or 2")),
        };
        if certificate.as_ref().is_some_and(|pem| read_certificate(pem.as_bytes()).is_none()) {
            return Err(refuse_setting("signing_certificate", "must be a certificate in PEM"));
        }
        let tolerance = setup.tolerance(TOLERANCE);
        Ok(Self { secret: setup.secret, topics, version, certificate, tolerance, common: setup.common })
    }

    /// The envelope, of somebody who knows the secret, and of one of the account's topics. Nothing shows yet that
    /// it comes from SNS.
    fn envelope(&self, raw: &RawWebhook) -> Result<Value, Rejected> {
        Verified::by_secret(raw, &self.secret)?;
        if raw.headers.contains_key("x-amz-sns-rawdelivery") {
            return Err(Rejected::Untrusted("raw message delivery has no signature; turn it off for the subscription"));
        }
        let envelope = document(&raw.body).map_err(|_| Rejected::Unsigned("the signed envelope of SNS".to_owned()))?;
        let topic = signed_text(&Node::root(&envelope), "TopicArn")?;
        if self.topics.iter().any(|known| known == topic) {
            Ok(envelope)
        } else {
            Err(Rejected::Untrusted("the topic is not one that `topic_arn` of the configuration names"))
        }
    }

    fn notification(&self, envelope: &Node<'_>) -> Result<Item, Malformed> {
        let inner =
            document(envelope.text("/Message")?.as_bytes()).map_err(|wrong| envelope.wrong("/Message", wrong.issue))?;
        let inner = Node::root(&inner);
        match inner.filled("/eventType")? {
            Some(event) => self.status(&inner, event),
            None => self.message(envelope, &inner),
        }
    }

    fn message(&self, envelope: &Node<'_>, inner: &Node<'_>) -> Result<Item, Malformed> {
        let id = match inner.filled("/inboundMessageId")? {
            Some(id) => id,
            None => envelope.text("/MessageId")?,
        };
        let mut sms = InboundSms::new(
            message_id("inboundMessageId", id)?,
            sender("originationNumber", &inner.scalar("/originationNumber")?)?,
            self.common.recipient("destinationNumber", Some(&inner.scalar("/destinationNumber")?))?,
            inner.text("/messageBody")?,
        );
        // The message itself has no time.
        sms.sent_at = envelope.filled("/Timestamp")?.and_then(|time| read_time(time, &TimeFormat::Rfc3339));
        sms.payload = payload(inner.value());
        Ok(Item::Message(sms))
    }

    fn status(&self, inner: &Node<'_>, event: &str) -> Result<Item, Malformed> {
        let state = state_of(STATES, event);
        let to = inner.find_scalar("/destinationPhoneNumber")?;
        let went_wrong = matches!(state, Some(DeliveryState::Undelivered | DeliveryState::Failed));
        let error = inner.filled("/messageStatusDescription")?.filter(|_| went_wrong).map(InboundSms::storable);
        Ok(Item::Status(StatusUpdate {
            provider_message_id: message_id("messageId", inner.text("/messageId")?)?,
            state,
            provider_status: InboundSms::storable(event),
            phone_number: to.and_then(|to| self.common.recipient("destinationPhoneNumber", Some(&to)).ok()),
            at: inner.number("/eventTimestamp").and_then(DateTime::from_timestamp_millis),
            error,
            payload: payload(inner.value()),
        }))
    }
}

/// Whether a text is the ARN of a topic: `arn:aws:sns:us-east-1:123456789012:two-way-sms`.
fn is_topic(text: &str) -> bool {
    match text.split(':').collect::<Vec<_>>().as_slice() {
        ["arn", partition, "sns", region, account, name] => {
            let is_account = !account.is_empty() && account.bytes().all(|b| b.is_ascii_digit());
            partition.starts_with("aws") && !region.is_empty() && is_account && !name.is_empty()
        }
        _ => false,
    }
}

/// What comes after the host and its slash, in an address of SNS. The address must be written plainly: no user, no
/// port, nothing that a parser of addresses would have to mend.
fn path_at_sns(address: &str) -> Option<&str> {
    let (host, path) = address.strip_prefix("https://")?.split_once('/')?;
    let region = host.strip_prefix("sns.")?;
    let region = region.strip_suffix(".amazonaws.com").or_else(|| region.strip_suffix(".amazonaws.com.cn"))?;
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (region.len() >= 3 && region.bytes().all(is_plain)).then_some(path)
}

/// The address of a certificate of SNS, if it is one.
fn certificate_address(address: &str) -> Option<Url> {
    let name = path_at_sns(address)?.strip_prefix("SimpleNotificationService-")?.strip_suffix(".pem")?;
    let is_name = name.len() == 32 && name.bytes().all(|b| b.is_ascii_alphanumeric());
    is_name.then(|| Url::parse(address).ok()).flatten()
}

/// The certificate in a PEM file: the first, where the file has its chain too.
fn read_certificate(pem: &[u8]) -> Option<Certificate> {
    Certificate::load_pem_chain(pem).ok()?.into_iter().next()
}

/// A field of the envelope without which nothing is signed.
fn signed_text<'a>(envelope: &Node<'a>, name: &str) -> Result<&'a str, Rejected> {
    envelope.text(&format!("/{name}")).map_err(|_| Rejected::Unsigned(name.to_owned()))
}

/// What is signed: names and values, each with a line feed.
///
/// A value may have line feeds too. Still nothing can be moved from one field to another so that somebody else's
/// topic would read as the account's: topic and type end the text, and both must be known.
fn signed(envelope: &Node<'_>) -> Result<String, Rejected> {
    let names = match signed_text(envelope, "Type")? {
        "Notification" => NOTIFICATION,
        "SubscriptionConfirmation" | "UnsubscribeConfirmation" => CONFIRMATION,
        _ => return Err(Rejected::WrongSignature),
    };
    let mut text = String::new();
    for name in names {
        // Few messages have a subject.
        if *name == "Subject" && envelope.find("/Subject").is_none() {
            continue;
        }
        for part in [name, signed_text(envelope, name)?] {
            text.push_str(part);
            text.push('\n');
        }
    }
    Ok(text)
}

/// The signature of an envelope, version 2.
fn sign(envelope: &Value, key: &SecretString) -> Result<String> {
    let wrong = || Error::invalid("key", "must be an RSA private key in PEM (PKCS #8)");
    let (_, key) = der::Document::from_pem(key.expose_secret().trim()).map_err(|_| wrong())?;
    let key = RsaKeyPair::from_pkcs8(key.as_bytes()).map_err(|_| wrong())?;
    let text = signed(&Node::root(envelope)).map_err(|rejected| Error::invalid("envelope", rejected.to_string()))?;
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).map_err(|_| wrong())?;
    Ok(STANDARD.encode(signature))
}

impl Provider for AwsSns {
    fn shows_secret(&self) -> bool {
        true
    }

    fn wanted(&self, raw: &RawWebhook) -> Result<Option<Url>, Rejected> {
        let envelope = self.envelope(raw)?;
        if self.certificate.is_some() {
            return Ok(None);
        }
        let address = certificate_address(signed_text(&Node::root(&envelope), "SigningCertURL")?);
        address.map(Some).ok_or(Rejected::Untrusted("SigningCertURL is not the address of a certificate of SNS"))
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let envelope = self.envelope(raw)?;
        let envelope = Node::root(&envelope);
        let signature = STANDARD.decode(signed_text(&envelope, "Signature")?).map_err(|_| Rejected::WrongSignature)?;
        let (version, algorithm) = self.version;
        if signed_text(&envelope, "SignatureVersion")? != version {
            return Err(Rejected::Untrusted(
                "SignatureVersion is not the one of the account; set it for the topic, or `signature_version` here",
            ));
        }
        let pem = self.certificate.as_ref().map(String::as_bytes).or(raw.fetched.as_deref());
        let pem = pem.ok_or(Rejected::Untrusted("the certificate of SNS was not fetched"))?;
        let certificate = read_certificate(pem).ok_or(Rejected::Untrusted("the certificate of SNS is unreadable"))?;
        let certificate = certificate.tbs_certificate();
        let (from, until) = (certificate.validity().not_before, certificate.validity().not_after);
        let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
        if !(from.to_unix_duration().as_secs()..=until.to_unix_duration().as_secs()).contains(&seconds) {
            return Err(Rejected::Untrusted("the certificate of SNS has expired, or is not valid yet"));
        }
        let key = certificate.subject_public_key_info().subject_public_key.raw_bytes();
        let verified = Verified::by_public_key(raw, algorithm, key, signed(&envelope)?.as_bytes(), &signature)?;
        // Only now is the time worth reading: it is the one that was signed.
        let signed_at = read_time(signed_text(&envelope, "Timestamp")?, &TimeFormat::Rfc3339).ok_or(Rejected::Stale)?;
        fresh(signed_at.timestamp(), now, Some(self.tolerance))?;
        Ok(verified)
    }

    fn parse(&self, webhook: &Verified<'_>) -> Reading {
        let envelope = document(&webhook.raw().body)?;
        let envelope = Node::root(&envelope);
        one(match envelope.text("/Type")? {
            "Notification" => self.notification(&envelope),
            "SubscriptionConfirmation" => {
                let address = envelope.text("/SubscribeURL")?;
                let url = path_at_sns(address).and_then(|_| Url::parse(address).ok());
                url.map(Item::Confirm).ok_or_else(|| envelope.wrong("/SubscribeURL", "is no address of SNS"))
            }
            "UnsubscribeConfirmation" => Ok(Item::Nothing),
            _ => Err(envelope.wrong("/Type", "is not known")),
        })
    }

    fn ack(&self) -> Ack {
        Ack::text("OK")
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let topic = self.topics.first().map(String::as_str).unwrap_or_default();
        let region = topic.split(':').nth(3).unwrap_or_default();
        let message = json!({
            "originationNumber": draft.from,
            "destinationNumber": draft.to,
            "messageKeyword": "KEYWORD_123456789012",
            "messageBody": draft.text,
            "inboundMessageId": draft.id,
        });
        let mut envelope = json!({
            "Type": "Notification",
            "MessageId": draft.nonce,
            "TopicArn": topic,
            "Message": message.to_string(),
            "Timestamp": draft.now.to_rfc3339_opts(SecondsFormat::Millis, true),
            "SignatureVersion": "2",
            "SigningCertURL": format!("https://sns.{region}.amazonaws.com/SimpleNotificationService-{:0>32.32}.pem", draft.nonce),
            "UnsubscribeURL": format!("https://sns.{region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={topic}:1"),
        });
        envelope["Signature"] = sign(&envelope, draft.private_key()?)?.into();
        let body = envelope.to_string().into_bytes();
        let headers = [
            ("x-amz-sns-message-type", "Notification"),
            ("x-amz-sns-message-id", draft.nonce),
            ("x-amz-sns-topic-arn", topic),
        ];
        Ok(Outgoing::post(draft.url, "text/plain; charset=UTF-8", body, &headers).with_token(&self.secret))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::{
        Adapter,
        testing::{adapter, webhook},
    };

    const KEY: &str = include_str!("../../tests/data/sns-key.pem");
    const CERTIFICATE: &str = include_str!("../../tests/data/sns-certificate.pem");
    const OTHER: &str = include_str!("../../tests/data/sns-other-certificate.pem");
    /// An envelope of version 1, signed with OpenSSL.
    const SHA1: &str = include_str!("../../tests/data/sns-sha1.json");
    const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:two-way-sms";
    const URL: &str = "https://sms.example.com/v1/webhooks/sms?provider=aws&token=secret";

    fn account(version: u8, certificate: Option<&str>) -> Adapter {
        let configuration =
            json!({ "topic_arn": [TOPIC], "signature_version": version, "signing_certificate": certificate });
        adapter("aws_sns", "secret", configuration)
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_334_400, 0).unwrap()
    }

    /// An envelope with these fields, signed.
    fn sealed(fields: Value) -> RawWebhook {
        let mut envelope = json!({
            "Type": "Notification",
            "MessageId": "m1",
            "TopicArn": TOPIC,
            "Message": "{}",
            "Timestamp": "2026-11-22T08:00:00.000Z",
            "SignatureVersion": "2",
            "SigningCertURL": "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem",
        });
        envelope.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        envelope["Signature"] = sign(&envelope, &KEY.into()).unwrap().into();
        webhook(URL, &[("content-type", "text/plain; charset=UTF-8")], envelope.to_string().as_bytes())
    }

    fn read(raw: &RawWebhook) -> Result<Item, Malformed> {
        let account = account(2, Some(CERTIFICATE));
        let verified = account.verify(raw, now()).unwrap();
        account.parse(&verified)?.remove(0)
    }

    fn changed(raw: &RawWebhook, from: &str, to: &str) -> RawWebhook {
        let body = String::from_utf8(raw.body.clone()).unwrap();
        assert!(body.contains(from), "{from}");
        webhook(&raw.url, &[], body.replace(from, to).as_bytes())
    }

    #[test]
    fn a_signature_with_sha1_is_for_accounts_that_say_so() {
        let raw = webhook(URL, &[], SHA1.as_bytes());
        let legacy = account(1, Some(CERTIFICATE));
        let verified = legacy.verify(&raw, now()).unwrap();
        let Ok(Item::Message(sms)) = legacy.parse(&verified).unwrap().remove(0) else { panic!() };
        assert_eq!(sms.provider_message_id, "cae173d2-66b9-564c-8309-21f858e9fb84");
        assert_eq!((sms.from.as_str(), sms.to.as_str()), ("+14155550100", "+15005550006"));
        assert_eq!((sms.text.as_str(), sms.sent_at), ("Your code is 482913\nÜnïcödé", Some(now())));
        let refused = account(1, Some(OTHER)).verify(&raw, now()).map(drop);
        assert_eq!(refused, Err(Rejected::WrongSignature));
        assert!(matches!(account(2, Some(CERTIFICATE)).verify(&raw, now()), Err(Rejected::Untrusted(_))));
        for (from, to) in [("482913", "482914"), ("An SMS", "An MMS"), ("edeb3e00", "edeb3e01"), ("08:00", "08:01")] {
            let refused = legacy.verify(&changed(&raw, from, to), now()).map(drop);
            assert_eq!(refused, Err(Rejected::WrongSignature), "{from}");
        }
        // The certificate signs SHA-256 as well; the version that the request names does not choose.
        let renamed = changed(&raw, r#""SignatureVersion": "1""#, r#""SignatureVersion": "2""#);
        assert!(matches!(legacy.verify(&renamed, now()), Err(Rejected::Untrusted(_))));
    }

    #[test]
    fn what_is_signed_cannot_be_changed() {
        let raw = sealed(json!({ "Message": r#"{"messageBody":"482913"}"#, "Subject": null }));
        let account = account(2, Some(CERTIFICATE));
        account.verify(&raw, now()).unwrap();
        for (from, to) in [("482913", "482914"), ("m1", "m2"), (r#""Subject":null"#, r#""Subject":"x""#)] {
            let refused = account.verify(&changed(&raw, from, to), now()).map(drop);
            assert_eq!(refused, Err(Rejected::WrongSignature), "{from}");
        }
        for name in ["Signature", "SignatureVersion", "Timestamp", "Type"] {
            let refused = account.verify(&changed(&raw, &format!(r#""{name}":"#), r#""x":"#), now()).map(drop);
            assert_eq!(refused, Err(Rejected::Unsigned(name.to_owned())));
        }
        let of = |days| account.verify(&raw, now() + chrono::TimeDelta::hours(days)).map(drop);
        assert_eq!((of(6), of(7), of(-1)), (Ok(()), Err(Rejected::Stale), Err(Rejected::Stale)));
    }

    #[test]
    fn the_certificate_is_fetched_from_sns_alone() {
        let account = account(2, None);
        let mut raw = sealed(json!({}));
        assert!(matches!(account.verify(&raw, now()), Err(Rejected::Untrusted(_))));
        let wanted = account.wanted(&raw).unwrap().unwrap();
        assert_eq!(wanted.host_str(), Some("sns.us-east-1.amazonaws.com"));
        raw.fetched = Some(CERTIFICATE.as_bytes().into());
        account.verify(&raw, now()).unwrap();
        raw.fetched = Some(OTHER.as_bytes().into());
        assert_eq!(account.verify(&raw, now()).unwrap_err(), Rejected::WrongSignature);
        raw.fetched = Some(b"<html>".as_slice().into());
        assert!(matches!(account.verify(&raw, now()), Err(Rejected::Untrusted(_))));

        let name = "SimpleNotificationService-0123456789abcdef0123456789ABCDEF.pem";
        for address in [
            format!("https://sns.us-gov-west-1.amazonaws.com/{name}"),
            format!("https://sns.cn-north-1.amazonaws.com.cn/{name}"),
        ] {
            assert_eq!(certificate_address(&address).unwrap().as_str(), address);
        }
        for address in [
            format!("http://sns.us-east-1.amazonaws.com/{name}"),
            format!("https://sns.us-east-1.amazonaws.com:444/{name}"),
            format!("https://sns.us-east-1.amazonaws.com@evil.example/{name}"),
            format!("https://evil.example/?sns.us-east-1.amazonaws.com/{name}"),
            format!("https://evil.example\\sns.us-east-1.amazonaws.com/{name}"),
            format!("https://sns.us-east-1.amazonaws.com.evil.example/{name}"),
            format!("https://sns.evil.example#.amazonaws.com/{name}"),
            format!("https://sns.bucket.s3.amazonaws.com/{name}"),
            format!("https://SNS.us-east-1.amazonaws.com/{name}"),
            format!("https://sns.us\t-east-1.amazonaws.com/{name}"),
            format!("https://sns..amazonaws.com/{name}"),
            format!("https://sns.us-east-1.amazonaws.com//{name}"),
            format!("https://sns.us-east-1.amazonaws.com/x/../{name}"),
            format!("https://sns.us-east-1.amazonaws.com/{name}?x"),
            format!("https://sns.us-east-1.amazonaws.com/{name}#"),
            "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123.pem".to_owned(),
            String::new(),
        ] {
            assert_eq!(certificate_address(&address), None, "{address}");
        }
    }

    #[test]
    fn nothing_is_fetched_for_strangers() {
        let account = account(2, None);
        let raw = sealed(json!({}));
        let stranger = |url: &str| account.wanted(&webhook(url, &[], &raw.body)).unwrap_err();
        assert!(matches!(stranger("https://sms.example.com/?provider=aws"), Rejected::Unsigned(_)));
        assert_eq!(stranger("https://sms.example.com/?token=guess"), Rejected::WrongSecret);
        let other = sealed(json!({ "TopicArn": "arn:aws:sns:us-east-1:999999999999:two-way-sms" }));
        assert!(matches!(account.wanted(&other), Err(Rejected::Untrusted(_))));
        let elsewhere = changed(&raw, "sns.us-east-1.amazonaws.com", "sns.us-east-1.example.com");
        assert!(matches!(account.wanted(&elsewhere), Err(Rejected::Untrusted(_))));
    }

    #[test]
    fn other_topics_and_raw_delivery_are_refused() {
        let account = account(2, Some(CERTIFICATE));
        let other = sealed(json!({ "TopicArn": "arn:aws:sns:us-east-1:999999999999:two-way-sms" }));
        assert!(matches!(account.verify(&other, now()), Err(Rejected::Untrusted(_))));
        let bare = br#"{"originationNumber":"+14155550100","destinationNumber":"+15005550006","messageBody":"x"}"#;
        assert_eq!(account.verify(&webhook(URL, &[], bare), now()).unwrap_err(), Rejected::Unsigned("TopicArn".into()));
        let raw = webhook(URL, &[("x-amz-sns-rawdelivery", "true")], bare);
        assert!(matches!(account.verify(&raw, now()), Err(Rejected::Untrusted(_))));
    }

    #[test]
    fn a_certificate_is_good_for_its_time() {
        let account = account(2, Some(CERTIFICATE));
        for (time, is_good) in [
            ("2125-12-31T23:59:59Z", true),
            ("2126-01-01T00:00:01Z", false),
            ("2026-01-01T00:00:00Z", true),
            ("2025-12-31T23:59:59Z", false),
        ] {
            let verified = account.verify(&sealed(json!({ "Timestamp": time })), time.parse().unwrap()).map(drop);
            assert_eq!(verified.is_ok(), is_good, "{time}: {verified:?}");
            assert!(is_good || matches!(verified, Err(Rejected::Untrusted(_))), "{time}");
        }
    }

    #[test]
    fn a_subscription_is_confirmed_at_sns_alone() {
        let visit = |host: &str| {
            let url = format!("https://{host}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336");
            read(&sealed(json!({ "Type": "SubscriptionConfirmation", "Token": "2336", "SubscribeURL": url })))
        };
        let Ok(Item::Confirm(url)) = visit("sns.us-east-1.amazonaws.com") else { panic!() };
        assert_eq!(url.host_str(), Some("sns.us-east-1.amazonaws.com"));
        for host in ["evil.example", "sns.us-east-1.amazonaws.com:8443", "x@sns.us-east-1.amazonaws.com"] {
            assert_eq!(visit(host).unwrap_err().field, "/SubscribeURL", "{host}");
        }
        let over = json!({ "Type": "UnsubscribeConfirmation", "Token": "1", "SubscribeURL": "https://sns.us-east-1.amazonaws.com/" });
        assert!(matches!(read(&sealed(over)), Ok(Item::Nothing)));
    }

    #[test]
    fn delivery_events_are_read() {
        let event = |word: &str| {
            let event = json!({
                "eventType": word, "eventVersion": "1.0", "eventTimestamp": 1_795_334_400_000_i64, "isFinal": true,
                "originationPhoneNumber": "+15005550006", "destinationPhoneNumber": "+14155550100",
                "messageId": "o1", "messageStatus": "X", "messageStatusDescription": "Phone is gone",
            });
            let Ok(Item::Status(update)) = read(&sealed(json!({ "Message": event.to_string() }))) else { panic!() };
            assert_eq!((update.provider_message_id.as_str(), update.at), ("o1", Some(now())));
            assert_eq!(update.phone_number.unwrap().as_str(), "+14155550100");
            assert_eq!(update.provider_status, word);
            (update.state, update.error)
        };
        assert_eq!(event("TEXT_DELIVERED"), (Some(DeliveryState::Delivered), None));
        assert_eq!(event("TEXT_SUCCESSFUL").0, Some(DeliveryState::Sent));
        assert_eq!(event("TEXT_SPAM"), (Some(DeliveryState::Undelivered), Some("Phone is gone".to_owned())));
        assert_eq!(event("TEXT_UNKNOWN"), (None, None));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let field = |message: &str| read(&sealed(json!({ "Message": message }))).unwrap_err().field;
        assert_eq!(field("hello"), "/Message");
        assert_eq!(field("{}"), "/originationNumber");
        assert_eq!(field(r#"{"originationNumber":"+1","destinationNumber":"nobody"}"#), "destinationNumber");
        for (configuration, wrong) in [
            (json!({}), "configuration"),
            (json!({ "topic_arn": [] }), "configuration.topic_arn"),
            (json!({ "topic_arn": 1 }), "configuration.topic_arn"),
            (json!({ "topic_arn": "arn:aws:sqs:us-east-1:123456789012:x" }), "configuration.topic_arn"),
            (json!({ "topic_arn": TOPIC, "signature_version": 3 }), "configuration.signature_version"),
            (json!({ "topic_arn": TOPIC, "signing_certificate": KEY }), "configuration.signing_certificate"),
        ] {
            let opened = Adapter::open("aws_sns", "secret".into(), None, configuration.as_object().unwrap());
            assert_eq!(opened.unwrap_err().details()["field"], wrong, "{configuration}");
        }
    }
}
