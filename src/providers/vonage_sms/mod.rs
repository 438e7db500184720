//! Vonage SMS API, the older of its two APIs (formerly Nexmo): a GET, a form or JSON, as the account is configured,
//! with the signature among the parameters.
//!
//! In reading order: `signature.rs`, `message.rs`.
//!
//! Sources: Vonage's documentation, "Signing messages", "Inbound SMS", "Delivery receipts"; its SDKs for PHP, Python,
//! Java and .NET. (The signer of the Node SDK does not make the documented signature.)

use chrono::{DateTime, Utc};
use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value};

use self::signature::{SIGNATURE, Signature, SignatureMethod, TIMESTAMP};
use super::{
    Constructor, Kind, Provider,
    kit::{CommonSettings, Draft, Form, ParsedWebhook, RawWebhook, Rejected, Setup, Verified, single},
    vonage::TOLERANCE,
};
use crate::domain::Result;

mod message;
mod signature;

pub(super) static KIND: Kind = Kind {
    word: "vonage_sms",
    title: "Vonage SMS API",
    secret: "the signature secret of the account, from its API settings",
    settings: &[(
        "signature_method",
        "The account's signature method: md5hash (the default, as Vonage's), or HMAC with md5, sha1, sha256 or sha512.",
    )],
    api_endpoint: "https://rest.nexmo.com",
    open: Constructor::Code(|setup| Ok(Box::new(VonageSms::open(setup)?))),
};

struct VonageSms {
    signature: Signature,
    common: CommonSettings,
}

impl VonageSms {
    fn open(setup: Setup) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Settings {
            #[serde(default)]
            signature_method: SignatureMethod,
        }

        let Settings { signature_method: method } = setup.settings()?;
        let signature = Signature { method, tolerance: setup.tolerance(TOLERANCE), secret: setup.secret };
        Ok(Self { signature, common: setup.common })
    }
}

impl Provider for VonageSms {
    fn methods(&self) -> &[Method] {
        &[Method::GET, Method::POST]
    }

    fn is_secret_chosen(&self) -> bool {
        false
    }

    /// Vonage sends a request without parameters when a URL is saved.
    fn is_probe(&self, raw: &RawWebhook) -> bool {
        raw.body.is_empty() && Form::decode(raw.query().as_bytes()).without_platform_parameters().is_empty()
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        self.signature.verify(raw, now)
    }

    fn parse(&self, webhook: &Verified<'_>) -> ParsedWebhook {
        single(message::parse(&webhook.raw().fields()?.without_platform_parameters(), &self.common))
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let fields = [
            ("msisdn", Draft::without_plus(draft.from)),
            ("to", Draft::without_plus(draft.to)),
            ("messageId", draft.id),
            ("text", draft.text),
            ("type", if draft.text.is_ascii() { "text" } else { "unicode" }),
            ("keyword", &draft.text.split(' ').next().unwrap_or_default().to_uppercase()),
            ("api-key", "abcd1234"),
            ("message-timestamp", &draft.now.format("%Y-%m-%d %H:%M:%S").to_string()),
            (TIMESTAMP, &draft.now.timestamp().to_string()),
            ("nonce", draft.nonce),
        ];
        let form = serde_urlencoded::to_string(fields).unwrap_or_default();
        let signature = self.signature.sign(&Form::decode(form.as_bytes()));
        let fields = fields.into_iter().chain([(SIGNATURE, signature.as_str())]);
        let body: Map<_, _> = fields.map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
        Ok(RawWebhook::json_post(draft.url, &body))
    }
}

#[cfg(test)]
mod tests;
