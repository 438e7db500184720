//! The page for people: the live inbox, and the operator's console. It is a single-page application on the GraphQL API;
//! `web` has its source, and `scripts/update-assets` builds its files.

use std::sync::Arc;

use axum::{Router, extract::State, routing::get};

use crate::{
    app::App,
    domain::EmailDomain,
    http::{Asset, asset_routes, method_not_allowed, strict_page},
};

const ASSETS: [Asset; 3] = [
    Asset { name: "app.js", content: include_bytes!("../../assets/web/app.js") },
    Asset { name: "app.css", content: include_bytes!("../../assets/web/app.css") },
    Asset { name: "icon.svg", content: include_bytes!("../../assets/web/icon.svg") },
];
const PAGE: &str = include_str!("../../assets/web/index.html");
/// What the page has about registration until the server writes its own.
const REGISTRATION: &str = r#"<meta name="registration" content="open" data-domains="">"#;

/// The addresses of the application's screens, as `web/src/router.ts` has them.
const SCREENS: [&str; 18] = [
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
    "/console/invitations",
    "/console/blocked-senders",
];

/// The page at each of its addresses, and its files.
pub fn page_routes() -> Router<Arc<App>> {
    SCREENS.iter().fold(asset_routes("/assets", &ASSETS), |router, screen| {
        let page = async |State(app): State<Arc<App>>| strict_page(page_of(&app));
        router.route(screen, get(page).fallback(method_not_allowed))
    })
}

/// The page with who may make an account, so that it does not have to ask. What is written has no characters that HTML
/// knows.
fn page_of(app: &App) -> String {
    let policy = app.registration_policy().as_str();
    let domains: Vec<_> = app.allowed_email_domains().iter().map(EmailDomain::as_str).collect();
    let domains = domains.join(" ");
    PAGE.replacen(
        REGISTRATION,
        &format!(r#"<meta name="registration" content="{policy}" data-domains="{domains}">"#),
        1,
    )
}
