//! Mail: sent over SMTP, or printed to the log.

use std::{fmt, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};

use crate::domain::{Email, Error, Result};

/// How long a mail server may take for one mail.
const SEND_TIMEOUT: Duration = Duration::from_secs(20);

/// A plain-text mail.
pub struct Mail {
    /// The recipient.
    pub to: Email,
    /// The subject.
    pub subject: &'static str,
    /// The text. It may contain a token, which is a secret.
    pub text: String,
}

/// Without the text, which may contain a secret.
impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mail({})", self.subject)
    }
}

/// Why a mail was not sent.
#[derive(Debug)]
pub struct SendError {
    /// What went wrong, for the log.
    pub cause: Error,
    /// Whether trying again is useless, because there is no such mailbox, for example.
    pub is_permanent: bool,
}

/// Sends mail.
#[derive(Debug)]
pub enum Mailer {
    /// Prints mail to the log, tokens included: for a laptop, whose user may read everything anyway.
    Log,
    /// Sends mail over SMTP.
    Smtp(Box<Smtp>),
    /// There is no mail server: mails are counted and dropped.
    Disabled,
}

/// A mail server, and the sender.
#[derive(Debug)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    /// A mailer for an address such as `smtps://user:password@mail.example.com` (implicit TLS, RFC 8314) or
    /// `smtp://…?tls=required` (STARTTLS). `from` is the sender, such as `otpwire <no-reply@example.com>`.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for an address or a sender that cannot be parsed.
    pub fn smtp(url: &str, from: &str) -> Result<Self> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_| Error::invalid("smtp_url", "must be like smtps://user:password@mail.example.com"))?
            .timeout(Some(SEND_TIMEOUT))
            .build();
        let from =
            from.parse().map_err(|_| Error::invalid("mail_from", "must be like otpwire <no-reply@example.com>"))?;
        Ok(Self::Smtp(Box::new(Smtp { transport, from })))
    }

    /// Sends a mail.
    ///
    /// # Errors
    /// If the mail server is unreachable or refuses the mail.
    pub async fn send(&self, mail: &Mail) -> Result<(), SendError> {
        match self {
            Self::Log => {
                tracing::info!(to = mail.to.as_str(), subject = mail.subject, "mail:\n{}", mail.text);
                Ok(())
            }
            Self::Disabled => {
                metrics::counter!("otpwire_mails_dropped_total").increment(1);
                tracing::warn!(subject = mail.subject, "there is no smtp_url: a mail was not sent");
                Ok(())
            }
            Self::Smtp(smtp) => {
                let permanent = |cause: Error| SendError { cause, is_permanent: true };
                let to = mail.to.as_str().parse();
                let to = to.map_err(|_| permanent(Error::internal("an address is no mailbox")))?;
                let message = Message::builder()
                    .from(smtp.from.clone())
                    .to(Mailbox::new(None, to))
                    .subject(mail.subject)
                    .header(ContentType::TEXT_PLAIN)
                    .body(mail.text.clone())
                    .map_err(|error| permanent(Error::internal(error)))?;
                // The server's message quotes the recipient, so only its status is kept.
                smtp.transport.send(message).await.map(drop).map_err(|error| SendError {
                    is_permanent: error.is_permanent(),
                    cause: match error.status() {
                        Some(status) => Error::unavailable(format!("the mail server answered {status}")),
                        None => Error::unavailable(error),
                    },
                })
            }
        }
    }
}
