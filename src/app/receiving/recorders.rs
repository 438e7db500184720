//! What notes how messages came, behind them and not on their way.

use std::sync::Arc;

use crate::{
    app::{providers::ActivityRecorder, timelines::TimelineRecorder},
    tracer::Tracer,
};

/// What notes how messages came.
#[derive(Debug)]
pub(in crate::app) struct Recorders {
    /// What happens at each provider.
    pub(in crate::app) activity: Arc<ActivityRecorder>,
    /// When each message passed each stage.
    pub(in crate::app) timelines: TimelineRecorder,
    /// Where the time went, of those that are traced.
    pub(in crate::app) tracer: Tracer,
}
