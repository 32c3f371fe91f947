//! Distinct texts in one arena, each known by a number; no allocation a text.

use foldhash::fast::FixedState;
use std::hash::BuildHasher;

/// Distinct texts, numbered from 0 in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Names {
    texts: Texts,
    table: Slots,
}

/// Texts one behind the other.
#[derive(Debug, Default)]
pub(super) struct Texts {
    bytes: String,
    ends: Vec<u32>,
}

impl Texts {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text of a number; empty for one that was not given out.
    pub(super) fn get(&self, id: u32) -> &str {
        let id = id as usize;
        let start = id.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |&end| end as usize);
        let end = self.ends.get(id).map_or(start, |&end| end as usize);
        self.bytes.get(start..end).unwrap_or("")
    }

    /// Looks at the texts of some numbers before they are needed.
    fn look(&self, ids: &[Option<u32>]) {
        let start = |id: &Option<u32>| {
            let before = (*id)?.checked_sub(1)?;
            self.ends.get(before as usize).copied()
        };
        // Two passes: where a text starts must be there before it can be looked at.
        std::hint::black_box(ids.iter().filter_map(start).fold(0, |sum, start| sum ^ start));
        let byte = |id: &Option<u32>| self.bytes.as_bytes().get(start(id)? as usize).copied();
        std::hint::black_box(ids.iter().filter_map(byte).fold(0, |sum, byte| sum ^ byte));
    }

    /// Adds a text; the number it has. `None` where the arena (4 GiB) is full.
    pub(super) fn push(&mut self, text: &str) -> Option<u32> {
        let end = u32::try_from(self.bytes.len() + text.len()).ok()?;
        let id = u32::try_from(self.ends.len()).ok().filter(|&id| id < u32::MAX)?;
        self.bytes.push_str(text);
        self.ends.push(end);
        Some(id)
    }

    /// All texts of several, one behind the other.
    fn concat(parts: &[Texts]) -> Option<Texts> {
        let bytes = parts.iter().map(|part| part.bytes.len()).sum();
        u32::try_from(bytes).ok()?;
        let mut all = Texts {
            bytes: String::with_capacity(bytes),
            ends: Vec::with_capacity(parts.iter().map(Texts::len).sum()),
        };
        for part in parts {
            let base = all.bytes.len() as u32;
            all.bytes.push_str(&part.bytes);
            all.ends.extend(part.ends.iter().map(|end| base + end));
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
        self.table.find(hash(name), |id| self.get(id) == name)
    }

    /// The numbers of many texts, as [`Names::find`] gives them, into `found`, which is emptied first.
    ///
    /// Each pass touches one place a text, and no text waits for another: the processor fetches several at once.
    pub(super) fn find_all<T: AsRef<str>>(&self, names: &[T], found: &mut Vec<Option<u32>>) {
        found.clear();
        let mut hashes = [0; AHEAD];
        for names in names.chunks(AHEAD) {
            let done = found.len();
            let hashes = hash_all(names, &mut hashes);
            self.table.look(hashes);
            found.extend(hashes.iter().map(|&hash| self.table.find(hash, |_| true)));
            let found = found.get_mut(done..).unwrap_or_default();
            self.texts.look(found);
            for ((name, &hash), found) in names.iter().zip(hashes).zip(found) {
                let name = name.as_ref();
                if found.is_some_and(|id| self.get(id) != name) {
                    *found = self.table.find(hash, |id| self.get(id) == name);
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
        let near = [before, next].into_iter().find(|&id| !name.is_empty() && self.get(id) == name);
        near.map_or_else(|| self.intern(name), |id| Some((id, false)))
    }

    /// The number of a text, and whether it is new. `None` where the arena (4 GiB) is full.
    pub(super) fn intern(&mut self, name: &str) -> Option<(u32, bool)> {
        let hash = hash(name);
        if let Some(id) = self.table.find(hash, |id| self.texts.get(id) == name) {
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
        let mut hashes = [0; AHEAD];
        let mut names = Vec::with_capacity(AHEAD);
        let mut id = 0;
        while (id as usize) < texts.len() {
            names.clear();
            names.extend((id..texts.len() as u32).take(AHEAD).map(|id| texts.get(id)));
            let hashes = hash_all(&names, &mut hashes);
            table.look(hashes);
            for (name, &hash) in names.iter().zip(hashes) {
                if !table.add_new(hash, id, |other| texts.get(other) == *name) {
                    return None;
                }
                id += 1;
            }
        }
        Some(Names { texts, table })
    }

    /// Gives back what was reserved for more texts.
    pub(super) fn shrink(&mut self) {
        self.texts.bytes.shrink_to_fit();
        self.texts.ends.shrink_to_fit();
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

/// The hashes of at most [`AHEAD`] texts.
fn hash_all<'h, T: AsRef<str>>(names: &[T], hashes: &'h mut [u32; AHEAD]) -> &'h [u32] {
    hashes.iter_mut().zip(names).for_each(|(to, name)| *to = hash(name.as_ref()));
    hashes.get(..names.len()).unwrap_or_default()
}

fn hash(name: &str) -> u32 {
    (FixedState::default().hash_one(name) >> 32) as u32
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
