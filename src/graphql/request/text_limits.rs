//! What is refused before it is parsed. A text is read once, in time linear in its length.

use crate::domain::{Error, ErrorCode, Result};

/// The longest document, in bytes. The standard introspection query has less than 2,000.
const MAX_DOCUMENT: usize = 32 * 1024;
/// How many tokens a document may have.
const MAX_TOKENS: usize = 4_000;
/// How deep brackets of any kind may be nested.
const MAX_NESTING: usize = 48;

/// Refuses a document that is too long or nested too deep.
pub(super) fn check_text(document: &str) -> Result<()> {
    if document.len() > MAX_DOCUMENT {
        let issue = format!("the document must have at most {MAX_DOCUMENT} bytes");
        return Err(Error::new(ErrorCode::QueryTooLong, issue).with("limit", MAX_DOCUMENT));
    }
    let (mut depth, mut tokens) = (0_usize, 0_usize);
    let mut rest = document.as_bytes();
    while let [byte, after @ ..] = rest {
        // How many bytes the token has besides its first.
        let length = match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => {
                rest = after;
                continue;
            }
            b'#' => {
                let end = after.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
                rest = &after[end.unwrap_or(after.len())..];
                continue;
            }
            b'"' => string_length(after).ok_or_else(unclosed_string)?,
            byte if is_word(*byte) => after.iter().take_while(|byte| is_word(**byte)).count(),
            b'(' | b'[' | b'{' => {
                depth += 1;
                0
            }
            b')' | b']' | b'}' => {
                depth = depth.saturating_sub(1);
                0
            }
            _ => 0,
        };
        tokens += 1;
        rest = &after[length..];
        if depth > MAX_NESTING {
            return Err(
                Error::new(ErrorCode::QueryTooDeep, "the document is nested too deep").with("limit", MAX_NESTING)
            );
        }
        if tokens > MAX_TOKENS {
            let issue = format!("the document must have at most {MAX_TOKENS} tokens");
            return Err(Error::new(ErrorCode::QueryTooLong, issue).with("limit", MAX_TOKENS));
        }
    }
    Ok(())
}

/// Whether names and numbers may have this byte.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The length of a string after its first quote, or nothing if it is not closed: the parser would then backtrack and
/// parse what is inside, which was not counted.
fn string_length(after: &[u8]) -> Option<usize> {
    let (quote, mut at) = match after {
        [b'"', b'"', ..] => (&b"\"\"\""[..], 2),
        _ => (&b"\""[..], 0),
    };
    let is_block = quote.len() == 3;
    loop {
        match after.get(at..)? {
            rest if rest.starts_with(quote) => return Some(at + quote.len()),
            [b'\\', b'"', b'"', b'"', ..] if is_block => at += 4,
            [b'\\', _, ..] if !is_block => at += 2,
            [] => return None,
            [b'\r' | b'\n', ..] if !is_block => return None,
            _ => at += 1,
        }
    }
}

fn unclosed_string() -> Error {
    Error::new(ErrorCode::QuerySyntax, "syntax error: a string is not closed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_is_refused_before_parsing() {
        assert!(check_text(&"{a".repeat(48)).is_ok());
        assert_eq!(check_text(&"{a".repeat(49)).unwrap_err().code(), ErrorCode::QueryTooDeep);
        assert_eq!(check_text(&format!("{{a(x: {})}}", "[".repeat(1500))).unwrap_err().code(), ErrorCode::QueryTooDeep);
        assert_eq!(check_text(&" ".repeat(MAX_DOCUMENT + 1)).unwrap_err().code(), ErrorCode::QueryTooLong);
    }

    #[test]
    fn an_unclosed_string_is_not_parsed() {
        // The parser takes the first two quotes of an open block string for an empty one, and goes on.
        for document in ["{a(x: [\"\"\"\" [[[ ])}", "{a(x: \"\\", "{a(x: \"\n[\")}", "\"\"\"", "\""] {
            assert_eq!(check_text(document).unwrap_err().code(), ErrorCode::QuerySyntax, "{document}");
        }
        for document in ["\"\"", "\"\"\"\"\"\"", "\"\"\" \\\"\"\" \"\"\"", "\"\\\"\"", "# \"\n{a}"] {
            assert!(check_text(document).is_ok(), "{document}");
        }
    }
}
