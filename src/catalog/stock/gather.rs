//! Rows in the order of the file, put in the order of SKUs.

use super::{NO_MOMENT, Stock};
use crate::threads::Threads;
use std::ops::Range;

/// Rows as they stand in a piece of the table: a column each.
#[derive(Debug, Default)]
pub(in crate::catalog) struct Part {
    pub(in crate::catalog) skus: Vec<u32>,
    pub(in crate::catalog) warehouses: Vec<u16>,
    pub(in crate::catalog) available: Vec<i64>,
    /// Seconds since 1970; empty where the table has no such column.
    pub(in crate::catalog) as_of: Vec<i64>,
}

impl Part {
    /// The warehouse of a row, its units, and since when.
    pub(in crate::catalog) fn row(&self, row: usize) -> Option<(u16, i64, Option<i64>)> {
        Some((*self.warehouses.get(row)?, *self.available.get(row)?, self.as_of.get(row).copied()))
    }
}

impl Stock {
    /// The rows by SKU and warehouse. `None` where one is there twice.
    pub(in crate::catalog) fn gather(parts: &[Part], sku_count: usize, threads: Threads) -> Option<Stock> {
        let rows: usize = parts.iter().map(|part| part.skus.len()).sum();
        let mut stock = Stock {
            grid: super::grid::Grid::default(),
            starts: starts(parts, sku_count, threads),
            warehouses: vec![0; rows],
            available: vec![0; rows],
            as_of: vec![NO_MOMENT; if parts.iter().all(|part| part.as_of.is_empty()) { 0 } else { rows }],
            laid: Vec::new(),
        };
        let shares = stock.shares(sku_count, threads);
        let distinct = threads.each(shares, |mut share| share.fill(parts) && share.sort());
        if stock.as_of.iter().all(|&moment| moment == NO_MOMENT) {
            stock.as_of = Vec::new();
        }
        distinct.into_iter().all(|distinct| distinct).then_some(stock)
    }

    /// The columns cut into as many runs of SKUs as there are threads.
    fn shares(&mut self, sku_count: usize, threads: Threads) -> Vec<Share<'_>> {
        let mut left: (&mut [u16], &mut [i64], &mut [i64]) =
            (&mut self.warehouses, &mut self.available, &mut self.as_of);
        let mut shares = Vec::new();
        for skus in runs(sku_count, threads) {
            let Some(starts) = self.starts.get(skus.start..=skus.end) else { break };
            let rows = starts.last().zip(starts.first()).map_or(0, |(end, start)| (end - start) as usize);
            let dated = if left.2.is_empty() { 0 } else { rows };
            let (warehouses, available, as_of) = left;
            let (warehouses, rest_warehouses) = warehouses.split_at_mut(rows);
            let (available, rest_available) = available.split_at_mut(rows);
            let (as_of, rest_as_of) = as_of.split_at_mut(dated);
            left = (rest_warehouses, rest_available, rest_as_of);
            shares.push(Share { skus, starts, warehouses, available, as_of });
        }
        shares
    }
}

/// Where each SKU's rows start.
fn starts(parts: &[Part], sku_count: usize, threads: Threads) -> Vec<u32> {
    let counts = threads.each(runs(sku_count, threads), |skus| {
        let mut counts = vec![0_u32; skus.len()];
        for &sku in parts.iter().flat_map(|part| &part.skus) {
            if let Some(count) = counts.get_mut((sku as usize).wrapping_sub(skus.start)) {
                *count += 1;
            }
        }
        counts
    });
    let mut starts = Vec::with_capacity(sku_count + 1);
    starts.push(0);
    let mut sum = 0;
    starts.extend(counts.into_iter().flatten().map(|count| {
        sum += count;
        sum
    }));
    starts
}

fn runs(sku_count: usize, threads: Threads) -> Vec<Range<usize>> {
    let length = sku_count.div_ceil(threads.count()).max(1);
    (0..sku_count).step_by(length).map(|start| start..sku_count.min(start + length)).collect()
}

/// A run of SKUs, and the columns of their rows.
struct Share<'a> {
    skus: Range<usize>,
    /// Of each of its SKUs, and where the last one's rows end.
    starts: &'a [u32],
    warehouses: &'a mut [u16],
    available: &'a mut [i64],
    as_of: &'a mut [i64],
}

impl Share<'_> {
    /// Puts every row in its place; whether there is one for each.
    fn fill(&mut self, parts: &[Part]) -> bool {
        let Some((&base, _)) = self.starts.split_first() else { return true };
        let mut next: Vec<u32> = self.starts.iter().take(self.skus.len()).map(|start| start - base).collect();
        for part in parts {
            let rows = part.skus.iter().zip(&part.warehouses).zip(&part.available);
            for (row, ((&sku, &warehouse), &available)) in rows.enumerate() {
                let Some(next) = next.get_mut((sku as usize).wrapping_sub(self.skus.start)) else { continue };
                let place = *next as usize;
                *next += 1;
                let cells = self.warehouses.get_mut(place).zip(self.available.get_mut(place));
                let Some((to_warehouse, to_available)) = cells else { return false };
                (*to_warehouse, *to_available) = (warehouse, available);
                if let (Some(to), Some(&moment)) = (self.as_of.get_mut(place), part.as_of.get(row)) {
                    *to = moment;
                }
            }
        }
        true
    }

    /// Sorts each SKU's rows by warehouse; whether no warehouse is there twice.
    fn sort(&mut self) -> bool {
        let base = self.starts.first().copied().unwrap_or_default();
        self.starts.windows(2).all(|pair| {
            let [start, end] = *pair else { return true };
            let rows = (start - base) as usize..(end - base) as usize;
            let Some(warehouses) = self.warehouses.get_mut(rows.clone()) else { return false };
            let in_order = |rows: &[u16]| rows.is_sorted_by(|one, other| one < other);
            if in_order(warehouses) {
                return true;
            }
            let mut order: Vec<usize> = (0..warehouses.len()).collect();
            order.sort_unstable_by_key(|&row| warehouses.get(row).copied());
            permute(warehouses, &order);
            let sorted = in_order(warehouses);
            permute(self.available.get_mut(rows.clone()).unwrap_or_default(), &order);
            permute(self.as_of.get_mut(rows).unwrap_or_default(), &order);
            sorted
        })
    }
}

fn permute<T: Copy>(column: &mut [T], order: &[usize]) {
    let sorted: Vec<T> = order.iter().filter_map(|&row| column.get(row).copied()).collect();
    column.iter_mut().zip(sorted).for_each(|(to, from)| *to = from);
}
