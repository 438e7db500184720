//! The building blocks of adapters, in reading order:
//!
//! - the request: [`RawWebhook`] (`webhook.rs`), strict readers of its body (`form.rs`, `json.rs`), and what they
//!   share (`encoding.rs`, `charset.rs`, `gsm.rs`, `cut.rs`, `time.rs`, `udh.rs`);
//! - verification: [`Verified`] and its constructors (`verified.rs`), which rest on `hash.rs`, `jwt.rs`,
//!   `basic_auth.rs`, `tolerance.rs` and `guard.rs`, and fail with [`Rejected`] (`rejected.rs`);
//! - parsing: [`Item`] and [`Malformed`] (`parsed.rs`), with the fields that every provider has (`required.rs`,
//!   `fields.rs`, `payload.rs`), and the response (`ack.rs`);
//! - the account: [`Setup`] (`setup.rs`), [`CommonSettings`] (`common.rs`), `setting.rs`;
//! - simulation: [`Draft`] and the constructors of webhooks (`compose.rs`, `url.rs`).

mod ack;
mod basic_auth;
mod charset;
mod common;
mod compose;
mod cut;
mod encoding;
mod fields;
mod form;
mod gsm;
mod guard;
mod hash;
mod json;
mod jwt;
mod parsed;
mod payload;
mod rejected;
mod required;
mod setting;
mod setup;
mod time;
mod tolerance;
mod udh;
mod url;
mod verified;
mod webhook;

pub(crate) use self::cut::join_texts;
pub use self::{
    ack::Ack,
    common::CommonSettings,
    compose::Draft,
    parsed::{Item, Malformed, ParsedWebhook},
    rejected::Rejected,
    verified::{ReplayKey, Verified},
    webhook::{Endpoint, RawWebhook},
};
pub(super) use self::{
    basic_auth::{BasicAuth, authorization},
    charset::{Charset, decode_gsm, decode_text, decode_unknown},
    encoding::{decode_base64, decode_base64_strict, decode_hex, encode_base64, encode_hex},
    fields::{States, media_file, media_files, message_id, sender, state_of},
    form::Form,
    guard::RequestGuard,
    hash::Hash,
    json::{JsonNode, parse_json},
    jwt::sign_jwt,
    parsed::single,
    payload::payload,
    required::{Required, status_id},
    setting::{read_setting, refuse_setting},
    setup::Setup,
    time::{TimeFormat, read_time, read_utc},
    tolerance::{Tolerance, check_age, check_validity},
    udh::part_from_udh,
    url::with_parameters,
};
