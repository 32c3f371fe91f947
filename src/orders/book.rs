//! Takes events, one by one, and says what changes by them.

use super::orderstate::{LineState, OrderState, orders};
use super::picks::{Movements, Pick};
use super::{
    Entry, Event, Goods, Held, Kept, Movement, Negative, OrderEvent, Refused, Shelf, Source, StockChange,
    StockEvent, StockSet, Told, What,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Numbers that are kept at hand before they are all asked for anew.
const CELLS_MAX: usize = 200_000;

/// A SKU in a warehouse.
type Place = (String, String);

/// Takes events. What it has taken is at hand for the next one, whether it was put onto the shelf yet or not.
pub struct Book<'g> {
    goods: &'g Goods<'g>,
    /// Stock that was asked for, with everything that was taken.
    cells: HashMap<Place, Held>,
    events: Vec<NewEvent>,
    ids: HashSet<String>,
    entries: BTreeMap<String, Entry>,
    sets: BTreeMap<Place, Told>,
    adjustments: Vec<Movement>,
    /// By how much movements differ from those on the shelf: stock on hand, reserved.
    ahead: HashMap<Place, Vec<(Timestamp, i64, i64)>>,
    last: Timestamp,
}

/// Stock that a book had at hand.
#[derive(Default, Debug)]
pub struct Cells(HashMap<Place, Held>);

/// What is to be put onto the shelf, in one go.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Changes {
    /// Events, in the order in which they were taken.
    pub events: Vec<NewEvent>,
    /// Orders, each in place of what was kept of it.
    pub orders: Vec<OrderRow>,
    /// Numbers that were told, each in place of the one before.
    pub sets: Vec<StockSet>,
    /// Movements that no order caused.
    pub adjustments: Vec<Movement>,
}

/// An event to be kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewEvent {
    /// What it says.
    pub event: Event,
    /// When it was taken; no two are equal, and each is later than those before.
    pub received: Timestamp,
}

/// What is kept of an order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OrderRow {
    /// The order's id.
    pub order: String,
    /// Its store.
    pub store: String,
    /// When it was placed, where that was told.
    pub placed_at: Option<Timestamp>,
    /// What was reserved where, by line.
    pub picks: Vec<Pick>,
    /// Store SKUs that no mapping knows, sorted.
    pub unknown: Vec<String>,
    /// What it does to stock, by SKU, warehouse and moment.
    pub movements: Vec<Movement>,
}

/// What became of an event.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Took {
    /// Whether it was taken before, and did nothing now.
    pub repeated: bool,
    /// The merchant SKUs whose stock it changed, sorted.
    pub touched: BTreeSet<String>,
    /// Lines of its order that no mapping knows: kept, and applied when the mapping comes.
    pub unknown: Vec<UnknownLine>,
    /// Stock that it left below zero.
    pub negative: Vec<Negative>,
    /// The listings of its order, by store and store SKU: their store knows of it before we do.
    pub listings: BTreeSet<(String, String)>,
    /// It names no store, and several stores have an order with this id: it is kept, and does nothing.
    pub ambiguous: bool,
    /// When its order was placed, where that is known.
    pub placed_at: Option<Timestamp>,
}

/// A line that no mapping knows.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct UnknownLine {
    /// The order's store.
    pub store: String,
    /// The store SKU.
    pub store_sku: String,
}

/// Why an event was not taken: what is wrong with it, or what stands on the shelf.
#[derive(Debug)]
pub enum Fault<F> {
    /// The event cannot be right. It is not kept.
    Refused(Refused),
    /// The shelf could not be read.
    Shelf(F),
}

impl<'g> Book<'g> {
    /// A book over these goods. `last` is when the newest event was taken.
    pub fn new(goods: &'g Goods<'g>, last: Option<Timestamp>) -> Self {
        Self {
            goods,
            cells: HashMap::new(),
            events: Vec::new(),
            ids: HashSet::new(),
            entries: BTreeMap::new(),
            sets: BTreeMap::new(),
            adjustments: Vec::new(),
            ahead: HashMap::new(),
            last: last.unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }

    /// Takes an event. `now` may stand still or go back: events are numbered by moments that rise.
    pub fn take<S: Shelf>(
        &mut self,
        shelf: &mut S,
        event: Event,
        now: Timestamp,
    ) -> Result<Took, Fault<S::Fault>> {
        self.goods.judge(&event).map_err(Fault::Refused)?;
        if self.ids.contains(&event.id) || shelf.has_event(&event.id).map_err(Fault::Shelf)? {
            return Ok(Took { repeated: true, ..Took::default() });
        }
        let received = self.moment(now);
        let mut took = Took::default();
        match &event.what {
            What::Stock(stock) => self.take_stock(shelf, stock, event.at.unwrap_or(received), &mut took)?,
            What::Order(OrderEvent { order, store, .. }) => {
                let mut entry = self.entry(shelf, order)?;
                entry.events.push(Kept { received, event: event.clone() });
                self.work(shelf, &mut entry, order, &mut took)?;
                took.placed_at = entry.placed_at(store.as_deref());
                self.entries.insert(order.clone(), entry);
            }
        }
        self.last = received;
        self.ids.insert(event.id.clone());
        self.events.push(NewEvent { event, received });
        Ok(took)
    }

    /// Works an order out again: a mapping came that some line of it waited for.
    pub fn again<S: Shelf>(&mut self, shelf: &mut S, order: &str) -> Result<Took, Fault<S::Fault>> {
        let mut took = Took::default();
        let mut entry = self.entry(shelf, order)?;
        self.work(shelf, &mut entry, order, &mut took)?;
        took.placed_at = entry.placed_at(None);
        self.entries.insert(order.to_owned(), entry);
        Ok(took)
    }

    /// What is to be put onto the shelf before anything else is taken: from here on the shelf is asked for it.
    pub fn changes(&mut self) -> Changes {
        self.ids.clear();
        self.ahead.clear();
        let entries = std::mem::take(&mut self.entries);
        let sets = std::mem::take(&mut self.sets).into_iter();
        Changes {
            events: std::mem::take(&mut self.events),
            orders: entries.into_values().flat_map(|entry| entry.orders).collect(),
            sets: sets
                .map(|((sku, warehouse), (source, units, as_of))| StockSet {
                    sku,
                    warehouse,
                    source,
                    units,
                    as_of,
                })
                .collect(),
            adjustments: std::mem::take(&mut self.adjustments),
        }
    }

    /// The stock at hand, for the next book over the same catalog: it need not be asked for again. What was taken and is not on
    /// the shelf must not be lost.
    pub fn into_cells(self) -> Cells {
        Cells(self.cells)
    }

    /// The same book with stock at hand.
    #[must_use]
    pub fn with_cells(self, Cells(cells): Cells) -> Self {
        Self { cells, ..self }
    }

    /// Forgets what was taken since the last changes, which could not be kept.
    pub fn forget(&mut self) {
        *self = Self::new(self.goods, Some(self.last));
    }

    /// The stock of a SKU in a warehouse, with everything that was taken.
    pub fn stock<S: Shelf>(
        &mut self,
        shelf: &mut S,
        sku: &str,
        warehouse: &str,
    ) -> Result<Held, Fault<S::Fault>> {
        self.cell(shelf, sku, warehouse)
    }

    /// Later than any before, in whole microseconds.
    fn moment(&self, now: Timestamp) -> Timestamp {
        let now = Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now);
        let next = self.last.checked_add(SignedDuration::from_micros(1)).unwrap_or(self.last);
        now.max(next)
    }

    fn entry<S: Shelf>(&mut self, shelf: &mut S, order: &str) -> Result<Entry, Fault<S::Fault>> {
        match self.entries.remove(order) {
            Some(entry) => Ok(entry),
            None => shelf.order(order).map_err(Fault::Shelf),
        }
    }

    /// Makes of an entry's events what they are now, and counts the difference.
    fn work<S: Shelf>(
        &mut self,
        shelf: &mut S,
        entry: &mut Entry,
        order: &str,
        took: &mut Took,
    ) -> Result<(), Fault<S::Fault>> {
        let (states, ambiguous) = orders(&entry.events);
        took.ambiguous = ambiguous;
        for (store, state) in states {
            let at = entry.orders.iter().position(|row| row.store == store);
            let before = at.map(|at| entry.orders.remove(at));
            let (picks, old) = before.map(|row| (row.picks, row.movements)).unwrap_or_default();
            let row = self.row(shelf, (order, &store), &state, picks)?;
            self.count(shelf, &old, &row.movements, took)?;
            let sold = row.picks.iter().map(|pick| (store.clone(), pick.store_sku.clone()));
            took.listings.extend(sold);
            let unknown = row.unknown.iter();
            took.unknown
                .extend(unknown.map(|sku| UnknownLine { store: store.clone(), store_sku: sku.clone() }));
            entry.orders.push(row);
        }
        Ok(())
    }

    fn row<S: Shelf>(
        &mut self,
        shelf: &mut S,
        (order, store): (&str, &str),
        state: &OrderState,
        mut before: Vec<Pick>,
    ) -> Result<OrderRow, Fault<S::Fault>> {
        let (mut picks, mut unknown) = (Vec::new(), BTreeSet::new());
        let mut movements = Movements::default();
        for (name, line) in &state.lines {
            let at = before.iter().position(|pick| pick.line == *name && pick.store_sku == line.store_sku);
            let kept = at.map(|at| before.swap_remove(at));
            let new = || {
                let parts = self.goods.parts(store, &line.store_sku)?;
                Some(Pick { line: name.clone(), store_sku: line.store_sku.clone(), parts, taken: vec![] })
            };
            let Some(mut pick) = kept.or_else(new) else {
                unknown.insert(line.store_sku.clone());
                continue;
            };
            self.reserve(shelf, store, line, &mut pick)?;
            let home = self.goods.turn(store, &line.store_sku).first().copied().unwrap_or_default();
            pick.movements(line, state.placed_at, home, &mut movements);
            picks.push(pick);
        }
        Ok(OrderRow {
            order: order.to_owned(),
            store: store.to_owned(),
            placed_at: state.placed_at,
            picks,
            unknown: unknown.into_iter().collect(),
            movements: movements.finish(),
        })
    }

    /// Takes or frees what the line needs more or less than before.
    fn reserve<S: Shelf>(
        &mut self,
        shelf: &mut S,
        store: &str,
        line: &LineState,
        pick: &mut Pick,
    ) -> Result<(), Fault<S::Fault>> {
        let (has, needs) = (pick.units(), line.taken());
        if needs <= has {
            pick.free(has - needs);
            return Ok(());
        }
        let mut turn = Vec::new();
        for warehouse in self.goods.turn(store, &line.store_sku) {
            let mut room = u64::MAX;
            for (sku, units) in &pick.parts {
                let available = self.cell(shelf, sku, warehouse)?.available();
                room = room.min(u64::try_from(available).unwrap_or(0) / u64::from(*units).max(1));
            }
            turn.push((warehouse.to_owned(), room));
        }
        pick.take(needs - has, &turn);
        Ok(())
    }

    /// Counts what changes between an order's old movements and its new ones.
    fn count<S: Shelf>(
        &mut self,
        shelf: &mut S,
        old: &[Movement],
        new: &[Movement],
        took: &mut Took,
    ) -> Result<(), Fault<S::Fault>> {
        let mut before: BTreeMap<(&str, &str), i64> = BTreeMap::new();
        for movement in old.iter().chain(new) {
            let place = (movement.sku.as_str(), movement.warehouse.as_str());
            let available = self.cell(shelf, place.0, place.1)?.available();
            before.entry(place).or_insert(available);
        }
        for movement in old {
            self.shift(movement, -1);
        }
        for movement in new {
            self.shift(movement, 1);
        }
        for ((sku, warehouse), before) in before {
            let available = self.cell(shelf, sku, warehouse)?.available();
            report((sku, warehouse), before, available, took);
        }
        Ok(())
    }

    /// Counts a movement, or takes it back.
    fn shift(&mut self, movement: &Movement, sign: i64) {
        let place = (movement.sku.clone(), movement.warehouse.clone());
        let (at, on_hand, reserved) = (movement.at, sign * movement.on_hand, sign * movement.reserved);
        if let Some(held) = self.cells.get_mut(&place) {
            held.add(at, on_hand, reserved);
        }
        self.ahead.entry(place).or_default().push((at, on_hand, reserved));
    }

    /// The stock of a SKU in a warehouse, asked for where it is not at hand.
    fn cell<S: Shelf>(&mut self, shelf: &mut S, sku: &str, warehouse: &str) -> Result<Held, Fault<S::Fault>> {
        let place = (sku.to_owned(), warehouse.to_owned());
        if let Some(held) = self.cells.get(&place) {
            return Ok(*held);
        }
        let told = match self.sets.get(&place) {
            Some(told) => Some(*told),
            None => shelf.told(sku, warehouse).map_err(Fault::Shelf)?,
        };
        let mut held = Held::new(self.goods.in_file(sku, warehouse), told, self.goods.missing_since());
        held.start(shelf.moved(sku, warehouse, held.since).map_err(Fault::Shelf)?);
        for (at, on_hand, reserved) in self.ahead.get(&place).into_iter().flatten() {
            held.add(*at, *on_hand, *reserved);
        }
        if self.cells.len() >= CELLS_MAX {
            self.cells.clear();
        }
        self.cells.insert(place, held);
        Ok(held)
    }

    fn take_stock<S: Shelf>(
        &mut self,
        shelf: &mut S,
        event: &StockEvent,
        at: Timestamp,
        took: &mut Took,
    ) -> Result<(), Fault<S::Fault>> {
        let (sku, warehouse) = (event.sku.as_str(), event.warehouse.as_str());
        let held = self.cell(shelf, sku, warehouse)?;
        let refuse = |refused: Refused| Err(Fault::Refused(refused));
        match (event.change, held.source) {
            (StockChange::Adjust { by }, Source::Ledger) => {
                let (sku, warehouse) = (sku.to_owned(), warehouse.to_owned());
                let movement = Movement { sku, warehouse, at, on_hand: by, reserved: 0 };
                self.shift(&movement, 1);
                self.adjustments.push(movement);
            }
            (StockChange::Adjust { .. }, Source::Snapshot) => return refuse(Refused::no_ledger(event)),
            (StockChange::Available { .. }, Source::Ledger) => return refuse(Refused::in_ledger(event)),
            (StockChange::OnHand { .. }, _) if self.goods.in_file(sku, warehouse).is_some() => {
                return refuse(Refused::in_file(event));
            }
            (StockChange::OnHand { units, as_of }, _) => {
                self.set(shelf, event, (Source::Ledger, units, as_of.unwrap_or(at)))?;
            }
            (StockChange::Available { units, as_of }, _) => {
                self.set(shelf, event, (Source::Snapshot, units, as_of))?;
            }
        }
        let available = self.cell(shelf, sku, warehouse)?.available();
        report((sku, warehouse), held.available(), available, took);
        Ok(())
    }

    /// Keeps a number that was told, unless a newer one is known; the ledger's is newer than any snapshot.
    fn set<S: Shelf>(
        &mut self,
        shelf: &mut S,
        event: &StockEvent,
        told: Told,
    ) -> Result<(), Fault<S::Fault>> {
        let place = (event.sku.clone(), event.warehouse.clone());
        let before = match self.sets.get(&place) {
            Some(told) => Some(*told),
            None => shelf.told(&event.sku, &event.warehouse).map_err(Fault::Shelf)?,
        };
        if before.is_none_or(|(source, _, as_of)| source != told.0 || as_of <= told.2) {
            self.cells.remove(&place);
            self.sets.insert(place, told);
        }
        Ok(())
    }
}

fn report((sku, warehouse): (&str, &str), before: i64, available: i64, took: &mut Took) {
    if before != available {
        took.touched.insert(sku.to_owned());
    }
    if available < before.min(0) {
        let (sku, warehouse) = (sku.to_owned(), warehouse.to_owned());
        took.negative.push(Negative { sku, warehouse, available });
    }
}
