//! Tests of the lexicon's files.

use std::collections::BTreeSet;

use super::source::{LANGUAGES, Languages, SERVICES, service_names, spellings};

/// The problem with an entry, if any.
fn problem(tag: &str, entry: &str) -> Option<&'static str> {
    let is_exact = entry.starts_with('=');
    let written = entry.strip_prefix('=').unwrap_or(entry);
    let core = written.strip_prefix('*').unwrap_or(written);
    let core = core.strip_suffix('*').unwrap_or(core);
    let letters = core.chars().filter(|c| c.is_alphanumeric()).count();
    let is_unspaced = ["zh", "ja", "ko", "th", "lo", "km", "my", "und"].contains(&tag);
    let problems = [
        (core.contains('*'), "has a * in the middle"),
        (core.trim() != core || core.contains("  "), "has a space too many"),
        (letters < if is_unspaced { 1 } else { 2 } && !is_exact, "is too short"),
        (written.starts_with('*') && letters < if core.is_ascii() { 3 } else { 2 }, "would be found in too many words"),
        (core.chars().count() > 60, "is too long"),
    ];
    problems.iter().find(|(is_so, _)| *is_so).map(|(_, problem)| *problem)
}

#[test]
fn the_entries_follow_the_rules_of_the_file() {
    let languages: Languages = toml::from_str(LANGUAGES).unwrap();
    assert!(languages.len() >= 100);
    let mut problems = Vec::new();
    for (tag, language) in &languages {
        let name = &language.name;
        assert!(
            !name.is_empty() && tag.bytes().all(|byte| byte.is_ascii_lowercase()),
            "{tag}: the name of the language"
        );
        for (_, list, entries) in language.lists() {
            let mut known = BTreeSet::new();
            for entry in entries {
                let duplicate = (!known.insert(spellings(entry))).then_some("is there twice");
                if let Some(problem) = problem(tag, entry).or(duplicate) {
                    problems.push(format!("{name} ({tag}), {list}: \"{entry}\" {problem}"));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert_eq!(problem("en", "co*de"), Some("has a * in the middle"));
    assert_eq!(problem("en", "*de"), Some("would be found in too many words"));
    assert_eq!(problem("en", "x"), Some("is too short"));
}

#[test]
fn the_services_are_sorted_without_duplicates() {
    let key = |name: &str| name.trim_start_matches('=').to_lowercase();
    let names: Vec<_> = service_names(SERVICES).collect();
    assert!(names.len() > 2_000);
    for pair in names.windows(2) {
        assert!(key(pair[0]) < key(pair[1]), "{:?} comes before {:?}", pair[1], pair[0]);
    }
}
