//! The original webhook, as it is stored beside the message.

use serde::Serialize;
use serde_json::value::RawValue;

use super::join_texts;

/// A webhook or an item of it as JSON that PostgreSQL can store: `jsonb` has no NUL, so it becomes U+FFFD.
pub(in crate::providers) fn payload(value: &impl Serialize) -> Box<RawValue> {
    let Ok(text) = serde_json::to_string(value) else { return RawValue::NULL.to_owned() };
    let text = join_texts([text.as_str()]);
    let text = if text.contains("\\u0000") { without_nul(&text) } else { text };
    RawValue::from_string(text).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// Replaces `\u0000`, but not an escaped backslash that happens to precede `u0000`.
fn without_nul(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        clean.push_str(&rest[..at]);
        // An escape has at least two characters, and a `\` never ends a JSON text.
        let escape = if rest[at..].starts_with("\\u0000") { 6 } else { 2 };
        clean.push_str(if escape == 6 { "\\ufffd" } else { &rest[at..at + escape] });
        rest = &rest[at + escape..];
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_nul_is_replaced_and_everything_else_is_kept() {
        let stored = |value| payload(&value).get().to_owned();
        assert_eq!(stored(json!({ "a": "x\u{0}y" })), r#"{"a":"x\ufffdy"}"#);
        assert_eq!(stored(json!({ "a": "\\u0000 \\ \" é" })), r#"{"a":"\\u0000 \\ \" é"}"#);
        assert_eq!(stored(json!("\\\u{0}")), r#""\\\ufffd""#);
    }
}
