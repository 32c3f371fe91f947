//! A stream of events, as steps in the order of time.

use crate::catalog::{Catalog, ListingId, SkuId};
use crate::orders::{
    Event, Held, Line, OrderChange, OrderEvent, PartOfLine, StockChange, StockEvent, StockRow, UnknownLine,
    What,
};
use crate::rules::{Declared, StoreId, WarehouseId};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// What happened, in the order of time.
///
/// An event without a moment has that of the one before it in the stream. Nothing happens to an order before it is placed. Of
/// one moment, orders are placed first, then other things happen to them, then stock is told.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub(super) steps: Vec<Step>,
    /// The listing of each line.
    pub(super) lines: Vec<ListingId>,
    /// How many orders there are.
    pub orders: u64,
    /// What of the stream is not replayed.
    pub aside: Aside,
}

/// What of a stream is not replayed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Aside {
    /// Events that were told before.
    pub repeated: u64,
    /// Events of orders whose store is not known.
    pub homeless: u64,
    /// Order lines that no mapping knows.
    pub lines: u64,
    /// Their store SKUs.
    pub unknown: BTreeSet<UnknownLine>,
    /// Changes of stock of what the catalog does not know.
    pub stock: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) at: Timestamp,
    pub(super) what: Move,
}

/// A line, by its number in [`History::lines`].
pub(super) type LineId = usize;

/// A line, and units of the store SKU; `None` is all of them.
pub(super) type Part = (LineId, Option<u64>);

#[derive(Clone, Debug)]
pub(super) enum Move {
    /// The lines of an order as they are from now on, all of them.
    Want(Vec<(LineId, u64)>),
    Cancel(Vec<Part>),
    Ship(Vec<Part>),
    Return(Vec<Part>, Option<WarehouseId>),
    /// Goods come back of an order that was never told.
    Back(Vec<(ListingId, u64)>, Option<WarehouseId>),
    Stock(SkuId, WarehouseId, StockChange),
}

/// The lines of one order: by line and store SKU.
type Lines<'e> = BTreeMap<(&'e str, &'e str), LineId>;

#[derive(Default)]
struct Order<'e> {
    placed_at: Option<Timestamp>,
    lines: Lines<'e>,
}

impl History {
    /// Makes steps of events. They may come in any order; the same id counts once.
    pub fn new(events: &[Event], catalog: &Catalog, declared: &Declared) -> Self {
        let mut history = Self::default();
        let mut known = HashSet::new();
        let told = events.len();
        let events: Vec<&Event> = events.iter().filter(|event| known.insert(event.id.as_str())).collect();
        history.aside.repeated = (told - events.len()) as u64;
        let reading = Reading { catalog, declared, stores: stores(&events, declared) };
        let orders = reading.orders(&events, &mut history);
        history.orders = orders.values().filter(|order| order.placed_at.is_some()).count() as u64;
        let moments = moments(&events);
        let mut steps = Vec::with_capacity(events.len());
        for (at, (event, moment)) in events.iter().zip(moments).enumerate() {
            if let Some((rank, step)) = reading.step(event, moment, &orders, &mut history.aside) {
                steps.push((step.at, rank, at, step));
            }
        }
        steps.sort_by_key(|(moment, rank, at, _)| (*moment, *rank, *at));
        history.steps = steps.into_iter().map(|(_, _, _, step)| step).collect();
        history
    }

    /// When the first thing happens.
    pub fn from(&self) -> Option<Timestamp> {
        self.steps.first().map(|step| step.at)
    }

    /// When the last thing happens.
    pub fn until(&self) -> Option<Timestamp> {
        self.steps.last().map(|step| step.at)
    }

    /// How many order lines there are that a mapping knows.
    pub fn line_count(&self) -> usize {
        self.lines.len()
    }

    /// Makes a row of stock of everything that may move, and gives all rows as they are now.
    pub(super) fn lay_rows(&self, catalog: &mut Catalog) -> Vec<StockRow> {
        let mut skus: BTreeSet<SkuId> = BTreeSet::new();
        let back = self.steps.iter().flat_map(|step| match &step.what {
            Move::Back(lines, _) => lines.as_slice(),
            _ => &[],
        });
        for listing in self.lines.iter().copied().chain(back.map(|(listing, _)| *listing)) {
            let sku = catalog.listing_sku(listing);
            skus.insert(sku);
            skus.extend(catalog.parts(sku).iter().map(|part| part.sku));
        }
        skus.extend(self.steps.iter().filter_map(|step| match step.what {
            Move::Stock(sku, _, _) => Some(sku),
            _ => None,
        }));
        let mut rows = Vec::new();
        for sku in skus.into_iter().filter(|sku| catalog.parts(*sku).is_empty()) {
            for warehouse in catalog.warehouse_ids() {
                let units =
                    catalog.stock(sku).find(|(place, _)| *place == warehouse).map_or(0, |(_, units)| units);
                rows.push(StockRow { sku, warehouse, held: Held::new(Some((units, None)), None, None) });
            }
        }
        catalog.lay_stock(&rows);
        rows
    }
}

/// The stores of each order id.
fn stores<'e>(events: &[&'e Event], declared: &Declared) -> HashMap<&'e str, BTreeSet<StoreId>> {
    let mut stores: HashMap<&str, BTreeSet<StoreId>> = HashMap::new();
    for event in events {
        if let What::Order(OrderEvent { order, store: Some(store), .. }) = &event.what
            && let Some(at) = declared.stores.iter().position(|name| name == store)
        {
            stores.entry(order).or_default().insert(StoreId(at as u16));
        }
    }
    stores
}

/// When each event happened.
fn moments(events: &[&Event]) -> Vec<Timestamp> {
    let mut last = events.iter().find_map(|event| moment(event)).unwrap_or(Timestamp::UNIX_EPOCH);
    let mut moments = Vec::with_capacity(events.len());
    for event in events {
        last = moment(event).unwrap_or(last);
        moments.push(last);
    }
    moments
}

fn moment(event: &Event) -> Option<Timestamp> {
    match &event.what {
        What::Order(OrderEvent { change: OrderChange::Placed { placed_at, .. }, .. }) => Some(*placed_at),
        What::Stock(StockEvent { change: StockChange::Available { as_of, .. }, .. }) => Some(*as_of),
        What::Stock(StockEvent { change: StockChange::OnHand { as_of: Some(as_of), .. }, .. }) => {
            Some(*as_of)
        }
        _ => event.at,
    }
}

type Orders<'e> = BTreeMap<(&'e str, StoreId), Order<'e>>;

struct Reading<'a, 'e> {
    catalog: &'a Catalog,
    declared: &'a Declared,
    stores: HashMap<&'e str, BTreeSet<StoreId>>,
}

impl<'e> Reading<'_, 'e> {
    /// The orders that were told, with their lines numbered.
    fn orders(&self, events: &[&'e Event], history: &mut History) -> Orders<'e> {
        let mut orders = Orders::new();
        for event in events {
            let What::Order(told) = &event.what else { continue };
            let Some(store) = self.store(told) else { continue };
            let (OrderChange::Placed { lines, .. } | OrderChange::Edited(lines)) = &told.change else {
                continue;
            };
            let order = orders.entry((told.order.as_str(), store)).or_default();
            if let OrderChange::Placed { placed_at, .. } = told.change {
                order.placed_at = order.placed_at.into_iter().chain([placed_at]).min();
            }
            self.number(lines, store, &mut order.lines, history);
        }
        orders
    }

    fn number(&self, told: &'e [Line], store: StoreId, lines: &mut Lines<'e>, history: &mut History) {
        for Line { line, store_sku, .. } in told {
            let name = (line.as_str(), store_sku.as_str());
            if lines.contains_key(&name) {
                continue;
            }
            match self.catalog.find_listing(store, store_sku) {
                Some(listing) => {
                    lines.insert(name, history.lines.len());
                    history.lines.push(listing);
                }
                None => self.unmapped(store, store_sku, &mut history.aside),
            }
        }
    }

    fn unmapped(&self, store: StoreId, store_sku: &str, aside: &mut Aside) {
        let name = self.declared.stores.get(usize::from(store.0)).cloned().unwrap_or_default();
        aside.lines += 1;
        aside.unknown.insert(UnknownLine { store: name, store_sku: store_sku.to_owned() });
    }

    /// The step that an event is, and its rank among those of one moment.
    fn step(
        &self,
        event: &'e Event,
        at: Timestamp,
        orders: &Orders<'e>,
        aside: &mut Aside,
    ) -> Option<(u8, Step)> {
        let told = match &event.what {
            What::Stock(stock) => {
                let what = self.stock(stock);
                aside.stock += u64::from(what.is_none());
                return what.map(|what| (2, Step { at, what }));
            }
            What::Order(told) => told,
        };
        let Some(store) = self.store(told) else {
            aside.homeless += 1;
            return None;
        };
        let order = orders.get(&(told.order.as_str(), store));
        let at = order.and_then(|order| order.placed_at).map_or(at, |placed_at| placed_at.max(at));
        let rank = u8::from(!matches!(told.change, OrderChange::Placed { .. }));
        let what = self.change(&told.change, store, order, aside)?;
        Some((rank, Step { at, what }))
    }

    fn change(
        &self,
        change: &'e OrderChange,
        store: StoreId,
        order: Option<&Order<'e>>,
        aside: &mut Aside,
    ) -> Option<Move> {
        let parts = |parts: &Option<Vec<PartOfLine>>| order.map(|order| parts_of(&order.lines, parts));
        match change {
            OrderChange::Placed { lines, .. } | OrderChange::Edited(lines) => {
                let mut now: BTreeMap<LineId, u64> = order?.lines.values().map(|line| (*line, 0)).collect();
                for Line { line, store_sku, quantity } in lines {
                    if let Some(line) = order?.lines.get(&(line.as_str(), store_sku.as_str())) {
                        now.insert(*line, u64::from(*quantity));
                    }
                }
                Some(Move::Want(now.into_iter().collect()))
            }
            OrderChange::Cancelled(told) => parts(told).map(Move::Cancel),
            OrderChange::Shipped(told) => parts(told).map(Move::Ship),
            OrderChange::Returned { lines, warehouse } => {
                let place = warehouse.as_deref().and_then(|name| self.warehouse(name));
                match parts(lines) {
                    Some(parts) => Some(Move::Return(parts, place)),
                    None => {
                        Some(Move::Back(self.back(lines.as_deref().unwrap_or_default(), store, aside), place))
                    }
                }
            }
        }
    }

    fn back(&self, parts: &[PartOfLine], store: StoreId, aside: &mut Aside) -> Vec<(ListingId, u64)> {
        let mut back = Vec::new();
        for part in parts {
            let (Some(store_sku), Some(quantity)) = (&part.store_sku, part.quantity) else { continue };
            match self.catalog.find_listing(store, store_sku) {
                Some(listing) => back.push((listing, u64::from(quantity))),
                None => self.unmapped(store, store_sku, aside),
            }
        }
        back
    }

    fn stock(&self, event: &StockEvent) -> Option<Move> {
        let sku = self.catalog.find_sku(&event.sku).filter(|sku| self.catalog.parts(*sku).is_empty())?;
        Some(Move::Stock(sku, self.warehouse(&event.warehouse)?, event.change))
    }

    fn store(&self, told: &OrderEvent) -> Option<StoreId> {
        if let Some(name) = &told.store {
            let at = self.declared.stores.iter().position(|store| store == name)?;
            return Some(StoreId(at as u16));
        }
        let stores = self.stores.get(told.order.as_str())?;
        stores.first().copied().filter(|_| stores.len() == 1)
    }

    fn warehouse(&self, name: &str) -> Option<WarehouseId> {
        let at = self.declared.warehouses.iter().position(|warehouse| warehouse == name)?;
        Some(WarehouseId(at as u16))
    }
}

/// The lines that an event names; all, where it names none.
fn parts_of(lines: &Lines<'_>, parts: &Option<Vec<PartOfLine>>) -> Vec<Part> {
    let Some(parts) = parts else { return lines.values().map(|line| (*line, None)).collect() };
    let mut named = Vec::new();
    for part in parts {
        let of_name = lines.range((part.line.as_str(), "")..).take_while(|((name, _), _)| *name == part.line);
        named.extend(of_name.map(|(_, line)| (*line, part.quantity.map(u64::from))));
    }
    named
}
