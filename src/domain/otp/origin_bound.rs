//! The origin-bound format: `@example.com #123456` as the last line. <https://wicg.github.io/sms-one-time-codes/>

use super::{candidate::Candidate, document::Document};

/// The host and the code of a text in this format. Another host may follow (`@` or, from Apple, `%`).
///
/// Some networks remove line ends: then the code has to be in the rest of the text as well. A code must have a digit,
/// because texts contain similar parts that are not codes (`@m.facebook.com #fb`).
pub(super) fn find<'a>(document: &Document<'a>) -> Option<(&'a str, &'a str)> {
    let text = document.original;
    // Few texts have one, and a byte is found faster than a string.
    text.bytes().rposition(|byte| byte == b'#')?;
    let hash = text.rfind(" #")?;
    let (before, after) = (&text[..hash], &text[hash + 2..]);
    let at = before.rfind('@')?;
    let host = &before[at + 1..];
    let is_host = host.contains('.')
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':'));
    let mut words = after.split_whitespace();
    let code = words.next()?;
    let ends = words.all(|word| word.starts_with(['@', '%']));
    let is_code = (4..=10).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && code.bytes().any(|byte| byte.is_ascii_digit());
    let front = &before[..at];
    let is_line = front.is_empty() || front.ends_with('\n');
    let is_in_text = || {
        let is_same = |candidate: &&Candidate| document.code_of(candidate).eq_ignore_ascii_case(code);
        front.ends_with(char::is_whitespace) && document.candidates.iter().filter(is_same).count() > 1
    };
    (is_host && is_code && ends && (is_line || is_in_text())).then_some((host, code))
}
