//! How long operations take.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use async_graphql::{Response, parser::types::OperationType};
use metrics::Histogram;

/// The metrics of operations, each looked up once.
#[derive(Clone, Debug)]
pub(super) struct OperationMeasures(Arc<[[Histogram; 2]; 3]>);

impl OperationMeasures {
    pub(super) fn new() -> Self {
        let of = |operation: &'static str| {
            ["ok", "error"].map(|outcome| {
                metrics::histogram!("otpwire_graphql_seconds", "operation" => operation, "outcome" => outcome)
            })
        };
        Self(Arc::new(["query", "mutation", "subscription"].map(of)))
    }

    /// Starts to measure an operation.
    pub(super) fn start(&self, kind: OperationType) -> MeasuredOperation {
        let kind = match kind {
            OperationType::Query => 0,
            OperationType::Mutation => 1,
            OperationType::Subscription => 2,
        };
        MeasuredOperation(Arc::new(Running {
            started: Instant::now(),
            seconds: self.0[kind].clone(),
            is_recorded: AtomicBool::new(false),
        }))
    }
}

/// An operation that is being measured. For a subscription it is part of the context of the resolvers, who know when it
/// has begun.
#[derive(Clone, Debug)]
pub(super) struct MeasuredOperation(Arc<Running>);

#[derive(Debug)]
struct Running {
    started: Instant,
    seconds: [Histogram; 2],
    is_recorded: AtomicBool,
}

impl MeasuredOperation {
    /// Records how long it took. Only the first call counts.
    pub(super) fn record(&self, is_ok: bool) {
        if !self.0.is_recorded.swap(true, Ordering::Relaxed) {
            self.0.seconds[usize::from(!is_ok)].record(self.0.started.elapsed().as_secs_f64());
        }
    }

    /// Records how long it took to a response.
    pub(super) fn record_response(&self, response: &Response) {
        self.record(response.errors.is_empty());
    }
}
