//! Routing: where a message goes.

use chrono::SubsecRound;

use super::inbound::InboundMessage;
use crate::{
    domain::{Assignment, NumberId},
    store::Route,
};

/// Where a message goes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Destination {
    /// Into the inbox of the number's renter.
    Inbox(NumberId, Assignment),
    /// Into quarantine.
    Quarantine(NumberId),
    /// Nowhere, and why.
    Nowhere(&'static str),
    /// Nowhere until the other parts are here.
    Held,
    /// It is there already; it had arrived this many times.
    Duplicate(i32),
}

/// The rule that decides where a message goes.
pub(super) fn route(message: &InboundMessage, seen: i32, route: Option<&Route>) -> Destination {
    if seen > 0 {
        return Destination::Duplicate(seen);
    }
    let Some(route) = route else { return Destination::Nowhere("the number is not ours") };
    if route.provider_id.is_some_and(|id| id != message.provider_id) {
        return Destination::Nowhere("the number belongs to another provider");
    }
    match route.assignment {
        Some(rental) if !route.blocked && rental.is_live(message.arrived_at) && !was_sent_before(message, &rental) => {
            Destination::Inbox(route.number_id, rental)
        }
        _ => Destination::Quarantine(route.number_id),
    }
}

/// Whether the provider says that a message was sent before a rental began, and so was meant for
/// somebody else. Providers tell time in whole seconds.
fn was_sent_before(message: &InboundMessage, rental: &Assignment) -> bool {
    message.sms.sent_at.is_some_and(|sent_at| sent_at < rental.started_at.trunc_subsecs(0))
}
