//! Who a code is for: the name of the service, in the text's own spelling.

use super::{
    judge::Judge,
    lexicon::Role,
    names::{Name, Names},
    normal::Kind,
    scan::{Candidate, Shape},
    terms::{Strength, Term},
};

/// Names with fewer points than this are none. The points are a scale of their own, and are measured like those of codes.
const SURE: i32 = 40;
/// The longest name that is found, in characters. (Patterns of operators may find longer ones.)
const MAX_CHARS: usize = 40;

pub(super) fn find<'a>(
    original: &'a str,
    judge: &Judge<'_>,
    candidate: Option<&Candidate>,
    host: Option<&'a str>,
    sender: &'a str,
    hash: Option<u32>,
) -> Option<&'a str> {
    let finder = Finder { original, judge, candidate };
    if let Some(name) = finder.tag().or_else(|| finder.head()) {
        return Some(name);
    }
    let mut best: Option<(i32, Name)> = None;
    Names::new(original, judge, candidate, hash).each(|name| {
        let points = finder.points(&name, host);
        if points >= SURE && best.is_none_or(|(most, _)| points > most) {
            best = Some((points, name));
        }
    });
    if let Some((_, name)) = best {
        return Some(finder.written(name.start, name.end));
    }
    // Google and Facebook write their codes with their initials, and need not say more.
    let prefix = candidate.filter(|candidate| candidate.shape == Shape::Prefixed).and_then(|candidate| {
        match &judge.text.bytes()[candidate.start as usize..candidate.typed as usize] {
            b"g-" => Some("Google"),
            b"fb-" => Some("Facebook"),
            _ => None,
        }
    });
    host.map(site).or(prefix).or_else(|| sender_name(sender))
}

/// The part of a host that people know: `example.com` of `login.example.com`.
fn site(host: &str) -> &str {
    let mut points = host.rmatch_indices('.').map(|(at, _)| at);
    let (top, second) = (points.next(), points.next());
    match (top, second) {
        (Some(top), Some(second)) => {
            // `example.co.uk`.
            let is_double = top - second <= 4 && host.len() - top == 3;
            let start = if is_double { points.next().map_or(0, |at| at + 1) } else { second + 1 };
            &host[start..]
        }
        _ => host,
    }
}

/// The name that a message was sent under, unless it is a number or says nothing.
fn sender_name(sender: &str) -> Option<&str> {
    // In India names have the network's two letters before them, and the kind of message behind: `VM-HDFCBK-S`.
    let name = match sender.as_bytes() {
        [a, b, b'-', ..] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => &sender[3..],
        _ => sender,
    };
    let name = name.strip_suffix("-S").or_else(|| name.strip_suffix("-T")).unwrap_or(name);
    const GENERIC: [&str; 22] = [
        "sms",
        "info",
        "otp",
        "code",
        "verify",
        "verifysms",
        "authmsg",
        "auth",
        "notice",
        "alert",
        "infosms",
        "smsinfo",
        "service",
        "msg",
        "message",
        "2fa",
        "security",
        "cloudotp",
        "otpmsg",
        "verif",
        "smsotp",
        "unknown",
    ];
    let is_name = name.chars().any(char::is_alphabetic) && !name.contains(['+', ':', '@']);
    (is_name && !GENERIC.iter().any(|generic| name.eq_ignore_ascii_case(generic))).then_some(name)
}

struct Finder<'a, 'j> {
    original: &'a str,
    judge: &'j Judge<'j>,
    candidate: Option<&'j Candidate>,
}

impl<'a> Finder<'a, '_> {
    fn written(&self, start: u32, end: u32) -> &'a str {
        self.judge.text.slice(self.original, start, end).trim_matches(|c: char| c.is_whitespace() || is_invisible(c))
    }

    /// The name in brackets at the start or at the end: 【…】, […], <…>.
    fn tag(&self) -> Option<&'a str> {
        // What Android's SMS Retriever, and the networks of Korea for messages from the web, put in front.
        const FRONTS: [&str; 5] = ["<#>", "[#]", "[Web발신]", "[국제발신]", "[국외발신]"];
        let text = FRONTS.iter().fold(self.original.trim(), |text, front| text.trim_start_matches(front).trim_start());
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
    fn head(&self) -> Option<&'a str> {
        let tokens = &self.judge.scan.tokens;
        let hits = &self.judge.hits;
        let first = tokens.iter().position(|token| {
            token.kind != Kind::Mark && token.end as usize > if self.judge.context.retriever { 3 } else { 0 }
        })?;
        let mut unknown = false;
        for (at, token) in tokens.iter().enumerate().skip(first).take(9) {
            if token.kind == Kind::Mark {
                let mark = &self.judge.text.bytes()[token.start as usize..token.end as usize];
                let before = tokens.get(at.checked_sub(1)?)?;
                let is_dash = matches!(mark, b"-") && before.end < token.start && tokens.get(at + 1)?.start > token.end;
                if at > first && (matches!(mark, b":" | b"\xEF\xBC\x9A") || is_dash) {
                    let name = self.written(tokens[first].start, before.end);
                    let is_address = self.judge.scan.addresses.iter().any(|&(start, end)| {
                        start < token.end && tokens[first].start < end && self.written(start, end).contains(['/', '@'])
                    });
                    return (unknown && !is_address && name.chars().count() <= MAX_CHARS).then_some(name);
                }
                if !matches!(mark, b"-" | b"." | b"'" | b"&" | b"+" | b"*") {
                    return None;
                }
                continue;
            }
            if self.candidate.is_some_and(|candidate| token.end > candidate.start)
                || self.judge.sentence(token.start) > 0
            {
                return None;
            }
            let near = hits.partition_point(|hit| hit.end <= token.start);
            // Without spaces, the words for the code are in one run with the name: "メルカリ認証番号:".
            let inner = hits[near..].iter().take(6).find(|hit| {
                hit.start >= token.start && hit.start < token.end && hit.is(Role::WORD.or(Role::CODE).or(Role::KIND))
            });
            if token.kind == Kind::Glyph
                && let Some(inner) = inner
            {
                return self.name_before(tokens[first].start, inner.start);
            }
            match hits[near..].iter().take(3).find(|hit| hit.start <= token.start && token.end <= hit.end) {
                None if token.kind == Kind::Glyph => unknown |= self.name_before(token.start, token.end).is_some(),
                None => unknown |= token.kind != Kind::Digit,
                Some(hit) if hit.is(Role::SERVICE) => unknown = true,
                // "Your code for Acme:" is no name, and "Acme login:" is one with more behind it.
                Some(hit) if hit.is(Role::WORD.or(Role::CODE).or(Role::IS).or(Role::VERB).or(Role::SECRET)) => {
                    return None;
                }
                Some(_) => {}
            }
        }
        None
    }

    /// The name in a run without spaces before the words for the code, without what addresses the reader: nobody's in
    /// "您的验证码", メルカリ's in "メルカリの認証番号".
    fn name_before(&self, start: u32, end: u32) -> Option<&'a str> {
        let hits = &self.judge.hits;
        let first = hits.partition_point(|hit| hit.start < start);
        let mut from = start;
        for hit in hits[first..].iter().take_while(|hit| hit.end <= end) {
            if hit.is(Role::LABEL) && !hit.is(Role::SERVICE) {
                return None;
            }
            if hit.start == from && !hit.is(Role::SERVICE) {
                from = hit.end;
            }
        }
        let name = self.written(from, end);
        let name = name.trim_end_matches(['の', '의', '的', '之']).trim_start_matches(|c: char| !c.is_alphanumeric());
        let digits = name.chars().filter(char::is_ascii_digit).count();
        (name.chars().count() >= 2 && digits < 4).then_some(name)
    }

    fn is_tag(&self, tag: &str) -> bool {
        let tag = tag.trim();
        let length = tag.chars().count();
        if !(2..=MAX_CHARS).contains(&length)
            || !tag.chars().any(char::is_alphabetic)
            || tag.contains(['\n', ':', '：', '=', '/'])
        {
            return false;
        }
        let start = tag.as_ptr() as usize - self.original.as_ptr() as usize;
        let end = start + tag.len();
        // A tag that holds the code, or that is nothing but words of the lexicon, is none.
        let inside = |at: u32| (start..end).contains(&self.judge.text.origin(at as usize));
        if self.candidate.is_some_and(|candidate| inside(candidate.typed)) {
            return false;
        }
        let mut unknown = 0;
        for token in self.judge.scan.tokens.iter().filter(|token| inside(token.start)) {
            if matches!(token.kind, Kind::Letter | Kind::Glyph) {
                let known = self
                    .judge
                    .hits
                    .iter()
                    .any(|hit| hit.start <= token.start && token.end <= hit.end && !hit.is(Role::SERVICE));
                unknown += usize::from(!known);
            }
        }
        unknown > 0
    }

    fn points(&self, name: &Name, host: Option<&str>) -> i32 {
        let tokens = &self.judge.scan.tokens;
        let last = name.last;
        let mut points: i32 = if name.known { 42 } else { 0 };
        let length = self.written(name.start, name.end).chars().count();
        if !(2..=MAX_CHARS).contains(&length) {
            return 0;
        }
        let after = tokens.get(last + 1);
        let is_head = name.head;
        let is_colon = after.is_some_and(|after| {
            let mark = &self.judge.text.bytes()[after.start as usize..after.end as usize];
            matches!(mark, b":" | b"\xEF\xBC\x9A" | b">" | b"|") || mark == b"-" && after.start > name.end
        });
        if is_head && is_colon {
            points += if name.proper { 70 } else { 50 };
        }
        let term = self.term_after(name);
        if let Some(term) = term {
            // "Your X code": at the start of a sentence a capital says little, but nobody starts "Enter code" with a name.
            points += match (name.proper, name.first, term.strength) {
                (true, ..) => 52,
                (false, false, Strength::Strong) if self.is_after_your(name) => 45,
                (false, ..) => 0,
            };
        } else if name.proper && !name.first {
            points += self.mid_sentence(name);
        } else if name.proper
            && name.first
            && after.is_none_or(|after| after.kind == Kind::Mark)
            && name.end as usize + 3 >= self.judge.text.bytes().len()
        {
            // A signature on its own line.
            points += 44;
        }
        if let Some(host) = host {
            let key: String = self
                .written(name.start, name.end)
                .chars()
                .filter(|c| c.is_alphanumeric())
                .flat_map(char::to_lowercase)
                .collect();
            let host: String = host.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
            if key.len() >= 3 && host.contains(&key) {
                points += 60;
            }
        }
        // "Ref: KGYT", "(KGYT)": a reference.
        let hits = &self.judge.hits;
        let before = hits.partition_point(|hit| hit.end <= name.start);
        let labelled = before.checked_sub(1).is_some_and(|last| {
            hits[last].is(Role::LABEL)
                && !hits[last].is(Role::SERVICE.or(Role::IS))
                && name.start - hits[last].end <= 3
                && self.judge.text.kinds[hits[last].end as usize..name.start as usize].contains(&Kind::Mark)
        });
        let bracketed = name.start > 0 && self.judge.text.bytes()[name.start as usize - 1] == b'(';
        if (labelled || bracketed) && !name.known {
            points -= 40;
        }
        // "Dear Jithu," is who it is to.
        let is_comma = after.is_some_and(|after| after.byte == b',');
        if is_comma && name.start < 40 && !name.known {
            points -= 40;
        }
        points
    }

    /// The word for a code that a name stands before, with nothing but words of the lexicon between.
    fn term_after(&self, name: &Name) -> Option<&Term> {
        let hits = &self.judge.hits;
        let first = hits.partition_point(|hit| hit.start < name.end);
        let mut at = name.end;
        for hit in hits[first..].iter().take(3) {
            // Words of the lexicon may overlap.
            let gap = &self.judge.text.bytes()[at.min(hit.start) as usize..hit.start as usize];
            if gap.len() > 2 || gap.iter().any(|byte| !matches!(byte, b' ' | b'-' | b'\'')) {
                return None;
            }
            if let Some(term) = self.judge.term_at(hit.start).filter(|term| term.strength != Strength::Hint) {
                return Some(term);
            }
            if !hit.is(Role::KIND.or(Role::LABEL).or(Role::ACT).or(Role::SERVICE).or(Role::PLAIN)) {
                return None;
            }
            at = hit.end;
        }
        None
    }

    fn is_after_your(&self, name: &Name) -> bool {
        let hits = &self.judge.hits;
        let first = hits.partition_point(|hit| hit.end <= name.start);
        first
            .checked_sub(1)
            .is_some_and(|last| hits[last].end + 1 == name.start && hits[last].is(Role::IS.or(Role::PLAIN)))
    }

    /// The points of a capital in the middle of a sentence.
    fn mid_sentence(&self, name: &Name) -> i32 {
        let sentence = self.judge.sentence(name.start);
        let near = self.candidate.is_none_or(|candidate| self.judge.sentence(candidate.start) == sentence)
            || self.judge.has_term(sentence);
        let hits = &self.judge.hits;
        let first = hits.partition_point(|hit| hit.end <= name.start);
        let after_term = first.checked_sub(1).is_some_and(|last| {
            hits[last].is(Role::CODE.or(Role::WORD).or(Role::KIND).or(Role::ACT)) && name.start - hits[last].end <= 10
        });
        let ends = self.judge.scan.tokens.get(name.last + 1).is_none_or(|after| after.kind == Kind::Mark);
        match (near, after_term) {
            (true, true) => 48,
            (true, false) if ends => 44,
            (true, false) => 41,
            (false, _) if ends && name.end as usize + 3 >= self.judge.text.bytes().len() => 44,
            (false, _) => 20,
        }
    }
}

fn is_invisible(c: char) -> bool {
    matches!(c as u32, 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0xFEFF | 0xAD | 0x61C)
}
