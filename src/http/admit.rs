//! The gate: who asks, from where, and whether they may ask once more.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts, MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use ipnet::IpNet;

use super::{Refusal, bearer};
use crate::{
    app::{App, refuse},
    domain::{Caller, Client, Error, ErrorCode, Result},
    limiter::Decision,
};

/// The headers that tell a client how much more it may ask (specification, 3.2.2).
pub const LIMIT_HEADERS: [HeaderName; 4] = [
    HeaderName::from_static("x-ratelimit-limit"),
    HeaderName::from_static("x-ratelimit-remaining"),
    HeaderName::from_static("x-ratelimit-reset"),
    HeaderName::from_static("x-ratelimit-window"),
];
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// How much is kept of what a program calls itself, in characters.
const USER_AGENT: usize = 255;

/// Who asks, found out once for each request.
#[derive(Clone, Debug)]
pub struct RequestIdentity {
    caller: Result<Caller, Arc<Error>>,
    /// From where.
    pub client: Arc<Client>,
}

impl RequestIdentity {
    /// Who asks.
    ///
    /// # Errors
    /// Whatever the credential deserves. A request without one is a guest's.
    pub fn caller(&self) -> Result<Caller> {
        self.caller.as_ref().copied().map_err(Error::from_shared)
    }
}

impl<S: Sync> FromRequestParts<S> for RequestIdentity {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let identity = parts.extensions.get::<Self>().cloned();
        identity.ok_or_else(|| Refusal(Error::internal("a request came past the gate")))
    }
}

/// What the gate needs.
#[derive(Clone, Debug)]
pub struct RateLimitState {
    /// The application.
    pub app: Arc<App>,
    /// The proxies whose word about addresses is taken.
    pub proxies: Arc<[IpNet]>,
}

/// Finds out who asks, counts the request, and lets it through or not. Every answer says how much more
/// may be asked.
pub async fn admit(State(gate): State<RateLimitState>, mut request: Request, next: Next) -> Response {
    let RateLimitState { app, proxies } = &gate;
    let client = Arc::new(client_of(&request, proxies));
    let caller = caller(app, request.headers(), &client).await.map_err(Arc::new);
    let counted = *caller.as_ref().unwrap_or(&Caller::Guest);
    let decision = app.admit(&counted, &client, 1).await;
    let mut response = match refuse(&decision) {
        Ok(()) => {
            app.record_usage(&counted, &client, endpoint(&request));
            request.extensions_mut().insert(RequestIdentity { caller, client });
            next.run(request).await
        }
        Err(error) => Refusal(error).into_response(),
    };
    tell(&decision, response.headers_mut());
    response
}

/// Says in an answer how much more may be asked.
pub fn tell(decision: &Decision, headers: &mut HeaderMap) {
    // Rounded up: at the second that is told, the time has come.
    let reset = decision.reset_at.timestamp_micros().div_euclid(1_000_000)
        + i64::from(decision.reset_at.timestamp_subsec_nanos() > 0);
    let [limit, remaining, reset_at, window] = LIMIT_HEADERS;
    headers.insert(limit, decision.limit.into());
    headers.insert(remaining, decision.remaining.into());
    headers.insert(reset_at, reset.into());
    headers.insert(window, HeaderValue::from_static("60"));
    // Answers are somebody's own, and some carry tokens.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

/// Who is asking, by the `Authorization` header.
async fn caller(app: &App, headers: &HeaderMap, client: &Client) -> Result<Caller> {
    match headers.get(header::AUTHORIZATION) {
        None => Ok(Caller::Guest),
        Some(value) => {
            let invalid = || Error::new(ErrorCode::Unauthenticated, "the Authorization header must be `Bearer …`");
            let value = value.to_str().map_err(|_| invalid())?;
            app.authenticate(bearer(value).ok_or_else(invalid)?, client).await
        }
    }
}

/// The method and the path as the router knows it, so that what is counted has a bound.
fn endpoint(request: &Request) -> String {
    let known = [Method::GET, Method::POST, Method::PATCH, Method::DELETE, Method::HEAD, Method::PUT, Method::OPTIONS];
    let method = if known.contains(request.method()) { request.method().as_str() } else { "OTHER" };
    let path = request.extensions().get::<MatchedPath>().map_or("(unknown)", MatchedPath::as_str);
    format!("{method} {path}")
}

/// From where a request comes, and by which program.
pub fn client_of(request: &Request, proxies: &[IpNet]) -> Client {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let user_agent = request.headers().get(header::USER_AGENT).map(|value| {
        let text = String::from_utf8_lossy(value.as_bytes());
        text.chars().filter(|c| !c.is_control()).take(USER_AGENT).collect()
    });
    Client { address: peer.map(|peer| address(peer, request.headers(), proxies)), user_agent }
}

/// The address of a client: the peer of the connection, or, while that is a proxy that we trust, the one
/// that the proxy says it speaks for. What an untrusted peer says of itself is not believed.
fn address(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| proxies.iter().any(|proxy| proxy.contains(&address));
    let mut address = peer.to_canonical();
    // A line that somebody has spoiled with other bytes is still read as far as it can be.
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
            // A trusted proxy that cannot say who it speaks for speaks for itself.
            Err(_) => break,
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forwarded_addresses_are_believed_as_far_as_their_senders() {
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
            let found = address(peer.parse().unwrap(), &headers, &proxies);
            assert_eq!(found, expected.parse::<IpAddr>().unwrap(), "{peer} {forwarded}");
        }
    }
}
