//! SKUs, stock, listings and bundles: interned and columnar, tens of millions of rows in memory.
//!
//! The fields are built by the readers in `catalog/`; what follows is what the core asks of it.

use crate::rules::{StoreId, WarehouseId};

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
pub struct Catalog {}

#[expect(unused_variables, clippy::todo, reason = "skeleton; replaced by the catalog's author")]
impl Catalog {
    /// How many merchant SKUs there are, declared in `skus.csv` or only used; ids are `0..count`.
    pub fn sku_count(&self) -> usize {
        todo!()
    }
    /// The text of a SKU.
    pub fn sku(&self, sku: SkuId) -> &str {
        todo!()
    }
    /// The number of a SKU, if it is known.
    pub fn find_sku(&self, text: &str) -> Option<SkuId> {
        todo!()
    }
    /// Whether `skus.csv` has it.
    pub fn is_declared(&self, sku: SkuId) -> bool {
        todo!()
    }
    /// Available stock by warehouse, in the SKU's units; may be negative. Warehouses without a row are left out.
    pub fn stock(&self, sku: SkuId) -> impl Iterator<Item = (WarehouseId, i64)> + '_ {
        std::iter::empty()
    }
    /// The parts of a bundle; empty for what is none.
    pub fn parts(&self, sku: SkuId) -> &[Part] {
        todo!()
    }
    /// How many listings there are; ids are `0..count`.
    pub fn listing_count(&self) -> usize {
        todo!()
    }
    /// The listings of a store, contiguous.
    pub fn listings_of_store(&self, store: StoreId) -> std::ops::Range<u32> {
        todo!()
    }
    /// The listings of a SKU in every store, by store, then in the order of the file.
    pub fn listings_of_sku(&self, sku: SkuId) -> &[ListingId] {
        todo!()
    }
    /// The merchant SKU that a listing sells.
    pub fn listing_sku(&self, listing: ListingId) -> SkuId {
        todo!()
    }
    /// The store of a listing.
    pub fn listing_store(&self, listing: ListingId) -> StoreId {
        todo!()
    }
    /// How many units of the merchant SKU one of the store SKU sells; at least 1.
    pub fn listing_units(&self, listing: ListingId) -> u32 {
        todo!()
    }
    /// The store SKU of a listing.
    pub fn store_sku(&self, listing: ListingId) -> &str {
        todo!()
    }
    /// The listing with this store SKU in this store, if it is mapped.
    pub fn find_listing(&self, store: StoreId, store_sku: &str) -> Option<ListingId> {
        todo!()
    }
}
