//! Routing: the rule that decides where a message goes.

use chrono::SubsecRound;

use super::inbound::InboundMessage;
use crate::{
    domain::{Assignment, NumberId},
    store::Route,
};

/// The destination of a message.
#[derive(Clone, Copy, Debug)]
pub(super) enum Destination {
    /// The inbox of the number's renter.
    Inbox(NumberId, Assignment),
    /// Quarantine: stored without an owner.
    Quarantine(NumberId),
    /// None, and why: reported as unroutable.
    Nowhere(&'static str),
    /// Held until the other parts arrive.
    Held,
    /// None: it was received before, this many times.
    Duplicate(i32),
}

impl Destination {
    /// The status of its delivery report.
    pub(super) fn status(&self) -> &'static str {
        match self {
            Self::Inbox(..) => "received",
            Self::Quarantine(_) => "quarantined",
            Self::Nowhere(_) => "unroutable",
            Self::Held => "held",
            Self::Duplicate(_) => "duplicate",
        }
    }

    /// Whether the message will be stored now.
    pub(super) fn is_stored(&self) -> bool {
        matches!(self, Self::Inbox(..) | Self::Quarantine(_))
    }
}

/// Decides where a message goes that was not received before.
pub(super) fn route(message: &InboundMessage, route: Option<&Route>) -> Destination {
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

/// Whether the provider's timestamp lies before the rental began, so that the message was meant for a previous renter.
/// Providers' timestamps are in whole seconds.
fn was_sent_before(message: &InboundMessage, rental: &Assignment) -> bool {
    message.sms.sent_at.is_some_and(|sent_at| sent_at < rental.started_at.trunc_subsecs(0))
}
