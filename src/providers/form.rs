//! Forms (`application/x-www-form-urlencoded`), as the bytes that were sent.
//!
//! Signatures cover bytes, and a lossy decoder would verify one thing and read another.

use std::borrow::Cow;

use percent_encoding::percent_decode;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Malformed;
use crate::domain::InboundSms;

/// A name and a value, decoded.
type Field<'a> = (Cow<'a, [u8]>, Cow<'a, [u8]>);

/// The fields of a form, in their order.
#[derive(Debug)]
pub(super) struct Form<'a>(Vec<Field<'a>>);

impl<'a> Form<'a> {
    /// Decodes a form. Every sequence of bytes is one.
    pub(super) fn decode(bytes: &'a [u8]) -> Self {
        let fields = bytes.split(|&b| b == b'&').filter(|field| !field.is_empty()).map(|field| {
            let mut parts = field.splitn(2, |&b| b == b'=');
            let (name, value) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            (decode(name), decode(value))
        });
        Self(fields.collect())
    }

    /// The fields sorted by name, then value, without repetitions: what Twilio and others sign.
    pub(super) fn sorted(&self) -> Vec<(&[u8], &[u8])> {
        let mut fields: Vec<_> = self.0.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
        fields.sort_unstable();
        fields.dedup();
        fields
    }

    /// A field that must be there, once, as text.
    pub(super) fn text(&self, name: &str) -> Result<&str, Malformed> {
        let mut values = self.0.iter().filter(|(field, _)| field.as_ref() == name.as_bytes());
        let (_, value) = values.next().ok_or_else(|| Malformed::new(name, "is missing"))?;
        if values.next().is_some() {
            return Err(Malformed::new(name, "is given more than once"));
        }
        std::str::from_utf8(value).map_err(|_| Malformed::new(name, "is not valid UTF-8"))
    }
}

/// The form as a JSON object, with what is not text made visible.
impl Serialize for Form<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = |bytes| InboundSms::storable(&String::from_utf8_lossy(bytes));
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(&text(name), &text(value))?;
        }
        map.end()
    }
}

fn decode(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !bytes.contains(&b'+') {
        return percent_decode(bytes).into();
    }
    let spaced: Vec<u8> = bytes.iter().map(|&b| if b == b'+' { b' ' } else { b }).collect();
    Cow::Owned(percent_decode(&spaced).collect())
}
