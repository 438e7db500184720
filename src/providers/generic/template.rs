//! Templates: text with placeholders, such as `{timestamp}.{body}`.

use serde::Deserialize;
use serde_json::Value;

use super::pointer::{Pointer, scalar};

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece<P> {
    Text(String),
    Placeholder(P),
}

/// The longest template, in characters.
const MAX: usize = 500;

/// Parses a template. Values that replace placeholders are not parsed again.
pub(super) fn parse_template<P>(
    text: &str,
    placeholder: impl Fn(&str) -> Result<P, String>,
) -> Result<Vec<Piece<P>>, String> {
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
        pieces.push(Piece::Placeholder(placeholder(name)?));
        rest = after;
    }
    pieces.extend(plain(rest)?);
    Ok(pieces)
}

/// The name of a device, made of several values of an item: `{/deviceId}:{/simNumber}`.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct DeviceTemplate(Vec<Piece<Pointer>>);

impl TryFrom<String> for DeviceTemplate {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        parse_template(&text, |pointer| Pointer::try_from(pointer.to_owned())).map(Self)
    }
}

impl DeviceTemplate {
    /// The pointers of its placeholders.
    pub(super) fn pointers(&self) -> impl Iterator<Item = &Pointer> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Placeholder(pointer) => Some(pointer),
            Piece::Text(_) => None,
        })
    }

    /// The name, if the item has all its values.
    pub(super) fn fill(&self, item: &Value) -> Option<String> {
        let mut name = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => name.push_str(text),
                Piece::Placeholder(pointer) => name.push_str(&scalar(pointer.first(item)?)?),
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
        let read = |text| parse_template(text, |name| if name == "a" { Ok(()) } else { Err(format!("`{name}`")) });
        let text = |text: &str| Piece::Text(text.to_owned());
        assert_eq!(read("x{a}{a}.").unwrap(), [text("x"), Piece::Placeholder(()), Piece::Placeholder(()), text(".")]);
        assert_eq!(read("").unwrap(), []);
        for wrong in ["{b}", "{", "{a", "a}", "}{a}", "{{a}}", "{}", "{A}", "{a }", &"x".repeat(MAX + 1)] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_name_needs_all_its_values() {
        let device = DeviceTemplate::try_from("{/device}:{/sim}".to_owned()).unwrap();
        assert_eq!(device.fill(&json!({ "device": "a", "sim": 1 })).as_deref(), Some("a:1"));
        assert_eq!(device.fill(&json!({ "device": "a" })), None);
        assert!(DeviceTemplate::try_from("{device}".to_owned()).is_err());
    }
}
