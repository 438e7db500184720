//! Publishing that a number has changed.

use crate::{
    app::App,
    domain::{NumberId, UserId},
};

/// Publishes, when it is dropped, that a number has changed: to this replica and all others. Created before the change
/// is committed, for the reason that `UserChangeNotice` of accounts has.
pub(super) struct NumberChangeNotice<'a> {
    app: &'a App,
    number: NumberId,
    renter: Option<UserId>,
}

impl Drop for NumberChangeNotice<'_> {
    fn drop(&mut self) {
        self.app.bus.publish_number_change(self.number, self.renter);
    }
}

impl App {
    #[must_use]
    pub(super) fn number_change_notice(&self, number: NumberId, renter: Option<UserId>) -> NumberChangeNotice<'_> {
        NumberChangeNotice { app: self, number, renter }
    }
}
