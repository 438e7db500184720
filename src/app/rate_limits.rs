//! Rate limits: the limiter, and the usage that the operator sees.

use std::{
    collections::{HashMap, HashSet},
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, Utc};

use crate::{
    domain::{Client, Error, Result, UserId},
    limiter::{Decision, Limiter},
    store::Usage,
};

/// How many combinations of caller and endpoint are counted between two roll-ups. Beyond that only the endpoint is
/// counted: a guest can appear as many, and the store may be unavailable for hours.
const MAX_COUNTED: usize = 10_000;

/// How often endpoints were used, until this is rolled up.
#[derive(Debug, Default)]
struct UsageRecorder(Mutex<HashMap<UsageKey, u32>>);

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct UsageKey {
    pub(super) user: Option<UserId>,
    pub(super) address: Option<IpAddr>,
    pub(super) endpoint: String,
    pub(super) minute: DateTime<Utc>,
}

impl UsageRecorder {
    fn record(&self, mut key: UsageKey) {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() >= MAX_COUNTED && !used.contains_key(&key) {
            (key.user, key.address) = (None, None);
        }
        *used.entry(key).or_default() += 1;
    }

    fn take(&self) -> Vec<Usage> {
        let used = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let usage = used.into_iter().map(|(key, request_count)| Usage {
            user_id: key.user,
            ip_address: key.address,
            endpoint: key.endpoint,
            request_count,
            window_start: key.minute,
        });
        usage.collect()
    }
}

/// The state of rate limiting in this process.
#[derive(Debug)]
pub(super) struct RateLimits {
    limiter: Arc<Limiter>,
    usage: UsageRecorder,
    /// The users whose places in queues are about to be kept, because requests of theirs were refused.
    refused: Mutex<HashSet<UserId>>,
}

impl RateLimits {
    pub(super) fn new(limiter: Limiter) -> Self {
        Self { limiter: Arc::new(limiter), usage: UsageRecorder::default(), refused: Mutex::default() }
    }

    pub(super) fn limiter(&self) -> &Arc<Limiter> {
        &self.limiter
    }

    /// Notes that a request of a user was refused. Returns whether it is the first since [`RateLimits::take_refused`].
    pub(super) fn note_refused(&self, user: UserId) -> bool {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).insert(user)
    }

    pub(super) fn take_refused(&self, user: UserId) {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).remove(&user);
    }

    pub(super) fn record_usage(&self, key: UsageKey) {
        self.usage.record(key);
    }

    /// Takes the usage since the last call.
    pub(super) fn take_usage(&self) -> Vec<Usage> {
        self.usage.take()
    }
}

/// Turns a decision about a request into a result.
///
/// # Errors
/// `RATE_LIMITED` when the decision was against it.
pub fn must_be_allowed(decision: &Decision) -> Result<()> {
    if decision.allowed {
        return Ok(());
    }
    let message = format!("you may make {} requests a minute; wait and try again", decision.limit);
    Err(Error::rate_limited(message, decision.retry_after).with("limit", decision.limit))
}

/// Turns a decision about a webhook into a result.
///
/// # Errors
/// `RATE_LIMITED` when the decision was against it.
pub fn webhook_must_be_allowed(decision: &Decision) -> Result<()> {
    if decision.allowed {
        return Ok(());
    }
    let message = format!("this provider may bring {} webhooks a minute; send it again later", decision.limit);
    Err(Error::rate_limited(message, decision.retry_after).with("limit", decision.limit))
}

/// The network by which clients are counted: the address, or for IPv6 its /64, because that is what one subscriber
/// has.
pub(super) fn client_network(client: &Client) -> String {
    network(client).map_or_else(|| "nowhere".to_owned(), |network| network.to_string())
}

/// The network of a client, if its address is known.
pub(super) fn network(client: &Client) -> Option<IpAddr> {
    client.address.map(network_of)
}

/// The network of an address: the address itself, or the first address of its IPv6 /64.
#[must_use]
pub fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) & !u128::from(u64::MAX)).into(),
        IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_bounded() {
        let (used, minute) = (UsageRecorder::default(), DateTime::UNIX_EPOCH);
        let key = |user: usize, endpoint: &str| {
            let user = Some(UserId(i32::try_from(user).unwrap()));
            UsageKey { user, address: None, endpoint: endpoint.to_owned(), minute }
        };
        for user in 0..2 * MAX_COUNTED {
            used.record(key(user, "GET /v1/messages"));
        }
        // A caller that is counted already still is.
        used.record(key(0, "GET /v1/messages"));
        used.record(key(0, "GET /v1/numbers"));
        let taken = used.take();
        let sum = |user| {
            let counts = taken.iter().filter(|usage| usage.user_id == user).map(|usage| usage.request_count as usize);
            counts.sum::<usize>()
        };
        assert_eq!(taken.len(), MAX_COUNTED + 2);
        assert_eq!((sum(Some(UserId(0))), sum(None)), (2, MAX_COUNTED + 1));
    }
}
