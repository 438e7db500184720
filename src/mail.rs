//! Mail: over SMTP, or to the log of a laptop.

use std::{fmt, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};

use crate::domain::{Email, Error, Result};

/// How long a mail server may take for one mail.
const PATIENCE: Duration = Duration::from_secs(20);

/// A mail in plain text.
pub struct Mail {
    /// To whom.
    pub to: Email,
    /// What it is about.
    pub subject: &'static str,
    /// What it says. It may carry a token, which is a secret.
    pub text: String,
}

/// What it is about alone: the text carries secrets.
impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mail({})", self.subject)
    }
}

/// Why a mail was not sent.
#[derive(Debug)]
pub struct Unsent {
    /// What went wrong, for the log.
    pub cause: Error,
    /// Whether trying again is of no use: there is no such mailbox.
    pub for_good: bool,
}

/// What sends mail.
#[derive(Debug)]
pub enum Mailer {
    /// Prints it to the log, tokens and all: for a laptop, where the log is its owner's.
    Log,
    /// Sends it.
    Smtp(Box<Smtp>),
    /// There is no mail server: mails are counted and dropped.
    Nowhere,
}

/// A mail server, and who writes.
#[derive(Debug)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    /// A mailer for an address such as `smtps://user:password@mail.example.com`, which is RFC 8314's
    /// implicit TLS, or `smtp://…?tls=required` for STARTTLS. `from` is who writes, as
    /// `otpwire <no-reply@example.com>`.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for an address or a sender that cannot be read.
    pub fn smtp(url: &str, from: &str) -> Result<Self> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_| Error::invalid("smtp_url", "must be like smtps://user:password@mail.example.com"))?
            .timeout(Some(PATIENCE))
            .build();
        let from =
            from.parse().map_err(|_| Error::invalid("mail_from", "must be like otpwire <no-reply@example.com>"))?;
        Ok(Self::Smtp(Box::new(Smtp { transport, from })))
    }

    /// Sends a mail.
    ///
    /// # Errors
    /// When the mail server is away, or refuses it: for now, or for good.
    pub async fn send(&self, mail: &Mail) -> Result<(), Unsent> {
        match self {
            Self::Log => {
                tracing::info!(to = mail.to.as_str(), subject = mail.subject, "mail:\n{}", mail.text);
                Ok(())
            }
            Self::Nowhere => {
                metrics::counter!("otpwire_mails_dropped_total").increment(1);
                tracing::warn!(subject = mail.subject, "there is no smtp_url: a mail was not sent");
                Ok(())
            }
            Self::Smtp(smtp) => {
                let for_good = |cause: Error| Unsent { cause, for_good: true };
                let to = mail.to.as_str().parse();
                let to = to.map_err(|_| for_good(Error::internal("an address is no mailbox")))?;
                let message = Message::builder()
                    .from(smtp.from.clone())
                    .to(Mailbox::new(None, to))
                    .subject(mail.subject)
                    .header(ContentType::TEXT_PLAIN)
                    .body(mail.text.clone())
                    .map_err(|error| for_good(Error::internal(error)))?;
                // A refusal quotes the recipient, so what is kept of it is its code alone.
                smtp.transport.send(message).await.map(drop).map_err(|error| Unsent {
                    for_good: error.is_permanent(),
                    cause: match error.status() {
                        Some(status) => Error::unavailable(format!("the mail server answered {status}")),
                        None => Error::unavailable(error),
                    },
                })
            }
        }
    }
}
