//! The template of what a signature covers: the setting `auth.payload`.

use serde::Deserialize;

use super::template::{Piece, parse_template};
use crate::providers::kit::{Hash, RawWebhook};

/// What a signature covers.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub(super) struct SignedTemplate(Vec<Piece<SignedPart>>);

/// A placeholder of the template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SignedPart {
    Body,
    BodyMd5Hex,
    BodySha256Hex,
    Timestamp,
    Nonce,
    Method,
    Url,
    /// The path of the URL with its query.
    Path,
}

impl SignedPart {
    const NAMES: &[(&'static str, Self)] = &[
        ("body", Self::Body),
        ("body_md5_hex", Self::BodyMd5Hex),
        ("body_sha256_hex", Self::BodySha256Hex),
        ("timestamp", Self::Timestamp),
        ("nonce", Self::Nonce),
        ("method", Self::Method),
        ("url", Self::Url),
        ("path", Self::Path),
    ];
}

impl TryFrom<String> for SignedTemplate {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let part = |name: &str| {
            let part = SignedPart::NAMES.iter().find(|(known, _)| *known == name).map(|(_, part)| *part);
            part.ok_or_else(|| {
                let known: Vec<_> = SignedPart::NAMES.iter().map(|(name, _)| format!("{{{name}}}")).collect();
                format!("`{{{name}}}` is not known; there are {}", known.join(" "))
            })
        };
        parse_template(&text, part).map(Self)
    }
}

impl SignedTemplate {
    /// Whether it has any of these parts.
    pub(super) fn has(&self, parts: &[SignedPart]) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Placeholder(part) if parts.contains(part)))
    }

    pub(super) fn covers_body(&self) -> bool {
        self.has(&[SignedPart::Body, SignedPart::BodyMd5Hex, SignedPart::BodySha256Hex])
    }

    pub(super) fn covers_url(&self) -> bool {
        self.has(&[SignedPart::Url, SignedPart::Path])
    }

    /// The bytes that are signed.
    pub(super) fn fill(&self, raw: &RawWebhook, timestamp: &str, nonce: &str) -> Vec<u8> {
        let mut filled = Vec::with_capacity(raw.body.len() + 200);
        for piece in &self.0 {
            let part = match piece {
                Piece::Text(text) => {
                    filled.extend(text.as_bytes());
                    continue;
                }
                Piece::Placeholder(part) => part,
            };
            match part {
                SignedPart::Body => filled.extend(&raw.body),
                SignedPart::BodyMd5Hex => filled.extend(Hash::Md5.hex_digest(&raw.body).as_bytes()),
                SignedPart::BodySha256Hex => filled.extend(Hash::Sha256.hex_digest(&raw.body).as_bytes()),
                SignedPart::Timestamp => filled.extend(timestamp.as_bytes()),
                SignedPart::Nonce => filled.extend(nonce.as_bytes()),
                SignedPart::Method => filled.extend(raw.method.as_str().as_bytes()),
                SignedPart::Url => filled.extend(raw.url.as_bytes()),
                SignedPart::Path => filled.extend(raw.path_and_query().as_bytes()),
            }
        }
        filled
    }
}
