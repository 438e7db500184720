//! What the fuzz targets share: an account of every kind of provider, webhooks as texts, and what must hold of whatever
//! is read from one.

pub mod account;
pub mod reading;
pub mod text;
pub mod webhook;
