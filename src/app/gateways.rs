//! Gateways: an account at a provider with the adapter that reads it, ready to use.

use std::{fmt, sync::Arc};

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::App;
use crate::{
    domain::{
        AuditAction, Caller, Code, Connection, Error, ListCursor, NewProvider, NodeId, PageRequest, ProviderAccount,
        ProviderChange, ProviderId, Result, UserId,
    },
    providers::{self, Provider},
    store::NewAudit,
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

    /// The accounts at providers, by id.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` or `FORBIDDEN` for whoever is no administrator.
    pub async fn list_providers(
        &self,
        cx: &Caller,
        page: &PageRequest<ListCursor>,
    ) -> Result<Connection<ListCursor, ProviderAccount>> {
        cx.admin()?;
        Ok(Connection::of(page, self.store.list_providers(page).await?))
    }

    /// How many accounts [`App::list_providers`] has in all.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` or `FORBIDDEN` for whoever is no administrator.
    pub async fn count_providers(&self, cx: &Caller) -> Result<u64> {
        cx.admin()?;
        self.store.count_providers().await
    }

    /// Accounts by their ids; one that is not there is left out.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` or `FORBIDDEN` for whoever is no administrator.
    pub async fn find_providers(&self, cx: &Caller, ids: &[ProviderId]) -> Result<Vec<ProviderAccount>> {
        cx.admin()?;
        self.store.find_providers(ids).await
    }

    /// Adds an account at a provider.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` or `FORBIDDEN` for whoever is no administrator; `VALIDATION_ERROR` for an empty
    /// secret; `ALREADY_EXISTS`.
    pub async fn create_provider(
        &self,
        cx: &Caller,
        new: &NewProvider,
        secret: &SecretString,
    ) -> Result<ProviderAccount> {
        let actor = cx.admin()?;
        self.add_provider(Some(actor.user_id), new, secret).await
    }

    /// The same for the operator at the command line, who needs no permission.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for an empty secret; `ALREADY_EXISTS`.
    pub async fn create_provider_as_operator(
        &self,
        new: &NewProvider,
        secret: &SecretString,
    ) -> Result<ProviderAccount> {
        self.add_provider(None, new, secret).await
    }

    async fn add_provider(
        &self,
        by: Option<UserId>,
        new: &NewProvider,
        secret: &SecretString,
    ) -> Result<ProviderAccount> {
        check_secret(secret)?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let account = tx.insert_provider(new, now).await?;
        tx.set_provider_secret(account.id, self.vault.seal(account.id, secret)?).await?;
        let audit = NewAudit {
            actor_id: by,
            action: AuditAction::ProviderCreated,
            target: Some(NodeId::Provider(account.id)),
            details: json!({ "kind": account.kind.as_str(), "name": account.name }),
        };
        tx.insert_audit(audit, now).await?;
        tx.commit().await?;
        self.gateways.invalidate(&account.name).await;
        Ok(account)
    }

    /// Changes an account, and its secret where one is given. Every replica goes by it within seconds.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` or `FORBIDDEN` for whoever is no administrator; `VALIDATION_ERROR` for an empty
    /// secret; `NOT_FOUND`.
    pub async fn update_provider(
        &self,
        cx: &Caller,
        id: ProviderId,
        change: ProviderChange,
        secret: Option<&SecretString>,
    ) -> Result<ProviderAccount> {
        let actor = cx.admin()?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let account = tx.change_provider(id, change, now).await?;
        if let Some(secret) = secret {
            check_secret(secret)?;
            tx.set_provider_secret(id, self.vault.seal(id, secret)?).await?;
        }
        let audit = NewAudit {
            actor_id: Some(actor.user_id),
            action: AuditAction::ProviderUpdated,
            target: Some(NodeId::Provider(id)),
            details: json!({
                "is_active": change.is_active,
                "priority": change.priority,
                "rate_limit_per_minute": change.rate_limit_per_minute,
                "secret_replaced": secret.is_some(),
            }),
        };
        tx.insert_audit(audit, now).await?;
        tx.commit().await?;
        self.gateways.invalidate(&account.name).await;
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

fn check_secret(secret: &SecretString) -> Result<()> {
    // An empty key would verify what anybody has signed with an empty key.
    match secret.expose_secret().trim().is_empty() {
        true => Err(Error::invalid("secret", "must not be empty")),
        false => Ok(()),
    }
}
