//! How providers are doing, for administrators.

use chrono::TimeDelta;

use crate::{
    app::App,
    domain::{Caller, ProviderHealth, ProviderId, Result},
};

/// What the figures are of.
const RECENTLY: TimeDelta = TimeDelta::hours(24);

impl App {
    /// How providers are doing, in the order of their ids. What happened on other replicas within the last minute
    /// may be missing.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` or `FORBIDDEN` for whoever is no administrator.
    pub async fn find_health(&self, cx: &Caller, ids: &[ProviderId]) -> Result<Vec<ProviderHealth>> {
        cx.admin()?;
        self.roll_up_usage().await?;
        self.store.find_health(ids, self.clock.now() - RECENTLY).await
    }
}
