//! Stock in a place for each SKU and warehouse: rows are put there as they are read, by all threads at once, and need no order.

use super::gather::Part;
use super::{NO_MOMENT, Stock, StockRow};
use crate::rules::WarehouseId;
use crate::threads::Threads;
use std::sync::atomic::{AtomicI64, Ordering};

/// With more warehouses than these, most places would hold nothing.
pub(in crate::catalog) const WAREHOUSES_MAX: usize = 8;

/// So many SKUs are cleared in one go.
const SKUS_IN_CHUNK: usize = 1 << 14;

/// What no row gives.
const NOTHING: i64 = i64::MIN;

/// So many rows are looked at before the first of them is put in its place.
const AHEAD: usize = 128;

/// Units by SKU and warehouse.
#[derive(Debug, Default)]
pub(super) struct Grid {
    warehouses: usize,
    available: Vec<Vec<i64>>,
    /// Seconds since 1970; empty where no row has a moment.
    as_of: Vec<Vec<i64>>,
    rows: usize,
}

impl Stock {
    /// Rows that were put in their places. `None` where one is there twice.
    pub(in crate::catalog) fn of_grid(filling: Filling, rows: usize, threads: Threads) -> Option<Stock> {
        Some(Stock { grid: filling.finish(rows, threads)?, ..Stock::default() })
    }
}

impl Grid {
    pub(super) fn len(&self) -> usize {
        self.rows
    }

    fn of<'a>(&self, chunks: &'a [Vec<i64>], sku: u32) -> &'a [i64] {
        let chunk = chunks.get(sku as usize / SKUS_IN_CHUNK).map(Vec::as_slice).unwrap_or_default();
        let first = sku as usize % SKUS_IN_CHUNK * self.warehouses;
        chunk.get(first..first + self.warehouses).unwrap_or_default()
    }

    /// What a row says, and since when.
    pub(super) fn get(&self, sku: u32, warehouse: u16) -> Option<(i64, i64)> {
        let at = usize::from(warehouse);
        let units = self.of(&self.available, sku).get(at).copied().filter(|&units| units != NOTHING)?;
        Some((units, self.of(&self.as_of, sku).get(at).copied().unwrap_or(NO_MOMENT)))
    }

    /// How many SKUs have places.
    pub(super) fn sku_count(&self) -> usize {
        self.available.iter().map(Vec::len).sum::<usize>() / self.warehouses.max(1)
    }

    /// The units of a SKU.
    pub(super) fn available(&self, sku: u32) -> impl Iterator<Item = (WarehouseId, i64)> + '_ {
        let row = self.of(&self.available, sku).iter();
        (0..).map(WarehouseId).zip(row.copied()).filter(|(_, units)| *units != NOTHING)
    }

    /// Since when each number of [`Grid::available`] is true; nothing where no row says so.
    pub(super) fn moments(&self, sku: u32) -> impl Iterator<Item = i64> + '_ {
        let moments = self.of(&self.as_of, sku).iter().copied();
        let units = self.of(&self.available, sku).iter();
        moments.zip(units).filter(|(_, units)| **units != NOTHING).map(|(moment, _)| moment)
    }

    /// Every moment there is.
    pub(super) fn all_moments(&self) -> impl Iterator<Item = i64> + Clone + '_ {
        self.as_of.iter().flatten().copied().filter(|&moment| moment != NO_MOMENT)
    }

    /// Every row, by SKU and warehouse.
    pub(super) fn rows(&self) -> impl Iterator<Item = StockRow> + '_ {
        (0..self.sku_count() as u32).flat_map(|sku| {
            let mut moments = self.moments(sku);
            self.available(sku).map(move |(warehouse, available)| {
                let as_of = moments.next().filter(|&moment| moment != NO_MOMENT);
                StockRow { sku, warehouse, available, as_of, at: 0 }
            })
        })
    }
}

/// A grid while rows are read.
#[derive(Debug)]
pub(in crate::catalog) struct Filling {
    warehouses: usize,
    dated: bool,
    chunks: Vec<Chunk>,
}

#[derive(Debug, Default)]
struct Chunk {
    available: Vec<AtomicI64>,
    as_of: Vec<AtomicI64>,
}

impl Filling {
    /// Of so many SKUs, and room for moments where the table has them.
    pub(in crate::catalog) fn new(skus: usize, warehouses: usize, dated: bool, threads: Threads) -> Self {
        let chunk = |skus| Chunk::default().grown(skus * warehouses, dated);
        Self { warehouses, dated, chunks: threads.each(chunks(skus), chunk) }
    }

    /// Has room for so many SKUs.
    pub(in crate::catalog) fn grow(&mut self, skus: usize) {
        let mut old = std::mem::take(&mut self.chunks).into_iter();
        let grown = |skus| old.next().unwrap_or_default().grown(skus * self.warehouses, self.dated);
        self.chunks = chunks(skus).map(grown).collect();
    }

    /// Puts rows in their places; those of SKUs that it has no room for are left out. Of two rows of one place, one is lost: then
    /// there are too few in the end.
    pub(in crate::catalog) fn take(&self, part: &Part) {
        let chunks = part.skus.chunks(AHEAD).zip(part.warehouses.chunks(AHEAD));
        let mut moments = part.as_of.chunks(AHEAD);
        for ((skus, warehouses), available) in chunks.zip(part.available.chunks(AHEAD)) {
            let as_of = moments.next().unwrap_or_default();
            let look = |&sku: &u32| self.place(sku, 0).map_or(0, |(cell, _)| cell.load(Ordering::Relaxed));
            std::hint::black_box(skus.iter().map(look).fold(0, |sum, units| sum ^ units));
            for (row, ((&sku, &warehouse), &units)) in skus.iter().zip(warehouses).zip(available).enumerate()
            {
                self.put(sku, warehouse, units, as_of.get(row).copied());
            }
        }
    }

    /// Puts a row in its place.
    pub(in crate::catalog) fn put(&self, sku: u32, warehouse: u16, available: i64, as_of: Option<i64>) {
        let Some((cell, moment)) = self.place(sku, warehouse) else { return };
        cell.store(available, Ordering::Relaxed);
        if let (Some(moment), Some(as_of)) = (moment, as_of) {
            moment.store(as_of, Ordering::Relaxed);
        }
    }

    fn place(&self, sku: u32, warehouse: u16) -> Option<(&AtomicI64, Option<&AtomicI64>)> {
        let Chunk { available, as_of } = self.chunks.get(sku as usize / SKUS_IN_CHUNK)?;
        let at = sku as usize % SKUS_IN_CHUNK * self.warehouses + usize::from(warehouse);
        Some((available.get(at)?, as_of.get(at)))
    }

    /// The rows. `None` where they are not so many: then one was there twice.
    fn finish(self, rows: usize, threads: Threads) -> Option<Grid> {
        let plain =
            |column: Vec<AtomicI64>| -> Vec<i64> { column.into_iter().map(AtomicI64::into_inner).collect() };
        let chunks = threads.each(self.chunks, |chunk| {
            let (available, as_of) = (plain(chunk.available), plain(chunk.as_of));
            let filled = available.iter().filter(|units| **units != NOTHING).count();
            let dated = as_of.iter().any(|moment| *moment != NO_MOMENT);
            (filled, dated, available, as_of)
        });
        let filled: usize = chunks.iter().map(|(filled, ..)| filled).sum();
        let dated = chunks.iter().any(|(_, dated, ..)| *dated);
        let (available, as_of): (Vec<_>, Vec<_>) =
            chunks.into_iter().map(|(_, _, available, as_of)| (available, as_of)).unzip();
        let as_of = if dated { as_of } else { Vec::new() };
        (filled == rows).then_some(Grid { warehouses: self.warehouses, available, as_of, rows })
    }
}

/// How many SKUs are in each chunk.
fn chunks(skus: usize) -> impl Iterator<Item = usize> + Send {
    (0..skus).step_by(SKUS_IN_CHUNK).map(move |first| SKUS_IN_CHUNK.min(skus - first))
}

impl Chunk {
    /// The same with so many places, of which the new ones hold nothing.
    fn grown(mut self, places: usize, dated: bool) -> Self {
        self.available.resize_with(places, || AtomicI64::new(NOTHING));
        self.as_of.resize_with(if dated { places } else { 0 }, || AtomicI64::new(NO_MOMENT));
        self
    }
}
