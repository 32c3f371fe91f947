//! From which warehouses the units of a line come.

use super::Movement;
use super::orderstate::LineState;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A line of an order, and what was reserved for it where.
///
/// The parts are kept as they were when the line was reserved: a mapping that changes later must not free what was never taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pick {
    /// Names the line within the order.
    pub line: String,
    /// The store SKU that was ordered.
    pub store_sku: String,
    /// Merchant SKUs, and how many units of each one unit of the store SKU takes.
    pub parts: Vec<(String, u32)>,
    /// Units of the store SKU, by warehouse, in the order in which they were taken.
    pub taken: Vec<(String, u64)>,
}

impl Pick {
    /// How many units of the store SKU are taken in all.
    pub fn units(&self) -> u64 {
        self.taken.iter().fold(0, |sum, (_, units)| sum.saturating_add(*units))
    }

    /// Takes more, from the warehouses in turn as far as there is stock; what is over comes from the first, whose stock goes
    /// below zero. One unit of the store SKU never comes from two warehouses.
    pub(super) fn take(&mut self, units: u64, turn: &[(String, u64)]) {
        let mut left = units;
        for (warehouse, room) in turn {
            let share = left.min(*room);
            self.add(warehouse, share);
            left -= share;
        }
        if let (Some((first, _)), true) = (turn.first(), left > 0) {
            self.add(first, left);
        }
    }

    /// Gives units back, those taken last first.
    pub(super) fn free(&mut self, mut units: u64) {
        while let (Some((_, taken)), true) = (self.taken.last_mut(), units > 0) {
            let share = units.min(*taken);
            *taken -= share;
            units -= share;
            if *taken == 0 {
                self.taken.pop();
            }
        }
    }

    fn add(&mut self, warehouse: &str, units: u64) {
        if units == 0 {
            return;
        }
        match self.taken.iter_mut().find(|(name, _)| name == warehouse) {
            Some((_, taken)) => *taken = taken.saturating_add(units),
            None => self.taken.push((warehouse.to_owned(), units)),
        }
    }

    /// What the line does to stock. `home` is where goods come back to that nothing says where they came from.
    pub(super) fn movements(
        &self,
        line: &LineState,
        placed_at: Option<Timestamp>,
        home: &str,
        into: &mut Movements,
    ) {
        if let Some(placed_at) = placed_at {
            for (warehouse, units) in &self.taken {
                into.add(self, warehouse, placed_at, (0, *units as i64));
            }
        }
        let mut from = self.taken.clone();
        for (at, units) in &line.shipped {
            for (warehouse, units) in draw(&mut from, *units) {
                into.add(self, &warehouse, *at, (-(units as i64), -(units as i64)));
            }
        }
        let mut from = self.taken.clone();
        for (at, units, to) in &line.returned {
            if let Some(warehouse) = to {
                into.add(self, warehouse, *at, (*units as i64, 0));
                continue;
            }
            let mut left = *units;
            for (warehouse, units) in draw(&mut from, *units) {
                left -= units;
                into.add(self, &warehouse, *at, (units as i64, 0));
            }
            if left > 0 {
                into.add(self, home, *at, (left as i64, 0));
            }
        }
    }
}

/// Takes units off the front.
fn draw(from: &mut Vec<(String, u64)>, mut units: u64) -> Vec<(String, u64)> {
    let mut drawn = Vec::new();
    for (warehouse, left) in from.iter_mut() {
        let share = units.min(*left);
        *left -= share;
        units -= share;
        if share > 0 {
            drawn.push((warehouse.clone(), share));
        }
    }
    from.retain(|(_, left)| *left > 0);
    drawn
}

/// The movements of an order, those of one SKU, warehouse and moment summed.
#[derive(Default)]
pub(super) struct Movements(BTreeMap<(String, String, Timestamp), (i64, i64)>);

impl Movements {
    fn add(&mut self, pick: &Pick, warehouse: &str, at: Timestamp, (on_hand, reserved): (i64, i64)) {
        for (sku, units) in &pick.parts {
            let sum = self.0.entry((sku.clone(), warehouse.to_owned(), at)).or_default();
            sum.0 = sum.0.saturating_add(on_hand.saturating_mul(i64::from(*units)));
            sum.1 = sum.1.saturating_add(reserved.saturating_mul(i64::from(*units)));
        }
    }

    /// By SKU, warehouse and moment; those that do nothing are left out.
    pub(super) fn finish(self) -> Vec<Movement> {
        let sums = self.0.into_iter().filter(|(_, sum)| *sum != (0, 0));
        sums.map(|((sku, warehouse, at), (on_hand, reserved))| Movement {
            sku,
            warehouse,
            at,
            on_hand,
            reserved,
        })
        .collect()
    }
}
