//! Lists that name lists, laid out flat: each list once, and never before one that it names.

use super::{SkuSet, SkuTerm};
use hashbrown::HashMap;

/// Lists by their place; whatever a list names has a smaller place.
#[derive(Default)]
pub(super) struct Graph<'a> {
    pub(super) sets: Vec<&'a SkuSet>,
    places: HashMap<*const SkuSet, usize, foldhash::fast::RandomState>,
}

impl<'a> Graph<'a> {
    /// Adds a list and all that it names, and tells its place.
    pub(super) fn add(&mut self, root: &'a SkuSet) -> usize {
        let mut open = vec![(root, root.items())];
        while let Some((set, items)) = open.last_mut() {
            let unplaced = items.find_map(|term| match term {
                SkuTerm::Set(inner) if self.place(inner).is_none() => Some(&**inner),
                _ => None,
            });
            if let Some(inner) = unplaced {
                open.push((inner, inner.items()));
                continue;
            }
            let set: &'a SkuSet = set;
            open.pop();
            if self.place(set).is_none() {
                self.places.insert(set, self.sets.len());
                self.sets.push(set);
            }
        }
        self.place(root).unwrap_or_default()
    }

    /// Where a list that was added stands.
    pub(super) fn place(&self, set: &SkuSet) -> Option<usize> {
        self.places.get(&std::ptr::from_ref(set)).copied()
    }
}
