//! Goes through a history once.

use super::history::{History, LineId, Move, Part, Step};
use super::lines::{LineState, Places};
use super::{Delay, Ground, Outcome, Replayed};
use crate::catalog::{Catalog, ListingId, SkuId};
use crate::eval::Bounds;
use crate::eval::resident::{Replanned, Resident};
use crate::orders::{Held, StockChange, StockRow};
use crate::rules::{RuleSet, StoreId, WarehouseId};
use crate::threads::Threads;
use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// A replay on its way.
pub(super) struct Replay<'a> {
    catalog: &'a mut Catalog,
    rules: Arc<RuleSet>,
    fulfil_from: &'a [Option<Vec<WarehouseId>>],
    history: &'a History,
    delay: SignedDuration,
    resident: Resident,
    /// Moments at which a rule begins or ends, that are still to come, the next one last.
    edges: Vec<Timestamp>,
    /// What each listing shows; `None` where nothing was ever written.
    shown: Vec<Option<u64>>,
    /// Listings that are to be written, and when, by time.
    due: VecDeque<(Timestamp, ListingId)>,
    is_due: Vec<bool>,
    lines: Vec<LineState>,
    /// Units that are sold and not shipped, by SKU and warehouse.
    reserved: HashMap<(SkuId, WarehouseId), i64>,
    /// Listings that may show another number than planned, since the last event.
    touched: Vec<ListingId>,
    replanned: Vec<Replanned>,
    replayed: Replayed,
}

impl<'a> Replay<'a> {
    pub(super) fn new(
        ground: &'a mut Ground<'_>,
        rules: Arc<RuleSet>,
        history: &'a History,
        delay: Delay,
    ) -> Self {
        let catalog = &mut *ground.catalog;
        let begin = history.from().unwrap_or(Timestamp::UNIX_EPOCH);
        let stores = ground.declared.stores.len();
        let bounds = vec![Bounds::default(); stores];
        let resident = Resident::new(Arc::clone(&rules), catalog, begin, bounds, Threads::ONE);
        let listings = (0..catalog.listing_count() as u32).map(ListingId);
        let shown =
            listings.map(|listing| resident.desired().number(listing).map(|number| number.planned)).collect();
        Self {
            edges: edges(&rules, begin),
            rules,
            fulfil_from: ground.fulfil_from,
            history,
            delay: delay.duration(),
            resident,
            shown,
            due: VecDeque::new(),
            is_due: vec![false; catalog.listing_count()],
            lines: vec![LineState::default(); history.lines.len()],
            reserved: HashMap::new(),
            touched: Vec::new(),
            replanned: Vec::new(),
            replayed: Replayed { stores: vec![Outcome::default(); stores], unruled: 0 },
            catalog,
        }
    }

    /// Goes through it.
    pub(super) fn play(mut self) -> Replayed {
        let history = self.history;
        for step in &history.steps {
            self.pass_edges(step.at);
            self.push(step.at);
            self.step(step);
            self.mark(step.at);
        }
        self.push(Timestamp::MAX);
        self.replayed
    }

    fn step(&mut self, step: &Step) {
        match &step.what {
            Move::Want(lines) => lines.iter().for_each(|&(line, units)| self.want(line, units)),
            Move::Cancel(parts) => {
                self.each(
                    parts,
                    |line, units| line.cancel(units),
                    |replay, listing, places| {
                        replay.release(listing, places);
                    },
                );
            }
            Move::Ship(parts) => {
                self.each(
                    parts,
                    |line, units| line.ship(units),
                    |replay, listing, places| {
                        replay.reserve(listing, places, -1);
                    },
                );
            }
            Move::Return(parts, to) => {
                self.each(
                    parts,
                    |line, units| line.come_back(units),
                    |replay, listing, places| {
                        let home = |&(from, units): &(WarehouseId, u64)| (to.unwrap_or(from), units);
                        let places: Places = places.iter().map(home).collect();
                        replay.shift(listing, &places, 1);
                    },
                );
            }
            Move::Back(lines, to) => {
                for &(listing, units) in lines {
                    let home = to.or_else(|| self.turn(listing).first().copied());
                    let places: Places = home.map(|home| (home, units)).into_iter().collect();
                    self.shift(listing, &places, 1);
                }
            }
            Move::Stock(sku, warehouse, change) => self.tell(*sku, *warehouse, *change),
        }
    }

    /// Does something to lines, and then what follows of the units that it moves.
    fn each(
        &mut self,
        parts: &[Part],
        act: impl Fn(&mut LineState, Option<u64>) -> Places,
        then: impl Fn(&mut Self, ListingId, &[(WarehouseId, u64)]),
    ) {
        for &(at, units) in parts {
            let Some((line, &listing)) = self.lines.get_mut(at).zip(self.history.lines.get(at)) else {
                continue;
            };
            let places = act(line, units);
            then(self, listing, &places);
        }
    }

    /// A line is to have so many units from now on.
    fn want(&mut self, at: LineId, units: u64) {
        let Some((line, &listing)) = self.lines.get_mut(at).zip(self.history.lines.get(at)) else { return };
        if units > line.wanted {
            // What was shipped before the line was taken back is there already.
            let more = units.saturating_sub(line.wanted.max(line.sold()));
            line.wanted = units;
            let places = self.sell(listing, more);
            if let Some(line) = self.lines.get_mut(at) {
                line.take(&places);
            }
        } else {
            let places = line.want(units);
            self.release(listing, &places);
        }
    }

    /// Sells what the listing shows of the units that are wanted, and counts. Gives where they are taken from.
    fn sell(&mut self, listing: ListingId, wanted: u64) -> Places {
        let units = u64::from(self.catalog.listing_units(listing));
        let Some(shown) = self.shown.get(listing.0 as usize).copied().flatten() else {
            self.replayed.unruled += wanted.saturating_mul(units);
            return Places::new();
        };
        let planned = self.resident.desired().number(listing).map_or(shown, |number| number.planned);
        let sold = wanted.min(shown);
        let (places, room) = self.places(listing, sold);
        let missing = wanted - sold;
        let there = missing.min(room.saturating_sub(sold));
        let late = there.min(wanted.min(planned).saturating_sub(sold));
        let outcome = Outcome {
            ordered: wanted.saturating_mul(units),
            sold: sold.saturating_mul(units),
            oversold: sold.saturating_sub(room).saturating_mul(units),
            held_back: (there - late).saturating_mul(units),
            late: late.saturating_mul(units),
            out_of_stock: (missing - there).saturating_mul(units),
            pushes: 0,
        };
        self.count(self.catalog.listing_store(listing), outcome);
        if let Some(shown) = self.shown.get_mut(listing.0 as usize) {
            *shown = shown.map(|shown| shown - sold);
        }
        self.touched.push(listing);
        self.shift(listing, &places, -1);
        self.reserve(listing, &places, 1);
        places
    }

    /// Where units are taken from, and how many there are: in turn as far as there is stock, what is over from the first.
    fn places(&self, listing: ListingId, units: u64) -> (Places, u64) {
        let (parts, turn) = (self.parts(listing), self.turn(listing));
        let (mut places, mut left, mut room) = (Places::new(), units, 0_u64);
        for &warehouse in &turn {
            let of_part = |&(sku, needs): &(SkuId, u64)| {
                u64::try_from(available(self.catalog, sku, warehouse)).unwrap_or(0) / needs.max(1)
            };
            let there = parts.iter().map(of_part).min().unwrap_or(0);
            let share = left.min(there);
            if share > 0 {
                places.push((warehouse, share));
            }
            left -= share;
            room = room.saturating_add(there);
        }
        // As the ledger has it: what is over is taken last, even from a warehouse that stands first and had nothing.
        if let (Some(&first), true) = (turn.first(), left > 0) {
            match places.iter_mut().find(|(warehouse, _)| *warehouse == first) {
                Some((_, share)) => *share += left,
                None => places.push((first, left)),
            }
        }
        (places, room)
    }

    /// What is not sold after all is free.
    fn release(&mut self, listing: ListingId, places: &[(WarehouseId, u64)]) {
        self.reserve(listing, places, -1);
        self.shift(listing, places, 1);
    }

    fn reserve(&mut self, listing: ListingId, places: &[(WarehouseId, u64)], sign: i64) {
        for (sku, needs) in self.parts(listing) {
            for &(warehouse, units) in places.iter().filter(|(_, units)| *units > 0) {
                let reserved = self.reserved.entry((sku, warehouse)).or_default();
                *reserved = reserved.saturating_add(sign * whole(units.saturating_mul(needs)));
            }
        }
    }

    /// Units of a listing come to warehouses, or leave them.
    fn shift(&mut self, listing: ListingId, places: &[(WarehouseId, u64)], sign: i64) {
        for (sku, needs) in self.parts(listing) {
            for &(warehouse, units) in places.iter().filter(|(_, units)| *units > 0) {
                let before = available(self.catalog, sku, warehouse);
                let by = sign * whole(units.saturating_mul(needs));
                self.lay(sku, warehouse, before.saturating_add(by));
            }
        }
    }

    fn tell(&mut self, sku: SkuId, warehouse: WarehouseId, change: StockChange) {
        let reserved = self.reserved.get(&(sku, warehouse)).copied().unwrap_or(0);
        let units = match change {
            StockChange::OnHand { units, .. } => units.saturating_sub(reserved),
            StockChange::Available { units, .. } => units,
            StockChange::Adjust { by } => available(self.catalog, sku, warehouse).saturating_add(by),
        };
        self.lay(sku, warehouse, units);
    }

    fn lay(&mut self, sku: SkuId, warehouse: WarehouseId, units: i64) {
        let held = Held::new(Some((units, None)), None, None);
        self.catalog.lay_stock(&[StockRow { sku, warehouse, held }]);
        self.resident.restocked(self.catalog, sku, &mut self.replanned);
        self.touched.extend(self.replanned.drain(..).map(|replanned| replanned.listing));
    }

    /// Rules begin and end.
    fn pass_edges(&mut self, until: Timestamp) {
        while let Some(edge) = self.edges.pop_if(|edge| *edge <= until) {
            self.push(edge);
            self.resident.follow(Arc::clone(&self.rules), self.catalog, edge, Threads::ONE);
            self.touched.extend((0..self.catalog.listing_count() as u32).map(ListingId));
            self.mark(edge);
        }
    }

    /// Notes which listings are to be written.
    fn mark(&mut self, now: Timestamp) {
        let due = now.checked_add(self.delay).unwrap_or(Timestamp::MAX);
        for listing in self.touched.drain(..) {
            let at = listing.0 as usize;
            let planned = self.resident.desired().number(listing).map(|number| number.planned);
            let is_right = planned.is_none() || self.shown.get(at).copied().flatten() == planned;
            if let Some(is_due) = self.is_due.get_mut(at).filter(|is_due| !is_right && !**is_due) {
                *is_due = true;
                self.due.push_back((due, listing));
            }
        }
    }

    /// Writes what is due.
    fn push(&mut self, now: Timestamp) {
        while let Some((_, listing)) = self.due.pop_front_if(|(due, _)| *due <= now) {
            let at = listing.0 as usize;
            if let Some(is_due) = self.is_due.get_mut(at) {
                *is_due = false;
            }
            let Some(planned) = self.resident.desired().number(listing).map(|number| number.planned) else {
                continue;
            };
            let Some(shown) = self.shown.get_mut(at).filter(|shown| **shown != Some(planned)) else {
                continue;
            };
            *shown = Some(planned);
            let store = self.catalog.listing_store(listing);
            self.count(store, Outcome { pushes: 1, ..Outcome::default() });
        }
    }

    fn count(&mut self, store: StoreId, outcome: Outcome) {
        if let Some(sum) = self.replayed.stores.get_mut(usize::from(store.0)) {
            *sum += outcome;
        }
    }

    /// Which SKUs one unit of the listing takes, and how many of each.
    fn parts(&self, listing: ListingId) -> Vec<(SkuId, u64)> {
        let (sku, units) =
            (self.catalog.listing_sku(listing), u64::from(self.catalog.listing_units(listing)));
        match self.catalog.parts(sku) {
            [] => vec![(sku, units)],
            parts => {
                parts.iter().map(|part| (part.sku, u64::from(part.units).saturating_mul(units))).collect()
            }
        }
    }

    /// The warehouses that orders of a listing take from, in turn: the store's own, else the rule's, else all.
    fn turn(&self, listing: ListingId) -> Vec<WarehouseId> {
        let store = usize::from(self.catalog.listing_store(listing).0);
        let own = self.fulfil_from.get(store).and_then(Option::as_ref).filter(|own| !own.is_empty());
        let rank = self.resident.desired().winner(self.catalog.listing_sku(listing));
        let rule = rank.and_then(|rank| self.rules.rules().get(rank)).map(|rule| &rule.warehouses);
        own.or(rule).cloned().unwrap_or_else(|| self.catalog.warehouse_ids().collect())
    }
}

fn available(catalog: &Catalog, sku: SkuId, warehouse: WarehouseId) -> i64 {
    catalog.stock(sku).find(|(place, _)| *place == warehouse).map_or(0, |(_, units)| units)
}

fn whole(units: u64) -> i64 {
    i64::try_from(units).unwrap_or(i64::MAX)
}

/// When rules begin and end, after a moment, the last one first.
fn edges(rules: &RuleSet, after: Timestamp) -> Vec<Timestamp> {
    let windows = rules.rules().iter().filter(|rule| rule.on).map(|rule| rule.window);
    let mut edges: Vec<Timestamp> = windows
        .flat_map(|window| window.from.into_iter().chain(window.until))
        .filter(|edge| *edge > after)
        .collect();
    edges.sort_unstable();
    edges.dedup();
    edges.reverse();
    edges
}
