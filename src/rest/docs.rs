//! `/v1/docs`: the OpenAPI document as a page, with Swagger UI. `scripts/update-assets` says where the files come from.

use std::sync::Arc;

use axum::{Router, routing::get};

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

/// The page and its files.
pub fn docs_routes() -> Router<Arc<App>> {
    let docs = get(async || page(PAGE)).fallback(method_not_allowed);
    asset_routes("/v1/docs/assets", &ASSETS).route("/v1/docs", docs)
}
