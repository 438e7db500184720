//! Mail that shows that an address is its user's, and passwords that were forgotten.
//!
//! Asking for a mail answers alike, and as fast, whether there is an account or not: the request is
//! put into a queue, and everything else happens afterwards.

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
    /// Shows that an address is its user's, with the token from the mail.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when the token is not good.
    pub async fn verify_email(&self, token: &SecretString) -> Result<()> {
        let verified = self.store.verify_email(&digest(token.expose_secret()), self.clock.now()).await?;
        drop(self.user_change_notice(verified.ok_or_else(bad_token)?));
        Ok(())
    }

    /// Sends the verification mail again, if there is an account that needs it. The answer does not tell.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when it is not an address; `UNAVAILABLE` when too much mail waits.
    pub async fn resend_verification(&self, email: &str) -> Result<()> {
        let email = Email::parse(email)?;
        self.accounts.mail_queue.send_verification(email)
    }

    /// Sends a mail with which a new password can be set, if there is an account. The answer does not tell.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when it is not an address; `UNAVAILABLE` when too much mail waits.
    pub async fn request_password_reset(&self, email: &str) -> Result<()> {
        let email = Email::parse(email)?;
        self.accounts.mail_queue.send_reset(email)
    }

    /// Sets a new password with the token from the mail. Who has it reads the mail of the address, so that is
    /// verified as well. Every session of the account ends.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when the token is not good, or the password breaks a rule.
    pub async fn reset_password(&self, token: &SecretString, password: SecretString) -> Result<()> {
        check_password("password", &password)?;
        let digest = digest(token.expose_secret());
        // Hashing is work, and not for anybody who asks.
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
            // Whoever made the account need not be whose address it is. From now on it is theirs, and what
            // was left behind in it is not.
            tx.delete_api_keys(user.id).await?;
            tx.set_email_verified(user.id).await?;
        }
        self.commit_password(tx, &mut notice, None, &user).await
    }
}
