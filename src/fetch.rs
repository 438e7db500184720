//! Fetching: the few things that a provider has to be asked for. What asks has checked the address.

use std::{collections::HashMap, sync::Arc, time::Duration};

use moka::future::Cache;
use reqwest::{Client, ClientBuilder, redirect::Policy};
use rustls::{ClientConfig, RootCertStore};
use url::Url;

use crate::domain::{Error, Result};

/// How long a provider may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most that is read, in bytes: a certificate has 2 to 4 KiB.
const MAX_SIZE: usize = 64 * 1024;
/// How many answers are remembered, and for how long.
const KEPT: u64 = 100;
const MEMORY: Duration = Duration::from_secs(24 * 3600);

/// What fetches.
#[derive(Clone, Debug)]
pub enum Fetcher {
    /// Over HTTPS. What was fetched is remembered by its address.
    Https(Client, Cache<Url, Arc<[u8]>>),
    /// From memory, for tests: what is at an address.
    Memory(Arc<HashMap<Url, Vec<u8>>>),
}

impl Fetcher {
    /// One that goes out. Redirects are not followed: the address that was checked is the one that is asked.
    ///
    /// # Errors
    /// When the machine cannot do TLS.
    pub fn https() -> Result<Self> {
        let client = client()?.redirect(Policy::none()).https_only(true).timeout(PATIENCE).build();
        Ok(Self::Https(
            client.map_err(Error::internal)?,
            Cache::builder().max_capacity(KEPT).time_to_live(MEMORY).build(),
        ))
    }

    /// What is at an address.
    ///
    /// # Errors
    /// `UNAVAILABLE` when it cannot be had now.
    pub async fn get(&self, url: &Url) -> Result<Arc<[u8]>> {
        match self {
            Self::Https(client, cache) => {
                let fetched = cache.try_get_with(url.clone(), read(client, url)).await;
                fetched.map_err(|error| Error::from_shared(&error))
            }
            Self::Memory(contents) => {
                let bytes = contents.get(url).ok_or_else(|| Error::unavailable("there is nothing at this address"))?;
                Ok(bytes.as_slice().into())
            }
        }
    }

    /// Asks for an address, whatever it answers.
    ///
    /// # Errors
    /// `UNAVAILABLE` when it does not answer that all is well.
    pub async fn visit(&self, url: &Url) -> Result<()> {
        match self {
            Self::Https(client, _) => read(client, url).await.map(drop),
            Self::Memory(_) => self.get(url).await.map(drop),
        }
    }
}

/// What talks HTTP for this program: with the certificate authorities that it was built with, so that it needs none
/// on the machine.
///
/// # Errors
/// When the machine cannot do TLS.
pub fn client() -> Result<ClientBuilder> {
    let roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let tls = tls.with_safe_default_protocol_versions().map_err(Error::internal)?;
    let tls = tls.with_root_certificates(roots).with_no_client_auth();
    Ok(Client::builder().tls_backend_preconfigured(tls))
}

async fn read(client: &Client, url: &Url) -> Result<Arc<[u8]>> {
    let mut answer = client.get(url.clone()).send().await.map_err(away)?;
    if !answer.status().is_success() {
        return Err(Error::unavailable(format!("{} answered {}", url.host_str().unwrap_or_default(), answer.status())));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(away)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MAX_SIZE {
            return Err(Error::unavailable("the answer is too long"));
        }
    }
    Ok(bytes.into())
}

/// An address may have a token in it, and failures are logged.
fn away(error: reqwest::Error) -> Error {
    Error::unavailable(error.without_url())
}
