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
    let sql = "SELECT w.user_id, w.inbox_seq, n.phone_number, w.id FROM witness w
               JOIN phone_numbers n ON n.id = w.phone_number_id ORDER BY w.user_id, w.inbox_seq, w.id";
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
                    let may_go = self.expired.get(&seen.inbox).copied().unwrap_or(0);
                    if *seq > may_go || to < at {
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
