//! The checker: what providers were told, what is stored and what watchers saw must be one story.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt,
};

use sea_orm::FromQueryResult;

use crate::{
    platform::{Platform, Renter},
    provider::Traffic,
    watcher::{Seen, Sight},
};

/// A message, as the database witnessed that it was committed.
#[derive(Debug, FromQueryResult)]
pub(crate) struct Stored {
    user_id: Option<i32>,
    inbox_seq: Option<i64>,
    phone_number: String,
    id: String,
    /// How many messages of this id are there now.
    kept: i64,
}

/// What is wrong with a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Wrong {
    /// A webhook was answered 200, and is not stored.
    Lost,
    /// A message is stored twice.
    StoredTwice,
    /// Something is stored that nobody posted.
    Invented,
    /// A message was stored, and is not there although it has not expired.
    Gone,
    /// A message is in another inbox than that of its number's renter.
    Misplaced,
    /// The sequences of an inbox are not 1, 2, 3, ….
    BrokenSequence,
    /// A watcher went past a message without seeing it.
    Hole,
    /// A watcher saw a message again.
    SeenTwice,
    /// A watcher saw a message of somebody else.
    Foreign,
    /// A watcher was sent past messages that had not expired.
    FalseExpiry,
    /// A watcher did not see the end of its inbox.
    Unfinished,
}

/// How often each thing was wrong, and an example of it.
#[derive(Debug, Default)]
pub(crate) struct Verdict(BTreeMap<Wrong, (usize, String)>);

impl Verdict {
    fn add(&mut self, wrong: Wrong, example: impl fmt::Display) {
        self.0.entry(wrong).or_insert_with(|| (0, example.to_string())).0 += 1;
    }

    pub(crate) fn count(&self, wrong: Wrong) -> usize {
        self.0.get(&wrong).map_or(0, |(count, _)| *count)
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.0.is_empty()
    }
}

/// The whole story of a run.
pub(crate) struct History<'a> {
    pub(crate) renters: &'a [Renter],
    pub(crate) traffic: &'a Traffic,
    pub(crate) stored: Vec<Stored>,
    pub(crate) seen: &'a [Seen],
    /// Up to which sequence messages were made to expire, by inbox.
    pub(crate) expired: &'a HashMap<i32, i64>,
}

/// What the database witnessed, in the order of each inbox.
pub(crate) async fn stored(platform: &Platform) -> Vec<Stored> {
    let sql = "SELECT w.user_id, w.inbox_seq, n.phone_number, w.id, coalesce(m.kept, 0) AS kept
               FROM witness w JOIN phone_numbers n ON n.id = w.phone_number_id
               LEFT JOIN (SELECT provider_message_id AS id, count(*) AS kept FROM messages GROUP BY 1) m ON m.id = w.id
               ORDER BY w.user_id, w.inbox_seq, w.id";
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
    pub(crate) fn judge(&self) -> Verdict {
        let mut verdict = Verdict::default();
        self.judge_store(&mut verdict);
        let mut inboxes: HashMap<i32, Vec<&str>> = HashMap::new();
        for message in &self.stored {
            if let Some(user) = message.user_id {
                inboxes.entry(user).or_default().push(&message.id);
            }
        }
        for seen in self.seen {
            let inbox = inboxes.get(&seen.inbox).map_or(&[][..], Vec::as_slice);
            self.judge_watcher(&mut verdict, seen, inbox);
        }
        verdict
    }

    fn judge_store(&self, verdict: &mut Verdict) {
        let posted = self.traffic.posted.lock().unwrap();
        let acknowledged = self.traffic.acknowledged.lock().unwrap();
        let mut ids = HashSet::new();
        let mut ends: HashMap<i32, i64> = HashMap::new();
        for message in &self.stored {
            if !ids.insert(message.id.as_str()) {
                verdict.add(Wrong::StoredTwice, &message.id);
            }
            if !posted.contains(&message.id) {
                verdict.add(Wrong::Invented, &message.id);
            }
            let renter = self.renters.iter().find(|renter| renter.numbers.contains(&message.phone_number));
            let (Some(user), Some(seq)) = (message.user_id, message.inbox_seq) else {
                verdict.add(Wrong::Misplaced, format!("{} is in quarantine", message.id));
                continue;
            };
            if renter.map(|renter| renter.id) != Some(user) {
                verdict.add(Wrong::Misplaced, &message.id);
            }
            if message.kept == 0 && seq > self.expired_until(user) {
                verdict.add(Wrong::Gone, &message.id);
            }
            let end = ends.entry(user).or_default();
            if seq != *end + 1 {
                verdict.add(Wrong::BrokenSequence, format!("{seq} comes after {end} in inbox {user}"));
            }
            *end = seq;
        }
        for id in acknowledged.iter().filter(|id| !ids.contains(id.as_str())) {
            verdict.add(Wrong::Lost, id);
        }
    }

    /// Up to which sequence messages of an inbox may be gone.
    fn expired_until(&self, inbox: i32) -> i64 {
        self.expired.get(&inbox).copied().unwrap_or(0)
    }

    fn judge_watcher(&self, verdict: &mut Verdict, seen: &Seen, inbox: &[&str]) {
        // The first place of each message: one that is stored twice is told of elsewhere.
        let mut places = HashMap::new();
        for (at, id) in inbox.iter().enumerate() {
            places.entry(*id).or_insert(at);
        }
        let mut at = 0;
        for sight in &seen.sights {
            match sight {
                Sight::Message(id) if inbox.get(at) == Some(&id.as_str()) => at += 1,
                Sight::Message(id) => match places.get(id.as_str()) {
                    None => verdict.add(Wrong::Foreign, format!("{id}, by {}", seen.name)),
                    Some(place) if *place < at => verdict.add(Wrong::SeenTwice, format!("{id}, by {}", seen.name)),
                    Some(place) => {
                        verdict.add(Wrong::Hole, format!("{} before {id}, by {}", place - at, seen.name));
                        at = place + 1;
                    }
                },
                Sight::Expired(seq) => {
                    let to = usize::try_from(*seq).unwrap();
                    if *seq > self.expired_until(seen.inbox) || to < at {
                        verdict.add(Wrong::FalseExpiry, format!("from {at} to {to}, by {}", seen.name));
                    }
                    at = to;
                }
            }
        }
        if at < inbox.len() {
            verdict.add(Wrong::Unfinished, format!("{} of {}, by {}", at, inbox.len(), seen.name));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watcher::Face;

    /// Two renters, a number each; the first has three messages, of which one may have expired.
    fn judge(change: impl FnOnce(&Traffic, &mut Vec<Stored>, &mut Vec<Sight>)) -> Vec<Wrong> {
        let renter = |id: i32| Renter { id, token: String::new(), numbers: vec![format!("+{id}")] };
        let renters = [renter(1), renter(2)];
        let stored = |user: i32, seq: i64, id: &str| Stored {
            user_id: Some(user),
            inbox_seq: Some(seq),
            phone_number: format!("+{user}"),
            id: id.to_owned(),
            kept: 1,
        };
        let mut all = vec![stored(1, 1, "a"), stored(1, 2, "b"), stored(1, 3, "c"), stored(2, 1, "theirs")];
        let traffic = Traffic::default();
        for told in [&traffic.posted, &traffic.acknowledged] {
            told.lock().unwrap().extend(all.iter().map(|message| message.id.clone()));
        }
        let mut sights = ["a", "b", "c"].map(|id| Sight::Message(id.to_owned())).to_vec();
        change(&traffic, &mut all, &mut sights);
        let seen = Seen {
            name: "a watcher".to_owned(),
            face: Face::Poll,
            inbox: 1,
            sights,
            connections: 1,
            cuts: 0,
            refused: 0,
            odd: Vec::new(),
        };
        let expired = HashMap::from([(1, 1)]);
        let history = History { renters: &renters, traffic: &traffic, stored: all, seen: &[seen], expired: &expired };
        history.judge().0.into_keys().collect()
    }

    fn message(id: &str) -> Sight {
        Sight::Message(id.to_owned())
    }

    #[test]
    fn what_is_in_order_is_found_in_order() {
        assert_eq!(judge(|_, _, _| ()), []);
        // Stored, and never answered: the provider will be.
        assert_eq!(judge(|traffic, _, _| assert!(traffic.acknowledged.lock().unwrap().remove("b"))), []);
        assert_eq!(judge(|_, _, sights| sights[0] = Sight::Expired(1)), []);
        assert_eq!(judge(|_, stored, _| stored[0].kept = 0), []);
    }

    #[test]
    fn each_thing_that_is_wrong_is_found() {
        let lost = |traffic: &Traffic| traffic.acknowledged.lock().unwrap().insert("lost".to_owned());
        assert_eq!(judge(|traffic, _, _| assert!(lost(traffic))), [Wrong::Lost]);
        assert_eq!(judge(|traffic, _, _| assert!(traffic.posted.lock().unwrap().remove("a"))), [Wrong::Invented]);
        assert_eq!(judge(|_, stored, _| stored[1].kept = 0), [Wrong::Gone]);
        assert_eq!(judge(|_, stored, _| stored[3].phone_number = "+1".to_owned()), [Wrong::Misplaced]);
        assert_eq!(judge(|_, stored, _| stored[3].user_id = None), [Wrong::Misplaced]);
        assert_eq!(judge(|_, stored, _| stored[2].inbox_seq = Some(4)), [Wrong::BrokenSequence]);
        assert_eq!(judge(|_, _, sights| drop(sights.remove(1))), [Wrong::Hole]);
        assert_eq!(judge(|_, _, sights| sights.insert(2, message("a"))), [Wrong::SeenTwice]);
        assert_eq!(judge(|_, _, sights| sights.swap(1, 2)), [Wrong::Hole, Wrong::SeenTwice]);
        assert_eq!(judge(|_, _, sights| sights.push(message("theirs"))), [Wrong::Foreign]);
        assert_eq!(judge(|_, _, sights| sights[1] = Sight::Expired(2)), [Wrong::FalseExpiry]);
        assert_eq!(judge(|_, _, sights| sights.push(Sight::Expired(1))), [Wrong::FalseExpiry, Wrong::Unfinished]);
        assert_eq!(judge(|_, _, sights| drop(sights.pop())), [Wrong::Unfinished]);
        let twice = |_: &Traffic, stored: &mut Vec<Stored>, sights: &mut Vec<Sight>| {
            stored[1].id = "a".to_owned();
            sights[1] = message("a");
        };
        assert_eq!(judge(twice), [Wrong::Lost, Wrong::StoredTwice]);
    }
}
