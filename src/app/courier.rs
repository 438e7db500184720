//! The courier: sends mail after the request that asked for it was answered.
//!
//! Whether there is an account is looked up here and nowhere before, so that neither the answer of a
//! request nor its time tells.

use std::{sync::Arc, time::Duration};

use futures_util::{StreamExt, stream};
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use super::{
    limits::MAIL,
    recovery::{RESET_WITHIN, VERIFY_WITHIN},
    secrets::{digest, fresh},
};
use crate::{
    ambient::{Clock, Random},
    domain::{Email, Error, Result},
    limiter::Limiter,
    mail::{Mail, Mailer},
    store::Store,
};

/// How many slips wait, and how many mails for their next try. More are refused.
const QUEUE: usize = 1000;
/// How many mails are sent at once.
const AT_ONCE: usize = 4;
/// How long to wait before each further try.
const RETRIES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(30)];

/// Where mails send their readers: addresses of a front end, with `{token}` in the place of the token.
/// Without one, a mail carries the token alone.
#[derive(Clone, Debug, Default)]
pub struct MailLinks {
    /// Shows that an address is its user's.
    pub verify_email: Option<String>,
    /// Sets a new password.
    pub reset_password: Option<String>,
}

/// What somebody asked for.
#[derive(Debug)]
enum Slip {
    /// An account was made.
    Welcome(Email),
    Verify(Email),
    Reset(Email),
    PasswordChanged(Email),
}

/// Takes slips.
#[derive(Debug)]
pub(super) struct Courier {
    slips: mpsc::Sender<Slip>,
    stop: CancellationToken,
}

impl Courier {
    pub(super) fn start(round: Round) -> (Self, JoinHandle<()>) {
        let (slips, waiting) = mpsc::channel(QUEUE);
        let stop = CancellationToken::new();
        let task = tokio::spawn(round.run(waiting, stop.clone()));
        (Self { slips, stop }, task)
    }

    /// Takes no more slips. Those that wait are still delivered.
    pub(super) fn close(&self) {
        self.stop.cancel();
    }

    fn post(&self, slip: Slip) -> Result<()> {
        self.slips.try_send(slip).map_err(|_| Error::unavailable("too much mail waits to be sent"))
    }

    pub(super) fn send_verification(&self, email: Email) -> Result<()> {
        self.post(Slip::Verify(email))
    }

    pub(super) fn send_reset(&self, email: Email) -> Result<()> {
        self.post(Slip::Reset(email))
    }

    /// The same for an account that was just made: it is there whether or not the mail goes out, and the
    /// mail can be asked for again.
    pub(super) fn verify_soon(&self, email: &str) {
        self.post_or_log(email, Slip::Welcome);
    }

    /// Tells somebody that their password was changed, in case it was not they.
    pub(super) fn tell_of_password(&self, email: &str) {
        self.post_or_log(email, Slip::PasswordChanged);
    }

    fn post_or_log(&self, email: &str, slip: fn(Email) -> Slip) {
        if let Err(error) = Email::parse(email).and_then(|email| self.post(slip(email))) {
            error.log("mail");
        }
    }
}

/// What the courier needs on the way.
#[derive(Debug)]
pub(super) struct Round {
    pub(super) store: Store,
    pub(super) mailer: Mailer,
    pub(super) limiter: Arc<Limiter>,
    pub(super) clock: Clock,
    pub(super) random: Random,
    pub(super) links: MailLinks,
}

impl Round {
    async fn run(self, slips: mpsc::Receiver<Slip>, stop: CancellationToken) {
        let sending = Semaphore::new(AT_ONCE);
        let slips = stream::unfold((slips, stop.clone()), async |(mut slips, stop)| {
            loop {
                tokio::select! {
                    biased;
                    () = stop.cancelled(), if !slips.is_closed() => slips.close(),
                    slip = slips.recv() => return slip.map(|slip| (slip, (slips, stop))),
                }
            }
        });
        slips
            // A mail that waits for its next try keeps no other from being sent.
            .for_each_concurrent(QUEUE, async |slip| {
                if let Err(error) = self.deliver(slip, &sending, &stop).await {
                    metrics::counter!("otpwire_mails_failed_total").increment(1);
                    error.log("mail");
                }
            })
            .await;
    }

    async fn deliver(&self, slip: Slip, sending: &Semaphore, stop: &CancellationToken) -> Result<()> {
        let Some(mail) = self.write(slip).await? else { return Ok(()) };
        let mut retries = RETRIES.into_iter();
        loop {
            let permit = sending.acquire().await.map_err(Error::internal)?;
            let Err(unsent) = self.mailer.send(&mail).await else { return Ok(()) };
            drop(permit);
            let pause = retries.next().filter(|_| !unsent.for_good && !stop.is_cancelled());
            let Some(pause) = pause else { return Err(unsent.cause) };
            unsent.cause.log("mail");
            // When the application stops there is one more try, at once.
            tokio::select! {
                () = self.clock.sleep(pause) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Makes the mail of a slip, if there is anybody to send it to.
    async fn write(&self, slip: Slip) -> Result<Option<Mail>> {
        let now = self.clock.now();
        // Nobody can make us fill somebody's mailbox. Who asks is not told. What an account sends by itself
        // is not asked for, and neither is counted as the other.
        let asked = match &slip {
            Slip::Verify(email) => Some(format!("mail-verify:{}", digest(email.as_str()))),
            Slip::Reset(email) => Some(format!("mail-reset:{}", digest(email.as_str()))),
            Slip::Welcome(_) | Slip::PasswordChanged(_) => None,
        };
        if let Some(subject) = asked
            && !self.limiter.take(&subject, MAIL, 1, now).await.allowed
        {
            return Ok(None);
        }
        let token = fresh("", &self.random);
        let mail = match slip {
            Slip::Welcome(email) | Slip::Verify(email) => {
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
            Slip::Reset(email) => {
                let there_is = self.store.set_reset_token(&email, &digest(&token), now + RESET_WITHIN).await?;
                there_is.then(|| Mail {
                    subject: "Set a new password",
                    text: format!(
                        "Hello,\n\nsomebody, probably you, forgot the password of your otpwire account.\n\n{}\n\n\
                         It is good for one hour. If it was not you, ignore this mail: your password stays.\n",
                        invite("set a new password", self.links.reset_password.as_deref(), &token)
                    ),
                    to: email,
                })
            }
            Slip::PasswordChanged(email) => Some(Mail {
                subject: "Your password was changed",
                text: "Hello,\n\nthe password of your otpwire account was changed, and every session was ended.\n\n\
                       If it was not you, set a new password now and look through your API keys.\n"
                    .to_owned(),
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
