//! JSON, read strictly: no name twice, no deeper than 128 levels, nothing after the end.

use std::{borrow::Cow, fmt};

use chrono::{DateTime, Utc};
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

use super::{Malformed, TimeFormat, read_time};

/// Reads a document.
pub(in crate::providers) fn document(bytes: &[u8]) -> Result<Value, Malformed> {
    let text = std::str::from_utf8(bytes).map_err(|_| Malformed::new("body", "is not valid UTF-8"))?;
    let read = serde_json::from_str(text).or_else(|error| match paired(text) {
        Some(text) => serde_json::from_str(&text),
        None => Err(error),
    });
    let Strict(value) = read.map_err(|error| Malformed::new("body", error.to_string()))?;
    Ok(value)
}

/// A document with half characters replaced by U+FFFD, if it has any. Long messages are cut without regard to
/// surrogate pairs, and the rest of a part is not to be lost for the sake of its ends.
fn paired(text: &str) -> Option<String> {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok().filter(|unit| (0xd800..0xe000).contains(unit))
    };
    let mut mended = String::with_capacity(text.len());
    let (mut at, mut kept, mut found) = (0, 0, false);
    while let Some(next) = text[at..].find('\\') {
        at += next;
        at += match (unit(at), unit(at + 6)) {
            (None, _) => text[at..].chars().take(2).map(char::len_utf8).sum::<usize>(),
            (Some(..0xdc00), Some(0xdc00..)) => 12,
            (Some(_), _) => {
                mended.push_str(&text[kept..at]);
                mended.push_str("\\ufffd");
                (kept, found) = (at + 6, true);
                6
            }
        };
    }
    mended.push_str(&text[kept..]);
    found.then_some(mended)
}

/// A value in whose objects no name is given twice. Others read the first of two, or the last: what was signed
/// would not be what is shown.
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

/// A place in a document, which knows how to say where it is.
#[derive(Clone, Debug)]
pub(in crate::providers) struct Node<'a> {
    value: &'a Value,
    path: String,
}

impl<'a> Node<'a> {
    /// The whole document.
    pub(in crate::providers) fn root(value: &'a Value) -> Self {
        Self { value, path: String::new() }
    }

    pub(in crate::providers) fn value(&self) -> &'a Value {
        self.value
    }

    /// The name of what is at `pointer` below this place: a JSON pointer (RFC 6901) from the root.
    pub(in crate::providers) fn name(&self, pointer: &str) -> String {
        let path = format!("{}{pointer}", self.path);
        if path.is_empty() { "body".to_owned() } else { path }
    }

    pub(in crate::providers) fn wrong(&self, pointer: &str, issue: impl Into<String>) -> Malformed {
        Malformed::new(self.name(pointer), issue)
    }

    /// What is at `pointer` below this place, if anything is; null is nothing.
    pub(in crate::providers) fn find(&self, pointer: &str) -> Option<Node<'a>> {
        let value = self.value.pointer(pointer).filter(|value| !value.is_null())?;
        Some(Node { value, path: format!("{}{pointer}", self.path) })
    }

    /// What must be at `pointer`.
    pub(in crate::providers) fn get(&self, pointer: &str) -> Result<Node<'a>, Malformed> {
        self.find(pointer).ok_or_else(|| self.wrong(pointer, "is missing"))
    }

    /// A text that must be there. It may be empty.
    pub(in crate::providers) fn text(&self, pointer: &str) -> Result<&'a str, Malformed> {
        self.get(pointer)?.value.as_str().ok_or_else(|| self.wrong(pointer, "must be a text"))
    }

    /// A text, if it is there and says something.
    pub(in crate::providers) fn filled(&self, pointer: &str) -> Result<Option<&'a str>, Malformed> {
        let text = self.find(pointer).map(|_| self.text(pointer)).transpose()?;
        Ok(text.filter(|text| !text.is_empty()))
    }

    /// A text or a whole number that must be there, as text: ids and numbers come as either.
    pub(in crate::providers) fn scalar(&self, pointer: &str) -> Result<Cow<'a, str>, Malformed> {
        match self.get(pointer)?.value {
            Value::String(text) => Ok(text.as_str().into()),
            Value::Number(number) if !number.is_f64() => Ok(number.to_string().into()),
            _ => Err(self.wrong(pointer, "must be a text or a whole number")),
        }
    }

    /// The same, if it is there and says something.
    pub(in crate::providers) fn find_scalar(&self, pointer: &str) -> Result<Option<Cow<'a, str>>, Malformed> {
        let text = self.find(pointer).map(|_| self.scalar(pointer)).transpose()?;
        Ok(text.filter(|text| !text.is_empty()))
    }

    /// A whole number, if there is one, also as a text.
    pub(in crate::providers) fn number<N: std::str::FromStr>(&self, pointer: &str) -> Option<N> {
        self.scalar(pointer).ok()?.trim().parse().ok()
    }

    /// A time in RFC 3339, if there is one that can be read.
    pub(in crate::providers) fn time(&self, pointer: &str) -> Option<DateTime<Utc>> {
        read_time(self.text(pointer).ok()?, &TimeFormat::Rfc3339)
    }

    /// The items of a list that must be there.
    pub(in crate::providers) fn items(&self, pointer: &str) -> Result<Vec<Node<'a>>, Malformed> {
        let list = self.value.pointer(pointer).filter(|value| !value.is_null());
        let list = list.ok_or_else(|| self.wrong(pointer, "is missing"))?;
        let list = list.as_array().ok_or_else(|| self.wrong(pointer, "must be a list"))?;
        let node = |(at, value)| Node { value, path: format!("{}{pointer}/{at}", self.path) };
        Ok(list.iter().enumerate().map(node).collect())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_is_read_strictly() {
        assert_eq!(document(br#"{"a":[1,-2,0.5,"x",null,true]}"#).unwrap(), json!({"a":[1,-2,0.5,"x",null,true]}));
        for (bytes, issue) in [
            (br#"{"a":1,"b":{"c":1,"c":2}}"#.as_slice(), "more than once"),
            (br#"{"a":1"#, "EOF"),
            (br#"{} {}"#, "trailing"),
            (b"{\"a\":\"\xff\"}", "UTF-8"),
            (b"", "EOF"),
        ] {
            let wrong = document(bytes).unwrap_err();
            assert!(wrong.field == "body" && wrong.issue.contains(issue), "{wrong}");
        }
        assert!(document("[".repeat(20_000).as_bytes()).unwrap_err().issue.contains("recursion"));
    }

    #[test]
    fn half_a_character_does_not_cost_the_rest() {
        let read = |text: &str| document(text.as_bytes()).unwrap();
        assert_eq!(read(r#""482913 \ud83d""#), json!("482913 \u{fffd}"));
        assert_eq!(
            read(r#""\ude00 \ud83d\ude00 \\ud83d \ud83d\ud83d\ude00""#),
            json!("\u{fffd} 😀 \\ud83d \u{fffd}😀")
        );
        assert_eq!(read(r#"["é\ud83dé", "\"\ude00"]"#), json!(["é\u{fffd}é", "\"\u{fffd}"]));
        for broken in [r#""\ud83d"#, r#""\"#, r#""\ud8"#, r#""\é"#] {
            assert!(document(broken.as_bytes()).is_err(), "{broken}");
        }
    }

    #[test]
    fn a_place_says_where_it_is() {
        let value = json!({ "to": [{ "number": 15, "name": null }], "id": 0.5 });
        let root = Node::root(&value);
        let to = &root.items("/to").unwrap()[0];
        assert_eq!(to.scalar("/number").unwrap(), "15");
        assert_eq!(to.text("/number").unwrap_err().to_string(), "/to/0/number: must be a text");
        assert_eq!(to.text("/name").unwrap_err().to_string(), "/to/0/name: is missing");
        assert_eq!(root.scalar("/id").unwrap_err().to_string(), "/id: must be a text or a whole number");
        assert_eq!(root.items("").unwrap_err().to_string(), "body: must be a list");
    }

    #[test]
    fn a_time_that_cannot_be_read_is_none() {
        let value = json!({ "at": "2026-11-22T08:00:00.000+0000", "then": "yesterday", "when": 1 });
        let root = Node::root(&value);
        assert_eq!(root.time("/at").unwrap().timestamp(), 1_795_334_400);
        assert!(["/then", "/when", "/never"].iter().all(|pointer| root.time(pointer).is_none()));
    }
}
