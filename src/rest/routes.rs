//! The routes under `/v1`.

use std::sync::Arc;

use axum::{Router, middleware::from_fn};
use utoipa_axum::router::OpenApiRouter;

use super::{
    accept::check_accept, auth, blocked_senders, invitations, lease_messages, leases, live, messages, numbers, pools,
    timelines, users,
};
use crate::app::App;

/// The routes, with what describes them.
pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .merge(auth::routes())
        .merge(users::routes())
        .merge(numbers::routes())
        .merge(pools::routes())
        .merge(leases::routes())
        .merge(lease_messages::routes())
        .merge(messages::routes())
        .merge(live::routes())
        .merge(timelines::routes())
        .merge(invitations::routes())
        .merge(blocked_senders::routes())
}

/// The routes under `/v1`.
pub fn api_routes() -> Router<Arc<App>> {
    let (router, _) = routes().split_for_parts();
    router.layer(from_fn(check_accept))
}
