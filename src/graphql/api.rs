//! What the transports share.

use std::sync::Arc;

use async_graphql::ValidationMode;
use tokio_util::task::TaskTracker;

use super::{
    measures::OperationMeasures,
    options::Options,
    request::{documents::Documents, plan::Plans},
    schema::{self, OtpwireSchema},
};
use crate::app::App;

/// The GraphQL API.
pub(super) struct GraphqlApi {
    pub(super) app: Arc<App>,
    pub(super) schema: OtpwireSchema,
    pub(super) documents: Documents,
    pub(super) plans: Plans,
    pub(super) measures: OperationMeasures,
    /// The open WebSockets.
    pub(super) sockets: TaskTracker,
}

impl GraphqlApi {
    pub(super) fn new(app: Arc<App>, sockets: TaskTracker, options: Options) -> Self {
        Self {
            // Documents are validated before they get there.
            schema: schema::builder(&options).validation_mode(ValidationMode::Fast).data(Arc::clone(&app)).finish(),
            app,
            plans: Plans::new(&options),
            measures: OperationMeasures::new(),
            documents: Documents::new(options.documents),
            sockets,
        }
    }
}
