//! The names in a text: words that are capitalized like names, or that are known services.

use super::super::{candidate::Candidate, document::Document, fold::CharClass, lexicon::Tags, tokens::Token};

/// A name that may be the service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name {
    pub(super) start: u32,
    pub(super) end: u32,
    /// It is one of the known services.
    pub(super) is_known: bool,
    /// It is capitalized like a name, or in Latin letters in a text of a script without capitals.
    pub(super) is_capitalized: bool,
    /// It is at the start of its sentence, where every word has a capital.
    pub(super) starts_sentence: bool,
    /// It is at the start of the text.
    pub(super) starts_text: bool,
    /// Its last token.
    pub(super) last: usize,
}

/// A word of a name.
struct NameWord {
    is_known: bool,
    /// It is a known service, but also a common word.
    is_ambiguous: bool,
    is_capitalized: bool,
    /// Its last token.
    last: usize,
}

/// The longest name, in characters. (Operators' patterns may find longer ones.)
pub(super) const MAX_NAME_CHARS: usize = 40;
/// The number of names that are considered.
const MAX_NAMES: usize = 64;

/// Calls `each` with the names in a text, by position. `host` is that of an origin-bound code.
pub(super) fn for_each(
    document: &Document<'_>,
    candidate: Option<&Candidate>,
    host: Option<&str>,
    each: impl FnMut(Name),
) {
    NameFinder::new(document, candidate, host).for_each(each);
}

struct NameFinder<'a, 'd> {
    document: &'d Document<'a>,
    candidate: Option<&'d Candidate>,
    /// Where the line starts that binds the code to a host.
    bound_line: Option<u32>,
    /// The text is in a script without capitals; Latin letters in it are names.
    is_uncased: bool,
    /// The text is in capitals, which then mean nothing.
    is_all_capitals: bool,
}

impl<'a, 'd> NameFinder<'a, 'd> {
    fn new(document: &'d Document<'a>, candidate: Option<&'d Candidate>, host: Option<&str>) -> Self {
        let text = &document.text;
        let wide = text.classes.iter().zip(text.bytes());
        let wide = wide
            .filter(|(class, byte)| matches!(class, CharClass::Letter | CharClass::Unspaced) && !byte.is_ascii())
            .count();
        let (mut upper, mut lower, mut wide_upper) = (0, 0, false);
        for c in document.original.chars() {
            upper += usize::from(c.is_uppercase());
            lower += usize::from(c.is_lowercase());
            wide_upper |= !c.is_ascii() && c.is_uppercase();
        }
        let is_uncased = wide * 2 > text.bytes().len() && !wide_upper;
        let bound_line = host.and_then(|host| {
            let start = host.as_ptr() as usize - document.original.as_ptr() as usize;
            let token = document.tokens.partition_point(|token| document.text.origin(token.start as usize) < start);
            document.tokens.get(token).map(|token| token.start)
        });
        Self { document, candidate, bound_line, is_uncased, is_all_capitals: upper > 2 * lower && !is_uncased }
    }

    /// Calls `each` with every name, which is one or more words.
    fn for_each(&self, mut each: impl FnMut(Name)) {
        let tokens = &self.document.tokens;
        let (mut at, mut count) = (0, 0);
        // The last word before the current token, of any script.
        let mut previous: Option<Token> = None;
        while at < tokens.len() && count < MAX_NAMES {
            self.document.count_steps(1);
            let before = previous;
            if tokens[at].class != CharClass::Symbol {
                previous = Some(tokens[at]);
            }
            let word = match self.word(at) {
                Ok(word) => word,
                Err(next) => {
                    at = next;
                    continue;
                }
            };
            count += 1;
            // Without capitals, words at the start of a sentence are like all others.
            let starts_sentence =
                !self.is_uncased && before.is_none_or(|before| !self.is_one_sentence(before, tokens[at]));
            let mut name = Name {
                start: tokens[at].start,
                end: tokens[word.last].end,
                // At the start of a sentence a capital does not distinguish a name from a word.
                is_known: word.is_known && !(word.is_ambiguous && starts_sentence && before.is_some()),
                is_capitalized: word.is_capitalized,
                starts_sentence,
                starts_text: before.is_none(),
                last: word.last,
            };
            while !word.is_known
                && let Some(last) = self.next_word(&name)
            {
                name.last = last;
                name.end = tokens[last].end;
            }
            at = name.last + 1;
            previous = Some(tokens[name.last]);
            each(name);
        }
    }

    /// The last token of another word of a name: "Blizzard Entertainment", "GO-JEK", "AT&T".
    fn next_word(&self, name: &Name) -> Option<usize> {
        let tokens = &self.document.tokens;
        let next = tokens.get(name.last + 1)?;
        let is_joiner = matches!(next.byte, b'-' | b'&' | b'.' | b'\'' | b'+');
        let joins = next.class == CharClass::Symbol && is_joiner && next.start == name.end;
        let from = name.last + if joins { 2 } else { 1 };
        let start = tokens.get(from)?;
        let gap = start.start - if joins { next.end } else { name.end };
        let is_near = gap <= u32::from(!joins || next.byte == b'&');
        if !is_near || !self.is_one_sentence(*start, tokens[name.last]) {
            return None;
        }
        let word = self.word(from).ok()?;
        // A word in small letters before a name is a preposition: "en Acme", "в Acme".
        let continues = joins || word.is_capitalized && name.is_capitalized;
        (continues && !word.is_known).then_some(word.last)
    }

    fn is_one_sentence(&self, one: Token, other: Token) -> bool {
        self.document.sentence_at(one.start) == self.document.sentence_at(other.start)
    }

    /// The word of a name that starts at a token; if none does, the token to continue with.
    fn word(&self, at: usize) -> Result<NameWord, usize> {
        let tokens = &self.document.tokens;
        let token = tokens[at];
        let is_code = self.candidate.is_some_and(|code| token.start < code.end && code.start < token.end);
        if is_code || self.document.retriever_hash.is_some_and(|hash| token.start >= hash) {
            return Err(at + 1);
        }
        let matches = &self.document.matches;
        let near = matches.partition_point(|entry| entry.end <= token.start);
        let covering =
            matches[near..].iter().take(4).find(|entry| entry.start <= token.start && token.end <= entry.end);
        if let Some(entry) = covering {
            if !entry.has(Tags::SERVICE) || entry.start != token.start {
                return Err(at + 1);
            }
            let last = tokens.partition_point(|token| token.end <= entry.end) - 1;
            // A name that is also a word must have a capital.
            let is_ambiguous = !entry.tags.without(Tags::SERVICE).is_empty();
            // A short one is an abbreviation, all in capitals.
            let written = self.document.text.slice(self.document.original, entry.start, entry.end);
            let is_short = is_ambiguous && written.len() <= 3;
            let mut letters = written.chars();
            let has_capital =
                letters.next().is_some_and(char::is_uppercase) && !(is_short && letters.any(char::is_lowercase));
            // "Olá" is not Ola.
            let has_other_accents =
                is_ambiguous && !written.is_ascii() && self.document.folded(entry.start, entry.end).is_ascii();
            if is_ambiguous && !has_capital || has_other_accents {
                return Err(at + 1);
            }
            return Ok(NameWord {
                is_known: !is_ambiguous || !self.is_all_capitals,
                is_ambiguous,
                is_capitalized: has_capital,
                last,
            });
        }
        if matches!(token.class, CharClass::Symbol | CharClass::Unspaced) {
            return Err(at + 1);
        }
        // The host that a code is bound to is none of the names.
        if self.bound_line.is_some_and(|start| token.start >= start) {
            return Err(at + 1);
        }
        if let Some((start, end)) = self.document.address_at(token.start) {
            // `Login.gov` is a name; `https://…` is not, and contains none.
            let address = &self.document.text.bytes()[start as usize..end as usize];
            let after = tokens.partition_point(|token| token.start < end).max(at + 1);
            self.document.count_steps(address.len());
            let is_plain = start == token.start && !address.iter().any(|byte| matches!(byte, b'/' | b'@' | b':'));
            return if is_plain {
                Ok(NameWord { is_known: false, is_ambiguous: false, is_capitalized: true, last: after - 1 })
            } else {
                Err(after)
            };
        }
        // "499,000VND".
        let is_joined_digit = token.class == CharClass::Digit
            && at.checked_sub(2).is_some_and(|before| {
                tokens[before].class == CharClass::Digit
                    && tokens[before].end + 1 == token.start
                    && matches!(tokens[at - 1].byte, b',' | b'.')
            });
        if is_joined_digit {
            return Err(at + 1);
        }
        let is_wide = token.class == CharClass::Letter && token.byte == 0;
        // Joined letters and digits; at least two letters.
        let (mut last, mut letters, mut has_capital) = (at, 0, false);
        loop {
            let part = tokens[last];
            letters += if part.class == CharClass::Letter { part.end - part.start } else { 0 };
            has_capital |= self.slice(part).chars().any(char::is_uppercase);
            let next = tokens.get(last + 1);
            // In scripts without capitals, suffixes follow Latin names: "Acmeలో".
            let is_suffix = |next: &Token| self.is_uncased && next.byte == 0 && token.byte != 0;
            if !next.is_some_and(|next| {
                next.start == part.end && matches!(next.class, CharClass::Letter | CharClass::Digit) && !is_suffix(next)
            }) {
                break;
            }
            last += 1;
        }
        self.document.count_steps(last - at);
        if letters < 2 || is_wide && self.is_uncased {
            return Err(last + 1);
        }
        let is_capitalized = if self.is_uncased { !is_wide } else { has_capital && !self.is_all_capitals };
        Ok(NameWord { is_known: false, is_ambiguous: false, is_capitalized, last })
    }

    /// The original text of a token.
    fn slice(&self, token: Token) -> &'a str {
        self.document.text.slice(self.document.original, token.start, token.end)
    }
}
