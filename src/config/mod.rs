//! Configuration: a file, then the environment, into one validated struct. Nothing else reads the environment.
//!
//! Every setting has a default that runs the embedded platform on a laptop. `otpwire.example.toml` lists them all.
//!
//! In reading order: `raw` has the settings as the operator writes them, with their `names`; `source` reads them;
//! `validated` has the [`Config`] that the program uses, and the rules that lead from one to the other; `addresses`,
//! `keys`, `mail`, `people` and `traces` are parts of it.

mod addresses;
mod keys;
mod mail;
mod names;
mod people;
mod raw;
mod source;
mod traces;
mod validated;

pub use addresses::{AllowedOrigins, parse_listen_address};
pub use keys::{KeyConfig, RootKeySource};
pub use mail::MailConfig;
pub use raw::LogFormat;
pub use traces::TraceConfig;
pub use validated::Config;
