//! The format of Android's SMS Retriever: `<#>` at the start, and the hash of an application at the end.
//! <https://developers.google.com/identity/sms-retriever/verify>

use super::text::{FoldedText, Span, offset};

/// Whether the text starts with the mark of the format. `[#]` counts only if there is a hash as well.
pub(super) fn is_marked(text: &FoldedText, hash: Option<u32>) -> bool {
    text.bytes().starts_with(b"<#>") || text.bytes().starts_with(b"[#]") && hash.is_some()
}

/// Where the hash starts: 11 characters of base64, of which some senders cut off the last. Digits or irregular capitals
/// distinguish it from a name.
pub(super) fn find_hash(text: &FoldedText, original: &str, addresses: &[Span]) -> Option<u32> {
    let bytes = text.bytes();
    let mut from = bytes.len();
    while from > 0 && matches!(bytes[from - 1], b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/') {
        from -= 1;
    }
    let hash = original[text.origin(from).min(original.len())..].trim_end();
    let is_marked = bytes.starts_with(b"<#>") || bytes.starts_with(b"[#]");
    let is_long = hash.len() == 11 || hash.len() == 10 && is_marked;
    let is_mixed =
        hash.bytes().any(|byte| byte.is_ascii_uppercase()) && hash.bytes().any(|byte| byte.is_ascii_lowercase());
    let rises = hash.as_bytes().windows(2).filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    let is_random = hash.bytes().any(|byte| !byte.is_ascii_alphabetic()) || rises.count() >= 2;
    let in_address = addresses.last().is_some_and(|&(start, _)| start as usize <= from && from < bytes.len());
    (is_long && is_mixed && is_random && !in_address).then(|| offset(from))
}
