//! A catalog from rows that are in memory already: the rules' own tests, and ours.

use super::bundles::Bundles;
use super::listings::{Mapping, Mappings};
use super::stock::{StockRow, StockRows};
use super::{Catalog, Part, SkuId};
use crate::rules::{StoreId, WarehouseId};

/// Rows in memory, every cell as it would stand in a table. A row of a store or warehouse that is not declared, and a
/// mapping of a store SKU that is mapped already, is left out: who has such rows reports them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rows<'a> {
    /// The declared warehouses.
    pub warehouses: &'a [String],
    /// The declared stores.
    pub stores: &'a [String],
    /// Declared SKUs.
    pub skus: &'a [&'a str],
    /// SKU, warehouse, available.
    pub stock: &'a [(&'a str, &'a str, i64)],
    /// SKU, store, store SKU, units.
    pub mappings: &'a [(&'a str, &'a str, &'a str, u32)],
    /// Bundle, part, units.
    pub bundles: &'a [(&'a str, &'a str, u32)],
}

impl Catalog {
    /// The catalog of these rows.
    pub fn build(rows: Rows<'_>) -> Catalog {
        let mut catalog = Catalog {
            warehouses: rows.warehouses.to_vec(),
            stores: rows.stores.to_vec(),
            ..Catalog::default()
        };
        for sku in rows.skus {
            catalog.skus.intern(sku);
        }
        catalog.declared = catalog.skus.len() as u32;
        let parts = catalog.build_parts(rows.bundles);
        let stock = catalog.build_stock(rows.stock);
        let mappings = catalog.build_mappings(rows.mappings);
        let count = catalog.skus.len();
        catalog.bundles = Bundles::new(&parts, count);
        catalog.stock = stock.sort(count).0;
        catalog.listings = mappings.finish(count);
        catalog
    }

    /// The stock file was changed last at this moment.
    #[cfg(all(test, feature = "cli"))]
    pub(crate) fn set_stock_modified(&mut self, modified: Option<jiff::Timestamp>) {
        self.stock_modified = modified;
    }

    fn build_parts(&mut self, rows: &[(&str, &str, u32)]) -> Vec<(u32, Part)> {
        let mut parts = Vec::new();
        for &(bundle, part, units) in rows {
            if let (Some(bundle), Some(part)) = (self.skus.intern(bundle), self.skus.intern(part)) {
                parts.push((bundle.0, Part { sku: SkuId(part.0), units: units.max(1) }));
            }
        }
        parts
    }

    fn build_stock(&mut self, rows: &[(&str, &str, i64)]) -> StockRows {
        let mut stock = StockRows::default();
        for &(sku, warehouse, available) in rows {
            let place = self.warehouses.iter().position(|name| name == warehouse);
            if let (Some(place), Some((sku, _))) = (place, self.skus.intern(sku)) {
                let warehouse = WarehouseId(place as u16);
                stock.push(StockRow { sku, warehouse, available, as_of: None, at: 0 });
            }
        }
        stock
    }

    fn build_mappings(&mut self, rows: &[(&str, &str, &str, u32)]) -> Mappings {
        let mut mappings = Mappings::new(self.stores.len());
        for &(sku, store, store_sku, units) in rows {
            let place = self.stores.iter().position(|name| name == store);
            if let (Some(place), Some((sku, _))) = (place, self.skus.intern(sku)) {
                let store = StoreId(place as u16);
                mappings.push(Mapping { sku, store, store_sku, units: units.max(1), at: 0 });
            }
        }
        mappings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::ListingId;

    fn catalog() -> Catalog {
        Catalog::build(Rows {
            warehouses: &["jkt".into(), "btm".into()],
            stores: &["a".into(), "b".into(), "c".into()],
            skus: &["S1", "S2", "KIT"],
            stock: &[
                ("S2", "btm", -3),
                ("S1", "btm", 7),
                ("S1", "jkt", 5),
                ("S1", "nowhere", 1),
                ("NEW", "jkt", 1),
            ],
            mappings: &[
                ("S2", "c", "c-2", 1),
                ("S1", "a", "a-1", 1),
                ("S1", "c", "c-1x6", 6),
                ("S1", "c", "c-1", 1),
                ("S2", "nowhere", "x", 1),
                ("S2", "c", "c-1", 1),
            ],
            bundles: &[("KIT", "S2", 2), ("KIT", "S1", 1)],
        })
    }

    #[test]
    fn stock_is_found_by_sku_and_sorted_by_warehouse() {
        let catalog = catalog();
        let stock = |sku| -> Vec<(u16, i64)> {
            let sku = catalog.find_sku(sku).unwrap_or(SkuId(99));
            catalog.stock(sku).map(|(warehouse, quantity)| (warehouse.0, quantity)).collect()
        };
        assert_eq!(stock("S1"), [(0, 5), (1, 7)]);
        assert_eq!(stock("S2"), [(1, -3)]);
        assert_eq!(stock("NEW"), [(0, 1)]);
        assert_eq!(stock("KIT"), []);
        assert_eq!(stock("not there"), []);
        assert_eq!(catalog.stock_row_count(), 4);
        assert_eq!((catalog.stock_as_of(), catalog.stock_has_as_of()), (None, false));
    }

    #[test]
    fn declared_skus_come_first() {
        let catalog = catalog();
        assert_eq!(catalog.sku_count(), 4);
        let known: Vec<_> =
            (0..4).map(|id| (catalog.sku(SkuId(id)), catalog.is_declared(SkuId(id)))).collect();
        assert_eq!(known, [("S1", true), ("S2", true), ("KIT", true), ("NEW", false)]);
    }

    #[test]
    fn listings_are_contiguous_by_store_and_found_by_sku() {
        let catalog = catalog();
        let c = StoreId(2);
        assert_eq!(catalog.listing_count(), 4);
        assert_eq!(catalog.listings_of_store(StoreId(0)), 0..1);
        assert_eq!(catalog.listings_of_store(StoreId(1)), 1..1);
        assert_eq!(catalog.listings_of_store(c), 1..4);
        let texts: Vec<_> = catalog.listings_of_store(c).map(|id| catalog.store_sku(ListingId(id))).collect();
        assert_eq!(texts, ["c-2", "c-1x6", "c-1"]);
        assert_eq!(catalog.listings_of_sku(SkuId(0)), [ListingId(0), ListingId(2), ListingId(3)]);
        assert_eq!(catalog.find_listing(c, "c-1"), Some(ListingId(3)));
        assert_eq!(catalog.find_listing(StoreId(0), "c-1"), None);
        let six = ListingId(2);
        assert_eq!(
            (catalog.listing_sku(six), catalog.listing_store(six), catalog.listing_units(six)),
            (SkuId(0), c, 6)
        );
        assert_eq!(catalog.listing_units(ListingId(0)), 1);
        for sku in (0..5).map(SkuId) {
            let listings = catalog.listings_of_sku(sku).iter();
            let asked: Vec<_> = listings
                .map(|&listing| (catalog.listing_store(listing), catalog.listing_units(listing)))
                .collect();
            assert_eq!(catalog.offers_of_sku(sku).collect::<Vec<_>>(), asked);
        }
        assert_eq!(catalog.listing_sku(ListingId(3)), SkuId(0), "the first mapping of a store SKU stays");
    }

    #[test]
    fn parts_keep_their_order() {
        let catalog = catalog();
        let parts: Vec<_> = catalog.parts(SkuId(2)).iter().map(|part| (part.sku.0, part.units)).collect();
        assert_eq!(parts, [(1, 2), (0, 1)]);
        assert_eq!(catalog.parts(SkuId(0)), []);
    }
}
