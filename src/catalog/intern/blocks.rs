//! A column in several blocks, as they were read: put together without being copied.

use super::regions::{Blocking, Order};

/// Values by number, from 0 on.
#[derive(Debug)]
pub(super) struct Blocks<T> {
    blocks: Vec<Block<T>>,
    /// The block that holds every [`NEAR`]th value: the others stand in it, or soon behind.
    near: Vec<u32>,
    len: usize,
}

#[derive(Debug)]
struct Block<T> {
    /// The number of its first value.
    start: u32,
    values: Vec<T>,
}

const NEAR_BITS: u32 = 12;
const NEAR: usize = 1 << NEAR_BITS;

/// Fewer values are no block of their own, so that few blocks lie between two numbers that are near.
const BLOCK_MIN: usize = NEAR / 2;

impl<T> Default for Blocks<T> {
    fn default() -> Self {
        Self { blocks: Vec::new(), near: Vec::new(), len: 0 }
    }
}

impl<T: Copy> Blocks<T> {
    pub(super) fn with_capacity(count: usize) -> Self {
        let block = Block { start: 0, values: Vec::with_capacity(count) };
        Self { blocks: vec![block], near: Vec::new(), len: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// How many there is room for.
    pub(super) fn capacity(&self) -> usize {
        self.blocks.iter().map(|block| block.values.capacity()).sum()
    }

    #[inline]
    pub(super) fn get(&self, number: u32) -> Option<&T> {
        let near = *self.near.get((number >> NEAR_BITS) as usize)? as usize;
        let mut blocks = self.blocks.get(near..)?;
        while let [_, rest @ ..] = blocks
            && rest.first().is_some_and(|block| block.start <= number)
        {
            blocks = rest;
        }
        let block = blocks.first()?;
        block.values.get((number - block.start) as usize)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.blocks.iter().flat_map(|block| &block.values)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.blocks.iter_mut().flat_map(|block| &mut block.values)
    }

    pub(super) fn push(&mut self, value: T) {
        self.extend(std::iter::once(value));
    }

    /// Adds some values.
    pub(super) fn extend(&mut self, values: impl Iterator<Item = T>) {
        if self.blocks.is_empty() {
            self.blocks.push(Block { start: 0, values: Vec::new() });
        }
        if let Some(block) = self.blocks.last_mut() {
            let before = block.values.len();
            block.values.extend(values);
            self.len += block.values.len() - before;
        }
        self.note();
    }

    /// Adds the values of others behind its own.
    pub(super) fn append(&mut self, other: Self) {
        for Block { values, .. } in other.blocks {
            self.len += values.len();
            match self.blocks.last_mut() {
                Some(last) if values.len() < BLOCK_MIN => last.values.extend_from_slice(&values),
                _ => self.blocks.push(Block { start: (self.len - values.len()) as u32, values }),
            }
            self.note();
        }
    }

    /// The same in another order. Each block is given back as soon as it was gone through, and the new ones are no larger than most allocators keep for others.
    pub(super) fn ordered(self, order: &Order, filler: T) -> Self {
        let mut room = order.room(filler, Blocking::Bits(NEAR_BITS));
        self.blocks.into_iter().for_each(|block| room.put(&block.values));
        let mut new = Self::default();
        for values in room.blocks() {
            new.blocks.push(Block { start: new.len as u32, values });
            new.len += new.blocks.last().map_or(0, |block| block.values.len());
            new.note();
        }
        new
    }

    /// Notes where values are that came into the last block.
    fn note(&mut self) {
        if self.len > self.near.len() * NEAR {
            let last = self.blocks.len().saturating_sub(1) as u32;
            self.near.resize(self.len.div_ceil(NEAR), last);
        }
    }

    /// Gives back what was reserved for more.
    pub(super) fn shrink(&mut self) {
        self.blocks.iter_mut().for_each(|block| block.values.shrink_to_fit());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_in_the_order_in_which_they_came() {
        let lengths =
            [0, 3, NEAR * 3, 0, 1, BLOCK_MIN, 5, NEAR - 1, NEAR, NEAR + 1, BLOCK_MIN - 1, BLOCK_MIN - 1];
        let mut all = Blocks::default();
        let mut next = 0_u32;
        for length in lengths {
            let mut block = Blocks::with_capacity(length);
            let half = length / 2;
            block.extend(next..next + half as u32);
            for value in next + half as u32..next + length as u32 {
                block.push(value);
            }
            next += length as u32;
            all.append(block);
            assert_eq!(all.len(), next as usize);
        }
        all.push(next);
        assert!((0..=next).all(|number| all.get(number) == Some(&number)));
        assert!(all.iter().copied().eq(0..=next));
        assert_eq!(all.get(next + 1), None);
        all.iter_mut().for_each(|value| *value += 1);
        assert_eq!(all.get(7), Some(&8));
        assert_eq!(Blocks::<u8>::default().get(0), None);
    }
}
