//! Tests: what they set up, and what they expect.

use super::cursor::Cursor;
use super::title;
use crate::syntax::ast::{Statement, StatementKind, Table, Term, TermKind, Test};

/// The rest of `test "NAME" { … }`, whose keyword starts at `start`.
pub(super) fn test(cursor: &mut Cursor<'_>, start: usize) -> Option<Test> {
    cursor.gap()?;
    let name = title(cursor)?;
    cursor.gap()?;
    cursor.byte(b'{')?;
    let mut statements = Vec::new();
    loop {
        cursor.gap()?;
        if cursor.byte(b'}').is_some() {
            return Some(Test { span: cursor.span(start), name, statements });
        }
        statements.push(statement(cursor)?);
    }
}

fn statement(cursor: &mut Cursor<'_>) -> Option<Statement> {
    let from = cursor.at;
    let word = cursor.word()?;
    cursor.gap()?;
    let kind = match word {
        "at" => StatementKind::At(cursor.atom()?),
        "stock" => StatementKind::Stock(table(cursor, |cursor| row(cursor, Cursor::name_term))?),
        "bundle" => StatementKind::Bundle(table(cursor, |cursor| row(cursor, text))?),
        "expect" => StatementKind::Expect(table(cursor, hope)?),
        _ => return None,
    };
    Some(Statement { span: cursor.span(from), kind })
}

/// `"SKU" { KEY VALUE, … }`.
fn table<'t>(
    cursor: &mut Cursor<'t>,
    row: impl Fn(&mut Cursor<'t>) -> Option<(Term, Term)>,
) -> Option<Table> {
    let sku = title(cursor)?;
    cursor.gap()?;
    cursor.byte(b'{')?;
    let mut rows = Vec::new();
    cursor.gap()?;
    while cursor.byte(b'}').is_none() {
        rows.push(row(cursor)?);
        cursor.gap()?;
        if cursor.byte(b',').is_some() {
            cursor.gap()?;
        } else if cursor.peek()? != b'}' {
            return None;
        }
    }
    Some(Table { sku, rows })
}

fn row<'t>(cursor: &mut Cursor<'t>, key: impl Fn(&mut Cursor<'t>) -> Option<Term>) -> Option<(Term, Term)> {
    let key = key(cursor)?;
    cursor.gap()?;
    Some((key, cursor.atom()?))
}

fn hope(cursor: &mut Cursor<'_>) -> Option<(Term, Term)> {
    let store = cursor.name_term()?;
    cursor.gap()?;
    let none = cursor.keyword_term("none");
    Some((store, none.or_else(|| cursor.atom())?))
}

fn text(cursor: &mut Cursor<'_>) -> Option<Term> {
    let text = title(cursor)?;
    Some(Term { span: text.span, kind: TermKind::Text(text.text) })
}
