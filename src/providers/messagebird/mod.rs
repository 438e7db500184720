//! MessageBird, the classic platform: forms, flat JSON or queries, signed by one of two schemes.
//!
//! In reading order: `token.rs` is the current scheme, a JSON Web Token; `dated.rs` is the older one, for accounts that
//! have no other, and for Bird; `message.rs` parses messages and status reports. Which scheme an account uses is set
//! in its configuration, and never chosen by the request.
//!
//! Sources: MessageBird's documentation, "Receive a message", "Handle a status report", "Verify HTTP requests"; its
//! SDKs' request validators.

use chrono::{DateTime, Utc};
use http::Method;
use serde::Deserialize;

use self::{dated::sorted_queries, token::TokenSignature};
use super::{
    Constructor, Kind, Provider,
    kit::{CommonSettings, Draft, ParsedWebhook, RawWebhook, Rejected, Setup, Verified, single},
};
use crate::domain::Result;

mod dated;
mod message;
mod token;

pub(super) use dated::DatedSignature;

pub(super) static KIND: Kind = Kind {
    word: "messagebird",
    title: "MessageBird (classic)",
    secret: "the signing key of the account, which is not its API key",
    settings: &[(
        "scheme",
        "How webhooks are signed: jwt (MessageBird-Signature-JWT, the default) or older (MessageBird-Signature).",
    )],
    api_endpoint: "https://rest.messagebird.com",
    open: Constructor::Code(|setup| Ok(Box::new(MessageBird::open(setup)?))),
};

/// How long after its expiry a token is accepted, in seconds: clocks differ.
const LEEWAY: u32 = 60;
/// How old a signature of the older scheme may be, in seconds.
const TOLERANCE: u32 = 300;

struct MessageBird {
    signature: Signature,
    common: CommonSettings,
}

enum Signature {
    Token(TokenSignature),
    Dated(DatedSignature),
}

impl MessageBird {
    fn open(setup: Setup) -> Result<Self> {
        #[derive(Default, Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum Scheme {
            #[default]
            Jwt,
            Older,
        }

        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Settings {
            #[serde(default)]
            scheme: Scheme,
        }

        let Settings { scheme } = setup.settings()?;
        let signature = match scheme {
            Scheme::Jwt => Signature::Token(TokenSignature::new(setup.tolerance(LEEWAY), setup.secret)),
            Scheme::Older => {
                Signature::Dated(DatedSignature { tolerance: setup.tolerance(TOLERANCE), secret: setup.secret })
            }
        };
        Ok(Self { signature, common: setup.common })
    }
}

impl Provider for MessageBird {
    fn methods(&self) -> &[Method] {
        &[Method::POST, Method::GET]
    }

    fn is_secret_chosen(&self) -> bool {
        false
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        match &self.signature {
            Signature::Token(token) => token.verify(raw, now),
            Signature::Dated(dated) => dated.verify(raw, sorted_queries(raw), now),
        }
    }

    fn parse(&self, webhook: &Verified<'_>) -> ParsedWebhook {
        single(message::parse(&webhook.raw().fields()?.without_platform_parameters(), &self.common))
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let fields = [
            ("id", draft.id),
            ("recipient", Draft::without_plus(draft.to)),
            ("originator", Draft::without_plus(draft.from)),
            ("body", draft.text),
            ("createdDatetime", &draft.now.to_rfc3339()),
        ];
        let raw = RawWebhook::form_post(draft.url, &fields);
        match &self.signature {
            Signature::Token(token) => token.sign(raw, draft),
            Signature::Dated(dated) => {
                let [query, _] = sorted_queries(&raw);
                Ok(dated.sign(raw, &query, draft.now))
            }
        }
    }
}

#[cfg(test)]
mod tests;
