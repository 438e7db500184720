//! The generic adapter: a provider described by configuration.
use super::{Kind, Opener, Provider, kit::Setup};
use crate::domain::{Error, Result};

pub(super) const KIND: Kind = Kind {
    word: "generic",
    title: "Generic",
    secret: "what webhooks are signed with",
    settings: &[],
    api_endpoint: "http://localhost",
    open: Opener::Code(|_| Err(Error::internal("not written yet"))),
};

#[derive(Debug)]
pub(super) struct Preset;

pub(super) fn presets() -> impl Iterator<Item = &'static Kind> {
    std::iter::empty()
}

pub(super) fn open_preset(_: &Preset, _: Setup) -> Result<Box<dyn Provider>> {
    Err(Error::internal("not written yet"))
}
