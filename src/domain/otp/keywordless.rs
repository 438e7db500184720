//! Codes in texts without a keyword: a number alone, a number with an instruction or a purpose, a word after
//! "passcode:".

use super::{
    candidate::{Candidate, Penalties, Shape},
    context::Strength,
    fold::CharClass,
    lexicon::Tags,
    scorer::Scorer,
};

/// Points for a candidate in a text without keywords: alone, or with what to do with it.
pub(super) fn keywordless_bonus(scorer: &Scorer<'_, '_>, candidate: &Candidate) -> i32 {
    let (document, context) = (scorer.document, scorer.context);
    let is_code =
        matches!(candidate.shape, Shape::Digits | Shape::Grouped | Shape::Prefixed) && (4..=8).contains(&candidate.len);
    let is_code = is_code || candidate.shape == Shape::Mixed && (5..=8).contains(&candidate.len);
    if !is_code || context.commerce > 1 {
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
    if !before && !after && candidate.shape != Shape::Mixed && text.bytes().len() <= 32 {
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
    let quantities = Tags::CURRENCY.or(Tags::UNIT).or(Tags::COMMERCE).or(Tags::LABEL);
    let is_round = text.bytes()[..candidate.end as usize].ends_with(b"00");
    let is_amount = is_round
        || document
            .matches
            .iter()
            .any(|entry| entry.has(quantities) && !entry.has(Tags::PURPOSE.or(Tags::QUALIFIER).or(Tags::STOPWORD)));
    match (evidence.verb, has_purpose) {
        (true, true) if alone => 24,
        (true, true) => 16,
        _ if candidate.shape == Shape::Mixed => 0,
        _ if context.disqualified > 0 => 0,
        (true, false) if alone && is_short => 22,
        (false, true) if alone && is_short && !before && candidate.len >= 5 => 36,
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

/// A code of letters alone. Only its position distinguishes it from a word: at the end of a text without digits, after
/// a strong keyword and a colon.
pub(super) fn code_of_letters(scorer: &Scorer<'_, '_>) -> Option<Candidate> {
    let (document, context) = (scorer.document, scorer.context);
    if document.text.classes.contains(&CharClass::Digit) || context.commerce > 0 {
        return None;
    }
    let tokens = &document.tokens;
    let last = tokens.len().checked_sub(1)?;
    let (word, colon) = (tokens[last], *tokens.get(last.checked_sub(1)?)?);
    let len = word.end - word.start;
    let is_word = word.class == CharClass::Letter && word.byte != 0 && (4..=8).contains(&len);
    let keyword = context.keywords.last()?;
    let follows = colon.byte == b':'
        && keyword.end <= colon.start
        && colon.start - keyword.end <= 1
        && keyword.strength == Strength::Strong;
    let is_known = document.matches.iter().any(|entry| entry.start < word.end && word.start < entry.end);
    (is_word && follows && !is_known && !keyword.in_warning).then(|| Candidate {
        start: word.start,
        end: word.end,
        code_start: word.start,
        shape: Shape::Letters,
        len: u8::try_from(len).unwrap_or(u8::MAX),
        penalties: Penalties::NONE,
    })
}
