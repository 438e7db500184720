//! Change notices: publishing that an account has changed, whatever becomes of the request that changed it.

use std::sync::Weak;

use tokio::sync::broadcast;

use crate::{app::App, bus::UserSignal, domain::UserId};

/// Publishes, when it is dropped, that something about a user has changed: to this replica and all others.
///
/// It is created before the change is committed. When a client disconnects, its request's future is dropped wherever
/// it is; a change that was just committed must be published all the same. Publishing once too often costs a query.
pub(super) struct UserChangeNotice<'a> {
    app: &'a App,
    user: UserId,
    /// The address to notify by mail that the password was changed.
    pub(super) new_password_of: Option<String>,
}

impl App {
    /// Keeps caches and open sessions up to date with changes of users, on this replica and others, for as long as the
    /// application exists.
    pub(in crate::app) async fn follow_user_changes(app: Weak<Self>, mut changes: broadcast::Receiver<UserSignal>) {
        loop {
            let changed = changes.recv().await;
            let Some(app) = app.upgrade() else { return };
            match changed {
                Ok(UserSignal::Changed(user)) => app.invalidate_user(user),
                Ok(UserSignal::Resync) | Err(broadcast::error::RecvError::Lagged(_)) => {
                    app.accounts.cache.invalidate_all();
                    app.watching.recheck_all_sessions();
                }
                Err(broadcast::error::RecvError::Closed) => return,
            }
        }
    }

    /// Drops what is cached of a user, and has everything open in their name check its credential again.
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
        self.app.bus.publish_user_change(self.user);
        if let Some(email) = &self.new_password_of {
            self.app.accounts.mail_queue.tell_of_password(email);
        }
    }
}
