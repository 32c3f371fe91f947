//! Numbers that are kept: after a change of stock, the listings that should show another number now.
//!
//! A change costs what hangs on it — a SKU's listings, and those of the bundles it is part of — and nothing that grows with the catalog.

use super::listed::{bound, of_store};
use super::{Bounds, Candidates, Desired, Number, Working, available, eval_on, listed, numbers};
use crate::catalog::{Catalog, ListingId, SkuId};
use crate::rules::{RuleSet, StoreId};
use crate::threads::Threads;
use jiff::Timestamp;
use std::sync::Arc;

/// What every listing should show, and what is needed to keep it so. The catalog stands beside it: whoever changes its stock
/// says so by [`Resident::restocked`].
#[derive(Debug)]
pub struct Resident {
    rules: Arc<RuleSet>,
    bounds: Vec<Bounds>,
    desired: Desired,
    bundles: Bundles,
    shown: Vec<(StoreId, Working)>,
}

/// A listing that should show another number than before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Replanned {
    /// The listing.
    pub listing: ListingId,
    /// What it should have shown, in units of the store SKU.
    pub before: u64,
    /// What it should show now, and why.
    pub now: Number,
}

impl Resident {
    /// Works out every number. `bounds` are the stores' own, by store.
    pub fn new(
        rules: Arc<RuleSet>,
        catalog: &Catalog,
        at: Timestamp,
        bounds: Vec<Bounds>,
        threads: Threads,
    ) -> Self {
        let desired = eval_on(threads, &rules, catalog, at, &bounds);
        Self { rules, bounds, desired, bundles: Bundles::new(catalog), shown: Vec::new() }
    }

    /// What every listing should show now.
    pub fn desired(&self) -> &Desired {
        &self.desired
    }

    /// The rules that it follows.
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// The bundles that hold a SKU: they are planned again when its stock changes.
    pub fn holding(&self, sku: SkuId) -> &[SkuId] {
        self.bundles.holding(sku)
    }

    /// Follows other rules, or the same at another moment: everything is worked out anew, in its place. The listings that should show another
    /// number than before, or one where no rule took them, or none; sorted.
    pub fn follow(
        &mut self,
        rules: Arc<RuleSet>,
        catalog: &Catalog,
        at: Timestamp,
        threads: Threads,
    ) -> Vec<ListingId> {
        self.desired.skus.judge(&Candidates::new(&rules, at), &rules, catalog, threads);
        let changed = self.desired.refill(&rules, catalog, &self.bounds, threads);
        self.rules = rules;
        changed
    }

    /// The stock of a SKU is another one in `catalog`: adds every listing that should show another number to `changed`, those of
    /// the SKU first, then those of the bundles that hold it.
    pub fn restocked(&mut self, catalog: &Catalog, sku: SkuId, changed: &mut Vec<Replanned>) {
        let Self { rules, bounds, desired, bundles, shown } = self;
        let mut kept = Kept { rules, bounds, desired, shown };
        kept.replan(catalog, sku, changed);
        for &bundle in bundles.holding(sku) {
            kept.replan(catalog, bundle, changed);
        }
    }
}

/// [`Resident`] without the bundles.
struct Kept<'r> {
    rules: &'r RuleSet,
    bounds: &'r [Bounds],
    desired: &'r mut Desired,
    shown: &'r mut Vec<(StoreId, Working)>,
}

impl Kept<'_> {
    /// Looks at what listings show before the first of them is needed: the processor fetches all of it at once, where it would wait for each by itself.
    fn look(&self, listings: &[ListingId]) {
        let Desired { planned, reasons, .. } = &self.desired;
        let planned = |listing: &ListingId| planned.get(listing.0 as usize).copied().unwrap_or_default();
        let is_set = |listing: &&ListingId| reasons.get(listing.0 as usize).is_some_and(Option::is_some);
        std::hint::black_box(listings.iter().map(planned).fold(0, |sum, number| sum ^ number));
        std::hint::black_box(listings.iter().filter(is_set).count());
    }

    fn replan(&mut self, catalog: &Catalog, sku: SkuId, changed: &mut Vec<Replanned>) {
        let Some(rule) = self.desired.winner(sku).and_then(|rank| self.rules.rules().get(rank)) else {
            return;
        };
        let units = available(rule, catalog, sku);
        if !self.desired.skus.restock(sku, units) {
            return;
        }
        let listings = catalog.listings_of_sku(sku);
        self.look(listings);
        numbers(rule, units, self.shown);
        let listings = listings.iter().zip(catalog.offers_of_sku(sku));
        for (&listing, (store, units)) in listings {
            let Some(working) = of_store(self.shown, store) else { continue };
            let now = listed(working, units, bound(self.bounds, store));
            let at = listing.0 as usize;
            let cells = self.desired.planned.get_mut(at).zip(self.desired.reasons.get_mut(at));
            let Some((planned, reason)) = cells else { continue };
            let before = std::mem::replace(planned, now.planned);
            *reason = Some(now.reason);
            if before != now.planned {
                changed.push(Replanned { listing, before, now });
            }
        }
    }
}

/// The bundles that hold each SKU.
#[derive(Debug, Default)]
struct Bundles {
    /// SKU and bundle, sorted.
    pairs: Vec<(SkuId, SkuId)>,
    bundles: Vec<SkuId>,
}

impl Bundles {
    fn new(catalog: &Catalog) -> Self {
        let skus = (0..catalog.sku_count() as u32).map(SkuId);
        let parts = |bundle| catalog.parts(bundle).iter().map(move |part| (part.sku, bundle));
        let mut pairs: Vec<(SkuId, SkuId)> = skus.flat_map(parts).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let bundles = pairs.iter().map(|(_, bundle)| *bundle).collect();
        Self { pairs, bundles }
    }

    fn holding(&self, sku: SkuId) -> &[SkuId] {
        let from = self.pairs.partition_point(|(part, _)| *part < sku);
        let rest = self.pairs.get(from..).unwrap_or_default();
        let count = rest.iter().take_while(|(part, _)| *part == sku).count();
        self.bundles.get(from..from + count).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Rows;
    use crate::eval::eval;
    use crate::orders::{Held, StockRow};
    use crate::rules::{Declared, WarehouseId};
    use proptest::prelude::*;

    const RULES: &str = r#"
rule "split" { order 1 skus "S1" warehouses all stores a, b rate 50% split a 2, b 1 }
rule "held" { order 2 skus "S2", "KIT" warehouses w stores all threshold 3 priority store b below 9 rate 80% }
rule "rest" { order 3 skus all warehouses all stores a, c rate 100% floor 1 cap 30 }
"#;

    /// Rules in the place of those, each other than all before it.
    const OTHERS: [&str; 4] = [
        RULES,
        r#"rule "few" { order 2 skus "S1", "S4" warehouses v stores b, c rate 70% }"#,
        r#"
rule "split" { order 1 skus "S2" warehouses all stores all rate 50% split c 2, b 1, a 1 }
rule "rest" { order 3 skus all except "S4" warehouses all stores a, c rate 100% floor 1 cap 30 }
"#,
        r#"rule "rest" { order 3 skus all warehouses all stores all rate 90% }"#,
    ];

    fn rule_set(text: &str, declared: &Declared) -> Arc<RuleSet> {
        let mut sources = crate::source::Sources::new();
        let file = sources.add("a.sync", text);
        let (checked, faults) = crate::check::check(&[(file, crate::syntax::parse(file, text).0)], declared);
        assert_eq!(faults, []);
        Arc::new(checked.rule_set().unwrap().clone())
    }

    fn declared() -> Declared {
        Declared {
            warehouses: vec!["w".into(), "v".into()],
            stores: vec!["a".into(), "b".into(), "c".into()],
            timezone: jiff::tz::TimeZone::UTC,
            rules_max: 10,
        }
    }

    fn catalog(declared: &Declared, stock: &[(&str, &str, i64)]) -> Catalog {
        let skus = ["S1", "S2", "S3", "S4", "KIT"];
        let stores = ["a", "b", "c"];
        let mappings: Vec<_> = stores
            .iter()
            .flat_map(|store| {
                skus.iter().enumerate().map(move |(at, sku)| (*sku, *store, *sku, at as u32 % 2 + 1))
            })
            .collect();
        Catalog::build(Rows {
            warehouses: &declared.warehouses,
            stores: &declared.stores,
            skus: &skus,
            stock,
            mappings: &mappings,
            bundles: &[("KIT", "S1", 1), ("KIT", "S3", 2)],
        })
    }

    proptest! {
        /// The plain twin works everything out anew.
        #[test]
        fn as_if_everything_were_planned_anew(
            first in prop::collection::btree_map((0_usize..4, 0_usize..2), -5_i64..60, 0..8),
            events in prop::collection::vec((0_usize..4, 0_usize..2, -5_i64..60), 1..12),
        ) {
            let declared = declared();
            let rules = rule_set(RULES, &declared);
            let (skus, warehouses) = (["S1", "S2", "S3", "S4"], ["w", "v"]);
            let mut stock = first;
            let rows = |stock: &std::collections::BTreeMap<(usize, usize), i64>| -> Vec<_> {
                stock.iter().map(|(&(sku, place), &units)| (skus[sku], warehouses[place], units)).collect()
            };
            let bounds = vec![Bounds { min: 0, max: 20 }; 3];
            let at = Timestamp::UNIX_EPOCH;
            let mut kept = catalog(&declared, &rows(&stock));
            let mut resident = Resident::new(Arc::clone(&rules), &kept, at, bounds.clone(), Threads::ONE);
            for (sku, place, units) in events {
                stock.insert((sku, place), units);
                let id = kept.find_sku(skus[sku]).unwrap();
                let held = Held::new(Some((units, None)), None, None);
                kept.lay_stock(&[StockRow { sku: id, warehouse: WarehouseId(place as u16), held }]);
                let before: Vec<_> = (0..15).map(|at| resident.desired().number(ListingId(at))).collect();
                let mut changed = Vec::new();
                resident.restocked(&kept, id, &mut changed);
                let anew = catalog(&declared, &rows(&stock));
                prop_assert_eq!(resident.desired(), &eval(&rules, &anew, at, &bounds));
                for (at, before) in before.into_iter().enumerate() {
                    let now = resident.desired().number(ListingId(at as u32));
                    let told = changed.iter().find(|one| one.listing.0 as usize == at);
                    let differs = before.zip(now).filter(|(before, now)| before.planned != now.planned);
                    prop_assert_eq!(told.map(|one| (one.before, one.now)), differs.map(|(before, now)| (before.planned, now)));
                }
            }
        }

        /// The same, and what it tells of is what differs.
        #[test]
        fn other_rules_are_followed_as_if_everything_were_planned_anew(
            stock in prop::collection::btree_map((0_usize..4, 0_usize..2), -5_i64..60, 0..8),
            picks in prop::collection::vec(0_usize..OTHERS.len(), 1..6),
        ) {
            let declared = declared();
            let (skus, warehouses) = (["S1", "S2", "S3", "S4"], ["w", "v"]);
            let rows: Vec<_> = stock.iter().map(|(&(sku, place), &units)| (skus[sku], warehouses[place], units)).collect();
            let catalog = catalog(&declared, &rows);
            let bounds = vec![Bounds { min: 0, max: 20 }; 3];
            let at = Timestamp::UNIX_EPOCH;
            let first = rule_set(RULES, &declared);
            let mut resident = Resident::new(first, &catalog, at, bounds.clone(), Threads::ONE);
            for pick in picks {
                let rules = rule_set(OTHERS[pick], &declared);
                let numbers = |desired: &Desired| -> Vec<_> {
                    (0..15).map(|at| desired.number(ListingId(at)).map(|number| number.planned)).collect()
                };
                let before = numbers(resident.desired());
                let changed = resident.follow(Arc::clone(&rules), &catalog, at, Threads::ONE);
                prop_assert_eq!(resident.desired(), &eval(&rules, &catalog, at, &bounds));
                let now = numbers(resident.desired());
                let others: Vec<_> =
                    (0..15).filter(|&at| before[at] != now[at]).map(|at| ListingId(at as u32)).collect();
                prop_assert_eq!(changed, others);
            }
        }
    }
}
