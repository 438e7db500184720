//! A text format of webhooks, so that seeds can be read and edited by hand:
//!
//! ```text
//! twilio sms POST provider=fuzz
//! content-type: application/x-www-form-urlencoded
//! x-twilio-signature: …
//!
//! From=%2B14155550100&To=…
//! ```
//!
//! The first line has the kind of provider, the endpoint (`sms` or `status`), the method and the query.

use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use otpwire::providers::{Endpoint, RawWebhook};

use crate::account::Account;

/// Parses a webhook and its account. `None` if no HTTP server would accept it as a request.
#[must_use]
pub fn read(input: &[u8]) -> Option<(&'static Account, RawWebhook)> {
    let end = input.windows(2).position(|pair| pair == b"\n\n")?;
    let (head, body) = (&input[..end], &input[end + 2..]);
    let mut lines = head.split(|byte| *byte == b'\n');
    let mut words = str::from_utf8(lines.next()?).ok()?.splitn(4, ' ');
    let account = Account::of(words.next()?);
    let (endpoint, path) = match words.next()? {
        "status" => (Endpoint::Statuses, "status"),
        _ => (Endpoint::Messages, "sms"),
    };
    let method = if words.next()? == "GET" { Method::GET } else { Method::POST };
    let uri: Uri = format!("/v1/webhooks/{path}?{}", words.next().unwrap_or_default()).parse().ok()?;
    let mut headers = HeaderMap::new();
    for line in lines {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        headers.append(name, HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?);
    }
    let url = RawWebhook::public_url("https://sms.example.com", None, &uri);
    Some((account, RawWebhook { endpoint, method, url, headers, body: body.to_vec(), source: None, certificate: None }))
}

/// Writes a webhook.
#[must_use]
pub fn write(word: &str, raw: &RawWebhook) -> Vec<u8> {
    let path = if raw.endpoint == Endpoint::Statuses { "status" } else { "sms" };
    let mut text = format!("{word} {path} {} {}\n", raw.method, raw.query()).into_bytes();
    for (name, value) in &raw.headers {
        text.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\n"].concat());
    }
    text.push(b'\n');
    text.extend(&raw.body);
    text
}
