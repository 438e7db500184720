//! Plivo's signatures: base64 of HMAC-SHA256 with the Auth Token.
//!
//! Messages are signed by scheme V2, which covers the URL without its query, and a nonce. It covers neither the body
//! nor the query, so a nonce is accepted with one body only. Scheme V3, today that of calls, covers the query and the
//! fields too; an account whose messages have it is configured for it. V1 is obsolete, and rejected.
//!
//! Each scheme has two headers: one signature is made with the token of the account or subaccount that owns the number,
//! the other with that of the main account (`Ma`). Either is accepted, depending on whose token the secret is.

use chrono::{DateTime, Utc};
use http::Method;
use secrecy::SecretString;
use serde::Deserialize;

use crate::providers::kit::{Form, Hash, RawWebhook, Rejected, Verified, decode_base64, encode_base64};

#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Scheme {
    #[default]
    V2,
    V3,
}

impl Scheme {
    /// The headers of the signature, of the main account's signature, and of the nonce.
    pub(super) const fn headers(self) -> [&'static str; 3] {
        match self {
            Self::V2 => ["x-plivo-signature-v2", "x-plivo-signature-ma-v2", "x-plivo-signature-v2-nonce"],
            Self::V3 => ["x-plivo-signature-v3", "x-plivo-signature-ma-v3", "x-plivo-signature-v3-nonce"],
        }
    }

    /// What is signed, without the nonce that follows it.
    fn covered(self, raw: &RawWebhook) -> Vec<u8> {
        let base = raw.url.split(['?', '#']).next().unwrap_or_default();
        let mut covered = base.as_bytes().to_vec();
        if self == Self::V2 {
            return covered;
        }
        let query = Form::decode(raw.query().as_bytes());
        let query: Vec<_> =
            query.sorted().iter().map(|(name, value)| [name, b"=".as_slice(), value].concat()).collect();
        let form = Form::decode(if raw.method == Method::GET { b"" } else { &raw.body });
        let fields: Vec<_> = form.sorted().iter().flat_map(|(name, value)| [*name, *value]).collect();
        if !query.is_empty() || !fields.is_empty() {
            covered.push(b'?');
        }
        covered.extend(query.join(&b'&'));
        if !query.is_empty() && !fields.is_empty() {
            covered.push(b'.');
        }
        covered.extend(fields.concat());
        covered.push(b'.');
        covered
    }
}

pub(super) struct Signature {
    pub(super) scheme: Scheme,
    pub(super) secret: SecretString,
}

impl Signature {
    fn mac(&self, raw: &RawWebhook, nonce: &str) -> Vec<u8> {
        Hash::Sha256.hmac(&self.secret, &[&self.scheme.covered(raw), nonce.as_bytes()])
    }

    pub(super) fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let [own, main, nonce] = self.scheme.headers();
        let headers: Vec<_> = [own, main].into_iter().filter_map(|name| raw.header(name).ok()).collect();
        if headers.is_empty() {
            return Err(Rejected::Unsigned(own.to_owned()));
        }
        let nonce = raw.header(nonce)?;
        if self.scheme == Scheme::V2 || raw.method != Method::GET {
            raw.require_form()?;
        }
        // A header may list several signatures, of which one must match. Since equality is symmetric, the presented
        // ones stand for the computed.
        let presented =
            headers.iter().flat_map(|header| header.split(',')).filter_map(|text| decode_base64(text.trim()));
        let verified = Verified::by_mac(raw, presented, &self.mac(raw, nonce))?;
        Ok(match self.scheme {
            Scheme::V2 => verified.single_use(&[&self.scheme.covered(raw), nonce.as_bytes()].concat(), now, None),
            Scheme::V3 => verified,
        })
    }

    pub(super) fn sign(&self, raw: RawWebhook, nonce: &str) -> RawWebhook {
        let [signature_header, _, nonce_header] = self.scheme.headers();
        let signature = encode_base64(&self.mac(&raw, nonce));
        raw.with_header(nonce_header, nonce).with_header(signature_header, &signature)
    }
}
