//! Step 2: available stock.

use crate::catalog::{Catalog, SkuId};
use crate::rules::{Rule, WarehouseId};

/// Available stock of a SKU in the rule's warehouses, `A`: the sum first, then never below 0. A bundle has, in each
/// warehouse, what its scarcest part allows.
pub fn available(rule: &Rule, catalog: &Catalog, sku: SkuId) -> u64 {
    available_in(&rule.warehouses, catalog, sku)
}

/// The same in warehouses of one's choice.
pub fn available_in(warehouses: &[WarehouseId], catalog: &Catalog, sku: SkuId) -> u64 {
    if catalog.parts(sku).is_empty() {
        let sum: i64 = catalog
            .stock(sku)
            .filter(|(warehouse, _)| warehouses.contains(warehouse))
            .map(|(_, units)| units)
            .fold(0, i64::saturating_add);
        return u64::try_from(sum).unwrap_or(0);
    }
    warehouses.iter().map(|&warehouse| bundles_in(catalog, sku, warehouse)).fold(0, u64::saturating_add)
}

/// How many of a bundle can be put together in one warehouse.
pub(super) fn bundles_in(catalog: &Catalog, bundle: SkuId, warehouse: WarehouseId) -> u64 {
    let parts = catalog.parts(bundle).iter();
    parts
        .map(|part| {
            let row = catalog.stock(part.sku).find(|&(place, _)| place == warehouse);
            let units = row.map_or(0, |(_, units)| u64::try_from(units).unwrap_or(0));
            units / u64::from(part.units.max(1))
        })
        .min()
        .unwrap_or(0)
}
