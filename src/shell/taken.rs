//! Stock as orders and the ledger leave it: what `plan`, `why` and `sync` look at.

use super::exit::{Exit, Stop};
use super::project::Project;
use super::state::{OnShelf, State, StateFault, Unmapped};
use crate::catalog::{Catalog, SkuId};
use crate::orders::{Book, Changes, Fault, Goods, OrderRow, StockRow, StockTake};
use crate::rules::WarehouseId;
use crate::trace::TakenOrder;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// More rows than this are counted only.
const DOUBLED_MAX: usize = 3;

/// What was taken off the stock of the files.
#[derive(Default)]
pub(super) struct Taken {
    /// How many orders.
    pub(super) orders: u64,
    /// The rows that are not as the file has them.
    pub(super) rows: Vec<StockRow>,
}

/// Takes orders off the project's stock, and puts the ledger's in.
///
/// Lines whose mapping came meanwhile are taken off too, whether the state can be written or not.
pub(super) fn take_off(project: &mut Project, state: &mut dyn State, now: Timestamp) -> Result<Taken, Stop> {
    if state.last_received()?.is_none() {
        return Ok(Taken::default());
    }
    let (rows, orders) = {
        let (redone, changes) = mapped(project, state, now)?;
        let Some(catalog) = &project.catalog else { return Ok(Taken::default()) };
        let mut take = StockTake::new(catalog, &project.declared.warehouses);
        state.stock_told(&mut |set| take.set(set))?;
        refuse_doubled(catalog, &take.doubled)?;
        state.movements(&mut |order, movement| {
            if !order.is_some_and(|order| redone.contains_key(&order)) {
                take.movement(order, movement);
            }
        })?;
        for (owner, (order, store)) in &redone {
            let is_it = |row: &&OrderRow| row.order == *order && row.store == *store;
            for movement in changes.orders.iter().find(is_it).into_iter().flat_map(|row| &row.movements) {
                take.movement(Some(*owner), movement);
            }
        }
        take.finish()
    };
    if let Some(catalog) = &mut project.catalog {
        catalog.lay_stock(&rows);
    }
    Ok(Taken { orders, rows })
}

/// The orders that were taken off the stock of a SKU, or of what it is made of; by SKU, then by when they were placed.
pub(super) fn orders_of(
    catalog: &Catalog,
    sku: SkuId,
    taken: &Taken,
    state: &mut dyn State,
) -> Result<Vec<TakenOrder>, Stop> {
    let mut orders: Vec<TakenOrder> = Vec::new();
    for sku in [sku].into_iter().chain(catalog.parts(sku).iter().map(|part| part.sku)) {
        let name = catalog.sku(sku);
        let rows: Vec<&StockRow> = taken.rows.iter().filter(|row| row.sku == sku).collect();
        state.orders_of(name, &mut |order, store, movement| {
            let row = rows.iter().find(|row| catalog.warehouse_name(row.warehouse) == movement.warehouse);
            let effect = row.map(|row| row.held.effect(movement.at, movement.on_hand, movement.reserved));
            let units = effect.map_or(0, |(on_hand, reserved)| reserved.saturating_sub(on_hand));
            let same = orders.last_mut().filter(|last| {
                last.sku == name
                    && last.order == order
                    && last.store == store
                    && last.warehouse == movement.warehouse
            });
            match same {
                Some(last) => last.units = last.units.saturating_add(units),
                None => orders.push(TakenOrder {
                    order: order.to_owned(),
                    store: store.to_owned(),
                    sku: name.to_owned(),
                    warehouse: movement.warehouse.clone(),
                    units,
                }),
            }
        })?;
    }
    orders.retain(|order| order.units != 0);
    Ok(orders)
}

/// Keeps what is reserved for lines whose mapping came meanwhile.
pub(super) fn keep_mapped(project: &Project, state: &mut dyn State, now: Timestamp) -> Result<(), Stop> {
    let (redone, changes) = mapped(project, state, now)?;
    if !redone.is_empty() {
        state.accept_events(&changes, &[])?;
    }
    Ok(())
}

/// What is reserved for goods: from where, and by which rules.
pub(super) fn goods(project: &Project, now: Timestamp) -> Option<Goods<'_>> {
    let (rules, catalog) = (project.checked.rule_set()?, project.catalog.as_ref()?);
    let own = project.config.stores.iter().map(|store| store.fulfil_from.clone()).collect();
    Some(Goods::new(catalog, &project.declared, rules, own, now))
}

/// A fault of the book: what is kept cannot be wrong, so that it is one of the state.
pub(super) fn shelf_fault(fault: Fault<StateFault>) -> StateFault {
    match fault {
        Fault::Shelf(fault) => fault,
        Fault::Refused(refused) => StateFault::unusable(refused.message),
    }
}

type Redone = BTreeMap<u64, (String, String)>;

/// The orders with lines whose mapping came, by their number, and what they are now.
fn mapped(project: &Project, state: &mut dyn State, now: Timestamp) -> Result<(Redone, Changes), Stop> {
    let Some(goods) = goods(project, now) else { return Ok(Default::default()) };
    let mut redone = Redone::new();
    state.unmapped(&mut |Unmapped { number, order, store, store_skus }| {
        if store_skus.iter().any(|sku| goods.is_mapped(store, sku)) {
            redone.insert(number, (order.to_owned(), store.to_owned()));
        }
    })?;
    let last = state.last_received()?;
    let mut book = Book::new(&goods, last);
    let names: BTreeSet<&String> = redone.values().map(|(order, _)| order).collect();
    for order in names {
        book.again(&mut OnShelf(state), order).map_err(shelf_fault)?;
    }
    let changes = book.changes();
    Ok((redone, changes))
}

fn refuse_doubled(catalog: &Catalog, doubled: &[(SkuId, WarehouseId)]) -> Result<(), Stop> {
    if doubled.is_empty() {
        return Ok(());
    }
    let name = |(sku, warehouse): &(SkuId, WarehouseId)| {
        format!("`{}` in `{}`", catalog.sku(*sku), catalog.warehouse_name(*warehouse))
    };
    let named: Vec<String> = doubled.iter().take(DOUBLED_MAX).map(name).collect();
    let more = doubled.len().saturating_sub(DOUBLED_MAX);
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    Err(Stop::failed(format_args!(
        "the stock file has rows whose stock is in the ledger: {}{more}",
        named.join(", ")
    ))
    .with_exit(Exit::Findings)
    .with_help("take them out of the file: what is in the ledger is set and adjusted by `stocksync stock`"))
}
