//! Announcements: what a change of an account makes known, whatever becomes of the request that made it.

use super::App;
use crate::domain::UserId;

/// Says, when it is dropped, that something about a user has changed: here, and on every replica.
///
/// It is made before the change is committed. A client that leaves at that very moment has its request
/// dropped wherever it is, and what was committed must be known all the same. Saying it once too often
/// costs a look at the store.
pub(super) struct Announcement<'a> {
    app: &'a App,
    user: UserId,
    /// Whom to tell by mail that their password was changed.
    pub(super) new_password_of: Option<String>,
}

impl App {
    #[must_use]
    pub(super) fn announce(&self, user: UserId) -> Announcement<'_> {
        Announcement { app: self, user, new_password_of: None }
    }
}

impl Drop for Announcement<'_> {
    fn drop(&mut self) {
        self.app.forget(self.user);
        self.app.bus.publish_change(self.user);
        if let Some(email) = &self.new_password_of {
            self.app.courier.tell_of_password(email);
        }
    }
}
