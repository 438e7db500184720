//! Every behaviour, through the real router on real migrations, on both ways to run: SQLite with
//! everything in memory, and PostgreSQL with Redis.

mod support;

mod cluster;
mod graphql;
mod identity;
mod layering;
mod migrations;
mod numbers;
mod receiving;
mod sockets;
mod upkeep;
mod watching;
mod webhooks;
