//! SKUs, stock, listings and bundles: interned and columnar, tens of millions of rows in memory.
//!
//! No row owns an allocation: texts lie in arenas, and everything else in columns that are found by SKU or by store.

mod build;
mod bundles;
mod csv;
mod faults;
mod finder;
mod intern;
mod listings;
mod moment;
mod pieces;
mod read;
mod scan;
pub mod sheet;
mod stable;
mod stock;
mod table;
mod text;

pub use build::Rows;
pub use finder::Finder;
pub use intern::TextKey;
pub use read::{Builder, Inputs, Kind, Scan, Table, read};

pub(crate) use csv::CsvRows;

pub(crate) use faults::quoted;

use crate::rules::{StoreId, WarehouseId};
use crate::source::Span;
use bundles::Bundles;
use intern::NamesBeside;
use jiff::Timestamp;
use listings::Listings;
use stock::Stock;

/// A merchant SKU, by its number in [`Catalog`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SkuId(pub u32);

/// A listing (one store SKU of one store), by its number in [`Catalog`]. Listings of one store are contiguous.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ListingId(pub u32);

/// A part of a bundle.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part {
    /// The component.
    pub sku: SkuId,
    /// How many of it one bundle needs; at least 1.
    pub units: u32,
}

/// Everything known of the goods.
#[derive(Debug, Default)]
pub struct Catalog {
    skus: NamesBeside,
    /// The SKUs of `skus.csv` come first.
    declared: u32,
    undeclared: Vec<(SkuId, Span)>,
    stock: Stock,
    stock_modified: Option<Timestamp>,
    listings: Listings,
    bundles: Bundles,
    warehouses: Vec<String>,
    stores: Vec<String>,
}

impl Catalog {
    /// How many merchant SKUs there are, declared in `skus.csv` or only used; ids are `0..count`.
    pub fn sku_count(&self) -> usize {
        self.skus.len()
    }

    /// The text of a SKU.
    pub fn sku(&self, sku: SkuId) -> &str {
        self.skus.get(sku.0)
    }

    /// The number of a SKU, if it is known.
    pub fn find_sku(&self, text: &str) -> Option<SkuId> {
        self.skus.find(text).map(SkuId)
    }

    /// Whether `skus.csv` has it.
    pub fn is_declared(&self, sku: SkuId) -> bool {
        sku.0 < self.declared
    }

    /// The SKUs that are used and not in `skus.csv`, each with the cell that uses it first.
    pub fn undeclared(&self) -> &[(SkuId, Span)] {
        &self.undeclared
    }

    /// Available stock by warehouse, in the SKU's units; may be negative. Warehouses without a row are left out.
    pub fn stock(&self, sku: SkuId) -> impl Iterator<Item = (WarehouseId, i64)> + '_ {
        self.stock.of(sku)
    }

    /// What the file says of a SKU in a warehouse, and since when; orders are not taken off.
    pub fn stock_in_file(&self, sku: SkuId, warehouse: WarehouseId) -> Option<(i64, Option<Timestamp>)> {
        let (units, moment) = self.stock.in_file(sku, warehouse)?;
        Some((units, moment.map_or(self.stock_modified, at_second)))
    }

    /// What was taken off the stock of a SKU in a warehouse: by orders, and by what came and went in the ledger.
    pub fn stock_taken_off(&self, sku: SkuId, warehouse: WarehouseId) -> i64 {
        self.stock.taken_off(sku, warehouse)
    }

    /// Puts stock as it is, orders taken off, in the place of what the file says. Rows that the file does not have are added.
    pub fn lay_stock(&mut self, rows: &[crate::orders::StockRow]) {
        let new: Vec<_> =
            rows.iter().filter(|row| !self.stock.lay(row)).map(|row| (row.sku, row.warehouse)).collect();
        if !new.is_empty() {
            self.stock.insert(new, self.skus.len());
            for row in rows {
                self.stock.lay(row);
            }
        }
    }

    /// Puts stock back as the files have it, before [`Catalog::lay_stock`].
    pub fn lift_stock(&mut self) {
        self.stock.lift();
    }

    /// The moment of each row of [`Catalog::stock`], in its order; nothing where the table has no `as_of`.
    /// A row without one has the moment at which the file was last changed, where that is known.
    pub fn stock_moments(&self, sku: SkuId) -> impl Iterator<Item = Option<Timestamp>> + '_ {
        self.stock.moments_of(sku).map(|moment| moment.map_or(self.stock_modified, at_second))
    }

    /// Whether each stock row says since when it is true.
    pub fn stock_has_as_of(&self) -> bool {
        self.stock.oldest().1
    }

    /// The moment of the oldest stock row; where rows have none, that of the last change of the file counts.
    pub fn stock_as_of(&self) -> Option<Timestamp> {
        let (oldest, all) = self.stock.oldest();
        let stand_in =
            if all && (oldest.is_some() || self.stock.len() > 0) { None } else { self.stock_modified };
        oldest.and_then(at_second).into_iter().chain(stand_in).min()
    }

    /// The declared warehouses.
    pub fn warehouse_ids(&self) -> impl Iterator<Item = WarehouseId> {
        (0..self.warehouses.len() as u16).map(WarehouseId)
    }

    /// How many stock rows there are.
    pub fn stock_row_count(&self) -> usize {
        self.stock.len()
    }

    /// A hash of each stock row's SKU and warehouse, the same in every version, to tell which rows are gone.
    pub fn stock_keys(&self) -> impl Iterator<Item = u64> + '_ {
        self.sku_ids().flat_map(move |sku| {
            let seed = stable::hash(0, self.sku(sku));
            self.stock(sku).map(move |(warehouse, _)| stable::hash(seed, self.warehouse_name(warehouse)))
        })
    }

    /// The parts of a bundle; empty for what is none.
    pub fn parts(&self, sku: SkuId) -> &[Part] {
        self.bundles.parts(sku)
    }

    /// How many listings there are; ids are `0..count`.
    pub fn listing_count(&self) -> usize {
        self.listings.len()
    }

    /// The listings of a store, contiguous.
    pub fn listings_of_store(&self, store: StoreId) -> std::ops::Range<u32> {
        self.listings.of_store(store)
    }

    /// The listings of a SKU in every store, by store, then in the order of the file.
    pub fn listings_of_sku(&self, sku: SkuId) -> &[ListingId] {
        self.listings.of_sku(sku)
    }

    /// The store of each listing of a SKU and the units it sells, in the order of [`Catalog::listings_of_sku`]; faster
    /// than asking for each.
    pub fn offers_of_sku(&self, sku: SkuId) -> impl Iterator<Item = (StoreId, u32)> + '_ {
        self.listings.offers_of(sku)
    }

    /// The SKU of each listing of a store and the units it sells, in their order, from the one at `first` on.
    pub fn offers_of_store(&self, store: StoreId, first: usize) -> impl Iterator<Item = (SkuId, u32)> + '_ {
        self.listings.offers_of_store(store, first)
    }

    /// The declared stores.
    pub fn store_ids(&self) -> impl Iterator<Item = StoreId> + use<> {
        (0..self.stores.len() as u16).map(StoreId)
    }

    /// The merchant SKU that a listing sells.
    pub fn listing_sku(&self, listing: ListingId) -> SkuId {
        self.listings.sku(listing)
    }

    /// The store of a listing.
    pub fn listing_store(&self, listing: ListingId) -> StoreId {
        self.listings.store(listing)
    }

    /// How many units of the merchant SKU one of the store SKU sells; at least 1.
    pub fn listing_units(&self, listing: ListingId) -> u32 {
        self.listings.units(listing)
    }

    /// The store SKU of a listing.
    pub fn store_sku(&self, listing: ListingId) -> &str {
        self.listings.store_sku(listing)
    }

    /// The first 16 bytes of a SKU as a number, zeros behind its end.
    pub fn sku_beginning(&self, sku: SkuId) -> u128 {
        self.skus.beginning(sku.0)
    }

    /// What store SKUs are sorted by.
    pub fn store_sku_key(&self, listing: ListingId) -> TextKey {
        self.listings.key(listing)
    }

    /// The listing with this store SKU in this store, if it is mapped.
    pub fn find_listing(&self, store: StoreId, store_sku: &str) -> Option<ListingId> {
        self.listings.find(store, store_sku)
    }

    /// Tells whether a catalog is the one that a plan was made from: over the parsed rows, in whatever order they
    /// stand, and the same in every version.
    pub fn digest(&self) -> String {
        let mut sum = stable::Sum::default();
        for sku in self.sku_ids() {
            self.add_sku(sku, true, &mut sum);
        }
        sum.hex()
    }

    /// A hash of each SKU with its stock, listings and parts, by its number and the same in every version, to tell which goods are
    /// others than before. Since when a number of stock is true does not count.
    pub fn goods_keys(&self) -> impl Iterator<Item = u64> + '_ {
        self.sku_ids().map(|sku| {
            let mut sum = stable::Sum::default();
            self.add_sku(sku, false, &mut sum);
            sum.key(stable::hash(0, self.sku(sku)))
        })
    }

    fn add_sku(&self, sku: SkuId, with_moments: bool, sum: &mut stable::Sum) {
        let seed = stable::hash(0, self.sku(sku));
        if self.is_declared(sku) {
            sum.add(stable::number(seed, 1));
        }
        let mut moments = self.stock.moments_of(sku);
        for (warehouse, available) in self.stock(sku) {
            let row = stable::hash(stable::number(seed, 2), self.warehouse_name(warehouse));
            let moment = moments.next().flatten().filter(|_| with_moments);
            let moment = moment.map_or(0, |moment| stable::number(1, moment as u64));
            sum.add(stable::number(stable::number(row, available as u64), moment));
        }
        for &listing in self.listings_of_sku(sku) {
            let store =
                self.stores.get(usize::from(self.listing_store(listing).0)).map_or("", String::as_str);
            let row = stable::hash(stable::hash(stable::number(seed, 3), store), self.store_sku(listing));
            sum.add(stable::number(row, u64::from(self.listing_units(listing))));
        }
        for part in self.parts(sku) {
            let row = stable::hash(stable::number(seed, 4), self.sku(part.sku));
            sum.add(stable::number(row, u64::from(part.units)));
        }
    }

    fn sku_ids(&self) -> impl Iterator<Item = SkuId> {
        (0..self.sku_count() as u32).map(SkuId)
    }

    /// The name of a warehouse.
    pub fn warehouse_name(&self, warehouse: WarehouseId) -> &str {
        self.warehouses.get(usize::from(warehouse.0)).map_or("", String::as_str)
    }
}

fn at_second(second: i64) -> Option<Timestamp> {
    Timestamp::from_second(second).ok()
}

#[cfg(test)]
mod tests;
