//! Texts by where about they belong in their table, so that many are looked at while their places are near the processor.

use super::short::Short;
use std::borrow::Cow;

/// So many texts are a region: they, their table and what is said of them stay near the processor. No power of two: the places that are next to be written
/// in all regions, which are about as far apart, would push one another out of it.
const TEXTS: usize = 8_200;

/// There are no more regions than these: then they are larger.
const COUNT_MAX: usize = 1 << 14;

/// The regions of a table of texts: each is those of some hashes that follow one another, as their places in the table do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::catalog) struct Regions(usize);

impl Regions {
    /// Those of so many texts.
    pub(super) fn of(texts: usize) -> Self {
        Self((texts / TEXTS).clamp(1, COUNT_MAX))
    }

    /// How many there are; 1 at least.
    pub(in crate::catalog) fn count(self) -> usize {
        self.0
    }

    /// The region of a text that is short.
    #[inline]
    pub(in crate::catalog) fn of_short(self, short: &Short) -> usize {
        self.of_hash(short.hash(|| Cow::Borrowed("")))
    }

    #[inline]
    fn of_hash(self, hash: u32) -> usize {
        ((u64::from(hash) * self.0 as u64) >> 32) as usize
    }

    /// How texts of these hashes are put region by region.
    pub(super) fn order(self, hashes: &[u32]) -> Order {
        let mut order = Order { regions: Vec::with_capacity(hashes.len()), starts: vec![0; self.0] };
        for &hash in hashes {
            let region = self.of_hash(hash);
            order.regions.push(region as u16);
            if let Some(count) = order.starts.get_mut(region) {
                *count += 1;
            }
        }
        let mut before = 0;
        for start in &mut order.starts {
            before += std::mem::replace(start, before);
        }
        order
    }
}

/// Where values stand when they are put region by region, else in their order.
#[derive(Debug, Default)]
pub(in crate::catalog) struct Order {
    /// By value, its region; none where all stand as they stood.
    regions: Vec<u16>,
    /// By region, the place of its first value.
    starts: Vec<u32>,
}

impl Order {
    /// Whether nothing moves.
    pub(in crate::catalog) fn is_same(&self) -> bool {
        self.regions.is_empty()
    }

    /// Room for the values, which come in their old order, so many in a block. There must be as many as there are places.
    pub(in crate::catalog) fn room<T: Copy>(&self, filler: T, in_block: Blocking) -> Ordered<'_, T> {
        let count = self.regions.len();
        let length = in_block.length(count);
        let blocks = (0..count).step_by(length).map(|start| vec![filler; length.min(count - start)]);
        Ordered { regions: &self.regions, next: self.starts.clone(), blocks: blocks.collect(), in_block }
    }
}

/// How values stand in blocks.
#[derive(Clone, Copy, Debug)]
pub(in crate::catalog) enum Blocking {
    /// All in one.
    One,
    /// So many bits of a value's number are its place in a block.
    Bits(u32),
}

impl Blocking {
    fn length(self, count: usize) -> usize {
        match self {
            Self::One => count.max(1),
            Self::Bits(bits) => 1 << bits,
        }
    }

    #[inline]
    fn place(self, number: u32) -> (usize, usize) {
        match self {
            Self::One => (0, number as usize),
            Self::Bits(bits) => ((number >> bits) as usize, (number & ((1 << bits) - 1)) as usize),
        }
    }
}

/// Values that are put in their places as they come.
pub(in crate::catalog) struct Ordered<'o, T> {
    /// Those of the values that are still to come.
    regions: &'o [u16],
    next: Vec<u32>,
    blocks: Vec<Vec<T>>,
    in_block: Blocking,
}

impl<T: Copy> Ordered<'_, T> {
    pub(in crate::catalog) fn put(&mut self, values: &[T]) {
        let regions = self.regions.split_off(..values.len().min(self.regions.len())).unwrap_or_default();
        for (&value, &region) in values.iter().zip(regions) {
            let Some(next) = self.next.get_mut(usize::from(region)) else { continue };
            let (block, at) = self.in_block.place(*next);
            if let Some(to) = self.blocks.get_mut(block).and_then(|block| block.get_mut(at)) {
                *to = value;
            }
            *next += 1;
        }
    }

    /// All of them, block by block.
    pub(super) fn blocks(self) -> Vec<Vec<T>> {
        self.blocks
    }

    /// All of them, where they are one block.
    pub(in crate::catalog) fn all(self) -> Vec<T> {
        self.blocks.into_iter().next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn values_stand_region_by_region_else_in_their_order(hashes in prop::collection::vec(any::<u32>(), 0..200), count in 1_usize..9, cut in 1_usize..50) {
            let regions = Regions(count);
            let order = regions.order(&hashes);
            let mut plain: Vec<u32> = hashes.clone();
            plain.sort_by_key(|&hash| regions.of_hash(hash));
            for blocking in [Blocking::One, Blocking::Bits(0), Blocking::Bits(3)] {
                let mut room = order.room(0, blocking);
                hashes.chunks(cut).for_each(|hashes| room.put(hashes));
                prop_assert_eq!(room.blocks().concat(), &plain[..]);
            }
            prop_assert!(hashes.iter().all(|&hash| regions.of_hash(hash) < count));
        }
    }
}
