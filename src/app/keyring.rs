//! Keys: one root key from the configuration, and one derived from it for each purpose.
//!
//! There are two derivations ([`Derivation`]). Version 1 is HMAC-SHA256 over a label; version 2 is HKDF-SHA256 (RFC
//! 5869), the standard. Keys of version 1 protect what is stored and what clients hold, and during a rolling upgrade
//! replicas share all of that with replicas that know version 1 alone. Version 2 is therefore introduced in two
//! releases, like a change of the schema:
//!
//! | purpose | written with | read with |
//! | --- | --- | --- |
//! | secrets of providers (`v1.…`, `v2.…` in the database) | 1, in the next release 2 | 1 and 2 |
//! | access tokens (the `kid` names the key) | 1, in the next release 2 | 1 and 2 |
//! | refresh tokens | 1, in the next release 2 | 1 and 2 |
//! | digests of messages, names of channels | 1 | 1 |
//!
//! The last row stays: replicas find each other and recognise repeated messages by values that they compute themselves
//! and nobody reads back. Changing them would gain nothing and lose what is in flight.
//!
//! This release therefore writes nothing that the previous one cannot read, and can be rolled back. The next one
//! reverses the order of [`Derivation::ACCEPTED`].

use data_encoding::HEXLOWER;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac};
use ring::signature::{Ed25519KeyPair, KeyPair};
use secrecy::{ExposeSecret, SecretBox, SecretSlice};
use sha2::Sha256;
use x509_cert::{
    der::{Decode, asn1::ObjectIdentifier, pem},
    spki::SubjectPublicKeyInfoRef,
};

use crate::domain::{Error, Result};

/// How a key is derived from the root key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Derivation {
    /// HMAC-SHA256 with the root key over `otpwire key for ` and the purpose.
    V1,
    /// HKDF-SHA256 without a salt (the root key is random), with the purpose as `info`.
    V2,
}

impl Derivation {
    /// The accepted derivations. The first one is used for signing and encryption; the previous release reads no
    /// other.
    const ACCEPTED: [Self; 2] = [Self::V1, Self::V2];
}

/// The root key: 32 random bytes from which all other keys are derived.
#[derive(Debug)]
pub struct RootKey(SecretBox<[u8; 32]>);

impl RootKey {
    /// A root key of these bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(SecretBox::new(Box::new(bytes)))
    }

    /// A name that can be known only with the key: the namespace that the replicas of one deployment share.
    #[must_use]
    pub fn namespace(&self) -> String {
        HEXLOWER.encode(&self.derive(Derivation::V1, "the names of channels")[..8])
    }

    /// A key for one purpose. Knowing it tells nothing about the others.
    pub(super) fn derive(&self, derivation: Derivation, purpose: &str) -> [u8; 32] {
        match derivation {
            Derivation::V1 => {
                #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
                let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret()).expect("any length");
                mac.update(b"otpwire key for ");
                mac.update(purpose.as_bytes());
                mac.finalize().into_bytes().into()
            }
            Derivation::V2 => {
                let mut key = [0; 32];
                #[expect(clippy::expect_used, reason = "HKDF-SHA256 yields up to 8,160 bytes")]
                Hkdf::<Sha256>::new(None, self.0.expose_secret())
                    .expand(purpose.as_bytes(), &mut key)
                    .expect("32 bytes are not too many");
                key
            }
        }
    }
}

/// All keys of a deployment: the current ones, and previous ones that are still accepted, so that keys can be replaced
/// without signing anybody out.
#[derive(Debug)]
pub struct Keyring {
    root: RootKey,
    previous: Vec<RootKey>,
    signing: Option<SigningPair>,
    verifying: Vec<PublicKey>,
}

/// The 32 bytes of an Ed25519 public key.
pub(super) type PublicKey = [u8; 32];

/// The Ed25519 key that signs access tokens.
pub(super) struct SigningPair {
    /// The private key (PKCS #8).
    pub(super) document: SecretSlice<u8>,
    pub(super) public: PublicKey,
}

impl SigningPair {
    fn from_pem(text: &str) -> Option<Self> {
        let document = der_of("PRIVATE KEY", text)?;
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(document.expose_secret()).ok()?;
        Some(Self { public: pair.public_key().as_ref().try_into().ok()?, document })
    }
}

/// The content of a PEM document (RFC 7468) with this label.
fn der_of(label: &str, text: &str) -> Option<SecretSlice<u8>> {
    let (found, der) = pem::decode_vec(text.as_bytes()).ok()?;
    (found == label).then(|| der.into())
}

/// The Ed25519 key in a public key in PEM (RFC 8410).
fn public_key_of(text: &str) -> Option<PublicKey> {
    const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
    let document = der_of("PUBLIC KEY", text)?;
    let info = SubjectPublicKeyInfoRef::from_der(document.expose_secret()).ok()?;
    let is_ed25519 = info.algorithm.oid == ED25519 && info.algorithm.parameters.is_none();
    info.subject_public_key.as_bytes().filter(|_| is_ed25519)?.try_into().ok()
}

impl std::fmt::Debug for SigningPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningPair({})", HEXLOWER.encode(&self.public))
    }
}

impl Keyring {
    /// A keyring with one root key. Access tokens are signed with HS256.
    #[must_use]
    pub fn new(root: RootKey) -> Self {
        Self { root, previous: Vec::new(), signing: None, verifying: Vec::new() }
    }

    /// Also accepts what was made with a previous root key.
    #[must_use]
    pub fn with_previous(mut self, root: RootKey) -> Self {
        self.previous.push(root);
        self
    }

    /// Signs access tokens with an Ed25519 key instead: a private key in PEM (PKCS #8).
    ///
    /// # Errors
    /// When the text is not such a key.
    pub fn with_signing_key(mut self, pem: &str) -> Result<Self> {
        let pair = SigningPair::from_pem(pem);
        self.signing =
            Some(pair.ok_or_else(|| Error::invalid("signing_key_file", "must hold an Ed25519 private key in PEM"))?);
        Ok(self)
    }

    /// Also accepts access tokens signed with another Ed25519 key: a public key in PEM, or a private one.
    ///
    /// # Errors
    /// When the text is neither.
    pub fn with_verification_key(mut self, pem: &str) -> Result<Self> {
        let key = public_key_of(pem).or_else(|| SigningPair::from_pem(pem).map(|pair| pair.public));
        self.verifying
            .push(key.ok_or_else(|| Error::invalid("verification_key_files", "must hold Ed25519 keys in PEM"))?);
        Ok(self)
    }

    /// The current root key.
    #[must_use]
    pub fn root(&self) -> &RootKey {
        &self.root
    }

    /// All root keys, the current one first.
    pub(super) fn roots(&self) -> impl Iterator<Item = &RootKey> {
        std::iter::once(&self.root).chain(&self.previous)
    }

    /// The keys for one purpose that are accepted, the one to write with first.
    pub(super) fn derive(&self, purpose: &str) -> impl Iterator<Item = (Derivation, [u8; 32])> {
        self.roots()
            .flat_map(move |root| Derivation::ACCEPTED.map(|derivation| (derivation, root.derive(derivation, purpose))))
    }

    pub(super) fn signing_pair(&self) -> Option<&SigningPair> {
        self.signing.as_ref()
    }

    /// The Ed25519 keys whose signatures are accepted.
    pub(super) fn verifying_keys(&self) -> impl Iterator<Item = PublicKey> {
        self.signing.iter().map(|pair| pair.public).chain(self.verifying.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed by other programs. Whatever changes here makes what is in use worthless.
    #[test]
    fn the_derivations_never_change() {
        let root = RootKey::new([7; 32]);
        let of = |derivation, purpose| HEXLOWER.encode(&root.derive(derivation, purpose));
        for (purpose, first, second) in [
            (
                "access tokens, HS256",
                "f6877e674224fea733f547e7b431c743187ed53b45b7ee920ee9682e4757ec89",
                "845e269b4e0918e3679e5e33145600b64489ab1a6e951bd5e0c8c1de6f8c722f",
            ),
            (
                "refresh tokens",
                "45362cd98d6fd0f9f9c32ccc9a8cf8e55ae4d21539162a3fa989bbf2dbd93a5f",
                "ad5c2b2eef1253c727f67b77dc23f179a1e963ebeab21abbc57d646e9fc742eb",
            ),
            (
                "provider secrets",
                "6114c8909627007142eda422f75ddf5957f2e6b785552b742d47a95fcce1f059",
                "8f9afa5e5a659e3c8126e77d9281ee9715c66a41c0159453f860be60a0077831",
            ),
            (
                "digests of messages",
                "8004004174e586c07421f7714bd5148a15276f415e5a9d4895c60f7d0770bf46",
                "6f1d2287c885a29367d776333d67152b3b3d531925943ab4a9ac6b6137b84246",
            ),
        ] {
            assert_eq!(of(Derivation::V1, purpose), first, "{purpose}");
            assert_eq!(of(Derivation::V2, purpose), second, "{purpose}");
        }
        assert_eq!(root.namespace(), "6b8e3a77d60d95d7");
    }

    #[test]
    fn the_key_to_write_with_comes_first() {
        let keys = Keyring::new(RootKey::new([1; 32])).with_previous(RootKey::new([2; 32]));
        let derived: Vec<_> = keys.derive("refresh tokens").collect();
        assert_eq!(derived.len(), 4);
        assert_eq!(derived[0], (Derivation::V1, keys.root().derive(Derivation::V1, "refresh tokens")));
    }
}
