//! Bundles: SKUs that are made of others.

use super::stock::{order_by_sku, range};
use super::{Part, SkuId};

/// The parts of every bundle, found by bundle.
#[derive(Debug, Default)]
pub(super) struct Bundles {
    starts: Vec<u32>,
    parts: Vec<Part>,
}

impl Bundles {
    pub(super) fn parts(&self, sku: SkuId) -> &[Part] {
        self.parts.get(range(&self.starts, sku)).unwrap_or_default()
    }

    /// From rows of bundle and part; a bundle's parts keep their order.
    pub(super) fn new(rows: &[(u32, Part)], sku_count: usize) -> Self {
        if rows.is_empty() {
            return Self::default();
        }
        let (starts, order) = order_by_sku(rows.iter().map(|&(bundle, _)| bundle), sku_count);
        let parts = order.iter().filter_map(|&row| rows.get(row as usize)).map(|&(_, part)| part).collect();
        Self { starts, parts }
    }
}
