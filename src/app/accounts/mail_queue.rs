//! The mail queue: mail is sent after the request that caused it was answered.
//!
//! Whether an account exists is looked up here and not earlier, so that neither the answer of a request nor its
//! duration reveals it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt;
use secrecy::{ExposeSecret, SecretString};
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinHandle,
};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;

use super::secrets::{digest, generate};
use crate::{
    clock::Clock,
    domain::{Email, Error, Result},
    limiter::{Limiter, Rule},
    mail::{Mail, Mailer},
    random::Random,
    store::Store,
};

/// The limit of mails to one mailbox: of those about a changed password, and of all others, whatever they are about.
const MAIL: Rule = Rule { limit: 5, window: Duration::from_secs(3600) };
/// How long the token in a verification mail is valid.
const VERIFY_WITHIN: TimeDelta = TimeDelta::hours(24);
/// How long the token in a password-reset mail is valid.
const RESET_WITHIN: TimeDelta = TimeDelta::hours(1);
/// Capacity of the queue, and of mails waiting for a retry. More are refused.
const QUEUE: usize = 1000;
/// How many mails are sent concurrently.
const AT_ONCE: usize = 4;
/// Delays before each retry.
const RETRIES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(30)];

/// Links in mails: addresses of a front end, with `{token}` as the placeholder of the token. Without a link, a mail
/// contains the token alone.
#[derive(Clone, Debug, Default)]
pub struct MailLinks {
    /// Verifies an e-mail address.
    pub verify_email: Option<String>,
    /// Sets a new password.
    pub reset_password: Option<String>,
    /// Makes an account with an invitation.
    pub invitation: Option<String>,
}

/// A mail to be sent.
#[derive(Debug)]
enum MailJob {
    /// The first verification mail, after registration.
    Welcome(Email),
    Verify(Email),
    Reset(Email),
    PasswordChanged(Email),
    /// An invitation, with its token and when it expires.
    Invitation(Email, SecretString, DateTime<Utc>),
}

/// The queue of mail jobs.
#[derive(Debug)]
pub(super) struct MailQueue {
    /// `None` once the queue is closed.
    jobs: Mutex<Option<mpsc::Sender<MailJob>>>,
    stop: CancellationToken,
    is_mail_sent: bool,
}

impl MailQueue {
    pub(super) fn start(worker: MailWorker) -> (Self, JoinHandle<()>) {
        let (jobs, waiting) = mpsc::channel(QUEUE);
        let stop = CancellationToken::new();
        let is_mail_sent = !matches!(worker.mailer, Mailer::Disabled);
        let task = tokio::spawn(worker.run(waiting, stop.clone()));
        (Self { jobs: Mutex::new(Some(jobs)), stop, is_mail_sent }, task)
    }

    /// Accepts no more jobs. Queued ones are still sent.
    pub(super) fn close(&self) {
        self.stop.cancel();
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn post(&self, job: MailJob) -> Result<()> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let jobs = jobs.as_ref().ok_or_else(|| Error::unavailable("shutting down"))?;
        jobs.try_send(job).map_err(|_| Error::unavailable("too much mail waits to be sent"))
    }

    /// Whether mail reaches anybody.
    pub(super) fn is_mail_sent(&self) -> bool {
        self.is_mail_sent
    }

    pub(super) fn send_invitation(&self, email: Email, token: SecretString, expires_at: DateTime<Utc>) -> Result<()> {
        self.post(MailJob::Invitation(email, token, expires_at))
    }

    pub(super) fn send_verification(&self, email: Email) -> Result<()> {
        self.post(MailJob::Verify(email))
    }

    pub(super) fn send_reset(&self, email: Email) -> Result<()> {
        self.post(MailJob::Reset(email))
    }

    /// Queues the first verification mail. A failure is only logged: the account exists, and the mail can be requested
    /// again.
    pub(super) fn verify_soon(&self, email: &str) {
        self.post_or_log(email, MailJob::Welcome);
    }

    /// Notifies a user that their password was changed, in case it was not they who did it.
    pub(super) fn tell_of_password(&self, email: &str) {
        self.post_or_log(email, MailJob::PasswordChanged);
    }

    fn post_or_log(&self, email: &str, job: fn(Email) -> MailJob) {
        if let Err(error) = Email::parse(email).and_then(|email| self.post(job(email))) {
            error.log("mail");
        }
    }
}

/// The worker that sends queued mail.
#[derive(Debug)]
pub(super) struct MailWorker {
    pub(super) store: Store,
    pub(super) mailer: Mailer,
    pub(super) limiter: Arc<Limiter>,
    pub(super) clock: Clock,
    pub(super) random: Random,
    pub(super) links: MailLinks,
}

impl MailWorker {
    async fn run(self, jobs: mpsc::Receiver<MailJob>, stop: CancellationToken) {
        let sending = Semaphore::new(AT_ONCE);
        ReceiverStream::new(jobs)
            // A mail that waits for its retry does not delay others.
            .for_each_concurrent(QUEUE, async |job| {
                if let Err(error) = self.deliver(job, &sending, &stop).await {
                    metrics::counter!("otpwire_mails_failed_total").increment(1);
                    error.log("mail");
                }
            })
            .await;
    }

    async fn deliver(&self, job: MailJob, sending: &Semaphore, stop: &CancellationToken) -> Result<()> {
        let Some(mail) = self.write(job).await? else { return Ok(()) };
        let mut retries = RETRIES.into_iter();
        loop {
            let permit = sending.acquire().await.map_err(Error::internal)?;
            let Err(unsent) = self.mailer.send(&mail).await else { return Ok(()) };
            drop(permit);
            let pause = retries.next().filter(|_| !unsent.is_permanent && !stop.is_cancelled());
            let Some(pause) = pause else { return Err(unsent.cause) };
            unsent.cause.log("mail");
            // On shutdown there is one last try, at once.
            tokio::select! {
                () = self.clock.sleep(pause) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Composes the mail of a job, or `None` when nobody is to get one.
    async fn write(&self, job: MailJob) -> Result<Option<Mail>> {
        let now = self.clock.now();
        // Limits how much mail anybody can make us send to a mailbox, by whichever of its addresses. The requester is
        // not told. That the password was changed has a limit of its own, which only whoever knew the password can use
        // up: a thief could use up the other before. An invitation is counted, and sent all the same: an administrator
        // asked for it.
        let (MailJob::Welcome(email)
        | MailJob::Verify(email)
        | MailJob::Reset(email)
        | MailJob::PasswordChanged(email)
        | MailJob::Invitation(email, ..)) = &job;
        let kind = if matches!(job, MailJob::PasswordChanged(_)) { "mail-changed" } else { "mail-to" };
        let subject = format!("{kind}:{}", digest(&email.mailbox()));
        let is_allowed = self.limiter.take(&subject, MAIL, 1, now).await.allowed;
        if !is_allowed && !matches!(job, MailJob::Invitation(..)) {
            return Ok(None);
        }
        let token = generate("", &self.random);
        let mail = match job {
            MailJob::Welcome(email) | MailJob::Verify(email) => {
                let there_is = self.store.set_verification_token(&email, &digest(&token), now + VERIFY_WITHIN).await?;
                there_is.then(|| Mail {
                    subject: "Verify your e-mail address",
                    text: format!(
                        "Hello,\n\nsomebody, probably you, made an otpwire account with this address.\n\n{}\n\n\
                         It is good for 24 hours. If it was not you, ignore this mail.\n",
                        invite("verify the address", self.links.verify_email.as_deref(), &token)
                    ),
                    to: email,
                })
            }
            MailJob::Reset(email) => {
                let there_is = self.store.set_reset_token(&email, &digest(&token), now + RESET_WITHIN).await?;
                there_is.then(|| Mail {
                    subject: "Set a new password",
                    text: format!(
                        "Hello,\n\nsomebody, probably you, forgot the password of your otpwire account.\n\n{}\n\n\
                         It is good for one hour, and ends every session and API key. If it was not you, ignore this \
                         mail: your password stays.\n",
                        invite("set a new password", self.links.reset_password.as_deref(), &token)
                    ),
                    to: email,
                })
            }
            MailJob::PasswordChanged(email) => Some(Mail {
                subject: "Your password was changed",
                text: "Hello,\n\nthe password of your otpwire account was changed, and every session was ended.\n\n\
                       If it was not you, ask for a mail to set a new password now: that ends every session and API key.\n"
                    .to_owned(),
                to: email,
            }),
            MailJob::Invitation(email, token, expires_at) => Some(Mail {
                subject: "You are invited to otpwire",
                text: format!(
                    "Hello,\n\nan administrator has invited you to make an otpwire account with this address.\n\n{}\n\n\
                     It is good once, until {} (UTC). If you expect no invitation, ignore this mail.\n",
                    invite("make the account", self.links.invitation.as_deref(), token.expose_secret()),
                    expires_at.format("%Y-%m-%d %H:%M")
                ),
                to: email,
            }),
        };
        Ok(mail)
    }
}

fn invite(what: &str, link: Option<&str>, token: &str) -> String {
    match link {
        Some(link) => format!("To {what}, open this address:\n\n{}", link.replace("{token}", token)),
        None => format!("To {what}, use this token:\n\n{token}"),
    }
}
