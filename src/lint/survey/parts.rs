//! Stock that is sold more than once: by the listings of one SKU, and by those of every bundle that it is a part of.

use super::{OfRule, Taken};
use crate::catalog::{Catalog, SkuId};
use crate::eval::available;
use crate::lint::oversell_risk::Oversold;
use crate::rules::RuleSet;

/// By SKU: whether a bundle holds it. Empty where there is no bundle.
pub(super) struct Bundled(Vec<bool>);

/// What is shown of parts of bundles, until every bundle has been seen.
pub(super) struct Parts<'a> {
    bundled: &'a Bundled,
    shown: Vec<ShownPart>,
}

/// What one SKU shows of one part.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct ShownPart {
    rank: u32,
    part: SkuId,
    units: u128,
    /// It is a bundle that is counted already by its own listings.
    counted: bool,
}

impl Bundled {
    pub(super) fn of(catalog: &Catalog) -> Self {
        let mut is_part = Vec::new();
        for bundle in (0..catalog.sku_count() as u32).map(SkuId) {
            for part in catalog.parts(bundle) {
                is_part.resize(catalog.sku_count(), false);
                if let Some(is_part) = is_part.get_mut(part.sku.0 as usize) {
                    *is_part = true;
                }
            }
        }
        Self(is_part)
    }

    /// Whether a bundle holds it.
    pub(super) fn has(&self, sku: SkuId) -> bool {
        self.0.get(sku.0 as usize).copied().unwrap_or(false)
    }
}

impl<'a> Parts<'a> {
    pub(super) fn of(bundled: &'a Bundled) -> Self {
        Self { bundled, shown: Vec::new() }
    }

    /// Takes in what others counted.
    pub(super) fn append(&mut self, mut others: Self) {
        self.shown.append(&mut others.shown);
    }

    /// Counts what the listings of a SKU show together.
    pub(super) fn count(
        &mut self,
        taken: &Taken<'_>,
        rank: usize,
        catalog: &Catalog,
        oversold: &mut Oversold,
    ) {
        let units =
            taken.listings.iter().map(|shown| u128::from(shown.planned) * u128::from(shown.units)).sum();
        if units == 0 {
            return;
        }
        let rank = rank as u32;
        if self.bundled.has(taken.sku) {
            self.shown.push(ShownPart { rank, part: taken.sku, units, counted: false });
            return;
        }
        let counted = oversold.count(taken.sku, units, taken.available);
        let parts = catalog.parts(taken.sku).iter();
        self.shown.extend(parts.map(|part| {
            let units = units.saturating_mul(u128::from(part.units));
            ShownPart { rank, part: part.sku, units, counted }
        }));
    }

    /// Counts the parts, each with everything that sells it under one rule.
    pub(super) fn finish(mut self, rules: &RuleSet, catalog: &Catalog, of_rules: &mut [OfRule]) {
        self.shown.sort_unstable();
        for sellers in self.shown.chunk_by(|one, other| (one.rank, one.part) == (other.rank, other.part)) {
            let Some(first) = sellers.first() else { continue };
            // One bundle alone: what is wrong with the part is what is wrong with the bundle.
            if sellers.len() == 1 && first.counted {
                continue;
            }
            let rank = first.rank as usize;
            if let (Some(rule), Some(of_rule)) = (rules.rules().get(rank), of_rules.get_mut(rank)) {
                let units = sellers.iter().fold(0, |sum: u128, seller| sum.saturating_add(seller.units));
                of_rule.oversold.count(first.part, units, available(rule, catalog, first.part));
            }
        }
    }
}
