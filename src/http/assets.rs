//! Pages for people and the files that they load, from inside the binary: they work without the
//! internet and under a strict content security policy.

use std::sync::Arc;

use axum::{
    Router,
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};

use super::method_not_allowed;
use crate::app::App;

/// Scripts come from here alone. Both pages set styles from their scripts, and their style sheets carry
/// fonts and pictures.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
const NO_SNIFFING: (HeaderName, HeaderValue) = (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));

/// A file that a page loads.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// The last part of its path, which tells its type.
    pub name: &'static str,
    /// What is in it.
    pub content: &'static [u8],
}

impl Asset {
    fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self.name.rsplit_once('.') {
            Some((_, "js")) => "text/javascript; charset=utf-8",
            Some((_, "css")) => "text/css; charset=utf-8",
            _ => "application/octet-stream",
        })
    }
}

/// A page.
pub fn page(html: &'static str) -> Response {
    let headers: [(HeaderName, HeaderValue); 4] = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        NO_SNIFFING,
    ];
    (headers, html).into_response()
}

/// Files under a folder.
pub fn asset_routes(folder: &str, assets: &[Asset]) -> Router<Arc<App>> {
    assets.iter().fold(Router::new(), |router, &asset| {
        let file = get(async move || {
            let headers = [
                (header::CONTENT_TYPE, asset.content_type()),
                (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600")),
                NO_SNIFFING,
            ];
            (headers, asset.content)
        });
        router.route(&format!("{folder}/{}", asset.name), file.fallback(method_not_allowed))
    })
}
