//! Codes in texts without a keyword: a number alone, a number with an instruction or a purpose.

use super::{
    candidate::{Candidate, Shape},
    fold::CharClass,
    lexicon::Tags,
    lines,
    scorer::Scorer,
};

/// Points for a candidate in a text without keywords: alone, or with what to do with it.
pub(super) fn keywordless_bonus(scorer: &Scorer<'_, '_>, candidate: &Candidate) -> i32 {
    let (document, context) = (scorer.document, scorer.context);
    let is_code =
        matches!(candidate.shape, Shape::Digits | Shape::Grouped | Shape::Prefixed) && (4..=8).contains(&candidate.len);
    let is_code = is_code || candidate.shape == Shape::Mixed && (5..=8).contains(&candidate.len);
    // With what to do with it and what for, a code may have any length.
    let is_unusual = !is_code && matches!(candidate.shape, Shape::Digits | Shape::Grouped);
    if !(is_code || is_unusual) || context.commerce > 1 || context.is_receipt() {
        return 0;
    }
    if context.has_fixed && !context.has_driver || context.has_offer && !context.has_purpose {
        return 0;
    }
    let text = &document.text;
    let has_words = |from: usize, to: usize| {
        text.classes[from..to]
            .iter()
            .any(|class| matches!(class, CharClass::Letter | CharClass::Unspaced | CharClass::Digit))
    };
    let (before, after) =
        (has_words(0, candidate.start as usize), has_words(candidate.end as usize, text.bytes().len()));
    if !before && !after && is_code && candidate.shape != Shape::Mixed && text.bytes().len() <= 32 {
        return 60;
    }
    let evidence = scorer.evidence(candidate);
    if evidence.label {
        return 0;
    }
    // Rivals: other candidates with about the same score.
    let rivals = document.candidates.iter().filter(|other| {
        other.start != candidate.start
            && other.shape != Shape::Mixed
            && scorer.score(other) + 12 > scorer.score(candidate)
    });
    let alone = rivals.count() == 0;
    let sentence = document.sentence_at(candidate.start);
    let has_purpose = document
        .matches
        .iter()
        .any(|entry| entry.has(Tags::PURPOSE.or(Tags::QUALIFIER)) && document.sentence_at(entry.start) == sentence);
    let only_services = document.matches.iter().all(|entry| entry.has(Tags::SERVICE)) && !document.matches.is_empty();
    let has_service = document.matches.iter().any(|entry| entry.has(Tags::SERVICE));
    let is_short = text.char_count <= 160;
    // How long a code is valid is no amount.
    let units = if context.cues > 0 { Tags::default() } else { Tags::UNIT };
    let quantities = Tags::CURRENCY.or(units).or(Tags::COMMERCE).or(Tags::LABEL);
    let is_round = text.bytes()[..candidate.end as usize].ends_with(b"00");
    let no_quantities = Tags::PURPOSE.or(Tags::QUALIFIER).or(Tags::STOPWORD).or(Tags::CUE);
    let is_amount = is_round || document.matches.iter().any(|entry| entry.has(quantities) && !entry.has(no_quantities));
    // "Type this in the app to sign in", then the number on a line of its own, or the number with its validity.
    if alone && lines::is_alone(document, candidate) && text.char_count <= 300 {
        let has_verb = document.matches.iter().any(|entry| entry.has(Tags::VERB));
        let is_whole_text = !before && context.cues > 0 && text.line_ends.is_empty();
        if has_verb && context.has_purpose || is_whole_text {
            return 36;
        }
    }
    let has_heading = !before
        || document.before_quotes(candidate.start).checked_sub(1).is_some_and(|at| document.is_colon(at))
            && sentence == 0
            && candidate.start <= 60;
    match (evidence.verb, has_purpose) {
        (true, true) if alone => 24,
        (true, true) => 16,
        _ if is_unusual => 0,
        _ if candidate.shape == Shape::Mixed => 0,
        _ if context.disqualified > 0 => 0,
        (true, false) if alone && is_short => 22,
        (false, true) if alone && is_short && !before && candidate.len >= 5 => 36,
        // "Acme: 7712 to confirm your number."
        (false, true) if alone && is_short && !is_amount && has_heading && is_before_purpose(scorer, candidate) => 36,
        // "Register with 482913", or similar. Round numbers are amounts.
        (false, true)
            if alone
                && text.char_count <= 60
                && !is_amount
                && (candidate.len == 6 || evidence.purpose && candidate.len < 6) =>
        {
            36
        }
        (false, _) if alone && only_services && text.char_count <= 40 => 40,
        (false, _) if alone && is_short && text.char_count <= 30 && has_service => 40,
        _ => 0,
    }
}

/// Whether what a code is for follows directly: "7712 to confirm".
fn is_before_purpose(scorer: &Scorer<'_, '_>, candidate: &Candidate) -> bool {
    let (document, mut at) = (scorer.document, candidate.end);
    let first = document.matches.partition_point(|entry| entry.start < candidate.end);
    for entry in document.matches[first..].iter().take(3) {
        if !document.is_adjacent(at, entry.start) {
            return false;
        }
        if entry.has(Tags::PURPOSE) {
            return true;
        }
        at = entry.end;
    }
    false
}
