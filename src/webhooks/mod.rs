//! Webhooks: what SMS providers call with messages and delivery reports.
//!
//! A webhook is verified, parsed, received and acknowledged, in that order; nothing of it is stored before it is
//! verified. In reading order:
//!
//! 1. `routes`: the addresses, and their description in the OpenAPI document.
//! 2. `request`: from an HTTP request to the webhook of one provider account, and from the result to a response.
//! 3. `process`: from the webhook to its messages and reports being committed.

mod process;
mod request;
mod routes;

pub use request::{MAX_BODY, WebhookOptions};
pub use routes::{openapi, webhook_routes};
