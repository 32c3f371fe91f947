//! What a store shows, reckoned for many listings one behind the other: no branch on the way depends on the stock, so that the processor
//! never guesses wrong.
//!
//! [`number`](super::number::number) and [`listed`](super::listed) say the same plainly, and the tests hold it to them.

use super::Bounds;
use crate::plan::Reason;
use crate::rules::{Levels, Round, Rule, StoreId};

/// Less than this, times any rate, fits into 64 bits.
const AVAILABLE_MAX: u64 = 1 << 31;

/// A store in a rule, as numbers: there is no threshold, priority or cap that is not there.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Line {
    /// Whether the rule writes the store.
    takes: bool,
    /// Whether the store has a share of a pool, which is not reckoned here.
    pub(super) shares: bool,
    threshold: u32,
    /// Another store keeps what is below this.
    held_below: u32,
    /// This one does.
    keeps_below: u32,
    reserve: u32,
    rate: u32,
    /// What is added before basis points are taken off, so that the result is rounded.
    above: u32,
    plus: u32,
    floor: u32,
    cap: u64,
}

impl Line {
    /// A store in a rule; none where the rule does not write it.
    pub(super) fn of(rule: &Rule, store: StoreId) -> Self {
        let found = rule.stores.binary_search_by_key(&store, |line| line.store).ok();
        let Some(line) = found.and_then(|at| rule.stores.get(at)) else { return Self::default() };
        let Levels { reserve, rate, plus, round, floor, cap } = line.levels;
        let below = |own: bool| {
            rule.priority.filter(|priority| (priority.store == store) == own).map_or(0, |one| one.below)
        };
        Self {
            takes: true,
            shares: rule.split.is_some(),
            threshold: rule.threshold,
            held_below: below(false),
            keeps_below: below(true),
            reserve,
            rate: rate.0,
            above: match round {
                Round::Down => 0,
                Round::Nearest => 5_000,
                Round::Up => 9_999,
            },
            plus,
            floor,
            cap: cap.map_or(u64::MAX, u64::from),
        }
    }

    /// What a listing of `units` shows of what is available, and why, if the rule writes it. `None` where that is too much to be reckoned with
    /// here.
    pub(super) fn number(&self, available: u64, units: u32, bounds: Bounds) -> Option<(u64, Option<Reason>)> {
        if available >= AVAILABLE_MAX {
            return None;
        }
        let below = |limit: u32| available < u64::from(limit);
        let sellable = available.saturating_sub(u64::from(self.reserve));
        let rated = (sellable * u64::from(self.rate) + u64::from(self.above)) / 10_000;
        let quantity = rated + u64::from(self.plus);
        let floored = quantity.max(available.min(u64::from(self.floor)));
        let capped = floored.min(self.cap);
        let mut reason = if below(self.keeps_below) { Reason::Priority } else { Reason::Rate };
        reason = if floored > quantity { Reason::Floor } else { reason };
        reason = if capped < floored { Reason::Cap } else { reason };
        reason = if below(self.held_below) { Reason::HeldForPriority } else { reason };
        reason = if below(self.threshold) { Reason::BelowThreshold } else { reason };
        let nothing = below(self.threshold) | below(self.held_below) | !self.takes;
        let shown = if nothing { 0 } else { capped };
        // Most sell one unit, and a division takes long.
        let shown = if units <= 1 { shown } else { shown / u64::from(units) };
        reason = if shown > bounds.max { Reason::StoreLimit } else { reason };
        Some((shown.min(bounds.max), if self.takes { Some(reason) } else { None }))
    }
}
