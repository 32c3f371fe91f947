//! The shape of a value: lists of items, and single values.

use super::words::is_keyword;
use crate::diagnostic::{Diagnostic, codes};
use crate::source::Span;
use crate::syntax::ast::{Field, Term, TermKind};
use std::fmt::Display;

/// What a list is made of, not yet looked up.
#[derive(Debug)]
pub(super) struct ListForm<'a> {
    /// The whole list.
    pub(super) span: Span,
    /// Where `all` stands, if it does.
    pub(super) all: Option<Span>,
    pub(super) items: Vec<ListItem<'a>>,
    pub(super) except: Vec<ListItem<'a>>,
    /// Something of it could not be read, so that what it holds is not known.
    pub(super) faulty: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct ListItem<'a> {
    pub(super) span: Span,
    pub(super) kind: ListItemKind<'a>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum ListItemKind<'a> {
    /// The name of a warehouse, a store or a list.
    Name(&'a str),
    /// A string as written between its quotes.
    Text(&'a str),
}

/// A finding of the code `syntax`.
pub(super) fn syntax(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(&codes::SYNTAX, span, message)
}

/// Reads `items except items`. `owner` is where to point when there is nothing.
pub(super) fn list_form<'a>(owner: Span, terms: &'a [Term], out: &mut Vec<Diagnostic>) -> ListForm<'a> {
    let span = terms.first().zip(terms.last()).map_or(owner, |(first, last)| first.span.to(last.span));
    // About every other one is a comma.
    let items = Vec::with_capacity(terms.len() / 2 + 1);
    let form = ListForm { span, all: None, items, except: Vec::new(), faulty: false };
    let mut reader =
        ListReader { form, except: None, separated: true, comma_faulted: false, found: Vec::new() };
    if terms.is_empty() {
        reader.fault(owner, "a list is missing here", "write its items, separated by commas");
    }
    for term in terms {
        reader.take(term);
    }
    reader.finish();
    out.append(&mut reader.found);
    reader.form
}

struct ListReader<'a> {
    form: ListForm<'a>,
    except: Option<Span>,
    /// Whether an item may stand here: at the start, behind a comma, behind `except`.
    separated: bool,
    comma_faulted: bool,
    found: Vec<Diagnostic>,
}

impl<'a> ListReader<'a> {
    fn take(&mut self, term: &'a Term) {
        match &term.kind {
            TermKind::Comma => self.comma(term.span),
            TermKind::Word(word) if word == "except" => self.except(term.span),
            TermKind::Word(word) if word == "all" => self.all(term.span),
            TermKind::Word(word) if is_keyword(word) => {
                self.item_fault(term.span, &format!("`{word}` is a keyword and cannot stand in a list"), "");
            }
            TermKind::Word(word) => self.item(term.span, ListItemKind::Name(word)),
            TermKind::Text(text) => self.item(term.span, ListItemKind::Text(text)),
            TermKind::Atom(text) => {
                let help = format!("put a SKU in double quotes: `\"{text}\"`");
                self.item_fault(term.span, &format!("`{text}` is neither a name nor a string"), &help);
            }
            TermKind::Block(_) => self.item_fault(term.span, "a block cannot stand in a list", ""),
        }
    }

    fn comma(&mut self, span: Span) {
        if self.separated && !self.comma_faulted {
            self.comma_faulted = true;
            self.fault(span, "nothing stands before this comma", "take the comma away");
        }
        self.separated = true;
    }

    fn except(&mut self, span: Span) {
        if self.except.is_some() {
            self.fault(span, "`except` stands twice in one list", "put every exception behind one `except`");
        } else if self.form.items.is_empty() && self.form.all.is_none() && !self.form.faulty {
            self.fault(span, "`except` has nothing to take away from", "write items or `all` before it");
        }
        self.except = Some(span);
        self.separated = true;
        self.comma_faulted = false;
    }

    fn all(&mut self, span: Span) {
        if self.except.is_some() {
            self.item_fault(span, "`all` cannot stand behind `except`", "");
        } else if !self.form.items.is_empty() || self.form.all.is_some() {
            self.item_fault(span, "`all` stands alone", "take away the other items, or `all`");
        } else {
            self.form.all = Some(span);
            self.separated = false;
        }
    }

    fn item(&mut self, span: Span, kind: ListItemKind<'a>) {
        match (self.form.all, self.except) {
            (Some(_), None) if !self.form.faulty => {
                self.fault(span, "`all` stands alone", "take away the other items, or `all`");
            }
            (Some(_), None) => {}
            _ if !self.separated => self.fault(span, "a comma is missing before this item", "write a comma"),
            _ => {}
        }
        let list = if self.except.is_some() { &mut self.form.except } else { &mut self.form.items };
        list.push(ListItem { span, kind });
        self.separated = false;
        self.comma_faulted = false;
    }

    fn item_fault(&mut self, span: Span, message: &str, help: &str) {
        self.fault(span, message, help);
        self.separated = false;
    }

    fn finish(&mut self) {
        if let Some(span) = self.except
            && self.form.except.is_empty()
            && !self.form.faulty
        {
            self.fault(span, "`except` takes nothing away", "write items behind it, or leave it out");
        }
    }

    fn fault(&mut self, span: Span, message: &str, help: &str) {
        self.form.faulty = true;
        let found = syntax(span, message);
        self.found.push(if help.is_empty() { found } else { found.with_help(help) });
    }
}

/// The terms of a value, one after the other.
pub(super) struct Cursor<'a> {
    /// Where to point when nothing more follows.
    last: Span,
    rest: std::slice::Iter<'a, Term>,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(field: &'a Field) -> Self {
        Self { last: field.key.span, rest: field.value.iter() }
    }

    /// The next term; `what` says what should be there.
    pub(super) fn next(&mut self, what: &str) -> Result<&'a Term, Diagnostic> {
        let term = self.rest.next().ok_or_else(|| syntax(self.last, format!("{what} is missing here")))?;
        self.last = term.span;
        Ok(term)
    }

    /// The next term, if it is this word.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let eats = self.rest.as_slice().first().is_some_and(|term| is_word(term, word));
        if eats && let Some(term) = self.rest.next() {
            self.last = term.span;
        }
        eats
    }

    /// The next term, which must be this word.
    pub(super) fn word(&mut self, word: &str) -> Result<(), Diagnostic> {
        match self.rest.as_slice().first() {
            None => self.next(&format!("`{word}`")).map(|_| ()),
            Some(_) if self.eat_word(word) => Ok(()),
            Some(term) => Err(syntax(term.span, format!("`{word}` should stand here"))),
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.rest.as_slice().is_empty()
    }

    /// Nothing more may follow; `after` says what it would follow.
    pub(super) fn end<S: Display>(&mut self, after: impl FnOnce() -> S) -> Result<(), Diagnostic> {
        match self.rest.next() {
            Some(term) => Err(syntax(term.span, format!("nothing may follow {}", after()))),
            None => Ok(()),
        }
    }
}

pub(super) fn is_word(term: &Term, word: &str) -> bool {
    matches!(&term.kind, TermKind::Word(text) if text == word)
}

/// The text of a term, and whether it stands in quotes: equal for terms that say the same.
pub(super) fn as_written(term: &Term) -> (bool, &str) {
    match &term.kind {
        TermKind::Word(text) | TermKind::Atom(text) => (false, text),
        TermKind::Text(text) => (true, text),
        TermKind::Comma => (false, ","),
        TermKind::Block(_) => (false, "{"),
    }
}

/// A term as a person would read it back.
pub(super) fn said(term: &Term) -> String {
    match &term.kind {
        TermKind::Word(text) | TermKind::Atom(text) => format!("`{text}`"),
        TermKind::Text(text) => format!("`\"{text}\"`"),
        TermKind::Comma => "a comma".to_owned(),
        TermKind::Block(_) => "a block".to_owned(),
    }
}
