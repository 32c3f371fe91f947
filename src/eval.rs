//! What each listing should show: section 4 of the language, in whole numbers.

pub mod alone;
mod available;
mod judged;
mod line;
mod listed;
mod number;
#[cfg(test)]
mod properties;
pub mod resident;
mod split;

pub use available::{available, available_in};
use judged::{Judged, Judgements};
pub use number::{Branch, Working, numbers};

use crate::catalog::{Catalog, ListingId, SkuId};
use crate::pattern::{Matcher, Scratch};
use crate::plan::Reason;
use crate::rules::RuleSet;
use crate::threads::Threads;
use jiff::Timestamp;

/// The smallest and largest quantity that a store takes, inclusive, in units of the store SKU.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// The smallest.
    pub min: u64,
    /// The largest.
    pub max: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { min: 0, max: i64::MAX as u64 }
    }
}

/// What a listing should show, and why.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Number {
    /// Units of the store SKU.
    pub planned: u64,
    /// Why.
    pub reason: Reason,
}

/// What every listing should show: columns, by the catalog's numbers.
#[derive(Debug, PartialEq, Eq)]
pub struct Desired {
    skus: Judgements,
    planned: Vec<u64>,
    reasons: Vec<Option<Reason>>,
}

impl Desired {
    /// The rule that takes a SKU, as an index into [`RuleSet::rules`]; `None` where the rules leave it alone.
    pub fn winner(&self, sku: SkuId) -> Option<usize> {
        self.skus.get(sku).winner()
    }

    /// Available stock of a SKU under the rule that takes it, `A`; 0 where none does.
    pub fn available(&self, sku: SkuId) -> u64 {
        self.skus.available(sku)
    }

    /// What a listing should show; `None` where the rules leave it alone.
    pub fn number(&self, listing: ListingId) -> Option<Number> {
        let at = listing.0 as usize;
        let reason = (*self.reasons.get(at)?)?;
        Some(Number { planned: self.planned.get(at).copied().unwrap_or(0), reason })
    }
}

/// The rules that are on and active at a moment, ready to be asked which one takes a SKU.
pub struct Candidates {
    matcher: Matcher,
}

impl Candidates {
    /// Those of `rules` that are on and active at `at`.
    pub fn new(rules: &RuleSet, at: Timestamp) -> Self {
        let sets: Vec<_> = rules
            .rules()
            .iter()
            .enumerate()
            .filter(|(_, rule)| rule.is_candidate(at))
            .map(|(rank, rule)| (rank, &rule.skus))
            .collect();
        Self { matcher: Matcher::new(&sets) }
    }

    /// The index of the rule that takes `sku`: the smallest order that matches.
    pub fn winner(&self, sku: &str, scratch: &mut Scratch) -> Option<usize> {
        self.matcher.first(sku, scratch)
    }
}

impl std::fmt::Debug for Candidates {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Candidates").finish_non_exhaustive()
    }
}

/// What every listing should show at `at`. `bounds` are the stores' own, by store; a store without one takes anything.
pub fn eval(rules: &RuleSet, catalog: &Catalog, at: Timestamp, bounds: &[Bounds]) -> Desired {
    eval_on(Threads::ONE, rules, catalog, at, bounds)
}

/// The same, on several threads.
pub fn eval_on(
    threads: Threads,
    rules: &RuleSet,
    catalog: &Catalog,
    at: Timestamp,
    bounds: &[Bounds],
) -> Desired {
    let mut desired = Desired {
        skus: Judgements::none(catalog.sku_count()),
        planned: vec![0; catalog.listing_count()],
        reasons: vec![None; catalog.listing_count()],
    };
    desired.skus.judge(&Candidates::new(rules, at), rules, catalog, threads);
    desired.fill(rules, catalog, bounds, threads);
    desired
}

/// Steps 9 and 10: a store's number in units of the store SKU, within what the store takes.
pub fn listed(working: &Working, units: u32, bounds: Bounds) -> Number {
    // Most sell one unit, and a division takes long.
    let planned = if units <= 1 { working.capped } else { working.capped / u64::from(units) };
    if planned > bounds.max {
        return Number { planned: bounds.max, reason: Reason::StoreLimit };
    }
    Number { planned, reason: working.reason }
}
