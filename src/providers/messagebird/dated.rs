//! The older scheme, which Bird has taken over: `MessageBird-Signature` is base64 of HMAC-SHA256 over the value of
//! `MessageBird-Request-Timestamp`, a second line, and the SHA-256 of the body, separated by line feeds. The second
//! line is the sorted query, and for Bird the URL.

use chrono::{DateTime, Utc};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use secrecy::SecretString;

use crate::providers::kit::{Form, Hash, RawWebhook, Rejected, Tolerance, Verified, encode_base64};

pub(in crate::providers) const SIGNATURE: &str = "messagebird-signature";
/// The header of the timestamp, in seconds since 1970.
pub(in crate::providers) const TIMESTAMP: &str = "messagebird-request-timestamp";

/// A signature with a timestamp.
pub(in crate::providers) struct DatedSignature {
    pub(in crate::providers) tolerance: Tolerance,
    pub(in crate::providers) secret: SecretString,
}

impl DatedSignature {
    fn mac(&self, timestamp: &str, line: &str, body: &[u8]) -> Vec<u8> {
        let digest = Hash::Sha256.digest(body);
        Hash::Sha256.hmac(&self.secret, &[timestamp.as_bytes(), b"\n", line.as_bytes(), b"\n", &digest])
    }

    /// Verifies a signature with one of these second lines.
    pub(in crate::providers) fn verify<'a>(
        &self,
        raw: &'a RawWebhook,
        lines: impl IntoIterator<Item = String>,
        now: DateTime<Utc>,
    ) -> Result<Verified<'a>, Rejected> {
        let timestamp = raw.header(TIMESTAMP)?;
        let presented = raw.base64_header(SIGNATURE)?;
        let macs = lines.into_iter().map(|line| self.mac(timestamp, &line, &raw.body));
        let verified = Verified::by_mac(raw, macs, &presented)?;
        self.tolerance.check_text(timestamp, now)?;
        Ok(verified)
    }

    /// Signs a webhook with this second line.
    pub(in crate::providers) fn sign(&self, raw: RawWebhook, line: &str, now: DateTime<Utc>) -> RawWebhook {
        let timestamp = now.timestamp().to_string();
        let signature = encode_base64(&self.mac(&timestamp, line, &raw.body));
        raw.with_header(TIMESTAMP, &timestamp).with_header(SIGNATURE, &signature)
    }
}

/// What is percent-encoded in a query: all but the unreserved characters (RFC 3986, 2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The query sorted by name and encoded again. MessageBird's libraries differ: most write a space as `+`, others as
/// `%20`.
pub(super) fn sorted_queries(raw: &RawWebhook) -> [String; 2] {
    let form = Form::decode(raw.query().as_bytes());
    let mut fields: Vec<_> = form.fields().collect();
    // A stable sort: the values of one name stay in their order.
    fields.sort_by_key(|(name, _)| *name);
    let encode = |bytes| percent_encode(bytes, ENCODED).to_string();
    let pairs: Vec<_> = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let query = pairs.join("&");
    [query.replace("%20", "+"), query]
}
