//! Pages. They need neither the internet nor exceptions from a strict content security policy.

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};

/// Scripts and workers only from this origin. The pages set styles from their scripts, and their style sheets embed
/// fonts and images.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; \
     img-src 'self' data:; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
/// The same for pages that set no styles from scripts.
const STRICT_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
);
pub(super) const NO_SNIFFING: (HeaderName, HeaderValue) =
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));

/// No browser may take a response for anything but what its content type says.
pub(super) fn forbid_sniffing(response: &mut Response) {
    let (name, value) = NO_SNIFFING;
    response.headers_mut().insert(name, value);
}

/// The response with a page that was made by others, and sets styles from its scripts.
pub fn page(html: &'static str) -> Response {
    with_policy(html, POLICY)
}

/// The response with a page of our own.
pub fn strict_page(html: impl IntoResponse) -> Response {
    with_policy(html, STRICT_POLICY)
}

fn with_policy(html: impl IntoResponse, policy: HeaderValue) -> Response {
    let headers: [(HeaderName, HeaderValue); 5] = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        // A page of another version would load scripts of this one.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        NO_SNIFFING,
    ];
    (headers, html).into_response()
}
