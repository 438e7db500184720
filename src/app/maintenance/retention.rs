//! Ending rentals, deleting what has expired, and creating partitions ahead of time.

use chrono::TimeDelta;

use crate::{
    app::{App, accounts::KNOWN_NETWORK},
    domain::Result,
    store::Expired,
};

/// How many days of partitions exist ahead, today included.
const DAYS_AHEAD: i32 = 4;
/// How long a provider's retry is recognised as one.
const RECEIPT_RETENTION: TimeDelta = TimeDelta::days(7);
/// How long delivery reports are kept.
const REPORT_RETENTION: TimeDelta = TimeDelta::days(30);
/// How long the audit log is kept.
const AUDIT_RETENTION: TimeDelta = TimeDelta::days(365);
/// How long idempotency keys are kept: longer than any rental.
const IDEMPOTENCY_KEY_RETENTION: TimeDelta = TimeDelta::days(2);
/// How long the references of released long messages are kept, so that late parts are recognised.
const PART_REFERENCE_RETENTION: TimeDelta = TimeDelta::minutes(10);
/// How long the activity of providers is kept.
const ACTIVITY_RETENTION: TimeDelta = TimeDelta::days(30);
/// How long the ids of written roll-ups are kept. If the store stays unavailable for longer right after it committed
/// one without answering, that roll-up is counted twice.
const ROLL_UP_RETENTION: TimeDelta = TimeDelta::days(1);
/// How many batches of each kind are deleted in a run: half a million rows, more than a minute brings.
const MAX_PURGE_BATCHES: usize = 1000;
/// How long leases are kept after the messages that arrived in them are gone: longer than a pool may pause between two.
const LEASE_RETENTION: TimeDelta = TimeDelta::hours(2);
/// How long invitations are listed after they have expired.
const INVITATION_RETENTION: TimeDelta = TimeDelta::days(30);
/// How long usage is kept.
const USAGE_RETENTION: TimeDelta = TimeDelta::days(30);

impl App {
    /// Updates numbers whose rental or cool-down is over. Reads and receiving follow the times themselves and do not
    /// depend on this; it keeps the stored state close to the actual one.
    pub async fn settle_numbers(&self) -> Result<u64> {
        self.store.settle_numbers(self.clock.now(), self.settings.cool_down).await
    }

    /// Deletes what has expired: messages, their timelines, receipts, reports, usage, audit log, idempotency keys,
    /// nonces, invitations, provider activity, leases, sessions and networks that users logged in from. Returns how
    /// many messages were deleted one by one; more may have gone with dropped partitions.
    ///
    /// Deletes a batch of each kind in turn, so that none starves, and leaves the rest to the next run. A kind that
    /// fails does not stop the others.
    ///
    /// # Errors
    /// When a lock was held for too long.
    pub async fn purge(&self) -> Result<u64> {
        let now = self.clock.now();
        let expired = self.expired_before();
        // While a message is visible, its retry must be recognised.
        let retention = TimeDelta::from_std(self.settings.retention).unwrap_or(RECEIPT_RETENTION);
        let mut left = vec![
            Expired::Messages(expired),
            Expired::Quotes(expired),
            Expired::Receipts(now - RECEIPT_RETENTION.max(retention)),
            Expired::Reports(now - REPORT_RETENTION),
            Expired::Usage(now - USAGE_RETENTION),
            Expired::Audit(now - AUDIT_RETENTION),
            Expired::IdempotencyKeys(now - IDEMPOTENCY_KEY_RETENTION),
            Expired::Invitations(now - INVITATION_RETENTION),
            Expired::Sessions(now),
            Expired::LoginNetworks(now - KNOWN_NETWORK),
            Expired::Nonces(now),
            Expired::ReleasedPartials(now - PART_REFERENCE_RETENTION),
            Expired::Partials(expired),
            Expired::Activity(now - ACTIVITY_RETENTION),
            Expired::RollUps(now - ROLL_UP_RETENTION),
            Expired::Timelines(expired),
            Expired::Leases(expired - LEASE_RETENTION),
            Expired::LeaseTickets(now),
        ];
        let mut failure = self.store.drop_message_partitions(expired).await.err();
        let mut messages = 0;
        for _ in 0..MAX_PURGE_BATCHES {
            let mut unfinished = Vec::new();
            for expired in left {
                match self.store.purge_batch(expired).await {
                    Ok((deleted, has_more)) => {
                        messages += if matches!(expired, Expired::Messages(_)) { deleted } else { 0 };
                        unfinished.extend(has_more.then_some(expired));
                    }
                    Err(error) => failure = failure.or(Some(error)),
                }
            }
            left = unfinished;
            if left.is_empty() {
                break;
            }
        }
        failure.map_or(Ok(messages), Err)
    }

    /// Creates the partitions of the next days, and yesterday's, for replicas whose clock is behind.
    pub async fn prepare_partitions(&self) -> Result<i32> {
        let yesterday = self.clock.now() - TimeDelta::days(1);
        self.store.ensure_message_partitions(yesterday, DAYS_AHEAD + 1).await
    }
}
