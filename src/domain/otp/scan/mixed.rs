//! Codes of digits and letters, and codes with a prefix.

use super::{
    super::{
        candidate::{Penalties, Shape},
        fold::CharClass,
        lexicon::Tags,
        tokens::Token,
    },
    scanner::Scanner,
};

impl Scanner<'_> {
    /// Adds the candidate with a prefix, `G-123456`, that starts with these letters. Returns the token after it.
    pub(super) fn prefixed(&mut self, start: usize, end: usize) -> Option<usize> {
        let letters = self.tokens[start];
        let digits = self.token(end + 2)?;
        let is_prefix = start == end
            && letters.len() <= 5
            && self.symbol_after(end) == Some(b'-')
            && self.is_joined_to_next(end + 1);
        let is_code = digits.class == CharClass::Digit && (3..=8).contains(&digits.len());
        let ends = !self.is_joined_to_next(end + 2)
            || !(self.tokens[end + 3].is_ascii_word() || self.symbol_after(end + 2) == Some(b'-'))
            || self.is_inflected(end + 2);
        let begins = start == 0
            || self.tokens[start - 1].end < letters.start
            || self.tokens[start - 1].class == CharClass::Symbol
            || self.tokens[start - 1].class == CharClass::Unspaced;
        let is_prefix = is_prefix
            && begins
            && ends
            && if self.is_upper(letters) {
                letters.len() == 1 || !self.is_label(letters)
            } else {
                letters.len() <= 4 && !self.is_word(letters)
            };
        if !(is_prefix && is_code) {
            return None;
        }
        self.push(letters.start, digits.end, digits.start, Shape::Prefixed, digits.len(), Penalties::NONE);
        Some(end + 3)
    }

    /// Adds the candidate that starts with these letters and goes on with digits and letters: `RKJ-4P6`. Returns the
    /// token after it.
    pub(super) fn lettered(&mut self, start: usize, end: usize) -> Option<usize> {
        let letters = self.tokens[start];
        let is_group = start == end
            && (2..=5).contains(&letters.len())
            && self.symbol_after(end) == Some(b'-')
            && self.is_joined_to_next(end + 1)
            && !matches!(self.symbol_before(start), Some(b'-'));
        if !is_group {
            return None;
        }
        let (mut last, mut digits, mut others) = (end + 2, 0, 0);
        loop {
            let part = self.token(last).filter(Token::is_ascii_word)?;
            digits += usize::from(part.class == CharClass::Digit);
            others += usize::from(part.class == CharClass::Letter);
            if !(self.is_joined_to_next(last) && self.tokens[last + 1].is_ascii_word()) {
                break;
            }
            last += 1;
        }
        let group = self.tokens[last].end - self.tokens[end + 2].start;
        let is_code = digits > 0 && others > 0 && (self.is_upper(letters) || group == letters.len());
        is_code.then(|| self.mixed(start, end))
    }

    /// Whether an inflection follows: `G-482913-ը`.
    fn is_inflected(&self, at: usize) -> bool {
        self.symbol_after(at) == Some(b'-')
            && self.is_joined_to_next(at + 1)
            && self.tokens[at + 2].class == CharClass::Letter
            && self.tokens[at + 2].byte == 0
    }

    /// Whether the letters are a word of the lexicon.
    fn is_word(&self, token: Token) -> bool {
        self.matches[self.next_match.min(self.matches.len())..]
            .iter()
            .take(8)
            .any(|entry| entry.start <= token.start && token.end <= entry.end)
    }

    /// Whether the letters are the label of another number: `NO-1234`.
    fn is_label(&self, token: Token) -> bool {
        self.covering(token, Tags::LABEL).is_some()
    }

    /// Adds the candidate that joined digits and letters are, or that the digits are. Returns the token after it.
    pub(super) fn mixed(&mut self, start: usize, end: usize) -> usize {
        // A word with digits: `2FA`.
        let whole = Token { end: self.tokens[end].end, ..self.tokens[start] };
        if self.covering(whole, Tags::KEYWORD.or(Tags::QUALIFIER)).is_some() {
            return end + 1;
        }
        // Digits joined to words of the lexicon: `OTP123456`, `is123456`, `123456is`, `5min`, `X1234`.
        if end == start + 1 {
            let (first, second) = (self.tokens[start], self.tokens[end]);
            if first.class == CharClass::Letter {
                let letters = &self.text.bytes()[first.start as usize..first.end as usize];
                if letters.iter().all(|&byte| byte == b'x') && first.len() != 1 {
                    return end + 1;
                }
                if self.ends_with_lexicon_word(first) && !self.is_upper_serial(first, second) {
                    return self.number_beside(end, start);
                }
            } else if self.starts_with_lexicon_word(second) {
                return self.number_beside(start, end);
            }
        }
        let (from, mut to, mut last) = (self.tokens[start].start, self.tokens[end].end, end);
        let mut len = to - from;
        let mut penalties = Penalties::NONE;
        // `7K4Q-9Z2P`.
        while self.symbol_after(last) == Some(b'-')
            && self.is_joined_to_next(last + 1)
            && self.tokens[last + 2].is_ascii_word()
        {
            self.steps += 1;
            last += 2;
            let first = last;
            while self.is_joined_to_next(last) && self.tokens[last + 1].is_ascii_word() {
                last += 1;
            }
            to = self.tokens[last].end;
            len += to - self.tokens[first].start;
        }
        // `QK8-551902`: a reference before a code.
        if last > end
            && end + 2 == last
            && self.tokens[last].class == CharClass::Digit
            && (4..=8).contains(&self.tokens[last].len())
            && self.tokens[end].end - from <= 4
        {
            let digits = self.tokens[last];
            self.push(from, to, digits.start, Shape::Prefixed, digits.len(), penalties);
            return last + 1;
        }
        if matches!(self.symbol_before(start), Some(b'-' | b'/' | b'_' | b'+' | b'#' | b'*' | b'&'))
            || matches!(self.symbol_after(last), Some(b'/' | b'_' | b'+' | b'=' | b'%' | b'*'))
        {
            penalties = penalties.with(Penalties::FRAGMENT);
        }
        // `50K`.
        if last == start + 1 && self.text.bytes()[to as usize - 1..].starts_with(b"k") && len <= 5 {
            penalties = penalties.with(Penalties::UNIT);
        }
        let written = &self.original[self.text.origin(from as usize)..self.text.origin(to as usize)];
        if written.bytes().any(|byte| byte.is_ascii_lowercase())
            && written.bytes().any(|byte| byte.is_ascii_uppercase())
        {
            penalties = penalties.with(Penalties::MIXED_CASE);
        }
        // Codes have no accented letters.
        let is_plain = written
            .chars()
            .all(|c| c.is_ascii() || !c.is_alphabetic() || matches!(c as u32, 0xFF21..=0xFF5A | 0x1D400..=0x1D7FF));
        if len <= 12 && is_plain {
            self.push(from, to, from, Shape::Mixed, len, penalties);
        }
        last + 1
    }

    /// Whether they may be a serial number, `AB1234`, although some lexicon word ends with `AB`.
    fn is_upper_serial(&self, letters: Token, digits: Token) -> bool {
        letters.len() <= 2
            && digits.len() <= 5
            && self.is_upper(letters)
            && self
                .covering(letters, Tags::COPULA.or(Tags::WEAK_KEYWORD).or(Tags::KEYWORD).or(Tags::CURRENCY))
                .is_none_or(|entry| entry.start != letters.start)
    }

    /// Whether a lexicon word that may precede a number ends with these letters.
    fn ends_with_lexicon_word(&self, letters: Token) -> bool {
        let mut tags = Tags::KEYWORD.or(Tags::WEAK_KEYWORD).or(Tags::COPULA).or(Tags::CURRENCY);
        if !self.is_upper(letters) {
            tags = tags.or(Tags::LABEL).or(Tags::UNIT).or(Tags::VERB);
        }
        let near = &self.matches[self.next_match.saturating_sub(2).min(self.matches.len())..];
        near.iter().take(8).any(|entry| entry.end == letters.end && entry.has(tags))
    }

    /// Whether a lexicon word that may follow a number starts with these letters.
    fn starts_with_lexicon_word(&self, letters: Token) -> bool {
        let tags = Tags::KEYWORD
            .or(Tags::WEAK_KEYWORD)
            .or(Tags::COPULA)
            .or(Tags::UNIT)
            .or(Tags::CUE)
            .or(Tags::VERB)
            .or(Tags::STOPWORD);
        let near = &self.matches[self.next_match.saturating_sub(2).min(self.matches.len())..];
        near.iter().take(8).any(|entry| entry.start == letters.start && entry.has(tags))
    }

    /// Adds the digits at `at` alone, without the lexicon word that is joined to them at `word`.
    fn number_beside(&mut self, at: usize, word: usize) -> usize {
        if at > word {
            return self.number(at);
        }
        let token = self.tokens[at];
        let penalties = self.quantity(at, at);
        self.push(token.start, token.end, token.start, Shape::Digits, token.len(), penalties);
        word + 1
    }
}
