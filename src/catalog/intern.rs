//! Distinct texts in one arena, each known by a number; no allocation a text.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// Distinct texts, numbered from 0 in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Names {
    bytes: String,
    ends: Vec<u32>,
    table: HashTable<u32>,
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
        self.table.find(hash(name), |&id| self.get(id) == name).copied()
    }

    /// The number of a text, and whether it is new. `None` where the arena (4 GiB) is full.
    pub(super) fn intern(&mut self, name: &str) -> Option<(u32, bool)> {
        let hash_of_name = hash(name);
        let Self { bytes, ends, table } = self;
        if let Some(&id) = table.find(hash_of_name, |&id| text(bytes, ends, id) == name) {
            return Some((id, false));
        }
        let end = u32::try_from(bytes.len() + name.len()).ok()?;
        let id = u32::try_from(ends.len()).ok()?;
        bytes.push_str(name);
        ends.push(end);
        table.insert_unique(hash_of_name, id, |&id| hash(text(bytes, ends, id)));
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

fn hash(name: &str) -> u64 {
    FixedState::default().hash_one(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_its_number() {
        let mut names = Names::default();
        let all: Vec<String> = (0..5_000).map(|n| format!("SKU-{n}-ก")).collect();
        for (n, name) in all.iter().enumerate() {
            assert_eq!(names.intern(name), Some((n as u32, true)));
        }
        for (n, name) in all.iter().enumerate() {
            assert_eq!(names.intern(name), Some((n as u32, false)));
            assert_eq!(names.find(name), Some(n as u32));
            assert_eq!(names.get(n as u32), name);
        }
        assert_eq!((names.len(), names.find("SKU-"), names.get(9_999)), (5_000, None, ""));
    }
}
