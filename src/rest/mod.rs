//! Face 2: REST, under `/v1`.
//!
//! Handlers decode, call one verb and encode. Their annotations are the description of the API, which
//! `describe` completes with what holds for all of them.
//!
//! - `auth`, `users`, `numbers`, `messages`, `live`: the paths.
//! - `schema`: what they read and write; `extract`: how they read it.
//! - `describe`: `/v1/openapi.json`; `docs`: the same as a page.

mod auth;
mod describe;
mod docs;
mod extract;
mod live;
mod messages;
mod numbers;
mod schema;
mod users;

use std::sync::Arc;

use axum::{Router, http::header, response::IntoResponse, response::Response, routing::get};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

pub use describe::describe;
pub use docs::docs_routes;
pub use extract::IDEMPOTENCY_KEY;
pub use live::{CURSOR, LAST_EVENT_ID};

use crate::{
    app::App,
    http::{ErrorResponse, method_not_allowed},
};

/// What a handler answers.
type Reply<T> = Result<T, ErrorResponse>;

/// Every path but the description of them.
fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .merge(auth::routes())
        .merge(users::routes())
        .merge(numbers::routes())
        .merge(messages::routes())
        .merge(live::routes())
}

/// `/v1`, and `/v1/openapi.json` that describes it.
pub fn api_routes(description: OpenApi) -> Router<Arc<App>> {
    let (router, _) = routes().split_for_parts();
    let text: Arc<str> = description.to_json().unwrap_or_default().into();
    let description = get(async move || description_of(&text)).fallback(method_not_allowed);
    router.route("/v1/openapi.json", description)
}

fn description_of(text: &str) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text.to_owned()).into_response()
}
