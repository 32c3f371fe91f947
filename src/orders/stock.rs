//! Where a stock number comes from, and what orders make of it.

use super::Movement;
use crate::catalog::{Catalog, SkuId};
use crate::rules::WarehouseId;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashSet};

/// Where the stock of a SKU in a warehouse comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// A number from outside, true at a moment: what happened after it is counted.
    Snapshot,
    /// Counted once, and kept here since: every reservation is counted.
    Ledger,
}

/// A number that was told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StockSet {
    /// The merchant SKU.
    pub sku: String,
    /// The warehouse's name.
    pub warehouse: String,
    /// What kind of number it is: on hand in the ledger, available in a snapshot.
    pub source: Source,
    /// Units.
    pub units: i64,
    /// When it was true.
    pub as_of: Timestamp,
}

/// A number that was told: what kind, units, and when it was true.
pub type Told = (Source, i64, Timestamp);

/// Sums of the movements of one SKU in one warehouse.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Moved {
    /// Of stock on hand, after a moment.
    pub on_hand: i64,
    /// Of reserved stock, after that moment.
    pub reserved_after: i64,
    /// Of reserved stock, all of them.
    pub reserved: i64,
}

/// The stock of one SKU in one warehouse.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Held {
    /// Where the number comes from.
    pub source: Source,
    /// The number: on hand in the ledger, available in a snapshot.
    pub given: i64,
    /// When it was true. `None`: nobody knows, and every movement counts.
    pub since: Option<Timestamp>,
    /// In the ledger, what came and went since.
    pub on_hand: i64,
    /// What is reserved: in the ledger all, of a snapshot what was taken since, less what came back.
    pub reserved: i64,
}

impl Held {
    /// From the row of the file, if there is one, and what is kept. A snapshot that was told takes the place of an older row;
    /// where there is neither, there is nothing since `missing_since`.
    pub fn new(
        file: Option<(i64, Option<Timestamp>)>,
        told: Option<Told>,
        missing_since: Option<Timestamp>,
    ) -> Self {
        let (source, given, since) = match (told, file) {
            (Some((Source::Ledger, units, as_of)), _) => (Source::Ledger, units, Some(as_of)),
            (Some((_, units, as_of)), None) => (Source::Snapshot, units, Some(as_of)),
            (Some((_, units, as_of)), Some((_, since))) if since.is_none_or(|since| since < as_of) => {
                (Source::Snapshot, units, Some(as_of))
            }
            (_, Some((units, since))) => (Source::Snapshot, units, since),
            (None, None) => (Source::Snapshot, 0, missing_since),
        };
        Self { source, given, since, on_hand: 0, reserved: 0 }
    }

    /// Units available; negative where more is ordered than there is.
    pub fn available(&self) -> i64 {
        self.given.saturating_add(self.on_hand).saturating_sub(self.reserved)
    }

    /// By how much movements and orders change the number.
    pub fn taken_off(&self) -> i64 {
        self.reserved.saturating_sub(self.on_hand)
    }

    /// What a movement does to stock on hand and to reserved stock here.
    pub fn effect(&self, at: Timestamp, on_hand: i64, reserved: i64) -> (i64, i64) {
        let is_new = self.since.is_none_or(|since| since < at);
        match self.source {
            Source::Ledger if is_new => (on_hand, reserved),
            Source::Ledger => (0, reserved),
            // What leaves the house was reserved before: of a snapshot only the difference is of interest.
            Source::Snapshot if is_new => (0, reserved.saturating_sub(on_hand)),
            Source::Snapshot => (0, 0),
        }
    }

    /// Starts with what moved after `since`.
    pub fn start(&mut self, moved: Moved) {
        (self.on_hand, self.reserved) = match self.source {
            Source::Ledger => (moved.on_hand, moved.reserved),
            Source::Snapshot => (0, moved.reserved_after.saturating_sub(moved.on_hand)),
        };
    }

    /// Counts a movement.
    pub fn add(&mut self, at: Timestamp, on_hand: i64, reserved: i64) {
        let (on_hand, reserved) = self.effect(at, on_hand, reserved);
        self.on_hand = self.on_hand.saturating_add(on_hand);
        self.reserved = self.reserved.saturating_add(reserved);
    }
}

/// Stock that fell below zero.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Negative {
    /// The merchant SKU.
    pub sku: String,
    /// The warehouse's name.
    pub warehouse: String,
    /// Units available.
    pub available: i64,
}

/// The stock of one SKU in one warehouse, for a catalog.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StockRow {
    /// The merchant SKU.
    pub sku: SkuId,
    /// The warehouse.
    pub warehouse: WarehouseId,
    /// What it is.
    pub held: Held,
}

/// Takes stock of everything that is kept, over a catalog: what the files say, less what orders took.
#[derive(Debug)]
pub struct StockTake<'c> {
    catalog: &'c Catalog,
    warehouses: &'c [String],
    rows: BTreeMap<(SkuId, WarehouseId), Held>,
    orders: HashSet<u64>,
    /// When stock that no row tells of was nothing.
    missing_since: Option<Timestamp>,
    /// Rows of the file whose stock is in the ledger.
    pub doubled: Vec<(SkuId, WarehouseId)>,
}

impl<'c> StockTake<'c> {
    /// Over a catalog, by the names of its warehouses.
    pub fn new(catalog: &'c Catalog, warehouses: &'c [String]) -> Self {
        Self {
            catalog,
            warehouses,
            rows: BTreeMap::new(),
            orders: HashSet::new(),
            missing_since: catalog.stock_as_of(),
            doubled: Vec::new(),
        }
    }

    /// The same over a catalog that stock was laid in before: when stock that no row of the files tells of was nothing.
    #[must_use]
    pub fn missing_since(self, missing_since: Option<Timestamp>) -> Self {
        Self { missing_since, ..self }
    }

    /// A number that was told. All of them come before the movements. One of what the catalog does not know is left out.
    pub fn set(&mut self, set: &StockSet) {
        let Some((sku, warehouse)) = self.place(&set.sku, &set.warehouse) else { return };
        let file = self.catalog.stock_in_file(sku, warehouse);
        if set.source == Source::Ledger && file.is_some() {
            self.doubled.push((sku, warehouse));
        }
        let held = Held::new(file, Some((set.source, set.units, set.as_of)), self.missing_since);
        self.rows.insert((sku, warehouse), held);
    }

    /// A movement, and the number of the order that caused it.
    pub fn movement(&mut self, order: Option<u64>, movement: &Movement) {
        let Some((sku, warehouse)) = self.place(&movement.sku, &movement.warehouse) else { return };
        let place = (sku, warehouse);
        let as_read = || Held::new(self.catalog.stock_in_file(sku, warehouse), None, self.missing_since);
        let mut held = self.rows.get(&place).copied().unwrap_or_else(as_read);
        if held.effect(movement.at, movement.on_hand, movement.reserved) != (0, 0) {
            held.add(movement.at, movement.on_hand, movement.reserved);
            self.rows.insert(place, held);
            self.orders.extend(order);
        }
    }

    /// The rows that are not as the file has them, by SKU and warehouse, and how many orders were counted.
    pub fn finish(self) -> (Vec<StockRow>, u64) {
        let rows = self.rows.into_iter();
        let rows = rows.map(|((sku, warehouse), held)| StockRow { sku, warehouse, held });
        (rows.collect(), self.orders.len() as u64)
    }

    fn place(&self, sku: &str, warehouse: &str) -> Option<(SkuId, WarehouseId)> {
        let at = self.warehouses.iter().position(|name| name == warehouse)?;
        Some((self.catalog.find_sku(sku)?, WarehouseId(at as u16)))
    }
}
