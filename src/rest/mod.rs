//! The REST API, under `/v1`.
//!
//! A handler decodes the request, calls one use case of [`App`] and encodes the result. In reading order:
//!
//! 1. `auth`, `users`, `numbers`, `messages`, `live`: the handlers, by path. `live` waits for messages and streams them.
//! 2. `extract`: the extractors that read requests; `schema`: the bodies that handlers share.
//! 3. `openapi`: the document at `/v1/openapi.json`, from the annotations of the handlers; `docs`: the same as a page.

mod auth;
mod docs;
mod extract;
mod live;
mod messages;
mod numbers;
mod openapi;
mod schema;
mod users;

use std::sync::Arc;

use axum::{Router, body::Bytes, http::header, routing::get};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

pub use docs::docs_routes;
pub use extract::IDEMPOTENCY_KEY;
pub use live::{CURSOR, LAST_EVENT_ID};
pub use openapi::openapi;

use crate::{
    app::App,
    http::{ErrorResponse, method_not_allowed},
};

/// The result of a handler.
type ApiResult<T> = Result<T, ErrorResponse>;

/// Every route but that of the OpenAPI document.
fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .merge(auth::routes())
        .merge(users::routes())
        .merge(numbers::routes())
        .merge(messages::routes())
        .merge(live::routes())
}

/// The routes under `/v1`, and `/v1/openapi.json` with this document.
pub fn api_routes(document: OpenApi) -> Router<Arc<App>> {
    let (router, _) = routes().split_for_parts();
    let json = Bytes::from(document.to_json().unwrap_or_default());
    let document = get(async move || ([(header::CONTENT_TYPE, "application/json")], json.clone()));
    router.route("/v1/openapi.json", document.fallback(method_not_allowed))
}
