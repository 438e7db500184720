//! Change notices of numbers.

use crate::{
    app::App,
    domain::{NumberId, UserId},
};

/// Says, when it is dropped, that a number has changed: here, and on every replica. It is made before the
/// change is committed, as [`super::user_change_notice`] explains.
pub(super) struct NumberChangeNotice<'a> {
    app: &'a App,
    number: NumberId,
    pub(super) renter: Option<UserId>,
}

impl Drop for NumberChangeNotice<'_> {
    fn drop(&mut self) {
        self.app.bus.publish_number(self.number, self.renter);
    }
}

impl App {
    pub(super) fn number_change_notice(&self, number: NumberId, renter: Option<UserId>) -> NumberChangeNotice<'_> {
        NumberChangeNotice { app: self, number, renter }
    }
}
