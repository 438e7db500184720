//! Where a message is.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain;

/// A stage of a message's way.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MessageStage, example = "committed")]
pub(in crate::rest) enum Stage {
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

impl From<domain::Stage> for Stage {
    fn from(stage: domain::Stage) -> Self {
        match stage {
            domain::Stage::Sent => Self::Sent,
            domain::Stage::Received => Self::Received,
            domain::Stage::Verified => Self::Verified,
            domain::Stage::Committed => Self::Committed,
            domain::Stage::Published => Self::Published,
            domain::Stage::FirstFrame => Self::FirstFrame,
            domain::Stage::FirstRead => Self::FirstRead,
        }
    }
}

/// A stage that a message has passed.
#[derive(Serialize, ToSchema)]
#[schema(as = MessageStageTime)]
pub(in crate::rest) struct PassedStage {
    stage: Stage,
    #[schema(example = "2024-01-01T12:30:00.004120Z")]
    at: DateTime<Utc>,
    /// How many milliseconds after the stage before it; absent for the first. Negative where the provider's clock is
    /// ahead of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 3.426)]
    milliseconds: Option<f64>,
}

/// When a message passed each stage between its provider and its reader.
#[derive(Serialize, ToSchema)]
#[schema(as = MessageTimeline)]
pub(crate) struct Timeline {
    #[schema(example = 456)]
    message_id: i64,
    /// From the first stage to the last, in milliseconds: the sum of what they took.
    #[schema(example = 9010.22)]
    milliseconds: f64,
    /// The stages that it has passed and whose times are known, in order.
    stages: Vec<PassedStage>,
}

impl From<&domain::Timeline> for Timeline {
    fn from(timeline: &domain::Timeline) -> Self {
        let stages = timeline.stages().into_iter().map(|passed| PassedStage {
            stage: passed.stage.into(),
            at: passed.at,
            milliseconds: passed.after.map(domain::milliseconds),
        });
        Self {
            message_id: timeline.message_id.0,
            milliseconds: domain::milliseconds(timeline.total()),
            stages: stages.collect(),
        }
    }
}
