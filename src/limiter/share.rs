//! Shares: permits of large limits that a replica takes from Redis in advance, so that not every hit asks.
//!
//! A share is good for one step of the window. Redis counts all of its permits from when it was taken, at the end of
//! the step: whenever within the step one is used, it counts for at least the length of the window from there, so that
//! the replicas together never exceed the limit. What was not used is given back with the next question, or by a job.
//!
//! A replica asks for as much as it used lately, so whoever sends little takes nothing in advance, and one question at
//! a time asks for a share while others wait for its answer. Redis grants none where the limit is near: then every hit
//! is a question of its own, and all decisions are exact.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use moka::sync::Cache;

use super::decision::{Decision, Rule};

/// How many subjects have shares. The permits of one that is forgotten stay counted until they expire.
const SUBJECTS: u64 = 10_000;
/// How long a subject without hits is kept.
const IDLE: Duration = Duration::from_secs(60);
/// The part of a limit that one share is at most.
const PARTS: u32 = 64;
/// The most permits in a share: Lua passes that many arguments.
const MOST: u32 = 1_000;

/// The limit is near when shares would use more of it than this.
pub(super) fn far_from(rule: Rule) -> u32 {
    rule.limit - rule.limit / 8
}

/// The shares of this replica.
#[derive(Debug)]
pub(super) struct Shares {
    subjects: Cache<Box<str>, Arc<SubjectShare>>,
}

impl Default for Shares {
    fn default() -> Self {
        Self { subjects: Cache::builder().max_capacity(SUBJECTS).time_to_idle(IDLE).build() }
    }
}

impl Shares {
    pub(super) fn of(&self, subject: &str) -> Arc<SubjectShare> {
        match self.subjects.get(subject) {
            Some(share) => share,
            None => self.subjects.get_with(subject.into(), Arc::default),
        }
    }

    pub(super) fn clear(&self, subject: &str) {
        self.subjects.invalidate(subject);
    }

    /// Takes the permits that can no longer be used, by subject.
    pub(super) fn take_expired(&self, now: DateTime<Utc>) -> Vec<(Arc<Box<str>>, Unused)> {
        let now = now.timestamp_micros();
        let expired = self.subjects.iter().filter_map(|(subject, share)| {
            let mut share = share.lock();
            let unused = if share.step <= now { share.take_unused() } else { None };
            unused.map(|unused| (subject, unused))
        });
        expired.collect()
    }
}

/// What this replica may do about a hit.
pub(super) enum Standing {
    /// Its share has a permit.
    Allowed(Decision),
    /// It asks Redis, and for a share as well.
    AskForShare,
    /// It asks Redis for this hit alone: the limit is near.
    AskAlone,
}

/// The share of one subject.
#[derive(Debug, Default)]
pub(super) struct SubjectShare {
    /// Held while Redis is asked for a share.
    pub(super) turn: tokio::sync::Mutex<()>,
    share: Mutex<Share>,
}

#[derive(Debug, Default)]
struct Share {
    rule: Option<Rule>,
    /// The step: the time at its end, at which its permits are counted.
    step: i64,
    /// The question that was answered with the permits.
    question: u64,
    /// How many permits the answer had, and how many of them are left.
    taken: u32,
    left: u32,
    /// The hits in the window, with all of the share, and the oldest of them.
    count: u32,
    oldest: Option<i64>,
    /// How many hits this replica had in the step and in the one before.
    used: u32,
    used_before: u32,
    /// Whether Redis has refused a share for this step.
    is_near: bool,
}

/// Permits that were not used: the last ones of the answer to a question.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unused {
    pub(super) step: i64,
    pub(super) question: u64,
    pub(super) first: u32,
    pub(super) last: u32,
}

/// What Redis answers.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) allowed: bool,
    /// How many permits it gave: the cost, or the cost and the share.
    pub(super) taken: u32,
    /// The hits in the window after them, and the oldest.
    pub(super) count: u32,
    pub(super) oldest: Option<i64>,
    /// The hit that has to expire first.
    pub(super) blocking: Option<i64>,
}

impl Share {
    fn take_unused(&mut self) -> Option<Unused> {
        let Self { step, question, taken, left, .. } = *self;
        self.left = 0;
        (left > 0).then_some(Unused { step, question, first: taken - left + 1, last: taken })
    }
}

impl SubjectShare {
    fn lock(&self) -> MutexGuard<'_, Share> {
        self.share.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Uses permits of the share if it has enough.
    pub(super) fn spend(&self, rule: Rule, cost: u32, now: DateTime<Utc>) -> Standing {
        let mut share = self.lock();
        let step = rule.counted_at(now);
        if share.rule != Some(rule) || share.step < step {
            return Standing::AskForShare;
        }
        // A hit that has waited since an earlier step is counted in its own.
        if share.step > step {
            return Standing::AskAlone;
        }
        if share.left >= cost.max(1) {
            share.left -= cost;
            share.used += cost;
            return Standing::Allowed(Decision::of(rule, now, true, share.count, share.oldest, None));
        }
        if share.is_near { Standing::AskAlone } else { Standing::AskForShare }
    }

    /// Begins a question: how large a share to ask for, and what is left of the last one, to be given back.
    pub(super) fn begin(&self, rule: Rule, now: DateTime<Utc>) -> (u32, Option<Unused>) {
        let mut share = self.lock();
        let unused = share.take_unused();
        let step = rule.counted_at(now);
        if share.rule != Some(rule) || share.step != step {
            let is_next = share.rule == Some(rule) && share.step + rule.step_micros() == step;
            let used_before = if is_next { share.used } else { 0 };
            *share = Share { rule: Some(rule), step, used_before, ..Share::default() };
        }
        // As much as in the step before, and a little more; when that is used, as much as was used so far.
        let demand = if share.used == 0 { share.used_before + share.used_before / 4 } else { share.used };
        (demand.min(rule.limit / PARTS).min(MOST), unused)
    }

    /// Keeps the share that Redis has given, if it has.
    pub(super) fn keep(&self, question: u64, cost: u32, wish: u32, answer: &Answer) {
        let mut share = self.lock();
        let &Answer { allowed, taken, count, oldest, .. } = answer;
        let left = taken.saturating_sub(cost);
        if left > 0 {
            (share.question, share.taken, share.left, share.count, share.oldest) =
                (question, taken, left, count, oldest);
        }
        share.is_near = !allowed || left < wish;
        share.used += if allowed { cost } else { 0 };
    }
}
