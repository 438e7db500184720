//! Reads a text: its type, and its code with the service.

use super::{
    candidate::Candidate,
    context::Context,
    document::Document,
    keywordless::keywordless_bonus,
    letters::code_of_letters,
    origin_bound,
    scorer::{Scorer, THRESHOLD},
    service,
    verification::is_verification,
};
use crate::domain::MessageType;

/// What was read from a text.
pub(super) struct Reading<'a> {
    pub(super) message_type: MessageType,
    pub(super) code: Option<ScoredCode<'a>>,
    /// The number of steps taken.
    #[cfg_attr(not(test), expect(dead_code, reason = "a test counts them"))]
    pub(super) steps: usize,
}

pub(super) struct ScoredCode<'a> {
    pub(super) code: String,
    pub(super) service: Option<&'a str>,
    pub(super) points: i32,
}

/// The score of a code in a format that leaves no doubt.
const CERTAIN: i32 = 100;

pub(super) fn read<'a>(original: &'a str, sender: &'a str) -> Reading<'a> {
    let Some(document) = Document::of(original) else {
        return Reading { message_type: MessageType::Sms, code: None, steps: 0 };
    };
    let context = Context::of(&document);
    let code = if let Some((host, code)) = origin_bound::find(&document) {
        let service = service::find(&document, &context, None, Some(host), sender);
        Some(ScoredCode { code: code.to_owned(), service, points: CERTAIN })
    } else {
        best(&Scorer { document: &document, context: &context }).map(|(candidate, points)| {
            let service = service::find(&document, &context, Some(&candidate), None, sender);
            ScoredCode { code: document.code_of(&candidate), service, points }
        })
    };
    let message_type = match &code {
        Some(_) => MessageType::Otp,
        None if is_verification(&document, &context) => MessageType::Verification,
        None => MessageType::Sms,
    };
    Reading { message_type, code, steps: document.steps() }
}

/// The candidate with the highest score, if that reaches the threshold; of equal ones, the first. If there is none, a
/// code of letters.
fn best(scorer: &Scorer<'_, '_>) -> Option<(Candidate, i32)> {
    let mut best: Option<(Candidate, i32)> = None;
    for candidate in &scorer.document.candidates {
        let score = scorer.score(candidate);
        if best.is_none_or(|(_, highest)| score > highest) {
            best = Some((*candidate, score));
        }
    }
    let best = best.map(|(candidate, score)| {
        (candidate, if score >= THRESHOLD { score } else { score + keywordless_bonus(scorer, &candidate) })
    });
    let best = best.filter(|(_, score)| *score >= THRESHOLD);
    // Letters directly after a keyword are rather the code than a number elsewhere.
    if best.as_ref().is_some_and(|(candidate, _)| scorer.evidence(candidate).direct) {
        return best;
    }
    code_of_letters(scorer, best.is_some()).map(|candidate| (candidate, THRESHOLD)).or(best)
}
