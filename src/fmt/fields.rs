//! Fields: in the order of `FIELDS`, their values in a column.

use super::layout::{Braces, take};
use super::list::{Last, List};
use super::page::Page;
use super::pieces::{Gap, Notes, Piece, join};
use crate::check::FIELDS;
use crate::syntax::ast::Field;

/// Whose fields they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// A rule's.
    OfRule,
    /// Those of a `store` in a rule.
    OfStore,
}

impl Key {
    fn depth(self) -> usize {
        match self {
            Key::OfRule => 1,
            Key::OfStore => 2,
        }
    }

    /// Where values begin, always the same: a field more or less moves no other. That is behind `warehouses`, which
    /// every rule has, and behind `reserve`.
    fn columns(self) -> usize {
        match self {
            Key::OfRule => 11,
            Key::OfStore => 8,
        }
    }

    /// A key with white space behind it.
    fn padded(self, key: &str) -> String {
        // `priority store` reads as one.
        let columns = if key == "priority" { 0 } else { self.columns() };
        let spaces = columns.saturating_sub(key.len()).max(1);
        format!("{key}{:spaces$}", "")
    }
}

/// Where a field stands among the others: what is unknown, behind all but the stores.
pub(super) fn rank(key: &str) -> usize {
    let known = FIELDS.iter().position(|field| field.key == key);
    known.map_or(FIELDS.len() * 2 - 1, |at| at * 2 + usize::from(key == "store"))
}

/// A field as it is to be written.
struct Entry<'p, 't, 'a> {
    field: &'a Field,
    rank: usize,
    /// Which group between blank lines it stood in.
    group: usize,
    notes: Notes<'t>,
    pieces: &'p [Piece<'t>],
}

/// Every field of a body. They are sorted; a blank line between two groups stays where no field had to cross it.
pub(super) fn fields<'t>(page: &mut Page, of: Key, fields: &[Field], inner: &[Piece<'t>]) {
    let mut entries = entries(fields, inner);
    entries.sort_by_key(|entry| entry.rank);
    let gaps = gaps(&entries);
    for (at, (entry, gap)) in entries.iter().zip(gaps).enumerate() {
        let before = at.checked_sub(1).and_then(|before| entries.get(before));
        let next = entries.get(at + 1);
        let begins_stores = entry.is_store() && before.is_some_and(|before| !before.is_store());
        let gap = if begins_stores && gap == Gap::Is(false) { Gap::Needed } else { gap };
        // An unknown field behind a list that ends with a comma would be read as its next item.
        let last = if next.is_some_and(|next| !next.is_known()) { Last::Bare } else { Last::Comma };
        entry.write(page, of, gap, last);
    }
}

fn entries<'p, 't, 'a>(fields: &'a [Field], inner: &'p [Piece<'t>]) -> Vec<Entry<'p, 't, 'a>> {
    let mut rest = inner;
    let mut group = 0;
    let mut entries = Vec::with_capacity(fields.len());
    for field in fields {
        let pieces = take(&mut rest, field.span);
        let notes = pieces.get(..1).map(Notes::of).unwrap_or_default();
        group += usize::from(notes.has_gap());
        entries.push(Entry { field, rank: rank(&field.key.text), group, notes, pieces });
    }
    entries
}

/// The blank lines before sorted entries.
fn gaps(sorted: &[Entry<'_, '_, '_>]) -> Vec<Gap> {
    let mut least_after = vec![usize::MAX; sorted.len()];
    let mut least = usize::MAX;
    for (slot, entry) in least_after.iter_mut().zip(sorted).rev() {
        least = least.min(entry.group);
        *slot = least;
    }
    let mut before: Option<&Entry<'_, '_, '_>> = None;
    let mut most = 0;
    let mut gaps = Vec::with_capacity(sorted.len());
    for (entry, least) in sorted.iter().zip(least_after) {
        let is_edge = before.is_some() && most < least;
        let begins_group = before.is_none_or(|before| before.group != entry.group) && entry.notes.has_gap();
        gaps.push(Gap::Is(match (is_edge, begins_group) {
            (true, true) => entry.notes.begins_with_gap(),
            (true, false) => true,
            // A heading, apart from what it heads, stays apart from what stands before it.
            (false, _) => entry.notes.has_inner_gap() && entry.notes.begins_with_gap(),
        }));
        most = most.max(entry.group);
        before = Some(entry);
    }
    gaps
}

impl Entry<'_, '_, '_> {
    fn is_store(&self) -> bool {
        self.field.key.text == "store"
    }

    fn is_known(&self) -> bool {
        FIELDS.iter().any(|field| field.key == self.field.key.text)
    }

    fn write(&self, page: &mut Page, of: Key, gap: Gap, last: Last) {
        let key = self.field.key.text.as_str();
        let Some((head, value)) = self.pieces.split_at_checked(1) else { return };
        match key {
            "store" => self.store(page, of, gap),
            "skus" | "warehouses" | "stores" | "split" => {
                let notes = Notes::of(head).with(gap);
                let (inline, alone) = (of.padded(key), key.to_owned());
                List { depth: of.depth(), notes, inline, alone, value, last }.write(page);
            }
            _ => {
                let notes = Notes::of(self.pieces).with(gap);
                page.above(of.depth(), &notes);
                page.line(of.depth(), &format!("{}{}", of.padded(key), join(value)), &notes.beside);
            }
        }
    }

    fn store(&self, page: &mut Page, of: Key, gap: Gap) {
        let braces = Braces::cut(self.pieces, of.depth(), gap);
        let inner = self.block();
        let line = one_line(inner, braces.inner).and_then(|body| braces.line(body));
        braces.write(page, line, |page, pieces| fields(page, Key::OfStore, inner, pieces));
    }

    fn block(&self) -> &[Field] {
        use crate::syntax::ast::TermKind::Block;
        self.field
            .value
            .iter()
            .find_map(|term| if let Block(inner) = &term.kind { Some(inner) } else { None })
            .map_or(&[], Vec::as_slice)
    }
}

/// The fields of a store on one line. Behind a list, or a field that nobody knows, a field would be taken for an item.
fn one_line(fields: &[Field], inner: &[Piece<'_>]) -> Option<String> {
    let may_stand = |field: &Field| FIELDS.iter().any(|known| known.in_store && known.key == field.key.text);
    if !fields.iter().all(may_stand) {
        return None;
    }
    let mut entries = entries(fields, inner);
    entries.sort_by_key(|entry| entry.rank);
    let words: Vec<String> = entries.iter().map(|entry| join(entry.pieces)).collect();
    Some(words.join("  "))
}
