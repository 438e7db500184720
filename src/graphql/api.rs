//! What the transports share.

use std::sync::Arc;

use tokio_util::task::TaskTracker;

use super::{
    options::Options,
    request::documents::Documents,
    schema::{self, OtpwireSchema},
};
use crate::app::App;

/// The GraphQL API: a handle that is cheap to clone.
#[derive(Clone)]
pub(super) struct GraphqlApi {
    pub(super) app: Arc<App>,
    pub(super) schema: OtpwireSchema,
    pub(super) documents: Documents,
    pub(super) introspection: bool,
    /// The open WebSockets.
    pub(super) sockets: TaskTracker,
}

impl GraphqlApi {
    pub(super) fn new(app: Arc<App>, sockets: TaskTracker, options: Options) -> Self {
        Self {
            schema: schema::builder(&options).data(Arc::clone(&app)).finish(),
            app,
            introspection: options.introspection,
            documents: Documents::new(options.documents),
            sockets,
        }
    }
}
