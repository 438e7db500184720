//! Imports point one way: no module imports one above it, no subject of the application one above it, and no two files
//! import each other, directly or in a circle.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::LazyLock,
};

use regex::Regex;

/// The layers, from the bottom up. A module may import those of lower layers, and itself.
const LAYERS: &[&[&str]] = &[
    &["clock", "random", "jwt", "coalescer", "log_throttle", "fault_injection"],
    &["tracer"],
    &["domain"],
    &["store", "bus", "providers", "limiter", "mail", "fetch"],
    &["app"],
    &["http"],
    &["webhooks", "graphql", "rest", "pages", "jobs"],
    &["config"],
    &["telemetry"],
    &["server"],
    &["cli"],
    &["main", "lib"],
];

/// The subjects of `app`, from the bottom up. A subject may import those before it. What they all stand on comes first;
/// `App` itself is where they are put together, and has files of its own above and below.
const SUBJECTS: &[&str] = &["accounts", "numbers", "providers", "receiving", "watching", "maintenance", "admin"];

/// Crates that only some modules may name.
const OWNED: &[(&str, &[&str])] = &[
    ("sea_orm", &["store"]),
    ("migration", &["store"]),
    ("redis::", &["bus", "limiter"]),
    ("async_graphql", &["graphql"]),
    ("axum", &["http", "webhooks", "graphql", "rest", "pages", "server"]),
    ("utoipa", &["rest", "webhooks", "server"]),
    ("regex::", &["domain"]),
    ("lettre", &["mail"]),
    ("clap", &["cli"]),
    ("rlimit", &["cli"]),
    ("figment", &["config"]),
    ("jsonwebtoken", &["jwt", "app", "providers"]),
    ("argon2", &["app"]),
    ("opentelemetry", &["tracer", "telemetry"]),
    ("reqwest", &["fetch", "cli", "telemetry"]),
    ("rustls", &["fetch"]),
    ("ring::", &["jwt", "app", "providers"]),
    ("x509_cert", &["app", "providers"]),
    ("roxmltree", &["providers"]),
    ("std::env", &["config", "cli"]),
];

/// A module path without `crate`: `["app", "receiving", "batch"]`.
type Module = Vec<String>;

/// A source file of the library or the binary.
struct Source {
    /// Relative to `src`.
    file: String,
    module: Module,
    /// Without comments and without unit tests.
    code: String,
}

impl Source {
    fn top(&self) -> &str {
        self.module.first().map_or("lib", String::as_str)
    }
}

fn sources() -> Vec<Source> {
    fn walk(folder: &Path, root: &Path, found: &mut Vec<Source>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, root, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let file = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                let mut module: Module = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
                if module.last().is_some_and(|last| last == "mod" || last == "lib") {
                    module.pop();
                }
                let text = fs::read_to_string(&path).unwrap();
                let code: Vec<_> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
                found.push(Source { file, module, code: without_tests(&code.join("\n")) });
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &root, &mut found);
    found
}

/// Unit tests stand at the end of their file, and may import what they like.
fn without_tests(code: &str) -> String {
    code.split("#[cfg(test)]\nmod ").next().unwrap_or_default().to_owned()
}

/// An import: the path as it is written, split at `::`, and whether it is a re-export.
#[derive(Debug, PartialEq, Eq)]
struct Import {
    path: Vec<String>,
    reexported: bool,
}

/// A `use` statement: its visibility, and its tree.
static USE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?m)^[ \t]*(pub(?:\([^)]*\))?\s+)?use\s+([^;]+);").unwrap());

/// Every path that a file imports in `use`, and those that its code names with `crate::`, `super::` or `self::`.
fn imports(code: &str) -> Vec<Import> {
    let mut found = Vec::new();
    for statement in USE.captures_iter(code) {
        expand(&statement[2], &[], statement.get(1).is_some(), &mut found);
    }
    let paths = inline_paths(&without_use(code));
    found.extend(paths.into_iter().map(|path| Import { path, reexported: false }));
    found
}

fn without_use(code: &str) -> String {
    USE.replace_all(code, "").into_owned()
}

/// Writes a use tree out into its paths.
fn expand(tree: &str, prefix: &[String], reexported: bool, found: &mut Vec<Import>) {
    let tree = tree.trim();
    if let Some(group) = tree.strip_prefix('{').and_then(|tree| tree.strip_suffix('}')) {
        let mut depth = 0;
        let mut item = String::new();
        for c in group.chars().chain([',']) {
            match c {
                ',' if depth == 0 => {
                    expand(&std::mem::take(&mut item), prefix, reexported, found);
                    continue;
                }
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            item.push(c);
        }
        return;
    }
    match tree.split_once("::") {
        Some((first, rest)) => {
            let prefix: Vec<_> = prefix.iter().cloned().chain([first.trim().to_owned()]).collect();
            expand(rest, &prefix, reexported, found);
        }
        None if tree.is_empty() => {}
        None => {
            let name = tree.split(" as ").next().unwrap_or_default();
            let path = prefix.iter().cloned().chain([name.trim().to_owned()]).collect();
            found.push(Import { path, reexported });
        }
    }
}

/// The paths in code that begin with `crate::`, `super::` or `self::`. `pub(in crate::app)` is no import.
fn inline_paths(code: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for start in ["crate::", "super::", "self::"] {
        for (at, _) in code.match_indices(start) {
            let before = &code[..at];
            let continues = before.ends_with(|c: char| c.is_alphanumeric() || "_:$".contains(c));
            if continues || before.ends_with("pub(in ") {
                continue;
            }
            let end = code[at..].find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
            let path = code[at..end.map_or(code.len(), |end| at + end)].trim_end_matches(':');
            found.push(path.split("::").map(str::to_owned).collect());
        }
    }
    found
}

/// The path from the crate's root, or nothing for other crates.
fn absolute(path: &[String], module: &Module, known: &BTreeMap<Module, usize>) -> Option<Module> {
    let mut base: Module = module.clone();
    let mut rest = path;
    match path.first()?.as_str() {
        "crate" => (base, rest) = (Vec::new(), &path[1..]),
        "self" => rest = &path[1..],
        "super" => {
            while rest.first().is_some_and(|part| part == "super") {
                base.pop();
                rest = &rest[1..];
            }
        }
        child => {
            let mut child_module = base.clone();
            child_module.push(child.to_owned());
            known.get(&child_module)?;
        }
    }
    base.extend(rest.iter().cloned());
    Some(base)
}

/// Which files each file imports from, following re-exports to where the thing is defined.
fn graph(sources: &[Source]) -> Vec<BTreeSet<usize>> {
    let known: BTreeMap<Module, usize> =
        sources.iter().enumerate().filter(|(_, s)| s.file != "main.rs").map(|(at, s)| (s.module.clone(), at)).collect();
    let mut used = vec![Vec::new(); sources.len()];
    let mut reexports: BTreeMap<(usize, String), Module> = BTreeMap::new();
    for (at, source) in sources.iter().enumerate() {
        for import in imports(&source.code) {
            let Some(target) = absolute(&import.path, &source.module, &known) else { continue };
            let name = target.last().cloned().unwrap_or_default();
            if import.reexported {
                // A name that the file also uses itself is an import like any other.
                if names(&without_use(&source.code), &name) {
                    used[at].push(target.clone());
                }
                reexports.insert((at, name), target);
            } else {
                used[at].push(target);
            }
        }
    }
    let resolve = |target: &Module| {
        let mut target = target.clone();
        for _ in 0..16 {
            let found = (0..=target.len()).rev().find_map(|n| known.get(&target[..n]).map(|file| (*file, n)))?;
            match target.get(found.1).and_then(|name| reexports.get(&(found.0, name.clone()))) {
                Some(further) => target = further.iter().chain(&target[found.1 + 1..]).cloned().collect(),
                None => return Some(found.0),
            }
        }
        None
    };
    let edges = |(at, targets): (usize, Vec<Module>)| {
        // `super` of a module inside a top-level file leads to the root, which declares modules and nothing else.
        let is_other = |file: &usize| *file != at && !sources[*file].module.is_empty();
        targets.iter().filter_map(resolve).filter(is_other).collect::<BTreeSet<_>>()
    };
    used.into_iter().enumerate().map(edges).collect()
}

/// Whether a name occurs in code.
fn names(code: &str, name: &str) -> bool {
    code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
}

/// The files that import each other in circles: those from which a path leads back to themselves.
fn circles(edges: &[BTreeSet<usize>]) -> Vec<usize> {
    let returns = |start: usize| {
        let mut seen = BTreeSet::new();
        let mut next: Vec<usize> = edges[start].iter().copied().collect();
        while let Some(at) = next.pop() {
            if at == start {
                return true;
            }
            if seen.insert(at) {
                next.extend(&edges[at]);
            }
        }
        false
    };
    (0..edges.len()).filter(|at| returns(*at)).collect()
}

fn layer(module: &str) -> usize {
    LAYERS.iter().position(|layer| layer.contains(&module)).unwrap_or_else(|| panic!("`{module}` is in no layer"))
}

#[test]
fn modules_import_only_lower_ones() {
    let sources = sources();
    let edges = graph(&sources);
    let mut wrong = Vec::new();
    for (from, targets) in edges.iter().enumerate() {
        for to in targets {
            let (from, to) = (&sources[from], &sources[*to]);
            if from.top() != to.top() && layer(to.top()) >= layer(from.top()) {
                wrong.push(format!("{} imports {}", from.file, to.file));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(edges.iter().map(BTreeSet::len).sum::<usize>() > 500, "the imports were not found");
}

#[test]
fn subjects_of_the_application_import_only_lower_ones() {
    let sources = sources();
    let subject = |source: &Source| match source.module.as_slice() {
        [app, subject, ..] if app == "app" => SUBJECTS.iter().position(|known| known == subject),
        _ => None,
    };
    let mut wrong = Vec::new();
    for (from, targets) in graph(&sources).iter().enumerate() {
        for to in targets {
            let (from, to) = (&sources[from], &sources[*to]);
            if let (Some(above), Some(below)) = (subject(from), subject(to))
                && below > above
            {
                wrong.push(format!("{} imports {}", from.file, to.file));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let unknown: Vec<_> = sources
        .iter()
        .filter(|source| source.file.ends_with("/mod.rs") && source.module.len() == 2 && source.top() == "app")
        .filter(|source| subject(source).is_none())
        .map(|source| &source.file)
        .collect();
    assert!(unknown.is_empty(), "these have no place in the order of subjects: {unknown:?}");
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let sources = sources();
    let circles = circles(&graph(&sources));
    let wrong: Vec<_> = circles.iter().map(|file| &sources[*file].file).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_the_command_line_acts_as_the_operator() {
    let operator = ["domain", "Operator"].map(str::to_owned);
    let is_named = |source: &Source| imports(&source.code).iter().any(|import| import.path.ends_with(&operator));
    let all: Vec<_> = sources().into_iter().filter(is_named).collect();
    assert!(!all.is_empty());
    let wrong: Vec<_> = all.iter().filter(|source| source.top() != "cli").map(|source| &source.file).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn each_library_is_named_where_it_belongs() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (library, owners) in OWNED {
            let named = source.code.lines().any(|line| {
                let line = line.trim_start();
                let start = line.strip_prefix("use ").unwrap_or(line);
                start.starts_with(library) || line.contains(&format!(" {library}")) && line.contains("::")
            });
            if named && !owners.contains(&source.top()) && !["main", "lib"].contains(&source.top()) {
                wrong.push(format!("{} names {library}", source.file));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn imports_are_read_from_groups_and_paths() {
    let code = "use crate::{\n    app::{App, x::Y as Z},\n    domain::Error,\n};\npub(super) use self::z::{self, W};\n\
                pub(in crate::app) fn f() { crate::store::Viewer::new() }";
    let read: Vec<_> = imports(code).into_iter().map(|import| (import.path.join("::"), import.reexported)).collect();
    let expected = [
        ("crate::app::App", false),
        ("crate::app::x::Y", false),
        ("crate::domain::Error", false),
        ("self::z::self", true),
        ("self::z::W", true),
        ("crate::store::Viewer::new", false),
    ];
    assert_eq!(read, expected.map(|(path, reexported)| (path.to_owned(), reexported)));
}

#[test]
fn circles_are_found() {
    let file = |name: &str, code: &str| Source {
        file: format!("{name}.rs"),
        module: name.split('/').map(str::to_owned).collect(),
        code: code.to_owned(),
    };
    let sources = [
        file("a", "pub use self::inner::Thing;\npub mod inner;"),
        file("a/inner", "use crate::b::Other;\npub struct Thing;"),
        file("b", "use crate::a::Thing;\npub struct Other;"),
        file("c", "use crate::a::Thing;"),
    ];
    // `b` imports what `a` re-exports, so the circle is that of `a/inner` and `b`.
    assert_eq!(circles(&graph(&sources)), [1, 2]);
}
