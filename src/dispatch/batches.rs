//! Batches: no larger than a store takes, and halved where one dead listing blocks the rest.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;

/// How large a batch may be. 0 is no limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct BatchLimits {
    /// The most items.
    pub items_max: u32,
    /// The most bytes. An item that is larger by itself goes alone.
    pub bytes_max: u64,
}

/// Items of a window, by index, that are sent together.
pub type BatchRange = Range<usize>;

/// How a batch went as a whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sent {
    /// Every item has an outcome of its own.
    Answered,
    /// The store refused it whole, and wrote nothing of it.
    RefusedWhole,
}

/// The batches of a window of writes, in order; poll [`next`](Batches::next), send, tell [`settled`](Batches::settled).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Batches {
    /// What is still to be sent, the next one last.
    stack: Vec<BatchRange>,
}

impl Batches {
    /// Splits items of these sizes in bytes, keeping their order.
    pub fn new(sizes: impl IntoIterator<Item = u64>, limits: &BatchLimits) -> Self {
        let mut stack = Vec::new();
        let mut open = 0..0;
        let mut bytes = 0_u64;
        for size in sizes {
            if !open.is_empty() && is_over(limits, open.len() + 1, bytes.saturating_add(size)) {
                let next = open.end..open.end;
                stack.push(std::mem::replace(&mut open, next));
                bytes = 0;
            }
            open.end += 1;
            bytes = bytes.saturating_add(size);
        }
        if !open.is_empty() {
            stack.push(open);
        }
        stack.reverse();
        Self { stack }
    }

    /// Splits groups of these numbers of items, so that no batch has items of two.
    pub fn of_groups(lens: impl IntoIterator<Item = usize>, limits: &BatchLimits) -> Self {
        let mut stack = Vec::new();
        let mut start = 0;
        for len in lens {
            let of_group = Self::new(std::iter::repeat_n(0, len), limits).stack;
            stack.extend(of_group.into_iter().rev().map(|range| range.start + start..range.end + start));
            start += len;
        }
        stack.reverse();
        Self { stack }
    }

    /// The next batch to be sent.
    #[expect(clippy::should_implement_trait, reason = "what comes next depends on what `settled` was told")]
    pub fn next(&mut self) -> Option<BatchRange> {
        self.stack.pop()
    }

    /// Tells how a batch went. One refused whole is halved, and its halves come next; a refused single item is given
    /// back: it is the one at fault.
    pub fn settled(&mut self, batch: BatchRange, sent: Sent) -> Option<usize> {
        match (sent, batch.len()) {
            (Sent::Answered, _) | (_, 0) => None,
            (Sent::RefusedWhole, 1) => Some(batch.start),
            (Sent::RefusedWhole, len) => {
                let middle = batch.start + len / 2;
                self.stack.push(middle..batch.end);
                self.stack.push(batch.start..middle);
                None
            }
        }
    }

    /// How many batches are still to be sent, as far as is known.
    pub fn left(&self) -> usize {
        self.stack.len()
    }
}

/// Items in the order of their groups.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Groups {
    /// The items, by index.
    pub order: Vec<usize>,
    /// How many of them each group has.
    pub lens: Vec<usize>,
}

/// Puts the items of a group together, each group where its first item was. Those of no group are one: they may be sent together.
pub fn group<K: Hash + Eq>(keys: impl IntoIterator<Item = Option<K>>) -> Groups {
    let mut places = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (index, key) in keys.into_iter().enumerate() {
        let place = *places.entry(key).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(index),
            None => groups.push(vec![index]),
        }
    }
    Groups { lens: groups.iter().map(Vec::len).collect(), order: groups.concat() }
}

fn is_over(limits: &BatchLimits, items: usize, bytes: u64) -> bool {
    (limits.items_max > 0 && items as u64 > u64::from(limits.items_max))
        || (limits.bytes_max > 0 && bytes > limits.bytes_max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(mut batches: Batches) -> Vec<BatchRange> {
        std::iter::from_fn(|| batches.next()).collect()
    }

    #[test]
    fn limits_split() {
        let split = |sizes: &[u64], items_max, bytes_max| {
            all(Batches::new(sizes.iter().copied(), &BatchLimits { items_max, bytes_max }))
        };
        assert_eq!(split(&[], 2, 0), Vec::<BatchRange>::new());
        assert_eq!(split(&[1; 5], 0, 0), std::slice::from_ref(&(0..5)));
        assert_eq!(split(&[1; 5], 2, 0), [0..2, 2..4, 4..5]);
        assert_eq!(split(&[4, 4, 4], 0, 8), [0..2, 2..3]);
        assert_eq!(split(&[9, 1, 9, u64::MAX, u64::MAX], 0, 8), [0..1, 1..2, 2..3, 3..4, 4..5]);
    }

    #[test]
    fn an_answered_batch_is_not_sent_again() {
        let mut batches = Batches::new([1; 4], &BatchLimits { items_max: 2, bytes_max: 0 });
        let first = batches.next().expect("a batch");
        assert_eq!(batches.settled(first, Sent::Answered), None);
        assert_eq!(all(batches), std::slice::from_ref(&(2..4)));
    }

    #[test]
    fn groups_stand_together_where_their_first_item_was() {
        let groups = group(["b", "a", "b", "c", "a"].map(Some));
        assert_eq!((groups.order, groups.lens), (vec![0, 2, 1, 4, 3], vec![2, 2, 1]));
        assert_eq!(group([None::<&str>; 3]), Groups { order: vec![0, 1, 2], lens: vec![3] });
        assert_eq!(group([None::<&str>; 0]), Groups::default());
    }

    #[test]
    fn no_batch_has_items_of_two_groups() {
        let split = |lens: &[usize], items_max| {
            all(Batches::of_groups(lens.iter().copied(), &BatchLimits { items_max, bytes_max: 0 }))
        };
        assert_eq!(split(&[3, 1, 2], 2), [0..2, 2..3, 3..4, 4..6]);
        assert_eq!(split(&[3, 1], 0), [0..3, 3..4]);
        assert_eq!(split(&[], 2), Vec::<BatchRange>::new());
    }

    proptest! {
        #[test]
        fn every_item_is_in_one_batch_within_the_limits(
            sizes in prop::collection::vec(0_u64..50, 0..200), items_max in 0_u32..20, bytes_max in 0_u64..200,
        ) {
            let ranges = all(Batches::new(sizes.iter().copied(), &BatchLimits { items_max, bytes_max }));
            prop_assert_eq!(ranges.iter().cloned().flatten().collect::<Vec<_>>(), (0..sizes.len()).collect::<Vec<_>>());
            for range in ranges {
                let bytes: u64 = sizes[range.clone()].iter().sum();
                prop_assert!(items_max == 0 || range.len() <= items_max as usize);
                prop_assert!(bytes_max == 0 || bytes <= bytes_max || range.len() == 1);
            }
        }

        #[test]
        fn halving_finds_the_one_bad_item(len in 1_usize..600, bad in 0_usize..600) {
            let bad = bad % len;
            let mut batches = Batches::new(vec![1; len], &BatchLimits::default());
            let (mut sends, mut found, mut written) = (0, Vec::new(), Vec::new());
            while let Some(batch) = batches.next() {
                sends += 1;
                if batch.contains(&bad) {
                    found.extend(batches.settled(batch, Sent::RefusedWhole));
                } else {
                    written.extend(batch.clone());
                    batches.settled(batch, Sent::Answered);
                }
            }
            prop_assert_eq!(found, vec![bad]);
            prop_assert_eq!(written, (0..len).filter(|&item| item != bad).collect::<Vec<_>>());
            prop_assert!(f64::from(sends - 1) <= 2.0 * (len as f64).log2().ceil() + 1.0);
        }

        #[test]
        fn halving_ends_when_all_are_bad(len in 0_usize..300) {
            let mut batches = Batches::new(vec![1; len], &BatchLimits::default());
            let mut found = Vec::new();
            while let Some(batch) = batches.next() {
                found.extend(batches.settled(batch, Sent::RefusedWhole));
            }
            prop_assert_eq!(found, (0..len).collect::<Vec<_>>());
        }
    }
}
