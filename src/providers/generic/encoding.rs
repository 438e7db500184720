//! How an account writes keys, signatures and hashes as text.

use serde::Deserialize;

use crate::{
    domain::Result,
    providers::kit::{decode_base64, decode_hex, encode_base64, encode_hex, refuse_setting},
};

/// An encoding of bytes.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub(super) enum Encoding {
    #[default]
    #[serde(rename = "hex")]
    Hex,
    #[serde(rename = "base64")]
    Base64,
    #[serde(rename = "utf-8")]
    Utf8,
}

impl Encoding {
    pub(super) fn decode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Hex => decode_hex(text.trim()),
            Self::Base64 => decode_base64(text.trim()),
            Self::Utf8 => Some(text.as_bytes().to_vec()),
        }
    }

    pub(super) fn encode(self, bytes: &[u8]) -> String {
        match self {
            Self::Hex => encode_hex(bytes),
            Self::Base64 => encode_base64(bytes),
            Self::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
        }
    }

    /// Refuses UTF-8 for signatures and hashes, which are binary.
    pub(super) fn check_binary(self, setting: &str) -> Result<()> {
        if self == Self::Utf8 { Err(refuse_setting(setting, "must be hex or base64")) } else { Ok(()) }
    }
}
