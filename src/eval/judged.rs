//! Which rule takes each SKU, and what is available under it.

use super::Candidates;
use super::available::Places;
use crate::catalog::{Catalog, SkuId};
use crate::pattern::Scratch;
use crate::rules::RuleSet;
use crate::threads::Threads;
use std::collections::BTreeMap;

/// The rule that takes a SKU, and what is available under it: side by side in eight bytes, since they are needed together, of SKUs in no order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Judged {
    /// [`MANY`] where there is as much, or more.
    available: u32,
    /// [`NO_RULE`] where none does.
    winner: u32,
}

const NO_RULE: u32 = u32::MAX;
const MANY: u32 = u32::MAX;

/// So many SKUs are judged in one go.
const SKUS_IN_RUN: usize = 1 << 14;

impl Judged {
    /// No rule takes it.
    pub(super) const NONE: Self = Self { available: 0, winner: NO_RULE };

    fn new(winner: usize, available: u64) -> Self {
        Self { available: u32::try_from(available).unwrap_or(MANY), winner: winner as u32 }
    }

    /// The index of the rule.
    #[inline]
    pub(super) fn winner(self) -> Option<usize> {
        (self.winner != NO_RULE).then_some(self.winner as usize)
    }

    /// What is available; `None` where that does not fit.
    #[inline]
    pub(super) fn available(self) -> Option<u64> {
        (self.available != MANY).then_some(u64::from(self.available))
    }
}

/// Of every SKU, by its number.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Judgements {
    of_skus: Vec<Judged>,
    /// What is available of the SKUs that have too much of it.
    many: BTreeMap<SkuId, u64>,
}

impl Judgements {
    /// No rule takes any of so many SKUs.
    pub(super) fn none(skus: usize) -> Self {
        Self { of_skus: vec![Judged::NONE; skus], many: BTreeMap::new() }
    }

    /// What is known of a SKU.
    #[inline]
    pub(super) fn get(&self, sku: SkuId) -> Judged {
        self.of_skus.get(sku.0 as usize).copied().unwrap_or(Judged::NONE)
    }

    /// Of every SKU.
    pub(super) fn iter(&self) -> impl Iterator<Item = (SkuId, Judged)> + '_ {
        (0..).map(SkuId).zip(self.of_skus.iter().copied())
    }

    /// Available stock of a SKU under the rule that takes it; 0 where none does.
    pub(super) fn available(&self, sku: SkuId) -> u64 {
        self.get(sku).available().unwrap_or_else(|| self.many.get(&sku).copied().unwrap_or(u64::from(MANY)))
    }

    /// Says what is available of a SKU that a rule takes; whether it was something else.
    pub(super) fn restock(&mut self, sku: SkuId, available: u64) -> bool {
        let differs = self.available(sku) != available;
        let Some(judged) = self.of_skus.get_mut(sku.0 as usize) else { return false };
        let Some(winner) = judged.winner() else { return false };
        *judged = Judged::new(winner, available);
        match judged.available() {
            Some(_) if self.many.is_empty() => {}
            Some(_) => _ = self.many.remove(&sku),
            None => _ = self.many.insert(sku, available),
        }
        differs
    }

    /// Finds each SKU's rule, and what is available under it.
    pub(super) fn judge(
        &mut self,
        candidates: &Candidates,
        rules: &RuleSet,
        catalog: &Catalog,
        threads: Threads,
    ) {
        let places: Vec<Places<'_>> = rules.rules().iter().map(Places::of).collect();
        let runs = self.of_skus.chunks_mut(SKUS_IN_RUN).enumerate();
        let many = threads.for_work(catalog.sku_count()).each(runs, |(run, skus)| {
            let mut scratch = Scratch::default();
            let mut many = Vec::new();
            for (sku, judged) in (run as u32 * SKUS_IN_RUN as u32..).map(SkuId).zip(skus) {
                let rank = candidates.winner(catalog.sku(sku), &mut scratch);
                let found = rank.and_then(|rank| Some((rank, places.get(rank)?)));
                *judged = found.map_or(Judged::NONE, |(rank, places)| {
                    let available = places.available(catalog, sku);
                    let judged = Judged::new(rank, available);
                    if judged.available().is_none() {
                        many.push((sku, available));
                    }
                    judged
                });
            }
            many
        });
        self.many = many.into_iter().flatten().collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_available_is_kept_however_much_it_is() {
        let mut skus = Judgements::none(3);
        assert!(!skus.restock(SkuId(1), 5), "no rule takes it");
        assert_eq!((skus.get(SkuId(1)), skus.available(SkuId(1))), (Judged::NONE, 0));
        skus.of_skus[1] = Judged::new(7, 4);
        let most = u64::from(u32::MAX);
        for available in [5, most - 1, most, most + 1, u64::MAX, most, 5, 0] {
            assert!(skus.restock(SkuId(1), available));
            assert!(!skus.restock(SkuId(1), available));
            assert_eq!((skus.get(SkuId(1)).winner(), skus.available(SkuId(1))), (Some(7), available));
            assert_eq!(skus.many.is_empty(), available < most);
        }
        assert_eq!((skus.available(SkuId(0)), skus.available(SkuId(9))), (0, 0));
    }
}
