//! Kinds of providers, as operators choose them.

use std::fmt;

use super::{Provider, kit::Setup};
use crate::domain::{ProviderKind, Result};

/// A kind of provider, as an operator chooses it.
#[derive(Debug)]
pub struct Kind {
    /// Its identifier: `twilio`.
    pub word: &'static str,
    /// Its name: `Twilio`.
    pub title: &'static str,
    /// What the account's secret is.
    pub secret: &'static str,
    /// Its own settings with their descriptions. [`CommonSettings::SETTINGS`] come on top.
    ///
    /// [`CommonSettings::SETTINGS`]: super::CommonSettings::SETTINGS
    pub settings: &'static [(&'static str, &'static str)],
    /// The URL of the provider's API.
    pub api_endpoint: &'static str,
    pub(super) open: Constructor,
}

impl Kind {
    /// The identifier as a domain value.
    #[must_use]
    pub fn kind(&self) -> ProviderKind {
        ProviderKind::of(self.word)
    }

    /// Whether it is a preset of the generic adapter.
    #[must_use]
    pub fn is_preset(&self) -> bool {
        matches!(self.open, Constructor::Preset(_))
    }
}

/// How the adapter of an account is made.
pub(super) enum Constructor {
    /// The kind has code of its own.
    Code(fn(Setup) -> Result<Box<dyn Provider>>),
    /// The kind is a configuration of the generic adapter.
    Preset(Box<dyn Fn(Setup) -> Result<Box<dyn Provider>> + Send + Sync>),
}

impl Constructor {
    pub(super) fn open(&self, setup: Setup) -> Result<Box<dyn Provider>> {
        match self {
            Self::Code(open) => open(setup),
            Self::Preset(open) => open(setup),
        }
    }
}

impl fmt::Debug for Constructor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Code(_) => "Code",
            Self::Preset(_) => "Preset",
        })
    }
}
