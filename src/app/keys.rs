//! Keys: one root key in the configuration, and one for each purpose made from it.

use base64::{Engine, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::Sha256;

use crate::{
    ambient::Random,
    domain::{Error, ProviderId, Result},
    store::SealedSecret,
};

/// The secret that all other keys come from: 32 random bytes.
#[derive(Debug)]
pub struct RootKey(SecretBox<[u8; 32]>);

impl RootKey {
    /// Takes the bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(SecretBox::new(Box::new(bytes)))
    }

    /// A name that only those who have the key can tell: what replicas of one deployment share.
    #[must_use]
    pub fn namespace(&self) -> String {
        self.derive("the names of channels")[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A key for one purpose. Knowing it tells nothing about the others.
    pub(super) fn derive(&self, purpose: &str) -> [u8; 32] {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret()).expect("any length");
        mac.update(b"otpwire key for ");
        mac.update(purpose.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

/// Seals the secrets of providers for the database.
///
/// XChaCha20-Poly1305, bound to the row and the column that it is for: a sealed secret that is
/// copied to another account does not open.
pub(super) struct Vault {
    cipher: XChaCha20Poly1305,
    random: Random,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    const VERSION: &str = "v1.";

    pub(super) fn new(root: &RootKey, random: Random) -> Self {
        Self { cipher: XChaCha20Poly1305::new(&root.derive("provider secrets").into()), random }
    }

    fn place(id: ProviderId) -> String {
        format!("sms_providers/{id}/api_secret_encrypted")
    }

    pub(super) fn seal(&self, id: ProviderId, secret: &SecretString) -> Result<SealedSecret> {
        let nonce: [u8; 24] = self.random.bytes();
        let place = Self::place(id);
        let payload = Payload { msg: secret.expose_secret().as_bytes(), aad: place.as_bytes() };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| Error::internal("a secret could not be sealed"))?;
        Ok(SealedSecret(format!("{}{}", Self::VERSION, STANDARD.encode([&nonce[..], &sealed].concat()))))
    }

    pub(super) fn open(&self, id: ProviderId, sealed: &SealedSecret) -> Result<SecretString> {
        let open = || {
            let bytes = STANDARD.decode(sealed.0.strip_prefix(Self::VERSION)?).ok()?;
            let (nonce, sealed) = bytes.split_first_chunk::<24>()?;
            let place = Self::place(id);
            let payload = Payload { msg: sealed, aad: place.as_bytes() };
            String::from_utf8(self.cipher.decrypt(&XNonce::from(*nonce), payload).ok()?).ok()
        };
        open().map(SecretString::from).ok_or_else(|| {
            Error::internal(format!("the secret of provider {id} does not open: was the secret key changed?"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_in_its_place_alone() {
        let vault = Vault::new(&RootKey::new([7; 32]), Random::from_seed(1));
        let sealed = vault.seal(ProviderId(1), &"token".into()).unwrap();
        assert!(!sealed.0.contains("token"));
        assert_eq!(vault.open(ProviderId(1), &sealed).unwrap().expose_secret(), "token");
        assert!(vault.open(ProviderId(2), &sealed).is_err());
        let other = Vault::new(&RootKey::new([8; 32]), Random::from_seed(1));
        assert!(other.open(ProviderId(1), &sealed).is_err());
    }
}
