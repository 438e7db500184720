//! The REST API, under `/v1`.
//!
//! A handler decodes the request, calls one use case of [`App`](crate::app::App) and encodes the result. In reading
//! order:
//!
//! 1. `auth`, `users`, `numbers`, `pools`, `leases`, `lease_messages`, `messages`, `live`, `timelines`,
//!    `invitations`, `blocked_senders`: the handlers, by path. `live` waits for messages and streams them.
//! 2. `extract`: the extractors that read requests; `schema`: the bodies that handlers share, and some
//!    with the command line.
//! 3. `routes`: all of them in one router; `accept`: the media types that they answer with.
//! 4. `browser_session`: sessions in a cookie, for the page of this server.
//! 5. `openapi`: the OpenAPI document, from the annotations of the handlers; `docs`: it and its page, served.

mod accept;
mod auth;
mod blocked_senders;
mod browser_session;
mod docs;
mod extract;
mod invitations;
mod lease_messages;
mod leases;
mod live;
mod messages;
mod numbers;
mod openapi;
mod pools;
mod routes;
mod schema;
mod timelines;
mod users;

pub use browser_session::{session_routes, sign_in_routes};
pub use docs::docs_routes;
pub use extract::IDEMPOTENCY_KEY;
pub use live::{CURSOR, LAST_EVENT_ID};
pub use openapi::openapi;
pub use routes::api_routes;
pub(crate) use schema::{ApiKey, PhoneNumber, Pool, Timeline, User};
