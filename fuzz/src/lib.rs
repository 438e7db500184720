//! Shared by the fuzz targets: an account of every kind of provider, a text format of webhooks, and the invariants of
//! whatever is parsed from one.

pub mod account;
pub mod parsed;
pub mod text;
pub mod webhook;
