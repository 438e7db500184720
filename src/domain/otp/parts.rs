//! Marks of parts: `(1/2)` at the start or at the end of a text that was sent in two messages.

use super::{fold::CharClass, text::FoldedText};

/// Where a text ends that another part continues, without the mark. A number there may be cut off.
pub(super) fn cut_end(text: &FoldedText) -> Option<usize> {
    const MAX_MARK: usize = 16;
    let whole = text.text.trim_end();
    if whole.starts_with(['(', '['])
        && let Some((head, _)) = whole.split_once([')', ']'])
        && head.len() <= 6
        && is_first(&head[1..])
    {
        return Some(whole.len());
    }
    let inside = whole.strip_suffix([')', ']'])?;
    let open = inside.rfind(['(', '['])?;
    let mark = &inside[open + 1..];
    (mark.len() <= MAX_MARK && is_first(mark.strip_prefix("part ").unwrap_or(mark))).then_some(open)
}

/// Whether it is `1/2` or `1 of 2`, and not the last part.
fn is_first(mark: &str) -> bool {
    let numbers = mark.split_once('/').or_else(|| mark.split_once(" of "));
    let number = |digits: &str| digits.trim().parse::<u8>().ok();
    numbers
        .and_then(|(part, parts)| number(part).zip(number(parts)))
        .is_some_and(|(part, parts)| part > 0 && part < parts)
}

/// Whether only punctuation is between a position and the end of a text that goes on in another part.
pub(super) fn is_cut(text: &FoldedText, at: u32, cut_end: usize) -> bool {
    let at = at as usize;
    at <= cut_end && text.classes[at..cut_end].iter().all(|class| matches!(class, CharClass::Space | CharClass::Symbol))
}
