//! SMS providers: a raw webhook goes in, neutral messages and delivery states come out.
//!
//! No web framework is used here, and no clock: an adapter is a function of its secret, its configuration, the
//! request and the time that it is given.
//!
//! In reading order: [`Provider`] (`provider.rs`) is what an adapter implements, with the building blocks of `kit`;
//! `unsigned.rs` implements it for providers that sign nothing; [`Kind`] (`kind.rs`) describes an adapter to
//! operators; `registry.rs` lists the kinds; [`Adapter`] (`adapter.rs`) is the adapter of one account. Then come the
//! adapters themselves, among them `generic`, which is configured instead of programmed.
//!
//! Verification cannot be forgotten: [`Provider::parse`] takes a [`Verified`], and the only ways to make one are those
//! of `kit/verified.rs`.
//!
//! # Adding a provider
//!
//! A provider that posts forms or JSON and signs them in a common way needs no code: write a preset for the generic
//! adapter (`generic/presets.json`), and it is a kind like any other.
//!
//! Otherwise, add a module here and its `KIND` to the list in `registry.rs`. The module has
//!
//! 1. documentation: what the provider posts, what it signs, and which documentation says so;
//! 2. `KIND`: its name, what its secret is, its settings;
//! 3. a type that implements [`Provider`]:
//!    - `verify` shows that the raw bytes came from the provider, with a constructor of [`Verified`]. Reject a missing
//!      header, take the algorithm from the account and never from the request, and compare times with `now`.
//!    - `parse` reads the verified webhook item by item with `Form` or `JsonNode`, which name the invalid field. It
//!      must not panic, whatever the bytes: a property test tries.
//!    - `ack` is the response, where it is not 200 and `OK`. Some providers send the body to the sender as an SMS.
//!    - `compose` is the inverse: the webhook that the provider would send, signed. `otpwire simulate` posts it, and
//!      the tests of the adapter use it;
//! 4. tests: published signature vectors, and what is special about the provider. What all adapters have in common
//!    (tampering, wrong keys, stale timestamps, truncated bodies, random bytes) is tested by `tests.rs` and
//!    `tests/it/gateways.rs` for every registered kind. If its accounts need more than a secret, describe them in
//!    `tests/data/provider-samples.json`.

mod adapter;
mod kind;
mod kit;
mod provider;
mod registry;
mod unsigned;

mod africastalking;
mod aws_sns;
mod bandwidth;
mod bird;
mod clicksend;
mod elks46;
mod gatewayapi;
mod generic;
mod httpsms;
mod infobip;
mod jasmin;
mod kannel;
mod messagebird;
mod plivo;
pub mod sandbox;
mod seven;
mod signalwire;
mod sinch;
mod sinch_conversation;
mod sms_gateway_android;
mod telnyx;
mod textbee;
pub mod twilio;
mod vonage;
mod vonage_sms;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub(crate) use self::kit::join_texts;
pub use self::{
    adapter::Adapter,
    kind::Kind,
    kit::{
        Ack, CommonSettings, Draft, Endpoint, Item, Malformed, ParsedWebhook, RawWebhook, Rejected, ReplayKey, Verified,
    },
    provider::Provider,
    registry::{find_kind, kinds},
};
use self::{
    kind::Constructor,
    unsigned::{Unsigned, UnsignedProvider},
};
