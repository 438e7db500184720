//! AWS End User Messaging: two-way SMS and delivery events over Amazon SNS.
//!
//! SNS posts a JSON envelope as `text/plain`, whose `Message` is a string of JSON again. In reading order:
//! `envelope.rs` is its signature, `certificate.rs` the certificate that verifies it, `message.rs` its content.
//!
//! SNS signs for everybody who has a topic, so the signature alone proves nothing: the topic must be one of the
//! account's. The secret in the URL is checked first, and before anything is fetched.
//!
//! Sources: AWS's documentation, "Two-way SMS messaging", "Event types for SMS", "Verifying the signatures of Amazon
//! SNS messages", "Amazon SNS message delivery retries"; the validators `sns-validator` and `sns-payload-validator`.

use chrono::{DateTime, SecondsFormat, Utc};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use self::envelope::{SignatureVersion, required};
use super::{
    Constructor, Kind, Provider,
    kit::{
        CommonSettings, Draft, JsonNode, ParsedWebhook, RawWebhook, Rejected, Setup, TimeFormat, Tolerance, Verified,
        decode_base64_strict, parse_json, read_time, refuse_setting, single,
    },
};
use crate::domain::Result;

mod certificate;
mod envelope;
mod message;

pub(super) static KIND: Kind = Kind {
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
    open: Constructor::Code(|setup| Ok(Box::new(AwsSns::open(setup)?))),
};

/// How old an envelope may be, in seconds. Retries repeat its timestamp and its signature, for at most an hour.
const TOLERANCE: u32 = 6 * 3600;

struct AwsSns {
    secret: SecretString,
    /// The ARNs of the account's topics.
    topics: Vec<String>,
    version: SignatureVersion,
    /// The certificate in PEM, if it is configured instead of fetched.
    certificate: Option<String>,
    tolerance: Tolerance,
    common: CommonSettings,
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
    Many(Vec<String>),
}

impl AwsSns {
    fn open(setup: Setup) -> Result<Self> {
        let Settings { topic_arn, signature_version, signing_certificate: certificate } = setup.settings()?;
        let topics = match topic_arn {
            Topics::One(topic) => vec![topic],
            Topics::Many(topics) => topics,
        };
        if topics.is_empty() || !topics.iter().all(|topic| is_topic(topic)) {
            let issue = "must be the ARN of a topic, such as arn:aws:sns:us-east-1:123456789012:two-way-sms";
            return Err(refuse_setting("topic_arn", issue));
        }
        let version = match signature_version {
            None | Some(2) => SignatureVersion::Sha256,
            Some(1) => SignatureVersion::Sha1,
            Some(_) => return Err(refuse_setting("signature_version", "must be 1 or 2")),
        };
        if certificate.as_ref().is_some_and(|pem| certificate::read(pem.as_bytes()).is_none()) {
            return Err(refuse_setting("signing_certificate", "must be a certificate in PEM"));
        }
        let tolerance = setup.tolerance(TOLERANCE);
        Ok(Self { secret: setup.secret, topics, version, certificate, tolerance, common: setup.common })
    }

    /// The envelope, once the secret in the URL and the topic are checked. Its signature is not verified yet.
    fn envelope(&self, raw: &RawWebhook) -> Result<Value, Rejected> {
        Verified::by_url_secret(raw, &self.secret)?;
        if raw.headers.contains_key("x-amz-sns-rawdelivery") {
            return Err(Rejected::Untrusted("raw message delivery has no signature; turn it off for the subscription"));
        }
        let envelope =
            parse_json(&raw.body).map_err(|_| Rejected::Unsigned("the signed envelope of SNS".to_owned()))?;
        let topic = required(&JsonNode::root(&envelope), "TopicArn")?;
        if self.topics.iter().any(|known| known == topic) {
            Ok(envelope)
        } else {
            Err(Rejected::Untrusted("the topic is not one that `topic_arn` of the configuration names"))
        }
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

impl Provider for AwsSns {
    fn has_secret_in_url(&self) -> bool {
        true
    }

    fn is_secret_chosen(&self) -> bool {
        true
    }

    fn certificate_url(&self, raw: &RawWebhook) -> Result<Option<Url>, Rejected> {
        let envelope = self.envelope(raw)?;
        if self.certificate.is_some() {
            return Ok(None);
        }
        let url = certificate::trusted_url(required(&JsonNode::root(&envelope), "SigningCertURL")?);
        url.map(Some).ok_or(Rejected::Untrusted("SigningCertURL is not the address of a certificate of SNS"))
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let envelope = self.envelope(raw)?;
        let envelope = JsonNode::root(&envelope);
        let signature = decode_base64_strict(required(&envelope, "Signature")?).ok_or(Rejected::WrongSignature)?;
        if required(&envelope, "SignatureVersion")? != self.version.as_str() {
            return Err(Rejected::Untrusted(
                "SignatureVersion is not the one of the account; set it for the topic, or `signature_version` here",
            ));
        }
        let pem = self.certificate.as_ref().map(String::as_bytes).or(raw.certificate.as_deref());
        let pem = pem.ok_or(Rejected::Untrusted("the certificate of SNS was not fetched"))?;
        let key = certificate::public_key(pem, now)?;
        let signed = envelope::signed(&envelope)?;
        let verified = Verified::by_public_key(raw, self.version.algorithm(), &key, signed.as_bytes(), &signature)?;
        let timestamp = read_time(required(&envelope, "Timestamp")?, &TimeFormat::Rfc3339).ok_or(Rejected::Stale)?;
        self.tolerance.check(timestamp.timestamp(), now)?;
        Ok(verified)
    }

    fn parse(&self, webhook: &Verified<'_>) -> ParsedWebhook {
        let envelope = parse_json(&webhook.raw().body)?;
        single(message::parse(&JsonNode::root(&envelope), &self.common))
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
        envelope["Signature"] = envelope::sign(&envelope, draft.private_key()?)?.into();
        let raw = RawWebhook::post(draft.url, "text/plain; charset=UTF-8", envelope.to_string().into_bytes());
        Ok(raw
            .with_header("x-amz-sns-message-type", "Notification")
            .with_header("x-amz-sns-message-id", draft.nonce)
            .with_header("x-amz-sns-topic-arn", topic)
            .with_url_secret(&self.secret))
    }
}

#[cfg(test)]
mod tests;
