//! Guards: a plan that would take too much off the shelves is held until a person has looked.

use super::GuardMet;
use super::tally::StoreTally;
use crate::rules::BasisPoints;

/// The guards' limits. `None`: off.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GuardLimits {
    /// The largest share of a store's listings above 0 that may go to 0.
    pub to_zero: Option<BasisPoints>,
    /// The largest share of a store's listings that may change.
    pub changed: Option<BasisPoints>,
    /// The largest share of the last run's stock rows that may be gone.
    pub missing_stock: Option<BasisPoints>,
    /// The greatest age of stock, in seconds.
    pub max_stock_age_seconds: Option<u64>,
}

impl Default for GuardLimits {
    fn default() -> Self {
        Self {
            to_zero: Some(BasisPoints(3_000)),
            changed: None,
            missing_stock: None,
            max_stock_age_seconds: None,
        }
    }
}

/// From how many listings on `to_zero` counts: a handful is an everyday sale.
pub const TO_ZERO_LISTINGS_MIN: u64 = 10;

/// What is known of the stock that a plan rests on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StockFacts {
    /// Rows of stock.
    pub rows: u64,
    /// Rows of the last run, where one is remembered.
    pub rows_before: Option<u64>,
    /// Rows of the last run that are gone.
    pub rows_gone: u64,
    /// Age of the oldest row in seconds, where known.
    pub age_seconds: Option<i64>,
}

/// The guards that a plan meets, sorted by store, then name; those about the whole plan first.
pub fn guards(limits: &GuardLimits, stock: StockFacts, stores: &[(&str, StoreTally)]) -> Vec<GuardMet> {
    let mut met = Vec::new();
    whole_plan(limits, stock, &mut met);
    for &(name, tally) in stores {
        let changed = tally.counts.rows - tally.counts.unchanged;
        if tally.dropped >= TO_ZERO_LISTINGS_MIN {
            met.extend(share(Some(name), "to_zero", limits.to_zero, tally.dropped, tally.above_zero));
        }
        met.extend(share(Some(name), "changed", limits.changed, changed, tally.counts.rows));
    }
    met.sort();
    met
}

fn whole_plan(limits: &GuardLimits, stock: StockFacts, met: &mut Vec<GuardMet>) {
    if stock.rows == 0 {
        met.push(GuardMet {
            store: None,
            name: "empty_stock",
            limit: "1 row".into(),
            would_be: "0 rows".into(),
        });
    }
    if let Some(before) = stock.rows_before {
        met.extend(share(None, "missing_stock", limits.missing_stock, stock.rows_gone, before));
    }
    if let (Some(limit), Some(age)) = (limits.max_stock_age_seconds, stock.age_seconds)
        && i128::from(age) > i128::from(limit)
    {
        let would_be = duration(u64::try_from(age).unwrap_or(0));
        met.push(GuardMet { store: None, name: "max_stock_age", limit: duration(limit), would_be });
    }
}

/// Met where `part` of `whole` is more than the limit.
fn share(
    store: Option<&str>,
    name: &'static str,
    limit: Option<BasisPoints>,
    part: u64,
    whole: u64,
) -> Option<GuardMet> {
    let limit = limit.filter(|limit| share_is_above(*limit, part, whole))?;
    let (part, whole) = (u128::from(part), u128::from(whole));
    // Rounded up, so that a share above the limit never reads like the limit.
    let share = (part * 10_000).div_ceil(whole) as u32;
    let (limit, would_be) = (limit.to_string(), BasisPoints(share).to_string());
    Some(GuardMet { store: store.map(str::to_owned), name, limit, would_be })
}

/// Whether `part` of `whole` is more than a share.
pub fn share_is_above(limit: BasisPoints, part: u64, whole: u64) -> bool {
    let (part, whole) = (u128::from(part), u128::from(whole));
    whole > 0 && part * 10_000 > u128::from(limit.0) * whole
}

/// `90s`, `45m`, `30h`: the largest unit that loses nothing.
fn duration(seconds: u64) -> String {
    match seconds {
        _ if seconds > 0 && seconds.is_multiple_of(3_600) => format!("{}h", seconds / 3_600),
        _ if seconds > 0 && seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        _ => format!("{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Counts;

    fn store(rows: u64, unchanged: u64, above_zero: u64, dropped: u64) -> StoreTally {
        StoreTally { counts: Counts { rows, unchanged, ..Counts::default() }, above_zero, dropped }
    }

    #[track_caller]
    fn check(limits: GuardLimits, stock: StockFacts, tally: StoreTally, expect: &[&str]) {
        let met = guards(&limits, stock, &[("a", tally)]);
        let lines = met
            .iter()
            .map(|g| format!("{} {} {} {}", g.store.as_deref().unwrap_or("-"), g.name, g.limit, g.would_be));
        assert_eq!(lines.collect::<Vec<_>>(), expect);
    }

    #[test]
    fn to_zero_counts_from_ten_listings_and_above_its_limit() {
        let stock = StockFacts { rows: 1, ..StockFacts::default() };
        check(GuardLimits::default(), stock, store(100, 0, 30, 9), &[]);
        check(GuardLimits::default(), stock, store(10, 0, 9, 9), &[]);
        check(GuardLimits::default(), stock, store(100, 0, 100, 30), &[]);
        check(GuardLimits::default(), stock, store(100, 0, 100, 31), &["a to_zero 30% 31%"]);
        check(GuardLimits::default(), stock, store(9_999, 0, 9_999, 3_000), &["a to_zero 30% 30.01%"]);
    }

    #[test]
    fn the_others_are_off_until_configured_but_for_no_stock_at_all() {
        let none = StockFacts {
            rows_before: Some(10),
            rows_gone: 10,
            age_seconds: Some(90_000),
            ..StockFacts::default()
        };
        check(GuardLimits::default(), none, store(4, 0, 4, 4), &["- empty_stock 1 row 0 rows"]);
        let limits = GuardLimits {
            to_zero: None,
            changed: Some(BasisPoints(5_000)),
            missing_stock: Some(BasisPoints(1_000)),
            max_stock_age_seconds: Some(86_400),
        };
        let stock = StockFacts { rows: 8, rows_before: Some(10), rows_gone: 2, age_seconds: Some(90_000) };
        let expect = ["- max_stock_age 24h 25h", "- missing_stock 10% 20%", "a changed 50% 75%"];
        check(limits.clone(), stock, store(4, 1, 4, 0), &expect);
        let fresh = StockFacts { rows: 8, rows_before: Some(10), rows_gone: 1, age_seconds: Some(86_400) };
        check(limits, fresh, store(4, 2, 4, 0), &[]);
    }
}
