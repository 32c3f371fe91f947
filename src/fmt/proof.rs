//! What holds of every text that is given out, looked at anew each time.

use super::fields::rank;
use crate::source::{FileId, Span};
use crate::syntax::ast::{Field, File, Item, StatementKind, Table, Term, TermKind};
use crate::syntax::parse;

/// Whether `formatted` says what `text` says, and formats to itself.
pub(super) fn check(file: FileId, (tree, text): (&File, &str), formatted: &str) -> Result<(), &'static str> {
    let (again, faults) = parse(file, formatted);
    if !faults.is_empty() {
        return Err("the result could not be read");
    }
    if !same(tree, &again) {
        return Err("the result would mean something else");
    }
    if comments(text, &tree.comments) != comments(formatted, &again.comments) {
        return Err("the result would not have every comment");
    }
    if super::once(file, &again, formatted) != formatted {
        return Err("the result would be formatted differently the next time");
    }
    Ok(())
}

/// Whether two files say the same: everything but places, the order of fields, and commas behind last items.
fn same(a: &File, b: &File) -> bool {
    all(&a.items, &b.items, |a, b| match (a, b) {
        (Item::Let(a), Item::Let(b)) => a.name.text == b.name.text && same_terms(&a.value, &b.value),
        (Item::Rule(a), Item::Rule(b)) => {
            let heads = a.name.text == b.name.text && a.off.is_some() == b.off.is_some();
            heads && same_fields(&a.fields, &b.fields)
        }
        (Item::Test(a), Item::Test(b)) => {
            let statements = || all(&a.statements, &b.statements, |a, b| same_statements(&a.kind, &b.kind));
            a.name.text == b.name.text && statements()
        }
        _ => false,
    })
}

fn same_fields(a: &[Field], b: &[Field]) -> bool {
    all(&sorted(a), &sorted(b), |a, b| a.key.text == b.key.text && same_terms(&a.value, &b.value))
}

fn sorted(fields: &[Field]) -> Vec<&Field> {
    let mut sorted: Vec<&Field> = fields.iter().collect();
    sorted.sort_by_key(|field| rank(&field.key.text));
    sorted
}

fn same_terms(a: &[Term], b: &[Term]) -> bool {
    all(&without_idle_commas(a), &without_idle_commas(b), |a, b| same_term(a, b))
}

/// A comma at the end or before `except` says nothing.
fn without_idle_commas(terms: &[Term]) -> Vec<&Term> {
    let ends = |next: Option<&Term>| {
        next.is_none_or(|next| matches!(&next.kind, TermKind::Word(word) if word == "except"))
    };
    let idle = |(at, term): &(usize, &Term)| term.kind == TermKind::Comma && ends(terms.get(at + 1));
    terms.iter().enumerate().filter(|pair| !idle(pair)).map(|(_, term)| term).collect()
}

fn same_term(a: &Term, b: &Term) -> bool {
    match (&a.kind, &b.kind) {
        (TermKind::Block(a), TermKind::Block(b)) => same_fields(a, b),
        (a, b) => a == b,
    }
}

fn same_statements(a: &StatementKind, b: &StatementKind) -> bool {
    use StatementKind::{At, Bundle, Expect, Stock};
    match (a, b) {
        (At(a), At(b)) => same_term(a, b),
        (Stock(a), Stock(b)) | (Bundle(a), Bundle(b)) | (Expect(a), Expect(b)) => same_tables(a, b),
        _ => false,
    }
}

fn same_tables(a: &Table, b: &Table) -> bool {
    let rows = || all(&a.rows, &b.rows, |a, b| same_term(&a.0, &b.0) && same_term(&a.1, &b.1));
    a.sku.text == b.sku.text && rows()
}

fn all<T>(a: &[T], b: &[T], same: impl Fn(&T, &T) -> bool) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
}

/// The comments of a text, sorted. White space at the end of a line is none of theirs.
fn comments<'t>(text: &'t str, places: &[Span]) -> Vec<&'t str> {
    let text = |span: &Span| text.get(span.start as usize..span.end as usize).unwrap_or_default().trim_end();
    let mut all: Vec<&str> = places.iter().map(text).collect();
    all.sort_unstable();
    all
}
