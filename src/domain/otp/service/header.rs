//! Names that head a text: in brackets, or before a colon.

use super::{
    super::{
        candidate::Candidate,
        document::Document,
        fold::CharClass,
        lexicon::{LexiconMatch, Tags},
        tokens::Token,
    },
    names::MAX_NAME_CHARS,
};

/// Finds the name that heads a text.
pub(super) struct HeaderFinder<'a, 'd> {
    pub(super) document: &'d Document<'a>,
    pub(super) candidate: Option<&'d Candidate>,
}

impl<'a> HeaderFinder<'a, '_> {
    /// The name in brackets at the start or at the end: `【…】`, `[…]`, `<…>`.
    pub(super) fn tag(&self) -> Option<&'a str> {
        // Prefixes of the SMS Retriever, and of Korean networks for messages from the web or from abroad.
        const PREFIXES: [&str; 5] = ["<#>", "[#]", "[Web발신]", "[국제발신]", "[국외발신]"];
        let mut text = self.document.original.trim();
        for prefix in PREFIXES {
            while let Some(rest) = text.strip_prefix(prefix) {
                text = rest.trim_start();
            }
        }
        const PAIRS: [(char, char); 6] =
            [('【', '】'), ('[', ']'), ('〖', '〗'), ('「', '」'), ('<', '>'), ('『', '』')];
        for (open, close) in PAIRS {
            let tag = text.strip_prefix(open).and_then(|rest| rest.split_once(close)).map(|(tag, _)| tag);
            let tag = tag.filter(|tag| self.is_tag(tag)).or_else(|| {
                let end = text.strip_suffix(close)?;
                let start = end.rfind(open)? + open.len_utf8();
                Some(&end[start..]).filter(|tag| !matches!(open, '<' | '「' | '『') && self.is_tag(tag))
            });
            if tag.is_some() {
                return tag.map(str::trim);
            }
        }
        None
    }

    /// The name at the start, before a colon: `Acme: 123456`, `নগদ: …`.
    pub(super) fn heading(&self) -> Option<&'a str> {
        let tokens = &self.document.tokens;
        let matches = &self.document.matches;
        let first = tokens.iter().position(|token| {
            token.class != CharClass::Symbol && token.end as usize > if self.document.is_for_retriever { 3 } else { 0 }
        })?;
        let mut unknown = false;
        for (at, token) in tokens.iter().enumerate().skip(first).take(9) {
            if token.class == CharClass::Symbol {
                let symbol = &self.document.text.bytes()[token.start as usize..token.end as usize];
                let before = tokens.get(at.checked_sub(1)?)?;
                let is_dash =
                    matches!(symbol, b"-") && before.end < token.start && tokens.get(at + 1)?.start > token.end;
                if at > first && (matches!(symbol, b":" | b"\xEF\xBC\x9A") || is_dash) {
                    let name = self.document.written(tokens[first].start, self.without_addition(first, at));
                    let is_address = self.document.addresses.iter().any(|&(start, end)| {
                        start < token.end
                            && tokens[first].start < end
                            && self.document.written(start, end).contains(['/', '@'])
                    });
                    return (unknown && !is_address && name.chars().count() <= MAX_NAME_CHARS).then_some(name);
                }
                if !matches!(symbol, b"-" | b"." | b"'" | b"&" | b"+" | b"*") {
                    return None;
                }
                continue;
            }
            if self.candidate.is_some_and(|candidate| token.end > candidate.start)
                || self.document.sentence_at(token.start) > 0
            {
                return None;
            }
            let near = matches.partition_point(|entry| entry.end <= token.start);
            // In scripts without spaces, the keyword is in one token with the name: "メルカリ認証番号:".
            let inner = matches[near..].iter().take(6).find(|entry| {
                entry.start >= token.start
                    && entry.start < token.end
                    && entry.has(Tags::WEAK_KEYWORD.or(Tags::KEYWORD).or(Tags::QUALIFIER))
            });
            if token.class == CharClass::Unspaced
                && let Some(inner) = inner
            {
                // In Thai, Lao, Burmese and Khmer a whole clause may precede it; only a space separates a name.
                let is_clause = matches!(self.document.written(tokens[first].start, inner.start).chars().next(),
                    Some(c) if matches!(c as u32, 0xE00..=0xEFF | 0x1000..=0x109F | 0x1780..=0x17FF))
                    && self.document.text.classes[..inner.start as usize].last() != Some(&CharClass::Space);
                return if is_clause { None } else { self.name_before(tokens[first].start, inner.start) };
            }
            match matches[near..].iter().take(3).find(|entry| entry.start <= token.start && token.end <= entry.end) {
                None if token.class == CharClass::Unspaced => {
                    unknown |= self.name_before(token.start, token.end).is_some();
                }
                None => unknown |= token.class != CharClass::Digit,
                Some(entry) if entry.has(Tags::SERVICE) => unknown = true,
                // A word of the lexicon with a capital inside is a name: "PostNord", "BOX NOW".
                Some(entry) if self.is_name(entry) => unknown = true,
                // "Your code for Acme:" is not a name; "Acme login:" is a name with an addition.
                Some(entry)
                    if entry.has(
                        Tags::WEAK_KEYWORD.or(Tags::KEYWORD).or(Tags::COPULA).or(Tags::VERB).or(Tags::WARNING),
                    ) =>
                {
                    return None;
                }
                Some(_) => {}
            }
        }
        None
    }

    /// Where a name ends that starts at a token and has another one after it, without what it is for: "Acme login".
    fn without_addition(&self, first: usize, after: usize) -> u32 {
        let tokens = &self.document.tokens[first..after];
        let is_addition = |token: &&Token| {
            let near = self.document.matches.partition_point(|entry| entry.end <= token.start);
            let entry = self.document.matches.get(near).filter(|entry| entry.start <= token.start);
            entry.is_some_and(|entry| {
                entry.has(Tags::QUALIFIER.or(Tags::PURPOSE))
                    && !entry.has(Tags::SERVICE)
                    && self.document.written(entry.start, entry.end).chars().next().is_some_and(char::is_lowercase)
            })
        };
        let additions = tokens.iter().rev().take_while(is_addition).count();
        tokens[..tokens.len() - additions].last().map_or(0, |last| last.end)
    }

    /// Whether a word of the lexicon is written like a name: with capitals inside, in a text that is not all in
    /// capitals.
    fn is_name(&self, entry: &LexiconMatch) -> bool {
        let is_word =
            entry.has(Tags::WEAK_KEYWORD.or(Tags::KEYWORD).or(Tags::QUALIFIER).or(Tags::LABEL).or(Tags::CURRENCY));
        let inside = || self.document.written(entry.start, entry.end).chars().skip(1);
        let has_capital_inside = !is_word && entry.end > entry.start + 1 && inside().any(char::is_uppercase);
        has_capital_inside && self.document.original.chars().take(400).filter(|c| c.is_lowercase()).count() > 8
    }

    /// The name before a keyword in a script without spaces, without words that address the reader: none in
    /// "您的验证码", "メルカリ" in "メルカリの認証番号".
    fn name_before(&self, start: u32, end: u32) -> Option<&'a str> {
        let matches = &self.document.matches;
        let first = matches.partition_point(|entry| entry.start < start);
        let mut from = start;
        for entry in matches[first..].iter().take_while(|entry| entry.end <= end) {
            if entry.has(Tags::LABEL) && !entry.has(Tags::SERVICE) {
                return None;
            }
            if entry.start == from && !entry.has(Tags::SERVICE) {
                from = entry.end;
            }
        }
        let name = self.document.written(from, end);
        let name = name.trim_end_matches(['の', '의', '的', '之']).trim_start_matches(|c: char| !c.is_alphanumeric());
        let digits = name.chars().filter(char::is_ascii_digit).count();
        (name.chars().count() >= 2 && digits < 4).then_some(name)
    }

    /// Whether the text in brackets may be a name.
    fn is_tag(&self, tag: &str) -> bool {
        let tag = tag.trim();
        let length = tag.chars().count();
        if !(2..=MAX_NAME_CHARS).contains(&length)
            || !tag.chars().any(char::is_alphabetic)
            || tag.contains(['\n', ':', '：', '=', '/'])
        {
            return false;
        }
        let start = tag.as_ptr() as usize - self.document.original.as_ptr() as usize;
        let end = start + tag.len();
        // Not if it contains the code, or nothing but words of the lexicon.
        let inside = |at: u32| (start..end).contains(&self.document.text.origin(at as usize));
        if self.candidate.is_some_and(|candidate| inside(candidate.code_start)) {
            return false;
        }
        let mut unknown = 0;
        for token in self.document.tokens.iter().filter(|token| inside(token.start)) {
            if matches!(token.class, CharClass::Letter | CharClass::Unspaced) {
                let known = self
                    .document
                    .matches
                    .iter()
                    .any(|entry| entry.start <= token.start && token.end <= entry.end && !entry.has(Tags::SERVICE));
                unknown += usize::from(!known);
            }
        }
        unknown > 0
    }
}
