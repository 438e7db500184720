//! Hygiene of the source code: short files, and the usual words for things.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The most lines of a source file.
const LONGEST: usize = 500;
/// The most lines of nine source files in ten.
const LONG: usize = 350;
/// The most lines of half of the source files.
const MEDIAN: usize = 140;
/// The most characters of a line: `max_width` of `rustfmt.toml`, which rustfmt does not apply to comments.
const WIDEST: usize = 120;

/// Words that once had a private meaning here, each with the usual word for it.
const PRIVATE_WORDS: &[(&str, &str)] = &[
    ("ambient", "clock, random"),
    ("asking", "request identity"),
    ("bell", "change notifier"),
    ("bells", "change notifiers"),
    ("courier", "mail worker"),
    ("doomed", "expired"),
    ("entrance", "admission"),
    ("episode", "log throttle"),
    ("episodes", "log throttle"),
    ("face", "API"),
    ("faces", "APIs"),
    ("heed", "record"),
    ("heeded", "record"),
    ("outlived", "expired"),
    ("presence", "session guard"),
    ("rung", "notified"),
    ("sabotage", "fault injection"),
    ("seat", "subscription"),
    ("seats", "subscriptions"),
    ("sight", "inbox scope"),
    ("sights", "observations"),
    ("slip", "mail job"),
    ("slips", "mail jobs"),
    ("trouble", "store health"),
    ("troubles", "store health"),
    ("wall", "row security"),
];

/// Where such a word has its ordinary meaning: a file, the word, and what it means there.
const ALLOWED: &[(&str, &str, &str)] = &[
    ("docs/codes.md", "courier", "one who delivers parcels"),
    ("src/domain/otp/mod.rs", "courier", "one who delivers parcels"),
];

/// The folders of code and prose. Data such as labelled texts and the corpora of fuzzing is left out.
const FOLDERS: &[&str] = &[
    ".ci",
    "benches",
    "clients",
    "docs",
    "examples",
    "fuzz/examples",
    "fuzz/fuzz_targets",
    "fuzz/src",
    "migration",
    "scripts",
    "src",
    "tests",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files below a folder that pass, with paths relative to the root.
fn files(folder: &str, is_wanted: fn(&Path) -> bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true if ["node_modules", "dist"].iter().any(|built| path.ends_with(built)) => {}
                true => folders.push(path),
                false if is_wanted(&path) => found.push(path.strip_prefix(root()).unwrap().to_owned()),
                false => {}
            }
        }
    }
    found.sort();
    found
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension().is_some_and(|extension| extensions.iter().any(|wanted| extension == *wanted))
}

fn is_rust(path: &Path) -> bool {
    has_extension(path, &["rs"])
}

fn is_code_or_prose(path: &Path) -> bool {
    // The lexicon is data. Scripts have no extension.
    !path.ends_with("lexicon.toml")
        && (path.extension().is_none() || has_extension(path, &["rs", "md", "toml", "sh", "mjs", "py", "ts"]))
}

/// The words of a text in lower case: `read_seats` and `ReadSeats` have two each.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut previous_is_lower = false;
    for c in text.chars() {
        if !c.is_alphabetic() || (c.is_uppercase() && previous_is_lower) {
            words.push(String::new());
        }
        if c.is_alphabetic() {
            words.last_mut().unwrap().extend(c.to_lowercase());
        }
        previous_is_lower = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn source_files_are_short() {
    let count = |path: PathBuf| (fs::read_to_string(root().join(&path)).unwrap().lines().count(), path);
    let mut sizes: Vec<_> = files("src", is_rust).into_iter().map(count).collect();
    sizes.sort();
    let (median, long) = (sizes[sizes.len() / 2].0, sizes[sizes.len() * 9 / 10].0);
    let too_long: Vec<_> = sizes.iter().filter(|(lines, _)| *lines > LONGEST).collect();
    assert!(too_long.is_empty(), "more than {LONGEST} lines: {too_long:#?}");
    assert!(long <= LONG, "one file in ten has at least {long} lines, more than {LONG}");
    assert!(median <= MEDIAN, "half of the files have at least {median} lines, more than {MEDIAN}");
}

/// Whether a line is a comment that is too wide. One that has only an address cannot be wrapped.
fn is_too_wide(line: &str) -> bool {
    let text = line.trim_start();
    let is_address = || text.contains("://") && text.split_whitespace().count() <= 2;
    text.starts_with("//") && line.chars().count() > WIDEST && !is_address()
}

#[test]
fn comments_are_wrapped() {
    let folders =
        ["benches", "examples", "fuzz/examples", "fuzz/fuzz_targets", "fuzz/src", "migration", "src", "tests"];
    let mut found = Vec::new();
    for path in folders.iter().flat_map(|folder| files(folder, is_rust)) {
        let text = fs::read_to_string(root().join(&path)).unwrap();
        let wide = text.lines().enumerate().filter(|(_, line)| is_too_wide(line));
        found.extend(wide.map(|(number, _)| format!("{}:{}", path.display(), number + 1)));
    }
    assert!(found.is_empty(), "comments of more than {WIDEST} characters a line: {found:#?}");
}

#[test]
fn wide_comments_are_found() {
    let word = "x".repeat(WIDEST - 4);
    assert!(is_too_wide(&format!("    /// a {word}")));
    assert!(!is_too_wide(&format!("/// {word}")), "exactly as wide as is allowed");
    assert!(!is_too_wide(&format!("//! <https://example.com/{word}>")), "only an address");
    assert!(!is_too_wide(&format!("let text = \"{word} {word}\";")), "rustfmt looks after code");
}

#[test]
fn the_words_are_those_of_the_field() {
    let mut paths: Vec<_> = FOLDERS.iter().flat_map(|folder| files(folder, is_code_or_prose)).collect();
    paths.extend(["README.md", "Cargo.toml", "clippy.toml", "otpwire.example.toml"].map(PathBuf::from));
    let mut found = Vec::new();
    for path in paths.iter().filter(|path| !path.ends_with("tests/it/hygiene.rs")) {
        let file = path.to_str().unwrap();
        let text = fs::read_to_string(root().join(path)).unwrap();
        for (number, line) in text.lines().enumerate() {
            for word in words(line) {
                let is_allowed = ALLOWED.iter().any(|(place, allowed, _)| *place == file && *allowed == word);
                if let Some((word, usual)) = PRIVATE_WORDS.iter().find(|(private, _)| *private == word && !is_allowed) {
                    found.push(format!("{file}:{}: `{word}`; the usual word is {usual}", number + 1));
                }
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn words_are_found_in_names() {
    assert_eq!(words("read_seats(ReadSeats) // a seat's"), ["read", "seats", "read", "seats", "a", "seat", "s"]);
}
