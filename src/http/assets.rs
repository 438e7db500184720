//! Pages and the files that they load. They are part of the binary, and need neither the internet nor exceptions from
//! a strict content security policy.

use std::{io::Write, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use data_encoding::HEXLOWER;
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;

use super::{ErrorResponse, method_not_allowed};
use crate::{app::App, domain::Error};

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
const NO_SNIFFING: (HeaderName, HeaderValue) = (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));

/// Middleware: no browser may take a response for anything but what its content type says.
pub async fn forbid_sniffing(mut response: Response) -> Response {
    let (name, value) = NO_SNIFFING;
    response.headers_mut().insert(name, value);
    response
}

/// A file that a page loads.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// The last segment of its path. The extension decides the content type.
    pub name: &'static str,
    /// The bytes.
    pub content: &'static [u8],
}

impl Asset {
    fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self.name.rsplit_once('.') {
            Some((_, "js")) => "text/javascript; charset=utf-8",
            Some((_, "css")) => "text/css; charset=utf-8",
            Some((_, "svg")) => "image/svg+xml",
            _ => "application/octet-stream",
        })
    }
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

/// A compressed asset.
struct CompressedAsset {
    gzip: Bytes,
    /// A digest of the content, so that a browser never mixes files of two versions. It is weak because the compressed
    /// and the plain response are different bytes (RFC 9110, 8.8.3).
    etag: HeaderValue,
}

impl CompressedAsset {
    fn new(asset: Asset) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        // Writing to memory does not fail.
        let gzip = encoder.write_all(asset.content).and_then(|()| encoder.finish()).unwrap_or_default();
        let digest = HEXLOWER.encode(&Sha256::digest(asset.content)[..8]);
        let etag = HeaderValue::from_str(&format!("W/\"{digest}\"")).unwrap_or(HeaderValue::from_static("W/\"\""));
        Self { gzip: gzip.into(), etag }
    }
}

/// Routes to files under a folder. Each file is compressed on its first request.
pub fn asset_routes(folder: &str, assets: &[Asset]) -> Router<Arc<App>> {
    assets.iter().fold(Router::new(), |router, &asset| {
        let compressed: Arc<OnceCell<CompressedAsset>> = Arc::default();
        let file = get(async move |headers: HeaderMap| {
            let compress = || async move { tokio::task::spawn_blocking(move || CompressedAsset::new(asset)).await };
            match compressed.get_or_try_init(compress).await {
                Ok(compressed) => respond(asset, compressed, &headers),
                Err(error) => ErrorResponse(Error::internal(error)).into_response(),
            }
        });
        router.route(&format!("{folder}/{}", asset.name), file.fallback(method_not_allowed))
    })
}

fn respond(asset: Asset, compressed: &CompressedAsset, headers: &HeaderMap) -> Response {
    let common = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::ETAG, compressed.etag.clone()),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
        NO_SNIFFING,
    ];
    let header = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if header(header::IF_NONE_MATCH).split(',').any(|tag| tag.trim() == compressed.etag) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let content_type = [(header::CONTENT_TYPE, asset.content_type())];
    let accepts_gzip = header(header::ACCEPT_ENCODING).split(',').any(|coding| {
        let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim() == "gzip" && !matches!(quality.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    });
    match accepts_gzip {
        true => (common, content_type, [(header::CONTENT_ENCODING, "gzip")], compressed.gzip.clone()).into_response(),
        false => (common, content_type, asset.content).into_response(),
    }
}
