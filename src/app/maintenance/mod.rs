//! Maintenance: what time does to things, and which replica sees to it. To be read in this order:
//!
//! 1. `retention`: rentals that run out, what has expired, partitions of the days to come.
//! 2. `roll_up`: what each replica has counted.
//! 3. [`job_lease`]: what concerns the whole platform is done by one replica at a time.
//!
//! [`crate::jobs`] calls these on timers. Each is harmless to run twice, on two replicas at once, or by one that was
//! stopped in the middle and goes on later: every step looks at things as they are by then, and what was over at one
//! time is over at every later one.

pub mod job_lease;
mod retention;
mod roll_up;

use tokio::sync::Mutex;

use crate::store::RollUp;

/// The state of maintenance on this replica.
#[derive(Debug, Default)]
pub(super) struct Maintenance {
    /// What was counted and could not be written down yet.
    unwritten: Mutex<Option<RollUp>>,
}
