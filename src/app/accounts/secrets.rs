//! Secrets of which only a digest is stored: refresh tokens, API keys, and the tokens in mails.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::random::Random;

/// The stored digest: SHA-256 in hexadecimal. These secrets have 256 random bits, so a slow hash would add nothing.
pub(super) fn digest(secret: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(secret.as_bytes()))
}

/// A new secret that starts with `prefix`, by which scanners for leaked secrets recognise it.
pub(super) fn generate(prefix: &str, random: &Random) -> String {
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(random.bytes::<32>()))
}
