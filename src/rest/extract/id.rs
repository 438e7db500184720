//! Ids: plain numbers, as the specification has them, or with the prefix that GraphQL gives them (`num_7`).

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};

use crate::{
    domain::{
        ApiKeyId, BlockedSenderId, Error, ErrorCode, InvitationId, LeaseId, MessageId, NodeId, NumberId, PoolId,
        Result, SessionId, TicketId,
    },
    http::ErrorResponse,
};

/// What errors say of an id that is none.
const ISSUE: &str = "must be a whole number, or an id such as num_7";

/// The id in a path. A number that is out of range is the id of nothing; what is no id at all is an invalid request.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::rest) enum PathId {
    Plain(i64),
    Prefixed(NodeId),
}

impl PathId {
    fn parse(text: &str) -> Result<Self> {
        let (prefix, digits) = match text.split_once('_') {
            Some((prefix, digits)) => (Some(prefix), digits),
            None => (None, text.strip_prefix('-').unwrap_or(text)),
        };
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(invalid());
        }
        match prefix {
            // Out of range, so no id: nothing has the id -1.
            None => Ok(Self::Plain(text.parse().unwrap_or(-1))),
            Some(prefix) if NodeId::is_prefix(prefix) => Ok(text.parse().map_or(Self::Plain(-1), Self::Prefixed)),
            Some(_) => Err(invalid()),
        }
    }

    /// The id of a phone number.
    pub(in crate::rest) fn number(&self) -> Result<NumberId> {
        match self {
            Self::Plain(id) => narrow(*id, "phone number").map(NumberId),
            Self::Prefixed(NodeId::Number(id)) => Ok(*id),
            Self::Prefixed(_) => Err(invalid()),
        }
    }

    /// The id of a message.
    pub(in crate::rest) fn message(&self) -> Result<MessageId> {
        match self {
            Self::Plain(id) => Ok(MessageId(*id)),
            Self::Prefixed(NodeId::Message(id)) => Ok(*id),
            Self::Prefixed(_) => Err(invalid()),
        }
    }

    /// The id of a session.
    pub(in crate::rest) fn session(&self) -> Result<SessionId> {
        match self {
            Self::Plain(id) => narrow(*id, "session").map(SessionId),
            Self::Prefixed(NodeId::Session(id)) => Ok(*id),
            Self::Prefixed(_) => Err(invalid()),
        }
    }

    /// The id of a pool.
    pub(in crate::rest) fn pool(&self) -> Result<PoolId> {
        match self {
            Self::Plain(id) => narrow(*id, "pool").map(PoolId),
            Self::Prefixed(NodeId::Pool(id)) => Ok(*id),
            Self::Prefixed(_) => Err(invalid()),
        }
    }

    /// The id of a lease.
    pub(in crate::rest) fn lease(&self) -> Result<LeaseId> {
        match self {
            Self::Plain(id) => Ok(LeaseId(*id)),
            Self::Prefixed(NodeId::Lease(id)) => Ok(*id),
            Self::Prefixed(_) => Err(invalid()),
        }
    }

    /// The id of an invitation.
    pub(in crate::rest) fn invitation(&self) -> Result<InvitationId> {
        match self {
            Self::Plain(id) => narrow(*id, "invitation").map(InvitationId),
            Self::Prefixed(NodeId::Invitation(id)) => Ok(*id),
            Self::Prefixed(_) => Err(invalid()),
        }
    }

    /// The id of a blocked sender.
    pub(in crate::rest) fn blocked_sender(&self) -> Result<BlockedSenderId> {
        match self {
            Self::Plain(id) => narrow(*id, "blocked sender").map(BlockedSenderId),
            Self::Prefixed(NodeId::BlockedSender(id)) => Ok(*id),
            Self::Prefixed(_) => Err(invalid()),
        }
    }

    /// The id of an API key.
    pub(in crate::rest) fn api_key(&self) -> Result<ApiKeyId> {
        match self {
            Self::Plain(id) => narrow(*id, "API key").map(ApiKeyId),
            Self::Prefixed(NodeId::ApiKey(id)) => Ok(*id),
            Self::Prefixed(_) => Err(invalid()),
        }
    }
}

fn narrow(id: i64, what: &str) -> Result<i32> {
    id.try_into().map_err(|_| Error::not_found(what))
}

fn invalid() -> Error {
    Error::new(ErrorCode::InvalidRequest, format!("id: {ISSUE}")).with("field", "id").with("issue", ISSUE)
}

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ErrorResponse> {
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| invalid())?;
        Ok(Self::parse(&text)?)
    }
}

/// The ticket in a path.
pub(in crate::rest) struct PathTicket(pub(in crate::rest) TicketId);

impl<S: Send + Sync> FromRequestParts<S> for PathTicket {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ErrorResponse> {
        let text = Path::<String>::from_request_parts(parts, state).await;
        // A path that is not UTF-8 is no ticket either.
        let text = text.map_or_else(|_| String::new(), |Path(text)| text);
        Ok(Self(TicketId::decode("ticket", &text)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_numbers_with_or_without_their_prefix() {
        let number = |text: &str| PathId::parse(text).and_then(|id| id.number());
        for (text, expected) in [
            ("7", Ok(7)),
            ("num_7", Ok(7)),
            ("007", Ok(7)),
            ("99999999999", Err(ErrorCode::NotFound)),
            // Nothing has this id.
            ("99999999999999999999", Ok(-1)),
            ("num_99999999999", Ok(-1)),
            ("msg_7", Err(ErrorCode::InvalidRequest)),
            ("abc_7", Err(ErrorCode::InvalidRequest)),
            ("num_", Err(ErrorCode::InvalidRequest)),
            ("num_-7", Err(ErrorCode::InvalidRequest)),
            ("7.0", Err(ErrorCode::InvalidRequest)),
            ("", Err(ErrorCode::InvalidRequest)),
            ("\0", Err(ErrorCode::InvalidRequest)),
        ] {
            assert_eq!(number(text).map(|id| id.0).map_err(|error| error.code()), expected, "{text:?}");
        }
        assert_eq!(number("-5").unwrap(), NumberId(-5));
        assert_eq!(PathId::parse("msg_5000000000").unwrap().message().unwrap(), MessageId(5_000_000_000));
    }
}
