//! Distinct texts, each known by a number; no allocation a text.

use foldhash::fast::FixedState;
use std::hash::BuildHasher;

/// Distinct texts, numbered from 0 in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Names {
    texts: Texts,
    table: Slots,
}

/// Texts by number.
#[derive(Debug, Default)]
pub(super) struct Texts {
    cells: Vec<Cell>,
    /// Those that fit into no cell, one behind the other.
    long: String,
}

/// A text, or where it stands if it is long: a look at a text touches one place in memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Cell([u8; CELL_BYTES]);

const CELL_BYTES: usize = 24;
/// The last byte of a cell is the length of its text.
const SHORT_BYTES_MAX: usize = CELL_BYTES - 1;
/// It is this where the text is long.
const LONG: u8 = u8::MAX;

impl Cell {
    /// The cell of a short text; of any long one, the same that is no short one's.
    fn of(text: &str) -> Cell {
        let mut cell = [0; CELL_BYTES];
        let length = text.len();
        let short = cell.get_mut(..length).filter(|_| length <= SHORT_BYTES_MAX);
        let is_short = short.map(|short| short.copy_from_slice(text.as_bytes())).is_some();
        if let Some(last) = cell.last_mut() {
            *last = if is_short { length as u8 } else { LONG };
        }
        Cell(cell)
    }

    /// The cell of a long text that lies from `start` to `end`.
    fn at(start: u32, end: u32) -> Cell {
        let mut cell = [0; CELL_BYTES];
        let places = start.to_le_bytes().into_iter().chain(end.to_le_bytes());
        cell.iter_mut().zip(places.chain(std::iter::repeat(LONG))).for_each(|(to, from)| *to = from);
        Cell(cell)
    }

    /// From where to where a long text lies.
    fn place(&self) -> Option<(u32, u32)> {
        let (words, _) = self.0.as_chunks::<4>();
        let (&[start, end, ..], LONG) = (words, self.length()) else { return None };
        Some((u32::from_le_bytes(start), u32::from_le_bytes(end)))
    }

    fn length(&self) -> u8 {
        self.0.last().copied().unwrap_or_default()
    }

    /// The hash of a short text.
    fn hash(&self) -> u32 {
        let (words, _) = self.0.as_chunks::<8>();
        let word = |at: usize| words.get(at).map_or(0, |word| u64::from_le_bytes(*word));
        (FixedState::default().hash_one((word(0), word(1), word(2))) >> 32) as u32
    }

    fn is_long(&self) -> bool {
        self.length() == LONG
    }
}

impl Texts {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// The text of a number; empty for one that was not given out.
    pub(super) fn get(&self, id: u32) -> &str {
        let Some(cell) = self.cells.get(id as usize) else { return "" };
        let text = match cell.place() {
            None => cell.0.get(..usize::from(cell.length())).and_then(|text| std::str::from_utf8(text).ok()),
            Some((start, end)) => self.long.get(start as usize..end as usize),
        };
        text.unwrap_or_default()
    }

    /// Whether a number is of a text, which has this cell.
    fn is(&self, id: u32, text: &str, cell: &Cell) -> bool {
        if cell.is_long() { self.get(id) == text } else { self.cells.get(id as usize) == Some(cell) }
    }

    /// Whether two numbers are of the same text.
    fn same(&self, one: u32, other: u32) -> bool {
        let cell = self.cells.get(one as usize);
        match cell.is_some_and(Cell::is_long) {
            true => self.get(one) == self.get(other),
            false => cell == self.cells.get(other as usize),
        }
    }

    fn hash(&self, id: u32) -> u32 {
        match self.cells.get(id as usize) {
            Some(cell) if !cell.is_long() => cell.hash(),
            _ => hash(self.get(id)),
        }
    }

    /// Looks at the texts of some numbers before they are needed.
    fn look(&self, ids: &[Option<u32>]) {
        let ends = |id: &Option<u32>| {
            let Cell([first, .., last]) = self.cells.get((*id)? as usize)?;
            Some(first ^ last)
        };
        std::hint::black_box(ids.iter().filter_map(ends).fold(0, |sum, ends| sum ^ ends));
    }

    /// Adds a text; the number it has. `None` where there is no room: for 4 GiB of long texts, and as many texts as there are numbers.
    pub(super) fn push(&mut self, text: &str) -> Option<u32> {
        let id = u32::try_from(self.cells.len()).ok().filter(|&id| id < u32::MAX)?;
        let mut cell = Cell::of(text);
        if cell.is_long() {
            let start = u32::try_from(self.long.len()).ok()?;
            cell = Cell::at(start, u32::try_from(self.long.len() + text.len()).ok()?);
            self.long.push_str(text);
        }
        self.cells.push(cell);
        Some(id)
    }

    /// All texts of several, one behind the other.
    fn concat(parts: &[Texts]) -> Option<Texts> {
        let long = parts.iter().map(|part| part.long.len()).sum();
        u32::try_from(long).ok()?;
        let mut all = Texts {
            cells: Vec::with_capacity(parts.iter().map(Texts::len).sum()),
            long: String::with_capacity(long),
        };
        for part in parts {
            let base = all.long.len() as u32;
            let moved = |cell: &Cell| match cell.place() {
                Some((start, end)) => Cell::at(base + start, base + end),
                None => *cell,
            };
            if part.long.is_empty() {
                all.cells.extend_from_slice(&part.cells);
            } else {
                all.cells.extend(part.cells.iter().map(moved));
                all.long.push_str(&part.long);
            }
        }
        u32::try_from(all.len()).is_ok_and(|len| len < u32::MAX).then_some(all)
    }
}

impl Names {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.texts.len()
    }

    /// The text of a number; empty for one that was not given out.
    pub(super) fn get(&self, id: u32) -> &str {
        self.texts.get(id)
    }

    /// The number of a text.
    pub(super) fn find(&self, name: &str) -> Option<u32> {
        let cell = Cell::of(name);
        self.table.find(hash(name), |id| self.texts.is(id, name, &cell))
    }

    /// The numbers of many texts, as [`Names::find`] gives them, into `found`, which is emptied first.
    ///
    /// Each pass touches one place a text, and no text waits for another: the processor fetches several at once.
    pub(super) fn find_all<T: AsRef<str>>(&self, names: &[T], found: &mut Vec<Option<u32>>) {
        found.clear();
        let mut hashes = [0; AHEAD];
        let mut cells = [Cell([0; CELL_BYTES]); AHEAD];
        for names in names.chunks(AHEAD) {
            let done = found.len();
            for ((name, cell), hash) in names.iter().zip(&mut cells).zip(&mut hashes) {
                *cell = Cell::of(name.as_ref());
                *hash = hash_of(name.as_ref(), cell);
            }
            let hashes = hashes.get(..names.len()).unwrap_or_default();
            self.table.look(hashes);
            found.extend(hashes.iter().map(|&hash| self.table.find(hash, |_| true)));
            let found = found.get_mut(done..).unwrap_or_default();
            self.texts.look(found);
            for (((name, cell), &hash), found) in names.iter().zip(&cells).zip(hashes).zip(found) {
                let name = name.as_ref();
                if found.is_some_and(|id| !self.texts.is(id, name, cell)) {
                    *found = self.table.find(hash, |id| self.texts.is(id, name, cell));
                }
            }
        }
    }

    /// The number of a text with the same hash, most often the same text.
    pub(super) fn may_hold(&self, name: &str) -> Option<u32> {
        self.table.find(hash(name), |_| true)
    }

    /// The number of a text, tried first on the number given before and the one behind it: rows are often sorted.
    pub(super) fn intern_near(&mut self, name: &str, before: u32) -> Option<(u32, bool)> {
        let next = before.saturating_add(1);
        let cell = Cell::of(name);
        let is_it = |id: &u32| !name.is_empty() && self.texts.is(*id, name, &cell);
        let near = [before, next].into_iter().find(is_it);
        near.map_or_else(|| self.intern(name), |id| Some((id, false)))
    }

    /// The number of a text, and whether it is new. `None` where the arena (4 GiB) is full.
    pub(super) fn intern(&mut self, name: &str) -> Option<(u32, bool)> {
        let cell = Cell::of(name);
        let hash = hash_of(name, &cell);
        if let Some(id) = self.table.find(hash, |id| self.texts.is(id, name, &cell)) {
            return Some((id, false));
        }
        let id = self.texts.push(name)?;
        self.table.add(hash, id);
        Some((id, true))
    }

    /// The texts of all parts, numbered in their order. `None` where one is there twice, or where they are too many.
    pub(super) fn distinct(parts: &[Texts]) -> Option<Names> {
        let texts = Texts::concat(parts)?;
        let mut table = Slots::for_so_many(texts.len());
        let count = texts.len() as u32;
        let mut hashes = [0; AHEAD];
        for first in (0..count).step_by(AHEAD) {
            let ids = first..count.min(first + AHEAD as u32);
            hashes.iter_mut().zip(ids.clone()).for_each(|(hash, id)| *hash = texts.hash(id));
            let hashes = hashes.get(..ids.len()).unwrap_or_default();
            table.look(hashes);
            for (id, &hash) in ids.zip(hashes) {
                if !table.add_new(hash, id, |other| texts.same(other, id)) {
                    return None;
                }
            }
        }
        Some(Names { texts, table })
    }

    /// Gives back what was reserved for more texts.
    pub(super) fn shrink(&mut self) {
        self.texts.cells.shrink_to_fit();
        self.texts.long.shrink_to_fit();
    }
}

/// So many texts are looked at before the first of them is needed.
const AHEAD: usize = 128;

/// Numbers by hash, each beside its hash: only texts of one hash are compared, growing touches no text at all, and a
/// look touches one place in memory.
#[derive(Debug, Default)]
struct Slots {
    /// [`FREE`], or the hash above the number. What has no room in its own place stands in the next free one.
    slots: Vec<u64>,
    used: usize,
}

/// A place that holds nothing: no number is so large. It is not 0, so that a new table is written before it is looked at: memory that is
/// read first is taken from one page of zeros, and taken again, one page at a time on all processors, when it is written.
const FREE: u64 = u64::MAX;

impl Slots {
    /// Two places in three are used at most.
    fn for_so_many(count: usize) -> Self {
        Self { slots: vec![FREE; count + count / 2 + 8], used: 0 }
    }

    /// The number with this hash that `is_it`.
    fn find(&self, hash: u32, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let mut at = self.place(hash);
        for _ in 0..self.slots.len() {
            let slot = *self.slots.get(at)?;
            if slot == FREE {
                return None;
            }
            let id = slot as u32;
            if (slot >> 32) as u32 == hash && is_it(id) {
                return Some(id);
            }
            at = self.behind(at);
        }
        None
    }

    /// The place behind another; behind the last is the first.
    fn behind(&self, at: usize) -> usize {
        if at + 1 == self.slots.len() { 0 } else { at + 1 }
    }

    /// Looks at the first place of every hash before any of them is needed: the processor fetches them together.
    fn look(&self, hashes: &[u32]) {
        let first = |&hash: &u32| self.slots.get(self.place(hash)).copied().unwrap_or_default();
        std::hint::black_box(hashes.iter().map(first).fold(0, |sum, slot| sum ^ slot));
    }

    /// Adds a number where no other with its hash `is_it`; whether there was none. There must be room.
    fn add_new(&mut self, hash: u32, id: u32, is_it: impl Fn(u32) -> bool) -> bool {
        let mut at = self.place(hash);
        for _ in 0..self.slots.len() {
            let behind = self.behind(at);
            let Some(slot) = self.slots.get_mut(at) else { return false };
            if *slot == FREE {
                *slot = u64::from(hash) << 32 | u64::from(id);
                self.used += 1;
                return true;
            }
            if (*slot >> 32) as u32 == hash && is_it(*slot as u32) {
                return false;
            }
            at = behind;
        }
        false
    }

    fn add(&mut self, hash: u32, id: u32) {
        if (self.used + 1) * 3 > self.slots.len() * 2 {
            let old = std::mem::take(&mut self.slots);
            self.slots = vec![FREE; (old.len() * 2).max(16)];
            old.into_iter().filter(|&slot| slot != FREE).for_each(|slot| self.put(slot));
        }
        self.put(u64::from(hash) << 32 | u64::from(id));
        self.used += 1;
    }

    fn put(&mut self, new: u64) {
        let place = self.place((new >> 32) as u32);
        let (before, from) = self.slots.split_at_mut(place);
        if let Some(free) = from.iter_mut().chain(before).find(|slot| **slot == FREE) {
            *free = new;
        }
    }

    /// The first place of a hash: a hash of 32 bits scaled down to the places there are.
    fn place(&self, hash: u32) -> usize {
        ((u64::from(hash) * self.slots.len() as u64) >> 32) as usize
    }
}

fn hash(name: &str) -> u32 {
    hash_of(name, &Cell::of(name))
}

/// The hash of a text, which has this cell.
fn hash_of(name: &str, cell: &Cell) -> u32 {
    if cell.is_long() { (FixedState::default().hash_one(name) >> 32) as u32 } else { cell.hash() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_one_hash_are_told_apart() {
        let mut names = Names::default();
        names.intern("a");
        // As if "b" had the hash of "a", and came before it.
        names.table.add(hash("b"), 0);
        assert_eq!(names.find("b"), None);
        assert_eq!(names.intern("b"), Some((1, true)));
        let mut found = Vec::new();
        names.find_all(&["a", "b", "c"], &mut found);
        assert_eq!(found, [Some(0), Some(1), None]);
    }

    #[test]
    fn a_text_keeps_its_number() {
        let mut names = Names::default();
        let all: Vec<String> = (0..5_000).map(|n| format!("SKU-{n}-ก")).collect();
        for (n, name) in all.iter().enumerate() {
            assert_eq!(names.intern(name), Some((n as u32, true)));
        }
        for (n, name) in all.iter().enumerate() {
            assert_eq!(names.intern(name), Some((n as u32, false)));
            assert_eq!(names.intern_near(name, n as u32 / 2), Some((n as u32, false)));
            assert_eq!(names.intern_near(name, (n as u32).saturating_sub(1)), Some((n as u32, false)));
            assert_eq!(names.find(name), Some(n as u32));
            assert_eq!(names.get(n as u32), name);
        }
        let mut found = Vec::new();
        let asked: Vec<&str> = all.iter().map(String::as_str).chain(["SKU-", ""]).collect();
        names.find_all(&asked, &mut found);
        assert_eq!(found, asked.iter().map(|name| names.find(name)).collect::<Vec<_>>());
        assert_eq!((names.len(), names.find("SKU-"), names.get(9_999)), (5_000, None, ""));
    }

    #[test]
    fn texts_of_every_length_are_told_apart() {
        let lengths = 0..3 * CELL_BYTES;
        let mut all: Vec<String> =
            lengths.flat_map(|length| ["a", "b", "\0", "ก"].map(|text| text.repeat(length))).collect();
        all.sort_unstable();
        all.dedup();
        let mut names = Names::default();
        for (n, text) in all.iter().enumerate() {
            assert_eq!(names.intern(text), Some((n as u32, true)), "{text:?}");
        }
        let (mut one, mut other) = (Texts::default(), Texts::default());
        for (n, text) in all.iter().enumerate() {
            let part = if n < all.len() / 2 { &mut one } else { &mut other };
            assert!(part.push(text).is_some());
        }
        let parts = Names::distinct(&[one, other]).unwrap();
        let mut found = Vec::new();
        for names in [&names, &parts] {
            for (n, text) in all.iter().enumerate() {
                assert_eq!((names.get(n as u32), names.find(text)), (text.as_str(), Some(n as u32)));
            }
            names.find_all(&all, &mut found);
            assert!(found.iter().copied().eq((0..all.len() as u32).map(Some)));
        }
        for again in &all {
            let mut part = Texts::default();
            assert!([again.as_str(), "between", again].into_iter().all(|text| part.push(text).is_some()));
            assert!(Names::distinct(&[part]).is_none(), "{again:?}");
        }
    }

    #[test]
    fn parts_are_numbered_in_their_order() {
        let part = |names: &[&str]| {
            let mut part = Texts::default();
            names.iter().for_each(|name| _ = part.push(name));
            part
        };
        let all: Vec<String> = (0..3_000).map(|n| format!("{n}")).collect();
        let texts: Vec<&str> = all.iter().map(String::as_str).collect();
        let (one, other) = texts.split_at(700);
        let names = Names::distinct(&[part(one), part(&[]), part(other), part(&[""])]).unwrap();
        for (n, name) in texts.iter().chain([&""]).enumerate() {
            assert_eq!((names.find(name), names.get(n as u32)), (Some(n as u32), *name));
        }
        assert_eq!((names.len(), names.find("3000")), (3_001, None));
        assert!(Names::distinct(&[part(one), part(other), part(&["699"])]).is_none());
        assert_eq!(Names::distinct(&[]).map(|names| (names.len(), names.find(""))), Some((0, None)));
    }
}
