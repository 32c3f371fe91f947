//! What no compiler checks: the shape of the tree.

use crate::asked::root;
use std::fs;
use std::path::PathBuf;

const FILE_LINES_MAX: usize = 500;

/// Every file of ours under `folder` with one of these endings.
fn files(folder: &str, endings: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if name != "target" && !name.starts_with('.') {
                    folders.push(path);
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "nothing found under {folder}");
    found
}

fn rust_files() -> Vec<(PathBuf, String)> {
    let folders = ["src", "plugins", "tests", "editors"];
    folders.iter().flat_map(|folder| files(folder, &[".rs"])).collect()
}

#[test]
fn files_are_small() {
    for (path, text) in rust_files() {
        let lines = text.lines().count();
        assert!(lines <= FILE_LINES_MAX, "{} has {lines} lines", path.display());
    }
}

#[test]
fn unsafe_code_stands_in_few_files_each_block_with_its_reason() {
    // The last is no part of the program: it names the table that the generated parser is.
    let allowed = [
        "src/shell/plugin.rs",
        "plugins/sdk/src/ffi.rs",
        "editors/tree-sitter-stocksync/bindings/rust/lib.rs",
    ];
    // The macro writes `#[unsafe(no_mangle)]` into connectors, and is part of the SDK's ABI.
    for (path, text) in rust_files() {
        let path = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
        if path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("abi.rs") {
            continue;
        }
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let opens = line.contains("unsafe {") || line.trim_start().starts_with("unsafe impl");
            if !opens || line.trim_start().starts_with("//") {
                continue;
            }
            assert!(allowed.contains(&path.as_str()), "{path}:{} has unsafe code", at + 1);
            let near = &lines[at.saturating_sub(6)..at];
            assert!(near.iter().any(|line| line.contains("SAFETY:")), "{path}:{} lacks `// SAFETY:`", at + 1);
        }
    }
}

#[test]
fn the_core_names_neither_the_shell_nor_the_sdk() {
    for (path, text) in files("src", &[".rs"]) {
        let name = path.strip_prefix(root().join("src")).unwrap().to_string_lossy().into_owned();
        if name.starts_with("shell") || name == "main.rs" || name == "lib.rs" {
            continue;
        }
        for word in ["crate::shell", "stocksync_sdk", "rusqlite", "reqwest", "libloading"] {
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            assert!(!code.clone().any(|line| line.contains(word)), "src/{name} names {word}");
        }
    }
}

/// A profile can name packages one by one only.
#[test]
fn every_connector_is_built_without_names_of_functions() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let (mut connectors, mut missing) = (0, Vec::new());
    for (path, text) in files("plugins", &["Cargo.toml"]) {
        let folder = path.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        // The first is for tests alone; what is no shared library is never loaded.
        if folder == "faulty" || !text.contains("\"cdylib\"") {
            continue;
        }
        connectors += 1;
        let stripped = format!("[profile.release.package.stocksync-{folder}]\nstrip = \"symbols\"\n");
        missing.extend((!manifest.contains(&stripped)).then_some(folder));
    }
    assert!(connectors > 1);
    assert!(missing.is_empty(), "without `strip = \"symbols\"` in Cargo.toml: {missing:?}");
}

#[test]
fn every_diagnostic_is_explained_and_numbered_once() {
    let mut seen = std::collections::BTreeSet::new();
    for code in stocksync::diagnostic::codes() {
        assert!(seen.insert(code.code), "{} stands twice", code.code);
        assert!(seen.insert(code.name), "{} stands twice", code.name);
        for (what, text) in [("what", code.what), ("why", code.why), ("bad", code.bad), ("good", code.good)] {
            assert!(!text.trim().is_empty(), "{} has no `{what}`", code.name);
        }
        let digits = code.code.strip_prefix("SS").unwrap();
        assert!(digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit()), "{}", code.code);
    }
}

#[test]
fn every_rule_field_is_in_the_reference() {
    let reference = fs::read_to_string(root().join("grammar/reference.md")).unwrap();
    for field in stocksync::check::FIELDS {
        assert!(reference.contains(&format!("`{}", field.key)), "`{}` is not in the reference", field.key);
    }
}

#[test]
fn every_dependency_has_its_sentence() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let architecture = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let from = manifest.find("\n[dependencies]").unwrap();
    let to = manifest.find("\n[lints]").unwrap();
    for line in manifest[from..to].lines() {
        let Some((name, _)) = line.split_once([' ', '.']) else { continue };
        let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        if name.is_empty() || !is_name || name.starts_with("stocksync") {
            continue;
        }
        assert!(architecture.contains(&format!("`{name}`")), "`{name}` has no sentence in ARCHITECTURE.md");
    }
}
