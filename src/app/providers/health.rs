//! The health of providers.

use chrono::TimeDelta;

use super::{secret_strength::is_weak, secret_vault::SecretColumn};
use crate::{
    app::App,
    domain::{Administrator, ProviderAccount, ProviderHealth, ProviderId, Result},
    providers::Provider,
    store::SealedSecrets,
};

/// The period that the figures cover.
const RECENTLY: TimeDelta = TimeDelta::hours(24);

impl App {
    /// The health of providers, ordered by id. Events of the last minute on other replicas may be missing.
    pub async fn find_health(&self, cx: &dyn Administrator, ids: &[ProviderId]) -> Result<Vec<ProviderHealth>> {
        cx.administrator()?;
        self.roll_up_usage().await?;
        let mut health = self.store.find_health(ids, self.clock.now() - RECENTLY).await?;
        let sealed = self.store.find_sealed_providers(ids).await?;
        let allowed = TimeDelta::from_std(self.settings.clock_skew).unwrap_or_default();
        for (id, health) in ids.iter().zip(&mut health) {
            health.is_clock_off = health.clock_offset.is_some_and(|offset| offset.abs() > allowed);
            let account = sealed.iter().find(|(account, _)| account.id == *id);
            health.has_weak_secret = account.is_some_and(|(account, sealed)| self.has_weak_secret(account, sealed));
        }
        Ok(health)
    }

    /// Whether a secret of an account could be guessed: one from before weak ones were refused. A previous one verifies
    /// webhooks until the current one has.
    fn has_weak_secret(&self, account: &ProviderAccount, sealed: &SealedSecrets) -> bool {
        let secrets = [(&sealed.secret, SecretColumn::Secret), (&sealed.previous, SecretColumn::Previous)];
        secrets.into_iter().any(|(secret, column)| {
            let Some(secret) = secret else { return false };
            // What cannot be opened verifies nothing; the log says so at the start.
            let adapter = self.open_adapter(account, secret, column, sealed);
            adapter.is_ok_and(|adapter| adapter.is_secret_chosen())
                && self.providers.vault.open(account.id, column, secret).is_ok_and(|secret| is_weak(&secret))
        })
    }
}
