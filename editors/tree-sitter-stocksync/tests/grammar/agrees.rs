//! The grammar takes the texts that the program takes, and sees the same items, fields and statements in them.

use crate::texts::{parser, pieces, texts};
use proptest::prelude::*;
use stocksync::source::Sources;
use stocksync::syntax::ast::{Field, Item, Statement, StatementKind, TermKind};
use tree_sitter::{Node, Parser};

/// An item, a field or a statement: what it is, its name or key, and where it stands.
type Seen = (String, String, std::ops::Range<usize>);

/// What the program sees; `None` where it finds a fault.
fn by_the_program(text: &str) -> Option<Vec<Seen>> {
    let (file, faults) = stocksync::syntax::parse(Sources::new().add("a.sync", text), text);
    faults.is_empty().then(|| file.items.iter().flat_map(|item| item_seen(item, text)).collect())
}

fn item_seen(item: &Item, text: &str) -> Vec<Seen> {
    let name = &item.name().span;
    let name = &text[name.start as usize..name.end as usize];
    let span = item.span();
    let seen = |kind: &str| (kind.to_owned(), name.to_owned(), span.start as usize..span.end as usize);
    match item {
        Item::Let(_) => vec![seen("let")],
        Item::Rule(rule) => {
            let head = seen(if rule.off.is_some() { "rule off" } else { "rule" });
            [head].into_iter().chain(rule.fields.iter().flat_map(field_seen)).collect()
        }
        Item::Test(test) => {
            [seen("test")].into_iter().chain(test.statements.iter().map(statement_seen)).collect()
        }
    }
}

fn field_seen(field: &Field) -> Vec<Seen> {
    let span = field.span.start as usize..field.span.end as usize;
    let mut seen = vec![("field".to_owned(), field.key.text.clone(), span)];
    for term in &field.value {
        if let TermKind::Block(inner) = &term.kind {
            seen.extend(inner.iter().flat_map(field_seen));
        }
    }
    seen
}

fn statement_seen(statement: &Statement) -> Seen {
    let (kind, rows) = match &statement.kind {
        StatementKind::At(_) => ("at", 0),
        StatementKind::Stock(table) => ("stock", table.rows.len()),
        StatementKind::Bundle(table) => ("bundle", table.rows.len()),
        StatementKind::Expect(table) => ("expect", table.rows.len()),
    };
    (kind.to_owned(), rows.to_string(), statement.span.start as usize..statement.span.end as usize)
}

/// What the grammar sees; `None` where it finds an error.
fn by_the_grammar(parser: &mut Parser, text: &str) -> Option<Vec<Seen>> {
    let tree = parser.parse(text, None).unwrap();
    let mut seen = Vec::new();
    node_seen(tree.root_node(), text, &mut seen);
    (!tree.root_node().has_error()).then_some(seen)
}

fn node_seen(node: Node<'_>, text: &str, seen: &mut Vec<Seen>) {
    let of = |node: Node<'_>| text[node.byte_range()].to_owned();
    let field = |name| node.child_by_field_name(name).map(of).unwrap_or_default();
    let children =
        |kind| (0..node.child_count()).filter(|&at| node.child(at).unwrap().kind() == kind).count();
    let found = match node.kind() {
        "let" => Some(("let", field("name"))),
        "rule" => Some((if children("off") > 0 { "rule off" } else { "rule" }, field("title"))),
        "test" => Some(("test", field("title"))),
        "at" => node.is_named().then(|| ("at", "0".to_owned())),
        kind @ ("stock" | "bundle" | "expect") => {
            node.is_named().then(|| (kind, children("row").to_string()))
        }
        "list_field" | "scalar_field" | "unknown_field" => Some(("field", field("key"))),
        "split" | "active" | "priority" | "override" => {
            node.is_named().then(|| ("field", of(node.child(0).unwrap())))
        }
        _ => None,
    };
    if let Some((kind, name)) = found.filter(|_| node.is_named()) {
        seen.push((kind.to_owned(), name, node.byte_range()));
    }
    for at in 0..node.child_count() {
        node_seen(node.child(at).unwrap(), text, seen);
    }
}

#[track_caller]
fn check(parser: &mut Parser, name: &str, text: &str) -> bool {
    let program = by_the_program(text);
    assert_eq!(program, by_the_grammar(parser, text), "{name}: {text:?}");
    program.is_some()
}

#[test]
fn every_text_of_the_project_is_seen_alike() {
    let mut parser = parser();
    let taken = texts().iter().filter(|(name, text)| check(&mut parser, name, text)).count();
    let refused = texts().len() - taken;
    assert!(taken >= 60 && refused >= 20, "{taken} taken, {refused} refused");
}

/// A rule with this in it, whatever it is, is seen alike.
#[track_caller]
fn check_field(field: &str, taken: bool) {
    let text = format!("rule \"R\" {{\n  {field}\n}}\n");
    assert_eq!(check(&mut parser(), "a field", &text), taken, "{field}");
}

#[test]
fn lines_end_lists() {
    check_field("stores a, b", true);
    check_field("stores a b", false);
    check_field("stores a\n  treshold 5", true);
    check_field("stores a # and\n  treshold 5", true);
    check_field("stores a # and\n  , b # or\n except # not\n c,", true);
    check_field("stores a,\n  b cap 5", true);
    check_field("stores a, except b,", true);
    check_field("stores a except b except c", false);
    check_field("stores all, treshold 5", false);
    check_field("stores all,\n treshold 5", true);
    check_field("treshold 5 cap 6", true);
    check_field("treshold 5 limit 6", true);
    check_field("treshold 5, 6 limit 6", false);
    check_field("treshold\n 5", false);
    check_field("treshold # five\n 5", false);
    check_field("treshold a\n 5", true);
    check_field("treshold 5 except 6", false);
    check_field("split a 1, b 2,", true);
    check_field("split a 1, b", false);
    check_field("split a 1 b 2", false);
    check_field("split a 1,\n  b all", false);
}

#[test]
fn words_end_where_they_end() {
    check_field("cap5 6", true);
    check_field("cap\"5\"", true);
    check_field("cap+5", true);
    check_field("cap*5", false);
    check_field("stores aB", false);
    check_field("stores a.b", false);
    check_field("stores é", false);
    check_field("stores a\u{85}", false);
    check_field("stores rule", false);
    check_field("active from 2026-11-27 18:00 until 2026-11-28", true);
    check_field("active from 2026-11-27 x until 2026-11-28", false);
    check_field("skus \"#\", \" a\\*b\\\\ \", \"ก🦀\"", true);
    check_field("skus \"a\\b\"", false);
    check_field("skus \"\"", false);
    check_field("skus \"a\u{7}\"", false);
    check_field("store a { cap 5 stores b }", true);
    check_field("store a { store b { cap 5 } }", false);
}

/// A text of the project with pieces taken out, doubled, exchanged or put in.
fn mutated() -> impl Strategy<Value = String> {
    let cut = |text: &String| pieces(text).into_iter().map(str::to_owned).collect::<Vec<_>>();
    let all: Vec<Vec<String>> =
        texts().iter().map(|(_, text)| cut(text)).filter(|cut| cut.len() > 1).collect();
    let words: Vec<String> = all.iter().flatten().cloned().collect();
    let change = (any::<prop::sample::Index>(), prop::sample::select(words), 0..5_u8);
    (prop::sample::select(all), prop::collection::vec(change, 1..4)).prop_map(|(mut text, changes)| {
        for (at, word, how) in changes {
            let at = at.index(text.len());
            match how {
                0 => drop(text.remove(at)),
                1 => text.insert(at, word),
                2 => text[at] = word,
                3 => text.swap(at, at.saturating_sub(2)),
                _ => text.insert(at, text[at].clone()),
            }
            if text.is_empty() {
                break;
            }
        }
        text.concat()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(3000) })]

    #[test]
    fn changed_texts_are_seen_alike(text in mutated()) {
        // A NUL is the end of the text to the lexer, and no rule holds one.
        prop_assume!(!text.contains('\0'));
        prop_assert_eq!(by_the_program(&text), by_the_grammar(&mut parser(), &text));
    }
}
