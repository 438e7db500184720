//! Names and values as bytes: forms (`application/x-www-form-urlencoded`), queries, and flat JSON objects.
//!
//! Signatures cover bytes: with a lossy decoder, what is verified could differ from what is read.

use std::{borrow::Cow, collections::BTreeMap};

use percent_encoding::percent_decode;
use serde::ser::{Serialize, Serializer};
use serde_json::Value;

use super::{Charset, Malformed, decode_text, parse_json};
use crate::domain::InboundSms;

/// A percent-decoded name and value.
type Field<'a> = (Cow<'a, [u8]>, Cow<'a, [u8]>);

/// The fields, in the order in which they were sent.
#[derive(Debug)]
pub(in crate::providers) struct Form<'a>(Vec<Field<'a>>);

impl<'a> Form<'a> {
    /// The content type of a form.
    pub(in crate::providers) const TYPE: &'static str = "application/x-www-form-urlencoded";

    /// The parameters of the webhook URL that are the platform's, and not the provider's.
    const PLATFORM_PARAMETERS: [&'static [u8]; 2] = [b"provider", b"token"];

    /// Decodes a form. It cannot fail: every sequence of bytes is a form.
    pub(in crate::providers) fn decode(bytes: &'a [u8]) -> Self {
        let fields = bytes.split(|&b| b == b'&').filter(|field| !field.is_empty()).map(|field| {
            let mut parts = field.splitn(2, |&b| b == b'=');
            let (name, value) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            (decode(name), decode(value))
        });
        Self(fields.collect())
    }

    /// Reads a JSON object whose values are strings, numbers, booleans or null. A list of them is a repeated field.
    pub(in crate::providers) fn from_json(bytes: &[u8]) -> Result<Form<'static>, Malformed> {
        let Value::Object(members) = parse_json(bytes)? else {
            return Err(Malformed::new("body", "must be an object of JSON"));
        };
        let mut fields = Vec::with_capacity(members.len());
        for (name, value) in members {
            let values = if let Value::Array(list) = value { list } else { vec![value] };
            for value in values {
                let text = match value {
                    Value::String(text) => text,
                    Value::Null => String::new(),
                    Value::Number(_) | Value::Bool(_) => value.to_string(),
                    Value::Array(_) | Value::Object(_) => {
                        return Err(Malformed::new(name, "must be a text or a number"));
                    }
                };
                fields.push((name.clone().into_bytes().into(), text.into_bytes().into()));
            }
        }
        Ok(Form(fields))
    }

    /// Without the parameters of the webhook URL that are the platform's: `provider` and `token`.
    pub(in crate::providers) fn without_platform_parameters(mut self) -> Self {
        self.0.retain(|(name, _)| !Self::PLATFORM_PARAMETERS.contains(&name.as_ref()));
        self
    }

    /// The fields in their order.
    pub(in crate::providers) fn fields(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// The fields sorted by name, then value.
    pub(in crate::providers) fn sorted(&self) -> Vec<(&[u8], &[u8])> {
        let mut fields: Vec<_> = self.fields().collect();
        fields.sort_unstable();
        fields
    }

    pub(in crate::providers) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(in crate::providers) fn has(&self, name: &str) -> bool {
        self.fields().any(|(field, _)| field == name.as_bytes())
    }

    /// The bytes of a field. A repeated field must have the same value each time.
    pub(in crate::providers) fn bytes(&self, name: &str) -> Result<Option<&[u8]>, Malformed> {
        let mut values = self.fields().filter(|(field, _)| *field == name.as_bytes()).map(|(_, value)| value);
        let value = values.next();
        if values.any(|other| Some(other) != value) {
            return Err(Malformed::new(name, "is given more than once, with different values"));
        }
        Ok(value)
    }

    /// An optional field.
    pub(in crate::providers) fn find(&self, name: &str) -> Result<Option<&str>, Malformed> {
        let text = |bytes| std::str::from_utf8(bytes).map_err(|_| Malformed::new(name, "is not valid UTF-8"));
        self.bytes(name)?.map(text).transpose()
    }

    /// An optional field, if it is not empty.
    pub(in crate::providers) fn filled(&self, name: &str) -> Result<Option<&str>, Malformed> {
        Ok(self.find(name)?.filter(|text| !text.is_empty()))
    }

    /// A required field. It may be empty.
    pub(in crate::providers) fn text(&self, name: &str) -> Result<&str, Malformed> {
        self.find(name)?.ok_or_else(|| Malformed::new(name, "is missing"))
    }

    /// The first of these fields that is present and not empty, with its name: providers rename fields.
    pub(in crate::providers) fn first_of<'n>(&self, names: &[&'n str]) -> Result<(&'n str, &str), Malformed> {
        for name in names {
            if let Some(text) = self.filled(name)? {
                return Ok((name, text));
            }
        }
        Err(Malformed::new(names.first().copied().unwrap_or_default(), "is missing"))
    }

    /// The required text of a message. Octets that are no UTF-8 do not cost the rest of it.
    pub(in crate::providers) fn content(&self, name: &str) -> Result<Cow<'_, str>, Malformed> {
        self.find_content(name)?.ok_or_else(|| Malformed::new(name, "is missing"))
    }

    /// The same, if it may be missing.
    pub(in crate::providers) fn find_content(&self, name: &str) -> Result<Option<Cow<'_, str>>, Malformed> {
        Ok(self.bytes(name)?.map(|bytes| decode_text(bytes, Charset::Utf8).into()))
    }

    /// A field that a message can do without, if it can be read and is not empty.
    pub(in crate::providers) fn known(&self, name: &str) -> Option<&str> {
        self.filled(name).ok().flatten()
    }

    /// An optional whole number; none if the field is no number.
    pub(in crate::providers) fn number<N: std::str::FromStr>(&self, name: &str) -> Option<N> {
        self.known(name)?.trim().parse().ok()
    }
}

/// The form as a JSON object; bytes that are not text become U+FFFD.
impl Serialize for Form<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = |bytes| InboundSms::storable(&String::from_utf8_lossy(bytes));
        // Of a repeated name, the last value wins, as in PostgreSQL's `jsonb`.
        let fields: BTreeMap<_, _> = self.fields().collect();
        serializer.collect_map(fields.iter().map(|(name, value)| (text(name), text(value))))
    }
}

fn decode(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !bytes.contains(&b'+') {
        return percent_decode(bytes).into();
    }
    let spaced: Vec<u8> = bytes.iter().map(|&b| if b == b'+' { b' ' } else { b }).collect();
    Cow::Owned(percent_decode(&spaced).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_field_must_have_one_value() {
        let form = Form::decode(b"id=1&body=a&id=1&body=b&empty=");
        assert_eq!(form.text("id").unwrap(), "1");
        assert_eq!(form.text("body").unwrap_err().to_string(), "body: is given more than once, with different values");
        assert_eq!(form.text("none").unwrap_err().to_string(), "none: is missing");
        assert_eq!(form.first_of(&["none", "empty", "id"]).unwrap(), ("id", "1"));
    }

    #[test]
    fn a_flat_json_object_is_a_form() {
        let form = Form::from_json(br#"{"a":"x","n":14155550100,"b":true,"z":null}"#).unwrap();
        assert_eq!((form.text("a").unwrap(), form.text("n").unwrap()), ("x", "14155550100"));
        assert_eq!((form.text("b").unwrap(), form.text("z").unwrap()), ("true", ""));
        let listed = Form::from_json(br#"{"a":["x","y"],"b":["x","x"],"c":[]}"#).unwrap();
        assert!(listed.text("a").unwrap_err().issue.contains("more than once"));
        assert_eq!((listed.text("b").unwrap(), listed.has("c")), ("x", false));
        assert!(Form::from_json(br#"{"a":{}}"#).is_err());
        assert!(Form::from_json(br#"{"a":[[]]}"#).is_err());
        assert!(Form::from_json(b"[]").is_err());
        assert!(Form::from_json(br#"{"a":1,"a":2}"#).unwrap_err().issue.contains("more than once"));
    }

    #[test]
    fn bytes_that_are_not_text_are_replaced() {
        let form = Form::decode(b"a=%FF%00&provider=x&token=secret&a=%FF");
        assert_eq!(serde_json::to_string(&form.without_platform_parameters()).unwrap(), "{\"a\":\"\u{fffd}\"}");
    }
}
