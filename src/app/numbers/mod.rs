//! Numbers: `renting` (listing, renting, extending, giving back, blocking), `importing`, and `change_notice` (publishing
//! that a number has changed).

mod change_notice;
mod importing;
mod renting;

pub use importing::Imported;

use crate::{domain::Actor, store::Viewer};

/// Which numbers an actor may see.
fn viewer(actor: &Actor) -> Viewer {
    if actor.is_admin() { Viewer::Admin(actor.user_id) } else { Viewer::Renter(actor.user_id) }
}
