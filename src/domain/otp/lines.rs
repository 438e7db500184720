//! Numbers that have a line to themselves: what the lines around say is about them.

use super::{
    candidate::Candidate,
    context::{Context, Strength},
    document::Document,
    fold::CharClass,
    lexicon::Tags,
};

/// Whether there is nothing else on the line of a candidate, except how long it is valid: `482913 (valid 5 min)`.
pub(super) fn is_alone(document: &Document<'_>, candidate: &Candidate) -> bool {
    let lines = &document.text.line_ends;
    let next = lines.partition_point(|&end| end < candidate.end);
    let to = lines.get(next).map_or(document.text.bytes().len(), |&end| end as usize);
    let from = next.checked_sub(1).map_or(0, |last| lines[last] as usize);
    let is_word = |class: &CharClass| !matches!(class, CharClass::Space | CharClass::Symbol);
    let classes = &document.text.classes;
    if from > candidate.start as usize || classes[from..candidate.start as usize].iter().any(is_word) {
        return false;
    }
    let after = candidate.end as usize;
    after >= to || !classes[after..to].iter().any(is_word) || is_validity(document, candidate.end, to)
}

/// Whether a part of the text says nothing but how long something is valid.
fn is_validity(document: &Document<'_>, from: u32, to: usize) -> bool {
    const MAX_WORDS: usize = 8;
    let first = document.tokens.partition_point(|token| token.start < from);
    let words = document.tokens[first..].iter().take_while(|token| (token.start as usize) < to);
    let words = words.filter(|token| token.class != CharClass::Symbol).take(MAX_WORDS + 1);
    let (mut count, mut is_known, mut has_cue) = (0, true, false);
    for word in words {
        document.count_steps(1);
        count += 1;
        let next = document.matches.partition_point(|entry| entry.end <= word.start);
        // Scripts without spaces have several words in a token.
        let is_part = word.class == CharClass::Unspaced;
        let entry = document.matches.get(next);
        let entry = entry.filter(|entry| {
            if is_part { entry.start < word.end } else { entry.start <= word.start && word.end <= entry.end }
        });
        has_cue |= entry.is_some_and(|entry| entry.has(Tags::CUE));
        is_known &= word.class == CharClass::Digit
            || entry.is_some_and(|entry| entry.has(Tags::CUE.or(Tags::UNIT).or(Tags::STOPWORD).or(Tags::COPULA)));
    }
    is_known && has_cue && count <= MAX_WORDS
}

/// Points for the words around a candidate that is alone on its line: for the nearest keyword without another candidate
/// between.
pub(super) fn points(document: &Document<'_>, context: &Context, candidate: &Candidate) -> i32 {
    if !is_alone(document, candidate) {
        return 0;
    }
    let has_verb = document.matches.iter().any(|entry| entry.has(Tags::VERB));
    document.count_steps(document.matches.len().min(64));
    let points_of = |strength, in_warning| {
        let points = match strength {
            Strength::Strong => 46,
            Strength::Weak if has_verb || context.has_purpose => 42,
            Strength::Weak => 32,
            Strength::Hint if has_verb => 36,
            Strength::Hint => 0,
        };
        if in_warning { points / 2 } else { points }
    };
    let next = context.keywords.partition_point(|keyword| keyword.end <= candidate.start);
    let before = context.keywords[..next].iter().rev().take(3).filter(|keyword| {
        document.distance(keyword.end, candidate.start) <= 140 && !document.has_candidate(keyword.end, candidate.start)
    });
    let after = context.keywords[next..].iter().take(3).filter(|keyword| {
        document.distance(candidate.end, keyword.start) <= 70 && !document.has_candidate(candidate.end, keyword.start)
    });
    before.chain(after).map(|keyword| points_of(keyword.strength, keyword.in_warning)).max().unwrap_or(0)
}
