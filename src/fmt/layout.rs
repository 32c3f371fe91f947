//! Items and statements.

use super::fields::{Key, fields};
use super::list::{Last, List, items};
use super::page::{Page, fits};
use super::pieces::{Gap, Notes, Piece, Pieces, join};
use crate::source::Span;
use crate::syntax::Kind;
use crate::syntax::ast::{File, Item, Statement, StatementKind};

/// The whole file.
pub(super) fn file(tree: &File, pieces: &Pieces<'_>) -> String {
    let mut page = Page::new();
    let mut rest = pieces.all.as_slice();
    let mut after_let = false;
    for item in &tree.items {
        let is_let = matches!(item, Item::Let(_));
        // Lists may stand together; anything else stands apart.
        let gap = if is_let && after_let { Gap::AsWritten } else { Gap::Needed };
        after_let = is_let;
        match item {
            Item::Let(list) => let_list(&mut page, take(&mut rest, list.span), gap),
            Item::Rule(rule) => {
                let braces = Braces::of_item(take(&mut rest, rule.span), gap);
                braces.write(&mut page, None, |page, inner| fields(page, Key::OfRule, &rule.fields, inner));
            }
            Item::Test(test) => {
                let braces = Braces::of_item(take(&mut rest, test.span), gap);
                braces.write(&mut page, None, |page, inner| statements(page, &test.statements, inner));
            }
        }
    }
    page.comments(0, &pieces.end);
    page.into_text()
}

/// The next pieces, up to the end of `span`.
pub(super) fn take<'p, 't>(rest: &mut &'p [Piece<'t>], span: Span) -> &'p [Piece<'t>] {
    // They are few compared with what follows: looking for the end from the front keeps the whole linear.
    let end = rest.iter().position(|piece| piece.start >= span.end as usize).unwrap_or(rest.len());
    let (taken, left) = rest.split_at_checked(end).unwrap_or((rest, &[]));
    *rest = left;
    taken
}

fn let_list(page: &mut Page, pieces: &[Piece<'_>], gap: Gap) {
    let equals = pieces.iter().position(|piece| piece.text == "=").map_or(0, |at| at + 1);
    let (head, value) = pieces.split_at_checked(equals).unwrap_or((pieces, &[]));
    let alone = join(head);
    let notes = Notes::of(head).with(gap);
    List { depth: 0, notes, inline: format!("{alone} "), alone, value, last: Last::Comma }.write(page);
}

fn statements(page: &mut Page, all: &[Statement], inner: &[Piece<'_>]) {
    let mut rest = inner;
    for statement in all {
        let pieces = take(&mut rest, statement.span);
        if let StatementKind::At(_) = statement.kind {
            let notes = Notes::of(pieces);
            page.above(1, &notes);
            page.line(1, &join(pieces), &notes.beside);
        } else {
            let table = Braces::cut(pieces, 1, Notes::of(pieces.get(..1).unwrap_or_default()));
            let line = table.line(join(table.inner));
            table.write(page, line, |page, inner| items(page, 2, inner, Last::Comma));
        }
    }
}

/// Something with a head and a body in braces.
pub(super) struct Braces<'p, 't> {
    depth: usize,
    notes: Notes<'t>,
    head: String,
    /// Between the braces.
    pub(super) inner: &'p [Piece<'t>],
    close: Option<&'p Piece<'t>>,
}

impl<'p, 't> Braces<'p, 't> {
    fn of_item(pieces: &'p [Piece<'t>], gap: Gap) -> Self {
        Self::cut(pieces, 0, Notes::of(pieces.get(..1).unwrap_or_default()).with(gap))
    }

    /// `first` are the notes of the first piece.
    pub(super) fn cut(pieces: &'p [Piece<'t>], depth: usize, first: Notes<'t>) -> Self {
        let open = pieces.iter().position(|piece| piece.kind == Kind::Open).map_or(pieces.len(), |at| at + 1);
        let (head, rest) = pieces.split_at_checked(open).unwrap_or((pieces, &[]));
        let (close, inner) = rest.split_last().map_or((None, rest), |(close, inner)| (Some(close), inner));
        Self { depth, notes: first.and(head.get(1..).unwrap_or_default()), head: join(head), inner, close }
    }

    /// The whole on one line, if that is possible: `body` is what stands between the braces.
    pub(super) fn line(&self, body: String) -> Option<String> {
        let line = format!("{} {body} }}", self.head);
        (!self.has_comments_inside() && fits(self.depth, &line)).then_some(line)
    }

    /// On one line, where one is given, else with the body on lines of its own.
    pub(super) fn write(
        &self,
        page: &mut Page,
        line: Option<String>,
        body: impl FnOnce(&mut Page, &'p [Piece<'t>]),
    ) {
        page.above(self.depth, &self.notes);
        let beside = self.close.map_or(&[][..], Piece::beside);
        let is_empty = self.inner.is_empty() && !self.has_comments_inside();
        let line = if is_empty { Some(format!("{}}}", self.head)) } else { line };
        if let Some(line) = line {
            return page.line(self.depth, &line, beside);
        }
        page.open(self.depth, &self.head, &self.notes.beside);
        body(page, self.inner);
        page.comments(self.depth + 1, self.close.map_or(&[], Piece::above));
        page.line(self.depth, "}", beside);
    }

    fn has_comments_inside(&self) -> bool {
        let before_close = self.close.is_some_and(|close| !close.above().is_empty());
        !self.notes.beside.is_empty() || self.inner.iter().any(Piece::has_comments) || before_close
    }
}
