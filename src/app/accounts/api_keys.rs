//! API keys: credentials with which programs act for a user, with fewer rights than a session.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::json;

use super::{
    Accounts,
    login_attempts::UNKNOWN_KEYS,
    secrets::{digest, generate},
};
use crate::{
    app::{App, rate_limits::client_network},
    domain::{
        Administrator, ApiKey, ApiKeyId, AuditAction, Caller, Client, Connection, Credential, Email, Error, ErrorCode,
        ListCursor, NewApiKey, NodeId, PageRequest, Result, Scope, UserId,
    },
    store::{FoundApiKey, NewAudit},
};

/// The prefix of every key.
const PREFIX: &str = "otpk_";
/// How many characters of a key are stored in clear to identify it: too few to guess the rest.
const SHOWN: usize = 11;
/// How many keys a user may have.
const MAX_KEYS: u64 = 50;

impl App {
    /// Creates a key. This is the only time that the key itself is shown.
    ///
    /// # Errors
    /// `LIMIT_REACHED` when the caller has as many keys as allowed.
    pub async fn create_api_key(&self, cx: &Caller, new: &NewApiKey) -> Result<(ApiKey, SecretString)> {
        let (actor, _) = cx.signed_in()?;
        self.add_api_key(Some(actor.user_id), actor.user_id, new).await
    }

    /// The same for any user, from the command line, without authorisation.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when it is no address; `NOT_FOUND`; `LIMIT_REACHED` when the user has as many keys as
    /// allowed.
    pub async fn create_api_key_of(&self, email: &str, new: &NewApiKey) -> Result<(ApiKey, SecretString)> {
        let login = self.store.find_login(&Email::parse(email)?).await?;
        let user = login.ok_or_else(|| Error::not_found("user"))?.user;
        self.add_api_key(None, user.id, new).await
    }

    async fn add_api_key(&self, by: Option<UserId>, user: UserId, new: &NewApiKey) -> Result<(ApiKey, SecretString)> {
        let key = generate(PREFIX, &self.random);
        let _notice = self.user_change_notice(user);
        let tx = self.store.begin().await?;
        tx.lock_user(user).await?.ok_or_else(|| Error::not_found("user"))?;
        if tx.count_api_keys(user).await? >= MAX_KEYS {
            let message = "you have as many API keys as you may; revoke one that you no longer need";
            return Err(Error::new(ErrorCode::LimitReached, message).with("limit", MAX_KEYS));
        }
        let now = self.clock.now();
        let stored = tx.insert_api_key(user, new, &key[..SHOWN], &digest(&key), now).await?;
        let audit = NewAudit {
            actor_id: by,
            action: AuditAction::ApiKeyCreated,
            target: Some(NodeId::ApiKey(stored.id)),
            details: json!({ "scopes": new.scopes().iter().map(Scope::as_str).collect::<Vec<_>>() }),
        };
        tx.insert_audit(audit, now).await?;
        tx.commit().await?;
        Ok((stored, key.into()))
    }

    /// The caller's keys, newest first.
    pub async fn list_api_keys(&self, cx: &Caller) -> Result<Vec<ApiKey>> {
        let (actor, _) = cx.signed_in()?;
        self.store.list_api_keys(actor.user_id).await
    }

    /// Revokes one of the caller's keys and ends whatever is open with it.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is none, or it is somebody else's.
    pub async fn revoke_api_key(&self, cx: &Caller, id: ApiKeyId) -> Result<()> {
        let (actor, _) = cx.signed_in()?;
        self.delete_api_key(Some(actor.user_id), actor.user_id, id).await
    }

    async fn delete_api_key(&self, by: Option<UserId>, owner: UserId, id: ApiKeyId) -> Result<()> {
        let _notice = self.user_change_notice(owner);
        let tx = self.store.begin().await?;
        if !tx.delete_api_key(owner, id).await? {
            return Err(Error::not_found("API key"));
        }
        let audit = NewAudit {
            actor_id: by,
            action: AuditAction::ApiKeyRevoked,
            target: Some(NodeId::ApiKey(id)),
            details: json!({}),
        };
        tx.insert_audit(audit, self.clock.now()).await?;
        tx.commit().await
    }

    /// The keys of all users, or of one, with their owners; the newest first.
    pub async fn list_all_api_keys(
        &self,
        cx: &dyn Administrator,
        owner: Option<UserId>,
        page: &PageRequest<ListCursor>,
    ) -> Result<Connection<ListCursor, (UserId, ApiKey)>> {
        cx.administrator()?;
        Ok(Connection::of(page, self.store.list_all_api_keys(owner, page).await?))
    }

    /// Revokes a key of any user and ends whatever is open with it. Returns whose it was, and the key.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn revoke_any_api_key(&self, cx: &dyn Administrator, id: ApiKeyId) -> Result<(UserId, ApiKey)> {
        let by = cx.administrator()?;
        let (owner, key) = self.store.find_any_api_key(id).await?.ok_or_else(|| Error::not_found("API key"))?;
        self.delete_api_key(by, owner, id).await?;
        Ok((owner, key))
    }

    pub(super) fn is_api_key(token: &str) -> bool {
        token.starts_with(PREFIX)
    }

    pub(super) async fn authenticate_key(&self, key: &str, client: &Client) -> Result<Caller> {
        let invalid =
            || Error::new(ErrorCode::Unauthenticated, "the API key is not valid, was revoked, or has expired");
        let digest = digest(key);
        let found = match self.accounts.api_keys.get(&digest) {
            Some(found) => found,
            None => {
                // Anybody can invent a key, and each unknown one costs a query.
                let subject = format!("keys-from:{}", client_network(client));
                let look_up = Box::pin(async { self.find_api_key(digest).await?.ok_or_else(invalid) });
                Box::pin(self.attempt(&[(subject, UNKNOWN_KEYS)], ErrorCode::Unauthenticated, look_up)).await?
            }
        };
        let now = self.clock.now();
        let expires_at = found.expires_at.unwrap_or(DateTime::<Utc>::MAX_UTC);
        if expires_at <= now {
            return Err(invalid());
        }
        let caller = self.caller_with(found.user_id, Credential::ApiKey(found.id), found.scopes, expires_at).await?;
        self.accounts.api_keys.record_usage(found.id, now);
        Ok(caller)
    }

    /// A key by its digest, and its account into the cache, in one statement for all who present it at the same time.
    async fn find_api_key(&self, digest: String) -> Result<Option<FoundApiKey>> {
        let Accounts { cache, api_keys, .. } = &self.accounts;
        let look_up = async {
            let (began, now) = (cache.changes(), self.clock.now());
            let Some((key, holder)) = self.store.find_api_key(&digest).await? else { return Ok(None) };
            cache.insert(&holder, Credential::ApiKey(key.id), now, began);
            api_keys.insert(digest.clone(), key);
            Ok(Some(key))
        };
        // Whether it is still valid is decided by its account.
        api_keys.look_ups.share(digest.clone(), look_up).await.as_ref().clone()
    }
}
