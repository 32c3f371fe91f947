//! Sound items, read by hand: several times as fast as the grammar.
//!
//! The grammar says what the language is. What is read here is what it takes, to the byte, and what is odd in any way is left
//! to it: an item that is given up costs a second look, and no fault is worded here. What the grammar refuses for sure is told apart from
//! that, since no look of its own is needed there. The tests hold both to the same tree.

mod cursor;
mod fields;
mod list;
mod test;
#[cfg(test)]
mod tests;

use super::Out;
use super::ast::{Field, Item, Let, Rule, Term, TermKind, Word};
use super::faults::FIELD_KEYS;
use super::strings::Escapes;
use crate::source::FileId;
use cursor::Cursor;
pub(super) use cursor::{is_atom_end, is_local_moment};

/// What came of reading by hand.
#[derive(Debug)]
pub(super) enum Read<T> {
    /// It is sound and plain.
    Taken(T),
    /// The grammar does not take it either.
    Refused,
    /// Only the grammar knows.
    Odd,
}

/// Takes in the item that starts at `at`, behind any white space and comments, if it is sound and plain, and gives back where it ends.
pub(super) fn item(text: &str, at: usize, out: &mut Out) -> Read<usize> {
    let mut cursor = Cursor::new(text, at, out.id);
    match any_item(&mut cursor) {
        Some(item) => {
            out.file.items.push(item);
            out.file.comments.append(&mut cursor.comments);
            Read::Taken(cursor.at)
        }
        None if cursor.odd => Read::Odd,
        None => Read::Refused,
    }
}

fn any_item(cursor: &mut Cursor<'_>) -> Option<Item> {
    let start = cursor.at;
    match cursor.peek()? {
        // What stands here was no plain gap.
        b'#' | b' ' | b'\t' | b'\r' | b'\n' => cursor.odd(),
        _ => match cursor.word()? {
            "rule" => Some(Item::Rule(rule(cursor, start)?)),
            "let" => Some(Item::Let(let_list(cursor, start)?)),
            "test" => Some(Item::Test(test::test(cursor, start)?)),
            _ => None,
        },
    }
}

/// Takes in white space and comments from `at` on, and gives back where they end.
pub(super) fn gap(text: &str, at: usize, out: &mut Out) -> Option<usize> {
    let mut cursor = Cursor::new(text, at, out.id);
    cursor.gap()?;
    out.file.comments.append(&mut cursor.comments);
    Some(cursor.at)
}

/// The field that a piece of a bad rule is, which starts at `base` in its file, if it is sound and plain; without its comments.
pub(super) fn lone_field(text: &str, base: usize, file: FileId) -> Read<Field> {
    let mut cursor = Cursor::of_piece(text, base, file);
    let field =
        fields::field(&mut cursor, true).filter(|_| cursor.gap().is_some() && cursor.peek().is_none());
    match field {
        Some(field) => Read::Taken(field),
        None if cursor.odd => Read::Odd,
        None => Read::Refused,
    }
}

/// Whether the keyword of an item stands at `at`.
pub(super) fn item_starts(text: &str, at: usize, id: FileId) -> bool {
    Cursor::new(text, at, id).word().is_some_and(starts_item)
}

/// The rest of `rule "NAME" off { … }`, whose keyword starts at `start`.
fn rule(cursor: &mut Cursor<'_>, start: usize) -> Option<Rule> {
    cursor.gap()?;
    let name = title(cursor)?;
    cursor.gap()?;
    let mut off = None;
    if cursor.peek()? != b'{' {
        let from = cursor.at;
        off = (cursor.word()? == "off").then(|| cursor.span(from));
        off?;
        cursor.gap()?;
    }
    cursor.byte(b'{')?;
    let head = cursor.span(start);
    let fields = fields::until_brace(cursor, true)?;
    let span = cursor.span(start);
    is_over(cursor)?;
    Some(Rule { span, head, name, off, fields, broken: Vec::new() })
}

/// A field or a brace behind the closing brace: that brace came too early. Of another word but an item's, the grammar is asked.
fn is_over(cursor: &mut Cursor<'_>) -> Option<()> {
    let mark = cursor.mark();
    cursor.gap()?;
    match cursor.peek() {
        Some(b'}') => return None,
        Some(b'a'..=b'z') => match cursor.word() {
            Some(word) if starts_item(word) => {}
            Some(word) if FIELD_KEYS.contains(&word) => return None,
            _ => return cursor.odd(),
        },
        _ => {}
    }
    cursor.back_to(mark);
    Some(())
}

/// The rest of `let NAME = …`, whose keyword starts at `start`.
fn let_list(cursor: &mut Cursor<'_>, start: usize) -> Option<Let> {
    cursor.gap()?;
    let from = cursor.at;
    let name = cursor.name()?;
    let name = Word { text: name.to_owned(), span: cursor.span(from) };
    cursor.gap()?;
    cursor.byte(b'=')?;
    cursor.gap()?;
    let value = list::values(cursor)?;
    let span = cursor.span(start);
    let mark = cursor.mark();
    cursor.gap()?;
    if cursor.peek().is_some() && !starts_item(cursor.word()?) {
        return None;
    }
    cursor.back_to(mark);
    Some(Let { span, name, value })
}

fn starts_item(word: &str) -> bool {
    matches!(word, "rule" | "let" | "test")
}

/// A string as a name: without its escapes.
fn title(cursor: &mut Cursor<'_>) -> Option<Word> {
    let from = cursor.at;
    let text = cursor.string(Escapes::Plain)?.into_owned();
    Some(Word { text, span: cursor.span(from) })
}

/// The term that a name or a keyword is, which starts at `from` and was just read.
fn word_term(cursor: &Cursor<'_>, word: &str, from: usize) -> Term {
    Term { span: cursor.span(from), kind: TermKind::Word(word.to_owned()) }
}
