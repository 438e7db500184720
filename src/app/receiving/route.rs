//! Routing: the rule that decides where a message goes.

use chrono::{DateTime, SubsecRound, Utc};

use super::inbound::InboundMessage;
use crate::{
    domain::{Assignment, LeaseId, NumberId},
    store::Route,
};

/// The destination of a message.
#[derive(Clone, Copy, Debug)]
pub(super) enum Destination {
    /// The inbox of the number's renter, and the lease that it belongs to, if it arrived in one.
    Inbox(NumberId, Assignment, Option<LeaseId>),
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
        Some(rental)
            if !route.blocked && rental.is_live(message.arrived_at) && !was_sent_before(message, rental.started_at) =>
        {
            Destination::Inbox(route.number_id, rental, lease_of(message, route, &rental))
        }
        _ => Destination::Quarantine(route.number_id),
    }
}

/// The lease that a message arrived in: the newest of the number, if it is one of this rental, the message reached the
/// platform before its end, and it was not sent before its beginning.
///
/// The route is read after the message has arrived, so what can change in between is harmless. A lease that begins after
/// that read began after the arrival as well: its holder, who does not know the number yet, cannot wait for this message,
/// which stays without a lease. A lease that ends after the read may still get the message, and then nobody reads it: a
/// lease that has ended answers nothing, and the next one has another id. So a message is never in a lease that it did not
/// arrive in, and one that arrives while a lease is known to its holder is always in that lease.
fn lease_of(message: &InboundMessage, route: &Route, rental: &Assignment) -> Option<LeaseId> {
    let lease = route.lease.filter(|lease| lease.assignment_id == rental.id)?;
    let arrived_in = (lease.started_at..lease.ends_at).contains(&message.arrived_at);
    (arrived_in && !was_sent_before(message, lease.started_at)).then_some(lease.id)
}

/// Whether the provider's timestamp lies before the rental or the lease began, so that the message was meant for an earlier
/// one. Providers' timestamps are in whole seconds.
fn was_sent_before(message: &InboundMessage, began_at: DateTime<Utc>) -> bool {
    message.sms.sent_at.is_some_and(|sent_at| sent_at < began_at.trunc_subsecs(0))
}
