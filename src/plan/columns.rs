//! The rows of a plan as listing numbers over the columns they come from: no string per row.

use super::{Row, Rows};
use crate::catalog::{Catalog, ListingId};
use crate::diff::{Live, Shown};
use crate::eval::Desired;
use crate::rules::{Declared, RuleSet, StoreId};
use crate::source::Sources;

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
            Shown::Missing | Shown::Unknown | Shown::Unread => None,
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
    pub fn new(columns: Columns<'a>, sources: &'a Sources, mut listings: Vec<ListingId>) -> Self {
        let catalog = columns.catalog;
        let key = |listing: ListingId| {
            (columns.store_name(catalog.listing_store(listing)), catalog.store_sku(listing))
        };
        listings.sort_unstable_by(|&a, &b| key(a).cmp(&key(b)));
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

impl Rows for PlanRows<'_> {
    fn len(&self) -> usize {
        self.listings.len()
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
