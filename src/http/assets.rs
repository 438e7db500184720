//! Pages for people and the files that they load, from inside the binary: they work without the
//! internet and under a strict content security policy.

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

use super::{Refusal, method_not_allowed};
use crate::{app::App, domain::Error};

/// Scripts and workers come from here alone. Both pages set styles from their scripts, and their style sheets carry
/// fonts and pictures.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; \
     img-src 'self' data:; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
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

/// A file as it goes over the wire.
struct Packed {
    gzip: Bytes,
    /// Changes with the content, so that a browser never mixes the files of two versions. It is a weak one:
    /// packed and plain are not the same bytes (RFC 9110, 8.8.3).
    etag: HeaderValue,
}

impl Packed {
    fn new(asset: Asset) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        // Writing to memory does not fail.
        let gzip = encoder.write_all(asset.content).and_then(|()| encoder.finish()).unwrap_or_default();
        let digest = HEXLOWER.encode(&Sha256::digest(asset.content)[..8]);
        let etag = HeaderValue::from_str(&format!("W/\"{digest}\"")).unwrap_or(HeaderValue::from_static("W/\"\""));
        Self { gzip: gzip.into(), etag }
    }
}

/// Files under a folder. Each is packed when it is first asked for.
pub fn asset_routes(folder: &str, assets: &[Asset]) -> Router<Arc<App>> {
    assets.iter().fold(Router::new(), |router, &asset| {
        let packed: Arc<OnceCell<Packed>> = Arc::default();
        let file = get(async move |headers: HeaderMap| {
            let pack = || async move { tokio::task::spawn_blocking(move || Packed::new(asset)).await };
            match packed.get_or_try_init(pack).await {
                Ok(packed) => respond(asset, packed, &headers),
                Err(error) => Refusal(Error::internal(error)).into_response(),
            }
        });
        router.route(&format!("{folder}/{}", asset.name), file.fallback(method_not_allowed))
    })
}

fn respond(asset: Asset, packed: &Packed, headers: &HeaderMap) -> Response {
    let common = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::ETAG, packed.etag.clone()),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
        NO_SNIFFING,
    ];
    let names = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if names(header::IF_NONE_MATCH).split(',').any(|tag| tag.trim() == packed.etag) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let content_type = [(header::CONTENT_TYPE, asset.content_type())];
    let accepts_gzip = names(header::ACCEPT_ENCODING).split(',').any(|coding| {
        let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim() == "gzip" && !matches!(quality.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    });
    match accepts_gzip {
        true => (common, content_type, [(header::CONTENT_ENCODING, "gzip")], packed.gzip.clone()).into_response(),
        false => (common, content_type, asset.content).into_response(),
    }
}
