//! Lists: on one line where they fit and no comment stands in between, else an item a line.

use super::page::{Page, fits};
use super::pieces::{Notes, Piece, join};
use crate::syntax::Kind;

/// A list and what it is the value of.
pub(super) struct List<'l, 't> {
    pub(super) depth: usize,
    /// The comments of what stands before the list.
    pub(super) notes: Notes<'t>,
    /// What stands before it on the same line.
    pub(super) inline: String,
    /// The same on a line of its own.
    pub(super) alone: String,
    pub(super) value: &'l [Piece<'t>],
    pub(super) last: Last,
}

/// What follows the last of the items that stand on lines of their own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Last {
    /// A comma, so that an item more is one line of difference.
    Comma,
    /// Nothing: what comes next would be taken for an item.
    Bare,
}

impl List<'_, '_> {
    pub(super) fn write(&self, page: &mut Page) {
        let Self { depth, notes, value, .. } = self;
        page.above(*depth, notes);
        let is_quiet = notes.beside.is_empty() && is_quiet(value);
        if is_quiet && value.first().is_some_and(|first| first.above().is_empty()) {
            let line = format!("{}{}", self.inline, join(value));
            if fits(*depth, &line) {
                return page.line(*depth, &line, beside_last(value));
            }
        }
        page.open(*depth, &self.alone, &notes.beside);
        let except = value.iter().position(|piece| piece.is(Kind::Word, "except")).unwrap_or(value.len());
        let (first, rest) = value.split_at_checked(except).unwrap_or((value, &[]));
        items(page, depth + 1, first, if rest.is_empty() { self.last } else { Last::Comma });
        if !rest.is_empty() {
            self.except(page, rest);
        }
    }

    fn except(&self, page: &mut Page, pieces: &[Piece<'_>]) {
        let depth = self.depth + 1;
        let Some((word, taken)) = pieces.split_first() else { return };
        let notes = Notes::of(std::slice::from_ref(word));
        page.above(depth, &notes);
        let line = join(pieces);
        if is_quiet(pieces) && fits(depth, &line) {
            return page.line(depth, &line, beside_last(pieces));
        }
        page.open(depth, word.text, &notes.beside);
        items(page, depth + 1, taken, self.last);
    }
}

/// Each item on a line of its own.
pub(super) fn items(page: &mut Page, depth: usize, pieces: &[Piece<'_>], last: Last) {
    let mut rest = pieces;
    while !rest.is_empty() {
        let length = rest.iter().position(|piece| piece.comma).map_or(rest.len(), |comma| comma + 1);
        let (item, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        rest = after;
        let notes = Notes::of(item);
        page.above(depth, &notes);
        let mut line = join(item);
        let is_bare = rest.is_empty() && last == Last::Bare || line == "all";
        if !is_bare {
            line.push(',');
        }
        page.line(depth, &line, &notes.beside);
    }
}

/// Whether no comment stands between the first and the last of them.
fn is_quiet(pieces: &[Piece<'_>]) -> bool {
    let above = pieces.iter().skip(1).any(|piece| !piece.above().is_empty());
    let beside = pieces.iter().rev().skip(1).any(|piece| !piece.beside().is_empty());
    !above && !beside
}

fn beside_last<'p, 't>(pieces: &'p [Piece<'t>]) -> &'p [&'t str] {
    pieces.last().map_or(&[], Piece::beside)
}
