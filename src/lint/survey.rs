//! Which rule takes each SKU and what its listings show: one pass over the catalog for every lint that asks.

mod parts;
#[cfg(test)]
mod properties;
mod worst;

pub(super) use worst::{EXAMPLES_MAX, Worst};

use super::items::Idle;
use super::{oversell_risk, rate_hides_stock, uncovered_sku, unmapped_store};
use crate::catalog::{Catalog, SkuId};
use crate::eval::{Bounds, Candidates, Working, available, available_in, listed, numbers};
use crate::pattern::Scratch;
use crate::plan::Reason;
use crate::rules::{Rule, RuleSet, StoreId, StoreLevels, WarehouseId};
use crate::threads::Threads;
use jiff::Timestamp;
use parts::{Bundled, Parts};
use std::sync::OnceLock;

/// What several lints ask, found when the first of them asks.
#[derive(Debug)]
pub struct Survey {
    threads: Threads,
    catalog: OnceLock<Surveyed>,
    idle: OnceLock<Vec<Idle>>,
}

impl Default for Survey {
    fn default() -> Self {
        Self::on(Threads::ONE)
    }
}

impl Survey {
    /// One that goes over a large catalog on several threads.
    pub fn on(threads: Threads) -> Self {
        Self { threads, catalog: OnceLock::new(), idle: OnceLock::new() }
    }

    pub(super) fn of(&self, rules: &RuleSet, catalog: &Catalog, at: Timestamp) -> &Surveyed {
        self.catalog.get_or_init(|| Surveyed::new(rules, catalog, at, self.threads_for(catalog)))
    }

    /// On how many threads it pays to go over the SKUs.
    pub(super) fn threads_for(&self, catalog: &Catalog) -> Threads {
        self.threads.for_work(catalog.sku_count())
    }

    pub(super) fn idle(&self, find: impl FnOnce() -> Vec<Idle>) -> &[Idle] {
        self.idle.get_or_init(find)
    }
}

/// What a pass over the catalog found.
#[derive(Debug)]
pub(super) struct Surveyed {
    /// By SKU: the rule that takes it, as an index into [`RuleSet::rules`].
    winners: Vec<u32>,
    /// By rule.
    pub(super) rules: Vec<OfRule>,
    /// The SKUs that no rule takes, by what is in stock of them in all warehouses.
    pub(super) uncovered: Worst<u64>,
}

/// What was found of one rule: each lint keeps its own account.
#[derive(Debug, Default)]
pub(super) struct OfRule {
    pub(super) unmapped: unmapped_store::Gaps,
    pub(super) oversold: oversell_risk::Oversold,
    pub(super) hidden: rate_hides_stock::Hidden,
}

/// A SKU with the rule that takes it.
pub(super) struct Taken<'a> {
    pub(super) sku: SkuId,
    pub(super) rule: &'a Rule,
    /// `A`.
    pub(super) available: u64,
    /// Its listings in the rule's stores, by store.
    pub(super) listings: &'a [Shown],
}

/// What one listing shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    pub(super) store: StoreId,
    /// Units of the merchant SKU that one of it sells.
    pub(super) units: u64,
    /// Units of the store SKU.
    pub(super) planned: u64,
    pub(super) reason: Reason,
    /// Units of the merchant SKU that could be shown at most: `S`, within the cap.
    pub(super) sellable: u64,
}

const NO_RULE: u32 = u32::MAX;

impl Surveyed {
    /// Each thread takes SKUs that lie side by side; what they found is put together in that order.
    fn new(rules: &RuleSet, catalog: &Catalog, at: Timestamp, threads: Threads) -> Self {
        let over =
            Over { rules, catalog, candidates: Candidates::new(rules, at), bundled: Bundled::of(catalog) };
        let mut winners = vec![NO_RULE; catalog.sku_count()];
        let skus_each = winners.len().div_ceil(threads.count()).max(1);
        let runs = winners.chunks_mut(skus_each).enumerate();
        let shares = threads.each(runs, |(run, winners)| over.share(run * skus_each, winners));
        let mut whole = shares.into_iter().reduce(Share::with).unwrap_or_else(|| over.share(0, &mut []));
        whole.parts.finish(rules, catalog, &mut whole.rules);
        Self { winners, rules: whole.rules, uncovered: whole.uncovered }
    }

    /// The rule that takes a SKU, as an index into [`RuleSet::rules`].
    pub(super) fn winner(&self, sku: SkuId) -> Option<usize> {
        self.winners.get(sku.0 as usize).filter(|&&rank| rank != NO_RULE).map(|&rank| rank as usize)
    }
}

/// What a pass looks at.
struct Over<'a> {
    rules: &'a RuleSet,
    catalog: &'a Catalog,
    candidates: Candidates,
    bundled: Bundled,
}

/// What was found of some of the SKUs.
struct Share<'a> {
    rules: Vec<OfRule>,
    uncovered: Worst<u64>,
    parts: Parts<'a>,
}

impl Over<'_> {
    /// Goes over as many SKUs as there are places for their rules, from `first` on.
    fn share(&self, first: usize, winners: &mut [u32]) -> Share<'_> {
        let Self { rules, catalog, candidates, bundled } = self;
        let mut share = Share {
            rules: rules.rules().iter().map(|_| OfRule::default()).collect(),
            uncovered: Worst::default(),
            parts: Parts::of(bundled),
        };
        let mut scratch = Scratch::default();
        let everywhere: Vec<WarehouseId> = catalog.warehouse_ids().collect();
        let mut pass = Pass { catalog, numbers: Vec::new(), listings: Vec::new() };
        for (at, place) in winners.iter_mut().enumerate() {
            let sku = SkuId((first + at) as u32);
            let winner = candidates.winner(catalog.sku(sku), &mut scratch);
            let found =
                winner.and_then(|rank| Some((rank, rules.rules().get(rank)?, share.rules.get_mut(rank)?)));
            let Some((rank, rule, of_rule)) = found else {
                if uncovered_sku::counts(catalog, sku, bundled.has(sku)) {
                    share.uncovered.add(available_in(&everywhere, catalog, sku), sku);
                }
                continue;
            };
            *place = rank as u32;
            let taken = pass.take(sku, rule);
            of_rule.unmapped.count(&taken);
            of_rule.hidden.count(&taken);
            share.parts.count(&taken, rank, catalog, &mut of_rule.oversold);
        }
        share
    }
}

impl Share<'_> {
    /// This one, with what was found of the SKUs behind its own.
    fn with(mut self, behind: Self) -> Self {
        for (of_rule, more) in self.rules.iter_mut().zip(behind.rules) {
            of_rule.unmapped.append(more.unmapped);
            of_rule.oversold.append(more.oversold);
            of_rule.hidden.append(more.hidden);
        }
        self.uncovered.append(behind.uncovered);
        self.parts.append(behind.parts);
        self
    }
}

/// Memory that is used again for every SKU.
struct Pass<'a> {
    catalog: &'a Catalog,
    numbers: Vec<(StoreId, Working)>,
    listings: Vec<Shown>,
}

impl Pass<'_> {
    fn take<'s>(&'s mut self, sku: SkuId, rule: &'s Rule) -> Taken<'s> {
        let available = available(rule, self.catalog, sku);
        numbers(rule, available, &mut self.numbers);
        self.listings.clear();
        // All three are in the order of the stores.
        let mut lines = self.numbers.iter().zip(&rule.stores).peekable();
        for (store, units) in self.catalog.offers_of_sku(sku) {
            while lines.next_if(|(_, line)| line.store < store).is_some() {}
            if let Some(((_, working), line)) = lines.peek().filter(|(_, line)| line.store == store) {
                self.listings.push(shown(units, line, working));
            }
        }
        Taken { sku, rule, available, listings: &self.listings }
    }
}

fn shown(units: u32, line: &StoreLevels, working: &Working) -> Shown {
    // A store's own bounds are its connector's to say, and no connector is asked here.
    let number = listed(working, units, Bounds::default());
    Shown {
        store: line.store,
        units: u64::from(units),
        planned: number.planned,
        reason: number.reason,
        sellable: line.levels.cap.map_or(working.sellable, |cap| working.sellable.min(u64::from(cap))),
    }
}
