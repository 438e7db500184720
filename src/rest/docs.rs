//! `/v1/openapi.json`, and the same as a page at `/v1/docs`, with Swagger UI. `scripts/update-assets` says where its
//! files come from. Neither uses up the few requests of a guest, who reads them to learn how to make one.

use std::sync::Arc;

use axum::{Router, body::Bytes, http::header, middleware::from_fn, routing::get};
use utoipa::openapi::OpenApi;

use super::accept::check_accept;
use crate::{
    app::App,
    http::{Asset, asset_routes, method_not_allowed, page},
};

const ASSETS: [Asset; 3] = [
    Asset { name: "swagger-ui-bundle.js", content: include_bytes!("../../assets/docs/swagger-ui-bundle.js") },
    Asset { name: "docs.js", content: include_bytes!("../../assets/docs/docs.js") },
    Asset { name: "swagger-ui.css", content: include_bytes!("../../assets/docs/swagger-ui.css") },
];
const PAGE: &str = include_str!("../../assets/docs/index.html");

/// This document, the page that shows it, and the page's files.
pub fn docs_routes(document: OpenApi) -> Router<Arc<App>> {
    let json = Bytes::from(document.to_json().unwrap_or_default());
    let document = get(async move || ([(header::CONTENT_TYPE, "application/json")], json.clone()));
    let document = document.fallback(method_not_allowed).layer(from_fn(check_accept));
    let docs = get(async || page(PAGE)).fallback(method_not_allowed);
    asset_routes("/v1/docs/assets", &ASSETS).route("/v1/docs", docs).route("/v1/openapi.json", document)
}
