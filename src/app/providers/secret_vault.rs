//! The secrets of providers, encrypted for the database.

use base64::{Engine, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    app::keyring::{Keyring, RootKey},
    domain::{Error, ProviderId, Result},
    random::Random,
    store::SealedSecret,
};

/// Seals the secrets of providers for the database.
///
/// XChaCha20-Poly1305, bound to the row and the column that it is for: a sealed secret that is
/// copied to another account does not open.
pub(super) struct SecretVault {
    /// What seals, and what opens.
    cipher: XChaCha20Poly1305,
    /// What opens what was sealed before the root key was changed.
    previous: Vec<XChaCha20Poly1305>,
    random: Random,
}

impl std::fmt::Debug for SecretVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretVault")
    }
}

/// Which of an account's secrets: the column that it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SecretColumn {
    /// What its webhooks are signed with.
    Secret,
    /// What they were signed with before.
    Previous,
    /// What their address has to show besides.
    AddressToken,
}

impl SecretColumn {
    fn name(self) -> &'static str {
        match self {
            Self::Secret => "api_secret_encrypted",
            Self::Previous => "previous_secret_encrypted",
            Self::AddressToken => "api_key_encrypted",
        }
    }
}

impl SecretVault {
    const VERSION: &str = "v1.";

    pub(super) fn new(keys: &Keyring, random: Random) -> Self {
        let cipher = |root: &RootKey| XChaCha20Poly1305::new(&root.derive("provider secrets").into());
        Self { cipher: cipher(keys.root()), previous: keys.roots().skip(1).map(cipher).collect(), random }
    }

    fn associated_data(id: ProviderId, column: SecretColumn) -> String {
        format!("sms_providers/{id}/{}", column.name())
    }

    pub(super) fn seal(&self, id: ProviderId, column: SecretColumn, secret: &SecretString) -> Result<SealedSecret> {
        let nonce: [u8; 24] = self.random.bytes();
        let associated_data = Self::associated_data(id, column);
        let payload = Payload { msg: secret.expose_secret().as_bytes(), aad: associated_data.as_bytes() };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| Error::internal("a secret could not be sealed"))?;
        Ok(SealedSecret(format!("{}{}", Self::VERSION, STANDARD.encode([&nonce[..], &sealed].concat()))))
    }

    pub(super) fn open(&self, id: ProviderId, column: SecretColumn, sealed: &SealedSecret) -> Result<SecretString> {
        let open = || {
            let bytes = STANDARD.decode(sealed.0.strip_prefix(Self::VERSION)?).ok()?;
            let (nonce, sealed) = bytes.split_first_chunk::<24>()?;
            let associated_data = Self::associated_data(id, column);
            let payload = Payload { msg: sealed, aad: associated_data.as_bytes() };
            let mut ciphers = std::iter::once(&self.cipher).chain(&self.previous);
            let opened = ciphers.find_map(|cipher| {
                cipher.decrypt(&XNonce::from(*nonce), Payload { msg: payload.msg, aad: payload.aad }).ok()
            });
            String::from_utf8(opened?).ok()
        };
        open().map(SecretString::from).ok_or_else(|| {
            Error::internal(format!("a secret of provider {id} does not open: was the secret key changed?"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_in_its_place_alone() {
        let vault = SecretVault::new(&Keyring::new(RootKey::new([7; 32])), Random::from_seed(1));
        let sealed = vault.seal(ProviderId(1), SecretColumn::Secret, &"token".into()).unwrap();
        assert!(!sealed.0.contains("token"));
        assert_eq!(vault.open(ProviderId(1), SecretColumn::Secret, &sealed).unwrap().expose_secret(), "token");
        assert!(vault.open(ProviderId(2), SecretColumn::Secret, &sealed).is_err());
        assert!(vault.open(ProviderId(1), SecretColumn::Previous, &sealed).is_err());
        let other = SecretVault::new(&Keyring::new(RootKey::new([8; 32])), Random::from_seed(1));
        assert!(other.open(ProviderId(1), SecretColumn::Secret, &sealed).is_err());
        let changed = Keyring::new(RootKey::new([8; 32])).with_previous(RootKey::new([7; 32]));
        let changed = SecretVault::new(&changed, Random::from_seed(1));
        assert_eq!(changed.open(ProviderId(1), SecretColumn::Secret, &sealed).unwrap().expose_secret(), "token");
    }
}
