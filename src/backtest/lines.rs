//! What has become of a line of an order in the replay. Numbers are units of the store SKU.

use crate::rules::WarehouseId;

/// A line.
#[derive(Clone, Default, Debug)]
pub(super) struct LineState {
    /// Wanted now.
    pub(super) wanted: u64,
    /// Told as shipped, of what is wanted.
    shipped: u64,
    /// Where what was sold was taken from, in turn.
    taken: Vec<Taken>,
}

/// What was taken from a warehouse.
#[derive(Clone, Copy, Debug)]
struct Taken {
    from: WarehouseId,
    units: u64,
    /// Of those: gone to the customer.
    shipped: u64,
    /// Of those: come back.
    back: u64,
}

/// Units of the store SKU, by warehouse.
pub(super) type Places = Vec<(WarehouseId, u64)>;

impl LineState {
    /// How many were sold and not taken back.
    pub(super) fn sold(&self) -> u64 {
        self.taken.iter().map(|taken| taken.units).sum()
    }

    /// Notes that units were sold.
    pub(super) fn take(&mut self, places: &[(WarehouseId, u64)]) {
        for &(from, units) in places.iter().filter(|(_, units)| *units > 0) {
            match self.taken.iter_mut().find(|taken| taken.from == from) {
                Some(taken) => taken.units += units,
                None => self.taken.push(Taken { from, units, shipped: 0, back: 0 }),
            }
        }
    }

    /// Cancels units, or all; what is shipped stays. Gives what is free again.
    pub(super) fn cancel(&mut self, units: Option<u64>) -> Places {
        let left = units.map_or(0, |units| self.wanted.saturating_sub(units));
        self.want(left.max(self.shipped.min(self.wanted)))
    }

    /// Wants no more than so many. Gives what is free again, what was taken last first.
    pub(super) fn want(&mut self, units: u64) -> Places {
        self.wanted = units;
        let mut over = self.sold().saturating_sub(units);
        let mut free = Places::new();
        for taken in self.taken.iter_mut().rev() {
            let share = over.min(taken.units - taken.shipped.max(taken.back));
            taken.units -= share;
            over -= share;
            free.push((taken.from, share));
        }
        free
    }

    /// Ships units, or all. Gives what is not reserved any more.
    pub(super) fn ship(&mut self, units: Option<u64>) -> Places {
        let open = self.wanted.saturating_sub(self.shipped);
        self.shipped += units.unwrap_or(open).min(open);
        let gone: u64 = self.taken.iter().map(|taken| taken.shipped).sum();
        let mut left = self.shipped.min(self.sold()).saturating_sub(gone);
        let mut places = Places::new();
        for taken in &mut self.taken {
            let share = left.min(taken.units - taken.shipped);
            taken.shipped += share;
            left -= share;
            places.push((taken.from, share));
        }
        places
    }

    /// Takes units back, or all. Gives where they came from.
    pub(super) fn come_back(&mut self, units: Option<u64>) -> Places {
        let mut left = units.unwrap_or(u64::MAX);
        let mut places = Places::new();
        for taken in &mut self.taken {
            let share = left.min(taken.units - taken.back);
            taken.back += share;
            left -= share;
            places.push((taken.from, share));
        }
        places
    }
}
