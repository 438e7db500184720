//! Keys: one root key in the configuration, and one for each purpose made from it.

use base64::{Engine, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use ed25519_dalek::{
    SigningKey, VerifyingKey,
    pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey},
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

/// Every key of a deployment: what signs and seals now, and what was used before and is still honoured,
/// so that keys can be changed without signing anybody out.
#[derive(Debug)]
pub struct Keyring {
    root: RootKey,
    previous: Vec<RootKey>,
    signing: Option<SigningPair>,
    verifying: Vec<VerifyingKey>,
}

/// The Ed25519 key that signs access tokens.
pub(super) struct SigningPair {
    /// The private half (PKCS #8).
    pub(super) document: SecretBox<Vec<u8>>,
    pub(super) public: VerifyingKey,
}

impl std::fmt::Debug for SigningPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningPair({:?})", self.public)
    }
}

impl Keyring {
    /// A ring with one root key: access tokens are signed with HS256.
    #[must_use]
    pub fn new(root: RootKey) -> Self {
        Self { root, previous: Vec::new(), signing: None, verifying: Vec::new() }
    }

    /// Honours what was made with a root key that is no longer in use.
    #[must_use]
    pub fn with_previous(mut self, root: RootKey) -> Self {
        self.previous.push(root);
        self
    }

    /// Signs access tokens with an Ed25519 key instead: a private key in PEM (PKCS #8).
    ///
    /// # Errors
    /// When the text is no such key.
    pub fn with_signing_key(mut self, pem: &str) -> Result<Self> {
        let pair = SigningKey::from_pkcs8_pem(pem).ok().and_then(|key| {
            let document = SecretBox::new(Box::new(key.to_pkcs8_der().ok()?.as_bytes().to_vec()));
            Some(SigningPair { document, public: key.verifying_key() })
        });
        self.signing =
            Some(pair.ok_or_else(|| Error::invalid("signing_key_file", "must hold an Ed25519 private key in PEM"))?);
        Ok(self)
    }

    /// Honours access tokens that another Ed25519 key has signed: a public key in PEM, or a private one.
    ///
    /// # Errors
    /// When the text is neither.
    pub fn with_verification_key(mut self, pem: &str) -> Result<Self> {
        let key = VerifyingKey::from_public_key_pem(pem)
            .or_else(|_| SigningKey::from_pkcs8_pem(pem).map(|key| key.verifying_key()).map_err(drop));
        self.verifying
            .push(key.map_err(|()| Error::invalid("verification_key_files", "must hold Ed25519 keys in PEM"))?);
        Ok(self)
    }

    /// The root key that is in use.
    #[must_use]
    pub fn root(&self) -> &RootKey {
        &self.root
    }

    /// The root keys, the one in use first.
    pub(super) fn roots(&self) -> impl Iterator<Item = &RootKey> {
        std::iter::once(&self.root).chain(&self.previous)
    }

    pub(super) fn signing_pair(&self) -> Option<&SigningPair> {
        self.signing.as_ref()
    }

    /// The Ed25519 keys whose signatures are honoured.
    pub(super) fn verifying_keys(&self) -> impl Iterator<Item = VerifyingKey> {
        self.signing.iter().map(|pair| pair.public).chain(self.verifying.iter().copied())
    }
}

/// Seals the secrets of providers for the database.
///
/// XChaCha20-Poly1305, bound to the row and the column that it is for: a sealed secret that is
/// copied to another account does not open.
pub(super) struct Vault {
    /// What seals, and what opens.
    cipher: XChaCha20Poly1305,
    /// What opens what was sealed before the root key was changed.
    previous: Vec<XChaCha20Poly1305>,
    random: Random,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

/// Which of an account's secrets: the column that it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// What its webhooks are signed with.
    Secret,
    /// What they were signed with before.
    Previous,
    /// What their address has to show besides.
    AddressToken,
}

impl Column {
    fn name(self) -> &'static str {
        match self {
            Self::Secret => "api_secret_encrypted",
            Self::Previous => "previous_secret_encrypted",
            Self::AddressToken => "api_key_encrypted",
        }
    }
}

impl Vault {
    const VERSION: &str = "v1.";

    pub(super) fn new(keys: &Keyring, random: Random) -> Self {
        let cipher = |root: &RootKey| XChaCha20Poly1305::new(&root.derive("provider secrets").into());
        Self { cipher: cipher(&keys.root), previous: keys.previous.iter().map(cipher).collect(), random }
    }

    fn place(id: ProviderId, column: Column) -> String {
        format!("sms_providers/{id}/{}", column.name())
    }

    pub(super) fn seal(&self, id: ProviderId, column: Column, secret: &SecretString) -> Result<SealedSecret> {
        let nonce: [u8; 24] = self.random.bytes();
        let place = Self::place(id, column);
        let payload = Payload { msg: secret.expose_secret().as_bytes(), aad: place.as_bytes() };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| Error::internal("a secret could not be sealed"))?;
        Ok(SealedSecret(format!("{}{}", Self::VERSION, STANDARD.encode([&nonce[..], &sealed].concat()))))
    }

    pub(super) fn open(&self, id: ProviderId, column: Column, sealed: &SealedSecret) -> Result<SecretString> {
        let open = || {
            let bytes = STANDARD.decode(sealed.0.strip_prefix(Self::VERSION)?).ok()?;
            let (nonce, sealed) = bytes.split_first_chunk::<24>()?;
            let place = Self::place(id, column);
            let payload = Payload { msg: sealed, aad: place.as_bytes() };
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
        let vault = Vault::new(&Keyring::new(RootKey::new([7; 32])), Random::from_seed(1));
        let sealed = vault.seal(ProviderId(1), Column::Secret, &"token".into()).unwrap();
        assert!(!sealed.0.contains("token"));
        assert_eq!(vault.open(ProviderId(1), Column::Secret, &sealed).unwrap().expose_secret(), "token");
        assert!(vault.open(ProviderId(2), Column::Secret, &sealed).is_err());
        assert!(vault.open(ProviderId(1), Column::Previous, &sealed).is_err());
        let other = Vault::new(&Keyring::new(RootKey::new([8; 32])), Random::from_seed(1));
        assert!(other.open(ProviderId(1), Column::Secret, &sealed).is_err());
        let changed = Keyring::new(RootKey::new([8; 32])).with_previous(RootKey::new([7; 32]));
        let changed = Vault::new(&changed, Random::from_seed(1));
        assert_eq!(changed.open(ProviderId(1), Column::Secret, &sealed).unwrap().expose_secret(), "token");
    }
}
