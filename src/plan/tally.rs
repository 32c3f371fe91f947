//! Goes once through what differs: counts, the rows to keep, and the listings that cannot be written.

use super::{Columns, Counts, Problem};
use crate::catalog::{ListingId, SkuId};
use crate::diff::{Change, Shown, diff_of};
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
    for (listing, change) in diff_of(listings.clone(), columns.desired, columns.live) {
        if scope.skus.is_empty() || scope.has_sku(columns.catalog.listing_sku(listing)) {
            tally.take(columns, listing, change, bounds, scope.keep);
        }
    }
    tally.missing(columns, scope, listings);
    tally
}

impl Tally {
    fn take(&mut self, columns: Columns<'_>, listing: ListingId, change: Change, bounds: Bounds, keep: Keep) {
        let planned = columns.desired.number(listing).map_or(0, |number| number.planned);
        if planned < bounds.min {
            self.below_minimum(columns, listing, planned, bounds);
            return;
        }
        let current = columns.current(listing).unwrap_or(0);
        let Some(of_store) = self.stores.first_mut() else { return };
        of_store.above_zero += u64::from(current > 0);
        of_store.dropped += u64::from(current > 0 && change == Change::ToZero);
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

    /// Listings that the rules take and the store does not have, or has twice.
    fn missing(&mut self, columns: Columns<'_>, scope: &Scope, listings: Range<u32>) {
        for listing in listings.map(ListingId) {
            let (name, what) = match columns.live.get(listing) {
                Shown::Missing => ("missing-listing", "the store does not have it"),
                Shown::Twice => ("listing-twice", "the store has it more than once"),
                Shown::Number(_) | Shown::Unknown | Shown::Unread => continue,
            };
            let sku = columns.catalog.listing_sku(listing);
            if scope.has_sku(sku) && columns.desired.number(listing).is_some() {
                let sku = columns.catalog.sku(sku);
                let message = format!("`{sku}` is mapped to this listing, and {what}");
                self.problem(columns, listing, name, message);
            }
        }
    }

    fn problem(&mut self, columns: Columns<'_>, listing: ListingId, name: &'static str, message: String) {
        let store = columns.store_name(columns.catalog.listing_store(listing)).to_owned();
        let store_sku = Some(columns.catalog.store_sku(listing).to_owned());
        self.problems.push(Problem { store, store_sku, name, message });
    }
}
