//! Twilio's signature, as far as SignalWire shares it.
//!
//! `X-Twilio-Signature` is base64 of HMAC-SHA1 over the URL and, for a form, the name and value of every field, sorted
//! by name. A GET has its fields in the URL. A JSON body is covered by its SHA-256 in the URL (`bodySHA256`). With a
//! shared key (in beta) the MAC is HMAC-SHA256 with the key's secret, and a header names the key. Which of the two an
//! account uses is set in its configuration, and never chosen by the request.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
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

/// How far Twilio's own validators look for the URL that was signed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::providers) enum Ports {
    /// With and without the port, whichever it is.
    Any,
    /// With and without the standard port; any other is always signed.
    Standard,
}

/// The URL as it is, then the other forms in which it may have been signed: with or without its port, and each with the
/// query as different programs write it. They all have the same fields. They are made only when those before them did
/// not match.
pub(in crate::providers) fn url_variants(url: &str, ports: Ports) -> impl Iterator<Item = String> + use<> {
    let has_own_port = || Url::parse(url).is_ok_and(|url| url.port().is_some());
    let keeps_port = ports == Ports::Standard && has_own_port();
    let given = url.to_owned();
    let for_port = given.clone();
    let toggled = std::iter::once_with(move || with_toggled_port(&for_port)).flatten().filter(move |_| !keeps_port);
    std::iter::once(given).chain(toggled).flat_map(|url| {
        let queries: [fn(&str) -> Option<String>; 4] =
            [|_| None, with_encoded_quotes, |url| with_query(url, URL_QUERY), |url| with_query(url, FORM_QUERY)];
        queries
            .into_iter()
            .enumerate()
            .filter_map(move |(at, rewrite)| if at == 0 { Some(url.clone()) } else { rewrite(&url) })
    })
}

/// The URL as parsers of URLs write it again: with `%27` for an apostrophe in the query (WHATWG URL, "special-query
/// percent-encode set").
fn with_encoded_quotes(url: &str) -> Option<String> {
    let (base, query) = url.split_once('?')?;
    query.contains('\'').then(|| format!("{base}?{}", query.replace('\'', "%27")))
}

/// What Node's `querystring` leaves as it is. It writes a space as `%20`.
const URL_QUERY: QueryStyle = QueryStyle {
    encoded: &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'~')
        .remove(b'!')
        .remove(b'*')
        .remove(b'(')
        .remove(b')')
        .remove(b'\''),
    space: "%20",
};
/// What forms leave as they are (WHATWG URL, "application/x-www-form-urlencoded").
const FORM_QUERY: QueryStyle =
    QueryStyle { encoded: &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*'), space: "+" };

/// How a program writes a query.
#[derive(Clone, Copy)]
struct QueryStyle {
    encoded: &'static AsciiSet,
    space: &'static str,
}

/// The URL with the fields of its query written again, in their order.
fn with_query(url: &str, style: QueryStyle) -> Option<String> {
    let (base, query) = url.split_once('?')?;
    let encode = |bytes| percent_encode(bytes, style.encoded).to_string().replace("%20", style.space);
    let form = Form::decode(query.as_bytes());
    let pairs: Vec<_> = form.fields().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    Some(format!("{base}?{}", pairs.join("&")))
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
