//! Texts with holes: `{timestamp}.{body}`.

use serde::Deserialize;
use serde_json::Value;

use super::pointer::{Pointer, scalar};

/// A part of such a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece<H> {
    Text(String),
    Hole(H),
}

/// The longest text, in characters.
const MAX: usize = 500;

/// Takes a text apart, once: what is put into a hole is never looked at again.
pub(super) fn pieces<H>(text: &str, hole: impl Fn(&str) -> Result<H, String>) -> Result<Vec<Piece<H>>, String> {
    if text.chars().count() > MAX {
        return Err(format!("must have at most {MAX} characters"));
    }
    let plain = |text: &str| match text {
        "" => Ok(None),
        _ if text.contains('}') => Err("has a `}` without a `{`".to_owned()),
        _ => Ok(Some(Piece::Text(text.to_owned()))),
    };
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').ok_or("has a `{` without a `}`")?;
        pieces.extend(plain(before)?);
        pieces.push(Piece::Hole(hole(name)?));
        rest = after;
    }
    pieces.extend(plain(rest)?);
    Ok(pieces)
}

/// A name that is put together from several places of an item, such as `{/deviceId}:{/simNumber}`.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Name(Vec<Piece<Pointer>>);

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        pieces(&text, |pointer| Pointer::try_from(pointer.to_owned())).map(Self)
    }
}

impl Name {
    /// The places that it is put together from.
    pub(super) fn pointers(&self) -> impl Iterator<Item = &Pointer> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Hole(pointer) => Some(pointer),
            Piece::Text(_) => None,
        })
    }

    /// The name, if everything that it is put together from is there.
    pub(super) fn of(&self, item: &Value) -> Option<String> {
        let mut name = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => name.push_str(text),
                Piece::Hole(pointer) => name.push_str(&scalar(pointer.first(item)?)?),
            }
        }
        Some(name)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn braces_come_in_pairs() {
        let read = |text| pieces(text, |name| if name == "a" { Ok(()) } else { Err(format!("`{name}`")) });
        let text = |text: &str| Piece::Text(text.to_owned());
        assert_eq!(read("x{a}{a}.").unwrap(), [text("x"), Piece::Hole(()), Piece::Hole(()), text(".")]);
        assert_eq!(read("").unwrap(), []);
        for wrong in ["{b}", "{", "{a", "a}", "}{a}", "{{a}}", "{}", "{A}", "{a }", &"x".repeat(MAX + 1)] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_name_needs_all_its_parts() {
        let name = Name::try_from("{/device}:{/sim}".to_owned()).unwrap();
        assert_eq!(name.of(&json!({ "device": "a", "sim": 1 })).as_deref(), Some("a:1"));
        assert_eq!(name.of(&json!({ "device": "a" })), None);
        assert!(Name::try_from("{device}".to_owned()).is_err());
    }
}
