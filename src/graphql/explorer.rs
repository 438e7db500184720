//! The explorer: GraphiQL, from files inside the binary, so that it works without the internet and
//! under a strict content security policy. `scripts/update-explorer` tells where they come from.

use std::sync::Arc;

use axum::{
    Router,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};

use crate::app::App;

/// Scripts come from here alone. GraphiQL sets styles from its scripts, and its style sheet carries
/// its fonts.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// The files: name, type, content.
const ASSETS: [(&str, &str, &[u8]); 6] = [
    ("react.js", SCRIPT, include_bytes!("../../assets/explorer/react.js")),
    ("react-dom.js", SCRIPT, include_bytes!("../../assets/explorer/react-dom.js")),
    ("graphiql.js", SCRIPT, include_bytes!("../../assets/explorer/graphiql.js")),
    ("explorer.js", SCRIPT, include_bytes!("../../assets/explorer/explorer.js")),
    ("graphiql.css", STYLE, include_bytes!("../../assets/explorer/graphiql.css")),
    ("explorer.css", STYLE, include_bytes!("../../assets/explorer/explorer.css")),
];
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const PAGE: &str = include_str!("../../assets/explorer/index.html");

/// Whether a request comes from somebody's browser: it asks for a page.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// The page.
pub(super) fn page() -> Response {
    let headers: [(HeaderName, HeaderValue); 4] = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, PAGE).into_response()
}

/// The files that the page loads.
pub(super) fn asset_routes() -> Router<Arc<App>> {
    ASSETS.iter().fold(Router::new(), |router, &(name, kind, content)| {
        let file = get(async move || {
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
                (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600")),
                (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            ];
            (headers, content)
        });
        router.route(&format!("/graphql/assets/{name}"), file)
    })
}
