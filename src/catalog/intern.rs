//! Distinct texts in one arena, each known by a number; no allocation a text.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// Distinct texts, numbered from 0 in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Names {
    bytes: String,
    ends: Vec<u32>,
    table: HashTable<Slot>,
}

/// A text's number with its hash: only texts of one hash are compared, and growing touches no text at all.
#[derive(Clone, Copy, Debug)]
struct Slot {
    hash: u32,
    id: u32,
}

impl Names {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text of a number; empty for one that was not given out.
    pub(super) fn get(&self, id: u32) -> &str {
        text(&self.bytes, &self.ends, id)
    }

    /// The number of a text.
    pub(super) fn find(&self, name: &str) -> Option<u32> {
        let hash = hash(name);
        let same = |slot: &Slot| slot.hash == hash && self.get(slot.id) == name;
        self.table.find(spread(hash), same).map(|slot| slot.id)
    }

    /// The numbers of many texts, as [`Names::find`] gives them, into `found`, which is emptied first.
    ///
    /// Each pass touches one place a text, and no text waits for another: the processor fetches several at once.
    pub(super) fn find_all<T: AsRef<str>>(&self, names: &[T], found: &mut Vec<Option<u32>>) {
        found.clear();
        found.extend(names.iter().map(|name| self.may_hold(name.as_ref())));
        for (name, found) in names.iter().zip(found) {
            let name = name.as_ref();
            if found.is_some_and(|id| self.get(id) != name) {
                *found = self.find(name);
            }
        }
    }

    /// The number of a text with the same hash, most often the same text.
    pub(super) fn may_hold(&self, name: &str) -> Option<u32> {
        let hash = hash(name);
        self.table.find(spread(hash), |slot| slot.hash == hash).map(|slot| slot.id)
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
        let Self { bytes, ends, table } = self;
        let same = |slot: &Slot| slot.hash == hash && text(bytes, ends, slot.id) == name;
        if let Some(slot) = table.find(spread(hash), same) {
            return Some((slot.id, false));
        }
        let end = u32::try_from(bytes.len() + name.len()).ok()?;
        let id = u32::try_from(ends.len()).ok()?;
        bytes.push_str(name);
        ends.push(end);
        table.insert_unique(spread(hash), Slot { hash, id }, |slot| spread(slot.hash));
        Some((id, true))
    }

    /// Gives back what was reserved for more texts.
    pub(super) fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

fn text<'a>(bytes: &'a str, ends: &[u32], id: u32) -> &'a str {
    let id = id as usize;
    let start = id.checked_sub(1).and_then(|before| ends.get(before)).map_or(0, |&end| end as usize);
    let end = ends.get(id).map_or(start, |&end| end as usize);
    bytes.get(start..end).unwrap_or("")
}

fn hash(name: &str) -> u32 {
    (FixedState::default().hash_one(name) >> 32) as u32
}

/// The table looks at the highest and at the lowest of 64 bits.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_one_hash_are_told_apart() {
        let mut names = Names::default();
        names.intern("a");
        // As if "b" had the hash of "a", and came before it.
        let slot = Slot { hash: hash("b"), id: 0 };
        names.table.insert_unique(spread(slot.hash), slot, |slot| spread(slot.hash));
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
}
