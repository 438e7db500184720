//! Who may have another connection.

use std::{
    collections::VecDeque,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use ipnet::IpNet;
use metrics::Gauge;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::AbortHandle,
};

use super::{options::ConnectionOptions, requests::Progress};
use crate::app::{QuotaPermit, Quotas, network_of};

/// How many connections beyond the bounds are kept for health checks.
const MAX_PROBES: usize = 32;

/// The connections that may be open at once.
pub(super) struct ConnectionSlots {
    all: Arc<Semaphore>,
    by_network: Quotas<IpAddr>,
    per_network: usize,
    /// Proxies speak for many clients, so they are not counted by network.
    proxies: Arc<[IpNet]>,
    probes: Mutex<VecDeque<Probe>>,
    open: Gauge,
}

/// The slot of a connection, which is free again when this is dropped.
pub(super) enum ConnectionSlot {
    /// Within the bounds.
    Client { _all: OwnedSemaphorePermit, _network: Option<QuotaPermit<IpAddr>>, _open: Open },
    /// Beyond them: for health checks alone.
    Probe,
}

/// Counts as an open connection until it is dropped.
pub(super) struct Open(Gauge);

impl Open {
    fn new(gauge: &Gauge) -> Self {
        gauge.increment(1.0);
        Self(gauge.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

/// A connection that is kept for health checks.
struct Probe {
    task: AbortHandle,
    progress: Arc<Progress>,
}

impl ConnectionSlots {
    /// `open` counts those that are open.
    pub(super) fn new(options: &ConnectionOptions, proxies: Arc<[IpNet]>, open: Gauge) -> Self {
        Self {
            all: Arc::new(Semaphore::new(options.max_total)),
            by_network: Quotas::default(),
            // Not even the only client may take everything.
            per_network: options.max_per_network.min(options.max_total.div_ceil(2)),
            proxies,
            probes: Mutex::default(),
            open,
        }
    }

    /// The slot of a connection from this address.
    pub(super) fn take(&self, peer: IpAddr) -> ConnectionSlot {
        let peer = peer.to_canonical();
        let is_proxy = self.proxies.iter().any(|proxy| proxy.contains(&peer));
        let network = match is_proxy {
            true => None,
            false => match self.by_network.take(network_of(peer), self.per_network) {
                Some(permit) => Some(permit),
                None => return refused("network"),
            },
        };
        match Arc::clone(&self.all).try_acquire_owned() {
            Ok(all) => ConnectionSlot::Client { _all: all, _network: network, _open: Open::new(&self.open) },
            Err(_) => refused("total"),
        }
    }

    /// Keeps a connection for health checks. When there are too many, the oldest that has asked nothing yet makes room:
    /// a probe asks at once.
    pub(super) fn keep_probe(&self, task: AbortHandle, progress: Arc<Progress>) {
        let mut probes = self.probes.lock().unwrap_or_else(PoisonError::into_inner);
        probes.retain(|probe| !probe.task.is_finished());
        probes.push_back(Probe { task, progress });
        if probes.len() > MAX_PROBES {
            let oldest = probes.iter().position(|probe| !probe.progress.has_asked());
            if let Some(probe) = probes.remove(oldest.unwrap_or(MAX_PROBES)) {
                probe.task.abort();
            }
        }
    }
}

fn refused(bound: &'static str) -> ConnectionSlot {
    metrics::counter!("otpwire_connections_refused_total", "bound" => bound).increment(1);
    ConnectionSlot::Probe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(max_total: usize, max_per_network: usize) -> ConnectionSlots {
        let options = ConnectionOptions { max_total, max_per_network, ..ConnectionOptions::default() };
        ConnectionSlots::new(&options, ["10.0.0.0/8".parse().unwrap()].into(), Gauge::noop())
    }

    fn is_client(slot: &ConnectionSlot) -> bool {
        matches!(slot, ConnectionSlot::Client { .. })
    }

    #[test]
    fn connections_are_bounded_by_network_and_in_all() {
        let slots = slots(8, 2);
        let take = |peer: &str| slots.take(peer.parse().unwrap());
        let mut taken = Vec::new();
        for (peer, served) in [
            ("192.0.2.1", true),
            ("192.0.2.1", true),
            ("192.0.2.1", false),
            // The same address, written as IPv6.
            ("::ffff:192.0.2.1", false),
            ("2001:db8::1", true),
            ("2001:db8::2", true),
            ("2001:db8::3", false),
            ("2001:db8:0:1::1", true),
            // A proxy is not counted by network.
            ("10.0.0.1", true),
            ("10.0.0.1", true),
            ("10.0.0.1", true),
            // Eight are open.
            ("10.0.0.1", false),
            ("192.0.2.2", false),
        ] {
            let slot = take(peer);
            assert_eq!(is_client(&slot), served, "{peer}");
            taken.push(slot);
        }
        taken.clear();
        assert!(is_client(&take("192.0.2.2")));
    }

    #[test]
    fn one_network_may_not_take_everything() {
        let slots = slots(5, 1000);
        let taken: Vec<_> = (0..5).map(|_| slots.take("192.0.2.1".parse().unwrap())).collect();
        assert_eq!(taken.iter().filter(|slot| is_client(slot)).count(), 3);
        assert!(is_client(&slots.take("192.0.2.2".parse().unwrap())));
    }

    #[tokio::test]
    async fn probes_that_ask_are_kept() {
        let slots = slots(1, 1);
        let probe = |asks: bool| {
            let task = tokio::spawn(std::future::pending::<()>());
            slots.keep_probe(task.abort_handle(), Arc::new(Progress::after_request(asks)));
            task
        };
        let busy = probe(true);
        let silent: Vec<_> = (0..2 * MAX_PROBES).map(|_| probe(false)).collect();
        tokio::task::yield_now().await;
        assert!(!busy.is_finished());
        let kept = silent.iter().map(|task| !task.is_finished());
        assert!(kept.eq((0..2 * MAX_PROBES).map(|index| index > MAX_PROBES)), "the newest are kept");
    }
}
