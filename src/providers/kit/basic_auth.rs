//! Basic credentials (RFC 7617), for providers that sign nothing and let the operator choose a user name and a
//! password.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{RawWebhook, Rejected, Setup, Verified, encode_base64, refuse_setting};
use crate::domain::Result;

/// The credentials of an account: its setting `username`, and its secret as the password.
pub(in crate::providers) struct BasicAuth {
    username: String,
    password: SecretString,
}

impl BasicAuth {
    /// The setting and its description.
    pub(in crate::providers) const SETTING: (&str, &str) =
        ("username", "The user name that webhooks come with. The password is the secret.");

    /// For a kind that has no other settings.
    pub(in crate::providers) fn open(setup: &Setup) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Settings {
            username: String,
        }

        let Settings { username } = setup.settings()?;
        Self::new(username, setup.secret.clone())
    }

    pub(in crate::providers) fn new(username: String, password: SecretString) -> Result<Self> {
        // A colon would end the user name (RFC 7617, 2).
        if username.is_empty() || username.contains(|c: char| c == ':' || c.is_control()) {
            return Err(refuse_setting("username", "must be a user name, without colons"));
        }
        Ok(Self { username, password })
    }

    pub(in crate::providers) fn verify<'a>(&self, raw: &'a RawWebhook) -> Result<Verified<'a>, Rejected> {
        Verified::by_basic_auth(raw, &self.username, &self.password)
    }

    /// Adds the credentials to a webhook.
    pub(in crate::providers) fn sign(&self, raw: RawWebhook) -> RawWebhook {
        raw.with_header("authorization", &authorization(&self.username, self.password.expose_secret()))
    }
}

/// The value of the header `Authorization`.
pub(in crate::providers) fn authorization(username: &str, password: &str) -> String {
    format!("Basic {}", encode_base64(format!("{username}:{password}").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::testing::webhook;

    #[test]
    fn signed_webhooks_are_verified() {
        let basic = |username: &str| BasicAuth::new(username.to_owned(), "pass:word".into());
        let raw = basic("user").unwrap().sign(webhook("http://a/", &[], b""));
        assert!(basic("user").unwrap().verify(&raw).is_ok());
        assert_eq!(basic("other").unwrap().verify(&raw).map(drop), Err(Rejected::WrongSecret));
        for username in ["", "us:er", "user\n"] {
            assert_eq!(basic(username).err().unwrap().details()["field"], "configuration.username");
        }
    }
}
