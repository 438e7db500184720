//! Addresses: where the server listens, how it is reached, and which others it trusts.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs};

use anyhow::{Context, Result, ensure};
use http::HeaderName;
use ipnet::IpNet;
use url::Url;

use super::raw::RawConfig;

/// Which pages may call the API from a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowedOrigins {
    /// Every page: nothing here depends on cookies.
    Any,
    /// Pages of these origins, such as `https://app.example.com`.
    These(Vec<String>),
}

/// An address to listen on, as an argument of a command.
///
/// # Errors
/// What would be right.
pub fn parse_listen_address(text: &str) -> Result<SocketAddr> {
    socket_address("listen", text)
}

/// An address to listen on: an IP address or the name of a host, and a port.
pub(super) fn socket_address(setting: &str, text: &str) -> Result<SocketAddr> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let parts = text.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse::<u16>().ok()?)));
    let (host, port) = parts.filter(|(host, _)| !host.is_empty() && !host.contains(':')).with_context(|| {
        format!("{setting}: must be an address and a port, such as 127.0.0.1:8080 or localhost:8080, and is `{text}`")
    })?;
    if host.eq_ignore_ascii_case("localhost") {
        return Ok((Ipv4Addr::LOCALHOST, port).into());
    }
    let found = (host, port).to_socket_addrs().ok().and_then(|found| found.min_by_key(SocketAddr::is_ipv6));
    found.with_context(|| format!("{setting}: the host `{host}` is not known; an IP address and a port always work"))
}

/// The address of the platform for clients and providers. Without a setting it is the address that the server listens
/// on. A server that listens on every address is reached at none of that name, but at localhost.
pub(super) fn public_url(raw: &RawConfig, listen: SocketAddr) -> Result<String> {
    let Some(text) = &raw.public_url else {
        return Ok(match listen.ip().is_unspecified() {
            true => format!("http://localhost:{}", listen.port()),
            false => format!("http://{listen}"),
        });
    };
    let url = Url::parse(text).ok().filter(Url::has_host);
    let url = url.context("public_url: must be an address such as https://sms.example.com")?;
    ensure!(matches!(url.scheme(), "http" | "https"), "public_url: must start with http: or https:");
    ensure!(url.query().is_none() && url.fragment().is_none(), "public_url: must end before any ? or #");
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Networks, in CIDR notation or as single addresses.
pub(super) fn networks(setting: &str, raw: &[String]) -> Result<Vec<IpNet>> {
    let network = |text: &String| {
        let parsed = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        parsed.with_context(|| {
            format!("{setting}: must be networks such as 10.0.0.0/8 or 10.0.0.1, and `{text}` is none")
        })
    };
    raw.iter().map(network).collect()
}

pub(super) fn allowed_origins(raw: &[String]) -> Result<AllowedOrigins> {
    if raw == ["*"] {
        return Ok(AllowedOrigins::Any);
    }
    for origin in raw {
        let is_origin = Url::parse(origin).is_ok_and(|url| url.origin().ascii_serialization() == *origin);
        ensure!(
            is_origin,
            "allowed_origins: must be origins such as https://app.example.com, or * alone, and `{origin}` is none"
        );
    }
    Ok(AllowedOrigins::These(raw.to_vec()))
}

pub(super) fn allowed_headers(raw: &[String]) -> Result<Vec<HeaderName>> {
    let header = |name: &String| {
        let parsed = HeaderName::from_bytes(name.as_bytes());
        parsed.with_context(|| {
            format!("allowed_headers: must be names of headers such as x-tenant, and `{name}` is none")
        })
    };
    raw.iter().map(header).collect()
}

/// The address of PostgreSQL. A wrong one is not quoted, because it may hold the password.
pub(super) fn validate_databases(raw: &RawConfig) -> Result<()> {
    ensure!(raw.is_sqlite() || raw.is_postgres(), "database_url: must start with sqlite: or postgres:");
    ensure!(
        raw.is_sqlite() || Url::parse(&raw.database_url).is_ok(),
        "database_url: must be like postgres://USER:PASSWORD@HOST:PORT/DATABASE, with special characters of the \
         password as %40 and so on"
    );
    if let Some(redis) = &raw.redis_url {
        ensure!(
            ["redis:", "rediss:", "unix:", "valkey:", "valkeys:"].iter().any(|scheme| redis.starts_with(scheme)),
            "redis_url: must start with redis: or rediss:"
        );
        ensure!(
            raw.is_postgres(),
            "redis_url: SQLite serves one replica, which needs no Redis; remove redis_url, or set database_url to PostgreSQL"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listen_address_may_name_its_host() {
        let right = |text| socket_address("listen", text).unwrap().to_string();
        assert_eq!(right("localhost:8080"), "127.0.0.1:8080");
        assert_eq!(right("LOCALHOST:1"), "127.0.0.1:1");
        assert_eq!(right("0.0.0.0:8080"), "0.0.0.0:8080");
        assert_eq!(right("[::1]:8080"), "[::1]:8080");
        for wrong in ["8080", "localhost", "localhost:", ":8080", "127.0.0.1:80800", "::1:8080", "tcp://10.0.0.1:80"] {
            let error = socket_address("listen", wrong).unwrap_err().to_string();
            assert!(error.starts_with("listen: ") && error.contains(wrong.split("//").last().unwrap()), "{error}");
        }
        let unknown = socket_address("metrics_listen", "nowhere.invalid:80").unwrap_err().to_string();
        assert!(unknown.starts_with("metrics_listen: the host `nowhere.invalid` is not known"), "{unknown}");
    }

    #[test]
    fn the_public_address_is_one_that_clients_can_reach() {
        let derived = |listen: &str| public_url(&RawConfig::default(), listen.parse().unwrap()).unwrap();
        assert_eq!(derived("0.0.0.0:8080"), "http://localhost:8080");
        assert_eq!(derived("[::]:9000"), "http://localhost:9000");
        assert_eq!(derived("127.0.0.1:8080"), "http://127.0.0.1:8080");
        assert_eq!(derived("[::1]:8080"), "http://[::1]:8080");
        let configured = |url: &str| {
            let raw = RawConfig { public_url: Some(url.to_owned()), ..RawConfig::default() };
            public_url(&raw, "0.0.0.0:8080".parse().unwrap())
        };
        assert_eq!(configured("https://sms.example.com/").unwrap(), "https://sms.example.com");
        for wrong in ["sms.example.com", "ftp://x/", "https://x/?y", "mailto:x@example.com"] {
            assert!(configured(wrong).unwrap_err().to_string().starts_with("public_url: must "), "{wrong}");
        }
    }

    #[test]
    fn a_single_address_is_a_network() {
        let parsed = networks("trusted_proxies", &["10.0.0.1", "10.0.0.0/8", "fd00::1"].map(str::to_owned)).unwrap();
        let expected: Vec<IpNet> = ["10.0.0.1/32", "10.0.0.0/8", "fd00::1/128"].map(|net| net.parse().unwrap()).into();
        assert_eq!(parsed, expected);
        for wrong in ["10.0.0.0/99", "proxy.example.com", ""] {
            let error = networks("trusted_proxies", &[wrong.to_owned()]).unwrap_err().to_string();
            assert!(error.starts_with("trusted_proxies: ") && error.contains(&format!("`{wrong}`")), "{error}");
        }
    }

    #[test]
    fn a_wrong_address_of_the_database_is_not_quoted() {
        for wrong in ["postgres://otpwire:p/a#ss@db:x/otpwire", "postgres://otpwire:secret@db:port/otpwire"] {
            let raw = RawConfig { database_url: wrong.to_owned(), ..RawConfig::default() };
            let error = validate_databases(&raw).unwrap_err().to_string();
            assert!(error.starts_with("database_url: must be like postgres://USER"), "{error}");
            assert!(!error.contains("secret") && !error.contains("ss@"), "{error}");
        }
    }
}
