//! What editors are given, held to the program.

use crate::cache::{cache, fetch};
use crate::tools::has;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use stocksync::syntax::KEYWORDS;

fn extension() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("editors/vscode")
}

fn json(path: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(extension().join(path)).unwrap()).unwrap()
}

#[test]
fn every_keyword_is_coloured_and_nothing_else() {
    let grammar = json("syntaxes/stocksync.tmLanguage.json");
    let patterns = grammar["repository"]["words"]["patterns"].as_array().unwrap();
    let coloured: Vec<&str> = patterns
        .iter()
        .flat_map(|pattern| {
            let text = pattern["match"].as_str().unwrap();
            // `(?<!…)(one|two)(?!…)`
            let words = text.split_once(")(").and_then(|(_, rest)| rest.split_once(")(")).unwrap().0;
            words.split('|')
        })
        .collect();
    let set: BTreeSet<&str> = coloured.iter().copied().collect();
    assert_eq!(set.len(), coloured.len(), "a word twice");
    assert_eq!(set, KEYWORDS.iter().copied().collect());
}

#[test]
fn the_extension_has_the_programs_version_and_its_files() {
    let package = json("package.json");
    assert_eq!(package["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(json("package-lock.json")["version"], package["version"]);
    let contributes = &package["contributes"];
    for file in
        [&package["main"], &contributes["grammars"][0]["path"], &contributes["languages"][0]["configuration"]]
    {
        let path = extension().join(file.as_str().unwrap());
        assert!(path.is_file(), "{}", path.display());
    }
}

/// The packaged extension holds all that it needs, and loads.
#[test]
fn the_official_tool_packages_the_extension() {
    let test = "the_official_tool_packages_the_extension";
    if !has(&["npm", "node"], test) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    copy(&extension(), folder.path());
    let npm = |args: &[&str]| {
        let mut npm = Command::new("npm");
        npm.args(args).current_dir(folder.path()).env("npm_config_cache", cache("npm"));
        npm
    };
    let install = ["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"];
    if !fetch(&mut npm(&install), test) {
        return;
    }
    let ran = npm(&["run", "package", "--", "--out", "stocksync.vsix"]).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()));
    // The names of a ZIP file's entries stand in it as they are.
    let package = fs::read(folder.path().join("stocksync.vsix")).unwrap();
    for name in
        ["extension.js", "syntaxes/stocksync.tmLanguage.json", "node_modules/vscode-languageclient/node.js"]
    {
        let name = format!("extension/{name}");
        assert!(package.windows(name.len()).any(|part| part == name.as_bytes()), "{name} is not packaged");
    }
    let node = Command::new("node").args(["-e", LOAD]).current_dir(folder.path()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&node.stdout), "function function\n", "{node:?}");
}

/// Loads the extension beside an editor that has whatever is asked of it.
const LOAD: &str = r#"
const Module = require("module");
const load = Module._load;
const editor = new Proxy(class {}, { get: (of, name) => (name in of ? of[name] : class {}) });
Module._load = (name, ...rest) => (name === "vscode" ? editor : load(name, ...rest));
const { activate, deactivate } = require("./extension.js");
console.log(typeof activate, typeof deactivate);
"#;

/// Copies a folder without the packages that may lie in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, to) = (entry.as_ref().unwrap().path(), to.join(entry.as_ref().unwrap().file_name()));
        if !path.is_dir() {
            fs::copy(&path, to).unwrap();
        } else if !path.ends_with("node_modules") {
            copy(&path, &to);
        }
    }
}
