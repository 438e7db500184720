//! Checks that an account can require of every webhook, before the adapter verifies it.

use std::{borrow::Cow, net::IpAddr};

use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use super::{RawWebhook, Rejected, with_parameters};

/// The addresses that webhooks may come from, and a second secret in the URL that they go to.
#[derive(Clone, Debug, Default)]
pub(in crate::providers) struct RequestGuard {
    allowed_sources: Vec<IpNet>,
    url_token: Option<SecretString>,
}

impl RequestGuard {
    pub(in crate::providers) fn new(allowed_sources: Vec<IpNet>, url_token: Option<SecretString>) -> Self {
        Self { allowed_sources, url_token }
    }

    pub(in crate::providers) fn restricts_sources(&self) -> bool {
        !self.allowed_sources.is_empty()
    }

    pub(in crate::providers) fn has_url_token(&self) -> bool {
        self.url_token.is_some()
    }

    /// A URL with the second secret in it.
    pub(in crate::providers) fn url_with_token<'u>(&self, url: &'u str) -> Cow<'u, str> {
        match &self.url_token {
            Some(token) => with_parameters(url, &[("token", token.expose_secret())]).into(),
            None => url.into(),
        }
    }

    /// Rejects a webhook from another source address, or without the second secret in its URL.
    pub(in crate::providers) fn check(&self, raw: &RawWebhook) -> Result<(), Rejected> {
        let is_allowed =
            |address: IpAddr| self.allowed_sources.iter().any(|source| source.contains(&address.to_canonical()));
        if self.restricts_sources() && !raw.source.is_some_and(is_allowed) {
            return Err(Rejected::WrongSource);
        }
        let Some(token) = &self.url_token else { return Ok(()) };
        let presented = raw.url_token().ok_or_else(|| Rejected::Unsigned("`token` in the address".to_owned()))?;
        match bool::from(token.expose_secret().as_bytes().ct_eq(presented.as_bytes())) {
            true => Ok(()),
            false => Err(Rejected::WrongSecret),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::testing::webhook;

    #[test]
    fn other_source_addresses_are_rejected() {
        let sources = vec!["192.0.2.0/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()];
        let guard = RequestGuard::new(sources, None);
        let check = |source: Option<&str>| {
            let mut raw = webhook("http://a/", &[], b"");
            raw.source = source.map(|source| source.parse().unwrap());
            guard.check(&raw)
        };
        for source in ["192.0.2.7", "::ffff:192.0.2.7", "2001:db8::1"] {
            assert_eq!(check(Some(source)), Ok(()), "{source}");
        }
        assert_eq!(check(Some("192.0.3.7")), Err(Rejected::WrongSource));
        assert_eq!(check(None), Err(Rejected::WrongSource));
    }

    #[test]
    fn the_second_secret_must_be_in_the_url() {
        let guard = RequestGuard::new(Vec::new(), Some("second".into()));
        assert_eq!(guard.check(&webhook("http://a/?token=second", &[], b"")), Ok(()));
        assert_eq!(guard.check(&webhook("http://a/?token=first", &[], b"")), Err(Rejected::WrongSecret));
        assert!(matches!(guard.check(&webhook("http://a/", &[], b"")), Err(Rejected::Unsigned(_))));
    }
}
