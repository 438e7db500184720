//! Counting what happens at providers, until it is rolled up once a minute.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

use crate::{domain::ProviderId, store::Activity};

/// An event at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) enum ProviderEvent {
    /// A message was stored.
    Message,
    /// A message was a duplicate.
    Duplicate,
    /// A message was for a number that is not on this platform.
    Unroutable,
    /// A status callback was received.
    Status,
    /// A webhook could not be read, or a message not be stored.
    Failed,
    /// A webhook was not verified, and why.
    Refused(String),
    /// A webhook exceeded the account's rate limit.
    Limited,
    /// A message took this long from the provider's time to its arrival.
    Lag(TimeDelta),
}

/// Counts events by provider and hour.
#[derive(Debug, Default)]
pub(in crate::app) struct ActivityRecorder(Mutex<HashMap<(ProviderId, DateTime<Utc>), Activity>>);

impl ActivityRecorder {
    pub(in crate::app) fn record(&self, provider_id: ProviderId, now: DateTime<Utc>, event: ProviderEvent) {
        let hour = now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now);
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let activity = noted.entry((provider_id, hour)).or_insert_with(|| nothing(provider_id, hour));
        match event {
            ProviderEvent::Message => {
                activity.messages += 1;
                activity.last_message_at = Some(now);
            }
            ProviderEvent::Duplicate => activity.duplicates += 1,
            ProviderEvent::Unroutable => activity.unroutable += 1,
            ProviderEvent::Status => activity.statuses += 1,
            ProviderEvent::Failed => {
                activity.failures += 1;
                activity.last_failure_at = Some(now);
            }
            ProviderEvent::Refused(why) => {
                activity.refusals += 1;
                activity.last_refusal_at = Some(now);
                activity.last_refusal = Some(why.chars().take(255).collect());
            }
            ProviderEvent::Limited => activity.limited += 1,
            ProviderEvent::Lag(lag) => {
                let lag = lag.num_seconds();
                activity.least_lag_seconds = Some(activity.least_lag_seconds.map_or(lag, |least| least.min(lag)));
            }
        }
    }

    pub(super) fn take(&self) -> Vec<Activity> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_values().collect()
    }
}

fn nothing(provider_id: ProviderId, hour: DateTime<Utc>) -> Activity {
    Activity {
        provider_id,
        hour,
        messages: 0,
        duplicates: 0,
        unroutable: 0,
        statuses: 0,
        failures: 0,
        refusals: 0,
        limited: 0,
        last_message_at: None,
        last_failure_at: None,
        last_refusal_at: None,
        last_refusal: None,
        least_lag_seconds: None,
    }
}
