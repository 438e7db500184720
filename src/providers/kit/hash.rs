//! Digests and HMAC.

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::encoding::encode_hex;

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::providers) enum Hash {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// HMAC (RFC 2104) over the concatenated parts, with the account's secret as the key.
    pub(in crate::providers) fn hmac(self, secret: &SecretString, parts: &[&[u8]]) -> Vec<u8> {
        self.hmac_with_key(secret.expose_secret().as_bytes(), parts)
    }

    /// HMAC over the concatenated parts, with a binary key.
    pub(in crate::providers) fn hmac_with_key(self, key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        macro_rules! hmac {
            ($hash:ty) => {{
                let mut mac = Hmac::<$hash>::new_from_slice(key).expect("HMAC takes keys of any length");
                parts.iter().for_each(|part| mac.update(part));
                mac.finalize().into_bytes().to_vec()
            }};
        }
        match self {
            Self::Md5 => hmac!(Md5),
            Self::Sha1 => hmac!(Sha1),
            Self::Sha256 => hmac!(Sha256),
            Self::Sha384 => hmac!(Sha384),
            Self::Sha512 => hmac!(Sha512),
        }
    }

    pub(in crate::providers) fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Md5 => Md5::digest(bytes).to_vec(),
            Self::Sha1 => Sha1::digest(bytes).to_vec(),
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }

    /// The digest in hexadecimal digits.
    pub(in crate::providers) fn hex_digest(self, bytes: &[u8]) -> String {
        encode_hex(&self.digest(bytes))
    }
}
