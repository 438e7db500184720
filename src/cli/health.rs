//! `otpwire health`.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use anyhow::{Context, Result, ensure};

use super::terminal::print_line;
use crate::{config::Config, fetch, server::operator_error};

pub(super) async fn run(config: &Config) -> Result<()> {
    // A server that listens on every address is reached at loopback.
    let ip = match config.listen.ip() {
        ip if ip.is_unspecified() && ip.is_ipv6() => Ipv6Addr::LOCALHOST.into(),
        ip if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        ip => ip,
    };
    let url = format!("http://{}/readyz", SocketAddr::new(ip, config.listen.port()));
    // The server is on this machine, where a configured proxy would not find it.
    let client = fetch::client().map_err(operator_error)?.no_proxy().build()?;
    let response = client.get(&url).send().await.with_context(|| format!("no answer from {url}"))?;
    let status = response.status();
    print_line(response.text().await?)?;
    ensure!(status.is_success(), "the server is not ready: {status}");
    Ok(())
}
