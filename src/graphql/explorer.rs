//! The explorer: GraphiQL. `scripts/update-assets` tells where the files come from.

use std::sync::Arc;

use axum::{
    Router,
    http::{HeaderMap, header},
    response::Response,
};

use crate::{
    app::App,
    http::{Asset, asset_routes, page as page_of},
};

const ASSETS: [Asset; 3] = [
    Asset { name: "explorer.js", content: include_bytes!("../../assets/explorer/explorer.js") },
    Asset { name: "explorer.css", content: include_bytes!("../../assets/explorer/explorer.css") },
    Asset { name: "worker.js", content: include_bytes!("../../assets/explorer/worker.js") },
];
const PAGE: &str = include_str!("../../assets/explorer/index.html");

/// Whether a request comes from somebody's browser: it asks for a page.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// The page.
pub(super) fn page() -> Response {
    page_of(PAGE)
}

/// The files that the page loads.
pub fn explorer_routes() -> Router<Arc<App>> {
    asset_routes("/graphql/assets", &ASSETS)
}
