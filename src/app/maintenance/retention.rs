//! Retention: what runs out, what has expired, and partitions.

use chrono::TimeDelta;

use crate::{app::App, domain::Result, store::Expired};

/// How many days of partitions are made ahead, today included.
const DAYS_AHEAD: i32 = 4;
/// How long a provider's retry is recognised.
const RECEIPTS_KEPT: TimeDelta = TimeDelta::days(7);
/// How long "where is my SMS?" can be answered.
const REPORTS_KEPT: TimeDelta = TimeDelta::days(30);
/// How long it can be looked up who changed what.
const AUDIT_KEPT: TimeDelta = TimeDelta::days(365);
/// How long a request can be repeated with its key: longer than any rental.
const IDEMPOTENCY_KEYS_KEPT: TimeDelta = TimeDelta::days(2);
/// How long late parts of a message that was shown in parts are known for what they are.
const REFERENCES_KEPT: TimeDelta = TimeDelta::minutes(10);
/// How long it can be looked up how a provider has been doing.
const ACTIVITY_KEPT: TimeDelta = TimeDelta::days(30);
/// How long it is known which statistics were written down. Were the store away for longer right after it took some
/// and could not say so, they would count twice.
const ROLL_UPS_KEPT: TimeDelta = TimeDelta::days(1);
/// How many batches of each thing are purged in a run: half a million rows, which is more than come in a minute.
const PURGE_ROUNDS: usize = 1000;
/// How long usage can be looked up.
const USAGE_KEPT: TimeDelta = TimeDelta::days(30);

impl App {
    /// Writes down rentals that have run out and cool-downs that are over. The rules hold at their
    /// instants without it; this keeps what is stored close to what is true.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn settle_numbers(&self) -> Result<u64> {
        self.store.settle_numbers(self.clock.now(), self.settings.cool_down).await
    }

    /// Deletes what has expired: messages, receipts, reports, usage, the audit log, idempotency keys,
    /// nonces, what providers did, and sessions that are over. Answers how many messages went one by one; more may have
    /// gone with the partitions that they were in.
    ///
    /// It takes a batch of each in turn, so that none waits for the others, and leaves what is too much for one run to
    /// the next. What cannot be deleted does not keep the rest.
    ///
    /// # Errors
    /// When the store is away, or somebody was in the way for long.
    pub async fn purge(&self) -> Result<u64> {
        let now = self.clock.now();
        let expired = self.expired_before();
        // A retry of a message that can still be seen must be recognised.
        let retention = TimeDelta::from_std(self.settings.retention).unwrap_or(RECEIPTS_KEPT);
        let mut left = vec![
            Expired::Messages(expired),
            Expired::Quotes(expired),
            Expired::Receipts(now - RECEIPTS_KEPT.max(retention)),
            Expired::Reports(now - REPORTS_KEPT),
            Expired::Usage(now - USAGE_KEPT),
            Expired::Audit(now - AUDIT_KEPT),
            Expired::IdempotencyKeys(now - IDEMPOTENCY_KEYS_KEPT),
            Expired::Sessions(now),
            Expired::Nonces(now),
            Expired::ReleasedPartials(now - REFERENCES_KEPT),
            Expired::Partials(expired),
            Expired::Activity(now - ACTIVITY_KEPT),
            Expired::RollUps(now - ROLL_UPS_KEPT),
        ];
        let mut failure = self.store.drop_message_partitions(expired).await.err();
        let mut messages = 0;
        for _ in 0..PURGE_ROUNDS {
            let mut more = Vec::new();
            for expired in left {
                match self.store.purge_batch(expired).await {
                    Ok((gone, goes_on)) => {
                        messages += if matches!(expired, Expired::Messages(_)) { gone } else { 0 };
                        more.extend(goes_on.then_some(expired));
                    }
                    Err(error) => failure = failure.or(Some(error)),
                }
            }
            left = more;
            if left.is_empty() {
                break;
            }
        }
        failure.map_or(Ok(messages), Err)
    }

    /// Makes the partitions that messages of the next days go into, and yesterday's, for a replica
    /// whose clock is behind.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn prepare_partitions(&self) -> Result<i32> {
        let yesterday = self.clock.now() - TimeDelta::days(1);
        self.store.ensure_message_partitions(yesterday, DAYS_AHEAD + 1).await
    }
}
