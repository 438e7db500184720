//! otpwire receives SMS on disposable phone numbers and shows them to their renter within
//! milliseconds.
//!
//! ```text
//! provider ──HTTP──▶ webhooks ─▶ providers ──▶ app::receive ──▶ store ──▶ bus
//!                    verify, parse   route, dedupe   commit     publish
//! client ◀─WS/SSE── graphql · rest ◀─────────── app::watch ◀──────────────┘
//!                                               live; heals from the store
//! ```
//!
//! The modules, in reading order. Imports point one way only, downwards in this list, and a test
//! proves it:
//!
//! `main → cli → server → { webhooks, graphql, rest, jobs } → http → app → { store, bus, providers,
//! limiter, mail, fetch } → domain → { clock, random, jwt, log_throttle, fault_injection }`

pub mod app;
pub mod bus;
pub mod cli;
pub mod clock;
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
pub mod providers;
pub mod random;
pub mod rest;
pub mod server;
pub mod store;
pub mod telemetry;
pub mod webhooks;
