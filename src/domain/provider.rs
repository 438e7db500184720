//! Accounts at SMS providers.

use std::{fmt, str::FromStr};

use super::ProviderId;

/// Which adapter reads what a provider posts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProviderKind {
    /// Our own format, for development, demonstrations and tests.
    Sandbox,
    /// Twilio Programmable Messaging.
    Twilio,
}

impl ProviderKind {
    /// Every kind.
    pub const ALL: &[Self] = &[Self::Sandbox, Self::Twilio];

    /// The word that the database keeps.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Twilio => "twilio",
        }
    }

    /// Where the provider's API is, unless an account says otherwise.
    #[must_use]
    pub fn api_endpoint(self) -> &'static str {
        match self {
            Self::Sandbox => "http://localhost",
            Self::Twilio => "https://api.twilio.com",
        }
    }
}

impl fmt::Display for ProviderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ProviderKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|kind| kind.as_str()).collect();
            format!("`{text}` is not a kind of provider: use {}", known.join(" or "))
        })
    }
}

/// An account at a provider, as the operator set it up, without its secrets.
#[derive(Clone, Debug)]
pub struct ProviderAccount {
    /// The id.
    pub id: ProviderId,
    /// Which adapter reads it.
    pub kind: ProviderKind,
    /// The operator's own name for it, which webhooks carry as `?provider=`.
    pub name: String,
    /// Whether its webhooks are taken.
    pub is_active: bool,
}
