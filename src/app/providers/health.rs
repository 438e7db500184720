//! The health of providers.

use chrono::TimeDelta;

use crate::{
    app::App,
    domain::{Caller, ProviderHealth, ProviderId, Result},
};

/// The period that the figures cover.
const RECENTLY: TimeDelta = TimeDelta::hours(24);

impl App {
    /// The health of providers, ordered by id. Events of the last minute on other replicas may be missing.
    pub async fn find_health(&self, cx: &Caller, ids: &[ProviderId]) -> Result<Vec<ProviderHealth>> {
        cx.admin()?;
        self.roll_up_usage().await?;
        self.store.find_health(ids, self.clock.now() - RECENTLY).await
    }
}
