//! What each listing should show: section 4 of the language, in whole numbers.

mod available;
mod number;
#[cfg(test)]
mod properties;
mod split;

pub use available::{available, available_in};
pub use number::{Branch, Working, numbers};

use crate::catalog::{Catalog, ListingId, SkuId};
use crate::pattern::{Matcher, Scratch};
use crate::plan::Reason;
use crate::rules::{Rule, RuleSet, StoreId};
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
    winners: Vec<u32>,
    available: Vec<u64>,
    planned: Vec<u64>,
    reasons: Vec<Option<Reason>>,
}

const NO_RULE: u32 = u32::MAX;

impl Desired {
    /// The rule that takes a SKU, as an index into [`RuleSet::rules`]; `None` where the rules leave it alone.
    pub fn winner(&self, sku: SkuId) -> Option<usize> {
        self.winners.get(sku.0 as usize).filter(|&&rule| rule != NO_RULE).map(|&rule| rule as usize)
    }

    /// Available stock of a SKU under the rule that takes it, `A`; 0 where none does.
    pub fn available(&self, sku: SkuId) -> u64 {
        self.available.get(sku.0 as usize).copied().unwrap_or(0)
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

/// What every listing should show at `at`. `bounds` are the stores' own, by store; a store without one takes anything.
pub fn eval(rules: &RuleSet, catalog: &Catalog, at: Timestamp, bounds: &[Bounds]) -> Desired {
    let mut desired = Desired {
        winners: vec![NO_RULE; catalog.sku_count()],
        available: vec![0; catalog.sku_count()],
        planned: vec![0; catalog.listing_count()],
        reasons: vec![None; catalog.listing_count()],
    };
    let candidates = Candidates::new(rules, at);
    let mut scratch = Scratch::default();
    let mut shown = Vec::new();
    for index in 0..catalog.sku_count() as u32 {
        let sku = SkuId(index);
        let Some(rank) = candidates.winner(catalog.sku(sku), &mut scratch) else { continue };
        let Some(rule) = rules.rules().get(rank) else { continue };
        desired.take(sku, rank, rule, catalog, bounds, &mut shown);
    }
    desired
}

impl Desired {
    fn take(
        &mut self,
        sku: SkuId,
        rank: usize,
        rule: &Rule,
        catalog: &Catalog,
        bounds: &[Bounds],
        shown: &mut Vec<(StoreId, Working)>,
    ) {
        let at = sku.0 as usize;
        let units_available = available(rule, catalog, sku);
        set(&mut self.winners, at, rank as u32);
        set(&mut self.available, at, units_available);
        numbers(rule, units_available, shown);
        for &listing in catalog.listings_of_sku(sku) {
            let store = catalog.listing_store(listing);
            let Ok(found) = shown.binary_search_by_key(&store, |&(store, _)| store) else { continue };
            let Some((_, working)) = shown.get(found) else { continue };
            let bound = bounds.get(store.0 as usize).copied().unwrap_or_default();
            let number = listed(working, catalog.listing_units(listing), bound);
            set(&mut self.planned, listing.0 as usize, number.planned);
            set(&mut self.reasons, listing.0 as usize, Some(number.reason));
        }
    }
}

/// Steps 9 and 10: a store's number in units of the store SKU, within what the store takes.
pub fn listed(working: &Working, units: u32, bounds: Bounds) -> Number {
    let planned = working.capped / u64::from(units.max(1));
    if planned > bounds.max {
        return Number { planned: bounds.max, reason: Reason::StoreLimit };
    }
    Number { planned, reason: working.reason }
}

fn set<T>(column: &mut [T], at: usize, value: T) {
    if let Some(cell) = column.get_mut(at) {
        *cell = value;
    }
}
