//! The rows of a plan as listing numbers over the columns they come from: no string per row.

use super::{Reason, Row, Rows};
use crate::catalog::{Catalog, ListingId, SkuId, TextKey};
use crate::diff::{Live, Shown};
use crate::eval::Desired;
use crate::rules::{Declared, RuleSet, StoreId};
use crate::source::Sources;
use crate::threads::Threads;
use std::cmp::Ordering;

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
    rows: Vec<Sorted>,
    /// In the order of listings.
    values: Vec<Value>,
    places: Vec<(&'a str, u32)>,
}

/// A row in its place.
#[derive(Clone, Copy, Default)]
struct Sorted {
    store_sku: TextKey,
    /// The place of its value.
    value: u32,
}

/// What is said of a row's listing: taken out of the columns listing by listing, before the rows are in another order.
#[derive(Clone, Copy)]
struct Value {
    listing: ListingId,
    sku: SkuId,
    /// [`NO_NUMBER`] where that is not known.
    current: i64,
    planned: u64,
    reason: Reason,
}

/// What no store shows.
const NO_NUMBER: i64 = i64::MIN;

impl Value {
    const NONE: Self =
        Self { listing: ListingId(0), sku: SkuId(0), current: NO_NUMBER, planned: 0, reason: Reason::Rate };

    fn of(columns: Columns<'_>, listing: ListingId) -> Self {
        let number = columns.desired.number(listing);
        Self {
            listing,
            sku: columns.catalog.listing_sku(listing),
            current: columns.current(listing).unwrap_or(NO_NUMBER),
            planned: number.map_or(0, |number| number.planned),
            reason: number.map_or(Reason::Rate, |number| number.reason),
        }
    }
}

impl<'a> PlanRows<'a> {
    /// The rows of `listings`, which the rules take and the stores have, in any order.
    pub fn new(
        columns: Columns<'a>,
        sources: &'a Sources,
        listings: Vec<ListingId>,
        threads: Threads,
    ) -> Self {
        let (rows, values) = sorted(columns, listings, threads);
        let places = columns.rules.rules().iter().map(|rule| {
            let source = sources.get(rule.head.file);
            (source.path(), source.position(rule.head.start).line)
        });
        Self { columns, rows, values, places: places.collect() }
    }

    /// What the rows are looked up in.
    pub fn columns(&self) -> Columns<'a> {
        self.columns
    }

    fn value(&self, row: &Sorted) -> Value {
        self.values.get(row.value as usize).copied().unwrap_or(Value::NONE)
    }
}

/// By store name, then store SKU, by code point.
fn sorted(columns: Columns<'_>, mut listings: Vec<ListingId>, threads: Threads) -> (Vec<Sorted>, Vec<Value>) {
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
    let mut rows = vec![Sorted::default(); listings.len()];
    let mut values = vec![Value::NONE; listings.len()];
    let (mut rest, mut rest_values, mut first) = (&mut rows[..], &mut values[..], 0);
    let of_stores: Vec<_> = listings
        .chunk_by(|&one, &other| store(one) == store(other))
        .map(|listings| {
            let of_store = rest.split_off_mut(..listings.len()).unwrap_or_default();
            let values = rest_values.split_off_mut(..listings.len()).unwrap_or_default();
            first += listings.len() as u32;
            (listings, of_store, values, first - listings.len() as u32)
        })
        .collect();
    threads.for_work(listings.len()).each(of_stores, |(listings, rows, values, first)| {
        for (value, &listing) in values.iter_mut().zip(listings) {
            *value = Value::of(columns, listing);
        }
        for ((row, &listing), value) in rows.iter_mut().zip(listings).zip(first..) {
            *row = Sorted { store_sku: columns.catalog.store_sku_key(listing), value };
        }
        sort_by_store_sku(columns.catalog, rows, |row| {
            let value = values.get(row.value.wrapping_sub(first) as usize);
            value.map_or(ListingId(0), |value| value.listing)
        });
    });
    (rows, values)
}

/// Most texts differ in their keys: those are compared as numbers, side by side, without a look at the catalog.
fn sort_by_store_sku(catalog: &Catalog, rows: &mut [Sorted], listing: impl Fn(&Sorted) -> ListingId) {
    rows.sort_unstable_by(|one, other| {
        let keys = one.store_sku.cmp(&other.store_sku);
        keys.then_with(|| match one.store_sku.text() {
            // Where that is all of the text, the other's is the same.
            Some(_) => Ordering::Equal,
            None => catalog.store_sku(listing(one)).cmp(catalog.store_sku(listing(other))),
        })
    });
}

impl Rows for PlanRows<'_> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn look(&self, rows: std::ops::Range<usize>) {
        let Columns { catalog, desired, .. } = self.columns;
        let rows = self.rows.get(rows).unwrap_or_default();
        let skus: Vec<_> = rows.iter().map(|row| self.value(row).sku).collect();
        // One pass a column, and a value of each pass that depends on all of it.
        std::hint::black_box(skus.iter().fold(0, |sum, &sku| sum ^ desired.available(sku)));
        std::hint::black_box(skus.iter().fold(0, |sum, &sku| sum ^ catalog.sku_beginning(sku)));
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "`Rows::row` is given an index below `len`; rules and places are parallel"
    )]
    fn row(&self, index: usize) -> Row<'_> {
        let row = &self.rows[index];
        let Value { listing, sku, current, planned, reason } = self.value(row);
        let Columns { catalog, rules, desired, .. } = self.columns;
        let rank = desired.winner(sku).unwrap_or(0);
        let rule = &rules.rules()[rank];
        let (file, line) = self.places[rank];
        Row {
            store: self.columns.store_name(catalog.listing_store(listing)),
            store_sku: row.store_sku.text().unwrap_or_else(|| catalog.store_sku(listing)),
            sku: catalog.sku(sku),
            current: (current != NO_NUMBER).then_some(current),
            planned,
            available: desired.available(sku),
            rule: &rule.name,
            order: rule.order,
            reason,
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
        let mut expected: Vec<ListingId> = (0..catalog.listing_count() as u32).map(ListingId).collect();
        let (rows, values) = sorted(columns, expected.clone(), Threads::ONE);
        let sorted: Vec<ListingId> = rows.iter().map(|row| values[row.value as usize].listing).collect();
        let key = |listing: &ListingId| {
            (columns.store_name(catalog.listing_store(*listing)), catalog.store_sku(*listing))
        };
        expected.sort_by(|a, b| key(a).cmp(&key(b)));
        assert_eq!(sorted, expected);
        assert_eq!(sorted.len(), 36);
    }
}
