//! The words that tell a one-time code from other numbers, in one automaton for all languages.

use std::{collections::BTreeMap, fmt, sync::LazyLock};

use daachorse::CharwiseDoubleArrayAhoCorasick;
use serde::Deserialize;

use super::normal::{Normal, offset};

/// What a word is for the reader: a set, because a word may mean different things in different
/// languages, and languages are not told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Role(pub(super) u32);

impl Role {
    pub(super) const CODE: Self = Self(1);
    pub(super) const WORD: Self = Self(1 << 1);
    pub(super) const KIND: Self = Self(1 << 2);
    pub(super) const OTHER: Self = Self(1 << 3);
    pub(super) const LABEL: Self = Self(1 << 4);
    pub(super) const VERB: Self = Self(1 << 5);
    pub(super) const ACT: Self = Self(1 << 6);
    pub(super) const IS: Self = Self(1 << 7);
    pub(super) const CUE: Self = Self(1 << 8);
    pub(super) const SECRET: Self = Self(1 << 9);
    pub(super) const LINK: Self = Self(1 << 10);
    pub(super) const ALERT: Self = Self(1 << 11);
    pub(super) const UNIT: Self = Self(1 << 12);
    pub(super) const TRADE: Self = Self(1 << 13);
    pub(super) const SERVICE: Self = Self(1 << 14);
    /// Common words that say nothing, and that no service is named after.
    pub(super) const PLAIN: Self = Self(1 << 15);
    pub(super) const MONEY: Self = Self(1 << 16);

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The role of a phrase that has a word of another role in it: "do not share this code" is still about a code.
    fn with_inner(self, inner: Self) -> Self {
        const SAYINGS: Role =
            Role::VERB.or(Role::ACT).or(Role::IS).or(Role::CUE).or(Role::SECRET).or(Role::LINK).or(Role::ALERT);
        const NAMES: Role = Role::CODE.or(Role::WORD);
        const ELSE: Role = Role::OTHER.or(Role::LABEL).or(Role::UNIT).or(Role::TRADE).or(NAMES);
        const WITHIN: Role = Role::KIND.or(Role::OTHER);
        if self.any(Self::WORD) {
            // A compound: "Sicherheitscode", "Gutscheincode".
            return Self(self.0 | inner.0 & WITHIN.0);
        }
        if self.any(Self::TRADE) && !self.any(NAMES) {
            return Self(self.0 | inner.0 & Self::OTHER.0);
        }
        if self.any(SAYINGS) && !self.any(ELSE.without(NAMES)) {
            return Self(self.0 | inner.0 & NAMES.or(Self::KIND).0);
        }
        self
    }

    /// Whether it is one of these.
    pub(super) const fn any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [&str; 17] = [
            "codes", "words", "kinds", "others", "labels", "verbs", "acts", "is", "cues", "secrets", "links", "alerts",
            "units", "trade", "services", "plain", "money",
        ];
        let names = NAMES.iter().enumerate().filter(|(at, _)| self.0 >> at & 1 == 1).map(|(_, name)| *name);
        f.write_str(&names.collect::<Vec<_>>().join(", "))
    }
}

/// A word of the lexicon in a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) role: Role,
}

impl Hit {
    pub(super) fn is(&self, role: Role) -> bool {
        self.role.any(role)
    }
}

/// One language, as `lexicon.toml` has it; what each list is for is said there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Language {
    /// For those who read the file.
    #[cfg_attr(not(test), expect(dead_code, reason = "it is for those who read the file, and its test"))]
    pub(super) name: String,
    #[serde(default)]
    pub(super) codes: Vec<String>,
    #[serde(default)]
    pub(super) words: Vec<String>,
    #[serde(default)]
    pub(super) kinds: Vec<String>,
    #[serde(default)]
    pub(super) others: Vec<String>,
    #[serde(default)]
    pub(super) labels: Vec<String>,
    #[serde(default)]
    pub(super) verbs: Vec<String>,
    #[serde(default)]
    pub(super) acts: Vec<String>,
    #[serde(default)]
    pub(super) is: Vec<String>,
    #[serde(default)]
    pub(super) cues: Vec<String>,
    #[serde(default)]
    pub(super) secrets: Vec<String>,
    #[serde(default)]
    pub(super) links: Vec<String>,
    #[serde(default)]
    pub(super) alerts: Vec<String>,
    #[serde(default)]
    pub(super) units: Vec<String>,
    #[serde(default)]
    pub(super) money: Vec<String>,
    #[serde(default)]
    pub(super) trade: Vec<String>,
    #[serde(default)]
    pub(super) plain: Vec<String>,
}

impl Language {
    pub(super) fn lists(&self) -> [(Role, &'static str, &[String]); 16] {
        [
            (Role::CODE, "codes", &self.codes),
            (Role::WORD, "words", &self.words),
            (Role::KIND, "kinds", &self.kinds),
            (Role::OTHER, "others", &self.others),
            (Role::LABEL, "labels", &self.labels),
            (Role::VERB, "verbs", &self.verbs),
            (Role::ACT, "acts", &self.acts),
            (Role::IS, "is", &self.is),
            (Role::CUE, "cues", &self.cues),
            (Role::SECRET, "secrets", &self.secrets),
            (Role::LINK, "links", &self.links),
            (Role::ALERT, "alerts", &self.alerts),
            (Role::UNIT, "units", &self.units),
            (Role::MONEY, "money", &self.money),
            (Role::TRADE, "trade", &self.trade),
            (Role::PLAIN, "plain", &self.plain),
        ]
    }
}

/// The file: a table for each language, by its BCP 47 code.
pub(super) type Languages = BTreeMap<String, Language>;

pub(super) const SOURCE: &str = include_str!("lexicon.toml");
pub(super) const SERVICES: &str = include_str!("services.txt");

/// The lexicon as it is searched for.
pub(super) struct Lexicon {
    automaton: CharwiseDoubleArrayAhoCorasick<u32>,
    /// For each pattern, its role by what stands around it.
    roles: Vec<Edges>,
    /// Patterns that count with their accents only: which, how they are written, and what they are then.
    exact: BTreeMap<usize, Vec<(String, usize, Role)>>,
}

/// The roles of one spelling: with both edges free, with a word's start before it, with a word's
/// end after it, and with both.
#[derive(Clone, Copy, Default)]
struct Edges([Role; 4]);

/// The longest ending or beginning of a word that is not in the lexicon, in bytes.
const MAX_REST: usize = 40;
/// Where, in the value of a pattern, the edges that it needs stand. Below is its number.
const EDGE_BITS: u32 = 24;
const STARTS: usize = 1;
const ENDS: usize = 2;

impl Lexicon {
    /// The lexicon of this program.
    ///
    /// The file is part of the program and a test reads it, so that it cannot fail to be read here. Should it
    /// nevertheless, codes are not found, and messages are received all the same.
    pub(super) fn get() -> Option<&'static Self> {
        static LEXICON: LazyLock<Option<Lexicon>> = LazyLock::new(|| {
            let languages = toml::from_str(SOURCE).ok()?;
            Lexicon::new(&languages, SERVICES)
        });
        LEXICON.as_ref()
    }

    fn new(languages: &Languages, services: &str) -> Option<Self> {
        let mut patterns = BTreeMap::<String, Edges>::new();
        let mut accented = BTreeMap::<String, Vec<(String, usize, Role)>>::new();
        let mut add = |entry: &str, role: Role| {
            if let Some(entry) = entry.strip_prefix('=') {
                for (spelling, edges) in spellings(entry) {
                    patterns.entry(spelling.clone()).or_default();
                    let written = entry.trim_matches('*').to_lowercase();
                    accented.entry(spelling).or_default().push((written, edges, role));
                }
                return;
            }
            for (spelling, edges) in spellings(entry) {
                let roles = &mut patterns.entry(spelling).or_default().0[edges];
                *roles = roles.or(role);
            }
        };
        for (role, _, entries) in languages.values().flat_map(Language::lists) {
            entries.iter().for_each(|entry| add(entry, role));
        }
        for service in services_in(services) {
            // A name that is also a word is told from it by its capital.
            let (name, role) = match service.strip_prefix('=') {
                Some(name) => (name, Role::SERVICE.or(Role::PLAIN)),
                None => (service, Role::SERVICE),
            };
            // Long names are inflected: "WhatsAppi", "Googleov".
            let is_long = name.len() >= 6 && name.is_ascii() && !role.any(Role::PLAIN);
            let name = if is_long { format!("{name}*") } else { name.to_owned() };
            add(&name, role);
        }
        // Most of what the automaton finds is inside some word: which edges an entry needs is known without looking it up.
        let values = patterns.iter().zip(0..).map(|((spelling, edges), at)| {
            let is_exact = accented.contains_key(spelling);
            let needs = (0..4).filter(|edge| is_exact || !edges.0[*edge].is_empty());
            (spelling, needs.fold(at, |value: u32, edge| value | 1 << (EDGE_BITS + edge as u32)))
        });
        let automaton = CharwiseDoubleArrayAhoCorasick::with_values(values).ok()?;
        let exact =
            patterns.keys().enumerate().filter_map(|(at, spelling)| Some((at, accented.remove(spelling)?))).collect();
        let roles = patterns.into_values().collect();
        Some(Self { automaton, roles, exact })
    }

    /// The words of the lexicon in a text, in their order, without those inside longer ones.
    pub(super) fn find(&self, text: &Normal, original: &str, hits: &mut Vec<Hit>) {
        for found in self.automaton.find_overlapping_iter(&text.text) {
            let (start, end) = (found.start(), found.end());
            let (starts, ends) = (text.is_boundary(start), text.is_boundary(end));
            let fitting = [0b0001, 0b0011, 0b0101, 0b1111][usize::from(starts) | usize::from(ends) << 1];
            if found.value() >> EDGE_BITS & fitting != 0 {
                self.note(text, original, (start, end), found.value(), hits);
            }
        }
    }

    /// Notes an entry that stands in a text, if its edges are as they should be.
    fn note(&self, text: &Normal, original: &str, (start, end): (usize, usize), value: u32, hits: &mut Vec<Hit>) {
        let (starts, ends) = (text.is_boundary(start), text.is_boundary(end));
        let pattern = (value & ((1 << EDGE_BITS) - 1)) as usize;
        let edges = &self.roles[pattern].0;
        let mut role = edges[0];
        if starts {
            role = role.or(edges[STARTS]);
        }
        if ends {
            role = role.or(edges[ENDS]);
        }
        if starts && ends {
            role = role.or(edges[STARTS | ENDS]);
        }
        if let Some(exact) = self.exact.get(&pattern) {
            let written = original[text.origin(start)..text.origin(end).min(original.len())].to_lowercase();
            for (right, edges, own) in exact {
                let edges_fit = (starts || edges & STARTS == 0) && (ends || edges & ENDS == 0);
                if edges_fit && written.trim_end() == *right {
                    role = role.or(*own);
                }
            }
        }
        if role.is_empty() {
            return;
        }
        // Of a stem or the end of a compound, the hit is the whole word.
        let before = (0..MAX_REST).take_while(|back| !text.is_boundary(start - back)).count();
        let after = (0..MAX_REST).take_while(|on| !text.is_boundary(end + on)).count();
        if before == MAX_REST || after == MAX_REST {
            return;
        }
        let mut hit = Hit { start: offset(start - before), end: offset(end + after), role };
        // Of two, one inside the other, the longer stays; of two at one place, both.
        while let Some(last) = hits.last_mut() {
            if last.start == hit.start && last.end == hit.end {
                last.role = last.role.or(hit.role);
                return;
            }
            if last.start <= hit.start && hit.end <= last.end {
                last.role = last.role.with_inner(hit.role);
                return;
            }
            if !(last.start >= hit.start && last.end <= hit.end) {
                break;
            }
            hit.role = hit.role.with_inner(last.role);
            hits.pop();
        }
        hits.push(hit);
    }
}

/// The names in the file of services.
pub(super) fn services_in(file: &str) -> impl Iterator<Item = &str> {
    file.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// An entry as it may be written: with its hyphens, with spaces for them, or joined; each with the
/// edges that it needs.
pub(super) fn spellings(entry: &str) -> Vec<(String, usize)> {
    let entry = entry.trim();
    let starts = if entry.starts_with('*') { 0 } else { STARTS };
    let ends = if entry.ends_with('*') { 0 } else { ENDS };
    let entry = entry.trim_matches('*');
    let mut spelled = vec![entry.to_owned()];
    if entry.trim_matches('-').contains('-') {
        spelled.extend([entry.replace('-', " "), entry.replace('-', "")]);
    }
    let mut spellings = Vec::with_capacity(spelled.len());
    for text in spelled {
        let normal = Normal::of(&text);
        let folded = normal.text;
        if folded.trim().is_empty() {
            continue;
        }
        spellings.push((folded, starts | ends));
    }
    spellings
}
