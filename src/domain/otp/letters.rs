//! Codes of letters alone: `QWRTPX`.
//!
//! Only a clear word next to them distinguishes them from words and names: they are considered when no number is the
//! code, and need a strong keyword with "is" or a colon between. Few words have as few vowels as random letters.

use super::{
    candidate::{Candidate, Penalties, Shape},
    context::Strength,
    fold::CharClass,
    scorer::Scorer,
    tokens::Token,
};

/// The number of words that are considered.
const MAX_WORDS: usize = 16;

/// The code of letters in a text, if there is one. If a number may be the code as well, there must be no doubt.
pub(super) fn code_of_letters(scorer: &Scorer<'_, '_>, has_rival: bool) -> Option<Candidate> {
    let (document, context) = (scorer.document, scorer.context);
    if context.keywords.iter().all(|keyword| keyword.strength == Strength::Hint) {
        return None;
    }
    let is_all_capitals = !document.original.chars().any(char::is_lowercase)
        && document.original.bytes().filter(u8::is_ascii_uppercase).count() > 16;
    let mut words = (0..document.tokens.len()).filter(|&at| is_word(scorer, at)).take(MAX_WORDS);
    document.count_steps(document.original.len() + document.tokens.len());
    words.find_map(|at| {
        let token = document.tokens[at];
        let candidate = Candidate {
            start: token.start,
            end: token.end,
            code_start: token.start,
            shape: Shape::Letters,
            len: u8::try_from(token.len()).unwrap_or(u8::MAX),
            penalties: Penalties::NONE,
        };
        // A word in small letters only at the end, after a colon.
        let written = document.written(token.start, token.end);
        let is_capital = written.bytes().all(|byte| byte.is_ascii_uppercase()) && !is_all_capitals;
        let follows_colon = at.checked_sub(1).is_some_and(|before| document.tokens[before].byte == b':');
        let is_last = at + 1 == document.tokens.len() && follows_colon && context.commerce == 0;
        let is_random = is_random(written);
        let is_tied =
            is_capital && (is_random || !has_rival) && scorer.ties_letters(&candidate, is_random && !has_rival)
                || is_last && scorer.evidence(&candidate).is_direct_and_strong();
        is_tied.then_some(candidate)
    })
}

/// Whether a word looks like random letters: four consonants in a row, or few vowels.
fn is_random(word: &str) -> bool {
    let is_vowel = |byte: &u8| matches!(byte, b'A' | b'E' | b'I' | b'O' | b'U' | b'Y');
    let vowels = word.as_bytes().iter().filter(|byte| is_vowel(byte)).count();
    vowels * 5 <= word.len() || word.as_bytes().split(|byte| is_vowel(byte)).any(|run| run.len() >= 4)
}

/// Whether a token is a word of Latin letters, alone, that is not in the lexicon.
fn is_word(scorer: &Scorer<'_, '_>, at: usize) -> bool {
    let document = scorer.document;
    let token = document.tokens[at];
    if token.class != CharClass::Letter || token.byte == 0 || !(4..=8).contains(&token.len()) {
        return false;
    }
    let is_part = |other: Option<&Token>, joins: bool| {
        joins
            && other.is_some_and(|other| match other.class {
                CharClass::Symbol => matches!(other.byte, b'-' | b'.' | b'@'),
                class => class != CharClass::Unspaced,
            })
    };
    let before = at.checked_sub(1).and_then(|at| document.tokens.get(at));
    let after = document.tokens.get(at + 1);
    let ends_sentence = after.is_some_and(|after| {
        after.byte == b'.' && document.tokens.get(at + 2).is_none_or(|next| next.start > after.end)
    });
    // "PQRJ - 482913" is a reference before a code.
    let is_reference = after.is_some_and(|after| after.byte == b'-')
        && document.tokens.get(at + 2).is_some_and(|next| next.class == CharClass::Digit);
    let next = document.matches.partition_point(|entry| entry.end <= token.start);
    !is_reference
        && document.address_at(token.start).is_none()
        && !is_part(before, before.is_some_and(|before| before.end == token.start))
        && (ends_sentence || !is_part(after, after.is_some_and(|after| after.start == token.end)))
        && document.matches.get(next).is_none_or(|entry| entry.start >= token.end)
}
