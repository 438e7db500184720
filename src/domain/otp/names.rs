//! The names in a text: words that are written as names are, or that are known as services.

use super::{judge::Judge, lexicon::Role, normal::Kind, scan::Candidate, tokens::Token};

/// A name that may be the service's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name {
    pub(super) start: u32,
    pub(super) end: u32,
    /// It is one of the services that we know.
    pub(super) known: bool,
    /// It is written as names are: with capitals, or in Latin letters in a text of another script without capitals.
    pub(super) proper: bool,
    /// Nothing stands before it in its sentence, where every word has a capital.
    pub(super) first: bool,
    /// Nothing stands before it in the text.
    pub(super) head: bool,
    /// Its last token.
    pub(super) last: usize,
}

/// A word of a name.
struct Word {
    known: bool,
    /// It is known, and also a common word.
    ambiguous: bool,
    proper: bool,
    last: usize,
}

/// More names than this are not looked at.
const MAX_NAMES: usize = 64;

/// Finds names.
pub(super) struct Names<'a, 'j> {
    original: &'a str,
    judge: &'j Judge<'j>,
    candidate: Option<&'j Candidate>,
    /// Where the hash of an application starts, which is nobody's name.
    hash: Option<u32>,
    /// The text is in a script without capitals, and Latin letters in it are names.
    uncased: bool,
    /// All is in capitals, which then say nothing.
    shouting: bool,
}

impl<'a, 'j> Names<'a, 'j> {
    pub(super) fn new(
        original: &'a str,
        judge: &'j Judge<'j>,
        candidate: Option<&'j Candidate>,
        hash: Option<u32>,
    ) -> Self {
        let wide = judge.text.kinds.iter().zip(judge.text.bytes());
        let wide = wide.filter(|(kind, byte)| matches!(kind, Kind::Letter | Kind::Glyph) && !byte.is_ascii()).count();
        let (mut upper, mut lower, mut wide_upper) = (0, 0, false);
        for c in original.chars() {
            upper += usize::from(c.is_uppercase());
            lower += usize::from(c.is_lowercase());
            wide_upper |= !c.is_ascii() && c.is_uppercase();
        }
        let uncased = wide * 2 > judge.text.bytes().len() && !wide_upper;
        Self { original, judge, candidate, hash, uncased, shouting: upper > 2 * lower && !uncased }
    }

    /// Calls `each` with every name: words in a row.
    pub(super) fn each(&self, mut each: impl FnMut(Name)) {
        let tokens = &self.judge.scan.tokens;
        let (mut at, mut count) = (0, 0);
        // The last word before the token at hand, of whatever script.
        let mut word: Option<Token> = None;
        while at < tokens.len() && count < MAX_NAMES {
            self.judge.step(1);
            let before = word;
            if tokens[at].kind != Kind::Mark {
                word = Some(tokens[at]);
            }
            let found = match self.word(at) {
                Ok(found) => found,
                Err(next) => {
                    at = next;
                    continue;
                }
            };
            count += 1;
            let first = before.is_none_or(|before| !self.is_one_sentence(before, tokens[at]));
            let mut name = Name {
                start: tokens[at].start,
                end: tokens[found.last].end,
                // At the start of a sentence a capital tells nothing of a word.
                known: found.known && !(found.ambiguous && first && before.is_some()),
                proper: found.proper,
                first,
                head: before.is_none(),
                last: found.last,
            };
            while !found.known
                && let Some(last) = self.next_word(&name)
            {
                name.last = last;
                name.end = tokens[last].end;
            }
            at = name.last + 1;
            word = Some(tokens[name.last]);
            each(name);
        }
    }

    /// The last token of another word of a name: "Blizzard Entertainment", "GO-JEK", "AT&T".
    fn next_word(&self, name: &Name) -> Option<usize> {
        let tokens = &self.judge.scan.tokens;
        let next = tokens.get(name.last + 1)?;
        let is_joiner = matches!(next.byte, b'-' | b'&' | b'.' | b'\'' | b'+');
        let joins = next.kind == Kind::Mark && is_joiner && next.start == name.end;
        let from = name.last + if joins { 2 } else { 1 };
        let start = tokens.get(from)?;
        let gap = start.start - if joins { next.end } else { name.end };
        let is_near = gap <= u32::from(!joins || next.byte == b'&');
        if !is_near || !self.is_one_sentence(*start, tokens[name.last]) {
            return None;
        }
        let word = self.word(from).ok()?;
        ((word.proper || joins) && !word.known).then_some(word.last)
    }

    fn is_one_sentence(&self, one: Token, other: Token) -> bool {
        self.judge.sentence(one.start) == self.judge.sentence(other.start)
    }

    /// The word of a name that starts at a token; or, if none does, where to look next.
    fn word(&self, at: usize) -> Result<Word, usize> {
        let tokens = &self.judge.scan.tokens;
        let token = tokens[at];
        let is_code = self.candidate.is_some_and(|code| token.start < code.end && code.start < token.end);
        if is_code || self.hash.is_some_and(|hash| token.start >= hash) {
            return Err(at + 1);
        }
        let hits = &self.judge.hits;
        let near = hits.partition_point(|hit| hit.end <= token.start);
        let covering = hits[near..].iter().take(4).find(|hit| hit.start <= token.start && token.end <= hit.end);
        if let Some(hit) = covering {
            if !hit.is(Role::SERVICE) || hit.start != token.start {
                return Err(at + 1);
            }
            let last = tokens.partition_point(|token| token.end <= hit.end) - 1;
            // Names that are also words are told by their capital.
            let ambiguous = !hit.role.without(Role::SERVICE).is_empty();
            // Short ones are abbreviations, all in capitals.
            let written = self.judge.text.slice(self.original, hit.start, hit.end);
            let is_short = ambiguous && written.len() <= 3;
            let mut letters = written.chars();
            let capital =
                letters.next().is_some_and(char::is_uppercase) && !(is_short && letters.any(char::is_lowercase));
            if ambiguous && !capital {
                return Err(at + 1);
            }
            return Ok(Word { known: !ambiguous || !self.shouting, ambiguous, proper: capital, last });
        }
        if matches!(token.kind, Kind::Mark | Kind::Glyph) {
            return Err(at + 1);
        }
        if let Some((start, end)) = self.judge.address_at(token.start) {
            // `Login.gov` is a name; `https://…` is not, and nothing in it.
            let address = &self.judge.text.bytes()[start as usize..end as usize];
            let after = tokens.partition_point(|token| token.start < end).max(at + 1);
            self.judge.step(address.len());
            let is_plain = start == token.start && !address.iter().any(|byte| matches!(byte, b'/' | b'@' | b':'));
            return if is_plain {
                Ok(Word { known: false, ambiguous: false, proper: true, last: after - 1 })
            } else {
                Err(after)
            };
        }
        let is_wide = token.kind == Kind::Letter && token.byte == 0;
        // Letters and digits that are joined, two of them letters.
        let (mut last, mut letters, mut capital) = (at, 0, false);
        loop {
            let part = tokens[last];
            letters += if part.kind == Kind::Letter { part.end - part.start } else { 0 };
            capital |= self.slice(part).chars().any(char::is_uppercase);
            let next = tokens.get(last + 1);
            if !next.is_some_and(|next| next.start == part.end && matches!(next.kind, Kind::Letter | Kind::Digit)) {
                break;
            }
            last += 1;
        }
        self.judge.step(last - at);
        if letters < 2 || is_wide && self.uncased {
            return Err(last + 1);
        }
        let proper = if self.uncased { !is_wide } else { capital && !self.shouting };
        Ok(Word { known: false, ambiguous: false, proper, last })
    }

    /// What a token is in the text.
    fn slice(&self, token: Token) -> &'a str {
        self.judge.text.slice(self.original, token.start, token.end)
    }
}
