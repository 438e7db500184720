//! Secrets that we give out and keep only the digests of: refresh tokens, API keys, and the tokens in
//! mails.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::random::Random;

/// What is stored of a secret: SHA-256 in hexadecimal. Our secrets have 256 random bits, so a slow
/// hash would add nothing.
pub(super) fn digest(secret: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(secret.as_bytes()))
}

/// A fresh secret that begins with `prefix`, so that scanners for leaked secrets can tell it.
pub(super) fn generate(prefix: &str, random: &Random) -> String {
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(random.bytes::<32>()))
}
