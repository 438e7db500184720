//! How many numbers each sender reaches: one that reaches many within an hour may be sending junk.
//!
//! Each replica counts what it stores itself, by the hour of the clock, and no more than fits into a fixed space:
//! beyond that, further senders and numbers of the hour are not counted. So the signal can be missed, and is never
//! false.

use std::{
    collections::{HashMap, HashSet, hash_map::RandomState},
    hash::BuildHasher,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, Utc};

use super::inbound::InboundMessage;
use crate::domain::{Msisdn, NodeId, Sender};

/// How many pairs of a sender and a number are counted in an hour. Each takes some twenty bytes.
const MAX_PAIRS: usize = 200_000;

/// The numbers that senders have reached in this hour.
#[derive(Debug)]
pub(super) struct SenderSpread {
    /// From how many numbers on a sender is unusual. 0 is never.
    limit: usize,
    hour: Mutex<Hour>,
    /// Of senders and numbers only hashes are kept, with keys of this process.
    hasher: RandomState,
}

#[derive(Debug, Default)]
struct Hour {
    /// Which hour it is, since the epoch.
    number: i64,
    pairs: usize,
    reached: HashMap<u64, HashSet<u64>>,
}

impl SenderSpread {
    pub(super) fn new(limit: u32) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Self { limit, hour: Mutex::default(), hasher: RandomState::new() }
    }

    /// Counts a message that was stored, and tells the operator when its sender reaches unusually many numbers.
    pub(super) fn observe(&self, message: &InboundMessage, now: DateTime<Utc>) {
        if self.record(&message.sms.from, &message.sms.to, now) {
            metrics::counter!("otpwire_unusual_total", "pattern" => "numbers_per_sender").increment(1);
            let (provider, sender) = (NodeId::Provider(message.provider_id), message.sms.from.hint());
            tracing::warn!(%provider, sender, "a sender reaches unusually many numbers");
        }
    }

    /// Counts a message. Returns whether the sender has just reached more numbers than is usual: once an hour.
    fn record(&self, sender: &Sender, to: &Msisdn, now: DateTime<Utc>) -> bool {
        if self.limit == 0 {
            return false;
        }
        let number = now.timestamp().div_euclid(3600);
        let mut hour = self.hour.lock().unwrap_or_else(PoisonError::into_inner);
        if hour.number != number {
            *hour = Hour { number, ..Hour::default() };
        }
        let hour = &mut *hour;
        if hour.pairs >= MAX_PAIRS {
            return false;
        }
        let sender = self.hasher.hash_one(sender.as_str().to_ascii_lowercase());
        let reached = hour.reached.entry(sender).or_default();
        // Beyond the limit there is nothing to learn.
        if reached.len() > self.limit || !reached.insert(self.hasher.hash_one(to.as_str())) {
            return false;
        }
        hour.pairs += 1;
        reached.len() == self.limit + 1
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn sender(name: &str) -> Sender {
        Sender::parse("from", name).unwrap()
    }

    fn number(n: usize) -> Msisdn {
        Msisdn::parse("to", &format!("+1415{n:07}")).unwrap()
    }

    #[test]
    fn a_sender_is_unusual_once_an_hour_from_one_number_more_than_the_limit() {
        let (spread, now) = (SenderSpread::new(3), DateTime::UNIX_EPOCH + TimeDelta::minutes(90));
        let bank = sender("BANK");
        let record = |name: &Sender, n, now| spread.record(name, &number(n), now);
        assert_eq!([0, 1, 1, 1, 2, 0].map(|n| record(&bank, n, now)), [false; 6]);
        assert!(!record(&sender("SHOP"), 3, now), "another sender");
        assert!(record(&sender("bank"), 3, now));
        assert_eq!([4, 5, 6].map(|n| record(&bank, n, now)), [false; 3]);
        let later = now + TimeDelta::minutes(30);
        assert_eq!([0, 1, 2, 3].map(|n| record(&bank, n, later)), [false, false, false, true]);
        let off = SenderSpread::new(0);
        assert!((0..10).all(|n| !off.record(&bank, &number(n), now)));
    }

    #[test]
    fn what_is_counted_is_bounded() {
        let (spread, now) = (SenderSpread::new(10), DateTime::UNIX_EPOCH);
        for n in 0..MAX_PAIRS + 1000 {
            spread.record(&sender(&format!("S{n}")), &number(0), now);
        }
        let hour = spread.hour.lock().unwrap();
        assert_eq!((hour.pairs, hour.reached.len()), (MAX_PAIRS, MAX_PAIRS));
    }
}
