//! Switches that take a guarantee away, so that the tests of faults can show that they would notice.
//!
//! They are in programs that were built with the feature `fault_injection` and in no other: without it the
//! compiler answers every question with `false`, and nothing is left of them. Each stands where the
//! guarantee is made, so that what is tested is the guarantee and not the switch.

use serde::{Deserialize, Serialize};

/// A guarantee that can be taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guarantee {
    /// Watchers look into the store when they missed something.
    Healing,
    /// The inbox is locked while its sequences are taken.
    InboxLock,
    /// A message that came before is not stored again.
    Deduplication,
    /// A webhook is answered after its message is committed.
    Acknowledgement,
    /// A query of messages names the inbox that it is of.
    InboxFilter,
}

#[cfg(feature = "fault-injection")]
mod switches {
    use std::sync::OnceLock;

    use super::Guarantee;

    static OFF: OnceLock<Vec<Guarantee>> = OnceLock::new();

    /// Takes guarantees away, for as long as the process lives. Only the first call counts.
    pub fn take_away(guarantees: Vec<Guarantee>) {
        if !guarantees.is_empty() {
            tracing::warn!(?guarantees, "this program was built to be tested, and breaks its guarantees");
        }
        let _ = OFF.set(guarantees);
    }

    /// Whether a guarantee was taken away.
    #[must_use]
    pub fn is_off(guarantee: Guarantee) -> bool {
        OFF.get().is_some_and(|off| off.contains(&guarantee))
    }
}

#[cfg(feature = "fault-injection")]
pub use switches::{is_off, take_away};

/// Whether a guarantee was taken away: never.
#[cfg(not(feature = "fault-injection"))]
#[must_use]
pub const fn is_off(_: Guarantee) -> bool {
    false
}
