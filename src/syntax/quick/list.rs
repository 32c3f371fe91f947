//! Lists: of SKUs, warehouses and stores.

use super::cursor::Cursor;
use crate::syntax::ast::Term;
use crate::syntax::is_keyword;

/// What a `let` names: values, and those left out.
pub(super) fn values(cursor: &mut Cursor<'_>) -> Option<Vec<Term>> {
    let mut terms = Vec::new();
    run(cursor, &mut terms, false)?;
    except(cursor, &mut terms, false)?;
    trailing_comma(cursor, &mut terms)?;
    Some(terms)
}

/// What stands behind `skus`, `warehouses` or `stores`: the same, or `all`.
pub(super) fn items(cursor: &mut Cursor<'_>) -> Option<Vec<Term>> {
    let mut terms = Vec::new();
    all_or_run(cursor, &mut terms)?;
    except(cursor, &mut terms, true)?;
    trailing_comma(cursor, &mut terms)?;
    Some(terms)
}

fn all_or_run(cursor: &mut Cursor<'_>, terms: &mut Vec<Term>) -> Option<()> {
    match cursor.keyword_term("all") {
        Some(all) => terms.push(all),
        None => run(cursor, terms, true)?,
    }
    Some(())
}

/// Values with commas between them. A comma that no value follows stays.
fn run(cursor: &mut Cursor<'_>, terms: &mut Vec<Term>, of_field: bool) -> Option<()> {
    terms.push(value(cursor, of_field)?);
    loop {
        let mark = cursor.mark();
        cursor.gap()?;
        let comma = cursor.comma();
        cursor.gap()?;
        match comma.filter(|_| is_at_value(cursor)) {
            Some(comma) => terms.extend([comma, value(cursor, of_field)?]),
            None => {
                cursor.back_to(mark);
                return Some(());
            }
        }
    }
}

fn except(cursor: &mut Cursor<'_>, terms: &mut Vec<Term>, of_field: bool) -> Option<()> {
    let mark = cursor.mark();
    cursor.gap()?;
    let comma = cursor.comma();
    cursor.gap()?;
    let Some(except) = cursor.keyword_term("except") else {
        cursor.back_to(mark);
        return Some(());
    };
    terms.extend(comma);
    terms.push(except);
    cursor.gap()?;
    if of_field { all_or_run(cursor, terms) } else { run(cursor, terms, false) }
}

fn trailing_comma(cursor: &mut Cursor<'_>, terms: &mut Vec<Term>) -> Option<()> {
    let mark = cursor.mark();
    cursor.gap()?;
    match cursor.comma() {
        Some(comma) => terms.push(comma),
        None => cursor.back_to(mark),
    }
    Some(())
}

fn value(cursor: &mut Cursor<'_>, of_field: bool) -> Option<Term> {
    if cursor.peek()? == b'"' {
        return cursor.pattern();
    }
    if cursor.is_at_atom() {
        return cursor.atom();
    }
    let name = cursor.name_term()?;
    if of_field {
        // A field's list takes a share too, which is said to be one elsewhere.
        let mark = cursor.mark();
        cursor.gap()?;
        if cursor.is_at_atom() {
            return cursor.odd();
        }
        cursor.back_to(mark);
    }
    Some(name)
}

fn is_at_value(cursor: &mut Cursor<'_>) -> bool {
    match cursor.peek() {
        Some(b'"') => true,
        Some(b'a'..=b'z') => {
            let mark = cursor.mark();
            let is_name = cursor.word().is_some_and(|word| !is_keyword(word));
            cursor.back_to(mark);
            is_name
        }
        _ => cursor.is_at_atom(),
    }
}
