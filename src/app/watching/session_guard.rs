//! Session guards: end sockets and streams whose user may no longer have them.
//!
//! An ended session, a deactivated account, a changed password and a revoked key are all one event: *something about
//! this user has changed*. Every guard of that user then checks its credential again. The event arrives at once from
//! this replica, through the bus from others, and a periodic check makes up for lost ones.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::sync::watch;

use crate::{
    app::App,
    domain::{Actor, Caller, Error, ErrorCode, Result},
};

/// How long a guard waits before it asks an unavailable store again.
const RETRY: Duration = Duration::from_secs(1);

/// Guards one open socket or stream. Dropping it unregisters it.
#[derive(Debug)]
pub struct SessionGuard {
    app: Arc<App>,
    actor: Actor,
    changed: watch::Receiver<()>,
    /// Whether there was a change that has not been checked yet. Kept here because the future that checks may be
    /// dropped half-way.
    must_check: bool,
    has_ended: bool,
}

impl App {
    /// Registers a socket or stream of the caller. Their credential is checked once more: something may have changed
    /// since it was presented.
    pub fn guard_session(self: &Arc<Self>, cx: &Caller) -> Result<SessionGuard> {
        let actor = *cx.user()?;
        let changed = self.watching.sessions.register(&actor);
        Ok(SessionGuard { app: Arc::clone(self), actor, changed, must_check: true, has_ended: false })
    }

    /// The number of credentials with something open on this replica.
    #[must_use]
    pub fn count_guarded(&self) -> usize {
        self.watching.sessions.list().len()
    }
}

impl SessionGuard {
    /// When the credential expires, and with it what is guarded.
    #[must_use]
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.actor.expires_at
    }

    /// Returns when the user may no longer have it open, with the reason.
    pub async fn ended(&mut self) -> Error {
        let Self { app, actor, changed, must_check, has_ended } = self;
        let reason = tokio::select! {
            () = app.clock.sleep_until(actor.expires_at) => {
                Error::new(ErrorCode::TokenExpired, "the access token has expired")
            }
            reason = check(app, *actor, changed, must_check) => reason,
        };
        *has_ended = true;
        reason
    }

    /// Whether [`ended`](Self::ended) has returned.
    pub(super) fn has_ended(&self) -> bool {
        self.has_ended
    }
}

/// Checks the credential after every change. Returns the reason when it is no longer good.
async fn check(app: &App, actor: Actor, changed: &mut watch::Receiver<()>, must_check: &mut bool) -> Error {
    loop {
        if !*must_check {
            let _ = changed.changed().await;
            *must_check = true;
        }
        // Boxed, so that a waiting guard does not keep space for a query's future.
        match Box::pin(app.reauthenticate(&Caller::User(actor))).await {
            // An open subscription may show what only administrators may see.
            Ok(Caller::User(now)) if actor.is_admin() && !now.is_admin() => {
                return Error::new(
                    ErrorCode::Forbidden,
                    "you are no longer an administrator; reconnect to continue as a user",
                );
            }
            Ok(_) => *must_check = false,
            Err(error) if error.code() == ErrorCode::Unavailable => {
                error.log("guard a session");
                app.clock.sleep(RETRY).await;
            }
            Err(error) => return error,
        }
    }
}

impl Drop for SessionGuard {
    fn drop(&mut self) {
        self.app.watching.sessions.unregister(&self.actor);
    }
}
