//! The model: who rented which number when, and so whose each message is. It is written from the documented rules, not
//! from the code under test.

use std::collections::BTreeSet;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

pub(super) const RETENTION: TimeDelta = TimeDelta::hours(6);
pub(super) const COOL_DOWN: TimeDelta = TimeDelta::minutes(10);
/// By how much a provider's clock may be slow.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(2);

/// What a number can be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Available,
    Assigned { to: usize },
    CoolingDown,
    Blocked,
}

/// The last rental of a number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rental {
    pub(super) user: usize,
    pub(super) start: DateTime<Utc>,
    pub(super) end: DateTime<Utc>,
}

#[derive(Debug, Default)]
pub(super) struct Number {
    pub(super) rental: Option<Rental>,
    pub(super) blocked: bool,
}

impl Number {
    pub(super) fn status(&self, now: DateTime<Utc>) -> Status {
        match self.rental {
            _ if self.blocked => Status::Blocked,
            Some(rental) if now < rental.end => Status::Assigned { to: rental.user },
            Some(rental) if now < rental.end + COOL_DOWN => Status::CoolingDown,
            _ => Status::Available,
        }
    }

    /// Whether a user may rent it. It does not cool down for whoever rented it last.
    pub(super) fn is_free_for(&self, user: usize, now: DateTime<Utc>) -> bool {
        let is_last = self.rental.is_some_and(|rental| rental.user == user);
        match self.status(now) {
            Status::Available => true,
            Status::CoolingDown => is_last,
            Status::Assigned { .. } | Status::Blocked => false,
        }
    }

    /// Ends the rental, if it is live.
    pub(super) fn end(&mut self, now: DateTime<Utc>) {
        if let Some(rental) = &mut self.rental {
            rental.end = rental.end.min(now);
        }
    }

    /// The user to whom a message belongs that arrives now, with the provider's time of sending.
    pub(super) fn owner(&self, now: DateTime<Utc>, sent_at: Option<DateTime<Utc>>) -> Option<usize> {
        let Status::Assigned { to } = self.status(now) else { return None };
        let start = self.rental?.start.trunc_subsecs(0);
        sent_at.is_none_or(|sent_at| sent_at + CLOCK_SKEW >= start).then_some(to)
    }
}

/// A message that was stored.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) id: i64,
    pub(super) text: String,
    pub(super) number: usize,
    pub(super) is_code: bool,
    /// The user and the inbox sequence; none in quarantine.
    pub(super) position: Option<(usize, i64)>,
    pub(super) received_at: DateTime<Utc>,
    pub(super) is_read: bool,
}

/// Which messages are requested.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Filter {
    pub(super) number: Option<usize>,
    pub(super) only_codes: bool,
}

impl Filter {
    pub(super) fn matches(self, message: &Message) -> bool {
        self.number.is_none_or(|number| number == message.number) && (!self.only_codes || message.is_code)
    }
}

/// The expected state of the platform.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) numbers: Vec<Number>,
    /// The stored messages, in order.
    pub(super) messages: Vec<Message>,
    /// The ids of deleted and purged messages.
    pub(super) gone: BTreeSet<i64>,
    /// For each user the last inbox sequence, and the last that was purged.
    pub(super) ends: Vec<(i64, i64)>,
}

impl Model {
    /// The stored messages of an inbox, in order, expired or not.
    fn stored(&self, user: usize) -> impl Iterator<Item = (i64, &Message)> {
        self.messages.iter().filter_map(move |message| {
            let (owner, seq) = message.position?;
            (owner == user).then_some((seq, message))
        })
    }

    /// The messages that a user may see, in order.
    pub(super) fn inbox(&self, user: usize, filter: Filter, now: DateTime<Utc>) -> Vec<&Message> {
        let visible = self.stored(user).filter(|(_, message)| message.received_at > now - RETENTION);
        visible.map(|(_, message)| message).filter(|message| filter.matches(message)).collect()
    }

    /// What a watcher gets after a sequence; `None` if some of it has expired.
    pub(super) fn after(&self, user: usize, seq: i64, filter: Filter, now: DateTime<Utc>) -> Option<Vec<&Message>> {
        let mut later =
            self.stored(user).filter(|(position, _)| *position > seq).map(|(_, message)| message).peekable();
        let expired = later.peek().is_some_and(|message| message.received_at <= now - RETENTION);
        (!expired && seq >= self.ends[user].1).then(|| later.filter(|message| filter.matches(message)).collect())
    }

    /// Whether a number can have messages for a user.
    pub(super) fn concerns(&self, user: usize, number: usize, now: DateTime<Utc>) -> bool {
        let filter = Filter { number: Some(number), ..Filter::default() };
        self.numbers[number].status(now) == Status::Assigned { to: user } || !self.inbox(user, filter, now).is_empty()
    }

    pub(super) fn is_visible(&self, user: usize, message: &Message, now: DateTime<Utc>) -> bool {
        message.position.is_some_and(|(owner, _)| owner == user) && message.received_at > now - RETENTION
    }

    /// The numbers that a user rents.
    pub(super) fn rented(&self, user: usize, now: DateTime<Utc>) -> Vec<usize> {
        let rents = |number: &usize| self.numbers[*number].status(now) == Status::Assigned { to: user };
        (0..self.numbers.len()).filter(rents).collect()
    }

    pub(super) fn delete(&mut self, id: i64) {
        self.messages.retain(|message| message.id != id);
        self.gone.insert(id);
    }

    /// Deletes expired messages, as the job does.
    pub(super) fn purge(&mut self, now: DateTime<Utc>) {
        let expired: Vec<Message> =
            self.messages.iter().filter(|message| message.received_at <= now - RETENTION).cloned().collect();
        for message in expired {
            if let Some((user, seq)) = message.position {
                self.ends[user].1 = self.ends[user].1.max(seq);
            }
            self.delete(message.id);
        }
    }
}
