//! What goes around every route.
//!
//! It goes around the router as a whole. As a layer of the router it would be around each route by itself, and each
//! request would pay for a copy of all that is within.

use std::{
    convert::Infallible,
    panic::AssertUnwindSafe,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{extract::Request, response::Response};
use futures_util::{FutureExt, future::BoxFuture};
use tower::{Service, ServiceExt};

use super::{
    RequestId, RequestMetrics,
    draining::close_connection_while_draining,
    error_page::wants_page,
    error_response::{panic_response, render_error},
    html::forbid_sniffing,
    request_log::RequestLog,
};
use crate::app::App;

/// The routes of a service, and what goes around each of them: from the id of the request to the body of an error.
#[derive(Clone, Debug)]
pub struct AroundEveryRoute<S> {
    /// The application.
    pub app: Arc<App>,
    /// Counts the requests, unless they are the operator's.
    pub metrics: Option<Arc<RequestMetrics>>,
    /// The routes.
    pub routes: S,
}

impl<S> AroundEveryRoute<S>
where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send> + Send + 'static,
{
    async fn respond(self, mut request: Request) -> Response {
        let Self { app, metrics, routes } = self;
        let id = RequestId::assign(&app, &mut request);
        let log = RequestLog::begin(&app, &id, metrics.as_ref(), &mut request);
        let is_page = wants_page(request.method(), request.headers());
        let answer = async {
            let response = AssertUnwindSafe(routes.oneshot(request)).catch_unwind().await;
            let response = response.map(|response| response.unwrap_or_else(|never| match never {}));
            let mut response = render_error(response.unwrap_or_else(panic_response), &id, &app, is_page);
            close_connection_while_draining(&app, &mut response);
            response
        };
        let mut response = log.log(&app, answer).await;
        id.show_in(&mut response);
        forbid_sniffing(&mut response);
        response
    }
}

impl<S> Service<Request> for AroundEveryRoute<S>
where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // The routes are asked when there is a request.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        Box::pin(self.clone().respond(request).map(Ok))
    }
}
