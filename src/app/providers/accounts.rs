//! Managing accounts at providers.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};

use super::{secret_strength::must_be_strong, secret_vault::SecretColumn};
use crate::{
    app::App,
    domain::{
        Administrator, AuditAction, Caller, Connection, Error, ErrorCode, ListCursor, NewProvider, NodeId, PageRequest,
        ProviderAccount, ProviderChange, ProviderId, Result,
    },
    providers::{self, Adapter, Draft, Provider, RawWebhook},
    store::{NewAudit, SealedSecret, SealedSecrets},
};

impl App {
    /// Accounts at providers, ordered by id.
    pub async fn list_providers(
        &self,
        cx: &dyn Administrator,
        page: &PageRequest<ListCursor>,
    ) -> Result<Connection<ListCursor, ProviderAccount>> {
        cx.administrator()?;
        Ok(Connection::of(page, self.store.list_providers(page).await?))
    }

    /// The total of [`App::list_providers`].
    pub async fn count_providers(&self, cx: &Caller) -> Result<u64> {
        cx.admin()?;
        self.store.count_providers().await
    }

    /// Accounts by id. Ids that do not exist are left out.
    pub async fn find_providers(&self, cx: &Caller, ids: &[ProviderId]) -> Result<Vec<ProviderAccount>> {
        cx.admin()?;
        self.store.find_providers(ids).await
    }

    /// Adds an account at a provider.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a secret or a configuration that its adapter cannot use; `ALREADY_EXISTS`.
    pub async fn create_provider(
        &self,
        cx: &dyn Administrator,
        new: &NewProvider,
        secrets: &NewSecrets,
    ) -> Result<ProviderAccount> {
        let by = cx.administrator()?;
        let kind = providers::find_kind(new.kind.as_str())?;
        let secret = secrets.secret.clone().unwrap_or_default();
        let token = filled(secrets.address_token.as_ref())?;
        let empty = Map::new();
        let configuration = new.settings.configuration.as_ref().unwrap_or(&empty);
        let adapter = Adapter::open(kind.word, secret.clone(), token.cloned(), configuration)?;
        must_be_strong(&adapter, Some(&secret), token)?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let id = tx.insert_provider(new, kind.api_endpoint, now).await?.id;
        let sealed = SealedSecrets {
            secret: Some(self.providers.vault.seal(id, SecretColumn::Secret, &secret)?),
            previous: None,
            address_token: token
                .map(|token| self.providers.vault.seal(id, SecretColumn::AddressToken, token))
                .transpose()?,
        };
        tx.set_provider_secrets(id, &sealed).await?;
        tx.set_secret_changed(id, now).await?;
        let (account, _) = tx.lock_provider(id).await?;
        let audit = NewAudit {
            actor_id: by,
            action: AuditAction::ProviderCreated,
            target: Some(NodeId::Provider(id)),
            details: json!({ "kind": account.kind.as_str(), "name": account.name }),
        };
        tx.insert_audit(audit, now).await?;
        tx.commit().await?;
        self.providers.forget(&account.name).await;
        Ok(account)
    }

    /// Changes an account, and its secrets where new ones are given. Takes effect on every replica within seconds.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a secret or a configuration that its adapter cannot use; `NOT_FOUND`.
    pub async fn update_provider(
        &self,
        cx: &dyn Administrator,
        id: ProviderId,
        change: ProviderChange,
        secrets: &NewSecrets,
    ) -> Result<ProviderAccount> {
        let by = cx.administrator()?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let (before, sealed) = tx.lock_provider(id).await?;
        let was_chosen = self
            .check_account(&before, &before.configuration, &sealed)
            .is_ok_and(|(adapter, _)| adapter.is_secret_chosen());
        let renewed = self.renew_secrets(id, sealed, secrets)?;
        // Checked together: a new secret may need a new configuration, and the other way round.
        let configuration = change.configuration.as_ref().unwrap_or(&before.configuration);
        if change.configuration.is_some() || secrets.any() {
            let (adapter, secret) = self.check_account(&before, configuration, &renewed)?;
            // A weak secret from before this rule goes on, and the account's health says so.
            let is_new = secrets.secret.is_some() || !was_chosen;
            let token = secrets.address_token.as_ref().filter(|token| !token.expose_secret().is_empty());
            must_be_strong(&adapter, Some(&secret).filter(|_| is_new), token)?;
        }
        let details = json!({
            "is_active": change.is_active,
            "priority": change.priority,
            "rate_limit_per_minute": change.rate_limit_per_minute,
            "configuration_changed": change.configuration.is_some(),
            "secret_replaced": secrets.secret.is_some(),
            "address_token_replaced": secrets.address_token.is_some(),
        });
        tx.change_provider(id, change, now).await?;
        if secrets.any() {
            tx.set_provider_secrets(id, &renewed).await?;
        }
        if secrets.secret.is_some() {
            tx.set_secret_changed(id, now).await?;
        }
        let (account, _) = tx.lock_provider(id).await?;
        let audit = NewAudit {
            actor_id: by,
            action: AuditAction::ProviderUpdated,
            target: Some(NodeId::Provider(id)),
            details,
        };
        tx.insert_audit(audit, now).await?;
        tx.commit().await?;
        self.providers.forget(&account.name).await;
        Ok(account)
    }

    /// The secrets of an account after replacing some.
    fn renew_secrets(&self, id: ProviderId, sealed: SealedSecrets, new: &NewSecrets) -> Result<SealedSecrets> {
        let mut renewed = sealed;
        if let Some(secret) = &new.secret {
            // If the current secret was never used, the provider still has the one before it: keep that.
            let before = match (new.ends_previous, renewed.previous.take(), &renewed.secret) {
                (true, _, _) => None,
                (false, Some(previous), _) => self.open_previous(id, &previous),
                (false, None, Some(secret)) => self.open_previous_in(id, SecretColumn::Secret, secret),
                (false, None, None) => None,
            };
            renewed.previous =
                before.map(|before| self.providers.vault.seal(id, SecretColumn::Previous, &before)).transpose()?;
            renewed.secret = Some(self.providers.vault.seal(id, SecretColumn::Secret, secret)?);
        } else if new.ends_previous {
            renewed.previous = None;
        }
        if let Some(token) = &new.address_token {
            // An empty token removes it.
            let token = Some(token).filter(|token| !token.expose_secret().is_empty());
            let token = filled(token)?.map(|token| self.providers.vault.seal(id, SecretColumn::AddressToken, token));
            renewed.address_token = token.transpose()?;
        }
        Ok(renewed)
    }

    /// Decrypts a replaced secret. One whose key is gone is useless, and no reason to fail.
    fn open_previous(&self, id: ProviderId, previous: &SealedSecret) -> Option<SecretString> {
        self.open_previous_in(id, SecretColumn::Previous, previous)
    }

    fn open_previous_in(&self, id: ProviderId, column: SecretColumn, sealed: &SealedSecret) -> Option<SecretString> {
        let opened = self.providers.vault.open(id, column, sealed);
        opened.inspect_err(|error| error.log("open a secret that is replaced")).ok()
    }

    /// The adapter of an account with this configuration and these secrets, and the current secret.
    fn check_account(
        &self,
        account: &ProviderAccount,
        configuration: &Map<String, Value>,
        sealed: &SealedSecrets,
    ) -> Result<(Adapter, SecretString)> {
        let open = |column, sealed: &Option<SealedSecret>| {
            sealed.as_ref().map(|sealed| self.providers.vault.open(account.id, column, sealed)).transpose()
        };
        let secret = open(SecretColumn::Secret, &sealed.secret)?.unwrap_or_default();
        let token = open(SecretColumn::AddressToken, &sealed.address_token)?;
        Ok((Adapter::open(account.kind.as_str(), secret.clone(), token, configuration)?, secret))
    }

    /// Encrypts every secret again with the current root key: previous root keys are no longer needed for them
    /// afterwards. Returns the number of accounts.
    ///
    /// # Errors
    /// When a secret cannot be decrypted with any key. That account is left as it is; those before it are done.
    pub async fn reseal_secrets(&self, cx: &dyn Administrator) -> Result<usize> {
        let by = cx.administrator()?;
        let ids = self.store.list_provider_ids().await?;
        for &id in &ids {
            let tx = self.store.begin().await?;
            let (_, sealed) = tx.lock_provider(id).await?;
            let again = |column, sealed: Option<SealedSecret>| -> Result<Option<SealedSecret>> {
                let Some(sealed) = sealed else { return Ok(None) };
                Ok(Some(self.providers.vault.seal(id, column, &self.providers.vault.open(id, column, &sealed)?)?))
            };
            let resealed = SealedSecrets {
                secret: again(SecretColumn::Secret, sealed.secret)?,
                previous: match sealed.previous.and_then(|previous| self.open_previous(id, &previous)) {
                    Some(previous) => Some(self.providers.vault.seal(id, SecretColumn::Previous, &previous)?),
                    None => None,
                },
                address_token: again(SecretColumn::AddressToken, sealed.address_token)?,
            };
            tx.set_provider_secrets(id, &resealed).await?;
            let audit = NewAudit {
                actor_id: by,
                action: AuditAction::SecretsResealed,
                target: Some(NodeId::Provider(id)),
                details: json!({}),
            };
            tx.insert_audit(audit, self.clock.now()).await?;
            tx.commit().await?;
        }
        Ok(ids.len())
    }

    /// Checks that the secrets of providers can be decrypted, and logs an error if not. Their webhooks cannot be
    /// verified then; everything else works, and the secrets can be entered again.
    pub async fn check_secrets(&self) -> Result<()> {
        let sealed = self.store.list_sealed_secrets().await?;
        let closed: Vec<_> = sealed
            .iter()
            .filter(|(account, secret)| self.providers.vault.open(account.id, SecretColumn::Secret, secret).is_err())
            .map(|(account, _)| account.name.as_str())
            .collect();
        if !closed.is_empty() {
            tracing::error!(
                providers = ?closed,
                all = closed.len() == sealed.len(),
                "the secret key does not open the secrets of these providers, so their webhooks cannot be verified: it is \
                 the key of another database, or was replaced without previous_secret_keys"
            );
        }
        Ok(())
    }

    /// The signed webhook that the account's provider would send for a message. `named` is the
    /// name of the account, or its kind if there is only one of that kind.
    ///
    /// # Errors
    /// `UNKNOWN_PROVIDER`; `VALIDATION_ERROR` when there are several of the kind, or when what is needed for signing
    /// is missing.
    pub async fn compose_webhook(
        &self,
        cx: &dyn Administrator,
        named: &str,
        public_url: &str,
        draft: &Draft<'_>,
    ) -> Result<RawWebhook> {
        cx.administrator()?;
        let (account, sealed) = match self.store.find_provider_by_name(named).await? {
            Some(found) => found,
            None => self.find_provider_of_kind(named).await?,
        };
        let secret = sealed.secret.clone();
        let secret = secret.ok_or_else(|| Error::internal(format!("provider {} has no secret", account.id)))?;
        let adapter = self.open_adapter(&account, &secret, SecretColumn::Secret, &sealed)?;
        let public = webhook_address(public_url, &account.name);
        let url = adapter.webhook_url().unwrap_or(&public).to_owned();
        adapter.compose(&Draft { url: &url, ..draft.clone() })
    }

    /// The only account of a kind.
    async fn find_provider_of_kind(&self, kind: &str) -> Result<(ProviderAccount, SealedSecrets)> {
        let mut found = self.store.find_providers_by_kind(kind).await?;
        match (found.pop(), found.is_empty()) {
            (Some(only), true) => Ok(only),
            (Some(_), false) => {
                Err(Error::invalid("provider", format!("there are several accounts of the kind {kind}: name one")))
            }
            (None, _) => Err(Error::new(
                ErrorCode::UnknownProvider,
                format!("there is no provider named `{kind}`, nor one of this kind; add it first"),
            )),
        }
    }

    /// An account by name, for the command line.
    ///
    /// # Errors
    /// `UNKNOWN_PROVIDER`.
    pub async fn get_provider(&self, name: &str) -> Result<ProviderAccount> {
        let found = self.store.find_provider_by_name(name).await?;
        let (account, _) = found.ok_or_else(|| {
            Error::new(ErrorCode::UnknownProvider, format!("there is no provider named `{name}`; add it first"))
        })?;
        Ok(account)
    }
}

/// New secrets of an account.
#[derive(Clone, Debug, Default)]
pub struct NewSecrets {
    /// The secret that webhooks are signed with.
    pub secret: Option<SecretString>,
    /// The token in the webhook address. An empty one removes it.
    pub address_token: Option<SecretString>,
    /// Whether the previous secret becomes invalid at once, rather than when a webhook has been verified with the new
    /// one. For secrets that have leaked.
    pub ends_previous: bool,
}

impl NewSecrets {
    /// A signing secret alone.
    #[must_use]
    pub fn signing(secret: impl Into<SecretString>) -> Self {
        Self { secret: Some(secret.into()), ..Self::default() }
    }

    fn any(&self) -> bool {
        self.secret.is_some() || self.address_token.is_some() || self.ends_previous
    }
}

/// Validates a token that is to be part of an address.
fn filled(token: Option<&SecretString>) -> Result<Option<&SecretString>> {
    let Some(token) = token else { return Ok(None) };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
    let text = token.expose_secret();
    match (16..=200).contains(&text.len()) && text.chars().all(plain) {
        true => Ok(Some(token)),
        false => Err(Error::invalid(
            "addressToken",
            "must have 16 to 200 letters, digits, hyphens, underscores, dots or tildes",
        )),
    }
}

/// The webhook address of an account.
fn webhook_address(public_url: &str, name: &str) -> String {
    format!("{}/v1/webhooks/sms?provider={name}", public_url.trim_end_matches('/'))
}
