//! What has become of an order: a function of the set of its events, whatever order they came in.
//!
//! The newest of its placements and edits says what was ordered. Cancelled and shipped units add up over events; shipped ones
//! are gone, whatever was cancelled later. More than was ordered can be neither shipped nor cancelled, and more than was kept
//! cannot come back, so that a store that tells something twice under two ids does no harm.

use super::event::{Line, OrderChange, PartOfLine};
use super::{Event, Kept, What};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// An order, as its events tell it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct OrderState {
    /// When it was placed; of one that was only edited, when that was.
    pub(super) placed_at: Option<Timestamp>,
    /// Its lines, by line.
    pub(super) lines: BTreeMap<String, LineState>,
}

/// A line. Numbers are units of the store SKU.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct LineState {
    pub(super) store_sku: String,
    /// Ordered and not shipped yet.
    pub(super) open: u64,
    /// Shipped, and when, by moment.
    pub(super) shipped: Vec<(Timestamp, u64)>,
    /// Come back: when, how many, and where to if that was told.
    pub(super) returned: Vec<(Timestamp, u64, Option<String>)>,
}

impl LineState {
    /// What the line takes off stock, as long as nothing comes back.
    pub(super) fn taken(&self) -> u64 {
        self.shipped.iter().fold(self.open, |sum, (_, units)| sum.saturating_add(*units))
    }
}

/// The orders that events with one order id tell of, by store. An event without a store belongs to the only one there is; where
/// there are several, to none of them, and the second value says so.
pub(super) fn orders(events: &[Kept]) -> (BTreeMap<String, OrderState>, bool) {
    let stores: BTreeSet<&str> = events.iter().filter_map(|kept| store_of(&kept.event)).collect();
    let belongs = |kept: &&Kept, store: &str| match store_of(&kept.event) {
        Some(own) => own == store,
        None => stores.len() == 1,
    };
    let of_store = |&store: &&str| {
        let own: Vec<&Kept> = events.iter().filter(|kept| belongs(kept, store)).collect();
        (store.to_owned(), order(&own))
    };
    let homeless = events.iter().any(|kept| store_of(&kept.event).is_none());
    (stores.iter().map(of_store).collect(), homeless && stores.len() > 1)
}

fn store_of(event: &Event) -> Option<&str> {
    match &event.what {
        What::Order(event) => event.store.as_deref(),
        What::Stock(_) => None,
    }
}

/// An event of one order, with the moment at which it counts.
struct Told<'a> {
    at: Timestamp,
    id: &'a str,
    change: &'a OrderChange,
}

fn order(events: &[&Kept]) -> OrderState {
    let mut told: Vec<Told<'_>> = events.iter().filter_map(|kept| told(kept)).collect();
    told.sort_by(|a, b| (a.at, a.id).cmp(&(b.at, b.id)));
    let placed = |told: &&Told<'_>| matches!(told.change, OrderChange::Placed { .. });
    let first = told.iter().find(placed).or_else(|| told.iter().find(|told| lines_of(told).is_some()));
    let mut lines: BTreeMap<String, LineState> = BTreeMap::new();
    for (name, (store_sku, ordered, most)) in ordered(&told) {
        let line = LineState { store_sku, open: ordered, shipped: Vec::new(), returned: Vec::new() };
        lines.insert(name.clone(), settle(line, &name, most, &told));
    }
    if first.is_none() {
        // Nothing says what was ordered: what came back came back all the same.
        returned_only(&told, &mut lines);
    }
    OrderState { placed_at: first.map(|told| told.at), lines }
}

fn told(kept: &Kept) -> Option<Told<'_>> {
    let What::Order(event) = &kept.event.what else { return None };
    let at = match event.change {
        OrderChange::Placed { placed_at, .. } => placed_at,
        _ => kept.event.at.unwrap_or(kept.received),
    };
    Some(Told { at, id: &kept.event.id, change: &event.change })
}

fn lines_of<'a>(told: &Told<'a>) -> Option<&'a [Line]> {
    match told.change {
        OrderChange::Placed { lines, .. } | OrderChange::Edited(lines) => Some(lines),
        _ => None,
    }
}

/// Of each line: its store SKU and how many of it are ordered now, and the most that ever were.
fn ordered(told: &[Told<'_>]) -> BTreeMap<String, (String, u64, u64)> {
    let edits = told.iter().filter(|told| matches!(told.change, OrderChange::Edited(_)));
    let placements = told.iter().filter(|told| matches!(told.change, OrderChange::Placed { .. }));
    // An edit is of a placement, whatever their clocks say.
    let mut lines: BTreeMap<String, (String, u64, u64)> = BTreeMap::new();
    for told in placements.chain(edits) {
        lines.values_mut().for_each(|(_, now, _)| *now = 0);
        for line in lines_of(told).unwrap_or_default() {
            let entry = lines.entry(line.line.clone()).or_default();
            let most = entry.2.max(u64::from(line.quantity));
            *entry = (line.store_sku.clone(), u64::from(line.quantity), most);
        }
    }
    lines
}

/// What events say of one line: `Some(None)` is the whole of it, `None` nothing.
fn part(parts: Option<&Vec<PartOfLine>>, line: &str) -> Option<Option<u64>> {
    match parts {
        None => Some(None),
        Some(parts) => {
            let mut of_line = parts.iter().filter(|part| part.line == line).peekable();
            of_line.peek()?;
            // A whole line, or the sum of what is told of it.
            Some(of_line.map(|part| part.quantity.map(u64::from)).sum())
        }
    }
}

fn settle(mut line: LineState, name: &str, most: u64, told: &[Told<'_>]) -> LineState {
    let ordered = line.open;
    let of = |pick: fn(&OrderChange) -> Option<Option<&Vec<PartOfLine>>>| {
        told.iter().filter_map(move |told| Some((told, part(pick(told.change)?, name)?)))
    };
    let cancels = of(|change| match change {
        OrderChange::Cancelled(parts) => Some(parts.as_ref()),
        _ => None,
    });
    let ships = of(|change| match change {
        OrderChange::Shipped(parts) => Some(parts.as_ref()),
        _ => None,
    });
    let (cancel_all, cancelled) = total(cancels.map(|(_, part)| part));
    let (ship_all, shipped) = total(ships.clone().map(|(_, part)| part));
    let rest = ordered.saturating_sub(cancelled);
    let shipped = if ship_all { shipped.max(rest) } else { shipped }.min(most);
    let left = ordered.saturating_sub(shipped);
    let cancelled = if cancel_all { left } else { cancelled.min(left) };
    line.open = left - cancelled;
    line.shipped = spread(shipped, ships.map(|(told, part)| (told.at, part)));
    let returns = told.iter().filter_map(|told| match told.change {
        OrderChange::Returned { lines, warehouse } => {
            Some(((told.at, warehouse.clone()), part(lines.as_ref(), name)?))
        }
        _ => None,
    });
    let taken = line.taken();
    line.returned =
        spread(taken, returns).into_iter().map(|((at, warehouse), units)| (at, units, warehouse)).collect();
    line
}

/// Whether everything was named, and the sum of what was numbered.
fn total(parts: impl Iterator<Item = Option<u64>>) -> (bool, u64) {
    parts.fold((false, 0_u64), |(all, sum), part| match part {
        None => (true, sum),
        Some(units) => (all, sum.saturating_add(units)),
    })
}

/// Shares out what there is to those who took it, in turn; who took the whole gets what is left.
fn spread<T>(mut left: u64, takers: impl Iterator<Item = (T, Option<u64>)>) -> Vec<(T, u64)> {
    let mut shares = Vec::new();
    for (taker, wanted) in takers {
        let share = wanted.map_or(left, |wanted| wanted.min(left));
        left -= share;
        if share > 0 {
            shares.push((taker, share));
        }
    }
    shares
}

fn returned_only(told: &[Told<'_>], lines: &mut BTreeMap<String, LineState>) {
    for told in told {
        let OrderChange::Returned { lines: Some(parts), warehouse } = told.change else { continue };
        for part in parts {
            let (Some(store_sku), Some(quantity)) = (&part.store_sku, part.quantity) else { continue };
            let new = LineState { store_sku: store_sku.clone(), open: 0, shipped: vec![], returned: vec![] };
            let line = lines.entry(part.line.clone()).or_insert(new);
            line.returned.push((told.at, u64::from(quantity), warehouse.clone()));
        }
    }
}
