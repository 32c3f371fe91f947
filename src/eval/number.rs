//! Steps 3 to 8: what each store of a rule shows of `A` units available.

use super::split::shares;
use crate::plan::Reason;
use crate::rules::{Levels, Round, Rule, StoreId, StoreLevels};

/// Which way a number went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Branch {
    /// Available is below the threshold.
    BelowThreshold,
    /// Priority holds for another store.
    Held,
    /// Priority holds for this store.
    Priority,
    /// Neither.
    Open,
}

/// One store's number with what led to it, in units of the merchant SKU.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Working {
    /// Which way it went. On the first two, every number below is 0.
    pub branch: Branch,
    /// `S`: available less the reserve.
    pub sellable: u64,
    /// `S` × rate, rounded, without `plus`.
    pub rated: u64,
    /// What the store has before floor and cap: rated + plus, or its share of the pool.
    pub quantity: u64,
    /// After the floor.
    pub floored: u64,
    /// After the cap: the store's number.
    pub capped: u64,
    /// Why it is what it is.
    pub reason: Reason,
}

/// What each store of the rule shows of `available` units, sorted by store, into `out`, which is emptied first.
pub fn numbers(rule: &Rule, available: u64, out: &mut Vec<(StoreId, Working)>) {
    let pool = rule.split.as_ref().map(|weights| (rate(&rule.levels, available), weights));
    let rated = pool.as_ref().map(|(rated, _)| *rated);
    out.clear();
    out.extend(rule.stores.iter().map(|line| (line.store, working(rule, line, rated, available))));
    if let Some((pool, weights)) = pool
        && out.iter().all(|(_, working)| working.branch == Branch::Open)
    {
        share_out(pool, weights, rule, available, out);
    }
}

/// What one store shows under a rule that shares no pool, as [`numbers`] has it.
pub(super) fn number(rule: &Rule, line: &StoreLevels, available: u64) -> Working {
    working(rule, line, None, available)
}

/// Steps 3 to 6, and 8 of what the store has then: of the pool, where there is one.
fn working(rule: &Rule, line: &StoreLevels, pool: Option<Rated>, available: u64) -> Working {
    if available < u64::from(rule.threshold) {
        return nothing(Branch::BelowThreshold, Reason::BelowThreshold);
    }
    let holder = rule.priority.filter(|priority| available < u64::from(priority.below));
    let branch = match holder {
        Some(priority) if priority.store != line.store => {
            return nothing(Branch::Held, Reason::HeldForPriority);
        }
        Some(_) => Branch::Priority,
        None => Branch::Open,
    };
    finish(branch, pool.unwrap_or_else(|| rate(&line.levels, available)), &line.levels, available)
}

/// Replaces each store's pool by its share.
fn share_out(
    pool: Rated,
    weights: &[(StoreId, u32)],
    rule: &Rule,
    available: u64,
    out: &mut [(StoreId, Working)],
) {
    let shares = shares(pool.quantity, weights);
    for ((store, working), line) in out.iter_mut().zip(&rule.stores) {
        let share = weights.iter().zip(&shares).find(|((named, _), _)| named == store);
        let quantity = share.map_or(0, |(_, &units)| units);
        *working = finish(Branch::Open, Rated { quantity, ..pool }, &line.levels, available);
        if working.reason == Reason::Rate {
            working.reason = Reason::Split;
        }
    }
}

#[derive(Clone, Copy)]
struct Rated {
    sellable: u64,
    rated: u64,
    quantity: u64,
}

/// Steps 5 and 6.
fn rate(levels: &Levels, available: u64) -> Rated {
    let sellable = available.saturating_sub(u64::from(levels.reserve));
    // 128 bits: 2^64 units × 100 000 basis points fit.
    let product = u128::from(sellable) * u128::from(levels.rate.0);
    let above = match levels.round {
        Round::Down => 0,
        Round::Nearest => 5_000,
        Round::Up => 9_999,
    };
    let rated = match u64::try_from(product + above) {
        // Nearly always, and much faster than the division of 128 bits.
        Ok(product) => product / 10_000,
        Err(_) => u64::try_from((product + above) / 10_000).unwrap_or(u64::MAX),
    };
    Rated { sellable, rated, quantity: rated.saturating_add(u64::from(levels.plus)) }
}

/// Step 8.
fn finish(branch: Branch, rated: Rated, levels: &Levels, available: u64) -> Working {
    let Rated { sellable, rated, quantity } = rated;
    let mut reason = if branch == Branch::Priority { Reason::Priority } else { Reason::Rate };
    let lowest = u64::from(levels.floor).min(available);
    let floored = quantity.max(lowest);
    if floored > quantity {
        reason = Reason::Floor;
    }
    let capped = levels.cap.map_or(floored, |cap| floored.min(u64::from(cap)));
    if capped < floored {
        reason = Reason::Cap;
    }
    Working { branch, sellable, rated, quantity, floored, capped, reason }
}

fn nothing(branch: Branch, reason: Reason) -> Working {
    Working { branch, sellable: 0, rated: 0, quantity: 0, floored: 0, capped: 0, reason }
}
