//! The audit log: who changed what, for administrators.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{AuditId, UserId};

/// Declares the actions, with the word that the database stores for each.
macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)+) => {
        /// What an administrator or a user did.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum AuditAction { $($(#[$doc])* $variant,)+ }

        impl AuditAction {
            /// The word stored in the database.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The action of a word stored in the database. During an upgrade, a newer replica may store one that this
            /// version does not know.
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
    /// A user's role, plan or active state was changed.
    UserUpdated = "user_updated";
    /// An account at a provider was added.
    ProviderCreated = "provider_created";
    /// An account at a provider was changed.
    ProviderUpdated = "provider_updated";
    /// Numbers were added.
    NumbersImported = "numbers_imported";
    /// A number was taken out of use, or put back.
    NumberStatusSet = "number_status_set";
    /// A test message was simulated.
    SmsSimulated = "sms_simulated";
    /// A password was changed, by its user or with a token from a mail.
    PasswordChanged = "password_changed";
    /// An API key was created.
    ApiKeyCreated = "api_key_created";
    /// An API key was revoked.
    ApiKeyRevoked = "api_key_revoked";
    /// A code pattern was added.
    OtpPatternCreated = "otp_pattern_created";
    /// A code pattern was changed.
    OtpPatternUpdated = "otp_pattern_updated";
    /// A code pattern was deleted.
    OtpPatternDeleted = "otp_pattern_deleted";
    /// A number was granted to a user's pool.
    NumberGranted = "number_granted";
    /// The grant of a number was ended.
    NumberGrantEnded = "number_grant_ended";
    /// An account was made on the command line.
    UserCreated = "user_created";
    /// An administrator ended somebody's rental of a number.
    NumberReleased = "number_released";
    /// The secrets of a provider were sealed again with the key that is in use.
    SecretsResealed = "secrets_resealed";
    /// An invitation was made.
    InvitationCreated = "invitation_created";
    /// An invitation was taken back.
    InvitationRevoked = "invitation_revoked";
    /// An account was made with an invitation.
    InvitationUsed = "invitation_used";
    /// A sender was blocked.
    SenderBlocked = "sender_blocked";
    /// A sender was unblocked.
    SenderUnblocked = "sender_unblocked";
    /// An action that only a newer version knows.
    Other = "other";
}

/// An entry of the audit log.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    /// The id.
    pub id: AuditId,
    /// Who did it. `None` for the operator at the command line, and for a user with a token from a mail.
    pub actor_id: Option<UserId>,
    /// What they did.
    pub action: AuditAction,
    /// The object, by its id, such as `num_7`.
    pub target: Option<String>,
    /// What changed; never contains a secret.
    pub details: Value,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// Which entries a list shows.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Only actions of this user.
    pub actor_id: Option<UserId>,
    /// Only this action.
    pub action: Option<AuditAction>,
    /// Only actions on this object.
    pub target: Option<String>,
    /// Only from this time on.
    pub since: Option<DateTime<Utc>>,
    /// Only before this time.
    pub until: Option<DateTime<Utc>>,
}
