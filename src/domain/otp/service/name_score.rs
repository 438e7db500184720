//! Scores the names in a text: how likely each is to be the service.

use super::{
    super::{
        candidate::Candidate,
        context::{Context, Keyword, Strength},
        document::Document,
        fold::CharClass,
        lexicon::Tags,
    },
    names::{MAX_NAME_CHARS, Name},
};

/// Scores names. The points are on a scale of their own, and tuned like those of candidates.
pub(super) struct NameScorer<'a, 'd> {
    pub(super) document: &'d Document<'a>,
    pub(super) context: &'d Context,
    pub(super) candidate: Option<&'d Candidate>,
}

impl NameScorer<'_, '_> {
    /// The score of a name. `host` is that of an origin-bound code.
    pub(super) fn score(&self, name: &Name, host: Option<&str>) -> i32 {
        let tokens = &self.document.tokens;
        let last = name.last;
        let mut points: i32 = if name.is_known { 42 } else { 0 };
        let length = self.document.written(name.start, name.end).chars().count();
        if !(2..=MAX_NAME_CHARS).contains(&length) {
            return 0;
        }
        let after = tokens.get(last + 1);
        let is_colon = after.is_some_and(|after| {
            let symbol = &self.document.text.bytes()[after.start as usize..after.end as usize];
            matches!(symbol, b":" | b"\xEF\xBC\x9A" | b">" | b"|") || symbol == b"-" && after.start > name.end
        });
        if name.starts_text && is_colon {
            points += if name.is_capitalized { 70 } else { 50 };
        }
        // A heading on its own line.
        if name.starts_text && name.is_capitalized && self.document.ends_line(name.end) {
            points += 44;
        }
        let keyword = self.keyword_after(name);
        if let Some(keyword) = keyword {
            // "Your X code".
            points += match (name.is_capitalized, name.starts_sentence, keyword.strength) {
                (true, ..) => 52,
                (false, false, Strength::Strong) if self.is_after_your(name) => 45,
                (false, ..) => 0,
            };
        } else if name.is_capitalized && !name.starts_sentence {
            points += self.mid_sentence_points(name);
        } else if name.is_capitalized
            && name.starts_sentence
            && after.is_none_or(|after| after.class == CharClass::Symbol)
            && name.end as usize + 3 >= self.document.text.bytes().len()
        {
            // A signature on its own line.
            points += 44;
        }
        if let Some(host) = host {
            let key: String = self
                .document
                .written(name.start, name.end)
                .chars()
                .filter(|c| c.is_alphanumeric())
                .flat_map(char::to_lowercase)
                .collect();
            let host: String = host.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
            if key.len() >= 3 && host.contains(&key) {
                points += 60;
            }
        }
        // "Ref: KGYT", "(KGYT)": a reference.
        let matches = &self.document.matches;
        let before = matches.partition_point(|entry| entry.end <= name.start);
        let labelled = before.checked_sub(1).is_some_and(|last| {
            let between = &self.document.text.classes[matches[last].end as usize..name.start as usize];
            let written = self.document.written(name.start, name.end);
            let is_letters = written.len() <= 6 && written.bytes().all(|byte| byte.is_ascii_uppercase());
            matches[last].has(Tags::LABEL)
                && !matches[last].has(Tags::SERVICE.or(Tags::COPULA))
                && between.len() <= 3
                && (between.contains(&CharClass::Symbol) || is_letters && !matches[last].has(Tags::STOPWORD))
        });
        let bracketed = name.start > 0 && self.document.text.bytes()[name.start as usize - 1] == b'(';
        if (labelled || bracketed) && !name.is_known {
            points -= 40;
        }
        // "Dear Jithu," is the recipient.
        let is_comma = after.is_some_and(|after| after.byte == b',');
        if is_comma && name.start < 40 && !name.is_known && !self.follows_purpose(name) {
            points -= 40;
        }
        points
    }

    /// The keyword after a name, if there are only words of the lexicon between them.
    fn keyword_after(&self, name: &Name) -> Option<&Keyword> {
        let matches = &self.document.matches;
        let first = matches.partition_point(|entry| entry.start < name.end);
        let mut at = name.end;
        for entry in matches[first..].iter().take(3) {
            // Matches may overlap.
            let gap = &self.document.text.bytes()[at.min(entry.start) as usize..entry.start as usize];
            if gap.len() > 2 || gap.iter().any(|byte| !matches!(byte, b' ' | b'-' | b'\'')) {
                return None;
            }
            if let Some(keyword) =
                self.context.keyword_at(entry.start).filter(|keyword| keyword.strength != Strength::Hint)
            {
                return Some(keyword);
            }
            // "Hand the code …": the first word is a verb. But a name may have the first line to itself.
            let is_verb = name.starts_sentence && entry.has(Tags::COPULA) && !self.document.ends_line(name.end);
            let is_part = Tags::QUALIFIER.or(Tags::LABEL).or(Tags::PURPOSE).or(Tags::SERVICE).or(Tags::STOPWORD);
            if is_verb || !entry.has(is_part) {
                return None;
            }
            at = entry.end;
        }
        None
    }

    /// Whether a word like "your" is directly before the name.
    fn is_after_your(&self, name: &Name) -> bool {
        let matches = &self.document.matches;
        let first = matches.partition_point(|entry| entry.end <= name.start);
        first.checked_sub(1).is_some_and(|last| matches[last].end + 1 == name.start && matches[last].has(Tags::COPULA))
    }

    /// Whether what a code is for is before it, with at most a preposition between: "to log in to Acme, enter".
    fn follows_purpose(&self, name: &Name) -> bool {
        let matches = &self.document.matches;
        let first = matches.partition_point(|entry| entry.end <= name.start);
        let mut before = matches[..first].iter().rev();
        before
            .find(|entry| !entry.has(Tags::STOPWORD) || entry.has(Tags::PURPOSE))
            .is_some_and(|entry| entry.has(Tags::PURPOSE) && name.start - entry.end <= 10)
    }

    /// Points for a name in the middle of a sentence.
    fn mid_sentence_points(&self, name: &Name) -> i32 {
        let sentence = self.document.sentence_at(name.start);
        let near = self.candidate.is_none_or(|candidate| self.document.sentence_at(candidate.start) == sentence)
            || self.has_keyword(sentence);
        let matches = &self.document.matches;
        let first = matches.partition_point(|entry| entry.end <= name.start);
        let after_keyword = first.checked_sub(1).is_some_and(|last| {
            matches[last].has(Tags::KEYWORD.or(Tags::WEAK_KEYWORD).or(Tags::QUALIFIER).or(Tags::PURPOSE))
                && name.start - matches[last].end <= 10
        });
        let ends = self.document.tokens.get(name.last + 1).is_none_or(|after| after.class == CharClass::Symbol);
        match (near, after_keyword) {
            (true, true) => 48,
            (true, false) if ends => 44,
            (true, false) => 41,
            (false, _) if ends && name.end as usize + 3 >= self.document.text.bytes().len() => 44,
            (false, _) => 20,
        }
    }

    /// Whether a sentence has a keyword.
    fn has_keyword(&self, sentence: usize) -> bool {
        let sentence_of = |keyword: &Keyword| self.document.sentence_at(keyword.start);
        let next = self.context.keywords.partition_point(|keyword| sentence_of(keyword) < sentence);
        self.context.keywords.get(next).is_some_and(|keyword| sentence_of(keyword) == sentence)
    }
}
