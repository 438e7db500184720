//! The secrets of providers, encrypted for the database.

use base64::{Engine, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    app::keyring::{Derivation, Keyring},
    domain::{Error, ProviderId, Result},
    random::Random,
    store::SealedSecret,
};

/// Encrypts the secrets of providers for the database.
///
/// XChaCha20-Poly1305, with the row and the column as associated data: a secret that is copied to another account
/// cannot be decrypted there.
pub(super) struct SecretVault {
    /// Ciphers for decryption, by the derivation of their key. The first one encrypts.
    ciphers: Vec<(Derivation, XChaCha20Poly1305)>,
    random: Random,
}

impl std::fmt::Debug for SecretVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretVault")
    }
}

/// Which of an account's secrets, by its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SecretColumn {
    /// What its webhooks are signed with.
    Secret,
    /// The previous signing secret.
    Previous,
    /// The token in the webhook address.
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
    pub(super) fn new(keys: &Keyring, random: Random) -> Self {
        let cipher = |(derivation, key): (_, [u8; 32])| (derivation, XChaCha20Poly1305::new(&key.into()));
        Self { ciphers: keys.derive("provider secrets").map(cipher).collect(), random }
    }

    /// What a sealed secret begins with, by the derivation of its key.
    fn prefix(derivation: Derivation) -> &'static str {
        match derivation {
            Derivation::V1 => "v1.",
            Derivation::V2 => "v2.",
        }
    }

    fn associated_data(id: ProviderId, column: SecretColumn) -> String {
        format!("sms_providers/{id}/{}", column.name())
    }

    pub(super) fn seal(&self, id: ProviderId, column: SecretColumn, secret: &SecretString) -> Result<SealedSecret> {
        let nonce: [u8; 24] = self.random.bytes();
        let associated_data = Self::associated_data(id, column);
        let payload = Payload { msg: secret.expose_secret().as_bytes(), aad: associated_data.as_bytes() };
        let (derivation, cipher) = &self.ciphers[0];
        let sealed = cipher.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| Error::internal("a secret could not be sealed"))?;
        Ok(SealedSecret(format!("{}{}", Self::prefix(*derivation), STANDARD.encode([&nonce[..], &sealed].concat()))))
    }

    pub(super) fn open(&self, id: ProviderId, column: SecretColumn, sealed: &SealedSecret) -> Result<SecretString> {
        let open = || {
            let (version, text) = sealed.0.split_at_checked(3)?;
            let bytes = STANDARD.decode(text).ok()?;
            let (nonce, sealed) = bytes.split_first_chunk::<24>()?;
            let associated_data = Self::associated_data(id, column);
            let payload = Payload { msg: sealed, aad: associated_data.as_bytes() };
            let mut ciphers = self.ciphers.iter().filter(|(derivation, _)| Self::prefix(*derivation) == version);
            let opened = ciphers.find_map(|(_, cipher)| {
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
    use crate::app::RootKey;

    /// One of the first derivation, and one as the next release will seal it.
    #[test]
    fn the_secrets_of_other_releases_open() {
        let vault = SecretVault::new(&Keyring::new(RootKey::new([7; 32])), Random::from_seed(1));
        for sealed in [
            "v1.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXqigq/BSbShRMTZko9fjWjCUVsQSp",
            "v2.AAECAwQFBgcICQoLDA0ODxAREhMUFRYX7mrLHajG0D5hJe+i3zCjRMZdsdZ5",
        ] {
            let open = |text: &str| vault.open(ProviderId(1), SecretColumn::Secret, &SealedSecret(text.to_owned()));
            assert_eq!(open(sealed).unwrap().expose_secret(), "token");
            let other = if sealed.starts_with("v1.") { "v2." } else { "v1." };
            assert!(open(&sealed.replacen(&sealed[..3], other, 1)).is_err(), "the version names the key");
        }
        let sealed = vault.seal(ProviderId(1), SecretColumn::Secret, &"token".into()).unwrap();
        assert!(sealed.0.starts_with("v1."), "replicas of the release before must open it");
    }

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
