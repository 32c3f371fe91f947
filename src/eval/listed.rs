//! Every listing's number: store by store, so that columns are gone through from one end to the other.

use super::line::Line;
use super::number::number;
use super::{Bounds, Desired, Judged, Judgements, Number, Working, listed, numbers};
use crate::catalog::{Catalog, ListingId, SkuId};
use crate::plan::Reason;
use crate::rules::{Rule, RuleSet, StoreId, StoreLevels};
use crate::threads::Threads;

/// So many listings are numbered in one go.
const LISTINGS_IN_RUN: usize = 1 << 16;

/// The SKUs of so many listings are looked at together.
const AHEAD: usize = 128;

/// A run of listings of one store, and their columns.
struct Run<'d> {
    store: StoreId,
    /// The place of the first of them in the store.
    first: usize,
    planned: &'d mut [u64],
    reasons: &'d mut [Option<Reason>],
}

impl Desired {
    /// Fills in what every listing should show, once each SKU's rule is known.
    pub(super) fn fill(&mut self, rules: &RuleSet, catalog: &Catalog, bounds: &[Bounds], threads: Threads) {
        let Self { skus, planned, reasons } = self;
        let skus = Skus { rules, skus };
        let runs = runs(catalog, planned, reasons);
        threads.for_work(catalog.listing_count()).each(runs, |run| skus.fill(run, catalog, bounds, |_| {}));
        self.share_pools(rules, catalog, bounds, |_| {});
    }

    /// The same of columns that hold what was shown before. The listings that show another number now, or one where there was none, or none;
    /// sorted.
    pub(super) fn refill(
        &mut self,
        rules: &RuleSet,
        catalog: &Catalog,
        bounds: &[Bounds],
        threads: Threads,
    ) -> Vec<ListingId> {
        let Self { skus, planned, reasons } = self;
        let skus = Skus { rules, skus };
        let runs = runs(catalog, planned, reasons);
        let changed = threads.for_work(catalog.listing_count()).each(runs, |run| {
            let mut changed = Vec::new();
            let first = catalog.listings_of_store(run.store).start + run.first as u32;
            skus.fill(run, catalog, bounds, |at| changed.push(ListingId(first + at as u32)));
            changed
        });
        let mut changed = changed.concat();
        let before = changed.len();
        self.share_pools(rules, catalog, bounds, |listing| changed.push(listing));
        if changed.len() > before {
            changed.sort_unstable();
        }
        changed
    }

    /// What rules with a pool give: a store's share depends on every other's. `other` is told of each listing that shows another number than
    /// before.
    fn share_pools(
        &mut self,
        rules: &RuleSet,
        catalog: &Catalog,
        bounds: &[Bounds],
        mut other: impl FnMut(ListingId),
    ) {
        if rules.rules().iter().all(|rule| rule.split.is_none()) {
            return;
        }
        let mut shown = Vec::new();
        for (sku, judged) in self.skus.iter() {
            let rule = judged.winner().and_then(|winner| rules.rules().get(winner));
            let Some(rule) = rule.filter(|rule| rule.split.is_some()) else { continue };
            numbers(rule, self.skus.available(sku), &mut shown);
            for &listing in catalog.listings_of_sku(sku) {
                let store = catalog.listing_store(listing);
                let Some(working) = of_store(&shown, store) else { continue };
                let Number { planned, reason } =
                    listed(working, catalog.listing_units(listing), bound(bounds, store));
                let at = listing.0 as usize;
                if let (Some(to), Some(why)) = (self.planned.get_mut(at), self.reasons.get_mut(at)) {
                    if (*to, why.is_some()) != (planned, true) {
                        other(listing);
                    }
                    (*to, *why) = (planned, Some(reason));
                }
            }
        }
    }
}

pub(super) fn of_store(shown: &[(StoreId, Working)], store: StoreId) -> Option<&Working> {
    let found = shown.binary_search_by_key(&store, |&(store, _)| store).ok()?;
    shown.get(found).map(|(_, working)| working)
}

pub(super) fn bound(bounds: &[Bounds], store: StoreId) -> Bounds {
    bounds.get(usize::from(store.0)).copied().unwrap_or_default()
}

/// Both columns, cut where one store's listings end and where there are enough.
fn runs<'d>(
    catalog: &Catalog,
    mut planned: &'d mut [u64],
    mut reasons: &'d mut [Option<Reason>],
) -> Vec<Run<'d>> {
    let mut runs = Vec::new();
    for store in catalog.store_ids() {
        let listings = catalog.listings_of_store(store).len().min(planned.len());
        let (of_store, rest) = planned.split_at_mut(listings);
        let (why, rest_why) = reasons.split_at_mut(listings);
        (planned, reasons) = (rest, rest_why);
        let cut = of_store.chunks_mut(LISTINGS_IN_RUN).zip(why.chunks_mut(LISTINGS_IN_RUN));
        runs.extend(cut.enumerate().map(|(run, (planned, reasons))| Run {
            store,
            first: run * LISTINGS_IN_RUN,
            planned,
            reasons,
        }));
    }
    runs
}

/// What is known of every SKU.
struct Skus<'a> {
    rules: &'a RuleSet,
    skus: &'a Judgements,
}

impl Skus<'_> {
    /// Fills a run in; `other` is told the place in it of each listing that shows another number than before.
    fn fill(&self, run: Run<'_>, catalog: &Catalog, bounds: &[Bounds], mut other: impl FnMut(usize)) {
        let lines: Vec<Line> = self.rules.rules().iter().map(|rule| Line::of(rule, run.store)).collect();
        let none = Line::default();
        let bound = bound(bounds, run.store);
        let mut offers = catalog.offers_of_store(run.store, run.first);
        let mut judged = [(SkuId(0), 1, Judged::NONE); AHEAD];
        let tiles = run.planned.chunks_mut(AHEAD).zip(run.reasons.chunks_mut(AHEAD));
        for (tile, (planned, reasons)) in tiles.enumerate() {
            // All of them are fetched before any is needed: one by one, each would wait for memory by itself.
            let of_tile = offers.by_ref().take(planned.len());
            judged
                .iter_mut()
                .zip(of_tile)
                .for_each(|(judged, (sku, units))| *judged = (sku, units, self.skus.get(sku)));
            let columns = planned.iter_mut().zip(reasons).enumerate();
            for (&(sku, units, judged), (at, (planned, reason))) in judged.iter().zip(columns) {
                let line = judged.winner().and_then(|winner| lines.get(winner)).unwrap_or(&none);
                if line.shares {
                    continue;
                }
                let number = judged.available().and_then(|available| line.number(available, units, bound));
                let (number, why) = number.unwrap_or_else(|| self.plainly(sku, run.store, units, bound));
                if (*planned, reason.is_some()) != (number, why.is_some()) {
                    other(tile * AHEAD + at);
                }
                (*planned, *reason) = (number, why);
            }
        }
    }

    /// What [`Line::number`] says, of any number.
    #[cold]
    fn plainly(&self, sku: SkuId, store: StoreId, units: u32, bound: Bounds) -> (u64, Option<Reason>) {
        let winner = self.skus.get(sku).winner().and_then(|winner| self.rules.rules().get(winner));
        let found = winner.and_then(|rule| line(rule, store));
        let number =
            found.map(|(rule, line)| listed(&number(rule, line, self.skus.available(sku)), units, bound));
        number.map_or((0, None), |number| (number.planned, Some(number.reason)))
    }
}

/// The store in a rule that shares no pool.
fn line(rule: &Rule, store: StoreId) -> Option<(&Rule, &StoreLevels)> {
    let found = rule.stores.binary_search_by_key(&store, |line| line.store).ok()?;
    rule.stores.get(found).filter(|_| rule.split.is_none()).map(|line| (rule, line))
}
