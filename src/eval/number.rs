//! Steps 3 to 8: what each store of a rule shows of `A` units available.

use super::split::shares;
use crate::plan::Reason;
use crate::rules::{Levels, Round, Rule, StoreId};

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
    out.clear();
    if available < u64::from(rule.threshold) {
        let working = nothing(Branch::BelowThreshold, Reason::BelowThreshold);
        out.extend(rule.stores.iter().map(|line| (line.store, working)));
        return;
    }
    let holder = rule.priority.filter(|priority| available < u64::from(priority.below));
    let pool = rule.split.as_ref().map(|weights| (rate(&rule.levels, available), weights));
    for line in &rule.stores {
        let branch = match holder {
            Some(priority) if priority.store != line.store => {
                out.push((line.store, nothing(Branch::Held, Reason::HeldForPriority)));
                continue;
            }
            Some(_) => Branch::Priority,
            None => Branch::Open,
        };
        let rated = pool.as_ref().map_or_else(|| rate(&line.levels, available), |(pool, _)| *pool);
        out.push((line.store, finish(branch, rated, &line.levels, available)));
    }
    if let (Some((pool, weights)), None) = (pool, holder) {
        share_out(pool, weights, rule, available, out);
    }
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
    let rounded = match levels.round {
        Round::Down => product / 10_000,
        Round::Nearest => (product + 5_000) / 10_000,
        Round::Up => product.div_ceil(10_000),
    };
    let rated = u64::try_from(rounded).unwrap_or(u64::MAX);
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
