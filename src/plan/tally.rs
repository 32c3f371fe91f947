//! Goes once through what differs: counts, the rows to keep, and the listings that cannot be written.

use super::{Columns, Counts, Problem};
use crate::catalog::{ListingId, SkuId};
use crate::diff::{Change, Shown};
use crate::eval::Bounds;
use crate::rules::StoreId;
use crate::threads::Threads;
use std::ops::Range;

/// Which rows a plan is about.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Only these stores; empty for all.
    pub stores: Vec<StoreId>,
    /// Only these SKUs; empty for all.
    pub skus: Vec<SkuId>,
    /// Which rows are kept.
    pub keep: Keep,
}

/// Which rows are kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Keep {
    /// Those that change.
    #[default]
    Changes,
    /// The unchanged ones too.
    All,
}

impl Scope {
    /// Whether it is all stores and SKUs.
    pub fn is_whole(&self) -> bool {
        self.stores.is_empty() && self.skus.is_empty()
    }

    /// Whether a store is part of it.
    pub fn has_store(&self, store: StoreId) -> bool {
        self.stores.is_empty() || self.stores.contains(&store)
    }

    /// Whether a SKU is part of it.
    pub fn has_sku(&self, sku: SkuId) -> bool {
        self.skus.is_empty() || self.skus.contains(&sku)
    }
}

/// What a store's rows come to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StoreTally {
    /// The counts.
    pub counts: Counts,
    /// Listings that show more than 0 now.
    pub above_zero: u64,
    /// Listings that go from above 0 to 0.
    pub dropped: u64,
}

impl StoreTally {
    fn plus(self, other: &StoreTally) -> StoreTally {
        StoreTally {
            counts: self.counts.plus(other.counts),
            above_zero: self.above_zero + other.above_zero,
            dropped: self.dropped + other.dropped,
        }
    }
}

/// What a plan comes to.
#[derive(Debug, Default)]
pub struct Tally {
    /// By store, as declared.
    pub stores: Vec<StoreTally>,
    /// The rows kept, by listing number.
    pub listings: Vec<ListingId>,
    /// What cannot be written, without order.
    pub problems: Vec<Problem>,
}

/// So many listings are counted in one go.
const LISTINGS_IN_RUN: usize = 1 << 16;

/// Counts what differs within `scope`. `bounds` are the stores' own, by store.
pub fn tally(columns: Columns<'_>, scope: &Scope, bounds: &[Bounds], threads: Threads) -> Tally {
    let runs: Vec<_> = columns
        .catalog
        .store_ids()
        .filter(|store| scope.has_store(*store))
        .flat_map(|store| {
            let all = columns.catalog.listings_of_store(store);
            let end = all.end;
            all.step_by(LISTINGS_IN_RUN)
                .map(move |start| (store, start..end.min(start + LISTINGS_IN_RUN as u32)))
        })
        .collect();
    let mut tally =
        Tally { stores: vec![StoreTally::default(); columns.declared.stores.len()], ..Tally::default() };
    let counted = threads.for_work(columns.catalog.listing_count()).each(runs, |(store, listings)| {
        let bounds = bounds.get(store.0 as usize).copied().unwrap_or_default();
        (store, tally_of(columns, scope, listings, bounds))
    });
    for (store, run) in counted {
        if let (Some(all), Some(more)) = (tally.stores.get_mut(store.0 as usize), run.stores.first()) {
            *all = all.plus(more);
        }
        tally.listings.extend(run.listings);
        tally.problems.extend(run.problems);
    }
    tally
}

/// The same of a run of listings of one store, which is the only one in it.
fn tally_of(columns: Columns<'_>, scope: &Scope, listings: Range<u32>, bounds: Bounds) -> Tally {
    let mut tally = Tally { stores: vec![StoreTally::default()], ..Tally::default() };
    for listing in listings.map(ListingId) {
        let Some(number) = columns.desired.number(listing) else { continue };
        if !scope.skus.is_empty() && !scope.has_sku(columns.catalog.listing_sku(listing)) {
            continue;
        }
        match columns.live.get(listing) {
            Shown::Number(current) => {
                tally.take(columns, listing, (Some(current), number.planned), bounds, scope.keep)
            }
            Shown::Unknown => tally.take(columns, listing, (None, number.planned), bounds, scope.keep),
            Shown::Missing => {
                tally.missing(columns, listing, "missing-listing", "the store does not have it")
            }
            Shown::Twice => {
                tally.missing(columns, listing, "listing-twice", "the store has it more than once")
            }
            Shown::Unread => {}
        }
    }
    tally
}

impl Tally {
    fn take(
        &mut self,
        columns: Columns<'_>,
        listing: ListingId,
        (current, planned): (Option<i64>, u64),
        bounds: Bounds,
        keep: Keep,
    ) {
        if planned < bounds.min {
            self.below_minimum(columns, listing, planned, bounds);
            return;
        }
        let change = Change::of(current, planned);
        let is_above_zero = current > Some(0);
        let Some(of_store) = self.stores.first_mut() else { return };
        of_store.above_zero += u64::from(is_above_zero);
        of_store.dropped += u64::from(is_above_zero && change == Change::ToZero);
        of_store.counts.rows += 1;
        match change {
            Change::ToZero => of_store.counts.to_zero += 1,
            Change::Lower => of_store.counts.lower += 1,
            Change::Raise => of_store.counts.raise += 1,
            Change::Unchanged => of_store.counts.unchanged += 1,
        }
        if change != Change::Unchanged || keep == Keep::All {
            self.listings.push(listing);
        }
    }

    fn below_minimum(&mut self, columns: Columns<'_>, listing: ListingId, planned: u64, bounds: Bounds) {
        let message = format!("the rules give {planned}, the store takes no less than {}", bounds.min);
        self.problem(columns, listing, "below-store-minimum", message);
    }

    /// A listing that the rules take and the store does not have, or has twice.
    #[cold]
    fn missing(&mut self, columns: Columns<'_>, listing: ListingId, name: &'static str, what: &str) {
        let sku = columns.catalog.sku(columns.catalog.listing_sku(listing));
        let message = format!("`{sku}` is mapped to this listing, and {what}");
        self.problem(columns, listing, name, message);
    }

    fn problem(&mut self, columns: Columns<'_>, listing: ListingId, name: &'static str, message: String) {
        let store = columns.store_name(columns.catalog.listing_store(listing)).to_owned();
        let store_sku = Some(columns.catalog.store_sku(listing).to_owned());
        self.problems.push(Problem { store, store_sku, name, message });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Catalog, Rows};
    use crate::diff::Live;
    use crate::eval::eval;
    use crate::rules::Declared;
    use crate::source::Sources;
    use proptest::prelude::*;

    const RULES: &str =
        r#"rule "R" { order 1 skus all except "S3" warehouses all stores a, b threshold 5 rate 50% }"#;

    fn shop(stock: &[i64]) -> (Declared, Catalog) {
        let declared = Declared {
            warehouses: vec!["w".into()],
            stores: vec!["a".into(), "b".into()],
            timezone: jiff::tz::TimeZone::UTC,
            rules_max: 10,
        };
        let names: Vec<String> = (0..stock.len()).map(|n| format!("S{n}")).collect();
        let rows: Vec<_> =
            names.iter().zip(stock).map(|(name, &units)| (name.as_str(), "w", units)).collect();
        let mappings: Vec<_> = ["a", "b"]
            .iter()
            .flat_map(|store| names.iter().map(move |name| (name.as_str(), *store, name.as_str(), 1)))
            .collect();
        let catalog = Catalog::build(Rows {
            warehouses: &declared.warehouses,
            stores: &declared.stores,
            stock: &rows,
            mappings: &mappings,
            ..Rows::default()
        });
        (declared, catalog)
    }

    proptest! {
        /// What is counted is what each listing comes to; and once it is written, nothing is left to do.
        #[test]
        fn writing_what_differs_leaves_nothing_that_does(
            stock in prop::collection::vec(-5_i64..60, 1..20),
            shown in prop::collection::vec(prop_oneof![
                8 => (-3_i64..60).prop_map(Shown::Number),
                1 => Just(Shown::Unknown),
                1 => prop::sample::select(vec![Shown::Missing, Shown::Twice, Shown::Unread]),
            ], 40),
        ) {
            let (declared, catalog) = shop(&stock);
            let mut sources = Sources::new();
            let file = sources.add("a.sync", RULES);
            let (checked, _) = crate::check::check(&[(file, crate::syntax::parse(file, RULES).0)], &declared);
            let rules = checked.rule_set().unwrap();
            let bounds = [Bounds::default(); 2];
            let desired = eval(rules, &catalog, jiff::Timestamp::UNIX_EPOCH, &bounds);
            let mut live = Live::unread(&catalog);
            let listings = || (0..catalog.listing_count() as u32).map(ListingId);
            listings().zip(shown).for_each(|(listing, shown)| live.set(listing, shown));
            let scope = Scope { keep: Keep::All, ..Scope::default() };
            let mut plain = Counts::default();
            let (mut missing, mut rows) = (0, Vec::new());
            for listing in listings() {
                let Some(number) = desired.number(listing) else { continue };
                let current = match live.get(listing) {
                    Shown::Number(number) => Some(number),
                    Shown::Unknown => None,
                    shown => {
                        missing += usize::from(shown != Shown::Unread);
                        continue;
                    }
                };
                let kind = match Change::of(current, number.planned) {
                    Change::ToZero => &mut plain.to_zero,
                    Change::Lower => &mut plain.lower,
                    Change::Raise => &mut plain.raise,
                    Change::Unchanged => &mut plain.unchanged,
                };
                *kind += 1;
                plain.rows += 1;
                rows.push(listing);
            }
            let count = |live: &Live| {
                let columns = Columns { catalog: &catalog, declared: &declared, rules, desired: &desired, live };
                tally(columns, &scope, &bounds, Threads::ONE)
            };
            let first = count(&live);
            let sum = |tally: &Tally| tally.stores.iter().fold(Counts::default(), |sum, one| sum.plus(one.counts));
            prop_assert_eq!((sum(&first), first.problems.len(), &first.listings), (plain, missing, &rows));
            for listing in rows {
                live.set(listing, Shown::Number(desired.number(listing).unwrap().planned as i64));
            }
            let again = sum(&count(&live));
            prop_assert_eq!((again.rows, again.unchanged), (plain.rows, plain.rows));
        }
    }
}
