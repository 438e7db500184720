//! Verifying e-mail addresses, and resetting forgotten passwords.
//!
//! A request for a mail is answered alike, and as fast, whether or not an account exists: it is queued, and everything
//! else happens later.

use secrecy::{ExposeSecret, SecretString};

use super::{password_rules::must_have_the_form, secrets::digest, sessions::ChangedBy};
use crate::{
    app::App,
    domain::{Administrator, Client, Email, Error, Result, User, UserId},
};

fn bad_token() -> Error {
    Error::invalid("token", "is not valid, was used before, or has expired; ask for a new one")
}

impl App {
    /// Verifies an address with the token from the mail. Whoever registered the address may not have owned it: from
    /// now on the account is its owner's: all sessions and API keys from before end, and no network is known.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when the token is not good.
    pub async fn verify_email(&self, token: &SecretString) -> Result<()> {
        let tx = self.store.begin().await?;
        let digest = digest(token.expose_secret());
        let user = tx.lock_verification(&digest, self.clock.now()).await?.ok_or_else(bad_token)?;
        let _notice = self.user_change_notice(user.id);
        tx.set_email_verified(user.id).await?;
        tx.end_sessions(user.id).await?;
        tx.delete_api_keys(user.id).await?;
        tx.forget_login_networks(user.id).await?;
        tx.commit().await
    }

    /// Sends the verification mail again, if there is an account that needs it. The answer does not reveal it.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when it is not an address; `UNAVAILABLE` when too much mail waits.
    pub async fn resend_verification(&self, email: &str) -> Result<()> {
        let email = Email::parse(email)?;
        self.accounts.mail_queue.send_verification(email)
    }

    /// Sends a mail for resetting the password, if there is an account. The answer does not reveal it.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when it is not an address; `UNAVAILABLE` when too much mail waits.
    pub async fn request_password_reset(&self, email: &str) -> Result<()> {
        let email = Email::parse(email)?;
        self.accounts.mail_queue.send_reset(email)
    }

    /// Sets a new password with the token from the mail. Whoever has the token reads the address's mail, so the
    /// address counts as verified too. All sessions and API keys of the account end: whoever knew the old password
    /// may have made them. Wrong passwords from before are forgotten.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when the token is not good, or the password breaks a rule.
    pub async fn reset_password(&self, token: &SecretString, password: SecretString, client: &Client) -> Result<()> {
        must_have_the_form("password", &password)?;
        let digest = digest(token.expose_secret());
        // What follows is expensive, so the token is checked first.
        let user = self.store.find_reset(&digest, self.clock.now()).await?.ok_or_else(bad_token)?;
        self.must_be_acceptable("password", &password, &user.known_texts()).await?;
        let password_hash = self.accounts.passwords.hash(password).await?;
        let tx = self.store.begin().await?;
        let user = tx.lock_reset(&digest, self.clock.now()).await?.ok_or_else(bad_token)?;
        let mut notice = self.user_change_notice(user.id);
        tx.set_password(user.id, password_hash).await?;
        tx.end_sessions(user.id).await?;
        tx.delete_api_keys(user.id).await?;
        tx.set_email_verified(user.id).await?;
        // Before the commit, since the client may disconnect after it.
        self.unlock_login(&tx, &user, client).await?;
        self.commit_password(tx, &mut notice, ChangedBy::Mail, &user, true).await
    }

    /// Sets a new password of a user who cannot: an administrator vouches for whoever asked. All sessions of the
    /// account end, and its API keys unless they are kept. Wrong passwords from before are forgotten.
    ///
    /// # Errors
    /// `NOT_FOUND`; `VALIDATION_ERROR` when the password breaks a rule.
    pub async fn set_password(
        &self,
        cx: &dyn Administrator,
        id: UserId,
        password: SecretString,
        keep_api_keys: bool,
    ) -> Result<User> {
        let by = cx.administrator()?;
        must_have_the_form("password", &password)?;
        let user = self.store.find_user(id).await?.ok_or_else(|| Error::not_found("user"))?;
        self.must_be_acceptable("password", &password, &user.known_texts()).await?;
        let password_hash = self.accounts.passwords.hash(password).await?;
        let tx = self.store.begin().await?;
        let user = tx.lock_user(id).await?.ok_or_else(|| Error::not_found("user"))?;
        let mut notice = self.user_change_notice(id);
        tx.set_password(id, password_hash).await?;
        tx.end_sessions(id).await?;
        if !keep_api_keys {
            tx.delete_api_keys(id).await?;
        }
        self.unlock_login(&tx, &user, &Client::default()).await?;
        self.commit_password(tx, &mut notice, ChangedBy::Administrator(by), &user, !keep_api_keys).await?;
        Ok(user)
    }
}
