//! Routing: the rule that decides where a message goes.

use chrono::SubsecRound;

use super::inbound::InboundMessage;
use crate::{
    domain::{Assignment, NumberId, ReportReason},
    store::Route,
};

/// The destination of a message.
#[derive(Clone, Copy, Debug)]
pub(super) enum Destination {
    /// The inbox of the number's renter.
    Inbox(NumberId, Assignment),
    /// Quarantine, and why: stored without an owner.
    Quarantine(NumberId, ReportReason),
    /// None, and why: reported as unroutable.
    Nowhere(ReportReason),
    /// Held until the other parts arrive.
    Held,
    /// None: it was received before, this many times, and how that shows.
    Duplicate(i32, ReportReason),
}

impl Destination {
    /// The status of its delivery report.
    pub(super) fn status(&self) -> &'static str {
        match self {
            Self::Inbox(..) => "received",
            Self::Quarantine(..) => "quarantined",
            Self::Nowhere(_) => "unroutable",
            Self::Held => "held",
            Self::Duplicate(..) => "duplicate",
        }
    }

    /// Why it does not reach an inbox now.
    pub(super) fn reason(&self) -> Option<ReportReason> {
        match *self {
            Self::Inbox(..) => None,
            Self::Quarantine(_, reason) | Self::Nowhere(reason) | Self::Duplicate(_, reason) => Some(reason),
            Self::Held => Some(ReportReason::WaitingForParts),
        }
    }

    /// Whether the message will be stored now.
    pub(super) fn is_stored(&self) -> bool {
        matches!(self, Self::Inbox(..) | Self::Quarantine(..))
    }
}

/// Decides where a message goes that was not received before.
pub(super) fn route(message: &InboundMessage, route: Option<&Route>) -> Destination {
    let Some(route) = route else { return Destination::Nowhere(ReportReason::UnknownNumber) };
    if route.provider_id.is_some_and(|id| id != message.provider_id) {
        return Destination::Nowhere(ReportReason::OtherProvider);
    }
    let quarantine = |reason| Destination::Quarantine(route.number_id, reason);
    match route.assignment {
        _ if route.blocked => quarantine(ReportReason::NumberBlocked),
        None => quarantine(ReportReason::NotRented),
        Some(rental) if message.arrived_at >= rental.expires_at => quarantine(ReportReason::RentalEnded),
        Some(rental) if !rental.is_live(message.arrived_at) || was_sent_before(message, &rental) => {
            quarantine(ReportReason::SentBeforeRental)
        }
        Some(rental) => Destination::Inbox(route.number_id, rental),
    }
}

/// Whether the message was certainly sent before the rental began, and thus meant for a previous renter. Providers'
/// timestamps are in whole seconds.
fn was_sent_before(message: &InboundMessage, rental: &Assignment) -> bool {
    message.sent_by.is_some_and(|sent_by| sent_by < rental.started_at.trunc_subsecs(0))
}
