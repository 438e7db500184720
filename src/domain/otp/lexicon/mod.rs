//! Finds the words of the lexicon in a text, for all languages at once, with one automaton.

mod source;
mod tags;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::LazyLock};

use daachorse::CharwiseDoubleArrayAhoCorasick;

use self::source::{Edges, Language, Languages, WORD_END, WORD_START, service_names, spellings};
pub(super) use self::tags::Tags;
use super::text::{FoldedText, offset};

/// An entry of the lexicon found in a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct LexiconMatch {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) tags: Tags,
}

impl LexiconMatch {
    /// Whether it has any of these tags.
    pub(super) fn has(&self, tags: Tags) -> bool {
        self.tags.intersects(tags)
    }
}

/// The compiled lexicon. Its patterns are the folded spellings of all entries.
pub(super) struct Lexicon {
    /// Maps a pattern to its number, and to the edges that it may require (see [`EDGE_BITS`]).
    automaton: CharwiseDoubleArrayAhoCorasick<u32>,
    /// The tags of each pattern.
    tags: Vec<TagsByEdges>,
    /// The patterns that only match with their accents, and how they are spelled.
    accented: BTreeMap<usize, Vec<AccentedEntry>>,
}

/// The tags of a pattern for each set of required edges.
#[derive(Clone, Copy, Default)]
struct TagsByEdges([Tags; 4]);

struct AccentedEntry {
    spelling: String,
    edges: Edges,
    tags: Tags,
}

/// The longest part of a word before or after a match, in bytes.
const MAX_AFFIX: usize = 40;
/// The value of a pattern has its number below this bit, and above it one bit for each set of edges for which it has
/// tags.
const EDGE_BITS: u32 = 24;

impl Lexicon {
    /// The lexicon of this program.
    ///
    /// Its files are compiled in and tested, so building it does not fail. If it did, no codes would be found, but
    /// messages would still be received.
    pub(super) fn get() -> Option<&'static Self> {
        static LEXICON: LazyLock<Option<Lexicon>> = LazyLock::new(|| {
            let languages = toml::from_str(source::LANGUAGES).ok()?;
            Lexicon::new(&languages, source::SERVICES)
        });
        LEXICON.as_ref()
    }

    fn new(languages: &Languages, services: &str) -> Option<Self> {
        let mut patterns = BTreeMap::<String, TagsByEdges>::new();
        let mut accented = BTreeMap::<String, Vec<AccentedEntry>>::new();
        let mut add = |entry: &str, tags: Tags| {
            if let Some(entry) = entry.strip_prefix('=') {
                for (pattern, edges) in spellings(entry) {
                    patterns.entry(pattern.clone()).or_default();
                    let spelling = entry.trim_matches('*').to_lowercase();
                    accented.entry(pattern).or_default().push(AccentedEntry { spelling, edges, tags });
                }
                return;
            }
            for (pattern, edges) in spellings(entry) {
                let merged = &mut patterns.entry(pattern).or_default().0[edges];
                *merged = merged.or(tags);
            }
        };
        for (tags, _, entries) in languages.values().flat_map(Language::lists) {
            entries.iter().for_each(|entry| add(entry, tags));
        }
        for service in service_names(services) {
            // A name that is also a word is distinguished from it by its capital.
            let (name, tags) = match service.strip_prefix('=') {
                Some(name) => (name, Tags::SERVICE.or(Tags::STOPWORD)),
                None => (service, Tags::SERVICE),
            };
            // Long names may be inflected: "WhatsAppi", "Googleov".
            let is_long = name.len() >= 6 && name.is_ascii() && !tags.intersects(Tags::STOPWORD);
            let name = if is_long { format!("{name}*") } else { name.to_owned() };
            add(&name, tags);
        }
        // Most matches of the automaton are inside some word. The bits for the edges discard them without a look-up.
        let values = patterns.iter().zip(0..).map(|((pattern, by_edges), number)| {
            let is_accented = accented.contains_key(pattern);
            let used = (0..4).filter(|edges| is_accented || !by_edges.0[*edges].is_empty());
            (pattern, used.fold(number, |value: u32, edges| value | 1 << (EDGE_BITS + edges as u32)))
        });
        let automaton = CharwiseDoubleArrayAhoCorasick::with_values(values).ok()?;
        let accented = patterns
            .keys()
            .enumerate()
            .filter_map(|(number, pattern)| Some((number, accented.remove(pattern)?)))
            .collect();
        Some(Self { automaton, tags: patterns.into_values().collect(), accented })
    }

    /// The entries in a text, by position, without those inside longer ones.
    pub(super) fn find(&self, text: &FoldedText, original: &str) -> Vec<LexiconMatch> {
        let mut matches = Vec::with_capacity(32);
        for found in self.automaton.find_overlapping_iter(&text.text) {
            let (start, end) = (found.start(), found.end());
            let at_edges = usize::from(text.is_boundary(start)) | usize::from(text.is_boundary(end)) << 1;
            // For each pair of edges that the match has, the sets of required edges that it satisfies.
            let satisfied = [0b0001, 0b0011, 0b0101, 0b1111][at_edges];
            if found.value() >> EDGE_BITS & satisfied != 0 {
                self.add_match(text, original, (start, end), found.value(), &mut matches);
            }
        }
        matches
    }

    fn add_match(
        &self,
        text: &FoldedText,
        original: &str,
        (start, end): (usize, usize),
        value: u32,
        matches: &mut Vec<LexiconMatch>,
    ) {
        let pattern = (value & ((1 << EDGE_BITS) - 1)) as usize;
        let tags = self.tags_of(pattern, text, original, (start, end));
        if tags.is_empty() {
            return;
        }
        // The match of a stem, or of the end of a compound, covers the whole word.
        let before = (0..MAX_AFFIX).take_while(|back| !text.is_boundary(start - back)).count();
        let after = (0..MAX_AFFIX).take_while(|on| !text.is_boundary(end + on)).count();
        if before == MAX_AFFIX || after == MAX_AFFIX {
            return;
        }
        let mut entry = LexiconMatch { start: offset(start - before), end: offset(end + after), tags };
        // Of two matches, one inside the other, the longer is kept; two in the same position are merged.
        while let Some(last) = matches.last_mut() {
            if last.start == entry.start && last.end == entry.end {
                last.tags = last.tags.or(entry.tags);
                return;
            }
            if last.start <= entry.start && entry.end <= last.end {
                last.tags = last.tags.with_inner(entry.tags);
                return;
            }
            if !(last.start >= entry.start && last.end <= entry.end) {
                break;
            }
            entry.tags = entry.tags.with_inner(last.tags);
            matches.pop();
        }
        matches.push(entry);
    }

    /// The tags that a pattern has in this position: those of the entries whose edges and accents fit.
    fn tags_of(&self, pattern: usize, text: &FoldedText, original: &str, (start, end): (usize, usize)) -> Tags {
        let (at_start, at_end) = (text.is_boundary(start), text.is_boundary(end));
        let by_edges = &self.tags[pattern].0;
        let mut tags = by_edges[0];
        if at_start {
            tags = tags.or(by_edges[WORD_START]);
        }
        if at_end {
            tags = tags.or(by_edges[WORD_END]);
        }
        if at_start && at_end {
            tags = tags.or(by_edges[WORD_START | WORD_END]);
        }
        if let Some(accented) = self.accented.get(&pattern) {
            let written = original[text.origin(start)..text.origin(end).min(original.len())].to_lowercase();
            for entry in accented {
                let fits = (at_start || entry.edges & WORD_START == 0) && (at_end || entry.edges & WORD_END == 0);
                if fits && written.trim_end() == entry.spelling {
                    tags = tags.or(entry.tags);
                }
            }
        }
        tags
    }
}
