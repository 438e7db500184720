//! Plivo: form posts, signed with the Auth Token of the account, or of the main account.
//!
//! In reading order: `signature.rs`, `message.rs`.
//!
//! Sources: Plivo's documentation, "Signature validation", "Incoming messages", "Message status callbacks"; its SDKs'
//! signature utilities.

use chrono::{DateTime, Utc};
use http::Method;
use serde::Deserialize;

use self::signature::{Scheme, Signature};
use super::{
    Constructor, Kind, Provider,
    kit::{Ack, CommonSettings, Draft, Form, ParsedWebhook, RawWebhook, Rejected, Setup, Verified, single},
};
use crate::domain::Result;

mod message;
mod signature;

pub(super) static KIND: Kind = Kind {
    word: "plivo",
    title: "Plivo",
    secret: "the Auth Token of the account or the subaccount",
    settings: &[("signature", "How webhooks are signed: v2 (the default, as messages are) or v3.")],
    api_endpoint: "https://api.plivo.com",
    open: Constructor::Code(|setup| Ok(Box::new(Plivo::open(setup)?))),
};

struct Plivo {
    signature: Signature,
    common: CommonSettings,
}

impl Plivo {
    fn open(setup: Setup) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Settings {
            #[serde(default)]
            signature: Scheme,
        }

        let Settings { signature: scheme } = setup.settings()?;
        Ok(Self { signature: Signature { scheme, secret: setup.secret }, common: setup.common })
    }
}

impl Provider for Plivo {
    fn methods(&self) -> &[Method] {
        match self.signature.scheme {
            // V2 does not cover the query, so the fields of a GET could be changed.
            Scheme::V2 => &[Method::POST],
            Scheme::V3 => &[Method::POST, Method::GET],
        }
    }

    fn is_secret_chosen(&self) -> bool {
        false
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        self.signature.verify(raw, now)
    }

    fn parse(&self, webhook: &Verified<'_>) -> ParsedWebhook {
        let raw = webhook.raw();
        let form = match self.signature.scheme {
            Scheme::V2 => Form::decode(&raw.body),
            Scheme::V3 => raw.fields()?,
        };
        single(message::parse(&form.without_platform_parameters(), &self.common))
    }

    fn ack(&self) -> Ack {
        Ack { status: 200, content_type: "application/xml".into(), body: "<Response/>".into() }
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let fields = [
            ("From", Draft::without_plus(draft.from)),
            ("To", Draft::without_plus(draft.to)),
            ("Text", draft.text),
            ("Type", "sms"),
            ("MessageUUID", draft.id),
            ("Units", "1"),
            ("TotalRate", "0"),
            ("TotalAmount", "0"),
            ("MessageIntent", ""),
        ];
        Ok(self.signature.sign(RawWebhook::form_post(draft.url, &fields), draft.nonce))
    }
}

#[cfg(test)]
mod tests;
