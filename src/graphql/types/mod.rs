//! Object, input and enum types. An object type is a view: it wraps a value of the domain.

pub(super) mod api_key;
pub(super) mod audit;
pub(super) mod blocked_sender;
pub(super) mod delivery_report;
pub(super) mod invitation;
pub(super) mod lease;
pub(super) mod message;
pub(super) mod node;
pub(super) mod number;
pub(super) mod otp_pattern;
pub(super) mod pool;
pub(super) mod provider;
pub(super) mod provider_kind;
pub(super) mod scalars;
pub(super) mod session;
pub(super) mod stats;
pub(super) mod timeline;
pub(super) mod user;
