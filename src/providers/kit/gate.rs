//! What an account may ask of its webhooks besides what its adapter verifies.

use std::{borrow::Cow, net::IpAddr};

use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use super::{RawWebhook, Rejected, address_with, proof::token_of};

/// A list of addresses that webhooks come from, and a second secret in the address that they go to.
#[derive(Clone, Debug, Default)]
pub(in crate::providers) struct Gate {
    sources: Vec<IpNet>,
    token: Option<SecretString>,
}

impl Gate {
    pub(in crate::providers) fn new(sources: Vec<IpNet>, token: Option<SecretString>) -> Self {
        Self { sources, token }
    }

    /// Whether it knows where webhooks come from.
    pub(in crate::providers) fn names_sources(&self) -> bool {
        !self.sources.is_empty()
    }

    pub(in crate::providers) fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// An address with the second secret in it.
    pub(in crate::providers) fn address<'u>(&self, url: &'u str) -> Cow<'u, str> {
        match &self.token {
            Some(token) => address_with(url, &[("token", token.expose_secret())]).into(),
            None => url.into(),
        }
    }

    /// Refuses what comes from elsewhere, or does not know the token.
    pub(in crate::providers) fn check(&self, raw: &RawWebhook) -> Result<(), Rejected> {
        let knows = |address: IpAddr| self.sources.iter().any(|source| source.contains(&address.to_canonical()));
        if self.names_sources() && !raw.source.is_some_and(knows) {
            return Err(Rejected::WrongSource);
        }
        let Some(token) = &self.token else { return Ok(()) };
        let shown = token_of(raw).ok_or_else(|| Rejected::Unsigned("`token` in the address".to_owned()))?;
        match bool::from(token.expose_secret().as_bytes().ct_eq(shown.as_bytes())) {
            true => Ok(()),
            false => Err(Rejected::WrongSecret),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::super::testing::webhook, *};

    #[test]
    fn what_comes_from_elsewhere_is_refused() {
        let gate = Gate::new(vec!["192.0.2.0/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()], None);
        let check = |source: Option<&str>| {
            let mut raw = webhook("http://a/", &[], b"");
            raw.source = source.map(|source| source.parse().unwrap());
            gate.check(&raw)
        };
        for source in ["192.0.2.7", "::ffff:192.0.2.7", "2001:db8::1"] {
            assert_eq!(check(Some(source)), Ok(()), "{source}");
        }
        assert_eq!(check(Some("192.0.3.7")), Err(Rejected::WrongSource));
        assert_eq!(check(None), Err(Rejected::WrongSource));
    }

    #[test]
    fn a_second_secret_must_be_in_the_address() {
        let gate = Gate::new(Vec::new(), Some("second".into()));
        assert_eq!(gate.check(&webhook("http://a/?token=second", &[], b"")), Ok(()));
        assert_eq!(gate.check(&webhook("http://a/?token=first", &[], b"")), Err(Rejected::WrongSecret));
        assert!(matches!(gate.check(&webhook("http://a/", &[], b"")), Err(Rejected::Unsigned(_))));
    }
}
