//! A provider's HTTP request, and the parts of it that adapters read.

use std::{net::IpAddr, sync::Arc};

use http::{HeaderMap, Method, Uri, header};

use super::{Form, Malformed, Rejected, decode_base64_strict, decode_hex};

/// Which of the platform's webhook URLs was called. Providers that post messages and delivery reports to one URL are
/// told apart by the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// The URL for messages.
    Messages,
    /// The URL for status callbacks.
    Statuses,
}

/// A provider's HTTP request, before anything is verified or parsed.
#[derive(Debug)]
pub struct RawWebhook {
    /// Which URL it called.
    pub endpoint: Endpoint,
    /// The method.
    pub method: Method,
    /// The public URL that the provider called, as the operator configured it there, and not what a reverse proxy
    /// made of it: some providers sign it.
    pub url: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
    /// The client's address, behind the trusted proxies.
    pub source: Option<IpAddr>,
    /// The certificate at [`Provider::certificate_url`], once it is fetched.
    ///
    /// [`Provider::certificate_url`]: crate::providers::Provider::certificate_url
    pub certificate: Option<Arc<[u8]>>,
}

impl RawWebhook {
    /// The public URL of a request to `uri`: below `public_base`, or below the account's own `webhook_url`, with the
    /// query that the provider sent.
    #[must_use]
    pub fn public_url(public_base: &str, webhook_url: Option<&str>, uri: &Uri) -> String {
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        match webhook_url {
            // The setting is the URL for messages; that for status callbacks has the platform's own path.
            Some(url) if uri.path().starts_with("/v1/webhooks/status") => {
                let scheme = url.find("://").map_or(0, |at| at + 3);
                let origin = url[scheme..].find(['/', '?', '#']).map_or(url.len(), |at| scheme + at);
                format!("{}{}{query}", &url[..origin], uri.path())
            }
            Some(url) => format!("{}{query}", &url[..url.find(['?', '#']).unwrap_or(url.len())]),
            None => format!("{}{}{query}", public_base.trim_end_matches('/'), uri.path()),
        }
    }

    /// The URL for logs and error messages: the values of all parameters but `provider` are left out, since they may
    /// be secret.
    #[must_use]
    pub fn redacted_url(&self) -> String {
        let base = self.url.split(['?', '#']).next().unwrap_or_default();
        let pairs = self.query().split('&').filter(|pair| !pair.is_empty());
        let redacted: Vec<_> = pairs
            .map(|pair| match pair.split_once('=') {
                Some((name, _)) if name != "provider" => format!("{name}=…"),
                _ => pair.to_owned(),
            })
            .collect();
        if redacted.is_empty() { base.to_owned() } else { format!("{base}?{}", redacted.join("&")) }
    }

    /// The query of the URL, percent-encoded.
    #[must_use]
    pub fn query(&self) -> &str {
        let url = self.url.split('#').next().unwrap_or_default();
        url.split_once('?').map_or("", |(_, query)| query)
    }

    /// The path of the URL with its query.
    pub(in crate::providers) fn path_and_query(&self) -> &str {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        rest.find(['/', '?']).map_or("/", |at| &rest[at..])
    }

    /// The parameter `token` of the URL.
    pub(in crate::providers) fn url_token(&self) -> Option<String> {
        Form::decode(self.query().as_bytes()).find("token").ok().flatten().map(str::to_owned)
    }

    /// A required header.
    pub(in crate::providers) fn header(&self, name: &str) -> Result<&str, Rejected> {
        let value = self.headers.get(name).ok_or_else(|| Rejected::Unsigned(name.to_owned()))?;
        value.to_str().map_err(|_| Rejected::WrongSignature)
    }

    /// A required header with a signature in hexadecimal digits.
    pub(in crate::providers) fn hex_header(&self, name: &str) -> Result<Vec<u8>, Rejected> {
        decode_hex(self.header(name)?).ok_or(Rejected::WrongSignature)
    }

    /// A required header with a signature in padded base64.
    pub(in crate::providers) fn base64_header(&self, name: &str) -> Result<Vec<u8>, Rejected> {
        decode_base64_strict(self.header(name)?).ok_or(Rejected::WrongSignature)
    }

    /// The token of `Authorization: Bearer`.
    pub(in crate::providers) fn bearer_token(&self) -> Result<&str, Rejected> {
        let (scheme, token) = self.header("authorization")?.split_once(' ').ok_or(Rejected::WrongSignature)?;
        if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(Rejected::WrongSignature) }
    }

    /// The user name and the password of `Authorization: Basic`.
    pub(in crate::providers) fn basic_credentials(&self) -> Option<(String, String)> {
        let value = self.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let (scheme, credentials) = value.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let credentials = String::from_utf8(decode_base64_strict(credentials.trim())?).ok()?;
        let (user, password) = credentials.split_once(':')?;
        Some((user.to_owned(), password.to_owned()))
    }

    /// The content type without its parameters.
    pub(in crate::providers) fn content_type(&self) -> &str {
        let value = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim()
    }

    pub(in crate::providers) fn is_form(&self) -> bool {
        self.content_type().eq_ignore_ascii_case(Form::TYPE)
    }

    pub(in crate::providers) fn is_json(&self) -> bool {
        let content_type = self.content_type().to_ascii_lowercase();
        content_type == "application/json" || content_type.ends_with("+json")
    }

    /// Rejects a body that is no form.
    pub(in crate::providers) fn require_form(&self) -> Result<(), Rejected> {
        if self.is_form() { Ok(()) } else { Err(Rejected::WrongType(Form::TYPE)) }
    }

    /// The names and values of a webhook whose encoding the provider's customer chooses: the query of a GET, else a
    /// form, or a flat JSON object.
    pub(in crate::providers) fn fields(&self) -> Result<Form<'_>, Malformed> {
        if self.method == Method::GET {
            Ok(Form::decode(self.query().as_bytes()))
        } else if self.is_json() {
            Form::from_json(&self.body)
        } else {
            Ok(Form::decode(&self.body))
        }
    }

    /// Rejects a body that [`RawWebhook::fields`] does not read.
    pub(in crate::providers) fn require_fields(&self) -> Result<(), Rejected> {
        let is_known = self.method == Method::GET || self.is_json() || self.is_form();
        if is_known {
            Ok(())
        } else {
            Err(Rejected::WrongType("application/x-www-form-urlencoded or application/json"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_url_is_the_one_the_provider_was_given() {
        let uri: Uri = "/v1/webhooks/sms?provider=a&x=%20".parse().unwrap();
        let url = |base, given| RawWebhook::public_url(base, given, &uri);
        assert_eq!(url("https://a.example/", None), "https://a.example/v1/webhooks/sms?provider=a&x=%20");
        assert_eq!(url("x", Some("https://b.example/in?provider=a")), "https://b.example/in?provider=a&x=%20");
        let uri: Uri = "/v1/webhooks/status?provider=a".parse().unwrap();
        let url = RawWebhook::public_url("x", Some("https://b.example/in"), &uri);
        assert_eq!(url, "https://b.example/v1/webhooks/status?provider=a");
    }

    #[test]
    fn parameters_are_redacted() {
        let redacted = |url: &str| crate::providers::testing::webhook(url, &[], b"").redacted_url();
        assert_eq!(
            redacted("https://a/x?provider=p&token=secret&text=482913"),
            "https://a/x?provider=p&token=…&text=…"
        );
        assert_eq!(redacted("https://a/x/p"), "https://a/x/p");
    }
}
