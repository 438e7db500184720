//! The documents agree with the repository: links lead somewhere, paths exist, indexes are complete.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    path::{Path, PathBuf},
};

use otpwire::domain::ErrorCode;
use regex::Regex;

/// How many lines the README may have.
const README_LINES: usize = 150;

/// Folders whose paths documents name in code spans.
const FOLDERS: &[&str] = &[
    ".ci",
    ".github",
    "assets",
    "benches",
    "clients",
    "deploy",
    "docs",
    "examples",
    "fuzz",
    "migration",
    "scripts",
    "src",
    "tests",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// Every Markdown file of the repository, relative to its root.
fn documents() -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() {
                if !["target", "node_modules", ".git"].contains(&name) {
                    walk(&path, found);
                }
            } else if name.ends_with(".md") {
                found.push(path.strip_prefix(root()).unwrap().to_owned());
            }
        }
    }
    let mut found = Vec::new();
    walk(root(), &mut found);
    found.sort();
    found
}

/// A document without its fenced code blocks.
fn prose(text: &str) -> String {
    let mut is_code = false;
    let lines = text.lines().filter(|line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_fence && !is_code
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The anchors of a document's headings, as GitHub derives them.
fn anchors(text: &str) -> BTreeSet<String> {
    let link = Regex::new(r"\[([^\]]*)\]\([^)]*\)").unwrap();
    let mut seen = HashMap::<String, usize>::new();
    let headings = prose(text);
    let headings = headings.lines().filter(|line| line.starts_with('#'));
    let anchors = headings.map(|line| {
        let title = link.replace_all(line.trim_start_matches('#').trim(), "$1").to_lowercase();
        let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        let anchor = kept.map(|c| if c == ' ' { '-' } else { c }).collect::<String>();
        let times = seen.entry(anchor.clone()).or_default();
        *times += 1;
        if *times == 1 { anchor } else { format!("{anchor}-{}", *times - 1) }
    });
    anchors.collect()
}

/// What a document links to, without addresses elsewhere.
fn links(text: &str) -> Vec<String> {
    // A link in a line, a definition of one, and the picture of an HTML tag.
    let links = Regex::new(r#"\]\(([^)\s]+)[^)]*\)|^\[[^\]]+\]:\s*(\S+)|src="([^"]+)""#).unwrap();
    let spans = Regex::new("`[^`]*`").unwrap();
    let prose = prose(text);
    let found = prose.lines().flat_map(|line| {
        let line = spans.replace_all(line, "`code`").into_owned();
        let targets = links.captures_iter(&line).map(|found| found.iter().skip(1).flatten().next().unwrap().as_str());
        targets.map(ToOwned::to_owned).collect::<Vec<_>>()
    });
    found.filter(|target| !target.contains("://") && !target.starts_with("mailto:")).collect()
}

/// Paths of the repository that a document names in code spans.
fn named_paths(text: &str) -> Vec<String> {
    let spans = Regex::new(r"`([A-Za-z0-9_./-]+)(?: [^`]*)?`").unwrap();
    let prose = prose(text);
    let spans = spans.captures_iter(&prose).map(|found| found[1].to_owned());
    spans.filter(|path| path.split_once('/').is_some_and(|(folder, _)| FOLDERS.contains(&folder))).collect()
}

#[test]
fn links_lead_somewhere() {
    let mut broken = Vec::new();
    for document in documents() {
        let text = fs::read_to_string(root().join(&document)).unwrap();
        for target in links(&text) {
            let (path, anchor) = target.split_once('#').map_or((target.as_str(), None), |(path, a)| (path, Some(a)));
            let file = match path {
                "" => root().join(&document),
                path => root().join(document.parent().unwrap()).join(path),
            };
            let leads_to_heading =
                |anchor: &str| fs::read_to_string(&file).is_ok_and(|text| anchors(&text).contains(anchor));
            if !file.exists() || anchor.is_some_and(|anchor| !leads_to_heading(anchor)) {
                broken.push(format!("{}: {target}", document.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn paths_in_code_spans_exist() {
    let mut missing = Vec::new();
    for document in documents() {
        let text = fs::read_to_string(root().join(&document)).unwrap();
        let paths = named_paths(&text).into_iter().filter(|path| !root().join(path).exists());
        missing.extend(paths.map(|path| format!("{}: {path}", document.display())));
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Code that a document says is in a file: "`name` in `path`".
fn named_code(text: &str) -> Vec<(String, String)> {
    let spans = Regex::new(r"`([A-Za-z_]+)`\s+in\s+`(src/[^`]+\.rs)`").unwrap();
    spans.captures_iter(&prose(text)).map(|found| (found[1].to_owned(), found[2].to_owned())).collect()
}

#[test]
fn named_code_is_in_its_file() {
    for document in documents() {
        for (name, path) in named_code(&read(document.to_str().unwrap())) {
            let is_declared = ["fn", "struct", "enum", "trait", "const"].iter().any(|kind| {
                let declaration = Regex::new(&format!(r"\b{kind} {name}\b")).unwrap();
                declaration.is_match(&read(&path))
            });
            assert!(is_declared, "{}: {path} does not declare {name}", document.display());
        }
    }
}

#[test]
fn indexes_are_complete() {
    for folder in ["docs", "docs/adr"] {
        let listed: BTreeSet<_> = links(&read(&format!("{folder}/index.md"))).into_iter().collect();
        for document in documents() {
            let name = document.file_name().unwrap().to_str().unwrap();
            if document.parent() == Some(Path::new(folder)) && name != "index.md" {
                assert!(listed.contains(name), "{folder}/index.md does not list {name}");
            }
        }
    }
    assert!(links(&read("docs/index.md")).contains(&"adr/index.md".to_owned()));
}

#[test]
fn the_readme_is_short() {
    let lines = read("README.md").lines().count();
    assert!(lines <= README_LINES, "README.md has {lines} lines");
}

#[test]
fn the_page_of_errors_lists_every_code() {
    let page = read("docs/errors.md");
    for code in ErrorCode::ALL {
        let row = format!("| `{}` | {} | ", code.name(), code.status());
        assert!(page.contains(&row), "docs/errors.md has no row that begins with {row}");
    }
    let rows = page.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, ErrorCode::ALL.len(), "docs/errors.md lists a code that does not exist");
}

#[test]
fn the_image_is_built_with_the_pinned_toolchain() {
    let channel = read("rust-toolchain.toml");
    let version = Regex::new(r#"channel = "(\d+\.\d+\.\d+)""#).unwrap().captures(&channel).unwrap()[1].to_owned();
    assert!(read("Dockerfile").contains(&format!("FROM rust:{version}-")), "Dockerfile does not use Rust {version}");
}

/// The options in the commands of a text that run curl.
fn curl_options(text: &str) -> BTreeSet<String> {
    let joined = text.replace("\\\n", " ");
    // Up to the end of the command: a pipe, a closing parenthesis, or the end of the line.
    let commands = Regex::new(r"(?m)(?:^|[\s(`$])curl( [^|\n]*)").unwrap();
    let options = Regex::new(r"\s(--[a-z][a-z0-9.-]*|-[A-Za-z#])").unwrap();
    let commands: Vec<_> = commands.captures_iter(&joined).map(|found| found[1].to_owned()).collect();
    commands.iter().flat_map(|command| options.captures_iter(command)).map(|found| found[1].to_owned()).collect()
}

#[test]
fn commands_work_with_an_old_curl() {
    let known = read("tests/data/curl-7.68-options.txt");
    let known: BTreeSet<_> = known.lines().filter(|line| !line.starts_with('#')).collect();
    let scripts = fs::read_dir(root().join("examples")).unwrap().map(|entry| entry.unwrap().path());
    let scripts = scripts.filter(|path| path.extension().is_some_and(|extension| extension == "sh"));
    for path in documents().into_iter().chain(scripts) {
        for option in curl_options(&fs::read_to_string(root().join(&path)).unwrap()) {
            assert!(known.contains(option.as_str()), "{}: curl 7.68 has no {option}", path.display());
        }
    }
}

#[test]
fn options_of_curl_are_found() {
    let text =
        "status=$(curl --silent \\\n    --json @x \"$@\") | jq -r\nneeds curl 7.82\ncurl -N -H 'a: b' url -- --x\n";
    assert_eq!(curl_options(text), ["--json", "--silent", "--x", "-H", "-N"].map(ToOwned::to_owned).into());
}

#[test]
fn the_reader_of_documents_sees_links_and_headings() {
    let text = "# One\n## `two` & [three](x.md)\n# One\n```sh\n# no heading [no](link.md)\n```\n[a]: b.md#c\n";
    assert_eq!(anchors(text), ["one", "one-1", "two--three"].map(ToOwned::to_owned).into());
    assert_eq!(links(text), ["x.md", "b.md#c"]);
    assert_eq!(
        named_paths("`src/lib.rs`, `scripts/fuzz 5`, `sms/NAME`, `src/a b`"),
        ["src/lib.rs", "scripts/fuzz", "src/a"]
    );
}
