//! Senders whose messages are refused.

use std::{
    collections::{BTreeSet, HashSet},
    ops::Bound,
};

use chrono::{DateTime, Utc};

use super::{BlockedSenderId, Error, Result, Sender, UserId, text::is_deceptive};

/// A sender, or with an asterisk at the end every sender that begins so. As in the networks, case is ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SenderPattern(String);

impl SenderPattern {
    /// How many characters of a beginning there have to be, so that nobody blocks every number by `+*`.
    const SHORTEST_PREFIX: usize = 3;

    /// Parses a pattern; `field` names the argument in the error.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when it is no sender, or the beginning of too many.
    pub fn parse(field: &str, text: &str) -> Result<Self> {
        let text = text.trim();
        let name = text.strip_suffix('*').unwrap_or(text);
        Sender::parse(field, name)?;
        if name.contains('*') {
            return Err(Error::invalid(field, "may have an asterisk at its end alone"));
        }
        if text.len() != name.len() && name.chars().count() < Self::SHORTEST_PREFIX {
            let issue = format!("must have at least {} characters before the asterisk", Self::SHORTEST_PREFIX);
            return Err(Error::invalid(field, issue));
        }
        Ok(Self(text.to_owned()))
    }

    /// A pattern from the database, validated when it was stored.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether both mean the same senders.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

/// A sender whose messages are refused.
#[derive(Clone, Debug)]
pub struct BlockedSender {
    /// The id.
    pub id: BlockedSenderId,
    /// Which sender, or which senders.
    pub pattern: SenderPattern,
    /// Why, for other administrators.
    pub note: Option<String>,
    /// Who blocked it. `None` for the operator at the command line.
    pub created_by: Option<UserId>,
    /// When it was blocked.
    pub created_at: DateTime<Utc>,
}

/// A sender to be blocked.
#[derive(Clone, Debug)]
pub struct NewBlockedSender {
    /// Which sender, or which senders.
    pub pattern: SenderPattern,
    /// Why.
    pub note: Option<String>,
}

impl NewBlockedSender {
    /// How many patterns there can be.
    pub const MAX: usize = 1_000;
    /// The longest note, in characters.
    pub const MAX_NOTE: usize = 200;

    /// Validates a pattern and a note; an empty note is none.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when one of them breaks a rule.
    pub fn new(sender: &str, note: Option<&str>) -> Result<Self> {
        let pattern = SenderPattern::parse("sender", sender)?;
        let note = note.map(str::trim).filter(|note| !note.is_empty());
        if let Some(note) = note
            && (note.chars().count() > Self::MAX_NOTE || note.contains(is_deceptive))
        {
            let issue = format!(
                "must have at most {} characters, and no control characters, line breaks or overrides of direction",
                Self::MAX_NOTE
            );
            return Err(Error::invalid("note", issue));
        }
        Ok(Self { pattern, note: note.map(str::to_owned) })
    }
}

/// The patterns of all blocked senders, for looking up the sender of each message.
#[derive(Clone, Debug, Default)]
pub struct BlockedSenders {
    exact: HashSet<String>,
    /// Without those that another one is the beginning of. So the only one that a sender can begin with is the greatest
    /// that is not greater than the sender.
    prefixes: BTreeSet<String>,
}

impl BlockedSenders {
    /// The set of these patterns.
    pub fn new(patterns: impl IntoIterator<Item = SenderPattern>) -> Self {
        let mut blocked = Self::default();
        let mut prefixes = BTreeSet::new();
        for pattern in patterns {
            let text = pattern.0.to_ascii_lowercase();
            match text.strip_suffix('*') {
                Some(prefix) => prefixes.insert(prefix.to_owned()),
                None => blocked.exact.insert(text),
            };
        }
        // In order, a beginning comes before what begins with it.
        for prefix in prefixes {
            if !blocked.has_prefix_of(&prefix) {
                blocked.prefixes.insert(prefix);
            }
        }
        blocked
    }

    /// Whether messages of a sender are refused.
    #[must_use]
    pub fn has(&self, sender: &Sender) -> bool {
        if self.exact.is_empty() && self.prefixes.is_empty() {
            return false;
        }
        let sender = sender.as_str().to_ascii_lowercase();
        self.exact.contains(&sender) || self.has_prefix_of(&sender)
    }

    fn has_prefix_of(&self, text: &str) -> bool {
        let nearest = self.prefixes.range::<str, _>((Bound::Unbounded, Bound::Included(text))).next_back();
        nearest.is_some_and(|prefix| text.starts_with(prefix.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> SenderPattern {
        SenderPattern::parse("sender", text).unwrap()
    }

    #[test]
    fn a_pattern_is_a_sender_or_a_beginning() {
        for (wrong, issue) in [
            ("", "must name the sender"),
            ("*", "must name the sender"),
            ("+*", "must have at least 3 characters before the asterisk"),
            ("+1*", "must have at least 3 characters before the asterisk"),
            ("BA*NK", "may have an asterisk at its end alone"),
            ("BANK**", "may have an asterisk at its end alone"),
            ("BA\nNK", "must not have control characters"),
        ] {
            let error = SenderPattern::parse("sender", wrong).unwrap_err();
            assert_eq!(error.message(), format!("sender: {issue}"), "{wrong:?}");
        }
        assert_eq!(pattern(" +4490* ").as_str(), "+4490*");
        assert!(pattern("Bank").is(&pattern("BANK")) && !pattern("BANK").is(&pattern("BANK*")));
        assert!(NewBlockedSender::new("BANK", Some(&"x".repeat(201))).is_err());
        assert_eq!(NewBlockedSender::new("BANK", Some("  ")).unwrap().note, None);
    }

    #[test]
    fn senders_are_found_by_name_and_by_beginning() {
        let blocked = BlockedSenders::new(["BANK", "+4490*", "+449012*", "spam*", "+447*"].map(pattern));
        let has = |sender: &str| blocked.has(&Sender::parse("sender", sender).unwrap());
        for sender in ["BANK", "bank", "+4490", "+44901", "+449012345", "+44905", "SPAMMER", "Spam", "+447700900123"] {
            assert!(has(sender), "{sender}");
        }
        for sender in ["BANKS", "BAN", "+449", "+44800", "4490", "spa", "zzz"] {
            assert!(!has(sender), "{sender}");
        }
        assert!(!BlockedSenders::default().has(&Sender::parse("sender", "BANK").unwrap()));
    }
}
