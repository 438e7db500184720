//! The timeline of a message: when it passed each stage between its provider and its reader.

use chrono::{DateTime, TimeDelta, Utc};

use super::MessageId;

/// When a message passed each stage, as far as it has and that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// The message.
    pub message_id: MessageId,
    /// Sent, by the provider's clock, where it says so.
    pub sent_at: Option<DateTime<Utc>>,
    /// Its webhook began to arrive.
    pub received_at: Option<DateTime<Utc>>,
    /// Its webhook was verified and read. The message is dated by this.
    pub verified_at: Option<DateTime<Utc>>,
    /// Stored.
    pub committed_at: Option<DateTime<Utc>>,
    /// Handed to the bus, which tells the watchers of every replica.
    pub published_at: Option<DateTime<Utc>>,
    /// First handed to a connection of its owner: a socket, a stream, or a request that waited.
    pub first_frame_at: Option<DateTime<Utc>>,
    /// First marked as read by its owner.
    pub first_read_at: Option<DateTime<Utc>>,
}

/// A stage of a message's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Sent, by the provider's clock.
    Sent,
    /// Its webhook began to arrive.
    Received,
    /// Its webhook was verified and read.
    Verified,
    /// Stored.
    Committed,
    /// Handed to the bus.
    Published,
    /// First handed to a connection of its owner.
    FirstFrame,
    /// First marked as read.
    FirstRead,
}

impl Stage {
    /// Its name for people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Received => "received",
            Self::Verified => "verified",
            Self::Committed => "committed",
            Self::Published => "published",
            Self::FirstFrame => "first frame",
            Self::FirstRead => "first read",
        }
    }
}

/// A stage that a message has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassedStage {
    /// Which.
    pub stage: Stage,
    /// When.
    pub at: DateTime<Utc>,
    /// How long after the one before it; nothing for the first. Negative where two clocks differ.
    pub after: Option<TimeDelta>,
}

/// A duration in milliseconds, with its microseconds as a fraction.
#[must_use]
pub fn milliseconds(duration: TimeDelta) -> f64 {
    // A duration that overflows microseconds is one of 292,000 years.
    duration.num_microseconds().unwrap_or(i64::MAX) as f64 / 1000.0
}

impl Timeline {
    /// The timeline of a message of which nothing is known.
    #[must_use]
    pub fn of(message_id: MessageId) -> Self {
        Self {
            message_id,
            sent_at: None,
            received_at: None,
            verified_at: None,
            committed_at: None,
            published_at: None,
            first_frame_at: None,
            first_read_at: None,
        }
    }

    /// The stages that the message has passed, in order. What they took adds up to [`Timeline::total`].
    #[must_use]
    pub fn stages(&self) -> Vec<PassedStage> {
        let mut at = vec![
            (Stage::Sent, self.sent_at),
            (Stage::Received, self.received_at),
            (Stage::Verified, self.verified_at),
            (Stage::Committed, self.committed_at),
            (Stage::Published, self.published_at),
            (Stage::FirstFrame, self.first_frame_at),
            (Stage::FirstRead, self.first_read_at),
        ];
        // Whoever lists messages may read one before anything is connected that could get it.
        if self.first_frame_at.zip(self.first_read_at).is_some_and(|(frame, read)| read < frame) {
            at.swap(5, 6);
        }
        let mut before = None;
        let passed = at.into_iter().filter_map(|(stage, at)| {
            let at = at?;
            let after = before.replace(at).map(|before| at - before);
            Some(PassedStage { stage, at, after })
        });
        passed.collect()
    }

    /// From the first stage that is known to the last.
    #[must_use]
    pub fn total(&self) -> TimeDelta {
        self.stages().iter().filter_map(|passed| passed.after).sum()
    }

    /// Adds what another replica, or a later moment, knows of the same message: of two times the earlier.
    pub fn merge(&mut self, other: &Self) {
        let earlier = |mine: &mut Option<DateTime<Utc>>, theirs: Option<DateTime<Utc>>| {
            *mine = [*mine, theirs].into_iter().flatten().min();
        };
        earlier(&mut self.sent_at, other.sent_at);
        earlier(&mut self.received_at, other.received_at);
        earlier(&mut self.verified_at, other.verified_at);
        earlier(&mut self.committed_at, other.committed_at);
        earlier(&mut self.published_at, other.published_at);
        earlier(&mut self.first_frame_at, other.first_frame_at);
        earlier(&mut self.first_read_at, other.first_read_at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis(1_700_000_000_000 + milliseconds)
    }

    #[test]
    fn the_stages_add_up_to_the_whole() {
        let mut timeline = Timeline { sent_at: at(0), received_at: at(700), ..Timeline::of(MessageId(1)) };
        assert_eq!(timeline.total(), TimeDelta::milliseconds(700));
        timeline.merge(&Timeline {
            verified_at: at(701),
            committed_at: at(704),
            published_at: at(704),
            first_frame_at: at(709),
            first_read_at: at(1709),
            ..Timeline::of(MessageId(1))
        });
        let took = |timeline: &Timeline| -> Vec<_> {
            let stages = timeline.stages().into_iter().filter_map(|stage| stage.after);
            stages.map(|after| after.num_milliseconds()).collect()
        };
        assert_eq!(took(&timeline), [700, 1, 3, 0, 5, 1000]);
        assert_eq!(timeline.total(), TimeDelta::milliseconds(1709));
        // A second frame, and a clock of the provider that is ahead.
        timeline.merge(&Timeline { first_frame_at: at(800), ..Timeline::of(MessageId(1)) });
        assert_eq!(timeline.first_frame_at, at(709));
        timeline.sent_at = at(900);
        assert_eq!(took(&timeline), [-200, 1, 3, 0, 5, 1000]);
        assert_eq!(timeline.total(), TimeDelta::milliseconds(809));
    }

    #[test]
    fn what_is_read_before_its_first_frame_is_in_the_order_of_time() {
        let timeline =
            Timeline { verified_at: at(0), first_frame_at: at(9), first_read_at: at(5), ..Timeline::of(MessageId(1)) };
        let stages: Vec<_> = timeline.stages().into_iter().map(|passed| passed.stage).collect();
        assert_eq!(stages, [Stage::Verified, Stage::FirstRead, Stage::FirstFrame]);
        assert_eq!(timeline.total(), TimeDelta::milliseconds(9));
        assert!(Timeline::of(MessageId(1)).stages().is_empty());
    }
}
