//! Where a message is, for administrators.

use async_graphql::{Enum, ID, SimpleObject};

use super::scalars::Time;
use crate::domain::{self, NodeId, PassedStage, Timeline};

/// A stage of a message's way.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Stage")]
pub(crate) enum MessageStage {
    /// It was sent, by its provider's clock.
    Sent,
    /// Its webhook began to arrive.
    Received,
    /// Its webhook was verified and read. The message is dated by this.
    Verified,
    /// It was stored.
    Committed,
    /// Those who watch were told, on every replica.
    Published,
    /// It was first handed to a socket, a stream or a waiting request of its owner.
    FirstFrame,
    /// Its owner first marked it as read.
    FirstRead,
}

/// A stage that a message has passed.
#[derive(SimpleObject)]
#[graphql(name = "MessageStageTime")]
struct StageView {
    /// Which.
    stage: MessageStage,
    /// When.
    at: Time,
    /// How many milliseconds after the stage before it; null for the first. Negative where the provider's clock is
    /// ahead of ours.
    milliseconds: Option<f64>,
}

impl From<PassedStage> for StageView {
    fn from(passed: PassedStage) -> Self {
        let milliseconds = passed.after.map(domain::milliseconds);
        Self { stage: passed.stage.into(), at: Time(passed.at), milliseconds }
    }
}

/// When a message passed each stage between its provider and its reader.
#[derive(SimpleObject)]
#[graphql(name = "MessageTimeline")]
pub(crate) struct TimelineView {
    /// The id of the message.
    message_id: ID,
    /// The stages that it has passed and whose times are known, in order.
    stages: Vec<StageView>,
    /// From the first of them to the last, in milliseconds: the sum of what they took.
    milliseconds: f64,
}

impl From<Timeline> for TimelineView {
    fn from(timeline: Timeline) -> Self {
        Self {
            message_id: NodeId::Message(timeline.message_id).to_string().into(),
            stages: timeline.stages().into_iter().map(Into::into).collect(),
            milliseconds: domain::milliseconds(timeline.total()),
        }
    }
}
