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

/// A rule's warehouses, to be asked for the stock of many SKUs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places<'r> {
    rule: &'r Rule,
    /// Bit n: whether warehouse n is one of them. `None` where there is one that has no bit.
    bits: Option<u64>,
}

impl<'r> Places<'r> {
    pub(super) fn of(rule: &'r Rule) -> Self {
        let bit = |warehouse: &WarehouseId| 1_u64.checked_shl(warehouse.0.into());
        let bits = rule.warehouses.iter().try_fold(0, |bits, warehouse| Some(bits | bit(warehouse)?));
        Self { rule, bits }
    }

    /// As [`available`] has it.
    pub(super) fn available(self, catalog: &Catalog, sku: SkuId) -> u64 {
        let Some(bits) = self.bits.filter(|_| catalog.parts(sku).is_empty()) else {
            return available(self.rule, catalog, sku);
        };
        let sum = catalog.stock(sku).fold(0_i64, |sum, (warehouse, units)| {
            let is_one = bits.checked_shr(warehouse.0.into()).is_some_and(|bits| bits & 1 != 0);
            sum.saturating_add(if is_one { units } else { 0 })
        });
        u64::try_from(sum).unwrap_or(0)
    }
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
