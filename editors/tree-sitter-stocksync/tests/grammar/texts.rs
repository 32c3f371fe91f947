//! Rule files of all kinds, from everywhere in the project.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use tree_sitter::Parser;

/// Where files with rules, sound or not, stand; the formatter's expectations end in `.expected`.
const FOLDERS: &[(&str, &[&str])] =
    &[("rules", &["sync"]), ("tests/cases", &["sync", "expected"]), ("fuzz/seeds", &[])];
/// Documents with rules in blocks.
const DOCUMENTS: &[&str] = &["README.md", "docs/ci.md", "docs/reference.md", "grammar/reference.md"];

/// The project's folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A parser of the language.
pub fn parser() -> Parser {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_stocksync::LANGUAGE.into()).unwrap();
    parser
}

/// The texts: files, blocks of documents, the examples of every finding; each with its name, sorted.
pub fn texts() -> &'static [(String, String)] {
    static TEXTS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
        let mut found: Vec<_> = FOLDERS.iter().flat_map(|(folder, ends)| files(folder, ends)).collect();
        for name in DOCUMENTS {
            let document = fs::read_to_string(root().join(name)).unwrap();
            let blocks = document.split("```").enumerate().filter(|(at, _)| at % 2 == 1);
            let rules =
                blocks.filter_map(|(at, block)| Some((at, block.strip_prefix("sync")?.split_once('\n')?.1)));
            found.extend(rules.map(|(at, block)| (format!("{name} block {at}"), block.to_owned())));
        }
        for code in stocksync::diagnostic::codes() {
            found.push((format!("{} bad", code.code), code.bad.to_owned()));
            found.push((format!("{} good", code.code), code.good.to_owned()));
        }
        found.sort();
        found
    });
    &TEXTS
}

/// The texts of a folder's files with one of these endings, or of all that are texts.
pub fn files(folder: &str, ends: &[&str]) -> Vec<(String, String)> {
    let (mut found, mut folders) = (Vec::new(), vec![root().join(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let end = path.extension().and_then(|end| end.to_str()).unwrap_or("");
            if path.is_dir() {
                folders.push(path);
            } else if ends.is_empty() || ends.contains(&end) {
                let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
                found.extend(fs::read_to_string(&path).ok().map(|text| (name, text)));
            }
        }
    }
    found.sort();
    found
}

/// A text in pieces: words, strings, gaps, and all else by the character.
pub fn pieces(text: &str) -> Vec<&str> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let run = |same: fn(char) -> bool| rest.find(|c| !same(c)).unwrap_or(rest.len());
        let length = match first {
            'a'..='z' | 'A'..='Z' | '0'..='9' => {
                run(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '%'))
            }
            ' ' => run(|c| c == ' '),
            '"' => rest[1..].find(['"', '\n']).map_or(rest.len(), |end| end + 2),
            '#' => run(|c| c != '\n'),
            _ => first.len_utf8(),
        };
        let (piece, tail) = rest.split_at(length);
        pieces.push(piece);
        rest = tail;
    }
    pieces
}
