//! A provider's HTTP call, as it came.

use std::{net::IpAddr, sync::Arc};

use http::{HeaderMap, Method, Uri, header};

use super::{Form, Malformed, Rejected};

/// What an address of ours is for. Providers that post both to one address are told apart by what they say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// Messages.
    Messages,
    /// Status callbacks.
    Statuses,
}

/// A provider's HTTP call, as it came.
#[derive(Debug)]
pub struct RawWebhook {
    /// Which of our addresses it called.
    pub endpoint: Endpoint,
    /// The method.
    pub method: Method,
    /// The address that the provider called, as the operator gave it to them: the public one, not
    /// what a proxy made of it. Some providers sign it.
    pub url: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, unread.
    pub body: Vec<u8>,
    /// Where it came from, behind the proxies that are trusted.
    pub source: Option<IpAddr>,
    /// What [`Provider::wanted`] asked for.
    ///
    /// [`Provider::wanted`]: super::super::Provider::wanted
    pub fetched: Option<Arc<[u8]>>,
}

impl RawWebhook {
    /// The public address of a request that reached us at `uri`: where the platform is from outside, or where an
    /// account says that its webhooks go, with the query that the provider sent.
    #[must_use]
    pub fn public_url(public_base: &str, webhook_url: Option<&str>, uri: &Uri) -> String {
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        match webhook_url {
            // Only the address of messages is known; that of status callbacks has the platform's own path.
            Some(url) if uri.path().starts_with("/v1/webhooks/status") => {
                let scheme = url.find("://").map_or(0, |at| at + 3);
                let origin = url[scheme..].find(['/', '?', '#']).map_or(url.len(), |at| scheme + at);
                format!("{}{}{query}", &url[..origin], uri.path())
            }
            Some(url) => format!("{}{query}", &url[..url.find(['?', '#']).unwrap_or(url.len())]),
            None => format!("{}{}{query}", public_base.trim_end_matches('/'), uri.path()),
        }
    }

    /// The address without the secrets that may be in it, for whoever has to find out why it was refused: of the
    /// parameters, only our own is shown.
    #[must_use]
    pub fn shown_url(&self) -> String {
        let base = self.url.split(['?', '#']).next().unwrap_or_default();
        let pairs = self.query().split('&').filter(|pair| !pair.is_empty());
        let shown: Vec<_> = pairs
            .map(|pair| match pair.split_once('=') {
                Some((name, _)) if name != "provider" => format!("{name}=…"),
                _ => pair.to_owned(),
            })
            .collect();
        if shown.is_empty() { base.to_owned() } else { format!("{base}?{}", shown.join("&")) }
    }

    /// The query of the address, still encoded.
    #[must_use]
    pub fn query(&self) -> &str {
        let url = self.url.split('#').next().unwrap_or_default();
        url.split_once('?').map_or("", |(_, query)| query)
    }

    /// The path of the address and its query.
    pub(in crate::providers) fn path_and_query(&self) -> &str {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        rest.find(['/', '?']).map_or("/", |at| &rest[at..])
    }

    /// The value of a header that must be there.
    pub(in crate::providers) fn header(&self, name: &str) -> Result<&str, Rejected> {
        let value = self.headers.get(name).ok_or_else(|| Rejected::Unsigned(name.to_owned()))?;
        value.to_str().map_err(|_| Rejected::WrongSignature)
    }

    /// The token of `Authorization: Bearer`.
    pub(in crate::providers) fn bearer(&self) -> Result<&str, Rejected> {
        let (scheme, token) = self.header("authorization")?.split_once(' ').ok_or(Rejected::WrongSignature)?;
        if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(Rejected::WrongSignature) }
    }

    /// The type of the body, without its parameters.
    pub(in crate::providers) fn content_type(&self) -> &str {
        let value = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim()
    }

    pub(in crate::providers) fn is(&self, content_type: &str) -> bool {
        self.content_type().eq_ignore_ascii_case(content_type)
    }

    pub(in crate::providers) fn is_form(&self) -> bool {
        self.is(Form::TYPE)
    }

    /// Whether the body says that it is JSON.
    pub(in crate::providers) fn is_json(&self) -> bool {
        self.is("application/json") || self.content_type().to_ascii_lowercase().ends_with("+json")
    }

    pub(in crate::providers) fn must_be_form(&self) -> Result<(), Rejected> {
        if self.is_form() { Ok(()) } else { Err(Rejected::WrongType(Form::TYPE)) }
    }

    /// What it says in names and values, for providers that let their users choose how: the query of a GET, else
    /// a form, or a flat object of JSON.
    pub(in crate::providers) fn flat(&self) -> Result<Form<'_>, Malformed> {
        if self.method == Method::GET {
            Ok(Form::decode(self.query().as_bytes()))
        } else if self.is_json() {
            Form::from_json(&self.body)
        } else {
            Ok(Form::decode(&self.body))
        }
    }

    /// The types of body that [`RawWebhook::flat`] reads.
    pub(in crate::providers) fn must_be_flat(&self) -> Result<(), Rejected> {
        let known = self.method == Method::GET || self.is_json() || self.is_form();
        if known { Ok(()) } else { Err(Rejected::WrongType("application/x-www-form-urlencoded or application/json")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_address_is_what_the_operator_gave_away() {
        let uri: Uri = "/v1/webhooks/sms?provider=a&x=%20".parse().unwrap();
        let url = |base, given| RawWebhook::public_url(base, given, &uri);
        assert_eq!(url("https://a.example/", None), "https://a.example/v1/webhooks/sms?provider=a&x=%20");
        assert_eq!(url("x", Some("https://b.example/in?provider=a")), "https://b.example/in?provider=a&x=%20");
        let uri: Uri = "/v1/webhooks/status?provider=a".parse().unwrap();
        let url = RawWebhook::public_url("x", Some("https://b.example/in"), &uri);
        assert_eq!(url, "https://b.example/v1/webhooks/status?provider=a");
    }

    #[test]
    fn what_may_be_secret_in_an_address_is_not_shown() {
        let shown = |url: &str| crate::providers::testing::webhook(url, &[], b"").shown_url();
        assert_eq!(shown("https://a/x?provider=p&token=secret&text=482913"), "https://a/x?provider=p&token=…&text=…");
        assert_eq!(shown("https://a/x/p"), "https://a/x/p");
    }
}
