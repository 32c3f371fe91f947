//! The worst few of many SKUs, and how many there are.

use crate::catalog::SkuId;

/// So many SKUs are named; the rest is counted.
pub(in crate::lint) const EXAMPLES_MAX: usize = 3;

/// How many SKUs there are, and the worst of them; of equal ones those that the catalog has first.
#[derive(Clone, Debug)]
pub(in crate::lint) struct Worst<T> {
    pub(in crate::lint) count: u64,
    /// The worst first.
    pub(in crate::lint) examples: Vec<(T, SkuId)>,
}

impl<T> Default for Worst<T> {
    fn default() -> Self {
        Self { count: 0, examples: Vec::new() }
    }
}

impl<T: Ord> Worst<T> {
    /// Counts a SKU, the worse the larger `badness`.
    pub(in crate::lint) fn add(&mut self, badness: T, sku: SkuId) {
        self.count += 1;
        let at = self.examples.partition_point(|(other, before)| (&badness, *before) <= (other, sku));
        if at < EXAMPLES_MAX {
            self.examples.insert(at, (badness, sku));
            self.examples.truncate(EXAMPLES_MAX);
        }
    }

    /// Takes in the SKUs of another count.
    pub(in crate::lint) fn append(&mut self, other: Self) {
        let count = self.count + other.count;
        other.examples.into_iter().for_each(|(badness, sku)| self.add(badness, sku));
        self.count = count;
    }

    /// The worst as text, with a sign where there are more.
    pub(in crate::lint) fn list(&self, one: impl Fn(&T, SkuId) -> String) -> String {
        let mut shown: Vec<String> = self.examples.iter().map(|(badness, sku)| one(badness, *sku)).collect();
        if self.count > shown.len() as u64 {
            shown.push("…".to_owned());
        }
        shown.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_come_first_and_the_rest_is_counted() {
        let mut worst = Worst::default();
        for (sku, badness) in [3, 9, 1, 9, 4].into_iter().enumerate() {
            worst.add(badness, SkuId(sku as u32));
        }
        assert_eq!(worst.examples, [(9, SkuId(1)), (9, SkuId(3)), (4, SkuId(4))]);
        assert_eq!(worst.list(|badness, sku| format!("{}:{badness}", sku.0)), "1:9, 3:9, 4:4, …");
        assert_eq!(worst.count, 5);
    }

    #[test]
    fn two_counts_together_are_one_over_both() {
        let all: Vec<u32> = vec![5, 9, 1, 9, 4, 9, 2, 5];
        for cut in 0..=all.len() {
            let count = |range: std::ops::Range<usize>| {
                let mut worst = Worst::default();
                range.for_each(|sku| worst.add(all[sku], SkuId(sku as u32)));
                worst
            };
            let mut both = count(0..cut);
            both.append(count(cut..all.len()));
            let one = count(0..all.len());
            assert_eq!((both.count, both.examples), (one.count, one.examples));
        }
    }
}
