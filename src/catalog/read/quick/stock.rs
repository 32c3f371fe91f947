//! `stock.csv`, where no row is there twice.

use super::{NewSku, NewSkus, Skus, runs_of, whole};
use crate::catalog::faults::Faults;
use crate::catalog::pieces::{Piece, Pieces};
use crate::catalog::read::Builder;
use crate::catalog::read::stock::{
    AS_OF, AVAILABLE, COLUMNS, Moments, ON_HAND, QUANTITY, Quantity, RESERVED, quantity_columns,
};
use crate::catalog::scan::{Column, Lines};
use crate::catalog::stock::gather::Part;
use crate::catalog::stock::grid::{Filling, WAREHOUSES_MAX};
use crate::catalog::stock::{NO_MOMENT, Stock};
use crate::catalog::table::Header;
use crate::source::{FileId, Span};
use crate::threads::Threads;
use std::borrow::Cow;
use std::io::Read;

pub(super) fn scan(
    builder: &Builder<'_>,
    file: FileId,
    stream: &mut (dyn Read + Send),
    threads: Threads,
    new: &mut NewSkus,
) -> Option<Stock> {
    let pieces = Pieces::open(stream, file, &COLUMNS, true)?;
    let mut faults = Faults::new(file);
    let table = Table {
        builder,
        file,
        header: &pieces.header,
        quantity: quantity_columns(&pieces.header, &mut faults)?,
    };
    let known = builder.catalog.skus.len();
    let warehouses = builder.declared.warehouses.len();
    if warehouses > WAREHOUSES_MAX {
        let read = pieces.each(threads, |piece, places| table.piece(piece, places))?;
        let mut parts = Vec::with_capacity(read.len());
        for (mut part, skus) in read {
            for sku in skus {
                *part.skus.get_mut(sku.row)? = new.number(&sku, file)?;
            }
            parts.push(part);
        }
        return Stock::gather(&parts, known + new.names.len(), threads);
    }
    let mut grid = Filling::new(known, warehouses, table.header.place(AS_OF).is_some(), threads);
    let read = pieces.each(threads, |piece, places| {
        let (part, skus) = table.piece(piece, places)?;
        grid.take(&part);
        let row = |sku: NewSku| Some((part.row(sku.row)?, sku));
        Some((part.skus.len(), skus.into_iter().map(row).collect::<Option<Vec<_>>>()?))
    })?;
    let rows = read.iter().map(|(rows, _)| rows).sum();
    let of_new = read.into_iter().flat_map(|(_, of_new)| of_new);
    let of_new: Vec<_> =
        of_new.map(|(row, sku)| Some((new.number(&sku, file)?, row))).collect::<Option<_>>()?;
    grid.grow(known + new.names.len());
    for (sku, (warehouse, available, as_of)) in of_new {
        grid.put(sku, warehouse, available, as_of);
    }
    Stock::of_grid(grid, rows, threads)
}

struct Table<'a> {
    builder: &'a Builder<'a>,
    file: FileId,
    header: &'a Header,
    quantity: Quantity,
}

impl Table<'_> {
    fn piece(&self, piece: Piece<'_>, places: &mut Vec<u32>) -> Option<(Part, Vec<NewSku>)> {
        let declared = self.builder.declared;
        let lines = Lines::of(piece.text, self.header.width, places)?;
        let column = |name| self.header.place(name).map(|at| lines.column(at));
        let skus = Skus::of(column(0)?, &self.builder.catalog.skus)?.at(piece.at);
        let bundles = &self.builder.bundle_places;
        if !bundles.is_empty() && skus.numbers.iter().any(|sku| bundles.contains_key(sku)) {
            return None;
        }
        let mut warehouses = Vec::with_capacity(lines.len());
        for (warehouse, to) in runs_of(column(1)?, &declared.warehouses)? {
            warehouses.resize(to, warehouse);
        }
        let numbers = |name| {
            let number = |text: Cow<'_, str>| whole(&text, QUANTITY.0, QUANTITY.1);
            column(name)?.texts().map(number).collect::<Option<Vec<i64>>>()
        };
        let available = match self.quantity {
            Quantity::Available => numbers(AVAILABLE)?,
            Quantity::OnHandAndReserved => {
                let (on_hand, reserved) = (numbers(ON_HAND)?, numbers(RESERVED)?);
                on_hand.iter().zip(reserved).map(|(on_hand, reserved)| on_hand - reserved).collect()
            }
        };
        let as_of = match column(AS_OF) {
            Some(column) => self.moments(column)?,
            None => Vec::new(),
        };
        Some((Part { skus: skus.numbers, warehouses, available, as_of }, skus.new))
    }

    fn moments(&self, column: Column<'_, '_>) -> Option<Vec<i64>> {
        let mut moments = Moments::new(&self.builder.declared.timezone);
        let mut faults = Faults::new(self.file);
        let moment = |text| {
            // The place is not told: where there is a fault, the plain reader finds it.
            let moment = moments.read(Some((text, Span::new(self.file, 0, 0))), &mut faults)?;
            Some(moment.unwrap_or(NO_MOMENT))
        };
        column.texts().map(moment).collect()
    }
}
