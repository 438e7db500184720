//! The signature of Sinch's webhooks, those of the SMS API and those of the Conversation API.
//!
//! `x-sinch-webhook-signature` is base64 of HMAC-SHA256 over the body, the nonce and the timestamp, separated by dots.
//! The nonce and the timestamp have headers of their own. The secret is used as text. A fourth header names the
//! algorithm, and is ignored.

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use crate::providers::kit::{Draft, Hash, RawWebhook, Rejected, Setup, Tolerance, Verified, encode_base64};

const SIGNATURE: &str = "x-sinch-webhook-signature";
const NONCE: &str = "x-sinch-webhook-signature-nonce";
const TIMESTAMP: &str = "x-sinch-webhook-signature-timestamp";
const ALGORITHM: &str = "x-sinch-webhook-signature-algorithm";

/// How old a signature may be, in seconds: the last of Sinch's retries is almost 23 hours after the one before, and
/// whether it signs again is not documented.
const TOLERANCE: u32 = 48 * 3600;

/// The signature of an account.
pub(in crate::providers) struct Signature {
    secret: SecretString,
    tolerance: Tolerance,
}

impl Signature {
    pub(in crate::providers) fn new(setup: &Setup) -> Self {
        Self { secret: setup.secret.clone(), tolerance: setup.tolerance(TOLERANCE) }
    }

    fn mac(&self, body: &[u8], nonce: &str, timestamp: &str) -> Vec<u8> {
        Hash::Sha256.hmac(&self.secret, &[body, b".", nonce.as_bytes(), b".", timestamp.as_bytes()])
    }

    pub(in crate::providers) fn verify<'a>(
        &self,
        raw: &'a RawWebhook,
        now: DateTime<Utc>,
    ) -> Result<Verified<'a>, Rejected> {
        let presented = raw.base64_header(SIGNATURE)?;
        let (nonce, timestamp) = (raw.header(NONCE)?, raw.header(TIMESTAMP)?);
        let verified = Verified::by_mac(raw, [self.mac(&raw.body, nonce, timestamp)], &presented)?;
        self.tolerance.check_text(timestamp, now)?;
        Ok(verified)
    }

    pub(in crate::providers) fn sign(&self, raw: RawWebhook, draft: &Draft<'_>) -> RawWebhook {
        let timestamp = draft.now.timestamp().to_string();
        let signature = encode_base64(&self.mac(&raw.body, draft.nonce, &timestamp));
        raw.with_header(SIGNATURE, &signature)
            .with_header(NONCE, draft.nonce)
            .with_header(TIMESTAMP, &timestamp)
            .with_header(ALGORITHM, "HmacSHA256")
    }
}
