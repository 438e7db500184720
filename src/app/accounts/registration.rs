//! Making accounts: guests, as far as the operator lets them, and the operator.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::{password_rules::must_have_the_form, secrets::digest, users::check_name};
use crate::{
    app::{App, rate_limits::client_network},
    domain::{
        AuditAction, Client, Email, EmailDomain, Error, ErrorCode, Invitation, NodeId, Plan, RegistrationPolicy,
        Result, Role, User,
    },
    limiter::Rule,
    store::{NewAudit, NewUser},
};

/// The data of a new account.
#[derive(Debug)]
pub struct Registration {
    /// The e-mail address.
    pub email: String,
    /// 8 to 128 characters, and not easy to guess.
    pub password: SecretString,
    /// Given name, at most 100 characters.
    pub first_name: Option<String>,
    /// Family name, at most 100 characters.
    pub last_name: Option<String>,
}

/// Who asks for an account.
#[derive(Clone, Copy)]
enum Applicant<'a> {
    /// A guest, and the token of their invitation, if they have one.
    Guest(&'a Client, Option<&'a SecretString>),
    /// The operator, who gives the account this role.
    Operator(Role),
}

/// An invitation that a guest has presented, and the digest of its token.
struct Presented {
    invitation: Invitation,
    digest: String,
}

impl App {
    /// Who may make an account.
    #[must_use]
    pub fn registration_policy(&self) -> RegistrationPolicy {
        self.settings.registration
    }

    /// The domains that the addresses of new accounts may have; none means any.
    #[must_use]
    pub fn allowed_email_domains(&self) -> &[EmailDomain] {
        &self.settings.allowed_email_domains
    }

    /// Creates an account for a guest, and sends the verification mail. An invitation that was mailed to the address
    /// has verified it already.
    ///
    /// # Errors
    /// `REGISTRATION_CLOSED` when nobody may make an account, or nobody without an invitation; `INVITATION_INVALID`;
    /// `VALIDATION_ERROR` for a value that breaks a rule; `EMAIL_TAKEN`; `RATE_LIMITED` after too many from one
    /// network.
    pub async fn register(
        &self,
        registration: Registration,
        invitation: Option<&SecretString>,
        client: &Client,
    ) -> Result<User> {
        self.must_accept_registrations(invitation.is_some())?;
        let user = self.insert_user(registration, Applicant::Guest(client, invitation)).await?;
        if !user.email_verified {
            self.accounts.mail_queue.verify_soon(&user.email);
        }
        Ok(user)
    }

    /// The same from the command line, without authorisation. The operator vouches for the address.
    ///
    /// # Errors
    /// As [`App::register`], but for those of guests alone.
    pub async fn create_user(&self, registration: Registration, role: Role) -> Result<User> {
        self.insert_user(registration, Applicant::Operator(role)).await
    }

    /// Refuses a registration as far as the operator's rule does.
    fn must_accept_registrations(&self, is_invited: bool) -> Result<()> {
        let message = match self.settings.registration {
            RegistrationPolicy::Open => return Ok(()),
            RegistrationPolicy::Invite if is_invited => return Ok(()),
            RegistrationPolicy::Invite => "accounts are made by invitation: open the link of yours, or ask for one",
            RegistrationPolicy::Closed => "nobody can make an account here; the operator makes them",
        };
        let policy = self.settings.registration.as_str();
        Err(Error::new(ErrorCode::RegistrationClosed, message).with("registration", policy))
    }

    /// Adds a user.
    async fn insert_user(&self, registration: Registration, applicant: Applicant<'_>) -> Result<User> {
        let email = Email::parse(&registration.email)?;
        must_have_the_form("password", &registration.password)?;
        let first_name = check_name("first_name", registration.first_name)?;
        let last_name = check_name("last_name", registration.last_name)?;
        // Before anything tells whether there is an account: who may not make one learns nothing about others.
        let presented = match applicant {
            Applicant::Guest(client, token) => {
                self.count_registration(client).await?;
                self.check_guest(&email, token).await?
            }
            Applicant::Operator(_) => None,
        };
        let about = [Some(email.as_str()), first_name.as_deref(), last_name.as_deref()];
        let about: Vec<_> = about.into_iter().flatten().collect();
        self.must_be_acceptable("password", &registration.password, &about).await?;
        let password_hash = self.accounts.passwords.hash(registration.password).await?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let locked = match &presented {
            Some(presented) => {
                Some(tx.lock_usable_invitation(&presented.digest, now).await?.ok_or_else(bad_invitation)?)
            }
            None => None,
        };
        let (role, email_verified) = match applicant {
            // Only the mailbox of the address has had the token of an invitation that was mailed.
            Applicant::Guest(..) => (Role::User, locked.as_ref().is_some_and(|invitation| invitation.is_mailed)),
            Applicant::Operator(role) => (role, true),
        };
        let plan = locked.as_ref().map_or(Plan::Free, |invitation| invitation.plan);
        let new = NewUser { email, password_hash, first_name, last_name, role, plan, email_verified };
        let user = tx.insert_user(new, now).await?;
        let audit = match (&locked, applicant) {
            (Some(invitation), _) => {
                tx.set_invitation_used(invitation.id, user.id, now).await?;
                Some(NewAudit {
                    actor_id: Some(user.id),
                    action: AuditAction::InvitationUsed,
                    target: Some(NodeId::Invitation(invitation.id)),
                    details: json!({ "plan": plan.as_str() }),
                })
            }
            (None, Applicant::Operator(role)) => Some(NewAudit {
                actor_id: None,
                action: AuditAction::UserCreated,
                target: Some(NodeId::User(user.id)),
                details: json!({ "role": role.as_str() }),
            }),
            (None, Applicant::Guest(..)) => None,
        };
        if let Some(audit) = audit {
            tx.insert_audit(audit, now).await?;
        }
        tx.commit().await?;
        Ok(user)
    }

    /// Checks that a guest may have an account of this address. Returns the invitation, if there is one.
    async fn check_guest(&self, email: &Email, token: Option<&SecretString>) -> Result<Option<Presented>> {
        let presented = match token {
            Some(token) => {
                let digest = digest(token.expose_secret());
                let found = self.store.find_usable_invitation(&digest, self.clock.now()).await?;
                let found = found.filter(|invitation| invitation.is_for(email));
                Some(Presented { invitation: found.ok_or_else(bad_invitation)?, digest })
            }
            None => None,
        };
        // Whoever invited an address has decided about its domain.
        let is_vouched_for = presented.as_ref().is_some_and(|presented| presented.invitation.email.is_some());
        let allowed = &self.settings.allowed_email_domains;
        if is_vouched_for || allowed.is_empty() || allowed.iter().any(|domain| domain.has(email)) {
            return Ok(presented);
        }
        let domains: Vec<_> = allowed.iter().map(EmailDomain::as_str).collect();
        Err(Error::invalid("email", format!("must be an address of {}", domains.join(" or "))))
    }

    /// Counts a registration against the network that it comes from. One that fails later stays counted: it cost as
    /// much, and may have been made to learn who has an account.
    async fn count_registration(&self, client: &Client) -> Result<()> {
        let subject = format!("register-from:{}", client_network(client));
        let rule = Rule { limit: self.settings.registrations_per_hour, window: Duration::from_secs(3600) };
        let decision = self.rate_limits.limiter().take(&subject, rule, 1, self.clock.now()).await;
        if decision.allowed {
            return Ok(());
        }
        let message = "too many accounts were made from your network; try again later";
        Err(Error::rate_limited(message, decision.retry_after).with("limit", decision.limit))
    }
}

/// The same for every reason, so that nobody learns whom an invitation is for.
fn bad_invitation() -> Error {
    let message = "the invitation is not valid: it was used or taken back, has expired, or is for another address";
    Error::new(ErrorCode::InvitationInvalid, message).with("field", "invitation")
}
