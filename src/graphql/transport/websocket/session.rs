//! The access token that a connection goes by, and when it ends.

use chrono::TimeDelta;
use serde_json::{Map, Value};

use crate::{
    app::{App, watching::SessionGuard},
    domain::Error,
    http::bearer_token,
};

/// How long before the end of its access token a client is warned.
const WARNING: TimeDelta = TimeDelta::seconds(60);

/// The token of `connection_init`: `Authorization` or `authorization`, with or without the scheme, or `token`.
pub(super) fn token_of(payload: &Map<String, Value>) -> Option<&str> {
    let field = |name: &str| payload.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty());
    let text = ["Authorization", "authorization", "token"].into_iter().find_map(field)?;
    Some(bearer_token(text).unwrap_or(text))
}

/// What happens to the session of a connection.
pub(super) enum SessionEvent {
    /// The access token is about to end.
    Expiring,
    /// The caller may no longer be connected.
    Ended(Error),
}

/// Returns at the next event of a session. A guest has none.
pub(super) async fn next_event(app: &App, guard: &mut Option<SessionGuard>, is_warned: bool) -> SessionEvent {
    let Some(guard) = guard else { return std::future::pending().await };
    let warn_at = guard.expires_at() - WARNING;
    tokio::select! {
        biased;
        reason = guard.ended() => SessionEvent::Ended(reason),
        () = app.clock().sleep_until(warn_at), if !is_warned => SessionEvent::Expiring,
    }
}
