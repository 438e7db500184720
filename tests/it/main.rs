//! Every behaviour, through the real router on real migrations, on both ways to run: SQLite with
//! everything in memory, and PostgreSQL with Redis.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod support;

mod access;
mod accounts;
mod admin;
mod cluster;
mod codes;
mod docs;
mod embedded;
mod exhaustion;
mod gateways;
mod graphql;
mod identity;
mod isolation;
mod jobs;
mod layering;
mod limits;
mod live;
mod maintenance;
mod migrations;
mod multipart;
mod numbers;
mod overload;
mod parity;
mod patterns;
mod process;
mod receiving;
mod recovery;
mod reports;
mod rest;
mod row_security;
mod schema;
mod sockets;
mod time_travel;
mod transports;
mod watching;
mod webhooks;
