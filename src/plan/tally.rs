//! Goes once through what differs: counts, the rows to keep, and the listings that cannot be written.

use super::{Columns, Counts, Problem};
use crate::catalog::{ListingId, SkuId};
use crate::diff::{Change, Shown, diff};
use crate::eval::Bounds;
use crate::rules::StoreId;

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

/// Counts what differs within `scope`. `bounds` are the stores' own, by store.
pub fn tally(columns: Columns<'_>, scope: &Scope, bounds: &[Bounds]) -> Tally {
    let mut tally =
        Tally { stores: vec![StoreTally::default(); columns.declared.stores.len()], ..Tally::default() };
    for (listing, change) in diff(columns.catalog, columns.desired, columns.live) {
        let store = columns.catalog.listing_store(listing);
        if !scope.has_store(store) || !scope.has_sku(columns.catalog.listing_sku(listing)) {
            continue;
        }
        tally.take(
            columns,
            listing,
            change,
            bounds.get(store.0 as usize).copied().unwrap_or_default(),
            scope.keep,
        );
    }
    tally.missing(columns, scope);
    tally
}

impl Tally {
    fn take(&mut self, columns: Columns<'_>, listing: ListingId, change: Change, bounds: Bounds, keep: Keep) {
        let store = columns.catalog.listing_store(listing);
        let planned = columns.desired.number(listing).map_or(0, |number| number.planned);
        if planned < bounds.min {
            self.below_minimum(columns, listing, planned, bounds);
            return;
        }
        let current = columns.current(listing).unwrap_or(0);
        let Some(of_store) = self.stores.get_mut(store.0 as usize) else { return };
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
    fn missing(&mut self, columns: Columns<'_>, scope: &Scope) {
        for listing in (0..columns.catalog.listing_count() as u32).map(ListingId) {
            let store = columns.catalog.listing_store(listing);
            let in_scope = scope.has_store(store) && scope.has_sku(columns.catalog.listing_sku(listing));
            let (name, what) = match columns.live.get(listing) {
                Shown::Missing => ("missing-listing", "the store does not have it"),
                Shown::Twice => ("listing-twice", "the store has it more than once"),
                Shown::Number(_) | Shown::Unknown | Shown::Unread => continue,
            };
            if in_scope && columns.desired.number(listing).is_some() {
                let sku = columns.catalog.sku(columns.catalog.listing_sku(listing));
                self.problem(
                    columns,
                    listing,
                    name,
                    format!("`{sku}` is mapped to this listing, and {what}"),
                );
            }
        }
    }

    fn problem(&mut self, columns: Columns<'_>, listing: ListingId, name: &'static str, message: String) {
        let store = columns.store_name(columns.catalog.listing_store(listing)).to_owned();
        let store_sku = Some(columns.catalog.store_sku(listing).to_owned());
        self.problems.push(Problem { store, store_sku, name, message });
    }
}
