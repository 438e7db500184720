//! Ids: a type for each kind of object, and a global id that is unique over all of them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{Error, ErrorCode};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident($inner:ty);)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

ids! {
    /// A user, who is also the owner of one inbox.
    UserId(i32);
    /// A phone number that the platform owns.
    NumberId(i32);
    /// One rental of a number.
    AssignmentId(i32);
    /// An account at an SMS provider.
    ProviderId(i32);
    /// A code pattern of the operator.
    OtpPatternId(i32);
    /// A session: one device of one user.
    SessionId(i32);
    /// An API key.
    ApiKeyId(i32);
    /// A delivery report.
    ReportId(i64);
    /// An entry of the audit log.
    AuditId(i64);
    /// A message. There may be more than 32 bits can count.
    MessageId(i64);
}

/// A global id, whose prefix names the kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NodeId {
    /// `usr_3`
    User(UserId),
    /// `num_7`
    Number(NumberId),
    /// `msg_42`
    Message(MessageId),
    /// `prv_1`
    Provider(ProviderId),
    /// `ses_5`
    Session(SessionId),
    /// `key_2`
    ApiKey(ApiKeyId),
    /// `rpt_9`
    Report(ReportId),
    /// `aud_4`
    Audit(AuditId),
    /// `pat_6`
    OtpPattern(OtpPatternId),
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "usr_{id}"),
            Self::Number(id) => write!(f, "num_{id}"),
            Self::Message(id) => write!(f, "msg_{id}"),
            Self::Provider(id) => write!(f, "prv_{id}"),
            Self::Session(id) => write!(f, "ses_{id}"),
            Self::ApiKey(id) => write!(f, "key_{id}"),
            Self::Report(id) => write!(f, "rpt_{id}"),
            Self::Audit(id) => write!(f, "aud_{id}"),
            Self::OtpPattern(id) => write!(f, "pat_{id}"),
        }
    }
}

impl FromStr for NodeId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        /// Parses digits without a sign or leading zeros, so that an object has only one id.
        fn number<T: FromStr + fmt::Display>(digits: &str) -> Option<T> {
            digits.parse().ok().filter(|n: &T| n.to_string() == digits && !digits.starts_with('-'))
        }
        let parsed = text.split_once('_').and_then(|(prefix, digits)| match prefix {
            "usr" => number(digits).map(UserId).map(Self::User),
            "num" => number(digits).map(NumberId).map(Self::Number),
            "msg" => number(digits).map(MessageId).map(Self::Message),
            "prv" => number(digits).map(ProviderId).map(Self::Provider),
            "ses" => number(digits).map(SessionId).map(Self::Session),
            "key" => number(digits).map(ApiKeyId).map(Self::ApiKey),
            "rpt" => number(digits).map(ReportId).map(Self::Report),
            "aud" => number(digits).map(AuditId).map(Self::Audit),
            "pat" => number(digits).map(OtpPatternId).map(Self::OtpPattern),
            _ => None,
        });
        parsed.ok_or_else(|| {
            Error::new(ErrorCode::ValidationError, "id: not an id of ours; ids look like num_7 or msg_42")
                .with("field", "id")
        })
    }
}

/// Parsers for ids of one kind. They fail with `VALIDATION_ERROR` for other text, and for the id of another kind.
impl NodeId {
    /// Parses the id of a phone number; `field` names the argument in the error.
    pub fn number(field: &str, text: &str) -> Result<NumberId, Error> {
        match text.parse() {
            Ok(Self::Number(id)) => Ok(id),
            _ => Err(Error::invalid(field, "must be the id of a phone number, such as num_7")),
        }
    }

    /// Parses the id of a message; `field` names the argument in the error.
    pub fn message(field: &str, text: &str) -> Result<MessageId, Error> {
        match text.parse() {
            Ok(Self::Message(id)) => Ok(id),
            _ => Err(Error::invalid(field, "must be the id of a message, such as msg_42")),
        }
    }

    /// Parses the id of a user; `field` names the argument in the error.
    pub fn user(field: &str, text: &str) -> Result<UserId, Error> {
        match text.parse() {
            Ok(Self::User(id)) => Ok(id),
            _ => Err(Error::invalid(field, "must be the id of a user, such as usr_3")),
        }
    }

    /// Parses the id of an account at a provider; `field` names the argument in the error.
    pub fn provider(field: &str, text: &str) -> Result<ProviderId, Error> {
        match text.parse() {
            Ok(Self::Provider(id)) => Ok(id),
            _ => Err(Error::invalid(field, "must be the id of a provider, such as prv_1")),
        }
    }

    /// Parses the id of a session; `field` names the argument in the error.
    pub fn session(field: &str, text: &str) -> Result<SessionId, Error> {
        match text.parse() {
            Ok(Self::Session(id)) => Ok(id),
            _ => Err(Error::invalid(field, "must be the id of a session, such as ses_5")),
        }
    }

    /// Parses the id of a code pattern; `field` names the argument in the error.
    pub fn otp_pattern(field: &str, text: &str) -> Result<OtpPatternId, Error> {
        match text.parse() {
            Ok(Self::OtpPattern(id)) => Ok(id),
            _ => Err(Error::invalid(field, "must be the id of a code pattern, such as pat_6")),
        }
    }

    /// Parses the id of an API key; `field` names the argument in the error.
    pub fn api_key(field: &str, text: &str) -> Result<ApiKeyId, Error> {
        match text.parse() {
            Ok(Self::ApiKey(id)) => Ok(id),
            _ => Err(Error::invalid(field, "must be the id of an API key, such as key_2")),
        }
    }
}
