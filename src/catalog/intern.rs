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
        found.extend(names.iter().map(|name| self.table.find(hash(name.as_ref()), |_| true)));
        for (name, found) in names.iter().zip(found) {
            let name = name.as_ref();
            if found.is_some_and(|id| self.get(id) != name) {
                *found = self.find(name);
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
        let mut id = 0;
        let mut hashes = Vec::with_capacity(AHEAD);
        while (id as usize) < texts.len() {
            let to = texts.len().min(id as usize + AHEAD) as u32;
            hashes.clear();
            hashes.extend((id..to).map(|id| hash(texts.get(id))));
            // A look at every place before any of them is needed: the processor fetches them together.
            std::hint::black_box(hashes.iter().fold(0, |sum, &hash| sum ^ table.first(hash)));
            for (&hash, id) in hashes.iter().zip(id..to) {
                let name = texts.get(id);
                if table.find(hash, |other| texts.get(other) == name).is_some() {
                    return None;
                }
                table.add(hash, id);
            }
            id = to;
        }
        Some(Names { texts, table })
    }

    /// Gives back what was reserved for more texts.
    pub(super) fn shrink(&mut self) {
        self.texts.bytes.shrink_to_fit();
        self.texts.ends.shrink_to_fit();
    }
}

/// So many texts are looked at before the first of them is added.
const AHEAD: usize = 128;

/// Numbers by hash, each beside its hash: only texts of one hash are compared, growing touches no text at all, and a
/// look touches one place in memory.
#[derive(Debug, Default)]
struct Slots {
    /// Empty, or the hash above the number plus 1. What has no room in its own place stands in the next free one.
    slots: Vec<u64>,
    used: usize,
}

impl Slots {
    /// Two places in three are used at most.
    fn for_so_many(count: usize) -> Self {
        Self { slots: vec![0; count + count / 2 + 8], used: 0 }
    }

    /// The number with this hash that `is_it`.
    fn find(&self, hash: u32, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let place = self.place(hash);
        let (before, from) = self.slots.split_at_checked(place)?;
        for &slot in from.iter().chain(before) {
            if slot == 0 {
                return None;
            }
            let id = slot as u32 - 1;
            if (slot >> 32) as u32 == hash && is_it(id) {
                return Some(id);
            }
        }
        None
    }

    /// What stands in the first place that a hash may have.
    fn first(&self, hash: u32) -> u64 {
        self.slots.get(self.place(hash)).copied().unwrap_or_default()
    }

    fn add(&mut self, hash: u32, id: u32) {
        if (self.used + 1) * 3 > self.slots.len() * 2 {
            let old = std::mem::take(&mut self.slots);
            self.slots = vec![0; (old.len() * 2).max(16)];
            old.into_iter().filter(|&slot| slot != 0).for_each(|slot| self.put(slot));
        }
        self.put(u64::from(hash) << 32 | (u64::from(id) + 1));
        self.used += 1;
    }

    fn put(&mut self, new: u64) {
        let place = self.place((new >> 32) as u32);
        let (before, from) = self.slots.split_at_mut(place);
        if let Some(free) = from.iter_mut().chain(before).find(|slot| **slot == 0) {
            *free = new;
        }
    }

    /// The first place of a hash: a hash of 32 bits scaled down to the places there are.
    fn place(&self, hash: u32) -> usize {
        ((u64::from(hash) * self.slots.len() as u64) >> 32) as usize
    }
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
