//! The bounds and deadlines of connections.

use std::time::Duration;

/// How many connections are served, and how long they may take.
#[derive(Clone, Debug)]
pub struct ConnectionOptions {
    /// How many connections may be open at once.
    pub max_total: usize,
    /// How many of them one client network may have: an IPv4 address, or an IPv6 /64. It may never have more than half
    /// of all. Trusted proxies are exempt: they speak for many clients.
    pub max_per_network: usize,
    /// How long a connection may take for its first head, and for each later one from its first byte.
    pub head_timeout: Duration,
    /// How long a connection may be idle between requests. Longer than proxies keep theirs (nginx and AWS a minute):
    /// whoever closes first must not be the server, or a request may be lost on its way.
    pub idle_timeout: Duration,
    /// How long a body may take, from the head to its last byte.
    pub body_timeout: Duration,
}

impl Default for ConnectionOptions {
    fn default() -> Self {
        Self {
            max_total: 10_000,
            max_per_network: 1000,
            head_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            body_timeout: Duration::from_secs(10),
        }
    }
}

impl ConnectionOptions {
    /// Files that are not for clients: those of the log, of Redis, of what is fetched, and of health checks.
    const RESERVED_FILES: u64 = 96;
    /// Files of one connection to the database: SQLite has three.
    const FILES_PER_DATABASE_CONNECTION: u64 = 4;

    /// As many connections as there may be open files, without those that the program itself needs.
    #[must_use]
    pub fn within_open_files(self, limit: u64, database_connections: u32) -> Self {
        let own = Self::RESERVED_FILES + Self::FILES_PER_DATABASE_CONNECTION * u64::from(database_connections);
        let left = limit.saturating_sub(own).max(limit / 2);
        Self { max_total: usize::try_from(left).unwrap_or(usize::MAX).min(Self::MOST), ..self }
    }

    /// More than any system has.
    const MOST: usize = 1 << 28;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_files_are_kept() {
        for (limit, connections, total) in
            [(1024, 8, 896), (256, 8, 128), (64, 8, 32), (1_048_576, 100, 1_048_080), (u64::MAX, 8, 1 << 28)]
        {
            let options = ConnectionOptions::default().within_open_files(limit, connections);
            assert_eq!(options.max_total, total, "{limit}");
        }
    }
}
