//! Stock by SKU: columns, sorted by SKU and then by warehouse.

pub(super) mod gather;
pub(super) mod grid;

use super::SkuId;
use crate::rules::WarehouseId;
use grid::Grid;
use std::ops::Range;

/// What stands for "no moment of its own".
pub(super) const NO_MOMENT: i64 = i64::MIN;

/// Stock rows, found by SKU.
#[derive(Debug, Default)]
pub(super) struct Stock {
    /// Every row as it was read, until one is laid; then the columns hold them.
    grid: Grid,
    starts: Vec<u32>,
    warehouses: Vec<u16>,
    available: Vec<i64>,
    /// Seconds since 1970; empty where the table has no such column.
    as_of: Vec<i64>,
    /// What the file says, and what was taken off it; empty while stock is as the file has it.
    laid: Vec<Laid>,
}

/// A row that may not be as the file has it.
#[derive(Clone, Copy, Debug)]
struct Laid {
    /// Units, and since when; `None` where the file has no such row.
    in_file: Option<(i64, i64)>,
    taken_off: i64,
    /// Whether the number is always of now.
    is_ledger: bool,
}

impl Laid {
    fn as_read(available: i64, as_of: i64) -> Self {
        Self { in_file: Some((available, as_of)), taken_off: 0, is_ledger: false }
    }
}

impl Stock {
    /// What the file says of a row, and since when.
    pub(super) fn in_file(&self, sku: SkuId, warehouse: WarehouseId) -> Option<(i64, Option<i64>)> {
        let (units, moment) = match self.place(sku, warehouse) {
            None => self.grid.get(sku.0, warehouse.0)?,
            Some(at) => match self.laid.get(at) {
                Some(laid) => laid.in_file?,
                None => (self.available.get(at).copied()?, self.moment(at)),
            },
        };
        Some((units, (moment != NO_MOMENT).then_some(moment)))
    }

    /// Puts the rows into columns.
    fn settle(&mut self) {
        if self.grid.len() > 0 {
            let mut rows = StockRows::default();
            self.grid.rows().for_each(|row| rows.push(row));
            *self = rows.sort(self.grid.sku_count()).0;
        }
    }

    fn moment(&self, at: usize) -> i64 {
        self.as_of.get(at).copied().unwrap_or(NO_MOMENT)
    }

    pub(super) fn taken_off(&self, sku: SkuId, warehouse: WarehouseId) -> i64 {
        let laid = self.place(sku, warehouse).and_then(|at| self.laid.get(at));
        laid.map_or(0, |laid| laid.taken_off)
    }

    /// Puts a number into its row; false where there is no such row.
    pub(super) fn lay(&mut self, row: &crate::orders::StockRow) -> bool {
        self.settle();
        let Some(at) = self.place(row.sku, row.warehouse) else { return false };
        if self.laid.is_empty() {
            let rows = self.available.iter().enumerate();
            self.laid = rows.map(|(at, &units)| Laid::as_read(units, self.moment(at))).collect();
        }
        let is_ledger = row.held.source == crate::orders::Source::Ledger;
        if let (Some(laid), Some(available)) = (self.laid.get_mut(at), self.available.get_mut(at)) {
            laid.taken_off = row.held.taken_off();
            laid.is_ledger = is_ledger;
            *available = row.held.available();
        }
        let since = row.held.since.map(|since| since.as_second()).filter(|_| !is_ledger);
        if since.is_some() && self.as_of.is_empty() {
            self.as_of.resize(self.available.len(), NO_MOMENT);
        }
        if let Some(moment) = self.as_of.get_mut(at) {
            *moment = since.unwrap_or(NO_MOMENT);
        }
        true
    }

    /// Puts every row back as the file has it; one that the file does not have is a row of nothing.
    pub(super) fn lift(&mut self) {
        for (at, laid) in self.laid.iter_mut().enumerate() {
            let (units, moment) = laid.in_file.unwrap_or((0, NO_MOMENT));
            *laid = Laid { taken_off: 0, is_ledger: false, ..*laid };
            if let Some(available) = self.available.get_mut(at) {
                *available = units;
            }
            if let Some(place) = self.as_of.get_mut(at) {
                *place = moment;
            }
        }
    }

    /// Adds rows of nothing, which the file does not have.
    pub(super) fn insert(&mut self, rows: Vec<(SkuId, WarehouseId)>, sku_count: usize) {
        self.settle();
        let mut all = StockRows::default();
        let mut laid = Vec::with_capacity(self.len() + rows.len());
        for sku in 0..sku_count as u32 {
            for at in range(&self.starts, SkuId(sku)) {
                let (Some(&warehouse), Some(&available)) = (self.warehouses.get(at), self.available.get(at))
                else {
                    continue;
                };
                let as_of = Some(self.moment(at)).filter(|&moment| moment != NO_MOMENT);
                all.push(StockRow { sku, warehouse: WarehouseId(warehouse), available, as_of, at: 0 });
                let as_read = || Laid::as_read(available, self.moment(at));
                laid.push(self.laid.get(at).copied().unwrap_or_else(as_read));
            }
        }
        for (sku, warehouse) in rows {
            all.push(StockRow { sku: sku.0, warehouse, available: 0, as_of: None, at: 0 });
            laid.push(Laid { in_file: None, taken_off: 0, is_ledger: false });
        }
        let (sorted, order) = all.sort_keeping_order(sku_count);
        *self = Stock { laid: gather(laid, &order), ..sorted };
    }

    fn place(&self, sku: SkuId, warehouse: WarehouseId) -> Option<usize> {
        let range = range(&self.starts, sku);
        let of_sku = self.warehouses.get(range.clone()).unwrap_or_default();
        of_sku.iter().position(|&at| at == warehouse.0).map(|at| range.start + at)
    }

    pub(super) fn len(&self) -> usize {
        self.warehouses.len() + self.grid.len()
    }

    pub(super) fn of(&self, sku: SkuId) -> impl Iterator<Item = (WarehouseId, i64)> + '_ {
        let range = range(&self.starts, sku);
        let warehouses = self.warehouses.get(range.clone()).unwrap_or_default();
        let available = self.available.get(range).unwrap_or_default();
        let rows = warehouses.iter().zip(available);
        let rows = rows.map(|(&warehouse, &quantity)| (WarehouseId(warehouse), quantity));
        rows.chain(self.grid.available(sku.0))
    }

    /// Since when each row of [`Stock::of`] is true, in seconds since 1970; nothing where no row says so.
    pub(super) fn moments_of(&self, sku: SkuId) -> impl Iterator<Item = Option<i64>> + '_ {
        let moments = self.as_of.get(range(&self.starts, sku)).unwrap_or_default();
        let moments = moments.iter().copied().chain(self.grid.moments(sku.0));
        moments.map(|moment| (moment != NO_MOMENT).then_some(moment))
    }

    /// The oldest moment of a row, and whether every row has one. What is in the ledger needs none.
    pub(super) fn oldest(&self) -> (Option<i64>, bool) {
        let dated = self.as_of.iter().copied().filter(|&moment| moment != NO_MOMENT);
        let dated = dated.chain(self.grid.all_moments());
        let in_ledger = self.laid.iter().filter(|laid| laid.is_ledger).count();
        (dated.clone().min(), dated.count() + in_ledger == self.len())
    }
}

/// The places of a SKU's rows between two starts.
pub(super) fn range(starts: &[u32], sku: SkuId) -> Range<usize> {
    let at = sku.0 as usize;
    match (starts.get(at), starts.get(at + 1)) {
        (Some(&start), Some(&end)) => start as usize..end as usize,
        _ => 0..0,
    }
}

/// Where each SKU's rows start, once the rows are sorted by SKU, and the rows (by their number) in that order.
pub(super) fn order_by_sku(
    skus: impl Iterator<Item = u32> + Clone,
    sku_count: usize,
) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0_u32; sku_count + 1];
    let mut rows = 0;
    for sku in skus.clone() {
        rows += 1;
        if let Some(count) = starts.get_mut(sku as usize + 1) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for count in &mut starts {
        sum += *count;
        *count = sum;
    }
    let mut next = starts.clone();
    let mut order = vec![0_u32; rows];
    for (row, sku) in skus.enumerate() {
        if let Some(place) = next.get_mut(sku as usize) {
            if let Some(slot) = order.get_mut(*place as usize) {
                *slot = row as u32;
            }
            *place += 1;
        }
    }
    (starts, order)
}

/// One row, as it is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct StockRow {
    pub(super) sku: u32,
    pub(super) warehouse: WarehouseId,
    pub(super) available: i64,
    /// Seconds since 1970.
    pub(super) as_of: Option<i64>,
    /// The byte at which the row starts.
    pub(super) at: u32,
}

/// Stock rows in the order of the file.
#[derive(Debug, Default)]
pub(super) struct StockRows {
    skus: Vec<u32>,
    warehouses: Vec<u16>,
    available: Vec<i64>,
    as_of: Vec<i64>,
    at: Vec<u32>,
}

impl StockRows {
    pub(super) fn push(&mut self, row: StockRow) {
        if row.as_of.is_some() && self.as_of.is_empty() {
            self.as_of.resize(self.skus.len(), NO_MOMENT);
        }
        if row.as_of.is_some() || !self.as_of.is_empty() {
            self.as_of.push(row.as_of.unwrap_or(NO_MOMENT));
        }
        self.skus.push(row.sku);
        self.warehouses.push(row.warehouse.0);
        self.available.push(row.available);
        self.at.push(row.at);
    }

    /// The same rows by SKU and warehouse, and the places (first, again) of rows that are there twice.
    pub(super) fn sort(self, sku_count: usize) -> (Stock, Vec<(u32, u32)>) {
        let ((stock, _), twice) = self.sort_all(sku_count);
        (stock, twice)
    }

    /// The same rows by SKU and warehouse, and the rows, by their number, in that order.
    fn sort_keeping_order(self, sku_count: usize) -> (Stock, Vec<u32>) {
        self.sort_all(sku_count).0
    }

    #[expect(clippy::type_complexity, reason = "the two halves are told apart right above")]
    fn sort_all(self, sku_count: usize) -> ((Stock, Vec<u32>), Vec<(u32, u32)>) {
        let (starts, mut order) = order_by_sku(self.skus.iter().copied(), sku_count);
        let Self { skus, warehouses: unsorted, available, as_of, at } = self;
        drop(skus);
        let mut warehouses = gather(unsorted, &order);
        let mut twice = Vec::new();
        for pair in starts.windows(2) {
            let [start, end] = *pair else { continue };
            let range = start as usize..end as usize;
            if let (Some(warehouses), Some(order)) = (warehouses.get_mut(range.clone()), order.get_mut(range))
            {
                sort_together(warehouses, order);
                find_twice(warehouses, order, &at, &mut twice);
            }
        }
        let stock = Stock {
            grid: Grid::default(),
            starts,
            as_of: gather(as_of, &order),
            available: gather(available, &order),
            warehouses,
            laid: Vec::new(),
        };
        ((stock, order), twice)
    }
}

/// Sorts the rows of one SKU by warehouse, equal ones by row.
fn sort_together(warehouses: &mut [u16], order: &mut [u32]) {
    if warehouses.is_sorted() {
        return;
    }
    let mut rows: Vec<_> = warehouses.iter().copied().zip(order.iter().copied()).collect();
    rows.sort_unstable();
    for ((warehouse, row), sorted) in warehouses.iter_mut().zip(order).zip(rows) {
        (*warehouse, *row) = sorted;
    }
}

/// The places (first, again) of one SKU's rows with the same warehouse.
fn find_twice(warehouses: &[u16], order: &[u32], at: &[u32], twice: &mut Vec<(u32, u32)>) {
    let place = |row: &u32| at.get(*row as usize).copied().unwrap_or_default();
    let mut rows = order;
    for same in warehouses.chunk_by(|one, other| one == other) {
        let (same, rest) = rows.split_at_checked(same.len()).unwrap_or_default();
        rows = rest;
        if let [first, again @ ..] = same
            && !again.is_empty()
        {
            twice.extend(again.iter().map(|row| (place(first), place(row))));
        }
    }
}

fn gather<T: Copy>(column: Vec<T>, order: &[u32]) -> Vec<T> {
    if column.is_empty() {
        return column;
    }
    order.iter().filter_map(|&row| column.get(row as usize).copied()).collect()
}
