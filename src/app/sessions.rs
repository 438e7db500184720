//! Sessions: signing in, staying signed in, and ending it.
//!
//! A session has an access token, which is short-lived and needs no look-up, and a refresh token, which
//! is long-lived and of which the store keeps a digest. Refresh tokens rotate with overlap: each refresh
//! gives out a successor, and the old token stays good until the successor is first used. After that, a
//! token that was good once can only be a copy, and ends the session.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};

use super::{
    App,
    accounts::check_password,
    limits::{LOG_IN_ACCOUNT, LOG_IN_ADDRESS},
    secrets::{digest, fresh},
    tokens::AccessToken,
};
use crate::{
    domain::{Actor, Caller, Client, Code, Credential, Email, Error, Result, Scopes, Session, SessionId, User, UserId},
    store::{Account, NewSession, Rotation, Tx},
};

/// How many sessions a user may have. Signing in once more ends the one that was used longest ago.
const MAX_SESSIONS: u64 = 100;
/// Who shows the old refresh token again within this time gets the same successor: an answer was lost, or
/// two tabs refreshed together. Later, the successor is another one, so that of two who share a token one
/// is found out.
const SAME_SUCCESSOR: TimeDelta = TimeDelta::seconds(30);

/// How long sessions last.
#[derive(Clone, Copy, Debug)]
pub struct SessionLifetime {
    /// Without being used.
    pub idle: Duration,
    /// In all.
    pub absolute: Duration,
}

impl Default for SessionLifetime {
    fn default() -> Self {
        Self { idle: Duration::from_secs(30 * 86_400), absolute: Duration::from_secs(90 * 86_400) }
    }
}

/// Somebody who has signed in, or has refreshed.
pub struct SignedIn {
    /// Who.
    pub user: Arc<User>,
    /// What shows it: a JWT.
    pub access_token: String,
    /// When the access token ends.
    pub expires_at: DateTime<Utc>,
    /// What gets the next access token.
    pub refresh_token: SecretString,
}

impl SignedIn {
    /// In how many seconds the access token ends.
    #[must_use]
    pub fn expires_in(&self, now: DateTime<Utc>) -> i64 {
        (self.expires_at - now).num_seconds().max(0)
    }
}

impl App {
    /// Signs somebody in: begins a session.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS` when there is no such account or the password is wrong: neither the
    /// answer nor its time tells which. `ACCOUNT_DEACTIVATED` for the right password of an account
    /// that may not be used. `RATE_LIMITED` after too many wrong ones, for this account or from this
    /// address.
    pub async fn log_in(&self, email: &str, password: SecretString, client: &Client) -> Result<SignedIn> {
        // What is no address is limited like one.
        let account = format!("login:{}", digest(&email.trim().to_lowercase()));
        let email = Email::parse(email);
        let address = format!("login-from:{}", Self::place(client));
        let now = self.clock.now();
        self.count_attempt(&account, LOG_IN_ACCOUNT, now).await?;
        if let Err(error) = self.count_attempt(&address, LOG_IN_ADDRESS, now).await {
            self.limiter.give_back(&account, now).await;
            return Err(error);
        }
        let login = match &email {
            Ok(email) => self.store.find_login(email).await?,
            Err(_) => None,
        };
        let (user, expected) = login.map(|login| (login.user, login.password_hash)).unzip();
        let is_right = self.passwords.verify(password, expected).await?;
        let user = user
            .filter(|_| is_right)
            .ok_or_else(|| Error::new(Code::InvalidCredentials, "the e-mail address or the password is wrong"))?;
        // The right password is no attempt to guess it.
        self.limiter.give_back(&account, now).await;
        self.limiter.give_back(&address, now).await;
        must_be_active(&user)?;
        let tx = self.store.begin().await?;
        let signed_in = self.begin_session(&tx, user, client).await?;
        tx.commit().await?;
        self.accounts.invalidate(&signed_in.user.id).await;
        Ok(signed_in)
    }

    async fn count_attempt(&self, subject: &str, rule: crate::limiter::Rule, now: DateTime<Utc>) -> Result<()> {
        let decision = self.limiter.take(subject, rule, 1, now).await;
        if decision.allowed {
            return Ok(());
        }
        Err(Error::rate_limited("too many failed attempts; try again later", decision.retry_after))
    }

    /// Adds a session to a transaction.
    pub(super) async fn begin_session(&self, tx: &Tx, mut user: User, client: &Client) -> Result<SignedIn> {
        let now = self.clock.now();
        let end = now + self.settings.sessions.absolute;
        let expires_at = (now + self.settings.sessions.idle).min(end);
        // The token names the session, whose id is not known before the session is stored.
        let placeholder = digest(&fresh("", &self.random));
        let session = NewSession { user_id: user.id, client, expires_at };
        let id = tx.insert_session(session, &placeholder, now).await?;
        let refresh_token = self.refresh_tokens.encode(&self.refresh_tokens.first(id, &self.random));
        let rotation = Rotation {
            refresh_token: digest(&refresh_token),
            previous_refresh_token: None,
            client,
            last_used_at: now,
            expires_at,
        };
        tx.rotate_session(id, rotation).await?;
        tx.keep_newest_sessions(user.id, MAX_SESSIONS).await?;
        tx.set_last_login(user.id, now).await?;
        user.last_login = Some(now);
        self.sign_in(Arc::new(user), id, end, refresh_token.into(), now)
    }

    fn sign_in(
        &self,
        user: Arc<User>,
        session: SessionId,
        session_end: DateTime<Utc>,
        refresh_token: SecretString,
        now: DateTime<Utc>,
    ) -> Result<SignedIn> {
        let expires_at = (now + self.settings.token_lifetime).min(session_end);
        let token = AccessToken { user: user.id, session, expires_at };
        let (access_token, expires_at) = self.tokens.issue(token, now)?;
        Ok(SignedIn { user, access_token, expires_at, refresh_token })
    }

    /// Takes a new access token, and the successor of the refresh token.
    ///
    /// # Errors
    /// `INVALID_REFRESH_TOKEN` when it is not one of ours, its session is over, or its successor has been
    /// used: then somebody else may have it, and the session ends. `ACCOUNT_DEACTIVATED`.
    pub async fn refresh_session(&self, refresh_token: &SecretString, client: &Client) -> Result<SignedIn> {
        let invalid = || Error::new(Code::InvalidRefreshToken, "the refresh token is not valid; sign in again");
        let shown = refresh_token.expose_secret();
        let token = self.refresh_tokens.decode(shown).ok_or_else(invalid)?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let session = tx.lock_session(token.session).await?.ok_or_else(invalid)?;
        if session.expires_at <= now {
            return Err(invalid());
        }
        let shown = digest(shown);
        let is_newest = shown == session.refresh_token;
        if !is_newest && session.previous_refresh_token.as_ref() != Some(&shown) {
            tx.end_session(token.session).await?;
            tx.commit().await?;
            metrics::counter!("otpwire_sessions_stolen_total").increment(1);
            tracing::warn!(session = %token.session, "a refresh token was used after its successor; its session was ended");
            self.publish_change(session.user_id).await;
            return Err(invalid());
        }
        let user = tx.lock_user(session.user_id).await?.ok_or_else(invalid)?;
        must_be_active(&user)?;
        let is_repeated = !is_newest && now < session.last_used_at + SAME_SUCCESSOR;
        let rotated_at = if is_repeated { session.last_used_at } else { now };
        let successor = self.refresh_tokens.encode(&self.refresh_tokens.next(&token, rotated_at));
        let end = session.created_at + self.settings.sessions.absolute;
        let rotation = Rotation {
            refresh_token: digest(&successor),
            previous_refresh_token: Some(shown),
            client,
            last_used_at: rotated_at,
            expires_at: (now + self.settings.sessions.idle).min(end),
        };
        tx.rotate_session(token.session, rotation).await?;
        tx.commit().await?;
        self.sign_in(Arc::new(user), token.session, end, successor.into(), now)
    }

    /// Ends the session that the caller asks in.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a guest, `FORBIDDEN` for an API key.
    pub async fn log_out(&self, cx: &Caller) -> Result<()> {
        let (actor, session) = cx.signed_in()?;
        self.store.end_session(actor.user_id, session).await?;
        self.publish_change(actor.user_id).await;
        Ok(())
    }

    /// The caller's sessions, the one that was used last first; and which of them they ask in.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a guest, `FORBIDDEN` for an API key.
    pub async fn list_sessions(&self, cx: &Caller) -> Result<(Vec<Session>, SessionId)> {
        let (actor, current) = cx.signed_in()?;
        Ok((self.store.list_sessions(actor.user_id, self.clock.now()).await?, current))
    }

    /// Ends one of the caller's sessions.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is none, or it is somebody else's.
    pub async fn end_session(&self, cx: &Caller, id: SessionId) -> Result<()> {
        let (actor, _) = cx.signed_in()?;
        if !self.store.end_session(actor.user_id, id).await? {
            return Err(Error::not_found("session"));
        }
        self.publish_change(actor.user_id).await;
        Ok(())
    }

    /// Changes the caller's password. Every session of the account ends; the caller gets a new one.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS` when the current password is wrong; `VALIDATION_ERROR` when the new one
    /// breaks a rule; `RATE_LIMITED` after too many wrong ones.
    pub async fn change_password(
        &self,
        cx: &Caller,
        current: SecretString,
        new: SecretString,
        client: &Client,
    ) -> Result<SignedIn> {
        let (actor, _) = cx.signed_in()?;
        check_password("new_password", &new)?;
        let attempts = format!("password:{}", actor.user_id);
        let now = self.clock.now();
        self.count_attempt(&attempts, LOG_IN_ACCOUNT, now).await?;
        let login = self.store.find_login_of(actor.user_id).await?.ok_or_else(|| Error::not_found("user"))?;
        if !self.passwords.verify(current, Some(login.password_hash)).await? {
            return Err(
                Error::new(Code::InvalidCredentials, "the current password is wrong").with("field", "current_password")
            );
        }
        self.limiter.give_back(&attempts, now).await;
        let password_hash = self.passwords.hash(new).await?;
        let tx = self.store.begin().await?;
        let user = tx.lock_user(actor.user_id).await?.ok_or_else(|| Error::not_found("user"))?;
        tx.set_password(user.id, password_hash).await?;
        tx.end_sessions(user.id).await?;
        let signed_in = self.begin_session(&tx, user, client).await?;
        tx.commit().await?;
        self.publish_change(actor.user_id).await;
        self.courier.tell_of_password(&signed_in.user.email);
        Ok(signed_in)
    }

    /// Who is behind an access token or an API key.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`, `TOKEN_EXPIRED`, `SESSION_ENDED` or `ACCOUNT_DEACTIVATED`.
    pub async fn authenticate(&self, token: &str) -> Result<Caller> {
        if Self::is_api_key(token) {
            return self.authenticate_key(token).await;
        }
        let token = self.tokens.read(token, self.clock.now())?;
        self.actor(token.user, Credential::Session(token.session), Scopes::all(), token.expires_at).await
    }

    /// The caller as they are now: what a user may do can change after they have shown their credential.
    ///
    /// # Errors
    /// `SESSION_ENDED`, `ACCOUNT_DEACTIVATED`, or `UNAUTHENTICATED` when the account is gone.
    pub async fn refresh(&self, cx: &Caller) -> Result<Caller> {
        match cx {
            Caller::Guest => Ok(Caller::Guest),
            Caller::User(actor) => self.actor(actor.user_id, actor.credential, actor.scopes, actor.expires_at).await,
        }
    }

    pub(super) async fn actor(
        &self,
        id: UserId,
        credential: Credential,
        scopes: Scopes,
        expires_at: DateTime<Utc>,
    ) -> Result<Caller> {
        let gone = || Error::new(Code::Unauthenticated, "the access token is not valid");
        let mut account = self.find_account(id).await?.ok_or_else(gone)?;
        if !account.credentials.contains(&credential) {
            // Another replica may have given it out after this one last looked.
            self.accounts.invalidate(&id).await;
            account = self.find_account(id).await?.ok_or_else(gone)?;
        }
        let user = &account.user;
        must_be_active(user)?;
        if !account.credentials.contains(&credential) {
            return Err(match credential {
                Credential::Session(_) => Error::new(Code::SessionEnded, "the session was ended; sign in again"),
                Credential::ApiKey(_) => Error::new(Code::Unauthenticated, "the API key was revoked or has expired"),
            });
        }
        Ok(Caller::User(Actor { user_id: id, role: user.role, plan: user.plan, credential, scopes, expires_at }))
    }

    pub(super) async fn find_account(&self, id: UserId) -> Result<Option<Arc<Account>>> {
        if let Some(account) = self.accounts.get(&id).await {
            return Ok(Some(account));
        }
        let changes = self.count_changes();
        let Some(account) = self.store.find_account(id, self.clock.now()).await? else { return Ok(None) };
        let account = Arc::new(account);
        self.accounts.insert(id, Arc::clone(&account)).await;
        // What was read may be older than a change that came meanwhile.
        if self.count_changes() != changes {
            self.accounts.invalidate(&id).await;
        }
        Ok(Some(account))
    }

    /// Says, here and on every replica, that what a user may do has changed.
    pub(super) async fn publish_change(&self, user: UserId) {
        self.forget(user).await;
        self.bus.publish_change(user);
    }
}

pub(super) fn must_be_active(user: &User) -> Result<()> {
    if user.is_active { Ok(()) } else { Err(Error::new(Code::AccountDeactivated, "the account was deactivated")) }
}
