//! Routing: the rule that decides where a message goes.

use chrono::{DateTime, SubsecRound, Utc};

use super::inbound::InboundMessage;
use crate::{
    domain::{Assignment, BlockedSenders, LeaseId, NumberId, ReportReason},
    store::Route,
};

/// The destination of a message.
#[derive(Clone, Copy, Debug)]
pub(super) enum Destination {
    /// The inbox of the number's renter, and the lease that it belongs to, if it arrived in one.
    Inbox(NumberId, Assignment, Option<LeaseId>),
    /// Quarantine, and why: stored without an owner.
    Quarantine(NumberId, ReportReason),
    /// None, and why: reported as unroutable.
    Nowhere(ReportReason),
    /// None: its sender is blocked.
    Refused,
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
            Self::Refused => "blocked",
            Self::Held => "held",
            Self::Duplicate(..) => "duplicate",
        }
    }

    /// Why it does not reach an inbox now.
    pub(super) fn reason(&self) -> Option<ReportReason> {
        match *self {
            Self::Inbox(..) => None,
            Self::Quarantine(_, reason) | Self::Nowhere(reason) | Self::Duplicate(_, reason) => Some(reason),
            Self::Refused => Some(ReportReason::SenderBlocked),
            Self::Held => Some(ReportReason::WaitingForParts),
        }
    }

    /// Whether the message will be stored now.
    pub(super) fn is_stored(&self) -> bool {
        matches!(self, Self::Inbox(..) | Self::Quarantine(..))
    }
}

/// Decides where a message goes that was not received before.
pub(super) fn route(message: &InboundMessage, route: Option<&Route>, blocked: &BlockedSenders) -> Destination {
    let Some(route) = route else { return Destination::Nowhere(ReportReason::UnknownNumber) };
    if route.provider_id.is_some_and(|id| id != message.provider_id) {
        return Destination::Nowhere(ReportReason::OtherProvider);
    }
    if blocked.has(&message.sms.from) {
        return Destination::Refused;
    }
    let quarantine = |reason| Destination::Quarantine(route.number_id, reason);
    match route.assignment {
        _ if route.blocked => quarantine(ReportReason::NumberBlocked),
        None => quarantine(ReportReason::NotRented),
        Some(rental) if message.arrived_at >= rental.expires_at => quarantine(ReportReason::RentalEnded),
        Some(rental) if !rental.is_live(message.arrived_at) || was_before(message.sent_by, rental.started_at) => {
            quarantine(ReportReason::SentBeforeRental)
        }
        Some(rental) => Destination::Inbox(route.number_id, rental, lease_of(message, route, &rental)),
    }
}

/// The lease that a message arrived in: the newest of the number, if it is one of this rental, the message reached the
/// platform before its end, and it was not sent before its beginning. Unlike for rentals, the provider's clock is
/// believed to the second: a code of the run before is worse than one that has to be sent again.
///
/// The route is read after the message has arrived, so what can change in between is harmless. A lease that begins
/// after that read began after the arrival as well: its holder, who does not know the number yet, cannot wait for this
/// message, which stays without a lease. A lease that ends after the read may still get the message, and then nobody
/// reads it: a lease that has ended answers nothing, and the next one has another id. So a message is never in a lease
/// that it did not arrive in, and one that arrives while a lease is known to its holder is always in that lease.
fn lease_of(message: &InboundMessage, route: &Route, rental: &Assignment) -> Option<LeaseId> {
    let lease = route.lease.filter(|lease| lease.assignment_id == rental.id)?;
    let arrived_in = (lease.started_at..lease.ends_at).contains(&message.arrived_at);
    (arrived_in && !was_before(message.sms.provider_time(), lease.started_at)).then_some(lease.id)
}

/// Whether a message was sent before a rental or a lease began, and thus meant for an earlier one. Providers'
/// timestamps are in whole seconds.
fn was_before(sent: Option<DateTime<Utc>>, began_at: DateTime<Utc>) -> bool {
    sent.is_some_and(|sent| sent < began_at.trunc_subsecs(0))
}
