//! The explorer: GraphiQL. `scripts/update-assets` builds its files.

use std::sync::Arc;

use axum::{Router, response::Response};

use crate::{
    app::App,
    http::{Asset, asset_routes, page as page_of},
};

const ASSETS: [Asset; 3] = [
    Asset { name: "explorer.js", content: include_bytes!("../../../assets/explorer/explorer.js") },
    Asset { name: "explorer.css", content: include_bytes!("../../../assets/explorer/explorer.css") },
    Asset { name: "worker.js", content: include_bytes!("../../../assets/explorer/worker.js") },
];
const PAGE: &str = include_str!("../../../assets/explorer/index.html");

/// The page.
pub(super) fn page() -> Response {
    page_of(PAGE)
}

/// The files that the page loads.
pub fn explorer_routes() -> Router<Arc<App>> {
    asset_routes("/graphql/assets", &ASSETS)
}
