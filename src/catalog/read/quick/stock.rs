//! `stock.csv`, where no row is there twice.

use super::{Declared, NewSku, NewSkus, SkuColumn, rows_in, whole};
use crate::catalog::faults::Faults;
use crate::catalog::pieces::{Piece, Pieces};
use crate::catalog::read::Builder;
use crate::catalog::read::stock::{AS_OF, COLUMNS, Moments, QUANTITY, Quantity, quantity_columns};
use crate::catalog::scan::{QuickRow, each_row};
use crate::catalog::stock::gather::Part;
use crate::catalog::stock::grid::{Filling, WAREHOUSES_MAX};
use crate::catalog::stock::{NO_MOMENT, Stock};
use crate::catalog::table::Header;
use crate::source::{FileId, Span};
use crate::threads::Threads;
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
        let mut columns = Columns {
            names: Declared::new(&declared.warehouses),
            moments: Moments::new(&declared.timezone),
            faults: Faults::new(self.file),
            part: Part::default(),
        };
        let names = &self.builder.catalog.skus;
        let mut skus = SkuColumn::new(piece.text, rows_in(piece.text));
        let clean = each_row(piece.text, self.header.width, places, |row| {
            skus.push(&row, self.header.place(0), names).and_then(|()| self.row(row, &mut columns)).is_some()
        });
        if !clean || !columns.faults.is_empty() {
            return None;
        }
        skus.look_up(names)?;
        let places = &self.builder.bundle_places;
        if !places.is_empty() && skus.numbers.iter().any(|sku| places.contains_key(sku)) {
            return None;
        }
        skus.new.iter_mut().for_each(|sku| {
            sku.place.0 += piece.at;
            sku.place.1 += piece.at;
        });
        Some((Part { skus: skus.numbers, ..columns.part }, skus.new))
    }

    fn row(&self, row: QuickRow<'_, '_>, columns: &mut Columns<'_>) -> Option<()> {
        let warehouse = columns.names.find(&row, self.header.place(1))?;
        let number = |column| whole(&row.cell(self.header.place(column)?)?, QUANTITY.0, QUANTITY.1);
        let available = self.quantity.of(number)?;
        if let Some(column) = self.header.place(AS_OF) {
            // The place is not told: where there is a fault, the plain reader finds it.
            let cell = (row.cell(column)?, Span::new(self.file, 0, 0));
            let moment = columns.moments.read(Some(cell), &mut columns.faults)?;
            columns.part.as_of.push(moment.unwrap_or(NO_MOMENT));
        }
        columns.part.warehouses.push(warehouse);
        columns.part.available.push(available);
        Some(())
    }
}

struct Columns<'d> {
    names: Declared<'d>,
    moments: Moments<'d>,
    faults: Faults,
    part: Part,
}
