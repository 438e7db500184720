//! Who sent a request, and from which address.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request},
    http::{HeaderMap, HeaderName, header, request::Parts},
};
use ipnet::IpNet;

use super::ErrorResponse;
use crate::{
    app::App,
    domain::{Caller, Client, Error, ErrorCode, Result},
};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// How much of a `User-Agent` header is kept, in characters.
const MAX_USER_AGENT: usize = 255;

/// Who sent a request: determined once, by the middleware [`super::rate_limit`]. Handlers take it as an extractor.
#[derive(Clone, Debug)]
pub struct RequestIdentity {
    caller: Result<Caller, Arc<Error>>,
    /// Whether the request has counted against the caller's limit.
    pub is_counted: bool,
    /// The address and the program of the client.
    pub client: Arc<Client>,
}

impl RequestIdentity {
    /// Authenticates the `Authorization` header of a client's request.
    pub(super) async fn of(app: &App, headers: &HeaderMap, client: Client) -> Self {
        let caller = authenticate(app, headers, &client).await;
        Self { caller: caller.map_err(Arc::new), is_counted: true, client: Arc::new(client) }
    }

    /// A guest, whatever the request says: for what needs no caller.
    pub(super) fn of_guest(client: Client) -> Self {
        Self { caller: Ok(Caller::Guest), is_counted: true, client: Arc::new(client) }
    }

    /// The caller. A request without a credential is a guest's.
    ///
    /// # Errors
    /// Why the credential was not accepted.
    pub fn caller(&self) -> Result<Caller> {
        self.caller.as_ref().copied().map_err(|error| Error::clone(error))
    }

    /// The caller whose rate limit applies: the one with an invalid credential is limited as a guest.
    pub(super) fn limited_caller(&self) -> Caller {
        *self.caller.as_ref().unwrap_or(&Caller::Guest)
    }
}

impl<S: Sync> FromRequestParts<S> for RequestIdentity {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ErrorResponse> {
        let identity = parts.extensions.get::<Self>().cloned();
        identity.ok_or_else(|| ErrorResponse(Error::internal("the route has no rate limit middleware")))
    }
}

async fn authenticate(app: &App, headers: &HeaderMap, client: &Client) -> Result<Caller> {
    match headers.get(header::AUTHORIZATION) {
        None => Ok(Caller::Guest),
        Some(value) => {
            let invalid = || Error::new(ErrorCode::Unauthenticated, "the Authorization header must be `Bearer …`");
            let value = value.to_str().map_err(|_| invalid())?;
            app.authenticate(bearer_token(value).ok_or_else(invalid)?, client).await
        }
    }
}

/// The token of `Bearer …` (RFC 6750, 2.1); the case of the scheme does not matter.
#[must_use]
pub fn bearer_token(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|token| !token.is_empty())
}

/// The address of the client that sent a request, and the program it says it is.
pub fn client_of(request: &Request, proxies: &[IpNet]) -> Client {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let user_agent = request.headers().get(header::USER_AGENT).map(|value| {
        let text = String::from_utf8_lossy(value.as_bytes());
        text.chars().filter(|c| !c.is_control()).take(MAX_USER_AGENT).collect()
    });
    Client { address: peer.map(|peer| client_address(peer, request.headers(), proxies)), user_agent }
}

/// Follows `X-Forwarded-For` from the peer of the connection backwards, for as long as the address before is that of a
/// trusted proxy.
fn client_address(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| proxies.iter().any(|proxy| proxy.contains(&address));
    let mut address = peer.to_canonical();
    // A client may have put bytes into a line that are not text; the proxies' entries are still readable.
    let lines = headers.get_all(FORWARDED_FOR).iter().map(|line| String::from_utf8_lossy(line.as_bytes()));
    let lines: Vec<_> = lines.collect();
    for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')).map(str::trim) {
        if !is_trusted(address) {
            break;
        }
        // Some proxies add the port.
        let plain = hop.parse::<IpAddr>().or_else(|_| hop.parse::<SocketAddr>().map(|hop| hop.ip()));
        match plain {
            Ok(plain) => address = plain.to_canonical(),
            // The proxy does not know its client, so the proxy itself counts as the client.
            Err(_) => break,
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forwarded_addresses_count_only_from_trusted_proxies() {
        let proxies: Vec<IpNet> = ["10.0.0.0/8", "fd00::/8"].iter().map(|net| net.parse().unwrap()).collect();
        for (peer, forwarded, expected) in [
            ("203.0.113.7", "", "203.0.113.7"),
            ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
            ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "192.0.2.66, 198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "192.0.2.66, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
            ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
            ("fd00::1", "[2001:db8::1]:4711", "2001:db8::1"),
            ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "unknown", "10.0.0.1"),
            ("10.0.0.1", "198.51.100.1, nonsense", "10.0.0.1"),
            ("10.0.0.1", "", "10.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(FORWARDED_FOR, forwarded.parse().unwrap());
            let found = client_address(peer.parse().unwrap(), &headers, &proxies);
            assert_eq!(found, expected.parse::<IpAddr>().unwrap(), "{peer} {forwarded}");
        }
    }
}
