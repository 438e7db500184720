//! One-time codes: reading them from the texts of messages.
mod judge;
mod lexicon;
mod normal;
pub mod reader;
mod scan;
mod service;
