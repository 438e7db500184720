//! Integration tests: every behaviour through the real router and real migrations, in both ways to run: SQLite with
//! everything in memory, and PostgreSQL with Redis.
//!
//! In reading order:
//!
//! - the harness: [`support`];
//! - accounts: [`identity`], [`accounts`], [`recovery`], [`access`], [`access_fields`], [`rights`], [`limits`],
//!   [`guesses`];
//! - numbers: [`numbers`];
//! - receiving: [`receiving`], [`webhooks`], [`gateways`], [`inbound`], [`provider_secrets`], [`multipart`], [`codes`],
//!   [`patterns`], [`reports`];
//! - watching: [`watching`], [`live`], [`sockets`], [`socket_sessions`], [`socket_limits`], [`draining`],
//!   [`transports`], [`streams`], [`documents`], [`reference_transports`];
//! - HTTP: [`connections`], [`requests`], [`request_log`];
//! - what operators see: [`metrics`], [`traces`], [`timelines`], [`canaries`];
//! - the page for people: [`pages`], [`browser_sessions`];
//! - the APIs: [`graphql`], [`execution`], [`schema`], [`rest`], [`rest_statuses`], [`openapi`], [`parity`],
//!   [`admin`];
//! - who may see what: [`isolation`], [`row_security`];
//! - time: [`maintenance`], [`jobs`], [`time_travel`], [`migrations`], [`plans`];
//! - several replicas: [`cluster`];
//! - the program as a process: [`process`], [`commands`], [`administration`], [`watch_command`], [`backup`],
//!   [`socket_memory`], [`embedded`], [`overload`], [`exhaustion`], [`readiness`];
//! - the source code and the documents: [`layering`], [`hygiene`], [`docs`].

#![expect(clippy::unwrap_used, reason = "a failed step should end the test")]

mod support;

mod access;
mod access_fields;
mod accounts;
mod admin;
mod administration;
mod backup;
mod browser_sessions;
mod canaries;
mod cluster;
mod codes;
mod commands;
mod connections;
mod credentials;
mod docs;
mod documents;
mod draining;
mod embedded;
mod examples;
mod execution;
mod exhaustion;
mod gateways;
mod graphql;
mod guesses;
mod hygiene;
mod identity;
mod inbound;
mod isolation;
mod jobs;
mod layering;
mod leases;
mod limits;
mod live;
mod maintenance;
mod metrics;
mod migrations;
mod misuse;
mod multipart;
mod numbers;
mod openapi;
mod overload;
mod pages;
mod parity;
mod patterns;
mod plans;
mod process;
mod provider_secrets;
mod readiness;
mod receiving;
mod recovery;
mod reference_transports;
mod registration;
mod reports;
mod request_log;
mod requests;
mod rest;
mod rest_statuses;
mod rights;
mod row_security;
mod schema;
mod shares;
mod socket_limits;
mod socket_memory;
mod socket_sessions;
mod sockets;
mod streams;
mod time_travel;
mod timelines;
mod traces;
mod transports;
mod watch_command;
mod watching;
mod webhooks;
