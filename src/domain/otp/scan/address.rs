//! Addresses of pages and mailboxes.

use super::{super::text::offset, scanner::Scanner};

/// Top-level domains that make a host an address even if no path follows.
const TOP_LEVEL_DOMAINS: [&[u8]; 24] = [
    b"com", b"net", b"org", b"info", b"gov", b"edu", b"io", b"app", b"me", b"co", b"ly", b"gl", b"gd", b"cc", b"biz",
    b"xyz", b"top", b"shop", b"online", b"site", b"link", b"dev", b"page", b"club",
];

impl Scanner<'_> {
    /// Skips the address that starts with these tokens, if one does. Returns the token after it.
    pub(super) fn address(&mut self, start: usize, end: usize) -> Option<usize> {
        if !matches!(self.symbol_after(end), Some(b'.' | b'-' | b'_' | b'/' | b'@' | b':')) {
            return None;
        }
        let bytes = self.text.bytes();
        let from = self.tokens[start].start as usize;
        let schemes: [&[u8]; 4] = [b"http://", b"https://", b"hxxp", b"www."];
        let has_scheme = schemes.iter().any(|scheme| bytes[from..].starts_with(scheme));
        let is_link = has_scheme || self.host_or_mailbox(start, end)?;
        let mut to = from;
        while to < bytes.len()
            && bytes[to].is_ascii_graphic()
            && !matches!(bytes[to], b'<' | b'>' | b'"' | b')' | b']' | b'|')
        {
            to += 1;
        }
        self.steps += to - from;
        // Punctuation at the end belongs to the sentence.
        while to > from && matches!(bytes[to - 1], b'.' | b',' | b'!' | b'?' | b';' | b':') {
            to -= 1;
        }
        self.has_link |= is_link;
        self.addresses.push((offset(from), offset(to)));
        let next = self.tokens[start..].partition_point(|token| (token.start as usize) < to);
        Some(start + next.max(1))
    }

    /// Whether these tokens start the host of a page (`true`) or the name of a mailbox (`false`), if either: words
    /// joined by points, hyphens and underscores.
    fn host_or_mailbox(&mut self, start: usize, end: usize) -> Option<bool> {
        // Every run of words is examined from its start only, so that the steps stay linear.
        if self.symbol_before(start).is_some_and(|symbol| matches!(symbol, b'.' | b'-' | b'_')) {
            return None;
        }
        let mut last = end;
        let mut has_point = false;
        let mut label = (start, end);
        while let Some(symbol) = self.symbol_after(last) {
            self.steps += 1;
            if !matches!(symbol, b'.' | b'-' | b'_')
                || !self.is_joined_to_next(last + 1)
                || !self.tokens[last + 2].is_ascii_word()
            {
                break;
            }
            has_point |= symbol == b'.';
            last += 2;
            let first = last;
            while self.is_joined_to_next(last) && self.tokens[last + 1].is_ascii_word() {
                last += 1;
            }
            if symbol == b'.' {
                label = (first, last);
            }
        }
        let (first, label_end) = label;
        let label = &self.text.bytes()[self.tokens[first].start as usize..self.tokens[label_end].end as usize];
        let is_top_level = has_point && label.len() >= 2 && label.iter().all(u8::is_ascii_alphabetic);
        match self.symbol_after(last) {
            Some(b'/') if is_top_level => Some(true),
            Some(b'@') if self.is_joined_to_next(last + 1) && self.tokens[last + 2].is_ascii_word() => Some(false),
            _ if is_top_level && TOP_LEVEL_DOMAINS.contains(&label) => Some(true),
            _ => None,
        }
    }
}
