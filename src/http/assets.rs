//! The files that pages load. They are part of the binary.

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

use super::{ErrorResponse, html::NO_SNIFFING, method_not_allowed};
use crate::{app::App, domain::Error};

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
