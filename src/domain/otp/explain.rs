//! Explains how a text was read.

use super::{
    context::Context,
    document::Document,
    keywordless::keywordless_bonus,
    origin_bound,
    scorer::{Scorer, THRESHOLD},
};

/// The lexicon matches, keywords and scored candidates of a text, one a line, for extending the lexicon.
#[must_use]
pub fn explain(original: &str) -> String {
    let Some(document) = Document::of(original) else { return String::new() };
    let context = Context::of(&document);
    let scorer = Scorer { document: &document, context: &context };
    let words = document
        .matches
        .iter()
        .map(|entry| format!("word    {:24} {}\n", document.folded(entry.start, entry.end), entry.tags));
    let keywords = context.keywords.iter().map(|keyword| {
        let warning = if keyword.in_warning { ", in a warning" } else { "" };
        format!("keyword {:24} {:?}{warning}\n", document.folded(keyword.start, keyword.end), keyword.strength)
    });
    let numbers = document.candidates.iter().map(|candidate| {
        let (evidence, score) = (scorer.evidence(candidate), scorer.score(candidate));
        let bonus = match keywordless_bonus(&scorer, candidate) {
            0 => String::new(),
            bonus => format!(", and {bonus} for a text without a keyword"),
        };
        let number = document.folded(candidate.start, candidate.end);
        format!("number  {number:24} {score} points of {THRESHOLD}, {evidence}{bonus}\n")
    });
    let bound = origin_bound::find(&document).map(|(host, code)| format!("bound   {code:24} to {host}\n"));
    let hash = document.retriever_hash.map(|hash| format!("hash    {}\n", &document.text.text[hash as usize..]));
    words.chain(keywords).chain(numbers).chain(bound).chain(hash).collect()
}
