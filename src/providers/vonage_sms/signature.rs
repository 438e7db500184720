//! The signature of the SMS API.
//!
//! The parameter `sig` covers every other parameter, sorted by name: `&name=value` each, in which `&` and `=` are
//! replaced by `_`. The account has one of five methods: MD5 with the secret at the end (`md5hash`), or HMAC.
//! Parameters that the operator put into the URL of a GET (`provider`, `token`) are not covered. Vonage's SDKs differ
//! on blank values: most sign them, the Java one does not.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::providers::kit::{Form, Hash, RawWebhook, Rejected, Tolerance, Verified, decode_hex, encode_hex};

/// The parameter of the signature.
pub(super) const SIGNATURE: &str = "sig";
/// The parameter of its timestamp.
pub(super) const TIMESTAMP: &str = "timestamp";

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum SignatureMethod {
    #[default]
    Md5Hash,
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

pub(super) struct Signature {
    pub(super) method: SignatureMethod,
    pub(super) tolerance: Tolerance,
    pub(super) secret: SecretString,
}

impl Signature {
    pub(super) fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        raw.require_fields()?;
        let form = raw.fields().map_err(|_| Rejected::WrongSignature)?.without_platform_parameters();
        let find = |name| form.find(name).map_err(|_| Rejected::WrongSignature);
        let presented = find(SIGNATURE)?.ok_or_else(|| Rejected::Unsigned(SIGNATURE.to_owned()))?;
        let presented = decode_hex(presented).ok_or(Rejected::WrongSignature)?;
        let macs = [true, false].into_iter().map(|has_blanks| self.mac(&form, has_blanks));
        let verified = Verified::by_mac(raw, macs, &presented)?;
        let timestamp = find(TIMESTAMP)?.ok_or_else(|| Rejected::Unsigned(TIMESTAMP.to_owned()))?;
        self.tolerance.check_text(timestamp, now)?;
        Ok(verified)
    }

    /// The value of the parameter `sig` for these parameters.
    pub(super) fn sign(&self, form: &Form<'_>) -> String {
        encode_hex(&self.mac(form, true))
    }

    fn mac(&self, form: &Form<'_>, has_blanks: bool) -> Vec<u8> {
        let mut signed = Vec::new();
        for (name, value) in form.sorted() {
            if name == SIGNATURE.as_bytes() || !has_blanks && value.trim_ascii().is_empty() {
                continue;
            }
            let clean = |bytes: &[u8]| bytes.iter().map(|&b| if matches!(b, b'&' | b'=') { b'_' } else { b }).collect();
            let (name, value): (Vec<u8>, Vec<u8>) = (clean(name), clean(value));
            signed.extend([b"&".as_slice(), &name, b"=", &value].concat());
        }
        let hash = match self.method {
            SignatureMethod::Md5Hash => {
                return Hash::Md5.digest(&[&signed, self.secret.expose_secret().as_bytes()].concat());
            }
            SignatureMethod::Md5 => Hash::Md5,
            SignatureMethod::Sha1 => Hash::Sha1,
            SignatureMethod::Sha256 => Hash::Sha256,
            SignatureMethod::Sha512 => Hash::Sha512,
        };
        hash.hmac(&self.secret, &[&signed])
    }
}
