//! Change notices: what a change of an account makes known, whatever becomes of the request that made it.

use std::sync::Weak;

use tokio::sync::broadcast;

use crate::{app::App, domain::UserId};

/// Says, when it is dropped, that something about a user has changed: here, and on every replica.
///
/// It is made before the change is committed. A client that leaves at that very moment has its request
/// dropped wherever it is, and what was committed must be known all the same. Saying it once too often
/// costs a look at the store.
pub(super) struct UserChangeNotice<'a> {
    app: &'a App,
    user: UserId,
    /// Whom to tell by mail that their password was changed.
    pub(super) new_password_of: Option<String>,
}

impl App {
    /// Makes caches follow what changes about users, here and on other replicas, for as long as there is an
    /// application.
    pub(in crate::app) async fn follow_user_changes(app: Weak<Self>, mut changes: broadcast::Receiver<UserId>) {
        loop {
            let changed = changes.recv().await;
            let Some(app) = app.upgrade() else { return };
            match changed {
                Ok(user) => app.invalidate_user(user),
                Err(broadcast::error::RecvError::Lagged(_)) => {
                    app.accounts.cache.invalidate_all();
                    app.watching.recheck_all_sessions();
                }
                Err(broadcast::error::RecvError::Closed) => return,
            }
        }
    }

    /// Forgets what is remembered of a user, and makes whatever is open in their name check it again.
    pub(in crate::app) fn invalidate_user(&self, user: UserId) {
        self.accounts.invalidate(user);
        self.watching.recheck_sessions(user);
    }

    #[must_use]
    pub(super) fn user_change_notice(&self, user: UserId) -> UserChangeNotice<'_> {
        UserChangeNotice { app: self, user, new_password_of: None }
    }
}

impl Drop for UserChangeNotice<'_> {
    fn drop(&mut self) {
        self.app.invalidate_user(self.user);
        self.app.bus.publish_change(self.user);
        if let Some(email) = &self.new_password_of {
            self.app.accounts.mail_queue.tell_of_password(email);
        }
    }
}
