//! Sinch SMS API (REST, formerly XMS): JSON posts, told apart by `type`.
//!
//! Sinch's account managers enable either the signature of `signature.rs` or Basic credentials: which of the two an
//! account uses is set in its configuration. `message.rs` parses the bodies.
//!
//! Sources: Sinch's documentation, "SMS webhooks" and "Inbounds"; its SDKs for Node.js (`@sinch/sms`,
//! `@sinch/sdk-client`), Python and Java.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;
use serde_json::json;

use super::{
    Constructor, Kind, Provider,
    kit::{
        BasicAuth, CommonSettings, Draft, JsonNode, ParsedWebhook, RawWebhook, Rejected, Setup, Verified, parse_json,
        refuse_setting,
    },
};
use crate::domain::Result;

mod message;
mod signature;

pub(super) use signature::Signature;

pub(super) static KIND: Kind = Kind {
    word: "sinch",
    title: "Sinch SMS",
    secret: "the secret of the webhook signature, or with `auth` \"basic\" the password",
    settings: &[
        ("auth", "How webhooks show where they come from: \"hmac\" (the default) or \"basic\"."),
        ("username", "The user name, with `auth` \"basic\"."),
    ],
    api_endpoint: "https://sms.api.sinch.com",
    open: Constructor::Code(|setup| Ok(Box::new(Sinch::open(setup)?))),
};

struct Sinch {
    auth: Auth,
    common: CommonSettings,
}

enum Auth {
    Hmac(Signature),
    Basic(BasicAuth),
}

impl Sinch {
    fn open(setup: Setup) -> Result<Self> {
        #[derive(Default, Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum Scheme {
            #[default]
            Hmac,
            Basic,
        }

        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Settings {
            #[serde(default)]
            auth: Scheme,
            username: Option<String>,
        }

        let Settings { auth, username } = setup.settings()?;
        let auth = match (auth, username) {
            (Scheme::Hmac, None) => Auth::Hmac(Signature::new(&setup)),
            (Scheme::Hmac, Some(_)) => return Err(refuse_setting("username", "goes with `auth` \"basic\" alone")),
            (Scheme::Basic, username) => Auth::Basic(BasicAuth::new(username.unwrap_or_default(), setup.secret)?),
        };
        Ok(Self { auth, common: setup.common })
    }
}

impl Provider for Sinch {
    fn is_secret_chosen(&self) -> bool {
        matches!(self.auth, Auth::Basic(_))
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        match &self.auth {
            Auth::Hmac(signature) => signature.verify(raw, now),
            Auth::Basic(basic) => basic.verify(raw),
        }
    }

    fn parse(&self, webhook: &Verified<'_>) -> ParsedWebhook {
        let body = parse_json(&webhook.raw().body)?;
        message::parse(&JsonNode::root(&body), &self.common)
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let now = draft.now.to_rfc3339_opts(SecondsFormat::Millis, true);
        let body = json!({
            "id": draft.id,
            "type": "mo_text",
            "from": Draft::without_plus(draft.from),
            "to": Draft::without_plus(draft.to),
            "body": draft.text,
            "operator_id": "310260",
            "sent_at": now,
            "received_at": now,
        });
        let raw = RawWebhook::json_post(draft.url, &body);
        Ok(match &self.auth {
            Auth::Hmac(signature) => signature.sign(raw, draft),
            Auth::Basic(basic) => basic.sign(raw),
        })
    }
}

#[cfg(test)]
mod tests;
