//! Strict JSON: no duplicate names, at most 128 levels deep, nothing after the end.

use std::{borrow::Cow, fmt};

use chrono::{DateTime, Utc};
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

use super::{Malformed, TimeFormat, cut::cut_surrogate, read_time};

/// Parses a document.
pub(in crate::providers) fn parse_json(bytes: &[u8]) -> Result<Value, Malformed> {
    let text = std::str::from_utf8(bytes).map_err(|_| Malformed::new("body", "is not valid UTF-8"))?;
    let read = serde_json::from_str(text).or_else(|error| match replace_lone_surrogates(text) {
        Some(text) => serde_json::from_str(&text),
        None => Err(error),
    });
    let Strict(value) = read.map_err(|error| Malformed::new("body", error.to_string()))?;
    Ok(value)
}

/// The document with escaped lone surrogates represented as `cut.rs` says; none if it has none. Some providers split
/// long messages within a surrogate pair, which must not make the whole part unreadable.
fn replace_lone_surrogates(text: &str) -> Option<String> {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok().filter(|unit| (0xd800..0xe000).contains(unit))
    };
    let mut replaced = String::with_capacity(text.len());
    let (mut at, mut copied, mut found) = (0, 0, false);
    while let Some(next) = text[at..].find('\\') {
        at += next;
        at += match (unit(at), unit(at + 6)) {
            (None, _) => text[at..].chars().take(2).map(char::len_utf8).sum::<usize>(),
            (Some(..0xdc00), Some(0xdc00..)) => 12,
            (Some(lone), _) => {
                replaced.push_str(&text[copied..at]);
                replaced.push(cut_surrogate(lone));
                (copied, found) = (at + 6, true);
                6
            }
        };
    }
    replaced.push_str(&text[copied..]);
    found.then_some(replaced)
}

/// A value whose objects have no duplicate names. Parsers differ on which of two to take, so what another program
/// checked could differ from what is read here.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }

            fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_str<E>(self, value: &str) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_string<E>(self, value: String) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_unit<E>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
                let mut list = Vec::new();
                while let Some(Strict(item)) = items.next_element()? {
                    list.push(item);
                }
                Ok(Value::Array(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
                let mut object = Map::new();
                while let Some((name, Strict(value))) = members.next_entry::<String, _>()? {
                    if object.insert(name, value).is_some() {
                        return Err(A::Error::custom("a name is given more than once in one object"));
                    }
                }
                Ok(Value::Object(object))
            }
        }

        deserializer.deserialize_any(Any).map(Self)
    }
}

/// A value within a document, with its JSON pointer (RFC 6901) for error messages.
///
/// Pointers that its methods take are relative to it; null counts as absent.
#[derive(Clone, Debug)]
pub(in crate::providers) struct JsonNode<'a> {
    value: &'a Value,
    path: String,
}

impl<'a> JsonNode<'a> {
    /// The whole document.
    pub(in crate::providers) fn root(value: &'a Value) -> Self {
        Self { value, path: String::new() }
    }

    pub(in crate::providers) fn value(&self) -> &'a Value {
        self.value
    }

    /// The pointer of a descendant from the root, as errors name it.
    pub(in crate::providers) fn name(&self, pointer: &str) -> String {
        let path = format!("{}{pointer}", self.path);
        if path.is_empty() { "body".to_owned() } else { path }
    }

    pub(in crate::providers) fn wrong(&self, pointer: &str, issue: impl Into<String>) -> Malformed {
        Malformed::new(self.name(pointer), issue)
    }

    /// An optional descendant.
    pub(in crate::providers) fn find(&self, pointer: &str) -> Option<JsonNode<'a>> {
        let value = self.value.pointer(pointer).filter(|value| !value.is_null())?;
        Some(JsonNode { value, path: format!("{}{pointer}", self.path) })
    }

    /// A required descendant.
    pub(in crate::providers) fn get(&self, pointer: &str) -> Result<JsonNode<'a>, Malformed> {
        self.find(pointer).ok_or_else(|| self.wrong(pointer, "is missing"))
    }

    /// A required string. It may be empty.
    pub(in crate::providers) fn text(&self, pointer: &str) -> Result<&'a str, Malformed> {
        self.get(pointer)?.value.as_str().ok_or_else(|| self.wrong(pointer, "must be a text"))
    }

    /// An optional string, if it is not empty.
    pub(in crate::providers) fn filled(&self, pointer: &str) -> Result<Option<&'a str>, Malformed> {
        let text = self.find(pointer).map(|_| self.text(pointer)).transpose()?;
        Ok(text.filter(|text| !text.is_empty()))
    }

    /// A required string or whole number, as text: ids and phone numbers come as either.
    pub(in crate::providers) fn scalar(&self, pointer: &str) -> Result<Cow<'a, str>, Malformed> {
        match self.get(pointer)?.value {
            Value::String(text) => Ok(text.as_str().into()),
            Value::Number(number) if !number.is_f64() => Ok(number.to_string().into()),
            _ => Err(self.wrong(pointer, "must be a text or a whole number")),
        }
    }

    /// An optional string or whole number, if it is not empty.
    pub(in crate::providers) fn find_scalar(&self, pointer: &str) -> Result<Option<Cow<'a, str>>, Malformed> {
        let text = self.find(pointer).map(|_| self.scalar(pointer)).transpose()?;
        Ok(text.filter(|text| !text.is_empty()))
    }

    /// The first of these strings that is present and not empty.
    pub(in crate::providers) fn first_filled(&self, pointers: &[&str]) -> Option<&'a str> {
        pointers.iter().find_map(|pointer| self.filled(pointer).ok().flatten())
    }

    /// The first of these strings and whole numbers that is present and not empty.
    pub(in crate::providers) fn first_scalar(&self, pointers: &[&str]) -> Option<Cow<'a, str>> {
        pointers.iter().find_map(|pointer| self.find_scalar(pointer).ok().flatten())
    }

    /// An optional whole number, also as a string; none if it is no number.
    pub(in crate::providers) fn number<N: std::str::FromStr>(&self, pointer: &str) -> Option<N> {
        self.scalar(pointer).ok()?.trim().parse().ok()
    }

    /// An optional RFC 3339 time; none if it cannot be parsed.
    pub(in crate::providers) fn time(&self, pointer: &str) -> Option<DateTime<Utc>> {
        read_time(self.text(pointer).ok()?, &TimeFormat::Rfc3339)
    }

    /// The items of a required list.
    pub(in crate::providers) fn items(&self, pointer: &str) -> Result<Vec<JsonNode<'a>>, Malformed> {
        let list = self.value.pointer(pointer).filter(|value| !value.is_null());
        let list = list.ok_or_else(|| self.wrong(pointer, "is missing"))?;
        let list = list.as_array().ok_or_else(|| self.wrong(pointer, "must be a list"))?;
        let node = |(at, value)| JsonNode { value, path: format!("{}{pointer}/{at}", self.path) };
        Ok(list.iter().enumerate().map(node).collect())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::join_texts, *};

    #[test]
    fn a_document_is_parsed_strictly() {
        assert_eq!(parse_json(br#"{"a":[1,-2,0.5,"x",null,true]}"#).unwrap(), json!({"a":[1,-2,0.5,"x",null,true]}));
        for (bytes, issue) in [
            (br#"{"a":1,"b":{"c":1,"c":2}}"#.as_slice(), "more than once"),
            (br#"{"a":1"#, "EOF"),
            (br#"{} {}"#, "trailing"),
            (b"{\"a\":\"\xff\"}", "UTF-8"),
            (b"", "EOF"),
        ] {
            let wrong = parse_json(bytes).unwrap_err();
            assert!(wrong.field == "body" && wrong.issue.contains(issue), "{wrong}");
        }
        assert!(parse_json("[".repeat(20_000).as_bytes()).unwrap_err().issue.contains("recursion"));
    }

    #[test]
    fn a_lone_surrogate_does_not_make_the_rest_unreadable() {
        let read = |text: &str| {
            let read = parse_json(text.as_bytes()).unwrap().to_string();
            serde_json::from_str::<Value>(&join_texts([read.as_str()])).unwrap()
        };
        assert_eq!(read(r#""482913 \ud83d""#), json!("482913 \u{fffd}"));
        assert_eq!(
            read(r#""\ude00 \ud83d\ude00 \\ud83d \ud83d\ud83d\ude00""#),
            json!("\u{fffd} 😀 \\ud83d \u{fffd}😀")
        );
        assert_eq!(read(r#"["é\ud83dé", "\"\ude00"]"#), json!(["é\u{fffd}é", "\"\u{fffd}"]));
        for broken in [r#""\ud83d"#, r#""\"#, r#""\ud8"#, r#""\é"#] {
            assert!(parse_json(broken.as_bytes()).is_err(), "{broken}");
        }
    }

    #[test]
    fn errors_name_the_pointer() {
        let value = json!({ "to": [{ "number": 15, "name": null }], "id": 0.5 });
        let root = JsonNode::root(&value);
        let to = &root.items("/to").unwrap()[0];
        assert_eq!(to.scalar("/number").unwrap(), "15");
        assert_eq!(to.text("/number").unwrap_err().to_string(), "/to/0/number: must be a text");
        assert_eq!(to.text("/name").unwrap_err().to_string(), "/to/0/name: is missing");
        assert_eq!(root.scalar("/id").unwrap_err().to_string(), "/id: must be a text or a whole number");
        assert_eq!(root.items("").unwrap_err().to_string(), "body: must be a list");
    }

    #[test]
    fn a_time_that_cannot_be_parsed_is_none() {
        let value = json!({ "at": "2026-11-22T08:00:00.000+0000", "then": "yesterday", "when": 1 });
        let root = JsonNode::root(&value);
        assert_eq!(root.time("/at").unwrap().timestamp(), 1_795_334_400);
        assert!(["/then", "/when", "/never"].iter().all(|pointer| root.time(pointer).is_none()));
    }
}
