//! Health, for load balancers and orchestrators.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;

use super::{ErrorResponse, method_not_allowed};
use crate::{app::App, domain::StoreProblem};

/// The routes.
pub(super) const HEALTH: [&str; 2] = ["/healthz", "/readyz"];

/// `/healthz`: the process is alive. `/readyz`: it can do its work. A replica is ready without Redis, because its
/// watchers then read the store, and while the store cannot be written, because messages can still be read. The
/// response names the state of both.
pub fn health_routes() -> Router<Arc<App>> {
    let [alive_route, ready_route] = HEALTH;
    Router::new()
        .route(alive_route, get(alive).fallback(method_not_allowed))
        .route(ready_route, get(ready).fallback(method_not_allowed))
}

async fn alive() -> Response {
    Json(json!({ "status": "ok" })).into_response()
}

async fn ready(State(app): State<Arc<App>>) -> Response {
    match app.check_ready().await {
        Ok(problem) => {
            let store = problem.map_or("ok", StoreProblem::as_str);
            let bus = if app.is_bus_connected() { "ok" } else { "away" };
            let status = if store == "ok" && bus == "ok" { "ok" } else { "degraded" };
            Json(json!({ "status": status, "store": store, "bus": bus })).into_response()
        }
        Err(error) => ErrorResponse(error).into_response(),
    }
}
