//! Two sets of rules over one snapshot of the catalog: which numbers differ, and by which rules.

mod limits;

pub use limits::{Limit, LimitFault, Metric};

use crate::catalog::{Catalog, ListingId, SkuId};
use crate::eval::{Desired, eval};
use crate::plan::Reason;
use crate::rules::{RuleSet, StoreId};
use jiff::Timestamp;

/// What one side gives a listing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Given {
    /// Units of the store SKU.
    pub quantity: u64,
    /// Why.
    pub reason: Reason,
    /// The rule, as an index into [`RuleSet::rules`] of its side.
    pub rule: usize,
}

/// A listing for which the two sides differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Difference {
    /// Which.
    pub listing: ListingId,
    /// What the old rules give; `None` where they leave it alone.
    pub old: Option<Given>,
    /// What the new rules give.
    pub new: Option<Given>,
}

/// What becomes of a listing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Effect {
    /// From above 0 to 0.
    ToZero,
    /// Lower, still above 0.
    Lower,
    /// Higher.
    Raise,
    /// No rule takes it any more: it keeps what it shows.
    LeftAlone,
    /// A rule takes it that none took before.
    Taken,
}

impl Effect {
    /// All of them, the worst first.
    pub const ALL: [Effect; 5] =
        [Effect::ToZero, Effect::Lower, Effect::Raise, Effect::LeftAlone, Effect::Taken];

    /// As it stands in output.
    pub const fn name(self) -> &'static str {
        match self {
            Effect::ToZero => "to_zero",
            Effect::Lower => "lower",
            Effect::Raise => "raise",
            Effect::LeftAlone => "left_alone",
            Effect::Taken => "taken",
        }
    }
}

impl Difference {
    /// What becomes of the listing.
    pub fn effect(&self) -> Effect {
        match (self.old, self.new) {
            (None, _) => Effect::Taken,
            (Some(_), None) => Effect::LeftAlone,
            (Some(old), Some(new)) if new.quantity > old.quantity => Effect::Raise,
            (Some(_), Some(new)) if new.quantity > 0 => Effect::Lower,
            _ => Effect::ToZero,
        }
    }

    /// By how many units the number differs; what is left alone counts as 0.
    pub fn units(&self) -> i128 {
        let units = |given: Option<Given>| given.map_or(0, |given| i128::from(given.quantity));
        units(self.new) - units(self.old)
    }
}

/// How many listings, by what becomes of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Listings that either side takes.
    pub rows: u64,
    /// Those of them that show more than 0 under the old rules.
    pub above_zero: u64,
    /// By [`Effect`], in the order of [`Effect::ALL`].
    pub effects: [u64; 5],
}

impl Counts {
    /// How many have an effect.
    pub fn of(&self, effect: Effect) -> u64 {
        let at = Effect::ALL.iter().position(|one| *one == effect);
        at.and_then(|at| self.effects.get(at)).copied().unwrap_or(0)
    }

    /// How many differ.
    pub fn changed(&self) -> u64 {
        self.effects.iter().sum()
    }

    fn add(&mut self, effect: Effect) {
        let at = Effect::ALL.iter().position(|one| *one == effect);
        at.and_then(|at| self.effects.get_mut(at)).into_iter().for_each(|count| *count += 1);
    }
}

/// What the two sides give.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Comparison {
    /// The listings that differ: the worst effect first, then the largest difference, then by store and store SKU.
    pub rows: Vec<Difference>,
    /// All listings.
    pub total: Counts,
    /// By store, in the order of the catalog's.
    pub stores: Vec<Counts>,
}

/// Compares what two sets of rules give at one moment, before the stores' own bounds. Both are numbered like the catalog, and so are the names
/// of `stores`.
pub fn compare(
    old: &RuleSet,
    new: &RuleSet,
    catalog: &Catalog,
    stores: &[String],
    at: Timestamp,
) -> Comparison {
    let (was, is) = (eval(old, catalog, at, &[]), eval(new, catalog, at, &[]));
    let mut comparison =
        Comparison { stores: vec![Counts::default(); stores.len()], ..Comparison::default() };
    for (store, counts) in comparison.stores.iter_mut().enumerate() {
        for listing in catalog.listings_of_store(StoreId(store as u16)).map(ListingId) {
            let sku = catalog.listing_sku(listing);
            let (old, new) = (given(&was, listing, sku), given(&is, listing, sku));
            if old.is_none() && new.is_none() {
                continue;
            }
            counts.rows += 1;
            counts.above_zero += u64::from(old.is_some_and(|old| old.quantity > 0));
            let quantity = |given: Option<Given>| given.map(|given| given.quantity);
            if quantity(old) != quantity(new) {
                let row = Difference { listing, old, new };
                counts.add(row.effect());
                comparison.rows.push(row);
            }
        }
    }
    let mut total = Counts::default();
    for counts in &comparison.stores {
        total.rows += counts.rows;
        total.above_zero += counts.above_zero;
        total.effects.iter_mut().zip(counts.effects).for_each(|(sum, count)| *sum += count);
    }
    comparison.total = total;
    comparison.rows.sort_by(|a, b| {
        let key = |row: &Difference| (row.effect(), std::cmp::Reverse(row.units().unsigned_abs()));
        let store = |row: &Difference| stores.get(usize::from(catalog.listing_store(row.listing).0));
        let name = |row: &Difference| (store(row), catalog.store_sku(row.listing));
        key(a).cmp(&key(b)).then_with(|| name(a).cmp(&name(b)))
    });
    comparison
}

fn given(desired: &Desired, listing: ListingId, sku: SkuId) -> Option<Given> {
    let number = desired.number(listing)?;
    Some(Given { quantity: number.planned, reason: number.reason, rule: desired.winner(sku)? })
}

#[cfg(test)]
mod tests;
