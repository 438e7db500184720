//! Places in a document.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error, IntoDeserializer, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

/// A JSON pointer (RFC 6901), in which `*` is every item of a list.
///
/// What is no list counts as a list of one: XML and forms cannot tell the two apart.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Pointer {
    text: String,
    steps: Vec<String>,
}

impl Pointer {
    /// The longest pointer, in characters.
    const MAX: usize = 200;
    /// How deep a pointer may go.
    const MAX_STEPS: usize = 16;
    /// Every item of a list.
    const EACH: &'static str = "*";

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn steps(&self) -> &[String] {
        &self.steps
    }

    pub(super) fn has_each(&self) -> bool {
        self.steps.iter().any(|step| step == Self::EACH)
    }

    /// Everything that is there; null is nothing.
    pub(super) fn all<'v>(&self, root: &'v Value) -> Vec<&'v Value> {
        let mut found = vec![root];
        for step in &self.steps {
            found = found.into_iter().flat_map(|value| below(value, step)).collect();
        }
        found.retain(|value| !value.is_null());
        found
    }

    /// The first thing that is there.
    pub(super) fn first<'v>(&self, root: &'v Value) -> Option<&'v Value> {
        self.all(root).into_iter().next()
    }

    /// Puts something there, and makes the way to it.
    pub(super) fn put(&self, root: &mut Value, value: Value) {
        *self.steps.iter().fold(root, |place, step| enter(place, step)) = value;
    }
}

impl TryFrom<String> for Pointer {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.chars().count() > Self::MAX {
            return Err(format!("must have at most {} characters", Self::MAX));
        }
        let Some(path) = text.strip_prefix('/') else {
            return match text.as_str() {
                "" => Ok(Self { text, steps: Vec::new() }),
                _ => Err("must be a JSON pointer: it begins with `/`, as in /message/text".to_owned()),
            };
        };
        let steps = path.split('/').map(unescape).collect::<Option<Vec<_>>>();
        let steps = steps.ok_or("has a `~` that is neither `~0` (for `~`) nor `~1` (for `/`)")?;
        if steps.len() > Self::MAX_STEPS {
            return Err(format!("must be at most {} levels deep", Self::MAX_STEPS));
        }
        Ok(Self { text, steps })
    }
}

fn unescape(step: &str) -> Option<String> {
    let mut parts = step.split('~');
    let mut name = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (escaped, rest) = match part.split_at_checked(1)? {
            ("0", rest) => ('~', rest),
            ("1", rest) => ('/', rest),
            _ => return None,
        };
        name.push(escaped);
        name.push_str(rest);
    }
    Some(name)
}

/// The place of an item in a list (RFC 6901, 4): no leading zeros.
fn index(step: &str) -> Option<usize> {
    let is_number = step.bytes().all(|b| b.is_ascii_digit()) && (step == "0" || !step.starts_with('0'));
    if is_number { step.parse().ok() } else { None }
}

fn below<'v>(value: &'v Value, step: &str) -> Vec<&'v Value> {
    match value {
        Value::Array(items) if step == Pointer::EACH => items.iter().collect(),
        _ if step == Pointer::EACH => vec![value],
        Value::Array(items) => index(step).and_then(|at| items.get(at)).into_iter().collect(),
        Value::Object(members) => members.get(step).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn enter<'v>(value: &'v mut Value, step: &str) -> &'v mut Value {
    let is_each = step == Pointer::EACH;
    let at = if is_each { Some(0) } else { index(step) };
    if value.is_null() && at == Some(0) {
        *value = Value::Array(Vec::new());
    }
    if is_each && !value.is_array() {
        return value;
    }
    if !value.is_array() && !value.is_object() {
        *value = Value::Object(Map::new());
    }
    match value {
        Value::Array(items) => {
            // Of several items one is left, and a list has no holes.
            items.truncate(if is_each { 1 } else { items.len() });
            let at = at.unwrap_or_default().min(items.len());
            if at == items.len() {
                items.push(Value::Null);
            }
            &mut items[at]
        }
        Value::Object(members) => members.entry(step).or_insert(Value::Null),
        other => other,
    }
}

/// A text or a whole number, as text.
pub(super) fn scalar(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(text.as_str().into()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string().into()),
        _ => None,
    }
}

/// One thing, or a list of them.
#[derive(Clone, Debug)]
pub(super) struct Several<T>(Vec<T>);

impl<T> Several<T> {
    const MAX: usize = 20;

    pub(super) fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }
}

/// The places where something may be: the first that has it counts.
pub(super) type Places = Several<Pointer>;

impl Places {
    /// What to call the thing that is there.
    pub(super) fn name(&self) -> &str {
        self.0.first().map(Pointer::as_str).unwrap_or_default()
    }

    /// Where to put it in something like `sample`.
    pub(super) fn place(&self, sample: &Value) -> Option<&Pointer> {
        self.iter().find(|pointer| pointer.first(sample).is_some()).or(self.0.first())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Several<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMore<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrMore<T> {
            type Value = Vec<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or a list of texts")
            }

            fn visit_str<E: Error>(self, value: &str) -> Result<Vec<T>, E> {
                Ok(vec![T::deserialize(value.into_deserializer())?])
            }

            fn visit_bool<E: Error>(self, value: bool) -> Result<Vec<T>, E> {
                Ok(vec![T::deserialize(value.into_deserializer())?])
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Vec<T>, E> {
                Ok(vec![T::deserialize(value.into_deserializer())?])
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Vec<T>, E> {
                Ok(vec![T::deserialize(value.into_deserializer())?])
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element()? {
                    list.push(item);
                }
                if !(1..=Several::<T>::MAX).contains(&list.len()) {
                    return Err(A::Error::custom(format!("must have 1 to {} items", Several::<T>::MAX)));
                }
                Ok(list)
            }
        }

        deserializer.deserialize_any(OneOrMore(PhantomData)).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pointer(text: &str) -> Pointer {
        Pointer::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn a_pointer_leads_to_a_place_or_to_several() {
        let value = json!({ "a": [{ "b": 1 }, { "b": 2 }, {}], "x/y~": "z", "one": { "b": 3 }, "none": null, "": 4 });
        let all = |text| json!(pointer(text).all(&value));
        assert_eq!(all("/a/1/b"), json!([2]));
        assert_eq!(all("/a/*/b"), json!([1, 2]));
        assert_eq!(all("/one/*/b"), json!([3]));
        assert_eq!(all("/x~1y~0"), json!(["z"]));
        assert_eq!(all("/"), json!([4]));
        assert_eq!(all(""), json!([value]));
        for nowhere in ["/none", "/a/3", "/a/01", "/a/-1", "/a/b", "/one/b/c", "/A"] {
            assert_eq!(all(nowhere), json!([]), "{nowhere}");
        }
    }

    #[test]
    fn what_is_no_pointer_is_refused() {
        let (long, deep) = (format!("/{}", "x".repeat(200)), "/x".repeat(17));
        for text in ["a", "a/b", "$.a", "/~", "/~2", "/a~é", &long, &deep] {
            assert!(Pointer::try_from(text.to_owned()).is_err(), "{text}");
        }
        assert!(Pointer::try_from("/x".repeat(16)).is_ok());
    }

    #[test]
    fn the_way_to_a_place_is_made() {
        let put = |mut root: Value, text| {
            pointer(text).put(&mut root, json!(9));
            root
        };
        assert_eq!(put(Value::Null, "/a/0/b"), json!({ "a": [{ "b": 9 }] }));
        assert_eq!(put(Value::Null, "/a/*/b"), json!({ "a": [{ "b": 9 }] }));
        assert_eq!(put(json!({ "a": [1, 2] }), "/a/*"), json!({ "a": [9] }));
        assert_eq!(put(json!({ "a": { "b": 1 } }), "/a/*/b"), json!({ "a": { "b": 9 } }));
        assert_eq!(put(json!({ "a": "x" }), "/a/b"), json!({ "a": { "b": 9 } }));
        assert_eq!(put(json!({ "a": [1] }), "/a/7"), json!({ "a": [1, 9] }));
        assert_eq!(put(json!({ "a": 1 }), ""), json!(9));
    }

    #[test]
    fn one_thing_is_a_list_of_one() {
        let read = |value| serde_json::from_value::<Places>(value).map(|places| places.0.len());
        assert_eq!(read(json!("/a")).unwrap(), 1);
        assert_eq!(read(json!(["/a", "/b"])).unwrap(), 2);
        for wrong in [json!([]), json!({}), json!(null), json!(["/a", 1]), json!(vec!["/a"; 21])] {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
