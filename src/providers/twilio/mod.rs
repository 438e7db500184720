//! Twilio Programmable Messaging: form posts, signed with the account's Auth Token.
//!
//! In reading order: `signature.rs`, `message.rs`. SignalWire is compatible with both.
//!
//! Sources: Twilio's documentation, "Messaging webhooks", "Webhooks security", "Webhook shared keys", "Outbound
//! message status in status callbacks"; its SDKs' request validators.

use chrono::{DateTime, Utc};
use http::Method;
use secrecy::SecretString;
use serde::Deserialize;

use super::{
    Constructor, Kind, Provider,
    kit::{
        Ack, CommonSettings, Draft, Form, Hash, ParsedWebhook, RawWebhook, Rejected, Setup, Verified, encode_base64,
        refuse_setting, single,
    },
};
use crate::domain::Result;

pub(super) mod message;
pub(super) mod signature;

use signature::Ports;
pub use signature::SIGNATURE;

pub(super) static KIND: Kind = Kind {
    word: "twilio",
    title: "Twilio",
    secret: "the Auth Token of the account, or the secret of the shared key",
    settings: &[(
        "shared_key_id",
        "The id of the shared key that webhooks are signed with, instead of the Auth Token.",
    )],
    api_endpoint: "https://api.twilio.com",
    open: Constructor::Code(|setup| Ok(Box::new(Twilio::open(setup)?))),
};

/// The header that names the shared key.
const KEY: &str = "x-twilio-webhooks-signature-settings";

/// The adapter.
pub struct Twilio {
    secret: SecretString,
    /// The id of the shared key, which a request must name. It signs with HMAC-SHA256, the Auth Token with HMAC-SHA1.
    shared_key: Option<String>,
    common: CommonSettings,
}

impl Twilio {
    /// The adapter of an account with this Auth Token.
    #[must_use]
    pub fn new(auth_token: SecretString) -> Self {
        Self { secret: auth_token, shared_key: None, common: CommonSettings::default() }
    }

    fn open(setup: Setup) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Settings {
            shared_key_id: Option<String>,
        }

        let Settings { shared_key_id } = setup.settings()?;
        if shared_key_id.as_ref().is_some_and(|id| id.is_empty() || id.contains(',')) {
            return Err(refuse_setting("shared_key_id", "must be the id of a shared key, such as SK0123…"));
        }
        Ok(Self { secret: setup.secret, shared_key: shared_key_id, common: setup.common })
    }

    /// The signature of a form post.
    #[must_use]
    pub fn sign(&self, url: &str, body: &[u8]) -> String {
        encode_base64(&self.mac(url, &Form::decode(body)))
    }

    fn mac(&self, url: &str, form: &Form<'_>) -> Vec<u8> {
        let mut fields = form.sorted();
        // A value that is repeated under one name is signed once.
        fields.dedup();
        let hash = if self.shared_key.is_some() { Hash::Sha256 } else { Hash::Sha1 };
        signature::mac(hash, &self.secret, url, &fields)
    }

    /// Rejects a request that names another key than the account's.
    fn check_key(&self, raw: &RawWebhook) -> Result<(), Rejected> {
        let Some(id) = &self.shared_key else { return Ok(()) };
        let mut settings = raw.header(KEY)?.split(',').filter_map(|pair| pair.trim().split_once('='));
        let key = settings.clone().find(|(name, _)| *name == "key").map(|(_, key)| key);
        let algorithm = settings.find(|(name, _)| *name == "algorithm").map(|(_, algorithm)| algorithm);
        if key == Some(id) && algorithm == Some("HMAC_SHA256") { Ok(()) } else { Err(Rejected::WrongSignature) }
    }
}

impl Provider for Twilio {
    fn methods(&self) -> &[Method] {
        &[Method::POST, Method::GET]
    }

    fn is_secret_chosen(&self) -> bool {
        false
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, _now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let is_get = raw.method == Method::GET;
        if !is_get && !raw.is_json() {
            raw.require_form()?;
        }
        let presented = raw.base64_header(SIGNATURE)?;
        self.check_key(raw)?;
        if !is_get && raw.is_json() {
            signature::check_body_hash(raw)?;
        }
        let form = Form::decode(if is_get || raw.is_json() { b"" } else { &raw.body });
        Verified::by_mac(
            raw,
            signature::url_variants(&raw.url, Ports::Any).map(|url| self.mac(&url, &form)),
            &presented,
        )
    }

    fn parse(&self, webhook: &Verified<'_>) -> ParsedWebhook {
        single(message::parse(&webhook.raw().fields()?.without_platform_parameters(), &self.common))
    }

    fn ack(&self) -> Ack {
        Ack::twiml()
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let raw = RawWebhook::form_post(draft.url, &message::fields(draft));
        let signature = self.sign(draft.url, &raw.body);
        let raw = raw.with_header(SIGNATURE, &signature);
        Ok(match &self.shared_key {
            Some(id) => raw.with_header(KEY, &format!("key={id},algorithm=HMAC_SHA256")),
            None => raw,
        })
    }
}

#[cfg(test)]
mod tests;
