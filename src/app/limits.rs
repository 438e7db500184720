//! Limits: how often somebody may ask, and what the operator learns of it.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

use super::App;
use crate::{
    domain::{Actor, Caller, Client, Code, Error, Plan, Result, UserId},
    limiter::{Decision, Rule},
    store::{RollUp, Usage},
};

/// Mails to one address.
pub(super) const MAIL: Rule = Rule { limit: 5, window: Duration::from_secs(3600) };
/// How many different users, places and endpoints are counted before they are written down. What comes beyond is
/// counted for its endpoint alone: anybody can be many guests, and the store may take nothing for hours.
const MAX_COUNTED: usize = 10_000;

/// Requests a minute, by who asks. The defaults are the specification's (3.2.1).
#[derive(Clone, Copy, Debug)]
pub struct RequestLimits {
    /// Without a credential, for each address.
    pub guest: u32,
    /// For each user of the free plan.
    pub free: u32,
    /// For each user of the premium plan.
    pub premium: u32,
    /// For each administrator.
    pub admin: u32,
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self { guest: 10, free: 100, premium: 500, admin: 1000 }
    }
}

impl RequestLimits {
    fn of(self, actor: &Actor) -> u32 {
        match actor.plan {
            _ if actor.is_admin() => self.admin,
            Plan::Premium => self.premium,
            Plan::Free => self.free,
        }
    }
}

/// How often endpoints were used, until it is written down.
#[derive(Debug, Default)]
pub(super) struct Used(Mutex<HashMap<UsageKey, u32>>);

#[derive(Debug, PartialEq, Eq, Hash)]
struct UsageKey {
    user: Option<UserId>,
    address: Option<IpAddr>,
    endpoint: String,
    minute: DateTime<Utc>,
}

impl Used {
    fn note(&self, mut key: UsageKey) {
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

impl App {
    /// Counts what somebody asks for, and decides whether they may. A user is counted as themselves,
    /// wherever they are and whatever they show; a guest by address.
    pub async fn admit(&self, cx: &Caller, client: &Client, cost: u32) -> Decision {
        let limits = self.settings.request_limits;
        let (subject, limit) = match cx {
            Caller::User(actor) => (format!("user:{}", actor.user_id), limits.of(actor)),
            Caller::Guest => (format!("guest:{}", Self::place(client)), limits.guest),
        };
        self.limiter.take(&subject, Rule::per_minute(limit), cost, self.clock.now()).await
    }

    /// The same, as a verdict.
    ///
    /// # Errors
    /// `RATE_LIMITED`.
    pub async fn must_admit(&self, cx: &Caller, client: &Client, cost: u32) -> Result<()> {
        refuse(&self.admit(cx, client, cost).await)
    }

    /// Where somebody is, as far as limits tell places apart: an IPv6 subscriber has a whole /64.
    pub(super) fn place(client: &Client) -> String {
        network(client).map_or_else(|| "nowhere".to_owned(), |network| network.to_string())
    }

    /// Takes note that an endpoint was used, for the operator.
    pub fn note_usage(&self, cx: &Caller, client: &Client, endpoint: String) {
        let (user, address) = match cx {
            Caller::User(actor) => (Some(actor.user_id), None),
            Caller::Guest => (None, network(client)),
        };
        let now = self.clock.now();
        let minute = now.duration_trunc(TimeDelta::minutes(1)).unwrap_or(now);
        self.used.note(UsageKey { user, address, endpoint, minute });
    }

    /// Writes down what was used and what providers did on this replica since the last time. What the store could not
    /// take is kept for the next time, and is never added twice; what it refuses is lost.
    ///
    /// # Errors
    /// When the store is away, or refuses it.
    pub async fn roll_up_usage(&self) -> Result<()> {
        let mut unwritten = self.unwritten.lock().await;
        self.write_roll_up(&mut unwritten).await?;
        let (usage, activity, keys) = (self.used.take(), self.activity.take(), self.keys_used.take());
        if !(usage.is_empty() && activity.is_empty() && keys.is_empty()) {
            let id = format!("{:032x}", u128::from_be_bytes(self.random.bytes()));
            *unwritten = Some(RollUp { id, usage, activity, keys });
        }
        self.write_roll_up(&mut unwritten).await
    }

    async fn write_roll_up(&self, unwritten: &mut Option<RollUp>) -> Result<()> {
        let Some(roll_up) = unwritten else { return Ok(()) };
        let written = self.store.add_roll_up(roll_up, self.clock.now()).await;
        if written.as_ref().is_err_and(|error| error.code() == Code::Unavailable) {
            return written;
        }
        *unwritten = None;
        written
    }
}

/// The failure of somebody who asked too often.
///
/// # Errors
/// `RATE_LIMITED` when the decision was against it.
pub fn refuse(decision: &Decision) -> Result<()> {
    if decision.allowed {
        return Ok(());
    }
    let message = format!("you may make {} requests a minute; wait and try again", decision.limit);
    Err(Error::rate_limited(message, decision.retry_after).with("limit", decision.limit))
}

/// The failure of a provider that brings more than its account may.
///
/// # Errors
/// `RATE_LIMITED` when the decision was against it.
pub fn refuse_webhook(decision: &Decision) -> Result<()> {
    if decision.allowed {
        return Ok(());
    }
    let message = format!("this provider may bring {} webhooks a minute; send it again later", decision.limit);
    Err(Error::rate_limited(message, decision.retry_after).with("limit", decision.limit))
}

/// The address, or the beginning of the /64 that it is in.
pub(super) fn network(client: &Client) -> Option<IpAddr> {
    client.address.map(|address| match address {
        IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) & !u128::from(u64::MAX)).into(),
        IpAddr::V4(_) => address,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_bounded() {
        let (used, minute) = (Used::default(), DateTime::UNIX_EPOCH);
        let key = |user: usize, endpoint: &str| {
            let user = Some(UserId(i32::try_from(user).unwrap()));
            UsageKey { user, address: None, endpoint: endpoint.to_owned(), minute }
        };
        for user in 0..2 * MAX_COUNTED {
            used.note(key(user, "GET /v1/messages"));
        }
        // Who is counted already stays so.
        used.note(key(0, "GET /v1/messages"));
        used.note(key(0, "GET /v1/numbers"));
        let taken = used.take();
        let sum = |user| {
            let counts = taken.iter().filter(|usage| usage.user_id == user).map(|usage| usage.request_count as usize);
            counts.sum::<usize>()
        };
        assert_eq!(taken.len(), MAX_COUNTED + 2);
        assert_eq!((sum(Some(UserId(0))), sum(None)), (2, MAX_COUNTED + 1));
    }
}
