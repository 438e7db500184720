//! Numbers of digits alone, or of digits in groups.

use super::{
    super::{
        candidate::{Penalties, Shape},
        fold::CharClass,
        lexicon::Tags,
        tokens::Token,
    },
    digit_groups::{DigitGroups, Meaning},
    scanner::Scanner,
};

impl Scanner<'_> {
    /// Digits without letters, alone or in groups. Returns the token after them.
    pub(super) fn number(&mut self, start: usize) -> usize {
        let text = self.text;
        let digits = |token: Token| &text.bytes()[token.start as usize..token.end as usize];
        let mut groups = DigitGroups::new(digits(self.tokens[start]));
        let mut last = start;
        while let Some((separator, next)) = self.next_group(last) {
            self.steps += 1;
            // If they turn out to be separate numbers, they are examined again from the second on: hence a limit.
            let too_many = matches!(separator, b' ' | b':') && groups.count > 8;
            if too_many || !groups.push(separator, digits(self.tokens[next])) {
                break;
            }
            last = next;
        }
        let (first, end) = (self.tokens[start], self.tokens[last]);
        let before = self.symbol_before(start);
        let after = self.symbol_after(last);
        if groups.count > 1 {
            return self.grouped(&groups, start, last);
        }
        let mut penalties = Penalties::NONE;
        if before == Some(b'+') && first.len() >= 7 {
            penalties = Penalties::PHONE;
        }
        // `*131#` and `*121*3#` are for dialling, `6037****` is a card; `*123456*` is bold.
        let is_masked = (before == Some(b'*')) != (after == Some(b'*'));
        let is_dialled =
            after == Some(b'*') && self.is_joined_to_next(last + 1) && self.tokens[last + 2].is_ascii_word();
        if is_masked || is_dialled || after == Some(b'#') {
            penalties = penalties.with(Penalties::PHONE);
        }
        if before == Some(b'*') && self.symbol_before(start - 1) == Some(b'*') && after != Some(b'*') {
            penalties = penalties.with(Penalties::PHONE);
        }
        if matches!(before, Some(b'.' | b'/' | b'-' | b'_'))
            && start >= 2
            && self.tokens[start - 2].end == self.tokens[start - 1].start
            && self.tokens[start - 2].class != CharClass::Symbol
            && self.tokens[start - 2].class != CharClass::Unspaced
        {
            // The end of an identifier: `A/12345`, `INV-2024`. But `u-123456` is a Zulu prefix before a code.
            let part = self.tokens[start - 2];
            let is_prefix =
                before == Some(b'-') && part.class == CharClass::Letter && part.len() <= 4 && !self.is_upper(part);
            penalties =
                penalties.with(if before == Some(b'.') || is_prefix { Penalties::NONE } else { Penalties::FRAGMENT });
        }
        if before == Some(b'#') {
            penalties = penalties.with(Penalties::HASH_SIGN);
        }
        if matches!(after, Some(b'/' | b'-')) && last + 2 < self.tokens.len() && self.is_joined_to_next(last + 1)
            && self.tokens[last + 2].class == CharClass::Letter
            // An inflection after the number does not make it an identifier: "0429-ը", "482913-mi".
            && (after == Some(b'/') || self.tokens[last + 2].byte != 0 && self.tokens[last + 2].len() > 3)
        {
            penalties = penalties.with(Penalties::FRAGMENT);
        }
        if self.is_quoted(start, last) {
            penalties = penalties.with(Penalties::QUOTED);
        }
        penalties = penalties.with(self.quantity(start, last));
        self.push(first.start, end.end, first.start, Shape::Digits, first.len(), penalties);
        last + 1
    }

    /// Whether a quotation that began earlier ends with these tokens: `"your code is 123456"`, quoted by a warning.
    fn is_quoted(&self, start: usize, last: usize) -> bool {
        const CLOSE: [&str; 7] = ["'", "\"", "”", "“", "」", "』", "»"];
        const OPEN: [&str; 10] = ["'", "\"", "“", "„", "”", "「", "『", "«", "(", "<"];
        let is_quote = |token: Token, marks: &[&str]| {
            let symbol = &self.text.bytes()[token.start as usize..token.end as usize];
            token.class == CharClass::Symbol && marks.iter().any(|quote| quote.as_bytes() == symbol)
        };
        let closes = self.is_joined_to_next(last)
            && is_quote(self.tokens[last + 1], &CLOSE)
            && !(self.is_joined_to_next(last + 1) && self.tokens[last + 2].class == CharClass::Letter);
        let opens = start.checked_sub(1).is_some_and(|before| is_quote(self.tokens[before], &OPEN));
        closes && !opens
    }

    /// The separator and the next digits, if digits follow a group.
    fn next_group(&self, at: usize) -> Option<(u8, usize)> {
        let next = self.token(at + 1)?;
        let token = self.tokens[at];
        if next.class == CharClass::Digit && next.start == token.end + 1 {
            let alone = !self.is_joined_to_next(at + 1)
                || self.tokens[at + 2].class != CharClass::Letter
                || self.tokens[at + 2].byte == 0;
            return alone.then_some((b' ', at + 1));
        }
        let is_separator = next.class == CharClass::Symbol
            && next.start == token.end
            && matches!(next.byte, b'-' | b'.' | b',' | b':' | b'/' | b'_');
        let digits = self.token(at + 2)?;
        let joined = is_separator && digits.class == CharClass::Digit && digits.start == next.end;
        let alone = joined
            && (!self.is_joined_to_next(at + 2) || self.tokens[at + 3].class != CharClass::Letter || next.byte != b'-');
        alone.then_some((next.byte, at + 2))
    }

    /// Adds the candidate that digits in groups are, if any. Returns the token after it.
    fn grouped(&mut self, groups: &DigitGroups, start: usize, last: usize) -> usize {
        let (from, to) = (self.tokens[start].start, self.tokens[last].end);
        // Part of a number for dialling, or of a longer identifier.
        let outer = matches!(self.symbol_before(start), Some(b'+' | b'*' | b'_'))
            || matches!(self.symbol_after(last), Some(b'_' | b'/')) && self.is_joined_to_next(last + 1);
        match groups.meaning() {
            Meaning::Code(penalties) if !outer => {
                let penalties = penalties.with(self.quantity(start, last));
                self.push(from, to, from, Shape::Grouped, u32::from(groups.digits), penalties);
                last + 1
            }
            // The first number is a candidate of its own; the scan goes on with the second.
            Meaning::Separate => {
                let penalties = self.quantity(start, start);
                let token = self.tokens[start];
                // Three digits before other numbers are a part of something.
                if token.len() > 3 {
                    self.push(token.start, token.end, token.start, Shape::Digits, token.len(), penalties);
                }
                start + 1
            }
            _ => last + 1,
        }
    }

    /// The penalties for a currency, a unit or a percent sign next to these tokens.
    pub(super) fn quantity(&self, start: usize, last: usize) -> Penalties {
        let mut penalties = Penalties::NONE;
        let (from, to) = (self.tokens[start].start, self.tokens[last].end);
        let is_currency_sign = |token: Option<Token>| {
            token.is_some_and(|token| {
                token.class == CharClass::Symbol
                    && is_currency(&self.text.bytes()[token.start as usize..token.end as usize])
            })
        };
        let before = start.checked_sub(1).and_then(|at| self.token(at));
        let after = self.token(last + 1);
        if is_currency_sign(before.filter(|token| token.end + 1 >= from))
            || is_currency_sign(after.filter(|token| token.start <= to + 1))
        {
            penalties = penalties.with(Penalties::CURRENCY);
        }
        if after.is_some_and(|after| after.byte == b'%' && after.start <= to + 1) {
            penalties = penalties.with(Penalties::UNIT);
        }
        let near = &self.matches[self.next_match.saturating_sub(2).min(self.matches.len())..];
        for entry in near.iter().take(10) {
            if !entry.has(Tags::UNIT.or(Tags::CURRENCY)) {
                continue;
            }
            // `5 minutes`, `5分钟`; `Rs. 500`, `INR 500`.
            if entry.start >= to && entry.start <= to + 1 {
                penalties = penalties.with(Penalties::UNIT);
            }
            if entry.end <= from && entry.end + 2 >= from && entry.has(Tags::CURRENCY) {
                let between = &self.text.bytes()[entry.end as usize..from as usize];
                if matches!(between, b"" | b" " | b"." | b". ") {
                    penalties = penalties.with(Penalties::CURRENCY);
                }
            }
        }
        penalties
    }
}

fn is_currency(symbol: &[u8]) -> bool {
    const SIGNS: [&str; 15] = ["$", "€", "£", "¥", "￥", "₹", "₽", "₦", "฿", "₫", "₩", "₺", "₪", "₴", "₱"];
    SIGNS.iter().any(|sign| sign.as_bytes() == symbol)
}
