//! The formatter on whole files: the cases under `tests/cases/fmt`, every example of ours, and the command.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]
#![cfg_attr(feature = "cli", expect(clippy::panic, clippy::indexing_slicing, reason = "tests"))]
#![cfg_attr(
    feature = "cli",
    expect(unreachable_pub, reason = "the support modules are shared by several tests")
)]

#[cfg(feature = "cli")]
#[path = "support/built.rs"]
mod built;
#[cfg(feature = "cli")]
#[path = "fmt/command.rs"]
mod command;
#[cfg(feature = "cli")]
#[path = "support/folder.rs"]
mod folder;

use std::fs;
use std::path::{Path, PathBuf};
use stocksync::fmt::{Unformatted, format};
use stocksync::source::Sources;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn formatted(text: &str) -> Result<String, Unformatted> {
    format(Sources::new().add("a.sync", text), text)
}

fn files(folder: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Each `<name>.sync` becomes `<name>.expected`; `STOCKSYNC_BLESS=1` writes those anew.
#[test]
fn cases() {
    let mut count = 0;
    for path in files("tests/cases/fmt") {
        if path.extension().is_none_or(|ending| ending != "sync") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let found = formatted(&text).unwrap_or_else(|why| panic!("{}: {why:?}", path.display()));
        let beside = path.with_extension("expected");
        if std::env::var_os("STOCKSYNC_BLESS").is_some() {
            fs::write(&beside, &found).unwrap();
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        assert_eq!(found, expected, "{}", path.display());
        count += 1;
    }
    assert!(count >= 8, "{count} cases");
}

#[test]
fn our_own_rule_files_are_in_the_style() {
    for path in files("rules").iter().filter(|path| path.extension().is_some_and(|ending| ending == "sync")) {
        let text = fs::read_to_string(path).unwrap();
        assert_eq!(formatted(&text), Ok(text), "{}: run `stocksync fmt`", path.display());
    }
}

#[test]
fn examples_in_documents_are_in_the_style() {
    for (name, least) in [("grammar/reference.md", 6), ("README.md", 1)] {
        let document = fs::read_to_string(root().join(name)).unwrap();
        let mut count = 0;
        for block in document.split("\n```sync\n").skip(1) {
            let example = format!("{}\n", block.split("\n```").next().unwrap());
            assert_eq!(formatted(&example), Ok(example.clone()), "of {name}\n{example}");
            count += 1;
        }
        assert!(count >= least, "{count} examples in {name}");
    }
}
