//! How hard the secrets are to guess that operators choose: those that webhooks carry, and keys that they are signed
//! with.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use zxcvbn::{Score, zxcvbn};

use crate::{
    app::App,
    domain::{Error, NewProvider, Result},
    providers::{Adapter, Kind, Provider, find_kind},
};

/// The fewest characters of a secret that the operator chooses.
const SHORTEST: usize = 16;

/// Whether it can be guessed in fewer than ten thousand million attempts.
pub(super) fn is_weak(secret: &SecretString) -> bool {
    let secret = secret.expose_secret();
    secret.chars().count() < SHORTEST || zxcvbn(secret, &["otpwire"]).score() < Score::Four
}

/// Refuses a weak secret where the operator chooses it, and a weak token in the address.
pub(super) fn must_be_strong(
    adapter: &Adapter,
    secret: Option<&SecretString>,
    token: Option<&SecretString>,
) -> Result<()> {
    let secret = secret.filter(|_| adapter.is_secret_chosen()).map(|secret| ("secret", secret));
    let token = token.map(|token| ("addressToken", token));
    match secret.into_iter().chain(token).find(|(_, secret)| is_weak(secret)) {
        None => Ok(()),
        Some((field, _)) => {
            let message = format!(
                "is too easy to guess, and whoever guesses it can forge messages: it must have {SHORTEST} characters or \
                 more, at random; leave a secret out and one is generated"
            );
            Err(Error::invalid(field, message))
        }
    }
}

impl App {
    /// A new secret for an account, if it is one that the operator chooses. The secrets of others come from their
    /// provider.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a configuration that the adapter cannot use.
    pub fn generate_provider_secret(&self, new: &NewProvider) -> Result<Option<SecretString>> {
        let secret: SecretString = data_encoding::BASE64URL_NOPAD.encode(&self.random.bytes::<24>()).into();
        let kind: &Kind = find_kind(new.kind.as_str())?;
        let empty = Map::<String, Value>::new();
        let configuration = new.settings.configuration.as_ref().unwrap_or(&empty);
        let adapter = Adapter::open(kind.word, secret.clone(), None, configuration);
        Ok(adapter.is_ok_and(|adapter| adapter.is_secret_chosen()).then_some(secret))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_secrets_are_recognised() {
        for secret in [
            "4711",
            "x",
            "fifteen-letters",
            "aaaaaaaaaaaaaaaa",
            "1234567890123456",
            "passwordpassword",
            "qwertyuiopasdfgh",
        ] {
            assert!(is_weak(&secret.into()), "{secret}");
        }
        for secret in ["a long random text", "correct horse battery staple", "n3Vx81-kQ02mzTfp", "3f9c1d7ab2e8405c"] {
            assert!(!is_weak(&secret.into()), "{secret}");
        }
    }
}
