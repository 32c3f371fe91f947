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
        if let Some((line, beside)) = self.one_line() {
            return page.line(*depth, &line, &beside);
        }
        page.open(*depth, &self.alone, &notes.beside);
        let except = value.iter().position(is_except).unwrap_or(value.len());
        let (first, rest) = value.split_at_checked(except).unwrap_or((value, &[]));
        items(page, depth + 1, first, if rest.is_empty() { self.last } else { Last::Comma });
        if !rest.is_empty() {
            self.except(page, rest);
        }
    }

    /// The whole on one line, if that is possible, and the comments beside it.
    fn one_line(&self) -> Option<(String, Vec<&'_ str>)> {
        let first = self.value.first()?;
        if !self.notes.beside.is_empty() || !first.above().is_empty() {
            return None;
        }
        let beside = beside_last(self.value)?;
        let line = format!("{}{}", self.inline, join(self.value));
        fits(self.depth, &line).then_some((line, beside))
    }

    fn except(&self, page: &mut Page, pieces: &[Piece<'_>]) {
        let depth = self.depth + 1;
        let Some((word, taken)) = pieces.split_first() else { return };
        let notes = Notes::of(std::slice::from_ref(word));
        page.above(depth, &notes);
        if let Some(beside) = beside_last(pieces) {
            let line = join(pieces);
            if fits(depth, &line) {
                return page.line(depth, &line, &beside);
            }
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

/// The comments beside the last item, where no other comment stands among them.
fn beside_last<'t>(pieces: &[Piece<'t>]) -> Option<Vec<&'t str>> {
    let before_last = pieces.len().saturating_sub(1);
    let ends_part = |(at, piece): (usize, &Piece<'_>)| piece.comma && at < before_last || is_except(piece);
    let last = pieces.iter().enumerate().rposition(ends_part).map_or(0, |at| at + 1);
    let (before, last) = pieces.split_at_checked(last)?;
    let above = pieces.iter().skip(1).any(|piece| !piece.above().is_empty());
    let beside = before.iter().any(|piece| !piece.beside().is_empty());
    (!above && !beside).then(|| Notes::of(last).beside)
}

fn is_except(piece: &Piece<'_>) -> bool {
    piece.is(Kind::Word, "except")
}
