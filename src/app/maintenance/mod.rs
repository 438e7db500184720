//! Maintenance: expiry, clean-up and statistics, and which replica does them. To be read in this order:
//!
//! 1. `retention`: ending rentals, deleting what has expired, creating partitions.
//! 2. `roll_up`: writing down what each replica has counted.
//! 3. [`job_lease`]: one replica at a time does what concerns the whole platform.
//!
//! [`crate::jobs`] calls these on timers. Each may run twice, on two replicas at once, or be suspended half-way and
//! resumed: every step reads the current state, and what has expired stays expired.

pub mod job_lease;
mod retention;
mod roll_up;

use tokio::sync::Mutex;

use crate::store::RollUp;

/// The state of maintenance in this process.
#[derive(Debug, Default)]
pub(super) struct Maintenance {
    /// Statistics that could not be written yet.
    unwritten: Mutex<Option<RollUp>>,
}
