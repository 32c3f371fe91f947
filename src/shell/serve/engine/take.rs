//! Events in: what they do to orders and stock, and what is planned because of it, in one transaction.

use super::board::Cause;
use super::draft::Draft;
use super::pins::Under;
use super::shop::Shop;
use super::{Engine, Notice, Told, outgo};
use crate::catalog::{ListingId, SkuId};
use crate::orders::{Book, Changes, Fault, Held, Negative, StockRow, Took, UnknownLine, pinning};
use crate::record::Trigger;
use crate::rules::WarehouseId;
use crate::shell::serve::alerts::Alert;
use crate::shell::serve::desk::Verdict;
use crate::shell::state::{OnShelf, State, StateFault};
use crate::shell::taken::shelf_fault;
use jiff::Timestamp;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

/// What an event did, and the stock that it left.
struct Effect {
    cause: Arc<Cause>,
    pinned: pinning::Cause,
    touched: Vec<(SkuId, Vec<StockRow>)>,
    /// Listings that their store changed by itself, by store and store SKU.
    own: BTreeSet<(String, String)>,
}

impl<S: State> Engine<S> {
    /// Takes events, and says of each what became of it.
    pub(super) fn take(&mut self, events: &[Told], now: Timestamp) -> Result<Vec<Verdict>, StateFault> {
        let (verdicts, effects, changes) = self.book(events, now)?;
        let (mut drafts, mut own) = (Vec::new(), Vec::new());
        for mut effect in effects {
            own.push((Arc::clone(&effect.cause), std::mem::take(&mut effect.own)));
            drafts.extend(self.plan_effect(effect, now)?);
        }
        if changes.events.is_empty() {
            return Ok(verdicts);
        }
        let drafts = self.hold_back(drafts, &BTreeSet::new(), now)?;
        // Only now is it known what is written: a guard may hold it, or a later event of these change it.
        let written = drafts.iter().flat_map(|draft| &draft.writes).filter(|write| write.skip.is_none());
        let written: HashSet<ListingId> = written.map(|write| write.listing).collect();
        for (cause, listings) in own {
            self.look_at_own(&listings, &cause, &written)?;
        }
        self.file(&changes, &drafts, now)?;
        Ok(verdicts)
    }

    fn book(
        &mut self,
        events: &[Told],
        now: Timestamp,
    ) -> Result<(Vec<Verdict>, Vec<Effect>, Changes), StateFault> {
        let Self { shop, state, .. } = self;
        let goods = shop.goods();
        let mut book = Book::new(&goods, self.last_received).with_cells(std::mem::take(&mut self.cells));
        let (mut verdicts, mut effects) = (Vec::with_capacity(events.len()), Vec::new());
        let mut rows = Rows::default();
        for told in events {
            let taken = book.take(&mut OnShelf(state), told.event.clone(), now);
            let took = match taken {
                Ok(took) => took,
                Err(Fault::Shelf(fault)) => return Err(fault),
                Err(Fault::Refused(refused)) => {
                    verdicts.push(Verdict::Refused(refused));
                    continue;
                }
            };
            verdicts.push(if took.repeated { Verdict::Repeated } else { Verdict::Taken });
            self.notices.extend(heard(&took));
            if !took.touched.is_empty() || !took.listings.is_empty() {
                let touched = rows.stock_of(&took.touched, shop, &mut book, state)?;
                effects.push(Effect::of(told, &took, touched));
            }
        }
        let changes = book.changes();
        self.last_received = changes.events.last().map(|event| event.received).or(self.last_received);
        self.cells = book.into_cells();
        Ok((verdicts, effects, changes))
    }

    /// Lays the stock that an event left, and plans what hangs on it.
    fn plan_effect(&mut self, effect: Effect, now: Timestamp) -> Result<Vec<Draft>, StateFault> {
        let mut skus = BTreeSet::new();
        for (sku, rows) in effect.touched {
            skus.extend(self.shop.restock(sku, &rows));
        }
        let under: Vec<_> = skus.into_iter().map(|sku| (sku, self.pins.under(effect.pinned, sku))).collect();
        self.draft(&effect.cause, &under, now)
    }

    /// Works out anew the orders with lines whose mapping came meanwhile.
    pub(super) fn map_waiting(&mut self, now: Timestamp) -> Result<(), StateFault> {
        let Self { shop, state, .. } = self;
        let goods = shop.goods();
        let mut waiting = BTreeSet::new();
        state.unmapped(&mut |order| {
            if order.store_skus.iter().any(|sku| goods.is_mapped(order.store, sku)) {
                waiting.insert(order.order.to_owned());
            }
        })?;
        let mut book = Book::new(&goods, self.last_received).with_cells(std::mem::take(&mut self.cells));
        let (mut effects, mut rows) = (Vec::new(), Rows::default());
        for order in waiting {
            let took = book.again(&mut OnShelf(state), &order).map_err(shelf_fault)?;
            self.notices.extend(heard(&took));
            let touched = rows.stock_of(&took.touched, shop, &mut book, state)?;
            let pinned = pinning::Cause::Order(took.placed_at);
            let (trigger, actor) = (Trigger::OrderPlaced, outgo::ACTOR.to_owned());
            let cause = Arc::new(Cause { trigger, order: Some(order), actor, at: now });
            effects.push(Effect { cause, pinned, touched, own: BTreeSet::new() });
        }
        let changes = book.changes();
        self.cells = book.into_cells();
        let mut drafts = Vec::new();
        for effect in effects {
            drafts.extend(self.plan_effect(effect, now)?);
        }
        self.submit(&changes, drafts, now)
    }

    /// The stock of a SKU and of what it is made of.
    pub(super) fn stock_rows(&mut self, sku: SkuId) -> Result<Vec<StockRow>, StateFault> {
        let Self { shop, state, .. } = self;
        let catalog = shop.catalog();
        let parts = catalog.parts(sku).iter().map(|part| part.sku);
        let names = [sku].into_iter().chain(parts).map(|sku| catalog.sku(sku).to_owned()).collect();
        let goods = shop.goods();
        let mut book = Book::new(&goods, self.last_received);
        let stock = Rows::default().stock_of(&names, shop, &mut book, state)?;
        Ok(stock.into_iter().flat_map(|(_, rows)| rows).collect())
    }

    /// Plans SKUs again for a reason that no event is: under the current rules.
    pub(super) fn plan_current(
        &mut self,
        cause: &Arc<Cause>,
        skus: impl IntoIterator<Item = SkuId>,
        now: Timestamp,
    ) -> Result<(), StateFault> {
        let under: Vec<(SkuId, Under)> = skus.into_iter().map(|sku| (sku, Under::Current)).collect();
        let drafts = self.draft(cause, &under, now)?;
        self.submit(&Changes::default(), drafts, now)
    }
}

impl Effect {
    fn of(told: &Told, took: &Took, touched: Vec<(SkuId, Vec<StockRow>)>) -> Self {
        let Told { event, actor, arrived } = told;
        let order = event.order().map(str::to_owned);
        let pinned = match &order {
            Some(_) => pinning::Cause::Order(took.placed_at),
            None => pinning::Cause::Other,
        };
        let cause = Cause { trigger: event.trigger(), order, actor: actor.clone(), at: *arrived };
        // What leaves the house was taken off before.
        let own =
            if event.trigger() == Trigger::OrderShipped { BTreeSet::new() } else { took.listings.clone() };
        Self { cause: Arc::new(cause), pinned, touched, own }
    }
}

/// The rows of stock that events of one transaction left: the catalog has them only once all of these were taken.
#[derive(Default)]
struct Rows(HashSet<(SkuId, WarehouseId)>);

impl Rows {
    /// The stock of these SKUs, in every warehouse that has some, or had.
    fn stock_of<S: State>(
        &mut self,
        names: &BTreeSet<String>,
        shop: &Shop,
        book: &mut Book<'_>,
        state: &mut S,
    ) -> Result<Vec<(SkuId, Vec<StockRow>)>, StateFault> {
        let catalog = shop.catalog();
        let mut touched = Vec::new();
        for name in names {
            let Some(sku) = catalog.find_sku(name) else { continue };
            let mut rows = Vec::new();
            for (at, warehouse) in shop.setup.declared.warehouses.iter().enumerate() {
                let held = book.stock(&mut OnShelf(state), name, warehouse).map_err(shelf_fault)?;
                let place = (sku, WarehouseId(at as u16));
                if self.0.contains(&place) || is_kept(&held, place.1, catalog.stock(sku)) {
                    self.0.insert(place);
                    rows.push(StockRow { sku, warehouse: place.1, held });
                }
            }
            touched.push((sku, rows));
        }
        Ok(touched)
    }
}

/// What people should hear of an event.
fn heard(took: &Took) -> impl Iterator<Item = Notice> {
    let unknown = took.unknown.iter().map(|UnknownLine { store, store_sku }| Notice::Unmapped {
        store: store.clone(),
        store_sku: store_sku.clone(),
    });
    let negative = took.negative.iter().map(|Negative { sku, warehouse, available }| {
        Notice::Alert(Alert::NegativeStock {
            sku: sku.clone(),
            warehouse: warehouse.clone(),
            available: *available,
        })
    });
    unknown.chain(negative)
}

/// A row of nothing that neither the files nor anybody told of is none.
fn is_kept(held: &Held, warehouse: WarehouseId, mut stock: impl Iterator<Item = (WarehouseId, i64)>) -> bool {
    (held.given, held.on_hand, held.reserved) != (0, 0, 0) || stock.any(|(of, _)| of == warehouse)
}
