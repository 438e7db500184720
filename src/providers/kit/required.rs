//! What every message must have, read field by field.

use std::borrow::Cow;

use super::Malformed;
use crate::domain::{InboundSms, Msisdn, Sender};

/// What every message must have. Each field is read whatever becomes of the others, so that a message that cannot be
/// read is still found by what of it could be.
pub(in crate::providers) struct Required<'t> {
    pub(in crate::providers) id: Result<String, Malformed>,
    pub(in crate::providers) from: Result<Sender, Malformed>,
    pub(in crate::providers) to: Result<Msisdn, Malformed>,
    pub(in crate::providers) text: Result<Cow<'t, str>, Malformed>,
}

impl Required<'_> {
    /// The message, or what is wrong with the first field that cannot be read.
    pub(in crate::providers) fn message(self) -> Result<InboundSms, Malformed> {
        match self {
            Self { id: Ok(id), from: Ok(from), to: Ok(to), text: Ok(text) } => {
                Ok(InboundSms::new(id, from, to, text.as_ref()))
            }
            Self { id, from, to, text } => {
                let (id, to, errors) = (id.as_ref(), to.as_ref(), [id.as_ref().err(), from.as_ref().err()]);
                let first = errors.into_iter().chain([to.err(), text.as_ref().err()]).flatten().next();
                let first = first.cloned().unwrap_or_else(|| Malformed::new("body", "cannot be read"));
                Err(first.about(id.ok(), to.ok()))
            }
        }
    }
}

/// The id of the message that a status is about. `to` is its recipient, if it is known: without the id, the status is
/// found by it.
pub(in crate::providers) fn status_id(id: Result<String, Malformed>, to: Option<&Msisdn>) -> Result<String, Malformed> {
    id.map_err(|malformed| malformed.about(None, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_which_message_it_was() {
        let wrong = |field: &str| Malformed::new(field, "is missing");
        let required = |id: Result<&str, &str>, from: Result<&str, &str>, to: Result<&str, &str>| Required {
            id: id.map(str::to_owned).map_err(wrong),
            from: from.map(|from| Sender::parse("from", from).unwrap()).map_err(wrong),
            to: to.map(|to| Msisdn::parse("to", to).unwrap()).map_err(wrong),
            text: Ok("x".into()),
        };
        let sms = required(Ok("1"), Ok("A"), Ok("12345")).message().unwrap();
        assert_eq!((sms.provider_message_id.as_str(), sms.to.as_str(), sms.text.as_str()), ("1", "12345", "x"));
        for (required, field, id, to) in [
            (required(Ok("1"), Err("from"), Ok("12345")), "from", Some("1"), Some("12345")),
            (required(Ok("1"), Err("from"), Err("to")), "from", Some("1"), None),
            (required(Err("id"), Err("from"), Ok("12345")), "id", None, Some("12345")),
        ] {
            let malformed = required.message().unwrap_err();
            let to = to.map(|to| Msisdn::parse("to", to).unwrap());
            assert_eq!(malformed.field, field);
            assert_eq!((malformed.provider_message_id.as_deref(), malformed.phone_number), (id, to));
        }
    }
}
