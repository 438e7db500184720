//! otpwire receives SMS on disposable phone numbers and shows them to their renter within milliseconds.
//!
//! ```text
//! provider ──HTTP──▶ webhooks ─▶ providers ──▶ app::receiving ──▶ store ──▶ bus
//!                                verify, parse     route, store    commit    notify
//! client ◀─WS/SSE── graphql · rest ◀────────── app::watching ◀────────────────┘
//!                                             live; catches up from the store
//! ```
//!
//! The modules, in reading order:
//!
//! - [`app`]: use cases, by subject. Every rule lives here, once. Start with [`app::receiving`] and [`app::watching`].
//! - [`webhooks`], [`graphql`], [`rest`]: the APIs. They decode, call one use case, and encode. [`http`] is what they
//!   share. [`pages`] is the page for people, which uses them; [`jobs`] calls use cases on timers.
//! - [`domain`]: values and the rules that need nothing else, among them reading one-time codes ([`domain::otp`]).
//! - [`store`]: the database. [`bus`]: change notification. [`providers`]: one adapter per SMS provider. [`limiter`]:
//!   rate limits. [`mail`], [`fetch`]: outgoing mail and requests.
//! - [`cli`], [`server`], [`config`], [`telemetry`]: the program around it.
//! - [`clock`], [`random`], `jwt`, `coalescer`, [`log_throttle`], [`fault_injection`], [`tracer`]: what everything may
//!   use.
//!
//! Imports point one way only, and no files import each other, directly or in a circle; `tests/it/layering.rs` proves
//! it:
//!
//! `main → cli → server → telemetry → config → { webhooks, graphql, rest, pages, jobs } → http → app → { store, bus,
//! providers, limiter, mail, fetch } → domain → tracer → { clock, random, jwt, coalescer, log_throttle,
//! fault_injection }`

// They panic when the reader of a pipe has gone; see cli::terminal.
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod app;
pub mod bus;
pub mod cli;
pub mod clock;
mod coalescer;
pub mod config;
pub mod domain;
pub mod fault_injection;
pub mod fetch;
pub mod graphql;
pub mod http;
pub mod jobs;
mod jwt;
pub mod limiter;
pub mod log_throttle;
pub mod mail;
pub mod pages;
pub mod providers;
pub mod random;
pub mod rest;
pub mod server;
pub mod store;
pub mod telemetry;
pub mod tracer;
pub mod webhooks;
