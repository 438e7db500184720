//! Finds the service that a code is for, in the spelling of the text.

mod header;
mod name_score;
mod names;

use self::{header::HeaderFinder, name_score::NameScorer, names::Name};
use super::{
    candidate::{Candidate, Shape},
    context::Context,
    document::Document,
};

/// The least score of a name that is taken for the service. The scale is that of [`NameScorer`].
const THRESHOLD: i32 = 40;

/// The name in the header of the text, else the best name in it, else one derived from the host, the prefix of the code
/// or the sender.
pub(super) fn find<'a>(
    document: &Document<'a>,
    context: &Context,
    candidate: Option<&Candidate>,
    host: Option<&'a str>,
    sender: &'a str,
) -> Option<&'a str> {
    let header = HeaderFinder { document, candidate };
    if let Some(name) = header.tag().or_else(|| header.heading()) {
        return Some(name);
    }
    let scorer = NameScorer { document, context, candidate };
    let mut best: Option<(i32, Name)> = None;
    names::for_each(document, candidate, host, |name| {
        let score = scorer.score(&name, host);
        if score >= THRESHOLD && best.is_none_or(|(highest, _)| score > highest) {
            best = Some((score, name));
        }
    });
    if let Some((_, name)) = best {
        return Some(document.written(name.start, name.end));
    }
    // Google and Facebook prefix their codes with their initials, often without naming themselves.
    let prefixed = candidate.filter(|candidate| candidate.shape == Shape::Prefixed);
    let prefix = prefixed.and_then(|candidate| match document.written(candidate.start, candidate.code_start) {
        "G-" => Some("Google"),
        "FB-" => Some("Facebook"),
        _ => None,
    });
    host.map(registrable_domain).or(prefix).or_else(|| sender_name(sender))
}

/// The part of a host that names its owner, by a heuristic: `example.com` of `login.example.com`.
fn registrable_domain(host: &str) -> &str {
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

/// The name in the sender, unless it is a number or a generic name.
fn sender_name(sender: &str) -> Option<&str> {
    // Indian sender ids have two letters for the network before the name, and one for the kind of message after it:
    // `VM-HDFCBK-S`.
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
