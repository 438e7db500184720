//! Gateways: an account at a provider with the adapter that reads it, ready to use.

use std::{fmt, sync::Arc};

use secrecy::{ExposeSecret, SecretString};

use super::App;
use crate::{
    domain::{Code, Error, ProviderAccount, ProviderKind, Result},
    providers::{self, Provider},
    store::NewProvider,
};

/// An account with its adapter.
pub struct Gateway {
    /// The account.
    pub account: ProviderAccount,
    /// What verifies and reads its webhooks.
    pub adapter: Box<dyn Provider>,
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway").field("account", &self.account).finish_non_exhaustive()
    }
}

impl App {
    /// The gateway that a webhook names.
    ///
    /// # Errors
    /// `UNKNOWN_PROVIDER` when there is none, or it was switched off.
    pub async fn get_gateway(&self, name: &str) -> Result<Arc<Gateway>> {
        let unknown = || {
            Error::new(Code::UnknownProvider, "no active provider has this name; it is the `provider` of the address")
                .with("field", "provider")
        };
        if name.is_empty() || name.len() > 100 {
            return Err(unknown());
        }
        if let Some(known) = self.gateways.get(name).await {
            return known.ok_or_else(unknown);
        }
        let gateway = self.open_gateway(name).await?.map(Arc::new);
        self.gateways.insert(name.to_owned(), gateway.clone()).await;
        gateway.ok_or_else(unknown)
    }

    async fn open_gateway(&self, name: &str) -> Result<Option<Gateway>> {
        let Some((account, sealed)) = self.store.find_provider_by_name(name).await? else { return Ok(None) };
        if !account.is_active {
            return Ok(None);
        }
        let sealed = sealed.ok_or_else(|| Error::internal(format!("provider {} has no secret", account.id)))?;
        let secret = self.vault.open(account.id, &sealed)?;
        Ok(Some(Gateway { adapter: providers::adapter(account.kind, secret), account }))
    }

    /// Adds an account at a provider, for the operator at the command line.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a name that an address cannot carry or an empty secret;
    /// `ALREADY_EXISTS`.
    pub async fn create_provider(
        &self,
        kind: ProviderKind,
        name: &str,
        secret: &SecretString,
    ) -> Result<ProviderAccount> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if !(1..=100).contains(&name.len()) || !name.chars().all(plain) {
            return Err(Error::invalid("name", "must have 1 to 100 letters, digits, hyphens, underscores or dots"));
        }
        // An empty key would verify what anybody has signed with an empty key.
        if secret.expose_secret().trim().is_empty() {
            return Err(Error::invalid("secret", "must not be empty"));
        }
        let tx = self.store.begin().await?;
        let account = tx.insert_provider(&NewProvider { kind, name: name.to_owned() }).await?;
        tx.set_provider_secret(account.id, self.vault.seal(account.id, secret)?).await?;
        tx.commit().await?;
        self.gateways.invalidate(name).await;
        Ok(account)
    }

    /// An account, for the operator at the command line.
    ///
    /// # Errors
    /// `UNKNOWN_PROVIDER` when there is none of this name.
    pub async fn get_provider(&self, name: &str) -> Result<ProviderAccount> {
        let found = self.store.find_provider_by_name(name).await?;
        let (account, _) = found.ok_or_else(|| {
            Error::new(Code::UnknownProvider, format!("there is no provider named `{name}`; add it first"))
        })?;
        Ok(account)
    }
}
