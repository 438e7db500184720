//! Imports point one way: no module names one that comes before it in the list of `lib.rs`.

use std::{fs, path::Path};

/// The layers, from the bottom up. A module may use those of lower layers, and itself.
const LAYERS: &[&[&str]] = &[
    &["ambient", "jwt", "fault_injection"],
    &["domain"],
    &["store", "bus", "providers", "limiter", "mail", "fetch"],
    &["app"],
    &["http"],
    &["webhooks", "graphql", "rest", "jobs"],
    &["config"],
    &["telemetry"],
    &["server"],
    &["cli"],
    &["main", "lib"],
];

/// Crates that one module alone may name.
const OWNED: &[(&str, &[&str])] = &[
    ("sea_orm", &["store"]),
    ("migration", &["store"]),
    ("redis::", &["bus", "limiter"]),
    ("async_graphql", &["graphql"]),
    ("axum", &["http", "webhooks", "graphql", "rest", "server"]),
    ("utoipa", &["rest", "webhooks", "server"]),
    ("regex::", &["domain"]),
    ("lettre", &["mail"]),
    ("clap", &["cli"]),
    ("rlimit", &["cli"]),
    ("figment", &["config"]),
    ("jsonwebtoken", &["jwt", "app", "providers"]),
    ("argon2", &["app"]),
    ("reqwest", &["fetch", "cli"]),
    ("rustls", &["fetch"]),
    ("ring::", &["jwt", "app", "providers"]),
    ("x509_cert", &["app", "providers"]),
    ("roxmltree", &["providers"]),
    ("std::env", &["config", "cli"]),
];

fn layer(module: &str) -> usize {
    LAYERS.iter().position(|layer| layer.contains(&module)).unwrap_or_else(|| panic!("`{module}` is in no layer"))
}

/// Every source file with the top-level module that it belongs to, and its code without comments.
fn sources() -> Vec<(String, String, String)> {
    fn walk(folder: &Path, found: &mut Vec<(String, String, String)>, root: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found, root);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let relative = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                let module = relative.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
                let text = fs::read_to_string(&path).unwrap();
                let code =
                    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
                found.push((relative, module, code));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut found, &root);
    found
}

/// The top-level modules that a file names, in `crate::x` and in `crate::{ x, … }`.
fn imports(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        // `$crate::` and `pub(crate)` do not match; `otpwire::` is the binary's.
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut item = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => names.push(std::mem::take(&mut item)),
                    c if depth == 0 => item.push(c),
                    _ => {}
                }
            }
            names.push(item);
        } else {
            names.push(rest.to_owned());
        }
    }
    let first = |name: String| {
        let name = name.trim_start();
        name[..name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len())].to_owned()
    };
    names.into_iter().map(first).filter(|name| !name.is_empty()).collect()
}

#[test]
fn imports_point_one_way() {
    let mut wrong = Vec::new();
    for (file, module, code) in sources() {
        for import in imports(&code) {
            let goes_down = layer(&import) < layer(&module) || import == module;
            if !goes_down {
                wrong.push(format!("{file} uses crate::{import}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn each_library_is_named_where_it_belongs() {
    let mut wrong = Vec::new();
    for (file, module, code) in sources() {
        for (library, owners) in OWNED {
            let named = code.lines().any(|line| {
                let line = line.trim_start();
                let start = line.strip_prefix("use ").unwrap_or(line);
                start.starts_with(library) || line.contains(&format!(" {library}")) && line.contains("::")
            });
            if named && !owners.contains(&module.as_str()) && module != "main" && module != "lib" {
                wrong.push(format!("{file} names {library}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_reader_of_imports_sees_groups_and_paths() {
    let code = "use crate::{\n    app::{App, x::Y},\n    domain::Error,\n};\nlet x = crate::store::Viewer;";
    assert_eq!(imports(code), ["app", "domain", "store"]);
}
