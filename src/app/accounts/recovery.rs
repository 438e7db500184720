//! Verifying e-mail addresses, and resetting forgotten passwords.
//!
//! A request for a mail is answered alike, and as fast, whether or not an account exists: it is queued, and everything
//! else happens later.

use secrecy::{ExposeSecret, SecretString};

use super::{secrets::digest, users::check_password};
use crate::{
    app::App,
    domain::{Email, Error, Result},
};

fn bad_token() -> Error {
    Error::invalid("token", "is not valid, was used before, or has expired; ask for a new one")
}

impl App {
    /// Verifies an address with the token from the mail.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when the token is not good.
    pub async fn verify_email(&self, token: &SecretString) -> Result<()> {
        let verified = self.store.verify_email(&digest(token.expose_secret()), self.clock.now()).await?;
        drop(self.user_change_notice(verified.ok_or_else(bad_token)?));
        Ok(())
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
    /// address counts as verified too. All sessions of the account end.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when the token is not good, or the password breaks a rule.
    pub async fn reset_password(&self, token: &SecretString, password: SecretString) -> Result<()> {
        check_password("password", &password)?;
        let digest = digest(token.expose_secret());
        // Hashing is expensive, so the token is checked first.
        if !self.store.is_reset_token(&digest, self.clock.now()).await? {
            return Err(bad_token());
        }
        let password_hash = self.accounts.passwords.hash(password).await?;
        let tx = self.store.begin().await?;
        let user = tx.lock_reset(&digest, self.clock.now()).await?.ok_or_else(bad_token)?;
        let mut notice = self.user_change_notice(user.id);
        tx.set_password(user.id, password_hash).await?;
        tx.end_sessions(user.id).await?;
        if !user.email_verified {
            // Whoever registered the address may not have owned it. From now on the account is its owner's, and API
            // keys from before are not to be trusted.
            tx.delete_api_keys(user.id).await?;
            tx.set_email_verified(user.id).await?;
        }
        self.commit_password(tx, &mut notice, None, &user).await
    }
}
