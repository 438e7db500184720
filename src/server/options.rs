//! The options of the server.

use axum::http::HeaderName;
use ipnet::IpNet;

use super::connections::ConnectionOptions;
use crate::{
    config::{AllowedOrigins, Config},
    graphql,
};

/// What the APIs need of the configuration.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// The address of the platform for clients and providers, without a slash at the end.
    pub public_url: String,
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// The origins whose pages may call the API from a browser.
    pub allowed_origins: AllowedOrigins,
    /// The headers that those pages may send, besides the usual ones.
    pub allowed_headers: Vec<HeaderName>,
    /// What GraphQL clients may do.
    pub graphql: graphql::Options,
    /// How many connections are served, and how long they may take.
    pub connections: ConnectionOptions,
}

impl ServerOptions {
    /// The options of a configuration.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        Self {
            public_url: config.public_url.clone(),
            trusted_proxies: config.trusted_proxies.clone(),
            allowed_origins: config.allowed_origins.clone(),
            allowed_headers: config.allowed_headers.clone(),
            graphql: config.graphql.clone(),
            connections: ConnectionOptions {
                max_per_network: config.max_connections_per_network,
                ..ConnectionOptions::default()
            },
        }
    }
    /// With as many connections as there may be open files, without those that the program itself needs.
    #[must_use]
    pub fn within_open_files(self, limit: u64, config: &Config) -> Self {
        let connections = self.connections.within_open_files(limit, config.database_connections);
        Self { connections, ..self }
    }
}
