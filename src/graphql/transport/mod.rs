//! How requests come in and responses go out.
//!
//! 1. `http`: POST, GET and batches (<https://graphql.github.io/graphql-over-http/draft/>). `accept` negotiates the
//!    format of the response, `request_body` and `response_body` read and write JSON.
//! 2. `streaming`: one HTTP response for the responses of a subscription. `stream_items` says what is sent and when,
//!    `event_stream` and `multipart` how it is written.
//! 3. `websocket`: many operations over one connection.
//! 4. `explorer`: GraphiQL, for browsers.

mod accept;
mod event_stream;
pub(super) mod explorer;
pub(super) mod http;
mod multipart;
mod request_body;
mod response_body;
mod stream_items;
mod streaming;
mod websocket;
