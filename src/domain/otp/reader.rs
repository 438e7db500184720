//! Reading: from a text to its type, code and service.

use super::{
    judge::{Judge, Strength, THRESHOLD},
    lexicon::{Lexicon, Role},
    normal::{Kind, Normal},
    scan::{Candidate, Scan, Shape, scan},
    service,
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

const NOTHING: Found<'static> = Found { message_type: MessageType::Sms, code: None, steps: 0 };

pub(super) fn read<'a>(original: &'a str, sender: &'a str) -> Found<'a> {
    let Some(lexicon) = Lexicon::get() else { return NOTHING };
    let text = Normal::of(original);
    let mut hits = Vec::with_capacity(32);
    lexicon.find(&text, original, &mut hits);
    let mut scan = scan(&text, original, &hits);
    let hash = retriever_hash(&text, original, &scan);
    if let Some((start, _)) = hash {
        scan.candidates.retain(|candidate| candidate.end <= start);
    }
    let bound = origin_bound(original);
    let is_for_android = text.bytes().starts_with(b"<#>") || text.bytes().starts_with(b"[#]") || hash.is_some();
    let mut judge = Judge::new(&text, &hits, &scan, is_for_android && text.bytes().starts_with(b"<#>"));
    judge.context.retriever |= hash.is_some_and(|_| text.bytes().starts_with(b"[#]"));
    let steps = || scan.steps + hits.len() + judge.steps.get();

    if let Some((host, code)) = bound {
        let service = service::find(original, &judge, None, Some(host), sender, hash.map(|(start, _)| start));
        return Found {
            message_type: MessageType::Otp,
            code: Some(FoundCode { code: code.to_owned(), service, points: 100 }),
            steps: steps(),
        };
    }
    if let Some((candidate, points)) = best(&judge) {
        let service = service::find(original, &judge, Some(&candidate), None, sender, hash.map(|(start, _)| start));
        let code = typed(&text, original, &candidate);
        return Found {
            message_type: MessageType::Otp,
            code: Some(FoundCode { code, service, points }),
            steps: steps(),
        };
    }
    let message_type = if is_verification(&judge) { MessageType::Verification } else { MessageType::Sms };
    Found { message_type, code: None, steps: steps() }
}

/// The best candidate that reaches the threshold; of two that are alike the earlier.
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
    match (tie.verb || tie.act && text.chars <= 60 && candidate.len <= 6, acts) {
        (true, true) if alone => 24,
        (true, true) => 16,
        _ if candidate.shape == Shape::Mixed => 0,
        _ if judge.context.others > 0 => 0,
        (true, false) if alone && short => 22,
        (false, true) if alone && short && !before && candidate.len >= 5 => 36,
        (false, _) if alone && known && text.chars <= 40 => 40,
        (false, _) if alone && short && text.chars <= 30 && any_service && judge.context.others == 0 => 40,
        _ => 0,
    }
}

/// A code of letters alone, which nothing but its place tells from a word: behind "passcode:", at the end.
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

/// The host and the code of a text in the origin-bound format of the WICG: `@example.com #123456`,
/// at the end or before another host.
///
/// Others write something alike (`@m.facebook.com #fb`), so that a code needs a digit.
fn origin_bound(text: &str) -> Option<(&str, &str)> {
    let hash = text.rfind(" #")?;
    let (before, code) = (&text[..hash], &text[hash + 2..]);
    let at = before.rfind('@')?;
    let host = &before[at + 1..];
    let is_start = before[..at].chars().next_back().is_none_or(char::is_whitespace);
    let is_host = host.contains('.')
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':'));
    let code = code.split_whitespace().next()?;
    let is_code = (4..=10).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && code.bytes().any(|byte| byte.is_ascii_digit());
    (is_start && is_host && is_code).then_some((host, code))
}

/// The hash of an application at the end of a text for Android's SMS Retriever: 11 characters of
/// base64, which some senders cut off.
fn retriever_hash(text: &Normal, original: &str, scan: &Scan) -> Option<(u32, u32)> {
    let mut from = text.bytes().len();
    while from > 0 && matches!(text.bytes()[from - 1], b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/') {
        from -= 1;
    }
    let hash = &original[text.origin(from).min(original.len())..].trim_end();
    let is_hash = (10..=11).contains(&hash.len())
        && hash.bytes().any(|byte| byte.is_ascii_uppercase())
        && hash.bytes().any(|byte| byte.is_ascii_lowercase());
    let is_token =
        !scan.addresses.last().is_some_and(|&(start, _)| start as usize <= from && from < text.bytes().len());
    (is_hash && is_token).then(|| (super::normal::offset(from), super::normal::offset(text.bytes().len())))
}

/// Parts of addresses that one is sent to confirm something.
const PATHS: [&[u8]; 10] =
    [b"verif", b"confirm", b"reset", b"auth", b"login", b"signin", b"activate", b"password", b"/l/", b"magic"];

/// Whether a text without a code asks to confirm something, by a link or a reply.
fn is_verification(judge: &Judge<'_>) -> bool {
    let roles = judge.hits.iter().fold(Role::default(), |roles, hit| roles.or(hit.role));
    let link = judge.scan.has_link;
    if judge.context.trade > 0 || !(link || roles.any(Role::ALERT.or(Role::LINK))) {
        return false;
    }
    let told = judge.scan.addresses.iter().any(|&(start, end)| {
        let address = &judge.text.bytes()[start as usize..end as usize];
        PATHS.iter().any(|path| address.windows(path.len()).any(|part| part == *path))
    });
    let alerts = judge.hits.iter().filter(|hit| hit.is(Role::ALERT)).count();
    let mut points = 0;
    points += if link { 2 } else { 0 };
    points += if told { 2 } else { 0 };
    points += match alerts {
        0 => 0,
        1 => 3,
        _ => 5,
    };
    points += if roles.any(Role::LINK) { 2 } else { 0 };
    points += if roles.any(Role::KIND) { 2 } else { 0 };
    points += if roles.any(Role::ACT) { 1 } else { 0 };
    points += if roles.any(Role::CUE) { 1 } else { 0 };
    points -= if roles.any(Role::MONEY) { 2 } else { 0 };
    points -= if roles.any(Role::OTHER) { 2 } else { 0 };
    points >= 6
}

/// What the reader saw, for those who extend the lexicon.
pub(super) fn explain(original: &str) -> String {
    let Some(lexicon) = Lexicon::get() else { return String::new() };
    let text = Normal::of(original);
    let mut hits = Vec::new();
    lexicon.find(&text, original, &mut hits);
    let scan = scan(&text, original, &hits);
    let judge = Judge::new(&text, &hits, &scan, false);
    let written = |start: u32, end: u32| String::from_utf8_lossy(&text.bytes()[start as usize..end as usize]);
    let words = hits.iter().map(|hit| format!("word    {:24} {}\n", written(hit.start, hit.end), hit.role));
    let terms = judge.context.terms.iter().map(|term| {
        let warns = if term.warns { ", in a warning" } else { "" };
        format!("term    {:24} {:?}{warns}\n", written(term.start, term.end), term.strength)
    });
    let numbers = scan.candidates.iter().map(|candidate| {
        let (tie, points) = (judge.tie(candidate), judge.points(candidate));
        format!("number  {:24} {points} points of {THRESHOLD}, {tie}\n", written(candidate.start, candidate.end))
    });
    words.chain(terms).chain(numbers).collect()
}
