//! What an item says, whatever its layout, its place, its comments and the order of its fields.

use super::ast::{Field, Item, StatementKind, Table, Term, TermKind};
use std::fmt::Write;

/// Equal for items that say the same in the same words.
pub fn shape(item: &Item) -> String {
    let mut out = String::new();
    match item {
        Item::Let(list) => {
            word(&mut out, "let");
            word(&mut out, &list.name.text);
            terms(&mut out, &list.value);
        }
        Item::Rule(rule) => {
            word(&mut out, if rule.off.is_some() { "rule off" } else { "rule" });
            word(&mut out, &rule.name.text);
            fields(&mut out, &rule.fields);
            // What could not be read is the same only by chance.
            rule.broken.iter().for_each(|key| word(&mut out, &format!("? {} {}", key.text, key.span.start)));
        }
        Item::Test(test) => {
            word(&mut out, "test");
            word(&mut out, &test.name.text);
            for statement in &test.statements {
                match &statement.kind {
                    StatementKind::At(moment) => terms(&mut out, std::slice::from_ref(moment)),
                    StatementKind::Stock(rows) => table(&mut out, "stock", rows),
                    StatementKind::Bundle(rows) => table(&mut out, "bundle", rows),
                    StatementKind::Expect(rows) => table(&mut out, "expect", rows),
                }
            }
        }
    }
    out
}

/// With its length, so that no two sequences of words look alike.
fn word(out: &mut String, text: &str) {
    let _ = write!(out, "{}:{text} ", text.len());
}

fn fields(out: &mut String, all: &[Field]) {
    let mut shapes: Vec<String> = all
        .iter()
        .map(|field| {
            let mut shape = String::new();
            word(&mut shape, &field.key.text);
            terms(&mut shape, &field.value);
            shape
        })
        .collect();
    shapes.sort();
    shapes.iter().for_each(|shape| word(out, shape));
}

fn terms(out: &mut String, terms: &[Term]) {
    let last = terms.iter().rposition(|term| term.kind != TermKind::Comma).map_or(0, |last| last + 1);
    for term in terms.iter().take(last) {
        match &term.kind {
            TermKind::Word(text) => word(out, &format!("w{text}")),
            TermKind::Text(text) => word(out, &format!("t{text}")),
            TermKind::Atom(text) => word(out, &format!("a{text}")),
            TermKind::Comma => out.push(','),
            TermKind::Block(inner) => fields(out, inner),
        }
    }
}

fn table(out: &mut String, key: &str, table: &Table) {
    word(out, key);
    word(out, &table.sku.text);
    for (key, value) in &table.rows {
        terms(out, std::slice::from_ref(key));
        terms(out, std::slice::from_ref(value));
    }
}

#[cfg(test)]
mod tests {
    use super::shape;
    use crate::source::Sources;
    use crate::syntax::parse;

    #[track_caller]
    fn check(a: &str, b: &str, same: bool) {
        let shapes = |text: &str| {
            let file = Sources::new().add("a", text);
            parse(file, text).0.items.iter().map(shape).collect::<Vec<_>>()
        };
        assert_eq!(shapes(a) == shapes(b), same, "{a}\n{b}");
    }

    #[test]
    fn layout_is_no_difference() {
        check("let a = \"X\", \"Y\"", "# x\nlet a =\n  \"X\", # y\n \"Y\",", true);
        check("let a = \"X\"", "let b = \"X\"", false);
        check("let a = \"X\"", "let a = X", false);
        check("let a = x, y", "let a = x except y", false);
        check("rule \"R\" { order 1 cap 2 }", "rule \"R\" {\n  cap 2\n  order 1\n}", true);
        check("rule \"R\" { order 1 }", "rule \"R\" off { order 1 }", false);
        check("rule \"R\" { store a { cap 1 floor 2 } }", "rule \"R\" { store a { floor 2 cap 1 } }", true);
        check("rule \"R\" { store a { cap 1 } }", "rule \"R\" { store a { cap 2 } }", false);
        check("test \"T\" { stock \"A\" { b 1 } }", "test \"T\" {\n stock \"A\" { b 1, }\n}", true);
        check("test \"T\" { stock \"A\" { b 1 } }", "test \"T\" { expect \"A\" { b 1 } }", false);
    }
}
