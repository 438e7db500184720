//! Twilio's signature, as far as SignalWire shares it.
//!
//! `X-Twilio-Signature` is base64 of HMAC-SHA1 over the URL and, for a form, the name and value of every field, sorted
//! by name. A GET has its fields in the URL. A JSON body is covered by its SHA-256 in the URL (`bodySHA256`). With a
//! shared key (in beta) the MAC is HMAC-SHA256 with the key's secret, and a header names the key. Which of the two an
//! account uses is set in its configuration, and never chosen by the request.

use secrecy::SecretString;
use url::Url;

use crate::providers::kit::{Form, Hash, RawWebhook, Rejected};

/// The header of the signature.
pub const SIGNATURE: &str = "x-twilio-signature";
/// The URL parameter that covers a body that is no form.
pub(in crate::providers) const BODY_HASH: &str = "bodySHA256";

pub(in crate::providers) fn mac(hash: Hash, secret: &SecretString, url: &str, fields: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut parts = vec![url.as_bytes()];
    parts.extend(fields.iter().flat_map(|(name, value)| [*name, *value]));
    hash.hmac(secret, &parts)
}

/// The URL as it is, then the other forms in which it may have been signed: with or without the standard port, and
/// with an apostrophe in the query encoded. They are made only when those before them did not match.
pub(in crate::providers) fn url_variants(url: &str) -> impl Iterator<Item = String> + use<> {
    let given = url.to_owned();
    let (for_port, for_quote) = (given.clone(), given.clone());
    let with_encoded_quotes = |url: &str| url.contains('\'').then(|| url.replace('\'', "%27"));
    std::iter::once(given)
        .chain(std::iter::once_with(move || with_toggled_port(&for_port)).flatten())
        .chain(std::iter::once_with(move || with_encoded_quotes(&for_quote)).flatten())
}

/// The URL without its port, or if it has none with the standard one.
fn with_toggled_port(url: &str) -> Option<String> {
    let parsed = Url::parse(url).ok()?;
    let (scheme, rest) = url.split_once("://")?;
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let host = &authority[authority.rfind('@').map_or(0, |at| at + 1)..];
    let port = host.rfind(':').filter(|&at| !host[at..].contains(']'));
    Some(match port {
        Some(at) => format!("{scheme}://{}{path}", &authority[..authority.len() - host.len() + at]),
        None => format!("{scheme}://{authority}:{}{path}", parsed.port_or_known_default()?),
    })
}

/// Rejects a body that is not covered by the URL.
pub(in crate::providers) fn check_body_hash(raw: &RawWebhook) -> Result<(), Rejected> {
    let query = Form::decode(raw.query().as_bytes());
    let hash = query.find(BODY_HASH).ok().flatten();
    let hash = hash.ok_or_else(|| Rejected::Unsigned(format!("`{BODY_HASH}` in the address")))?;
    // The URL is signed and not secret, so the comparison need not take constant time.
    match hash.eq_ignore_ascii_case(&Hash::Sha256.hex_digest(&raw.body)) {
        true => Ok(()),
        false => Err(Rejected::WrongSignature),
    }
}
