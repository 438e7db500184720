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
    /// A pool of numbers.
    PoolId(i32);
    /// A lease of a number.
    LeaseId(i64);
    /// A place in the queue for a lease.
    TicketId(i64);
    /// An invitation to make an account.
    InvitationId(i32);
    /// A sender whose messages are refused.
    BlockedSenderId(i32);
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
    /// `pol_3`
    Pool(PoolId),
    /// `lse_12`
    Lease(LeaseId),
    /// `inv_5`
    Invitation(InvitationId),
    /// `blk_2`
    BlockedSender(BlockedSenderId),
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
            Self::Pool(id) => write!(f, "pol_{id}"),
            Self::Lease(id) => write!(f, "lse_{id}"),
            Self::Invitation(id) => write!(f, "inv_{id}"),
            Self::BlockedSender(id) => write!(f, "blk_{id}"),
        }
    }
}

impl NodeId {
    /// Whether ids of some kind begin with this.
    #[must_use]
    pub fn is_prefix(text: &str) -> bool {
        ["usr", "num", "msg", "prv", "ses", "key", "rpt", "aud", "pat", "pol", "lse", "inv", "blk"].contains(&text)
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
            "pol" => number(digits).map(PoolId).map(Self::Pool),
            "lse" => number(digits).map(LeaseId).map(Self::Lease),
            "inv" => number(digits).map(InvitationId).map(Self::Invitation),
            "blk" => number(digits).map(BlockedSenderId).map(Self::BlockedSender),
            _ => None,
        });
        parsed.ok_or_else(|| {
            Error::new(ErrorCode::ValidationError, "id: not an id of ours; ids look like num_7 or msg_42")
                .with("field", "id")
        })
    }
}

/// Declares the parsers of the ids that arguments have.
macro_rules! parsers {
    ($($(#[$doc:meta])* $name:ident = $variant:ident($id:ident), $prefix:literal, $what:literal;)+) => {
        /// Parsers for ids of one kind, with their prefix or, since the kind is known, without it. They fail with
        /// `VALIDATION_ERROR` for other text, and for the id of another kind.
        impl NodeId {
            $(
                $(#[$doc])*
                pub fn $name(field: &str, text: &str) -> Result<$id, Error> {
                    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                    let prefixed = if is_plain { format!("{}_{text}", $prefix) } else { text.to_owned() };
                    match prefixed.parse() {
                        Ok(Self::$variant(id)) => Ok(id),
                        _ => Err(Error::invalid(field, concat!("must be the id of ", $what))),
                    }
                }
            )+
        }
    };
}

parsers! {
    /// Parses the id of a phone number; `field` names the argument in the error.
    number = Number(NumberId), "num", "a phone number, such as num_7";
    /// Parses the id of a message; `field` names the argument in the error.
    message = Message(MessageId), "msg", "a message, such as msg_42";
    /// Parses the id of a user; `field` names the argument in the error.
    user = User(UserId), "usr", "a user, such as usr_3";
    /// Parses the id of an account at a provider; `field` names the argument in the error.
    provider = Provider(ProviderId), "prv", "a provider, such as prv_1";
    /// Parses the id of a session; `field` names the argument in the error.
    session = Session(SessionId), "ses", "a session, such as ses_5";
    /// Parses the id of a code pattern; `field` names the argument in the error.
    otp_pattern = OtpPattern(OtpPatternId), "pat", "a code pattern, such as pat_6";
    /// Parses the id of a delivery report; `field` names the argument in the error.
    report = Report(ReportId), "rpt", "a delivery report, such as rpt_9";
    /// Parses the id of an API key; `field` names the argument in the error.
    api_key = ApiKey(ApiKeyId), "key", "an API key, such as key_2";
    /// Parses the id of a pool; `field` names the argument in the error.
    pool = Pool(PoolId), "pol", "a pool, such as pol_3";
    /// Parses the id of a lease; `field` names the argument in the error.
    lease = Lease(LeaseId), "lse", "a lease, such as lse_12";
    /// Parses the id of an invitation; `field` names the argument in the error.
    invitation = Invitation(InvitationId), "inv", "an invitation, such as inv_5";
    /// Parses the id of a blocked sender; `field` names the argument in the error.
    blocked_sender = BlockedSender(BlockedSenderId), "blk", "a blocked sender, such as blk_2";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_a_known_kind_needs_no_prefix() {
        for (text, expected) in [
            ("num_7", Some(7)),
            ("7", Some(7)),
            ("0", Some(0)),
            ("msg_7", None),
            ("num_", None),
            ("num_07", None),
            ("07", None),
            ("-7", None),
            ("7.0", None),
            ("99999999999", None),
            ("", None),
            ("num_num_7", None),
        ] {
            assert_eq!(NodeId::number("id", text).ok(), expected.map(NumberId), "{text}");
            assert_eq!(text.parse::<NodeId>().is_ok(), ["num_7", "msg_7"].contains(&text), "{text}");
        }
    }

    #[test]
    fn every_kind_has_a_known_prefix() {
        let ids = [
            NodeId::User(UserId(1)),
            NodeId::Number(NumberId(1)),
            NodeId::Message(MessageId(1)),
            NodeId::Provider(ProviderId(1)),
            NodeId::Session(SessionId(1)),
            NodeId::ApiKey(ApiKeyId(1)),
            NodeId::Report(ReportId(1)),
            NodeId::Audit(AuditId(1)),
            NodeId::OtpPattern(OtpPatternId(1)),
            NodeId::Pool(PoolId(1)),
            NodeId::Lease(LeaseId(1)),
            NodeId::Invitation(InvitationId(1)),
            NodeId::BlockedSender(BlockedSenderId(1)),
        ];
        for id in ids {
            let text = id.to_string();
            assert!(NodeId::is_prefix(text.split_once('_').unwrap().0), "{text}");
            assert_eq!(text.parse::<NodeId>().unwrap(), id);
        }
    }
}
