//! Who may make an account: the operator's rule, and invitations.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Email, Error, InvitationId, Plan, Result, UserId};

/// Who may make an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RegistrationPolicy {
    /// Everybody.
    #[default]
    Open,
    /// Whoever an administrator has invited.
    Invite,
    /// Nobody. The operator makes accounts on the command line.
    Closed,
}

impl RegistrationPolicy {
    /// The word of the setting.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Invite => "invite",
            Self::Closed => "closed",
        }
    }
}

/// A domain of e-mail addresses, in lower case and ASCII. A subdomain is another domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailDomain(String);

impl EmailDomain {
    /// Parses a domain; `field` names the setting in the error.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when no address can have it.
    pub fn parse(field: &str, text: &str) -> Result<Self> {
        let email = Email::parse(&format!("x@{}", text.trim())).ok().filter(|_| !text.contains('@'));
        let email =
            email.ok_or_else(|| Error::invalid(field, "must be a domain of e-mail addresses, such as example.com"))?;
        Ok(Self(email.domain().to_owned()))
    }

    /// Whether an address has exactly this domain.
    #[must_use]
    pub fn has(&self, email: &Email) -> bool {
        email.domain() == self.0
    }

    /// The domain.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether an invitation can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvitationStatus {
    /// It can be used.
    Pending,
    /// Somebody has made an account with it.
    Used,
    /// It was not used in time.
    Expired,
}

/// An invitation to make an account.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// The id.
    pub id: InvitationId,
    /// The only address that it is good for, if it is bound to one.
    pub email: Option<String>,
    /// The plan of the account.
    pub plan: Plan,
    /// Whether its token was sent to its address, and shown to nobody.
    pub is_mailed: bool,
    /// Who made it. `None` for the operator at the command line.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Until when it can be used.
    pub expires_at: DateTime<Utc>,
    /// Whose account was made with it.
    pub used_by: Option<UserId>,
    /// When it was used.
    pub used_at: Option<DateTime<Utc>>,
}

impl Invitation {
    /// Whether it can be used at this time.
    #[must_use]
    pub fn status(&self, now: DateTime<Utc>) -> InvitationStatus {
        match self.used_at {
            Some(_) => InvitationStatus::Used,
            None if self.expires_at <= now => InvitationStatus::Expired,
            None => InvitationStatus::Pending,
        }
    }

    /// Whether it is good for an address.
    #[must_use]
    pub fn is_for(&self, email: &Email) -> bool {
        self.email.as_deref().is_none_or(|bound| email.spellings().any(|spelling| spelling == bound))
    }
}

/// An invitation to be made.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// The only address that it is good for.
    pub email: Option<Email>,
    /// The plan of the account.
    pub plan: Plan,
    /// How long it can be used.
    pub lifetime: TimeDelta,
    /// Whether its token is sent to its address instead of being shown.
    pub is_mailed: bool,
}

impl NewInvitation {
    /// How many invitations there can be, those that were used or have expired lately included.
    pub const MAX: u64 = 1_000;
    /// For how many days an invitation can be used by default.
    pub const DEFAULT_DAYS: i32 = 7;
    /// The most days that an invitation can be used.
    pub const MAX_DAYS: i32 = 90;

    /// Validates an invitation.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for something that is no address, a number of days that is not from 1 to 90, and one by mail
    /// without an address.
    pub fn new(email: Option<&str>, plan: Option<Plan>, expires_in_days: Option<i32>, send_mail: bool) -> Result<Self> {
        let email = email.map(Email::parse).transpose()?;
        let days = expires_in_days.unwrap_or(Self::DEFAULT_DAYS);
        if !(1..=Self::MAX_DAYS).contains(&days) {
            return Err(Error::invalid("expires_in_days", format!("must be from 1 to {}", Self::MAX_DAYS)));
        }
        if send_mail && email.is_none() {
            return Err(Error::invalid("email", "is needed for an invitation by mail"));
        }
        Ok(Self {
            email,
            plan: plan.unwrap_or(Plan::Free),
            lifetime: TimeDelta::days(days.into()),
            is_mailed: send_mail,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_exact() {
        let domain = EmailDomain::parse("allowed_email_domains", " Bücher.Example ").unwrap();
        assert_eq!(domain.as_str(), "xn--bcher-kva.example");
        let has = |address: &str| domain.has(&Email::parse(address).unwrap());
        assert!(has("ada@bücher.example") && has("ADA@XN--BCHER-KVA.EXAMPLE"));
        for other in ["ada@mail.bücher.example", "ada@xbücher.example", "ada@bücher.example.com"] {
            assert!(!has(other), "{other}");
        }
        for wrong in ["", "localhost", "@example.com", "a@example.com", "*.example.com", "exa mple.com", ".example.com"]
        {
            let error = EmailDomain::parse("allowed_email_domains", wrong).unwrap_err();
            assert!(error.message().starts_with("allowed_email_domains: must be a domain"), "{wrong}");
        }
    }

    #[test]
    fn an_invitation_is_valid_for_days_and_for_its_address() {
        let new =
            |email, days, mail| NewInvitation::new(email, None, days, mail).map_err(|error| error.message().to_owned());
        assert_eq!(new(None, None, false).unwrap().lifetime, TimeDelta::days(7));
        for days in [0, -1, 91, i32::MAX] {
            assert_eq!(new(None, Some(days), false).unwrap_err(), "expires_in_days: must be from 1 to 90");
        }
        assert_eq!(new(None, None, true).unwrap_err(), "email: is needed for an invitation by mail");
        assert!(new(Some("ada"), None, false).unwrap_err().starts_with("email: must be an e-mail address"));
        let mut invitation = Invitation {
            id: InvitationId(1),
            email: Some("ada@example.com".to_owned()),
            plan: Plan::Free,
            is_mailed: false,
            created_by: None,
            created_at: DateTime::UNIX_EPOCH,
            expires_at: DateTime::UNIX_EPOCH + TimeDelta::days(1),
            used_by: None,
            used_at: None,
        };
        let email = |text: &str| Email::parse(text).unwrap();
        assert!(invitation.is_for(&email("ADA@example.com")) && !invitation.is_for(&email("bob@example.com")));
        assert_eq!(invitation.status(DateTime::UNIX_EPOCH), InvitationStatus::Pending);
        assert_eq!(invitation.status(invitation.expires_at), InvitationStatus::Expired);
        invitation.used_at = Some(DateTime::UNIX_EPOCH);
        assert_eq!(invitation.status(invitation.expires_at), InvitationStatus::Used);
    }
}
