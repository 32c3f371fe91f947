//! The rows of a plan as listing numbers over the columns they come from: no string per row.

use super::{Row, Rows};
use crate::catalog::{Catalog, ListingId};
use crate::diff::{Live, Shown};
use crate::eval::Desired;
use crate::rules::{Declared, RuleSet, StoreId};
use crate::source::Sources;
use crate::threads::Threads;

/// Everything that rows are looked up in.
#[derive(Clone, Copy)]
pub struct Columns<'a> {
    /// SKUs and listings.
    pub catalog: &'a Catalog,
    /// The stores' names.
    pub declared: &'a Declared,
    /// The rules that `desired` comes from.
    pub rules: &'a RuleSet,
    /// What every listing should show.
    pub desired: &'a Desired,
    /// What every listing shows.
    pub live: &'a Live,
}

impl<'a> Columns<'a> {
    /// The name of a store.
    pub fn store_name(&self, store: StoreId) -> &'a str {
        self.declared.stores.get(store.0 as usize).map_or("", String::as_str)
    }

    /// What a listing shows, where that is known.
    pub fn current(&self, listing: ListingId) -> Option<i64> {
        match self.live.get(listing) {
            Shown::Number(number) => Some(number),
            Shown::Missing | Shown::Twice | Shown::Unknown | Shown::Unread => None,
        }
    }
}

/// Rows of a plan, sorted by store name, then store SKU, by code point.
pub struct PlanRows<'a> {
    columns: Columns<'a>,
    listings: Vec<ListingId>,
    places: Vec<(&'a str, u32)>,
}

impl<'a> PlanRows<'a> {
    /// The rows of `listings`, which the rules take and the stores have, in any order.
    pub fn new(
        columns: Columns<'a>,
        sources: &'a Sources,
        mut listings: Vec<ListingId>,
        threads: Threads,
    ) -> Self {
        sort(columns, &mut listings, threads);
        let places = columns.rules.rules().iter().map(|rule| {
            let source = sources.get(rule.head.file);
            (source.path(), source.position(rule.head.start).line)
        });
        Self { columns, listings, places: places.collect() }
    }

    /// The listings, in the order of the rows.
    pub fn listings(&self) -> &[ListingId] {
        &self.listings
    }

    /// What the rows are looked up in.
    pub fn columns(&self) -> Columns<'a> {
        self.columns
    }
}

/// By store name, then store SKU, by code point.
fn sort(columns: Columns<'_>, listings: &mut [ListingId], threads: Threads) {
    let store = |listing: ListingId| columns.catalog.listing_store(listing);
    let mut by_name: Vec<StoreId> = (0..columns.declared.stores.len() as u16).map(StoreId).collect();
    by_name.sort_by_key(|&store| columns.store_name(store));
    let mut ranks = vec![0; by_name.len()];
    for (rank, named) in by_name.iter().enumerate() {
        if let Some(place) = ranks.get_mut(usize::from(named.0)) {
            *place = rank;
        }
    }
    listings.sort_by_key(|&listing| ranks.get(usize::from(store(listing).0)).copied());
    let threads = threads.for_work(listings.len());
    let of_stores: Vec<&mut [ListingId]> =
        listings.chunk_by_mut(|&one, &other| store(one) == store(other)).collect();
    threads.each(of_stores, |of_store| sort_by_store_sku(columns.catalog, of_store));
}

/// Most texts differ in their beginnings: those are compared as numbers, side by side, without a look at the catalog.
fn sort_by_store_sku(catalog: &Catalog, listings: &mut [ListingId]) {
    let text = |listing: ListingId| catalog.store_sku(listing);
    let mut keys: Vec<(u128, ListingId)> =
        listings.iter().map(|&listing| (catalog.store_sku_beginning(listing), listing)).collect();
    keys.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| text(a.1).cmp(text(b.1))));
    for (listing, (_, sorted)) in listings.iter_mut().zip(keys) {
        *listing = sorted;
    }
}

impl Rows for PlanRows<'_> {
    fn len(&self) -> usize {
        self.listings.len()
    }

    fn look(&self, rows: std::ops::Range<usize>) {
        let Columns { catalog, desired, live, .. } = self.columns;
        let listings = self.listings.get(rows).unwrap_or_default();
        let skus: Vec<_> = listings.iter().map(|&listing| catalog.listing_sku(listing)).collect();
        let numbers =
            listings.iter().map(|&listing| desired.number(listing).map_or(0, |number| number.planned));
        // One pass a column, and a value of each pass that depends on all of it.
        std::hint::black_box(numbers.fold(0, |sum, number| sum ^ number));
        std::hint::black_box(skus.iter().fold(0, |sum, &sku| sum ^ desired.available(sku)));
        std::hint::black_box(skus.iter().fold(0, |sum, &sku| sum ^ catalog.sku_beginning(sku)));
        std::hint::black_box(
            listings.iter().fold(0, |sum, &listing| sum ^ catalog.store_sku_beginning(listing)),
        );
        std::hint::black_box(listings.iter().filter(|&&listing| live.get(listing) == Shown::Missing).count());
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "`Rows::row` is given an index below `len`; rules and places are parallel"
    )]
    fn row(&self, index: usize) -> Row<'_> {
        let listing = self.listings[index];
        let Columns { catalog, rules, desired, .. } = self.columns;
        let sku = catalog.listing_sku(listing);
        let rank = desired.winner(sku).unwrap_or(0);
        let rule = &rules.rules()[rank];
        let (file, line) = self.places[rank];
        let number = desired.number(listing);
        Row {
            store: self.columns.store_name(catalog.listing_store(listing)),
            store_sku: catalog.store_sku(listing),
            sku: catalog.sku(sku),
            current: self.columns.current(listing),
            planned: number.map_or(0, |number| number.planned),
            available: desired.available(sku),
            rule: &rule.name,
            order: rule.order,
            reason: number.map_or(super::Reason::Rate, |number| number.reason),
            file,
            line,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use crate::eval::eval;

    #[test]
    fn rows_stand_by_store_name_then_store_sku() {
        let stores = ["b".to_owned(), "a".to_owned(), "c".to_owned()];
        let texts = [
            "a",
            "a\0",
            "",
            "B",
            "ก",
            "A-longer-than-16-bytes-2",
            "A-longer-than-16-bytes-1",
            "A-longer-than-16",
            "A-longer-than-1",
            "รองเท้า-2",
            "รองเท้า-10",
            "~",
        ];
        let mut mappings: Vec<_> = texts.iter().map(|&text| ("S", "b", text, 1)).collect();
        mappings.extend(texts.iter().rev().map(|&text| ("S", "c", text, 1)));
        mappings.extend(texts.iter().map(|&text| ("S", "a", text, 1)));
        let rows = catalog::Rows {
            warehouses: &["w".to_owned()],
            stores: &stores,
            skus: &["S"],
            stock: &[],
            mappings: &mappings,
            bundles: &[],
        };
        let catalog = Catalog::build(rows);
        let declared = Declared {
            warehouses: Vec::new(),
            stores: stores.to_vec(),
            timezone: jiff::tz::TimeZone::UTC,
            rules_max: 1,
        };
        let rules = RuleSet::new(Vec::new(), &declared);
        let desired = eval(&rules, &catalog, jiff::Timestamp::UNIX_EPOCH, &[]);
        let live = Live::unread(&catalog);
        let columns =
            Columns { catalog: &catalog, declared: &declared, rules: &rules, desired: &desired, live: &live };
        let mut sorted: Vec<ListingId> = (0..catalog.listing_count() as u32).map(ListingId).collect();
        let mut expected = sorted.clone();
        sort(columns, &mut sorted, Threads::ONE);
        let key = |listing: &ListingId| {
            (columns.store_name(catalog.listing_store(*listing)), catalog.store_sku(*listing))
        };
        expected.sort_by(|a, b| key(a).cmp(&key(b)));
        assert_eq!(sorted, expected);
        assert_eq!(sorted.len(), 36);
    }
}
