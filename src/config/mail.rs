//! How mail is sent.

use anyhow::{Result, bail, ensure};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::raw::RawConfig;
use crate::{app::accounts::MailLinks, mail::Mailer};

/// How mail is sent.
#[derive(Debug)]
pub enum MailConfig {
    /// It is printed to the log.
    Log,
    /// Over SMTP.
    Smtp {
        /// The address of the mail server. It may contain a password.
        url: SecretString,
        /// The sender of every mail.
        from: String,
    },
    /// It is not sent.
    Disabled,
}

impl MailConfig {
    /// The embedded platform prints its mail. The cluster sends none unless it has a mail server.
    pub(super) fn validate(raw: &RawConfig) -> Result<Self> {
        match (&raw.smtp_url, &raw.mail_from) {
            (Some(url), Some(from)) => {
                let mail = Self::Smtp { url: url.clone(), from: from.clone() };
                mail.mailer()?;
                Ok(mail)
            }
            (Some(_), None) => bail!("mail_from: is needed with smtp_url; such as otpwire <no-reply@example.com>"),
            (None, _) if raw.is_sqlite() => Ok(Self::Log),
            (None, _) => Ok(Self::Disabled),
        }
    }

    /// The mailer of this configuration.
    ///
    /// # Errors
    /// If the address of the mail server or the sender cannot be parsed.
    pub fn mailer(&self) -> Result<Mailer> {
        match self {
            Self::Log => Ok(Mailer::Log),
            Self::Disabled => Ok(Mailer::Disabled),
            Self::Smtp { url, from } => {
                Mailer::smtp(url.expose_secret(), from).map_err(|error| anyhow::anyhow!("{error}"))
            }
        }
    }
}

/// The links in mails, each with `{token}` where the token goes. By default they lead to the page of the server itself,
/// which reads the token from the fragment: that is sent to no server, and so is in nobody's log.
pub(super) fn validate_links(raw: &RawConfig, public_url: &str) -> Result<MailLinks> {
    for (name, link) in [
        ("verify_email_link", &raw.verify_email_link),
        ("reset_password_link", &raw.reset_password_link),
        ("invitation_link", &raw.invitation_link),
    ] {
        let is_valid = |link: &String| link.contains("{token}") && Url::parse(link).is_ok();
        ensure!(
            link.as_ref().is_none_or(is_valid),
            "{name}: must be an address with {{token}} in it, such as https://app.example.com/verify?token={{token}}"
        );
    }
    let link = |set: &Option<String>, page: &str| {
        set.clone().unwrap_or_else(|| format!("{public_url}/{page}#token={{token}}"))
    };
    Ok(MailLinks {
        verify_email: Some(link(&raw.verify_email_link, "verify-email")),
        reset_password: Some(link(&raw.reset_password_link, "reset-password")),
        invitation: Some(link(&raw.invitation_link, "register")),
    })
}
