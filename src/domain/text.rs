//! What texts of users may contain, where they are shown to others.

/// Whether a character makes the text around it look like another text: a control character, a separator of lines, or
/// an override of the direction of writing (Unicode Technical Report 36).
#[must_use]
pub fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// A text for a terminal: characters that could give it commands, or deceive its reader, are escaped. Line feeds stay.
#[must_use]
pub fn escape_for_terminal(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if is_deceptive(character) && character != '\n' {
            escaped.extend(character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// The same for a JSON text on one line, which stays the same JSON: only strings can have such characters.
#[must_use]
pub fn escape_json_for_terminal(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        if is_deceptive(character) {
            escaped.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            escaped.push(character);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_commands_a_terminal_is_escaped() {
        assert_eq!(
            escape_for_terminal("a\u{1b}[2Jb\tc\r\u{9b}1m\u{202e}\nd"),
            "a\\u{1b}[2Jb\\tc\\r\\u{9b}1m\\u{202e}\nd"
        );
        let json = serde_json::to_string("a\u{9b}1m\u{202e}\u{1b}b").unwrap();
        let escaped = escape_json_for_terminal(&json);
        assert_eq!(escaped, r#""a\u009b1m\u202e\u001bb""#);
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), "a\u{9b}1m\u{202e}\u{1b}b");
        assert_eq!(escape_for_terminal("Código: 1234 شفرة 🔑"), "Código: 1234 شفرة 🔑");
    }
}
