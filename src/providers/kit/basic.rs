//! Basic credentials (RFC 7617), for providers that sign nothing and let one choose a user name and a password.

use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{Outgoing, RawWebhook, Rejected, Setup, Verified, refuse_setting};
use crate::domain::Result;

/// The credentials of an account: its setting `username`, and its secret.
pub(in crate::providers) struct Basic {
    username: String,
    password: SecretString,
}

impl Basic {
    /// The setting, as operators read of it.
    pub(in crate::providers) const SETTING: (&str, &str) =
        ("username", "The user name that webhooks come with. The password is the secret.");

    /// The credentials of a kind whose only setting they are.
    pub(in crate::providers) fn open(setup: &Setup) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Settings {
            username: String,
        }

        let Settings { username } = setup.own()?;
        Self::new(username, setup.secret.clone())
    }

    pub(in crate::providers) fn new(username: String, password: SecretString) -> Result<Self> {
        // A colon would end it (RFC 7617, 2).
        if username.is_empty() || username.contains(|c: char| c == ':' || c.is_control()) {
            return Err(refuse_setting("username", "must be a user name, without colons"));
        }
        Ok(Self { username, password })
    }

    pub(in crate::providers) fn verify<'a>(&self, raw: &'a RawWebhook) -> Result<Verified<'a>, Rejected> {
        Verified::by_basic(raw, &self.username, &self.password)
    }

    /// The same webhook with the credentials.
    pub(in crate::providers) fn sign(&self, mut raw: RawWebhook) -> RawWebhook {
        let credentials = format!("{}:{}", self.username, self.password.expose_secret());
        Outgoing::set(&mut raw, "authorization", &format!("Basic {}", STANDARD.encode(credentials)));
        raw
    }
}

#[cfg(test)]
mod tests {
    use super::{super::super::testing::webhook, *};

    #[test]
    fn what_is_signed_verifies() {
        let basic = |username: &str| Basic::new(username.to_owned(), "pass:word".into());
        let raw = basic("user").unwrap().sign(webhook("http://a/", &[], b""));
        assert!(basic("user").unwrap().verify(&raw).is_ok());
        assert_eq!(basic("other").unwrap().verify(&raw).map(drop), Err(Rejected::WrongSecret));
        for username in ["", "us:er", "user\n"] {
            assert_eq!(basic(username).err().unwrap().details()["field"], "configuration.username");
        }
    }
}
