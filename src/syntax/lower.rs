//! From what the grammar took to the AST.

use pest::iterators::{Pair, Pairs};

use super::ast::{
    Broken, Field, Item, Let, Rule as AstRule, Statement, StatementKind, Table, Term, TermKind, Test, Word,
};
use super::strings::{Escapes, StringFault, control, is_control, unescape};
use super::{Out, Rule, recover};
use crate::source::Span;

/// Takes in pieces of a file; bad items go through recovery. `base` is where the parsed text starts in the file, here and below.
pub(super) fn pieces(pairs: Pairs<'_, Rule>, text: &str, base: usize, out: &mut Out) {
    for pair in pairs.flat_map(Pair::into_inner) {
        match pair.as_rule() {
            Rule::comment => comment(&pair, base, out),
            Rule::rule => rule(pair, base, out),
            Rule::let_list => let_list(pair, base, out),
            Rule::test => {
                out.in_test = true;
                test(pair, base, out);
                out.in_test = false;
            }
            Rule::bad_item => {
                let span = pair.as_span();
                let item = text.get(span.start()..span.end()).unwrap_or("");
                recover::items(item, base + span.start(), out);
            }
            _ => {}
        }
    }
}

/// Takes in a `let`.
pub(super) fn let_list(pair: Pair<'_, Rule>, base: usize, out: &mut Out) {
    let span = place(&pair, base, out);
    let known = out.faults.len();
    let mut name = None;
    let mut value = Vec::new();
    for part in pair.into_inner() {
        match part.as_rule() {
            Rule::comment => comment(&part, base, out),
            Rule::name if name.is_none() => name = Some(word(&part, base, out)),
            _ => value.extend(term(part, base, out)),
        }
    }
    let Some(name) = name else { return };
    if out.faults.len() > known {
        out.file.broken.push(Broken::List(name));
    } else {
        out.file.items.push(Item::Let(Let { span, name, value }));
    }
}

/// Takes in a field, or its key as broken. In a block there is nobody to tell of a broken key.
pub(super) fn field(
    pair: Pair<'_, Rule>,
    base: usize,
    out: &mut Out,
    broken: &mut Vec<Word>,
) -> Option<Field> {
    let span = place(&pair, base, out);
    let known = out.faults.len();
    let mut key = None;
    let mut value = Vec::new();
    for part in pair.into_inner() {
        match part.as_rule() {
            Rule::comment => comment(&part, base, out),
            _ if key.is_none() => key = Some(word(&part, base, out)),
            _ => value.extend(term(part, base, out)),
        }
    }
    let key = key?;
    let holds_block = matches!(value.last(), Some(Term { kind: TermKind::Block(_), .. }));
    if out.faults.len() > known && !holds_block {
        broken.push(key);
        return None;
    }
    Some(Field { span, key, value })
}

/// Takes in a statement of a test; one with a fault is left out.
pub(super) fn statement(pair: Pair<'_, Rule>, base: usize, out: &mut Out) -> Option<Statement> {
    let span = place(&pair, base, out);
    let known = out.faults.len();
    let inner = pair.into_inner().find(|part| part.as_rule() != Rule::comment)?;
    let of = inner.as_rule();
    let mut terms = Vec::new();
    for part in inner.into_inner() {
        match part.as_rule() {
            Rule::comment => comment(&part, base, out),
            Rule::comma => {}
            Rule::string => {
                let text = plain_string(&part, base, out);
                terms.push(Term { span: text.span, kind: TermKind::Text(text.text) });
            }
            _ => terms.extend(term(part, base, out)),
        }
    }
    if out.faults.len() > known {
        return None;
    }
    let kind = match of {
        Rule::at => StatementKind::At(terms.pop()?),
        Rule::stock => StatementKind::Stock(table(terms)?),
        Rule::bundle => StatementKind::Bundle(table(terms)?),
        _ => StatementKind::Expect(table(terms)?),
    };
    Some(Statement { span, kind })
}

/// Takes in a comment.
pub(super) fn comment(pair: &Pair<'_, Rule>, base: usize, out: &mut Out) {
    comment_at(pair.as_str(), base + pair.as_span().start(), out);
}

/// Takes in a comment that starts at `start`.
pub(super) fn comment_at(text: &str, start: usize, out: &mut Out) {
    let span = out.span(start, start + text.len());
    out.file.comments.push(span);
    for (at, c) in text.char_indices().filter(|&(_, c)| is_control(c)) {
        string_faults(vec![control(at, c)], start, out);
    }
}

/// The unescaped content of a string with quotes that starts at `start`; its faults are told.
pub(super) fn plain_text(quoted: &str, start: usize, out: &mut Out) -> Word {
    let (text, faults) = unescape(between(quoted), Escapes::Plain);
    string_faults(faults, start + 1, out);
    Word { text, span: out.span(start, start + quoted.len()) }
}

fn rule(pair: Pair<'_, Rule>, base: usize, out: &mut Out) {
    let span = place(&pair, base, out);
    let text = pair.as_str();
    let (mut name, mut off) = (None, None);
    let (mut fields, mut broken) = (Vec::new(), Vec::new());
    for part in pair.into_inner() {
        match part.as_rule() {
            Rule::comment => comment(&part, base, out),
            Rule::string => name = Some(plain_string(&part, base, out)),
            Rule::off => off = Some(place(&part, base, out)),
            _ => fields.extend(field(part, base, out, &mut broken)),
        }
    }
    let Some(name) = name else { return };
    let head = head(text, span, off.unwrap_or(name.span));
    out.file.items.push(Item::Rule(AstRule { span, head, name, off, fields, broken }));
}

/// From the keyword to the brace, which only comments and white space keep from `last`.
fn head(text: &str, span: Span, last: Span) -> Span {
    let from = (last.end - span.start) as usize;
    let mut at = from;
    let mut in_comment = false;
    for byte in text.bytes().skip(from) {
        at += 1;
        match byte {
            b'#' => in_comment = true,
            b'\n' | b'\r' => in_comment = false,
            b'{' if !in_comment => break,
            _ => {}
        }
    }
    Span::new(span.file, span.start, span.start + at as u32)
}

fn test(pair: Pair<'_, Rule>, base: usize, out: &mut Out) {
    let span = place(&pair, base, out);
    let mut name = None;
    let mut statements = Vec::new();
    let mut lost_moment = false;
    for part in pair.into_inner() {
        match part.as_rule() {
            Rule::comment => comment(&part, base, out),
            Rule::string => name = Some(plain_string(&part, base, out)),
            _ => {
                let is_moment = part.as_str().starts_with("at");
                let read = statement(part, base, out);
                lost_moment |= read.is_none() && is_moment;
                statements.extend(read);
            }
        }
    }
    let Some(name) = name else { return };
    push_test(Test { span, name, statements }, lost_moment, out);
}

/// Keeps a test, unless its moment is lost: that its expectations need one would be no fault of the text.
pub(super) fn push_test(test: Test, lost_moment: bool, out: &mut Out) {
    if lost_moment {
        out.file.broken.push(Broken::Test(test.name));
    } else {
        out.file.items.push(Item::Test(test));
    }
}

fn table(terms: Vec<Term>) -> Option<Table> {
    let mut terms = terms.into_iter();
    let sku = match terms.next()? {
        Term { span, kind: TermKind::Text(text) } => Word { text, span },
        _ => return None,
    };
    let mut rows = Vec::new();
    while let (Some(key), Some(value)) = (terms.next(), terms.next()) {
        rows.push((key, value));
    }
    Some(Table { sku, rows })
}

fn term(pair: Pair<'_, Rule>, base: usize, out: &mut Out) -> Option<Term> {
    let span = place(&pair, base, out);
    let kind = match pair.as_rule() {
        Rule::comma => TermKind::Comma,
        Rule::atom => TermKind::Atom(pair.as_str().to_owned()),
        Rule::block => TermKind::Block(block(pair, base, out)),
        Rule::string => {
            let raw = between(pair.as_str());
            if raw.bytes().any(|byte| byte == b'\\' || !(b' '..=b'~').contains(&byte)) {
                string_faults(unescape(raw, Escapes::Pattern).1, span.start as usize + 1, out);
            }
            TermKind::Text(raw.to_owned())
        }
        _ => TermKind::Word(pair.as_str().to_owned()),
    };
    Some(Term { span, kind })
}

fn block(pair: Pair<'_, Rule>, base: usize, out: &mut Out) -> Vec<Field> {
    let mut fields = Vec::new();
    for part in pair.into_inner() {
        match part.as_rule() {
            Rule::comment => comment(&part, base, out),
            _ => fields.extend(field(part, base, out, &mut Vec::new())),
        }
    }
    fields
}

fn plain_string(pair: &Pair<'_, Rule>, base: usize, out: &mut Out) -> Word {
    plain_text(pair.as_str(), base + pair.as_span().start(), out)
}

fn string_faults(faults: Vec<StringFault>, start: usize, out: &mut Out) {
    for fault in faults {
        let span = out.span(start + fault.at, start + fault.at + fault.length);
        out.fault(span, fault.message, fault.help);
    }
}

fn word(pair: &Pair<'_, Rule>, base: usize, out: &Out) -> Word {
    Word { text: pair.as_str().to_owned(), span: place(pair, base, out) }
}

fn place(pair: &Pair<'_, Rule>, base: usize, out: &Out) -> Span {
    let span = pair.as_span();
    out.span(base + span.start(), base + span.end())
}

fn between(quoted: &str) -> &str {
    quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or("")
}
