//! The audit log: who changed what, for administrators.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{AuditId, UserId};

/// Declares the actions: the word that the database keeps.
macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)+) => {
        /// What somebody did.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum AuditAction { $($(#[$doc])* $variant,)+ }

        impl AuditAction {
            /// The word that the database keeps.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }

        impl AuditAction {
            /// The action of a word that the database keeps. A newer version may have written one that this one
            /// does not know, while both run.
            #[must_use]
            pub fn stored(word: &str) -> Self {
                match word {
                    $($name => Self::$variant,)+
                    _ => Self::Other,
                }
            }
        }
    };
}

actions! {
    /// A user's role, plan or right to sign in was changed.
    UserUpdated = "user_updated";
    /// An account at a provider was added.
    ProviderCreated = "provider_created";
    /// An account at a provider was changed.
    ProviderUpdated = "provider_updated";
    /// Numbers were added.
    NumbersImported = "numbers_imported";
    /// A number was taken out of use, or put back.
    NumberStatusSet = "number_status_set";
    /// A message was made up.
    SmsSimulated = "sms_simulated";
    /// A password was changed, by whoever knew it or by mail.
    PasswordChanged = "password_changed";
    /// A key for a program was made.
    ApiKeyCreated = "api_key_created";
    /// A key for a program was revoked.
    ApiKeyRevoked = "api_key_revoked";
    /// A pattern of codes was added.
    OtpPatternCreated = "otp_pattern_created";
    /// A pattern of codes was changed.
    OtpPatternUpdated = "otp_pattern_updated";
    /// A pattern of codes was deleted.
    OtpPatternDeleted = "otp_pattern_deleted";
    /// A newer version did what this one has no word for.
    Other = "other";
}

/// One thing that somebody did.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    /// The id.
    pub id: AuditId,
    /// Who did it; nobody is the operator at the command line, or somebody with a token from a mail.
    pub actor_id: Option<UserId>,
    /// What they did.
    pub action: AuditAction,
    /// To what: an id such as `num_7`.
    pub target: Option<String>,
    /// What changed: never a secret.
    pub details: Value,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// Which entries a list shows.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Only what this user did.
    pub actor_id: Option<UserId>,
    /// Only this.
    pub action: Option<AuditAction>,
    /// Only what was done to this.
    pub target: Option<String>,
}
