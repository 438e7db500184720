//! Presence: who has something open on this replica, so that it can be ended when they may no longer
//! have it.
//!
//! A session that was ended, an account that was deactivated, a password that was changed, a key that
//! was revoked: each is one event, *something about this user has changed*, and whoever is here as that
//! user looks again at what they may do. The event comes at once from this replica and over the wire
//! from others; a tick makes up for a wire that lost it.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::sync::watch;

use crate::{
    app::App,
    domain::{Actor, Caller, Error, ErrorCode, Result},
};

/// How long somebody stays without a look while the store is away.
const RETRY: Duration = Duration::from_secs(1);

/// A stay: something that is open for as long as its user may have it. Dropping it leaves.
#[derive(Debug)]
pub struct SessionGuard {
    app: Arc<App>,
    actor: Actor,
    changed: watch::Receiver<()>,
    /// Whether a change was heard of and not looked at yet. It outlives a wait that is given up.
    must_look: bool,
}

impl App {
    /// Takes note that the caller has something open. They are looked at once more: something may have
    /// changed since they showed their credential.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a guest, who has nothing that could end.
    pub fn guard_session(self: &Arc<Self>, cx: &Caller) -> Result<SessionGuard> {
        let actor = *cx.user()?;
        let changed = self.watching.sessions.enter(actor.user_id, actor.credential);
        Ok(SessionGuard { app: Arc::clone(self), actor, changed, must_look: true })
    }

    /// How many credentials have something open on this replica.
    #[must_use]
    pub fn count_guarded(&self) -> usize {
        self.watching.sessions.list().len()
    }
}

impl SessionGuard {
    /// When the credential ends, and the stay with it.
    #[must_use]
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.actor.expires_at
    }

    /// Returns the reason when the user may no longer be here.
    pub async fn ended(&mut self) -> Error {
        let Self { app, actor, changed, must_look } = self;
        tokio::select! {
            () = app.clock.sleep_until(actor.expires_at) => {
                Error::new(ErrorCode::TokenExpired, "the access token has expired")
            }
            reason = look(app, *actor, changed, must_look) => reason,
        }
    }
}

/// Looks at the user whenever something about them has changed; returns the reason when they may no longer
/// be here.
async fn look(app: &App, actor: Actor, changed: &mut watch::Receiver<()>, must_look: &mut bool) -> Error {
    loop {
        if !*must_look {
            let _ = changed.changed().await;
            *must_look = true;
        }
        // Boxed, so that one who only waits does not keep room for a query.
        match Box::pin(app.reauthenticate(&Caller::User(actor))).await {
            // What they have open may show what administrators alone may see.
            Ok(Caller::User(now)) if actor.is_admin() && !now.is_admin() => {
                return Error::new(
                    ErrorCode::Forbidden,
                    "you are no longer an administrator; come back as who you are",
                );
            }
            Ok(_) => *must_look = false,
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
        self.app.watching.sessions.leave(self.actor.user_id, self.actor.credential);
    }
}
