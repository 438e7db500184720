//! Numbers, in reading order:
//!
//! 1. `renting`: listing, renting, extending, giving back, blocking. `importing`: adding numbers.
//!    `inventory`: all numbers, as the operator sees them.
//! 2. `acquiring` and `lease_places`: acquiring a lease of a number, and waiting for one. `leases`: renewing and
//!    releasing it, and who holds it.
//! 3. `pools`: the sets of numbers that workers lease from. `grants`: numbers that administrators hold for a pool.
//! 4. `change_notice` and `lease_change_notice`: publishing what has changed.

mod acquiring;
mod change_notice;
mod grants;
mod importing;
mod inventory;
mod lease_change_notice;
mod lease_places;
pub(super) mod leases;
mod pools;
mod rental_limits;
mod renting;

pub use importing::{Imported, PlannedNumber};
pub use lease_places::LeaseRequest;

use crate::{domain::Actor, store::Viewer};

/// Which numbers an actor may see.
fn viewer(actor: &Actor) -> Viewer {
    if actor.is_admin() { Viewer::Admin(actor.user_id) } else { Viewer::Renter(actor.user_id) }
}
