//! The ways that a number can go, which of them a rule's fields make, and which of them any stock goes.

use crate::check::Fields;
use crate::check::fields::LevelFields;
use crate::eval::{Branch, Working, numbers};
use crate::rules::{Levels, Rule, StoreId};
use crate::source::Span;
use std::collections::BTreeSet;

/// A turn that a number takes because of the rule's field or, where `store` is given, because of that store's own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Way {
    pub(super) turn: Turn,
    pub(super) store: Option<StoreId>,
}

impl Way {
    /// A test looked at the rule while it was not active.
    pub(super) const OUTSIDE: Way = Way { turn: Turn::Outside, store: None };
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Turn {
    Outside,
    Below,
    NotBelow,
    Kept,
    Held,
    Free,
    HeldBack,
    Taken,
    Added,
    Rounded,
    Shared,
    Whole,
    Raised,
    NotRaised,
    Lowered,
    NotLowered,
}

impl Turn {
    /// The key of the field that makes it.
    pub(super) const fn field(self) -> &'static str {
        self.facts().0
    }

    /// What it is called.
    pub(super) const fn name(self) -> &'static str {
        self.facts().1
    }

    /// What the tests lack where none took it.
    pub(super) const fn missing(self) -> &'static str {
        self.facts().2
    }

    const fn facts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Turn::Outside => ("active", "outside", "no moment outside it"),
            Turn::Below => ("threshold", "below", "no stock below it"),
            Turn::NotBelow => ("threshold", "not-below", "no stock that is enough"),
            Turn::Kept => ("priority", "kept", "its own store unchecked while it holds"),
            Turn::Held => ("priority", "held", "no other store checked while it holds"),
            Turn::Free => ("priority", "free", "no stock with which it does not hold"),
            Turn::HeldBack => ("reserve", "held-back", "no stock to hold back from"),
            Turn::Taken => ("rate", "taken", "no number that it gives"),
            Turn::Added => ("plus", "added", "no number that it adds to"),
            Turn::Rounded => ("round", "rounded", "no number that it rounds"),
            Turn::Shared => ("split", "shared", "no shares checked"),
            Turn::Whole => ("split", "whole", "no pool kept whole by priority"),
            Turn::Raised => ("floor", "raised", "no number that it raises"),
            Turn::NotRaised => ("floor", "not-raised", "no number that it leaves"),
            Turn::Lowered => ("cap", "lowered", "no number that it lowers"),
            Turn::NotLowered => ("cap", "not-lowered", "no number that it leaves"),
        }
    }
}

/// Every way of the fields that are written, with the place of its field.
pub(super) fn written(fields: &Fields) -> Vec<(Way, Span)> {
    let mut ways = Vec::new();
    let mut put = |span: Option<Span>, turns: &[Turn]| {
        ways.extend(
            span.iter().flat_map(|&span| turns.iter().map(move |&turn| (Way { turn, store: None }, span))),
        );
    };
    put(fields.active.map(|active| active.span), &[Turn::Outside]);
    put(fields.threshold.map(|threshold| threshold.span), &[Turn::Below, Turn::NotBelow]);
    put(fields.priority.map(|priority| priority.span), &[Turn::Kept, Turn::Held, Turn::Free]);
    let split = fields.split.iter().flatten().find_map(|part| part.store);
    put(
        split.map(|store| store.span),
        if fields.priority.is_some() { &[Turn::Shared, Turn::Whole] } else { &[Turn::Shared] },
    );
    written_levels(&fields.levels, None, &mut ways);
    for block in &fields.overrides {
        if let Some(store) = block.store {
            written_levels(&block.levels, Some(store.value), &mut ways);
        }
    }
    ways
}

fn written_levels(levels: &LevelFields, store: Option<StoreId>, ways: &mut Vec<(Way, Span)>) {
    let LevelFields { reserve, rate, plus, round, floor, cap } = levels;
    let mut put = |span: Option<Span>, turns: &[Turn]| {
        ways.extend(span.iter().flat_map(|&span| turns.iter().map(move |&turn| (Way { turn, store }, span))));
    };
    put(reserve.map(|field| field.span), &[Turn::HeldBack]);
    put(rate.map(|field| field.span), &[Turn::Taken]);
    put(plus.map(|field| field.span), &[Turn::Added]);
    put(round.map(|field| field.span), &[Turn::Rounded]);
    put(floor.map(|field| field.span), &[Turn::Raised, Turn::NotRaised]);
    put(cap.map(|field| field.span), &[Turn::Lowered, Turn::NotLowered]);
}

/// Adds the ways that one store's number went, of `available` units. Fields that are not written are among them.
pub(super) fn reached(
    rule: &Rule,
    fields: &Fields,
    store: StoreId,
    available: u64,
    working: &Working,
    ways: &mut BTreeSet<Way>,
) {
    let mut turn = |turn| ways.insert(Way { turn, store: None });
    turn(if working.branch == Branch::BelowThreshold { Turn::Below } else { Turn::NotBelow });
    match working.branch {
        Branch::BelowThreshold => return,
        Branch::Held => {
            turn(Turn::Held);
            return;
        }
        Branch::Priority => turn(Turn::Kept),
        Branch::Open => turn(Turn::Free),
    };
    turn(if working.branch == Branch::Priority { Turn::Whole } else { Turn::Shared });
    let line = rule.stores.iter().find(|line| line.store == store);
    let own = fields.overrides.iter().find(|block| block.store.is_some_and(|named| named.value == store));
    if let Some(line) = line {
        let levels = if rule.split.is_some() { &rule.levels } else { &line.levels };
        let own = own.map(|block| (store, &block.levels));
        reached_levels(levels, own, available, working, ways);
    }
}

fn reached_levels(
    levels: &Levels,
    own: Option<(StoreId, &LevelFields)>,
    available: u64,
    working: &Working,
    ways: &mut BTreeSet<Way>,
) {
    // Whose field it is that makes the turn.
    let mut turn = |turn: Turn, is_own: fn(&LevelFields) -> bool| {
        let store = own.filter(|(_, levels)| is_own(levels)).map(|(store, _)| store);
        ways.insert(Way { turn, store });
    };
    if working.sellable < available {
        turn(Turn::HeldBack, |own| own.reserve.is_some());
    }
    turn(Turn::Taken, |own| own.rate.is_some());
    if u128::from(working.sellable) * u128::from(levels.rate.0) % 10_000 != 0 {
        turn(Turn::Rounded, |own| own.round.is_some());
    }
    if levels.plus > 0 {
        turn(Turn::Added, |own| own.plus.is_some());
    }
    let raised = working.floored > working.quantity;
    turn(if raised { Turn::Raised } else { Turn::NotRaised }, |own| own.floor.is_some());
    let lowered = working.capped < working.floored;
    turn(if lowered { Turn::Lowered } else { Turn::NotLowered }, |own| own.cap.is_some());
}

/// The ways that some stock goes. Every number is a step or a ramp between the stocks that are tried: if none of them
/// goes a way, no stock does.
pub(super) fn reachable(rule: &Rule, fields: &Fields) -> BTreeSet<Way> {
    let mut ways = BTreeSet::from([Way::OUTSIDE]);
    let mut shown = Vec::new();
    let mut look = |rule: &Rule, levels: &Levels| {
        for available in turning_points(rule, levels) {
            numbers(rule, available, &mut shown);
            for (store, working) in &shown {
                reached(rule, fields, *store, available, working, &mut ways);
            }
        }
    };
    if rule.split.is_some() {
        look(rule, &rule.levels);
    } else {
        // One store at a time, each at its own points: stores do not touch each other without a split.
        let mut alone = rule.clone();
        for line in &rule.stores {
            alone.stores = vec![*line];
            look(&alone, &line.levels);
        }
    }
    ways
}

/// The stocks at which something begins or ends, and the largest that a test can give.
fn turning_points(rule: &Rule, levels: &Levels) -> BTreeSet<u64> {
    let largest = u64::from(u32::MAX) * rule.warehouses.len() as u64;
    let mut points = BTreeSet::from([0, largest, largest - 1]);
    let below = rule.priority.map_or(0, |priority| priority.below);
    for edge in [rule.threshold, below, levels.reserve, levels.floor].map(u64::from) {
        points.extend([edge.saturating_sub(1), edge, edge + 1]);
    }
    points.retain(|&point| point <= largest);
    points
}
