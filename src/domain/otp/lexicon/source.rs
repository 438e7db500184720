//! The files that the lexicon is built from: `lexicon.toml` and `services.txt`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{super::text::FoldedText, tags::Tags};

pub(super) const LANGUAGES: &str = include_str!("../lexicon.toml");
pub(super) const SERVICES: &str = include_str!("../services.txt");

/// `lexicon.toml`: a table for each language, by its BCP 47 tag.
pub(super) type Languages = BTreeMap<String, Language>;

/// The lists of one language. `lexicon.toml` explains them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Language {
    #[cfg_attr(not(test), expect(dead_code, reason = "for readers of the file, and its test"))]
    pub(super) name: String,
    #[serde(default)]
    keywords: Vec<String>,
    #[serde(default)]
    weak_keywords: Vec<String>,
    #[serde(default)]
    qualifiers: Vec<String>,
    #[serde(default)]
    disqualifiers: Vec<String>,
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    verbs: Vec<String>,
    #[serde(default)]
    purposes: Vec<String>,
    #[serde(default)]
    copulas: Vec<String>,
    #[serde(default)]
    cues: Vec<String>,
    #[serde(default)]
    warnings: Vec<String>,
    #[serde(default)]
    prompts: Vec<String>,
    #[serde(default)]
    alerts: Vec<String>,
    #[serde(default)]
    announcements: Vec<String>,
    #[serde(default)]
    accounts: Vec<String>,
    #[serde(default)]
    threats: Vec<String>,
    #[serde(default)]
    receipts: Vec<String>,
    #[serde(default)]
    drivers: Vec<String>,
    #[serde(default)]
    finished: Vec<String>,
    #[serde(default)]
    outdated: Vec<String>,
    #[serde(default)]
    fixed: Vec<String>,
    #[serde(default)]
    units: Vec<String>,
    #[serde(default)]
    currencies: Vec<String>,
    #[serde(default)]
    commerce: Vec<String>,
    #[serde(default)]
    stopwords: Vec<String>,
}

impl Language {
    /// The lists, with their tags and names.
    pub(super) fn lists(&self) -> [(Tags, &'static str, &[String]); 24] {
        [
            (Tags::KEYWORD, "keywords", &self.keywords),
            (Tags::WEAK_KEYWORD, "weak_keywords", &self.weak_keywords),
            (Tags::QUALIFIER, "qualifiers", &self.qualifiers),
            (Tags::DISQUALIFIER, "disqualifiers", &self.disqualifiers),
            (Tags::LABEL, "labels", &self.labels),
            (Tags::VERB, "verbs", &self.verbs),
            (Tags::PURPOSE, "purposes", &self.purposes),
            (Tags::COPULA, "copulas", &self.copulas),
            (Tags::CUE, "cues", &self.cues),
            (Tags::WARNING, "warnings", &self.warnings),
            (Tags::PROMPT, "prompts", &self.prompts),
            (Tags::ALERT, "alerts", &self.alerts),
            (Tags::ANNOUNCEMENT, "announcements", &self.announcements),
            (Tags::ACCOUNT, "accounts", &self.accounts),
            (Tags::THREAT, "threats", &self.threats),
            (Tags::RECEIPT, "receipts", &self.receipts),
            (Tags::DRIVER, "drivers", &self.drivers),
            (Tags::FINISHED, "finished", &self.finished),
            (Tags::OUTDATED, "outdated", &self.outdated),
            (Tags::FIXED, "fixed", &self.fixed),
            (Tags::UNIT, "units", &self.units),
            (Tags::CURRENCY, "currencies", &self.currencies),
            (Tags::COMMERCE, "commerce", &self.commerce),
            (Tags::STOPWORD, "stopwords", &self.stopwords),
        ]
    }
}

/// The names in `services.txt`.
pub(super) fn service_names(file: &str) -> impl Iterator<Item = &str> {
    file.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Where an entry may match: a set of the following flags.
pub(super) type Edges = usize;
/// The entry matches only at the start of a word.
pub(super) const WORD_START: Edges = 1;
/// The entry matches only at the end of a word.
pub(super) const WORD_END: Edges = 2;

/// The spellings of an entry, folded, with the edges that it requires. A hyphen may also be a space, or missing; the
/// vowels and tones above and below Thai letters are missing in some texts, because some networks lose them.
pub(super) fn spellings(entry: &str) -> Vec<(String, Edges)> {
    let entry = entry.trim();
    let start = if entry.starts_with('*') { 0 } else { WORD_START };
    let end = if entry.ends_with('*') { 0 } else { WORD_END };
    let entry = entry.trim_matches('*');
    let mut spellings = vec![entry.to_owned()];
    if entry.trim_matches('-').contains('-') {
        spellings.extend([entry.replace('-', " "), entry.replace('-', "")]);
    }
    let without_marks: String = entry.chars().filter(|c| !is_thai_mark(*c)).collect();
    // Shorter ones would be found in too many words.
    if without_marks.len() < entry.len() && without_marks.chars().count() >= 4 {
        spellings.push(without_marks);
    }
    let folded = spellings.into_iter().map(|spelling| FoldedText::of(&spelling).text);
    folded.filter(|folded| !folded.trim().is_empty()).map(|folded| (folded, start | end)).collect()
}

/// Whether a character is written above or below a Thai letter.
fn is_thai_mark(c: char) -> bool {
    matches!(c, '\u{E31}' | '\u{E34}'..='\u{E3A}' | '\u{E47}'..='\u{E4E}')
}
