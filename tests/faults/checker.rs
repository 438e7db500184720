//! The checker: it compares the history of a run (what providers were answered, what was stored, and what each watcher
//! received) with the guarantees, and counts the violations.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt,
};

use sea_orm::FromQueryResult;

use crate::{
    platform::{Platform, Renter},
    provider::Traffic,
    watcher::{Observation, WatcherHistory},
};

/// A message that was committed, by the audit trigger of the database.
#[derive(Debug, FromQueryResult)]
pub(crate) struct Stored {
    user_id: Option<i32>,
    inbox_seq: Option<i64>,
    phone_number: String,
    id: String,
    /// How many messages with this id are stored now.
    copies: i64,
}

/// A broken guarantee.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Violation {
    /// A webhook was answered with 200, and its message was never stored.
    Lost,
    /// A message was stored twice.
    StoredTwice,
    /// A message was stored that nobody posted.
    NeverPosted,
    /// A message was stored, and is missing although it has not expired.
    Disappeared,
    /// A message is in another inbox than that of its number's renter.
    WrongInbox,
    /// The sequences of an inbox are not 1, 2, 3, ….
    BrokenSequence,
    /// A watcher received a later message first, and so missed this one.
    Skipped,
    /// A watcher received a message again.
    SeenTwice,
    /// A watcher received a message of another inbox.
    Foreign,
    /// A watcher was told that messages had expired which had not.
    FalseExpiry,
    /// A watcher did not reach the end of its inbox.
    Incomplete,
}

/// The count of each violation, with its first example.
#[derive(Debug, Default)]
pub(crate) struct Violations(BTreeMap<Violation, (usize, String)>);

impl Violations {
    fn add(&mut self, violation: Violation, example: impl fmt::Display) {
        self.0.entry(violation).or_insert_with(|| (0, example.to_string())).0 += 1;
    }

    pub(crate) fn count(&self, violation: Violation) -> usize {
        self.0.get(&violation).map_or(0, |(count, _)| *count)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The history of a run.
pub(crate) struct History<'a> {
    pub(crate) renters: &'a [Renter],
    pub(crate) traffic: &'a Traffic,
    pub(crate) stored: Vec<Stored>,
    pub(crate) watchers: &'a [WatcherHistory],
    /// Up to which sequence messages were made to expire, by inbox.
    pub(crate) expired: &'a HashMap<i32, i64>,
}

/// Every message that was ever committed, in the order of each inbox.
pub(crate) async fn stored(platform: &Platform) -> Vec<Stored> {
    let sql = "SELECT a.user_id, a.inbox_seq, n.phone_number, a.id, coalesce(m.copies, 0) AS copies
               FROM message_audit a JOIN phone_numbers n ON n.id = a.phone_number_id
               LEFT JOIN (SELECT provider_message_id AS id, count(*) AS copies FROM messages GROUP BY 1) m ON m.id = a.id
               ORDER BY a.user_id, a.inbox_seq, a.id";
    platform.query(sql).await
}

/// How many messages each inbox has.
pub(crate) fn lengths(stored: &[Stored]) -> HashMap<i32, usize> {
    let mut lengths = HashMap::new();
    for user in stored.iter().filter_map(|message| message.user_id) {
        *lengths.entry(user).or_insert(0) += 1;
    }
    lengths
}

impl History<'_> {
    pub(crate) fn check(&self) -> Violations {
        let mut violations = Violations::default();
        self.check_store(&mut violations);
        let mut inboxes: HashMap<i32, Vec<&str>> = HashMap::new();
        for message in &self.stored {
            if let Some(user) = message.user_id {
                inboxes.entry(user).or_default().push(&message.id);
            }
        }
        for watcher in self.watchers {
            let inbox = inboxes.get(&watcher.inbox).map_or(&[][..], Vec::as_slice);
            self.check_watcher(&mut violations, watcher, inbox);
        }
        violations
    }

    fn check_store(&self, violations: &mut Violations) {
        let posted = self.traffic.posted.lock().unwrap();
        let acknowledged = self.traffic.acknowledged.lock().unwrap();
        let mut ids = HashSet::new();
        let mut ends: HashMap<i32, i64> = HashMap::new();
        for message in &self.stored {
            if !ids.insert(message.id.as_str()) {
                violations.add(Violation::StoredTwice, &message.id);
            }
            if !posted.contains(&message.id) {
                violations.add(Violation::NeverPosted, &message.id);
            }
            let renter = self.renters.iter().find(|renter| renter.numbers.contains(&message.phone_number));
            let (Some(user), Some(seq)) = (message.user_id, message.inbox_seq) else {
                violations.add(Violation::WrongInbox, format!("{} is in quarantine", message.id));
                continue;
            };
            if renter.map(|renter| renter.id) != Some(user) {
                violations.add(Violation::WrongInbox, &message.id);
            }
            if message.copies == 0 && seq > self.expired_until(user) {
                violations.add(Violation::Disappeared, &message.id);
            }
            let end = ends.entry(user).or_default();
            if seq != *end + 1 {
                violations.add(Violation::BrokenSequence, format!("{seq} comes after {end} in inbox {user}"));
            }
            *end = seq;
        }
        for id in acknowledged.iter().filter(|id| !ids.contains(id.as_str())) {
            violations.add(Violation::Lost, id);
        }
    }

    /// Up to which sequence messages of an inbox may be missing.
    fn expired_until(&self, inbox: i32) -> i64 {
        self.expired.get(&inbox).copied().unwrap_or(0)
    }

    fn check_watcher(&self, violations: &mut Violations, watcher: &WatcherHistory, inbox: &[&str]) {
        // The first index of each message: `check_store` reports one that is stored twice.
        let mut indexes = HashMap::new();
        for (index, id) in inbox.iter().enumerate() {
            indexes.entry(*id).or_insert(index);
        }
        let by = &watcher.name;
        let mut next = 0;
        for observation in &watcher.observations {
            match observation {
                Observation::Message(id) if inbox.get(next) == Some(&id.as_str()) => next += 1,
                Observation::Message(id) => match indexes.get(id.as_str()) {
                    None => violations.add(Violation::Foreign, format!("{id}, by {by}")),
                    Some(index) if *index < next => violations.add(Violation::SeenTwice, format!("{id}, by {by}")),
                    Some(index) => {
                        violations.add(Violation::Skipped, format!("{} before {id}, by {by}", index - next));
                        next = index + 1;
                    }
                },
                Observation::Expired(seq) => {
                    let to = usize::try_from(*seq).unwrap();
                    if *seq > self.expired_until(watcher.inbox) || to < next {
                        violations.add(Violation::FalseExpiry, format!("from {next} to {to}, by {by}"));
                    }
                    next = to;
                }
            }
        }
        if next < inbox.len() {
            violations.add(Violation::Incomplete, format!("{next} of {}, by {by}", inbox.len()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watcher::LiveApi;

    /// The violations in a correct history after `change`. It has two renters with a number each; the first has three
    /// messages, of which one may have expired.
    fn check(change: impl FnOnce(&Traffic, &mut Vec<Stored>, &mut Vec<Observation>)) -> Vec<Violation> {
        let renter = |id: i32| Renter { id, token: String::new(), numbers: vec![format!("+{id}")] };
        let renters = [renter(1), renter(2)];
        let message = |user: i32, seq: i64, id: &str| Stored {
            user_id: Some(user),
            inbox_seq: Some(seq),
            phone_number: format!("+{user}"),
            id: id.to_owned(),
            copies: 1,
        };
        let mut stored = vec![message(1, 1, "a"), message(1, 2, "b"), message(1, 3, "c"), message(2, 1, "theirs")];
        let traffic = Traffic::default();
        for ids in [&traffic.posted, &traffic.acknowledged] {
            ids.lock().unwrap().extend(stored.iter().map(|message| message.id.clone()));
        }
        let mut observations = ["a", "b", "c"].map(|id| Observation::Message(id.to_owned())).to_vec();
        change(&traffic, &mut stored, &mut observations);
        let watcher = WatcherHistory {
            name: "a watcher".to_owned(),
            api: LiveApi::LongPoll,
            inbox: 1,
            observations,
            connections: 1,
            broken: Vec::new(),
            refused: 0,
            unexpected: Vec::new(),
        };
        let expired = HashMap::from([(1, 1)]);
        let history = History { renters: &renters, traffic: &traffic, stored, watchers: &[watcher], expired: &expired };
        history.check().0.into_keys().collect()
    }

    fn message(id: &str) -> Observation {
        Observation::Message(id.to_owned())
    }

    #[test]
    fn a_correct_history_has_no_violations() {
        assert_eq!(check(|_, _, _| ()), []);
        // Stored and not acknowledged: the provider retries.
        assert_eq!(check(|traffic, _, _| assert!(traffic.acknowledged.lock().unwrap().remove("b"))), []);
        assert_eq!(check(|_, _, observations| observations[0] = Observation::Expired(1)), []);
        assert_eq!(check(|_, stored, _| stored[0].copies = 0), []);
    }

    #[test]
    fn each_violation_is_found() {
        let lost = |traffic: &Traffic| traffic.acknowledged.lock().unwrap().insert("lost".to_owned());
        assert_eq!(check(|traffic, _, _| assert!(lost(traffic))), [Violation::Lost]);
        let forget = |traffic: &Traffic| traffic.posted.lock().unwrap().remove("a");
        assert_eq!(check(|traffic, _, _| assert!(forget(traffic))), [Violation::NeverPosted]);
        assert_eq!(check(|_, stored, _| stored[1].copies = 0), [Violation::Disappeared]);
        assert_eq!(check(|_, stored, _| stored[3].phone_number = "+1".to_owned()), [Violation::WrongInbox]);
        assert_eq!(check(|_, stored, _| stored[3].user_id = None), [Violation::WrongInbox]);
        assert_eq!(check(|_, stored, _| stored[2].inbox_seq = Some(4)), [Violation::BrokenSequence]);
        assert_eq!(check(|_, _, observations| drop(observations.remove(1))), [Violation::Skipped]);
        assert_eq!(check(|_, _, observations| observations.insert(2, message("a"))), [Violation::SeenTwice]);
        assert_eq!(check(|_, _, observations| observations.swap(1, 2)), [Violation::Skipped, Violation::SeenTwice]);
        assert_eq!(check(|_, _, observations| observations.push(message("theirs"))), [Violation::Foreign]);
        assert_eq!(check(|_, _, observations| observations[1] = Observation::Expired(2)), [Violation::FalseExpiry]);
        assert_eq!(
            check(|_, _, observations| observations.push(Observation::Expired(1))),
            [Violation::FalseExpiry, Violation::Incomplete]
        );
        assert_eq!(check(|_, _, observations| drop(observations.pop())), [Violation::Incomplete]);
        let store_twice = |_: &Traffic, stored: &mut Vec<Stored>, observations: &mut Vec<Observation>| {
            stored[1].id = "a".to_owned();
            observations[1] = message("a");
        };
        assert_eq!(check(store_twice), [Violation::Lost, Violation::StoredTwice]);
    }
}
