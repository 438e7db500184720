//! JSON pointers: where a field is in a document.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::one_or_many::OneOrMany;

/// A JSON pointer (RFC 6901), in which `*` is every item of a list. For `*`, a value that is no list counts as a list
/// of one, since XML and forms cannot tell the two apart.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Pointer {
    text: String,
    steps: Vec<String>,
}

impl Pointer {
    /// The longest pointer, in characters.
    const MAX: usize = 200;
    /// The most steps of a pointer.
    const MAX_STEPS: usize = 16;
    /// The step for every item of a list.
    const WILDCARD: &'static str = "*";

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn steps(&self) -> &[String] {
        &self.steps
    }

    pub(super) fn has_wildcard(&self) -> bool {
        self.steps.iter().any(|step| step == Self::WILDCARD)
    }

    /// Every value at this pointer, without nulls.
    pub(super) fn all<'v>(&self, root: &'v Value) -> Vec<&'v Value> {
        let mut found = vec![root];
        for step in &self.steps {
            found = found.into_iter().flat_map(|value| children(value, step)).collect();
        }
        found.retain(|value| !value.is_null());
        found
    }

    /// The first value at this pointer.
    pub(super) fn first<'v>(&self, root: &'v Value) -> Option<&'v Value> {
        self.all(root).into_iter().next()
    }

    /// Sets the value at this pointer, and creates what leads to it.
    pub(super) fn set(&self, root: &mut Value, value: Value) {
        *self.steps.iter().fold(root, |parent, step| child_mut(parent, step)) = value;
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

/// The index of an item in a list (RFC 6901, 4): without leading zeros.
fn index(step: &str) -> Option<usize> {
    let is_number = step.bytes().all(|b| b.is_ascii_digit()) && (step == "0" || !step.starts_with('0'));
    if is_number { step.parse().ok() } else { None }
}

fn children<'v>(value: &'v Value, step: &str) -> Vec<&'v Value> {
    match value {
        Value::Array(items) if step == Pointer::WILDCARD => items.iter().collect(),
        _ if step == Pointer::WILDCARD => vec![value],
        Value::Array(items) => index(step).and_then(|at| items.get(at)).into_iter().collect(),
        Value::Object(members) => members.get(step).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// The child of a value, which is created if it is missing.
fn child_mut<'v>(value: &'v mut Value, step: &str) -> &'v mut Value {
    let is_wildcard = step == Pointer::WILDCARD;
    let at = if is_wildcard { Some(0) } else { index(step) };
    if value.is_null() && at == Some(0) {
        *value = Value::Array(Vec::new());
    }
    if is_wildcard && !value.is_array() {
        return value;
    }
    if !value.is_array() && !value.is_object() {
        *value = Value::Object(Map::new());
    }
    match value {
        Value::Array(items) => {
            // With a wildcard one item is kept. An index beyond the end appends.
            items.truncate(if is_wildcard { 1 } else { items.len() });
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

/// A string or whole number, as text.
pub(super) fn scalar(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(text.as_str().into()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string().into()),
        _ => None,
    }
}

/// The pointers at which a field may be. The first that has a value counts.
pub(super) type Pointers = OneOrMany<Pointer>;

impl Pointers {
    /// The name of the field in error messages.
    pub(super) fn name(&self) -> &str {
        self.first().map(Pointer::as_str).unwrap_or_default()
    }

    /// The pointer at which `sample` has the field, else the first.
    pub(super) fn used_by(&self, sample: &Value) -> Option<&Pointer> {
        self.iter().find(|pointer| pointer.first(sample).is_some()).or(self.first())
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
    fn a_pointer_leads_to_one_value_or_to_several() {
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
    fn invalid_pointers_are_refused() {
        let (long, deep) = (format!("/{}", "x".repeat(200)), "/x".repeat(17));
        for text in ["a", "a/b", "$.a", "/~", "/~2", "/a~é", &long, &deep] {
            assert!(Pointer::try_from(text.to_owned()).is_err(), "{text}");
        }
        assert!(Pointer::try_from("/x".repeat(16)).is_ok());
    }

    #[test]
    fn parents_are_created() {
        let set = |mut root: Value, text| {
            pointer(text).set(&mut root, json!(9));
            root
        };
        assert_eq!(set(Value::Null, "/a/0/b"), json!({ "a": [{ "b": 9 }] }));
        assert_eq!(set(Value::Null, "/a/*/b"), json!({ "a": [{ "b": 9 }] }));
        assert_eq!(set(json!({ "a": [1, 2] }), "/a/*"), json!({ "a": [9] }));
        assert_eq!(set(json!({ "a": { "b": 1 } }), "/a/*/b"), json!({ "a": { "b": 9 } }));
        assert_eq!(set(json!({ "a": "x" }), "/a/b"), json!({ "a": { "b": 9 } }));
        assert_eq!(set(json!({ "a": [1] }), "/a/7"), json!({ "a": [1, 9] }));
        assert_eq!(set(json!({ "a": 1 }), ""), json!(9));
    }
}
