//! The corpus, which `tree-sitter test` runs too: every example rule file of the project and the corners of the grammar,
//! each with its tree. `STOCKSYNC_BLESS=1` writes the trees anew.

use crate::texts::{files, parser, root};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use tree_sitter::{Query, QueryCursor, StreamingIterator as _};

const HEAD: &str = "==================";

struct Case {
    name: String,
    text: String,
    tree: String,
}

fn corpus() -> PathBuf {
    root().join("editors/tree-sitter-stocksync/test/corpus")
}

/// A corpus file's cases: name between two lines of `=`, text, a line `---`, tree.
fn cases(text: &str) -> Vec<Case> {
    let head = format!("{HEAD}\n");
    let mut parts = text.split(&head).skip(1);
    let mut cases = Vec::new();
    while let (Some(name), Some(body)) = (parts.next(), parts.next()) {
        let (text, tree) = body.rsplit_once("\n---\n\n").unwrap();
        cases.push(Case {
            name: name.trim().to_owned(),
            text: text.to_owned(),
            tree: tree.trim().to_owned(),
        });
    }
    cases
}

/// The tree as the tool writes it: a node a line, two spaces for each level.
fn tree(text: &str) -> String {
    let sexp = parser().parse(text, None).unwrap().root_node().to_sexp();
    let (mut out, mut depth) = (String::new(), 0);
    for word in sexp.split(' ') {
        if word.starts_with('(') && !out.is_empty() && !out.ends_with(": ") {
            out += &format!("\n{}", "  ".repeat(depth));
        } else if word.ends_with(':') {
            out += &format!("\n{}{word} ", "  ".repeat(depth));
            continue;
        } else if !word.starts_with('(') {
            out.push(' ');
        }
        out += word;
        depth = depth + word.matches('(').count() - word.matches(')').count();
    }
    out
}

fn written(cases: &[Case]) -> String {
    let one = |case: &Case| {
        format!("{HEAD}\n{}\n{HEAD}\n{}\n---\n\n{}\n\n", case.name, case.text, tree(&case.text))
    };
    cases.iter().map(one).collect()
}

#[test]
fn every_case_has_its_tree() {
    let blesses = std::env::var_os("STOCKSYNC_BLESS").is_some();
    if blesses {
        let example = |(name, text)| Case { name, text, tree: String::new() };
        let examples: Vec<Case> = files("rules", &["sync"]).into_iter().map(example).collect();
        fs::write(corpus().join("examples.txt"), written(&examples)).unwrap();
    }
    let mut count = 0;
    for (name, text) in files("editors/tree-sitter-stocksync/test/corpus", &["txt"]) {
        let found = cases(&text);
        if blesses {
            fs::write(root().join(&name), written(&found)).unwrap();
            continue;
        }
        for case in &found {
            assert_eq!(tree(&case.text), case.tree, "{name}: {}", case.name);
        }
        count += found.len();
    }
    assert!(blesses || count >= 20, "{count} cases");
}

#[test]
fn every_example_is_in_the_corpus() {
    let examples = cases(&fs::read_to_string(corpus().join("examples.txt")).unwrap());
    let there: BTreeSet<(String, String)> = examples.into_iter().map(|case| (case.name, case.text)).collect();
    let anew = "write it anew: STOCKSYNC_BLESS=1 cargo test -p tree-sitter-stocksync";
    assert_eq!(there, files("rules", &["sync"]).into_iter().collect(), "{anew}");
}

/// What each piece of a text is coloured as: of several captures the last pattern's wins.
fn colours(text: &str) -> Vec<(String, String)> {
    let language = tree_sitter_stocksync::LANGUAGE.into();
    let query = Query::new(&language, tree_sitter_stocksync::HIGHLIGHTS_QUERY).unwrap();
    let tree = parser().parse(text, None).unwrap();
    let mut cursor = QueryCursor::new();
    let mut captures = cursor.captures(&query, tree.root_node(), text.as_bytes());
    let mut found = std::collections::BTreeMap::new();
    while let Some((matched, at)) = captures.next() {
        let capture = matched.captures()[*at];
        let name = query.capture_names()[capture.index as usize];
        let place = (capture.node.start_byte(), capture.node.end_byte());
        let best = found.entry(place).or_insert((matched.pattern_index, name));
        *best = (*best).max((matched.pattern_index, name));
    }
    found.into_iter().map(|((from, to), (_, name))| (text[from..to].to_owned(), name.to_owned())).collect()
}

#[test]
fn every_keyword_is_coloured() {
    let query = tree_sitter_stocksync::HIGHLIGHTS_QUERY;
    for word in stocksync::syntax::KEYWORDS {
        let named = [format!("\"{word}\""), format!("({word})")];
        assert!(named.iter().any(|named| query.contains(named)), "{word}");
    }
}

#[test]
fn colours_are_of_what_a_word_is() {
    let found = colours("rule \"A\" off { skus \"B\\*-*\", c round up rate 50% } # d");
    let found: Vec<(&str, &str)> = found.iter().map(|(text, name)| (text.as_str(), name.as_str())).collect();
    let expected = [
        ("rule", "keyword"),
        ("\"A\"", "function"),
        ("off", "keyword.modifier"),
        ("{", "punctuation.bracket"),
        ("skus", "property"),
        ("\"B\\*-*\"", "string"),
        ("\\*", "string.escape"),
        ("*", "string.special"),
        (",", "punctuation.delimiter"),
        ("c", "variable"),
        ("round", "property"),
        ("up", "constant.builtin"),
        ("rate", "property"),
        ("50%", "number"),
        ("}", "punctuation.bracket"),
        ("# d", "comment"),
    ];
    assert_eq!(found, expected);
}
