//! Fields: in the order of `FIELDS`, their values in a column.

use super::layout::{Braces, take};
use super::list::{Last, List};
use super::page::Page;
use super::pieces::{Gap, Notes, Piece, join};
use crate::check::FIELDS;
use crate::syntax::ast::{Field, TermKind};
use std::collections::{HashMap, HashSet};

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
    match known {
        Some(_) if key == "store" => FIELDS.len() + 1,
        Some(at) => at,
        None => FIELDS.len(),
    }
}

/// A field as it is to be written.
struct Entry<'p, 't, 'a> {
    field: &'a Field,
    rank: usize,
    /// Which group between blank lines it stood in.
    group: usize,
    begins_group: bool,
    /// Those of its key.
    notes: Notes<'t>,
    pieces: &'p [Piece<'t>],
}

/// Every field of a body. They are sorted; a blank line between two groups stays where no field has to cross it.
pub(super) fn fields<'t>(page: &mut Page, of: Key, fields: &[Field], inner: &[Piece<'t>]) {
    let mut entries = entries(fields, inner);
    entries.sort_by_key(|entry| entry.rank);
    let edges = edges(&entries);
    keep_headings(&mut entries, &edges);
    let nexts: Vec<Last> =
        entries.iter().skip(1).map(|next| next.after_list()).chain([Last::Comma]).collect();
    let mut in_stores = true;
    for ((entry, is_edge), last) in entries.into_iter().zip(edges).zip(nexts) {
        let gap = match entry.gap(is_edge) {
            Gap::Is(false) if entry.is_store() && !in_stores => Gap::Needed,
            gap => gap,
        };
        in_stores = entry.is_store();
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
        let begins_group = entries.is_empty() || notes.has_gap();
        group += usize::from(begins_group);
        entries.push(Entry { field, rank: rank(&field.key.text), group, begins_group, notes, pieces });
    }
    entries
}

/// Before which of the sorted entries a group begins that no other reaches into.
fn edges(sorted: &[Entry<'_, '_, '_>]) -> Vec<bool> {
    let mut least_after: Vec<usize> = sorted.iter().map(|entry| entry.group).collect();
    let mut least = usize::MAX;
    for slot in least_after.iter_mut().rev() {
        least = least.min(*slot);
        *slot = least;
    }
    let mut most = 0;
    let mut edges = Vec::with_capacity(sorted.len());
    for (entry, least) in sorted.iter().zip(least_after) {
        edges.push(most < least);
        most = most.max(entry.group);
    }
    edges
}

/// What heads a group, a blank line below it, goes on heading it when another of its fields comes first.
fn keep_headings(sorted: &mut [Entry<'_, '_, '_>], edges: &[bool]) {
    let mut headings = HashMap::new();
    for entry in sorted.iter_mut().filter(|entry| entry.begins_group) {
        headings.insert(entry.group, entry.notes.take_heading());
    }
    let edges = || edges.iter().copied();
    let whole: HashSet<usize> =
        sorted.iter().zip(edges()).filter_map(|(entry, is_edge)| is_edge.then_some(entry.group)).collect();
    for (entry, is_edge) in sorted.iter_mut().zip(edges()) {
        if is_edge || entry.begins_group && !whole.contains(&entry.group) {
            entry.notes.put_heading(headings.remove(&entry.group).unwrap_or_default());
        }
    }
}

impl Entry<'_, '_, '_> {
    fn is_store(&self) -> bool {
        self.field.key.text == "store"
    }

    /// How a list must end before it: an unknown field behind a comma would be read as the next item.
    fn after_list(&self) -> Last {
        if FIELDS.iter().any(|field| field.key == self.field.key.text) { Last::Comma } else { Last::Bare }
    }

    fn gap(&self, is_edge: bool) -> Gap {
        Gap::Is(match (is_edge, self.begins_group) {
            (true, true) => self.notes.begins_with_gap(),
            (true, false) => true,
            // A heading, apart from what it heads, stays apart from what stands before it.
            (false, _) => self.notes.has_inner_gap() && self.notes.begins_with_gap(),
        })
    }

    fn write(self, page: &mut Page, of: Key, gap: Gap, last: Last) {
        let key = self.field.key.text.as_str();
        let value = self.pieces.get(1..).unwrap_or_default();
        match key {
            "store" => self.store(page, of, gap),
            "skus" | "warehouses" | "stores" | "split" => {
                let notes = self.notes.with(gap);
                let (inline, alone) = (of.padded(key), key.to_owned());
                List { depth: of.depth(), notes, inline, alone, value, last }.write(page);
            }
            _ => {
                let notes = self.notes.with(gap).and(value);
                page.above(of.depth(), &notes);
                page.line(of.depth(), &format!("{}{}", of.padded(key), join(value)), &notes.beside);
            }
        }
    }

    fn store(self, page: &mut Page, of: Key, gap: Gap) {
        let inner = block(self.field);
        let braces = Braces::cut(self.pieces, of.depth(), self.notes.with(gap));
        let line = one_line(inner, braces.inner).and_then(|body| braces.line(body));
        braces.write(page, line, |page, pieces| fields(page, Key::OfStore, inner, pieces));
    }
}

fn block(field: &Field) -> &[Field] {
    let inner = field
        .value
        .iter()
        .find_map(|term| if let TermKind::Block(inner) = &term.kind { Some(inner) } else { None });
    inner.map_or(&[], Vec::as_slice)
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
