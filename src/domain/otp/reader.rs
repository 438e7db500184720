//! Reading: from a text to its type, code and service.

use super::{
    judge::{Judge, THRESHOLD},
    lexicon::{Hit, Lexicon, Role},
    normal::{Kind, Normal, offset},
    scan::{Candidate, Scan, Shape, scan},
    service,
    terms::Strength,
};
use crate::domain::MessageType;

/// What was read from a text.
pub(super) struct Found<'a> {
    pub(super) message_type: MessageType,
    pub(super) code: Option<FoundCode<'a>>,
    /// How many steps it took: what the test of linearity counts.
    #[cfg_attr(not(test), expect(dead_code, reason = "a test counts them"))]
    pub(super) steps: usize,
}

pub(super) struct FoundCode<'a> {
    pub(super) code: String,
    pub(super) service: Option<&'a str>,
    pub(super) points: i32,
}

/// The points of what needs no guessing.
const SURE: i32 = 100;

const NOTHING: Found<'static> = Found { message_type: MessageType::Sms, code: None, steps: 0 };

/// A text, and what was found in it.
struct Seen {
    text: Normal,
    hits: Vec<Hit>,
    scan: Scan,
    /// Where the hash of an application starts.
    hash: Option<u32>,
}

impl Seen {
    fn of(original: &str) -> Option<Self> {
        let lexicon = Lexicon::get()?;
        let text = Normal::of(original);
        let mut hits = Vec::with_capacity(32);
        lexicon.find(&text, original, &mut hits);
        let mut scan = scan(&text, original, &hits);
        let hash = retriever_hash(&text, original, &scan);
        if let Some(hash) = hash {
            scan.candidates.retain(|candidate| candidate.end <= hash);
        }
        Some(Self { text, hits, scan, hash })
    }

    fn judge(&self) -> Judge<'_> {
        let bytes = self.text.bytes();
        let retriever = bytes.starts_with(b"<#>") || bytes.starts_with(b"[#]") && self.hash.is_some();
        Judge::new(&self.text, &self.hits, &self.scan, retriever)
    }
}

pub(super) fn read<'a>(original: &'a str, sender: &'a str) -> Found<'a> {
    let Some(seen) = Seen::of(original) else { return NOTHING };
    let judge = seen.judge();
    let found = if let Some((host, code)) = origin_bound(original, &seen) {
        let service = service::find(original, &judge, None, Some(host), sender, seen.hash);
        Some(FoundCode { code: code.to_owned(), service, points: SURE })
    } else {
        best(&judge).map(|(candidate, points)| {
            let service = service::find(original, &judge, Some(&candidate), None, sender, seen.hash);
            FoundCode { code: typed(&seen.text, original, &candidate), service, points }
        })
    };
    let message_type = match &found {
        Some(_) => MessageType::Otp,
        None if is_verification(&judge) => MessageType::Verification,
        None => MessageType::Sms,
    };
    Found { message_type, code: found, steps: seen.scan.steps + seen.hits.len() + judge.steps.get() }
}

/// The best candidate, if it has enough points, its own or for what a text without a word for a code says; of two that
/// are alike the earlier. A text without numbers may have a code of letters.
fn best(judge: &Judge<'_>) -> Option<(Candidate, i32)> {
    let mut best: Option<(Candidate, i32)> = None;
    for candidate in &judge.scan.candidates {
        let points = judge.points(candidate);
        if best.is_none_or(|(_, most)| points > most) {
            best = Some((*candidate, points));
        }
    }
    let Some((candidate, points)) = best else { return letters(judge).map(|candidate| (candidate, THRESHOLD)) };
    if points >= THRESHOLD {
        return Some((candidate, points));
    }
    let points = points + bare(judge, &candidate);
    (points >= THRESHOLD).then_some((candidate, points))
}

/// The points of texts without a word for a code: the number alone, or with what to do with it.
fn bare(judge: &Judge<'_>, candidate: &Candidate) -> i32 {
    let is_code =
        matches!(candidate.shape, Shape::Digits | Shape::Grouped | Shape::Prefixed) && (4..=8).contains(&candidate.len);
    let is_code = is_code || candidate.shape == Shape::Mixed && (5..=8).contains(&candidate.len);
    if !is_code || judge.context.trade > 1 {
        return 0;
    }
    let text = judge.text;
    let words = |from: usize, to: usize| {
        text.kinds[from..to].iter().any(|kind| matches!(kind, Kind::Letter | Kind::Glyph | Kind::Digit))
    };
    let (before, after) = (words(0, candidate.start as usize), words(candidate.end as usize, text.bytes().len()));
    if !before && !after && candidate.shape != Shape::Mixed && text.bytes().len() <= 32 {
        return 60;
    }
    let tie = judge.tie(candidate);
    if tie.label {
        return 0;
    }
    // Another number that could be meant as well: then neither is sure.
    let rivals = judge.scan.candidates.iter().filter(|other| {
        other.start != candidate.start
            && other.shape != Shape::Mixed
            && judge.points(other) + 12 > judge.points(candidate)
    });
    let alone = rivals.count() == 0;
    let sentence = judge.sentence(candidate.start);
    let acts = judge.hits.iter().any(|hit| hit.is(Role::ACT.or(Role::KIND)) && judge.sentence(hit.start) == sentence);
    let known = judge.hits.iter().all(|hit| hit.is(Role::SERVICE)) && !judge.hits.is_empty();
    let any_service = judge.hits.iter().any(|hit| hit.is(Role::SERVICE));
    let short = text.chars <= 160;
    let money = Role::MONEY.or(Role::UNIT).or(Role::TRADE).or(Role::LABEL);
    let is_round = text.bytes()[..candidate.end as usize].ends_with(b"00");
    let is_amount =
        is_round || judge.hits.iter().any(|hit| hit.is(money) && !hit.is(Role::ACT.or(Role::KIND).or(Role::PLAIN)));
    match (tie.verb, acts) {
        (true, true) if alone => 24,
        (true, true) => 16,
        _ if candidate.shape == Shape::Mixed => 0,
        _ if judge.context.others > 0 => 0,
        (true, false) if alone && short => 22,
        (false, true) if alone && short && !before && candidate.len >= 5 => 36,
        // "Register with 482913", in whatever words. Round numbers are amounts.
        (false, true)
            if alone && text.chars <= 60 && !is_amount && (candidate.len == 6 || tie.act && candidate.len < 6) =>
        {
            36
        }
        (false, _) if alone && known && text.chars <= 40 => 40,
        (false, _) if alone && short && text.chars <= 30 && any_service => 40,
        _ => 0,
    }
}

/// A code of letters alone. Nothing but its place tells it from a word: at the end of a text without digits, behind a
/// colon, behind a word that says "one-time code" by itself.
fn letters(judge: &Judge<'_>) -> Option<Candidate> {
    if judge.text.kinds.contains(&Kind::Digit) || judge.context.trade > 0 {
        return None;
    }
    let tokens = &judge.scan.tokens;
    let last = tokens.len().checked_sub(1)?;
    let (word, colon) = (tokens[last], *tokens.get(last.checked_sub(1)?)?);
    let len = word.end - word.start;
    let is_word = word.kind == Kind::Letter && word.byte != 0 && (4..=8).contains(&len);
    let term = judge.context.terms.last()?;
    let follows = colon.byte == b':'
        && term.end <= colon.start
        && colon.start - term.end <= 1
        && term.strength == Strength::Strong;
    let is_known = judge.hits.iter().any(|hit| hit.start < word.end && word.start < hit.end);
    (is_word && follows && !is_known && !term.warns).then(|| Candidate {
        start: word.start,
        end: word.end,
        typed: word.start,
        shape: Shape::Letters,
        len: u8::try_from(len).unwrap_or(u8::MAX),
        doubt: super::scan::Doubt::NONE,
    })
}

/// The code as it is typed: without separators, its digits ASCII, its letters as they are written.
fn typed(text: &Normal, original: &str, candidate: &Candidate) -> String {
    (candidate.typed as usize..candidate.end as usize)
        .filter_map(|at| match (text.kinds[at], text.bytes()[at]) {
            (Kind::Digit, digit) => Some(char::from(digit)),
            (Kind::Letter, letter) => {
                let is_upper = original[text.origin(at)..].chars().next().is_some_and(char::is_uppercase);
                Some(char::from(if is_upper { letter.to_ascii_uppercase() } else { letter }))
            }
            _ => None,
        })
        .collect()
}

/// The host and the code of a text in the origin-bound format of the WICG: `@example.com #123456` as its last line,
/// where another host may follow (`@` or, from Apple, `%`).
///
/// Some networks lose line ends: then the code has to stand in the text as well. Others write something alike
/// (`@m.facebook.com #fb`), so that a code needs a digit.
fn origin_bound<'a>(text: &'a str, seen: &Seen) -> Option<(&'a str, &'a str)> {
    let hash = text.rfind(" #")?;
    let (before, after) = (&text[..hash], &text[hash + 2..]);
    let at = before.rfind('@')?;
    let host = &before[at + 1..];
    let is_host = host.contains('.')
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':'));
    let mut words = after.split_whitespace();
    let code = words.next()?;
    let ends = words.all(|word| word.starts_with(['@', '%']));
    let is_code = (4..=10).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && code.bytes().any(|byte| byte.is_ascii_digit());
    let front = &before[..at];
    let is_line = front.is_empty() || front.ends_with('\n');
    let is_told = || {
        let same = |candidate: &Candidate| typed(&seen.text, text, candidate).eq_ignore_ascii_case(code);
        front.ends_with(char::is_whitespace) && seen.scan.candidates.iter().filter(|other| same(other)).count() > 1
    };
    (is_host && is_code && ends && (is_line || is_told())).then_some((host, code))
}

/// Where the hash of an application starts, at the end of a text for Android's SMS Retriever: 11 characters of base64,
/// of which some senders cut off the last. Of a name at the end it is told by its digits, or by its capitals.
fn retriever_hash(text: &Normal, original: &str, scan: &Scan) -> Option<u32> {
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
    let in_address = scan.addresses.last().is_some_and(|&(start, _)| start as usize <= from && from < bytes.len());
    (is_long && is_mixed && is_random && !in_address).then(|| offset(from))
}

/// Parts of addresses that one is sent to confirm something.
const PATHS: [&[u8]; 10] =
    [b"verif", b"confirm", b"reset", b"auth", b"login", b"signin", b"activate", b"password", b"/l/", b"magic"];

/// Whether a text without a code asks to confirm something, by a link or a reply.
fn is_verification(judge: &Judge<'_>) -> bool {
    let roles = judge.hits.iter().fold(Role::default(), |roles, hit| roles.or(hit.role));
    let link = judge.scan.has_link;
    let told = judge.scan.addresses.iter().any(|&(start, end)| {
        let address = &judge.text.bytes()[start as usize..end as usize];
        PATHS.iter().any(|path| address.windows(path.len()).any(|part| part == *path))
    });
    let may = if told { judge.context.trade <= 1 } else { judge.context.trade == 0 };
    if !may || !(link || roles.any(Role::ALERT.or(Role::LINK))) {
        return false;
    }
    let alerts = judge.hits.iter().filter(|hit| hit.is(Role::ALERT)).count();
    let is = |what: bool, points: i32| if what { points } else { 0 };
    let points = is(link, 2)
        + is(told, 2)
        + [0, 3, 5][alerts.min(2)]
        + is(roles.any(Role::LINK), 2)
        + is(roles.any(Role::KIND), 2)
        + is(roles.any(Role::ACT), 1)
        // "Reset your password."
        + is(roles.any(Role::ACT) && roles.any(Role::WORD.or(Role::CODE)), 1)
        + is(roles.any(Role::CUE), 1)
        - is(roles.any(Role::MONEY), 2)
        - is(roles.any(Role::OTHER), 2);
    points >= 6
}

/// What the reader saw, for those who extend the lexicon.
pub(super) fn explain(original: &str) -> String {
    let Some(seen) = Seen::of(original) else { return String::new() };
    let judge = seen.judge();
    let written = |start: u32, end: u32| &seen.text.text[start as usize..end as usize];
    let words = seen.hits.iter().map(|hit| format!("word    {:24} {}\n", written(hit.start, hit.end), hit.role));
    let terms = judge.context.terms.iter().map(|term| {
        let warns = if term.warns { ", in a warning" } else { "" };
        format!("term    {:24} {:?}{warns}\n", written(term.start, term.end), term.strength)
    });
    let numbers = seen.scan.candidates.iter().map(|candidate| {
        let (tie, points) = (judge.tie(candidate), judge.points(candidate));
        let bare = match bare(&judge, candidate) {
            0 => String::new(),
            bare => format!(", and {bare} for a text without a word for a code"),
        };
        format!("number  {:24} {points} points of {THRESHOLD}, {tie}{bare}\n", written(candidate.start, candidate.end))
    });
    let bound = origin_bound(original, &seen).map(|(host, code)| format!("bound   {code:24} to {host}\n"));
    let hash = seen.hash.map(|hash| format!("hash    {}\n", &seen.text.text[hash as usize..]));
    words.chain(terms).chain(numbers).chain(bound).chain(hash).collect()
}
