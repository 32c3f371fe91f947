//! The AST as text in its canonical form. Comments are not part of it yet.

use std::fmt::Write as _;

use super::ast::{Field, File, Item, Statement, StatementKind, Table, Term, TermKind};

/// The text of a file: reading it again gives the same AST, up to places and comments.
pub fn print(file: &File) -> String {
    let mut text = String::new();
    for item in &file.items {
        if !text.is_empty() {
            text.push('\n');
        }
        print_item(&mut text, item);
    }
    text
}

fn print_item(text: &mut String, item: &Item) {
    match item {
        Item::Let(list) => {
            let _ = write!(text, "let {} =", list.name.text);
            terms(text, &list.value, 0);
            text.push('\n');
        }
        Item::Rule(rule) => {
            let off = if rule.off.is_some() { " off" } else { "" };
            let _ = writeln!(text, "rule {}{off} {{", quoted(&rule.name.text));
            fields(text, &rule.fields, 1);
            text.push_str("}\n");
        }
        Item::Test(test) => {
            let _ = writeln!(text, "test {} {{", quoted(&test.name.text));
            test.statements.iter().for_each(|one| statement(text, one));
            text.push_str("}\n");
        }
    }
}

fn fields(text: &mut String, fields: &[Field], depth: usize) {
    for field in fields {
        indent(text, depth);
        text.push_str(&field.key.text);
        terms(text, &field.value, depth);
        text.push('\n');
    }
}

fn terms(text: &mut String, terms: &[Term], depth: usize) {
    for term in terms {
        if term.kind != TermKind::Comma {
            text.push(' ');
        }
        print_term(text, term, depth);
    }
}

fn print_term(text: &mut String, term: &Term, depth: usize) {
    match &term.kind {
        TermKind::Word(word) | TermKind::Atom(word) => text.push_str(word),
        TermKind::Text(raw) => {
            let _ = write!(text, "\"{raw}\"");
        }
        TermKind::Comma => text.push(','),
        TermKind::Block(inner) => {
            text.push_str("{\n");
            fields(text, inner, depth + 1);
            indent(text, depth);
            text.push('}');
        }
    }
}

fn statement(text: &mut String, statement: &Statement) {
    match &statement.kind {
        StatementKind::At(moment) => {
            text.push_str("  at ");
            print_term(text, moment, 1);
            text.push('\n');
        }
        StatementKind::Stock(rows) => table(text, "stock", rows),
        StatementKind::Bundle(rows) => table(text, "bundle", rows),
        StatementKind::Expect(rows) => table(text, "expect", rows),
    }
}

fn table(text: &mut String, key: &str, table: &Table) {
    let _ = write!(text, "  {key} {} {{", quoted(&table.sku.text));
    for (index, (key, value)) in table.rows.iter().enumerate() {
        text.push_str(if index == 0 { " " } else { ", " });
        table_term(text, key);
        text.push(' ');
        table_term(text, value);
    }
    text.push_str(" }\n");
}

/// The strings of a test's tables are kept without their escapes.
fn table_term(text: &mut String, term: &Term) {
    match &term.kind {
        TermKind::Text(plain) => text.push_str(&quoted(plain)),
        _ => print_term(text, term, 1),
    }
}

fn quoted(plain: &str) -> String {
    format!("\"{}\"", plain.replace('\\', r"\\").replace('"', "\\\""))
}

fn indent(text: &mut String, depth: usize) {
    (0..depth).for_each(|_| text.push_str("  "));
}
