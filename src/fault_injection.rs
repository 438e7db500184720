//! Switches that disable one of the platform's guarantees, so that the fault tests can prove that they would notice.
//!
//! They exist only with the feature `fault-injection`: without it [`is_disabled`] is a constant `false` that compiles
//! to nothing. Each switch sits where its guarantee is implemented.

use serde::{Deserialize, Serialize};

/// A guarantee that can be disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guarantee {
    /// A watcher that missed an event reads the store.
    Healing,
    /// The inbox is locked while its sequence numbers are assigned.
    InboxLock,
    /// A message that was received before is not stored again.
    Deduplication,
    /// A webhook is acknowledged only after its message is committed.
    Acknowledgement,
    /// Every query for messages is restricted to one inbox.
    InboxFilter,
    /// What reads through a lease reads the messages of that lease alone, and is refused when the lease is lost.
    Fencing,
    /// The reader of codes does not panic.
    Reading,
}

#[cfg(feature = "fault-injection")]
mod switches {
    use std::sync::OnceLock;

    use super::Guarantee;

    static DISABLED: OnceLock<Vec<Guarantee>> = OnceLock::new();

    /// Disables guarantees for the rest of the process. Only the first call has an effect.
    pub fn disable(guarantees: Vec<Guarantee>) {
        if !guarantees.is_empty() {
            tracing::warn!(
                ?guarantees,
                "fault injection: these guarantees are disabled; never use this build in production"
            );
        }
        let _ = DISABLED.set(guarantees);
    }

    /// Whether a guarantee is disabled.
    #[must_use]
    pub fn is_disabled(guarantee: Guarantee) -> bool {
        DISABLED.get().is_some_and(|disabled| disabled.contains(&guarantee))
    }
}

#[cfg(feature = "fault-injection")]
pub use switches::{disable, is_disabled};

/// Whether a guarantee is disabled: never in this build.
#[cfg(not(feature = "fault-injection"))]
#[must_use]
pub const fn is_disabled(_: Guarantee) -> bool {
    false
}
