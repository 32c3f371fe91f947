//! The fields of a rule.

use super::cursor::Cursor;
use super::list;
use crate::syntax::ast::{Field, Term, TermKind, Word};
use crate::syntax::is_keyword;

/// Few rules have more fields.
const FIELDS_OFTEN: usize = 8;

/// Fields up to a closing brace, and it. Overrides hold no overrides.
pub(super) fn until_brace(cursor: &mut Cursor<'_>, with_overrides: bool) -> Option<Vec<Field>> {
    let mut fields = Vec::with_capacity(if with_overrides { FIELDS_OFTEN } else { 0 });
    loop {
        cursor.gap()?;
        if cursor.byte(b'}').is_some() {
            return Some(fields);
        }
        fields.push(field(cursor, with_overrides)?);
    }
}

pub(super) fn field(cursor: &mut Cursor<'_>, with_overrides: bool) -> Option<Field> {
    let from = cursor.at;
    let word = cursor.word()?;
    let key = Word { text: word.to_owned(), span: cursor.span(from) };
    if !is_keyword(word) {
        let value = unknown(cursor)?;
        return Some(Field { span: cursor.span(from), key, value });
    }
    cursor.gap()?;
    let value = match word {
        "skus" | "warehouses" | "stores" => {
            let items = list::items(cursor)?;
            line_is_over(cursor)?;
            items
        }
        "order" | "threshold" | "reserve" | "rate" | "plus" | "round" | "floor" | "cap" => {
            vec![value(cursor)?]
        }
        "active" => active(cursor)?,
        "priority" => priority(cursor)?,
        "split" => split(cursor)?,
        "store" if with_overrides => of_store(cursor)?,
        _ => return None,
    };
    Some(Field { span: cursor.span(from), key, value })
}

/// The value of a field that does not exist, which is no fault of syntax. It begins on the line of its name.
fn unknown(cursor: &mut Cursor<'_>) -> Option<Vec<Term>> {
    cursor.inline();
    if cursor.is_at_atom() {
        let start = cursor.mark();
        let atom = cursor.atom()?;
        let end = cursor.mark();
        cursor.gap()?;
        match cursor.peek() {
            None | Some(b'}' | b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'*' | b'?') => {
                cursor.back_to(end);
                return Some(vec![atom]);
            }
            // Of other characters, some begin a word.
            Some(0x80..) => return cursor.odd(),
            Some(_) => cursor.back_to(start),
        }
    }
    let items = list::items(cursor)?;
    line_is_over(cursor)?;
    Some(items)
}

/// Behind a list, a name on the same line is an item whose comma is missing.
fn line_is_over(cursor: &mut Cursor<'_>) -> Option<()> {
    let mark = cursor.mark();
    cursor.inline();
    if cursor.peek().is_some_and(|byte| byte.is_ascii_lowercase()) && !is_keyword(cursor.word()?) {
        return None;
    }
    cursor.back_to(mark);
    Some(())
}

fn value(cursor: &mut Cursor<'_>) -> Option<Term> {
    match cursor.peek()? {
        b'"' => cursor.pattern(),
        b'a'..=b'z' => cursor.name_term(),
        _ => cursor.atom(),
    }
}

fn active(cursor: &mut Cursor<'_>) -> Option<Vec<Term>> {
    let mut terms = Vec::new();
    let Some(from) = cursor.keyword_term("from") else {
        moment_after("until", cursor, &mut terms)?;
        return Some(terms);
    };
    terms.push(from);
    cursor.gap()?;
    terms.push(cursor.atom()?);
    let mark = cursor.mark();
    cursor.gap()?;
    if cursor.keyword("until").is_none() {
        cursor.back_to(mark);
        return Some(terms);
    }
    cursor.back_to(mark);
    cursor.gap()?;
    moment_after("until", cursor, &mut terms)?;
    Some(terms)
}

fn moment_after(keyword: &str, cursor: &mut Cursor<'_>, terms: &mut Vec<Term>) -> Option<()> {
    terms.push(cursor.keyword_term(keyword)?);
    cursor.gap()?;
    terms.push(cursor.atom()?);
    Some(())
}

fn priority(cursor: &mut Cursor<'_>) -> Option<Vec<Term>> {
    let store = cursor.keyword_term("store")?;
    cursor.gap()?;
    let name = cursor.name_term()?;
    cursor.gap()?;
    let below = cursor.keyword_term("below")?;
    cursor.gap()?;
    Some(vec![store, name, below, value(cursor)?])
}

fn split(cursor: &mut Cursor<'_>) -> Option<Vec<Term>> {
    let mut terms = Vec::new();
    loop {
        terms.push(cursor.name_term()?);
        cursor.gap()?;
        terms.push(cursor.atom()?);
        let mark = cursor.mark();
        cursor.gap()?;
        let Some(comma) = cursor.comma() else {
            cursor.back_to(mark);
            break;
        };
        terms.push(comma);
        let mark = cursor.mark();
        cursor.gap()?;
        let is_keyword = cursor.word().is_none_or(is_keyword);
        cursor.back_to(mark);
        if is_keyword {
            break;
        }
        cursor.gap()?;
    }
    line_is_over(cursor)?;
    Some(terms)
}

fn of_store(cursor: &mut Cursor<'_>) -> Option<Vec<Term>> {
    let name = cursor.name_term()?;
    cursor.gap()?;
    let from = cursor.at;
    cursor.byte(b'{')?;
    let fields = until_brace(cursor, false)?;
    Some(vec![name, Term { span: cursor.span(from), kind: TermKind::Block(fields) }])
}
