//! The numbers of a text that could be its code, and those that cannot.

use smallvec::SmallVec;

use super::{
    groups::{Groups, Meaning},
    lexicon::{Hit, Role},
    normal::{Kind, Normal, offset},
    tokens::{Token, find_stops, tokenize},
};

/// How a candidate is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Digits and nothing else: `123456`.
    Digits,
    /// Digits in groups that codes are written in: `123-456`, `12 34 56`.
    Grouped,
    /// Letters, a hyphen, digits: `G-123456`. The letters do not belong to the code.
    Prefixed,
    /// Digits and letters: `7K4Q9Z`.
    Mixed,
    /// Letters alone.
    Letters,
}

/// Why a number is probably no code, whatever stands around it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Doubt(u16);

impl Doubt {
    pub(super) const NONE: Self = Self(0);
    pub(super) const DATE: Self = Self(1);
    pub(super) const PHONE: Self = Self(1 << 1);
    pub(super) const MONEY: Self = Self(1 << 2);
    pub(super) const UNIT: Self = Self(1 << 3);
    pub(super) const MIXED_CASE: Self = Self(1 << 4);
    pub(super) const HASH_SIGN: Self = Self(1 << 5);
    pub(super) const PART: Self = Self(1 << 6);
    pub(super) const QUOTED: Self = Self(1 << 7);
    pub(super) const POINTS: Self = Self(1 << 8);

    pub(super) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A number that could be the code.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) start: u32,
    pub(super) end: u32,
    /// Where the part that is typed starts: after the prefix, where there is one.
    pub(super) typed: u32,
    pub(super) shape: Shape,
    /// How many digits and letters it has.
    pub(super) len: u8,
    pub(super) doubt: Doubt,
}

/// What the scanner found.
#[derive(Default)]
pub(super) struct Scan {
    pub(super) tokens: Vec<Token>,
    pub(super) candidates: SmallVec<[Candidate; 6]>,
    /// Where sentences and lines end, in order.
    pub(super) stops: SmallVec<[u32; 12]>,
    /// Addresses of pages and mailboxes.
    pub(super) addresses: SmallVec<[(u32, u32); 2]>,
    /// Whether it has an address of a page.
    pub(super) has_link: bool,
    /// How many steps were taken: what the test of linearity counts.
    pub(super) steps: usize,
}

impl Scan {
    /// The sentence that a place is in.
    pub(super) fn sentence(&self, at: u32) -> usize {
        self.stops.partition_point(|&stop| stop < at)
    }

    fn is_address(&self, at: u32) -> bool {
        self.addresses.last().is_some_and(|&(_, end)| at < end)
    }
}

/// More candidates than this no text has that people read.
const MAX_CANDIDATES: usize = 48;

pub(super) fn scan(text: &Normal, original: &str, hits: &[Hit]) -> Scan {
    let mut scan = Scan { tokens: Vec::with_capacity(text.kinds.len() / 4 + 8), ..Scan::default() };
    tokenize(text, &mut scan);
    find_stops(text, &mut scan);
    let tokens = std::mem::take(&mut scan.tokens);
    let mut scanner = Scanner { text, original, hits, tokens: &tokens, out: scan, at: 0, hit: 0 };
    scanner.run();
    let mut scan = scanner.out;
    scan.tokens = tokens;
    scan
}

struct Scanner<'a> {
    text: &'a Normal,
    original: &'a str,
    hits: &'a [Hit],
    tokens: &'a [Token],
    out: Scan,
    at: usize,
    /// The first hit that does not end before the token at hand.
    hit: usize,
}

impl Scanner<'_> {
    fn run(&mut self) {
        while self.at < self.tokens.len() {
            self.out.steps += 1;
            let token = self.tokens[self.at];
            while self.hits.get(self.hit).is_some_and(|hit| hit.end < token.start) {
                self.hit += 1;
            }
            let next = if self.out.is_address(token.start) {
                self.at + 1
            } else if token.is_ascii_word() {
                self.word()
            } else {
                self.at + 1
            };
            debug_assert!(next > self.at);
            self.at = next;
        }
    }

    fn token(&self, at: usize) -> Option<Token> {
        self.tokens.get(at).copied()
    }

    /// Whether no space parts a token from the one after it.
    fn joins(&self, at: usize) -> bool {
        self.token(at + 1).is_some_and(|next| next.start == self.tokens[at].end)
    }

    /// The byte of the mark that is joined to the start of a token.
    fn mark_before(&self, at: usize) -> Option<u8> {
        let before = at.checked_sub(1).and_then(|at| self.token(at))?;
        (before.kind == Kind::Mark && before.end == self.tokens[at].start).then_some(before.byte)
    }

    fn mark_after(&self, at: usize) -> Option<u8> {
        let after = self.token(at + 1)?;
        (after.kind == Kind::Mark && self.joins(at)).then_some(after.byte)
    }

    /// ASCII letters and digits in a row, with what is joined to them: an address, a number, or a word.
    fn word(&mut self) -> usize {
        let start = self.at;
        let mut end = start;
        while self.joins(end) && self.tokens[end + 1].is_ascii_word() {
            end += 1;
        }
        if let Some(after) = self.address(start, end) {
            return after;
        }
        let has_digit = self.tokens[start..=end].iter().any(|token| token.kind == Kind::Digit);
        if !has_digit {
            return self.prefixed(start, end).unwrap_or(end + 1);
        }
        if start == end {
            return self.number(start);
        }
        self.mixed(start, end)
    }

    /// An address of a page or of a mailbox that starts with these tokens, and the token after it.
    fn address(&mut self, start: usize, end: usize) -> Option<usize> {
        if !matches!(self.mark_after(end), Some(b'.' | b'-' | b'_' | b'/' | b'@' | b':')) {
            return None;
        }
        let bytes = self.text.bytes();
        let from = self.tokens[start].start as usize;
        let is_scheme = bytes[from..].starts_with(b"http://") || bytes[from..].starts_with(b"https://");
        let is_scheme = is_scheme || (bytes[from..].starts_with(b"hxxp")) || bytes[from..].starts_with(b"www.");
        let mut is_link = is_scheme;
        if !is_link {
            // A host, or the name before the @: words joined by points, hyphens and underscores. They are
            // walked once: what is walked and no address is not walked again from its middle.
            if self.mark_before(start).is_some_and(|mark| matches!(mark, b'.' | b'-' | b'_')) {
                return None;
            }
            let mut last = end;
            let mut has_point = false;
            let mut label = (start, end);
            while let Some(mark) = self.mark_after(last) {
                self.out.steps += 1;
                if !matches!(mark, b'.' | b'-' | b'_')
                    || !self.joins(last + 1)
                    || !self.tokens[last + 2].is_ascii_word()
                {
                    break;
                }
                has_point |= mark == b'.';
                last += 2;
                let first = last;
                while self.joins(last) && self.tokens[last + 1].is_ascii_word() {
                    last += 1;
                }
                if mark == b'.' {
                    label = (first, last);
                }
            }
            let (first, label_end) = label;
            let top = &bytes[self.tokens[first].start as usize..self.tokens[label_end].end as usize];
            let is_top = has_point && top.len() >= 2 && top.iter().all(u8::is_ascii_alphabetic);
            match self.mark_after(last) {
                Some(b'/') if is_top => is_link = true,
                Some(b'@') if self.joins(last + 1) && self.tokens[last + 2].is_ascii_word() => {}
                _ if is_top && TOPS.contains(&top) => is_link = true,
                _ => return None,
            }
        }
        let mut to = from;
        while to < bytes.len()
            && bytes[to].is_ascii_graphic()
            && !matches!(bytes[to], b'<' | b'>' | b'"' | b')' | b']' | b'|')
        {
            to += 1;
        }
        self.out.steps += to - from;
        // What ends the sentence does not belong to the address.
        while to > from && matches!(bytes[to - 1], b'.' | b',' | b'!' | b'?' | b';' | b':') {
            to -= 1;
        }
        self.out.has_link |= is_link;
        self.out.addresses.push((offset(from), offset(to)));
        let next = self.tokens[start..].partition_point(|token| (token.start as usize) < to);
        Some(start + next.max(1))
    }

    /// `G-123456`: the token after it, if these letters start one.
    fn prefixed(&mut self, start: usize, end: usize) -> Option<usize> {
        let letters = self.tokens[start];
        let digits = self.token(end + 2)?;
        let is_prefix = start == end && letters.len() <= 5 && self.mark_after(end) == Some(b'-') && self.joins(end + 1);
        let is_code = digits.kind == Kind::Digit && (3..=8).contains(&digits.len());
        let ends =
            !self.joins(end + 2) || !(self.tokens[end + 3].is_ascii_word() || self.mark_after(end + 2) == Some(b'-'));
        let begins = start == 0
            || self.tokens[start - 1].end < letters.start
            || self.tokens[start - 1].kind == Kind::Mark
            || self.tokens[start - 1].kind == Kind::Glyph;
        let is_prefix =
            is_prefix && begins && ends && self.is_upper(letters) && !(letters.len() > 1 && self.is_label(letters));
        if !(is_prefix && is_code) {
            return None;
        }
        self.push(letters.start, digits.end, digits.start, Shape::Prefixed, digits.len(), Doubt::NONE);
        Some(end + 3)
    }

    fn is_upper(&self, token: Token) -> bool {
        self.text.slice(self.original, token.start, token.end).chars().all(|c| !c.is_lowercase())
    }

    /// Whether the letters say what number follows, and that it is no code: `NO-1234`.
    fn is_label(&self, token: Token) -> bool {
        self.covering(token, Role::LABEL).is_some()
    }

    /// The hit with one of these roles that covers a token, near the one at hand.
    fn covering(&self, token: Token, role: Role) -> Option<&Hit> {
        let near = &self.hits[self.hit.min(self.hits.len())..];
        near.iter().take(8).find(|hit| hit.start <= token.start && token.end <= hit.end && hit.is(role))
    }

    /// Digits that no letter is joined to: alone, or with others in groups.
    fn number(&mut self, start: usize) -> usize {
        let mut groups = Groups::new(self.tokens[start].len());
        let mut last = start;
        while let Some((separator, next)) = self.next_group(last) {
            self.out.steps += 1;
            // Numbers that are no group are looked at again from the second on, so not too many at once.
            let too_many = matches!(separator, b' ' | b':') && groups.count > 8;
            if too_many || !groups.take(separator, self.tokens[next].len()) {
                break;
            }
            last = next;
        }
        let (first, end) = (self.tokens[start], self.tokens[last]);
        let before = self.mark_before(start);
        let follows = self.mark_after(last);
        if groups.count > 1 {
            return self.grouped(&groups, start, last);
        }
        let mut doubt = Doubt::NONE;
        if before == Some(b'+') && first.len() >= 7 {
            doubt = Doubt::PHONE;
        }
        // `*131#` and `*121*3#` are dialled; `*123456*` is bold.
        if before == Some(b'*') && follows != Some(b'*') || follows == Some(b'#') {
            doubt = doubt.and(Doubt::PHONE);
        }
        if before == Some(b'*') && self.mark_before(start - 1) == Some(b'*') && follows != Some(b'*') {
            doubt = doubt.and(Doubt::PHONE);
        }
        if matches!(before, Some(b'.' | b'/' | b'-' | b'_'))
            && start >= 2
            && self.tokens[start - 2].end == self.tokens[start - 1].start
            && self.tokens[start - 2].kind != Kind::Mark
            && self.tokens[start - 2].kind != Kind::Glyph
        {
            // The tail of something longer: `A/12345`, `INV-2024`; but `u-123456` is a word of Zulu with a code.
            let part = self.tokens[start - 2];
            let is_prefix =
                before == Some(b'-') && part.kind == Kind::Letter && part.len() <= 4 && !self.is_upper(part);
            doubt = doubt.and(if before == Some(b'.') || is_prefix { Doubt::NONE } else { Doubt::PART });
        }
        if before == Some(b'#') {
            doubt = doubt.and(Doubt::HASH_SIGN);
        }
        if matches!(follows, Some(b'/' | b'-')) && last + 2 < self.tokens.len() && self.joins(last + 1)
            && self.tokens[last + 2].kind == Kind::Letter
            // A suffix of the language is no part of a serial number: "0429-ը", "482913-mi".
            && (follows == Some(b'/') || self.tokens[last + 2].byte != 0 && self.tokens[last + 2].len() > 3)
        {
            doubt = doubt.and(Doubt::PART);
        }
        if self.is_quoted(start, last) {
            doubt = doubt.and(Doubt::QUOTED);
        }
        doubt = doubt.and(self.quantity(start, last));
        self.push(first.start, end.end, first.start, Shape::Digits, first.len(), doubt);
        last + 1
    }

    /// Whether a quotation ends with these tokens that did not start with them: `"your code is 123456"`, of which a
    /// warning tells.
    fn is_quoted(&self, start: usize, last: usize) -> bool {
        const CLOSE: [&str; 7] = ["'", "\"", "”", "“", "」", "』", "»"];
        const OPEN: [&str; 10] = ["'", "\"", "“", "„", "”", "「", "『", "«", "(", "<"];
        let is_quote = |token: Token, marks: &[&str]| {
            let mark = &self.text.bytes()[token.start as usize..token.end as usize];
            token.kind == Kind::Mark && marks.iter().any(|quote| quote.as_bytes() == mark)
        };
        let closes = self.joins(last)
            && is_quote(self.tokens[last + 1], &CLOSE)
            && !(self.joins(last + 1) && self.tokens[last + 2].kind == Kind::Letter);
        let opens = start.checked_sub(1).is_some_and(|before| is_quote(self.tokens[before], &OPEN));
        closes && !opens
    }

    /// The separator and the next digits, if digits follow a group.
    fn next_group(&self, at: usize) -> Option<(u8, usize)> {
        let next = self.token(at + 1)?;
        let token = self.tokens[at];
        if next.kind == Kind::Digit && next.start == token.end + 1 {
            let alone =
                !self.joins(at + 1) || self.tokens[at + 2].kind != Kind::Letter || self.tokens[at + 2].byte == 0;
            return alone.then_some((b' ', at + 1));
        }
        let is_mark =
            next.kind == Kind::Mark && next.start == token.end && matches!(next.byte, b'-' | b'.' | b',' | b':' | b'/');
        let digits = self.token(at + 2)?;
        let joined = is_mark && digits.kind == Kind::Digit && digits.start == next.end;
        let alone = joined && (!self.joins(at + 2) || self.tokens[at + 3].kind != Kind::Letter || next.byte != b'-');
        alone.then_some((next.byte, at + 2))
    }

    fn grouped(&mut self, groups: &Groups, start: usize, last: usize) -> usize {
        let (from, to) = (self.tokens[start].start, self.tokens[last].end);
        let outer = matches!(self.mark_before(start), Some(b'+')) || self.mark_before(start) == Some(b'*');
        match groups.meaning() {
            Meaning::Code(doubt) if !outer => {
                let doubt = doubt.and(self.quantity(start, last));
                self.push(from, to, from, Shape::Grouped, u32::from(groups.digits), doubt);
                last + 1
            }
            // Numbers beside each other that are no group: each for itself.
            Meaning::Apart => {
                let doubt = self.quantity(start, start);
                let token = self.tokens[start];
                self.push(token.start, token.end, token.start, Shape::Digits, token.len(), doubt);
                start + 1
            }
            _ => last + 1,
        }
    }

    /// Whether money, a unit or a percentage says that the tokens are a quantity.
    fn quantity(&self, start: usize, last: usize) -> Doubt {
        let mut doubt = Doubt::NONE;
        let (from, to) = (self.tokens[start].start, self.tokens[last].end);
        let is_money = |token: Option<Token>| {
            token.is_some_and(|token| {
                token.kind == Kind::Mark && is_currency(&self.text.bytes()[token.start as usize..token.end as usize])
            })
        };
        let before = start.checked_sub(1).and_then(|at| self.token(at));
        let after = self.token(last + 1);
        if is_money(before.filter(|token| token.end + 1 >= from))
            || is_money(after.filter(|token| token.start <= to + 1))
        {
            doubt = doubt.and(Doubt::MONEY);
        }
        if after.is_some_and(|after| after.byte == b'%' && after.start <= to + 1) {
            doubt = doubt.and(Doubt::UNIT);
        }
        let near = &self.hits[self.hit.saturating_sub(2).min(self.hits.len())..];
        for hit in near.iter().take(10) {
            if !hit.is(Role::UNIT.or(Role::MONEY)) {
                continue;
            }
            // `5 minutes`, `5分钟`; `Rs. 500`, `INR 500`.
            if hit.start >= to && hit.start <= to + 1 {
                doubt = doubt.and(Doubt::UNIT);
            }
            if hit.end <= from && hit.end + 2 >= from && hit.is(Role::MONEY) {
                let between = &self.text.bytes()[hit.end as usize..from as usize];
                if matches!(between, b"" | b" " | b"." | b". ") {
                    doubt = doubt.and(Doubt::MONEY);
                }
            }
        }
        doubt
    }

    /// Digits and letters that are joined.
    fn mixed(&mut self, start: usize, end: usize) -> usize {
        // Words of the lexicon that digits are joined to: `OTP123456`, `is123456`, `123456is`, `5min`, `X1234`.
        if end == start + 1 {
            let (first, second) = (self.tokens[start], self.tokens[end]);
            if first.kind == Kind::Letter {
                let letters = &self.text.bytes()[first.start as usize..first.end as usize];
                if letters.iter().all(|&byte| byte == b'x') && first.len() != 1 {
                    return end + 1;
                }
                if self.ends_known(first) && !self.is_upper_serial(first, second) {
                    return self.number_in(end, start);
                }
            } else if self.starts_known(second) {
                return self.number_in(start, end);
            }
        }
        let (from, mut to, mut last) = (self.tokens[start].start, self.tokens[end].end, end);
        let mut len = to - from;
        let mut doubt = Doubt::NONE;
        // `7K4Q-9Z2P`.
        while self.mark_after(last) == Some(b'-') && self.joins(last + 1) && self.tokens[last + 2].is_ascii_word() {
            self.out.steps += 1;
            last += 2;
            let first = last;
            while self.joins(last) && self.tokens[last + 1].is_ascii_word() {
                last += 1;
            }
            to = self.tokens[last].end;
            len += to - self.tokens[first].start;
        }
        // `QK8-551902`: a reference before the code.
        if last > end
            && end + 2 == last
            && self.tokens[last].kind == Kind::Digit
            && (4..=8).contains(&self.tokens[last].len())
            && self.tokens[end].end - from <= 4
        {
            let digits = self.tokens[last];
            self.push(from, to, digits.start, Shape::Prefixed, digits.len(), doubt);
            return last + 1;
        }
        if matches!(self.mark_before(start), Some(b'-' | b'/' | b'_' | b'+' | b'#' | b'*' | b'&'))
            || matches!(self.mark_after(last), Some(b'/' | b'_' | b'+' | b'=' | b'%' | b'*'))
        {
            doubt = doubt.and(Doubt::PART);
        }
        let written = &self.original[self.text.origin(from as usize)..self.text.origin(to as usize)];
        if written.bytes().any(|byte| byte.is_ascii_lowercase())
            && written.bytes().any(|byte| byte.is_ascii_uppercase())
        {
            doubt = doubt.and(Doubt::MIXED_CASE);
        }
        // Codes have no accents.
        let is_plain = written
            .chars()
            .all(|c| c.is_ascii() || !c.is_alphabetic() || matches!(c as u32, 0xFF21..=0xFF5A | 0x1D400..=0x1D7FF));
        if len <= 12 && is_plain {
            self.push(from, to, from, Shape::Mixed, len, doubt);
        }
        last + 1
    }

    fn is_upper_serial(&self, letters: Token, digits: Token) -> bool {
        // `AB1234` may be a serial number although `AB` ends some word.
        letters.len() <= 2
            && digits.len() <= 5
            && self.is_upper(letters)
            && self
                .covering(letters, Role::IS.or(Role::WORD).or(Role::CODE))
                .is_none_or(|hit| hit.start != letters.start)
    }

    /// Whether a word that says something about a number ends with these letters.
    fn ends_known(&self, letters: Token) -> bool {
        let mut roles = Role::CODE.or(Role::WORD).or(Role::IS);
        if !self.is_upper(letters) {
            roles = roles.or(Role::LABEL).or(Role::UNIT).or(Role::MONEY).or(Role::VERB);
        }
        let near = &self.hits[self.hit.saturating_sub(2).min(self.hits.len())..];
        near.iter().take(8).any(|hit| hit.end == letters.end && hit.is(roles))
    }

    fn starts_known(&self, letters: Token) -> bool {
        let roles = Role::CODE.or(Role::WORD).or(Role::IS).or(Role::UNIT).or(Role::CUE).or(Role::VERB).or(Role::PLAIN);
        let near = &self.hits[self.hit.saturating_sub(2).min(self.hits.len())..];
        near.iter().take(8).any(|hit| hit.start == letters.start && hit.is(roles))
    }

    /// The digits at `at`, beside known letters at `beside`.
    fn number_in(&mut self, at: usize, beside: usize) -> usize {
        if at > beside {
            return self.number(at);
        }
        let token = self.tokens[at];
        let doubt = self.quantity(at, at);
        self.push(token.start, token.end, token.start, Shape::Digits, token.len(), doubt);
        beside + 1
    }

    fn push(&mut self, start: u32, end: u32, typed: u32, shape: Shape, len: u32, doubt: Doubt) {
        if !(3..=12).contains(&len) || self.out.candidates.len() >= MAX_CANDIDATES {
            return;
        }
        let len = u8::try_from(len).unwrap_or(u8::MAX);
        self.out.candidates.push(Candidate { start, end, typed, shape, len, doubt });
    }
}

/// Ends of hosts that stand for an address even when nothing follows them.
const TOPS: [&[u8]; 24] = [
    b"com", b"net", b"org", b"info", b"gov", b"edu", b"io", b"app", b"me", b"co", b"ly", b"gl", b"gd", b"cc", b"biz",
    b"xyz", b"top", b"shop", b"online", b"site", b"link", b"dev", b"page", b"club",
];

fn is_currency(mark: &[u8]) -> bool {
    const SIGNS: [&str; 15] = ["$", "€", "£", "¥", "￥", "₹", "₽", "₦", "฿", "₫", "₩", "₺", "₪", "₴", "₱"];
    SIGNS.iter().any(|sign| sign.as_bytes() == mark)
}
