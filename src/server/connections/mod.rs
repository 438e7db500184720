//! Connections: accepting them, and what each may cost.
//!
//! Anybody can open a connection and send half a head, or nothing at all. So connections are bounded, in all and by
//! client network, and each has deadlines: for its first head, for every later one, and for being idle between
//! requests. Bodies have a deadline too (`src/http/request_rules.rs`). A connection beyond the bounds is not turned
//! away: it is answered as far as health checks go, so that the operator's probes get through whatever strangers do.
//!
//! 1. `options`: the bounds and deadlines.
//! 2. `accept`: the loop that accepts connections and serves them.
//! 3. `requests`: the requests of one connection, and how far they are.
//! 4. `slots`: who may have another connection.
//! 5. `stream`: a connection's socket, and the options that the kernel enforces.
//! 6. `timer`: the deadlines of heads and of idle connections.

mod accept;
mod options;
mod requests;
mod slots;
mod stream;
mod timer;

pub(super) use accept::{Services, serve};
pub use options::ConnectionOptions;
