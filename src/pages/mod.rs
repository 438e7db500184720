//! The page for people: the live inbox, and the operator's console. It is a single-page application on the GraphQL API;
//! `web` has its source, and `scripts/update-assets` builds its files.

use std::sync::Arc;

use axum::{Router, routing::get};

use crate::{
    app::App,
    http::{Asset, asset_routes, method_not_allowed, strict_page},
};

const ASSETS: [Asset; 3] = [
    Asset { name: "app.js", content: include_bytes!("../../assets/web/app.js") },
    Asset { name: "app.css", content: include_bytes!("../../assets/web/app.css") },
    Asset { name: "icon.svg", content: include_bytes!("../../assets/web/icon.svg") },
];
const PAGE: &str = include_str!("../../assets/web/index.html");

/// The addresses of the application's screens, as `web/src/router.ts` has them.
const SCREENS: [&str; 16] = [
    "/",
    "/numbers",
    "/account",
    "/sign-in",
    "/register",
    "/verify-email",
    "/forgot-password",
    "/reset-password",
    "/console",
    "/console/providers",
    "/console/providers/{id}",
    "/console/numbers",
    "/console/messages",
    "/console/users",
    "/console/audit",
    "/console/patterns",
];

/// The page at each of its addresses, and its files.
pub fn page_routes() -> Router<Arc<App>> {
    SCREENS.iter().fold(asset_routes("/assets", &ASSETS), |router, screen| {
        router.route(screen, get(async || strict_page(PAGE)).fallback(method_not_allowed))
    })
}
