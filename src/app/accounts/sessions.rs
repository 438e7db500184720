//! Sessions: signing in, refreshing, signing out.
//!
//! A session has a short-lived access token, which is verified without a query, and a long-lived refresh token, of
//! which the store keeps a digest. Refresh tokens rotate with overlap: each refresh issues a successor, and the old
//! token stays valid until the successor is first used. A token used after that is a copy, and ends the session (RFC
//! 9700, §4.14.2).

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};

use super::{
    access_tokens::AccessToken,
    authentication::must_be_active,
    change_notice::UserChangeNotice,
    login_attempts::{PASSWORD, password_subject},
    secrets::{digest, generate},
};
use crate::{
    app::App,
    domain::{
        Administrator, AuditAction, Caller, Client, Email, Error, ErrorCode, NodeId, Result, Session, SessionId, User,
        UserId,
    },
    store::{NewAudit, NewSession, Rotation, Tx},
};

/// How many sessions a user may have. One more ends the least recently used.
const MAX_SESSIONS: u64 = 100;
/// Within this time the same refresh token gets the same successor: an answer was lost, or two tabs refreshed
/// together. Later it gets a different one, so that of two holders of a copied token one is detected.
const SAME_SUCCESSOR: TimeDelta = TimeDelta::seconds(30);

/// The result of signing in or refreshing.
pub struct SignedIn {
    /// The user.
    pub user: Arc<User>,
    /// The access token: a JWT.
    pub access_token: String,
    /// When the access token expires.
    pub expires_at: DateTime<Utc>,
    /// The refresh token.
    pub refresh_token: SecretString,
    /// When the session ends unless it is refreshed before, and with it the refresh token.
    pub session_expires_at: DateTime<Utc>,
}

/// Who has changed a password.
pub(super) enum ChangedBy {
    /// Its user, who knew the one before.
    User,
    /// Whoever had the token from the mail.
    Mail,
    /// An administrator, or the operator.
    Administrator(Option<UserId>),
}

/// A session, when it ends unless it is refreshed, and when it ends in any case.
struct SessionEnd {
    id: SessionId,
    expires_at: DateTime<Utc>,
    end: DateTime<Utc>,
}

impl SignedIn {
    /// The lifetime left to the access token, in seconds.
    #[must_use]
    pub fn expires_in(&self, now: DateTime<Utc>) -> i64 {
        (self.expires_at - now).num_seconds().max(0)
    }
}

impl App {
    /// Signs a user in: starts a session.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS` when there is no such account or the password is wrong: neither the answer nor its
    /// duration tells which. `ACCOUNT_DEACTIVATED` for the right password of a deactivated account. `RATE_LIMITED`
    /// after too many wrong ones for this account from this network, from this network, or for this account from
    /// networks that its user has not logged in from lately.
    pub async fn log_in(&self, email: &str, password: SecretString, client: &Client) -> Result<SignedIn> {
        let text = email.trim().to_lowercase();
        let email = Email::parse(email);
        let subjects = self.login_subjects(email.as_ref().map_err(|_| text.as_str()), client).await?;
        self.attempt(
            &subjects,
            ErrorCode::InvalidCredentials,
            Box::pin(async {
                let wrong = || Error::new(ErrorCode::InvalidCredentials, "the e-mail address or the password is wrong");
                let login = match &email {
                    Ok(email) => self.store.find_login(email).await?,
                    Err(_) => None,
                };
                let (user, hash) = login.map(|login| (login.user, login.password_hash)).unzip();
                let is_right = self.accounts.passwords.verify(password, hash.clone()).await?;
                let (user, hash) = user.zip(hash).filter(|_| is_right).ok_or_else(wrong)?;
                let notice = self.user_change_notice(user.id);
                let tx = self.store.begin().await?;
                // A password that was changed while it was verified is wrong by now.
                let login =
                    tx.lock_login(user.id).await?.filter(|login| login.password_hash == hash).ok_or_else(wrong)?;
                must_be_active(&login.user)?;
                self.remember_network(&tx, &login.user, client).await?;
                let signed_in = self.begin_session(&tx, login.user, client).await?;
                tx.commit().await?;
                drop(notice);
                Ok(signed_in)
            }),
        )
        .await
    }

    /// A token that signs a user in once, for the operator to put into a link. An administrator could act as anybody
    /// with it, and gets none.
    ///
    /// # Errors
    /// `FORBIDDEN`.
    pub fn create_sign_in_token(&self, cx: &dyn Administrator, user: UserId) -> Result<SecretString> {
        cx.must_be_operator()?;
        Ok(self.accounts.sign_in_tokens.create(user, &self.random, self.clock.now()))
    }

    /// Signs a user in with a token from a link: starts a session. The token is used up.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when the token is not good; `ACCOUNT_DEACTIVATED`.
    pub async fn log_in_with_token(&self, token: &SecretString, client: &Client) -> Result<SignedIn> {
        let bad = || Error::invalid("sign_in_token", "is not valid, was used before, or has expired; sign in instead");
        let user = self.accounts.sign_in_tokens.take(token, self.clock.now()).ok_or_else(bad)?;
        let tx = self.store.begin().await?;
        let user = tx.find_user(user).await?.ok_or_else(bad)?;
        must_be_active(&user)?;
        let _notice = self.user_change_notice(user.id);
        let signed_in = self.begin_session(&tx, user, client).await?;
        tx.commit().await?;
        Ok(signed_in)
    }

    /// Starts a session within a transaction.
    pub(super) async fn begin_session(&self, tx: &Tx, mut user: User, client: &Client) -> Result<SignedIn> {
        let now = self.clock.now();
        let end = now + self.settings.sessions.absolute;
        let expires_at = (now + self.settings.sessions.idle).min(end);
        // The token contains the session's id, which is known only after the insert.
        let placeholder = digest(&generate("", &self.random));
        let session = NewSession { user_id: user.id, client, expires_at };
        let id = tx.insert_session(session, &placeholder, now).await?;
        let refresh_token = self.accounts.refresh_tokens.encode(&self.accounts.refresh_tokens.first(id, &self.random));
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
        self.sign_in(Arc::new(user), SessionEnd { id, expires_at, end }, refresh_token.into(), now)
    }

    fn sign_in(
        &self,
        user: Arc<User>,
        session: SessionEnd,
        refresh_token: SecretString,
        now: DateTime<Utc>,
    ) -> Result<SignedIn> {
        let expires_at = (now + self.settings.token_lifetime).min(session.end);
        let token = AccessToken { user: user.id, session: session.id, expires_at };
        let (access_token, expires_at) = self.accounts.access_tokens.issue(token, now)?;
        Ok(SignedIn { user, access_token, expires_at, refresh_token, session_expires_at: session.expires_at })
    }

    /// Exchanges a refresh token for a new access token and the refresh token's successor.
    ///
    /// # Errors
    /// `INVALID_REFRESH_TOKEN` when it is unknown, its session is over, or its successor has been used: it may be in
    /// other hands, and the session ends. `ACCOUNT_DEACTIVATED`.
    pub async fn refresh_session(&self, refresh_token: &SecretString, client: &Client) -> Result<SignedIn> {
        let invalid = || Error::new(ErrorCode::InvalidRefreshToken, "the refresh token is not valid; sign in again");
        let shown = refresh_token.expose_secret();
        let token = self.accounts.refresh_tokens.decode(shown).ok_or_else(invalid)?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let session = tx.lock_session(token.session).await?.ok_or_else(invalid)?;
        if session.expires_at <= now {
            return Err(invalid());
        }
        let shown = digest(shown);
        let is_newest = shown == session.refresh_token;
        if !is_newest && session.previous_refresh_token.as_ref() != Some(&shown) {
            let _notice = self.user_change_notice(session.user_id);
            tx.end_session(token.session).await?;
            tx.commit().await?;
            metrics::counter!("otpwire_sessions_stolen_total").increment(1);
            tracing::warn!(session = %token.session, "a refresh token was used after its successor; its session was ended");
            return Err(invalid());
        }
        // Read without a lock: a password change locks the user first and sessions after, and the other order could
        // deadlock.
        let user = tx.find_user(session.user_id).await?.ok_or_else(invalid)?;
        must_be_active(&user)?;
        let is_repeated = !is_newest && now < session.last_used_at + SAME_SUCCESSOR;
        let rotated_at = if is_repeated { session.last_used_at } else { now };
        let successor = self.accounts.refresh_tokens.encode(&self.accounts.refresh_tokens.next(&token, rotated_at));
        let end = session.created_at + self.settings.sessions.absolute;
        let expires_at = (now + self.settings.sessions.idle).min(end);
        let rotation = Rotation {
            refresh_token: digest(&successor),
            previous_refresh_token: Some(shown),
            client,
            last_used_at: rotated_at,
            expires_at,
        };
        tx.rotate_session(token.session, rotation).await?;
        tx.commit().await?;
        self.sign_in(Arc::new(user), SessionEnd { id: token.session, expires_at, end }, successor.into(), now)
    }

    /// Ends the caller's current session.
    pub async fn log_out(&self, cx: &Caller) -> Result<()> {
        let (actor, session) = cx.signed_in()?;
        let _notice = self.user_change_notice(actor.user_id);
        self.store.end_session(actor.user_id, session).await?;
        Ok(())
    }

    /// Ends every session of the caller, and whatever is open in them. API keys stay.
    pub async fn log_out_everywhere(&self, cx: &Caller) -> Result<()> {
        let (actor, _) = cx.signed_in()?;
        let _notice = self.user_change_notice(actor.user_id);
        let tx = self.store.begin().await?;
        tx.end_sessions(actor.user_id).await?;
        tx.commit().await
    }

    /// Ends the session of a refresh token, for a browser that signs out and has no access token at hand. A token that
    /// a successor has replaced ends it too, as it would by being used. One that was never good has nothing to end.
    pub async fn log_out_with(&self, refresh_token: &SecretString) -> Result<()> {
        let Some(token) = self.accounts.refresh_tokens.decode(refresh_token.expose_secret()) else { return Ok(()) };
        let tx = self.store.begin().await?;
        let Some(session) = tx.lock_session(token.session).await? else { return Ok(()) };
        let _notice = self.user_change_notice(session.user_id);
        tx.end_session(token.session).await?;
        tx.commit().await
    }

    /// The caller's sessions, most recently used first, and the current one.
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
        let _notice = self.user_change_notice(actor.user_id);
        let ended = self.store.end_session(actor.user_id, id).await?;
        ended.then_some(()).ok_or_else(|| Error::not_found("session"))
    }

    /// Changes the caller's password. All sessions of the account end, and its API keys too if the caller wants that;
    /// the caller gets a new session.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when the current password is wrong, or the new one breaks a rule; `RATE_LIMITED`
    /// after too many wrong ones.
    pub async fn change_password(
        &self,
        cx: &Caller,
        current: SecretString,
        new: SecretString,
        revoke_api_keys: bool,
        client: &Client,
    ) -> Result<SignedIn> {
        let (actor, _) = cx.signed_in()?;
        let user = self.current_user(actor.user_id).await?.ok_or_else(|| Error::not_found("user"))?;
        self.must_be_acceptable("new_password", &new, &user.known_texts()).await?;
        self.attempt(
            &[(password_subject(actor.user_id), PASSWORD)],
            ErrorCode::ValidationError,
            Box::pin(async {
                // Not UNAUTHENTICATED, which clients take for the end of their session.
                let wrong = || Error::invalid("current_password", "is wrong");
                let login = self.store.find_login_of(actor.user_id).await?.ok_or_else(wrong)?;
                let checked = login.password_hash;
                if !self.accounts.passwords.verify(current, Some(checked.clone())).await? {
                    return Err(wrong());
                }
                let password_hash = self.accounts.passwords.hash(new).await?;
                let mut notice = self.user_change_notice(actor.user_id);
                let tx = self.store.begin().await?;
                let login = tx.lock_login(actor.user_id).await?.filter(|login| login.password_hash == checked);
                let user = login.ok_or_else(wrong)?.user;
                must_be_active(&user)?;
                tx.set_password(user.id, password_hash).await?;
                tx.end_sessions(user.id).await?;
                if revoke_api_keys {
                    tx.delete_api_keys(user.id).await?;
                }
                let signed_in = self.begin_session(&tx, user, client).await?;
                let by = ChangedBy::User;
                self.commit_password(tx, &mut notice, by, &signed_in.user, revoke_api_keys).await?;
                Ok(signed_in)
            }),
        )
        .await
    }

    /// Commits a new password. The notification does not depend on the client staying connected.
    pub(super) async fn commit_password(
        &self,
        tx: Tx,
        notice: &mut UserChangeNotice<'_>,
        by: ChangedBy,
        user: &User,
        revoked_api_keys: bool,
    ) -> Result<()> {
        let (actor_id, by) = match by {
            ChangedBy::User => (Some(user.id), "password"),
            ChangedBy::Mail => (None, "mail"),
            ChangedBy::Administrator(Some(id)) => (Some(id), "administrator"),
            ChangedBy::Administrator(None) => (None, "operator"),
        };
        let audit = NewAudit {
            actor_id,
            action: AuditAction::PasswordChanged,
            target: Some(NodeId::User(user.id)),
            details: serde_json::json!({
                "by": by,
                "revoked_api_keys": revoked_api_keys,
            }),
        };
        tx.insert_audit(audit, self.clock.now()).await?;
        notice.new_password_of = Some(user.email.clone());
        let committed = tx.commit().await;
        if committed.is_err() {
            notice.new_password_of = None;
        }
        committed
    }
}
