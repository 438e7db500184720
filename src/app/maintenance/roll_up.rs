//! Writing down, once a minute, what this replica has counted.

use crate::{
    app::App,
    domain::{ErrorCode, Result},
    store::RollUp,
};

impl App {
    /// Writes usage, provider activity and API key usage since the last call. What an unavailable store could not take
    /// is kept for the next call and never added twice; what the store refuses is lost.
    pub async fn roll_up_usage(&self) -> Result<()> {
        let mut unwritten = self.maintenance.unwritten.lock().await;
        self.write_roll_up(&mut unwritten).await?;
        let (usage, activity, keys) =
            (self.rate_limits.take_usage(), self.providers.take_activity(), self.accounts.take_key_usage());
        if !(usage.is_empty() && activity.is_empty() && keys.is_empty()) {
            let id = format!("{:032x}", u128::from_be_bytes(self.random.bytes()));
            *unwritten = Some(RollUp { id, usage, activity, keys });
        }
        self.write_roll_up(&mut unwritten).await
    }

    async fn write_roll_up(&self, unwritten: &mut Option<RollUp>) -> Result<()> {
        let Some(roll_up) = unwritten else { return Ok(()) };
        let written = self.store.add_roll_up(roll_up, self.clock.now()).await;
        if written.as_ref().is_err_and(|error| error.code() == ErrorCode::Unavailable) {
            return written;
        }
        *unwritten = None;
        written
    }
}
