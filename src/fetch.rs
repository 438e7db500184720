//! HTTP requests to providers. Callers validate the addresses.

use std::{collections::HashMap, sync::Arc, time::Duration};

use moka::future::Cache;
use reqwest::{Client, ClientBuilder, redirect::Policy};
use rustls::{ClientConfig, RootCertStore};
use url::{Host, Url};

use crate::domain::{Error, Result};

/// How long a provider may take to respond.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The largest response, in bytes: a certificate has 2 to 4 KiB.
const MAX_SIZE: usize = 64 * 1024;
/// How many responses are cached, and for how long.
const CACHE_SIZE: u64 = 100;
const CACHE_TIME: Duration = Duration::from_secs(24 * 3600);

/// Fetches from providers.
#[derive(Clone, Debug)]
pub enum Fetcher {
    /// Over HTTPS, with a cache by address.
    Https(Client, Cache<Url, Arc<[u8]>>),
    /// From memory, for tests: the content of each address.
    Memory(Arc<HashMap<Url, Vec<u8>>>),
}

impl Fetcher {
    /// A fetcher over HTTPS. It follows no redirects, because only the original address was validated.
    ///
    /// # Errors
    /// If TLS cannot be set up.
    pub fn https() -> Result<Self> {
        let client = client()?.redirect(Policy::none()).https_only(true).timeout(TIMEOUT).build();
        Ok(Self::Https(
            client.map_err(Error::internal)?,
            Cache::builder().max_capacity(CACHE_SIZE).time_to_live(CACHE_TIME).build(),
        ))
    }

    /// The content of an address, from the cache where possible.
    ///
    /// # Errors
    /// `UNAVAILABLE` if there is no successful response.
    pub async fn get(&self, url: &Url) -> Result<Arc<[u8]>> {
        match self {
            Self::Https(client, cache) => {
                let fetched = cache.try_get_with(url.clone(), read(client, url)).await;
                fetched.map_err(|error| Error::clone(&error))
            }
            Self::Memory(contents) => {
                let bytes = contents.get(url).ok_or_else(|| Error::unavailable("there is nothing at this address"))?;
                Ok(bytes.as_slice().into())
            }
        }
    }

    /// Calls an address for its effect, past the cache.
    ///
    /// # Errors
    /// `UNAVAILABLE` if there is no successful response.
    pub async fn visit(&self, url: &Url) -> Result<()> {
        match self {
            Self::Https(client, _) => read(client, url).await.map(drop),
            Self::Memory(_) => self.get(url).await.map(drop),
        }
    }
}

/// The builder of every HTTP client of this program. The certificate authorities are part of the binary, so the machine
/// needs none.
///
/// # Errors
/// If TLS cannot be set up.
pub fn client() -> Result<ClientBuilder> {
    let roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let tls = tls.with_safe_default_protocol_versions().map_err(Error::internal)?;
    let tls = tls.with_root_certificates(roots).with_no_client_auth();
    Ok(Client::builder().tls_backend_preconfigured(tls))
}

/// Whether an address is on this machine: a configured proxy would not find it.
#[must_use]
pub fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

async fn read(client: &Client, url: &Url) -> Result<Arc<[u8]>> {
    let mut response = client.get(url.clone()).send().await.map_err(unavailable)?;
    if !response.status().is_success() {
        return Err(Error::unavailable(format!(
            "{} answered {}",
            url.host_str().unwrap_or_default(),
            response.status()
        )));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unavailable)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MAX_SIZE {
            return Err(Error::unavailable("the answer is too long"));
        }
    }
    Ok(bytes.into())
}

/// The address may contain a token, and errors are logged.
fn unavailable(error: reqwest::Error) -> Error {
    Error::unavailable(error.without_url())
}
