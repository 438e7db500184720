//! Keys: one root key in the configuration, and one for each purpose made from it.

use data_encoding::HEXLOWER;
use ed25519_dalek::{
    SigningKey, VerifyingKey,
    pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey},
};
use hmac::{Hmac, KeyInit as _, Mac};
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;

use crate::domain::{Error, Result};

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
        HEXLOWER.encode(&self.derive("the names of channels")[..8])
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
