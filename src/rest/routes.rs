//! The routes under `/v1`.

use std::sync::Arc;

use axum::{Router, body::Bytes, http::header, middleware::from_fn, routing::get};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use super::{accept::check_accept, auth, lease_messages, leases, live, messages, numbers, pools, users};
use crate::{app::App, http::method_not_allowed};

/// Every route but that of the OpenAPI document.
pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .merge(auth::routes())
        .merge(users::routes())
        .merge(numbers::routes())
        .merge(pools::routes())
        .merge(leases::routes())
        .merge(lease_messages::routes())
        .merge(messages::routes())
        .merge(live::routes())
}

/// The routes under `/v1`, and `/v1/openapi.json` with this document.
pub fn api_routes(document: OpenApi) -> Router<Arc<App>> {
    let (router, _) = routes().split_for_parts();
    let json = Bytes::from(document.to_json().unwrap_or_default());
    let document = get(async move || ([(header::CONTENT_TYPE, "application/json")], json.clone()));
    router.route("/v1/openapi.json", document.fallback(method_not_allowed)).layer(from_fn(check_accept))
}
