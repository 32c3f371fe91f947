//! What editors are given, held to the program.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use stocksync::syntax::KEYWORDS;

fn json(path: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("editors/vscode").join(path);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
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
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("editors/vscode").join(file.as_str().unwrap());
        assert!(path.is_file(), "{}", path.display());
    }
}
