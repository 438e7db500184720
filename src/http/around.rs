//! The middleware around every route.
//!
//! It is one and not one for each purpose: a router allocates a copy of everything within a middleware for each request
//! that passes it, so that the cost of many grows with the square of their number.

use std::{panic::AssertUnwindSafe, sync::Arc};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use futures_util::FutureExt;

use super::{
    RequestId, RequestMetrics,
    draining::close_connection_while_draining,
    error_page::wants_page,
    error_response::{panic_response, render_error},
    html::forbid_sniffing,
    request_log::RequestLog,
};
use crate::app::App;

/// The state of [`around_every_route`].
#[derive(Clone, Debug)]
pub struct AroundState {
    /// The application.
    pub app: Arc<App>,
    /// Counts the requests, unless they are the operator's.
    pub metrics: Option<Arc<RequestMetrics>>,
}

/// Middleware: what goes around every route, from the id of the request to the body of an error.
pub async fn around_every_route(State(state): State<AroundState>, mut request: Request, next: Next) -> Response {
    let AroundState { app, metrics } = &state;
    let id = RequestId::assign(app, &mut request);
    let log = RequestLog::begin(app, &id, metrics.as_deref(), &mut request);
    let is_page = wants_page(request.method(), request.headers());
    let answer = async {
        let response = AssertUnwindSafe(next.run(request)).catch_unwind().await;
        let mut response = render_error(response.unwrap_or_else(panic_response), &id, app, is_page);
        close_connection_while_draining(app, &mut response);
        response
    };
    let mut response = log.log(app, answer).await;
    id.show_in(&mut response);
    forbid_sniffing(&mut response);
    response
}
