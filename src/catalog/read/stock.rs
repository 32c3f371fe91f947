//! `stock.csv`: `sku`, `warehouse`, and `available`, or `on_hand` and `reserved`; perhaps `as_of`.

use super::super::faults::{Faults, quoted};
use super::super::moment::{self, NoMoment};
use super::super::stock::{StockRow, StockRows};
use super::super::table::{Columns, Header, Row, Table};
use super::super::text::Decoded;
use super::ahead::Ahead;
use super::{Builder, NamesDeclared, filled, number};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::{BAD_MOMENT, BAD_ROW, BUNDLE_WITH_STOCK, DUPLICATE_ROW, UNKNOWN_WAREHOUSE};
use crate::rules::WarehouseId;
use crate::source::Span;
use jiff::tz::TimeZone;
use std::borrow::Cow;

pub(super) const COLUMNS: Columns =
    Columns { names: &["sku", "warehouse", "available", "on_hand", "reserved", "as_of"], needed: 2 };
pub(super) const AVAILABLE: usize = 2;
pub(super) const ON_HAND: usize = 3;
pub(super) const RESERVED: usize = 4;
pub(super) const AS_OF: usize = 5;

pub(super) const QUANTITY: (i64, i64) = (-(u32::MAX as i64), u32::MAX as i64);

pub(super) fn read(builder: &mut Builder<'_>, decoded: &Decoded, faults: &mut Faults) {
    let whole = whole_lines(decoded, faults);
    let Some(table) = Table::open(whole.as_ref().unwrap_or(decoded), &COLUMNS, faults) else { return };
    let Some(quantity) = quantity_columns(&table.header, faults) else { return };
    let declared = builder.declared;
    let mut warehouses = NamesDeclared::new(&declared.warehouses, &UNKNOWN_WAREHOUSE, "warehouse");
    let mut moments = Moments::new(&declared.timezone);
    let mut rows = StockRows::default();
    let mut ahead = Ahead::new();
    table.each(faults, |row, faults| {
        if !row.whole {
            return;
        }
        let sku = filled(row, 0, "sku", faults);
        let warehouse = filled(row, 1, "warehouse", faults);
        let warehouse = warehouse.and_then(|cell| warehouses.find(&cell, faults));
        let available = quantity.read(row, faults);
        let as_of = moments.read(row.cell(AS_OF), faults);
        let Some(sku) = sku else { return };
        let at = row.at;
        let row = warehouse.zip(available).zip(as_of).map(|((warehouse, available), as_of)| StockRow {
            sku: 0,
            warehouse: WarehouseId(warehouse),
            available,
            as_of,
            at,
        });
        if ahead.push(sku, row) {
            take_all(&mut ahead, builder, &mut rows, faults);
        }
    });
    take_all(&mut ahead, builder, &mut rows, faults);
    let (stock, twice) = rows.sort(builder.catalog.skus.len());
    builder.catalog.stock = stock;
    for (first, again) in twice {
        let line = |at: u32| faults.span(at as usize, line_end(&decoded.text, at));
        let (first, again) = (line(first), line(again));
        faults.push(|| {
            Diagnostic::new(&DUPLICATE_ROW, again, "the stock of this SKU in this warehouse is there twice")
                .with_related(first, "first here")
        });
    }
}

/// Takes in the rows that wait; one without a faultless cell besides its SKU is `None`.
fn take_all(
    ahead: &mut Ahead<'_, Option<StockRow>>,
    builder: &mut Builder<'_>,
    rows: &mut StockRows,
    faults: &mut Faults,
) {
    ahead.hand_on(builder, faults, |builder, sku, (span, row), faults| {
        if let Some(&bundle) = builder.bundle_places.get(&sku) {
            report_bundle(span, bundle, builder.catalog.skus.get(sku), faults);
        }
        if let Some(row) = row {
            rows.push(StockRow { sku, ..row });
        }
    });
}

/// The text without a last line that has no end, which is reported. `None` where the text is whole.
fn whole_lines(decoded: &Decoded, faults: &mut Faults) -> Option<Decoded> {
    let text = &decoded.text;
    if text.is_empty() || text.ends_with('\n') {
        return None;
    }
    let end = text.rfind('\n').map_or(0, |at| at + 1);
    let span = faults.span(end, text.len());
    faults.push(|| {
        Diagnostic::new(&BAD_ROW, span, "the table is half-written: its last line does not end").with_help(
            "write it under another name and rename it when it is whole; every line ends with a line end",
        )
    });
    let marks = decoded.marks.iter().filter(|mark| (mark.start as usize) < end).cloned().collect();
    Some(Decoded { text: text.get(..end).unwrap_or("").to_owned(), marks })
}

/// Which columns hold the quantity.
#[derive(Clone, Copy, Debug)]
pub(super) enum Quantity {
    Available,
    OnHandAndReserved,
}

impl Quantity {
    fn read(self, row: &Row<'_, '_>, faults: &mut Faults) -> Option<i64> {
        let mut cell = |column| {
            let name = COLUMNS.names.get(column).copied().unwrap_or_default();
            number(&row.cell(column)?, name, QUANTITY, faults)
        };
        match self {
            Quantity::Available => cell(AVAILABLE),
            Quantity::OnHandAndReserved => {
                let (on_hand, reserved) = (cell(ON_HAND), cell(RESERVED));
                Some(on_hand? - reserved?)
            }
        }
    }
}

pub(super) fn quantity_columns(header: &Header, faults: &mut Faults) -> Option<Quantity> {
    let columns = (header.column(AVAILABLE), header.column(ON_HAND), header.column(RESERVED));
    let (span, message) = match columns {
        (Some(_), None, None) => return Some(Quantity::Available),
        (None, Some(_), Some(_)) => return Some(Quantity::OnHandAndReserved),
        (Some(available), Some(other), _) | (Some(available), None, Some(other)) => {
            let diagnostic =
                Diagnostic::new(&BAD_ROW, other, "`available` stands together with `on_hand` or `reserved`")
                    .with_related(available, "`available` is here")
                    .with_help("keep `available`, or `on_hand` and `reserved`");
            faults.push(|| diagnostic);
            return None;
        }
        (None, None, None) => {
            (header.span, "the column `available` is missing, and so are `on_hand` and `reserved`")
        }
        (None, Some(on_hand), None) => (on_hand, "the column `reserved` is missing, which `on_hand` needs"),
        (None, None, Some(reserved)) => (reserved, "the column `on_hand` is missing, which `reserved` needs"),
    };
    faults.add(&BAD_ROW, span, || message.into());
    None
}

/// Reads moments; the text that was read last is at hand, for it is often the same in every row.
#[derive(Debug)]
pub(super) struct Moments<'d> {
    timezone: &'d TimeZone,
    last: Option<(String, i64)>,
}

impl<'d> Moments<'d> {
    pub(super) fn new(timezone: &'d TimeZone) -> Self {
        Self { timezone, last: None }
    }

    /// `Some(None)` where there is no moment, `None` where there is a fault.
    pub(super) fn read(
        &mut self,
        cell: Option<(Cow<'_, str>, Span)>,
        faults: &mut Faults,
    ) -> Option<Option<i64>> {
        let Some((text, span)) = cell.filter(|(text, _)| !text.is_empty()) else { return Some(None) };
        if let Some((_, second)) = self.last.as_ref().filter(|(last, _)| *last == *text) {
            return Some(Some(*second));
        }
        match moment::parse(&text, self.timezone) {
            Ok(moment) => {
                self.last = Some((text.into_owned(), moment.as_second()));
                Some(Some(moment.as_second()))
            }
            Err(why) => {
                faults.push(|| report_moment(&text, span, why));
                None
            }
        }
    }
}

fn report_moment(text: &str, span: Span, why: NoMoment) -> Diagnostic {
    let text = quoted(text);
    let (message, help) = match why {
        NoMoment::Malformed => {
            (format!("{text} in `as_of` is not a moment"), "write it like `2026-11-27T18:00:00Z`")
        }
        NoMoment::Skipped => (
            format!("{text} in `as_of` does not exist: the clocks skip it"),
            "write it with an offset, like `2026-11-27T18:00:00+01:00`",
        ),
        NoMoment::Twice => (
            format!("{text} in `as_of` exists twice: the clocks go back"),
            "write it with an offset, like `2026-11-27T18:00:00+01:00`",
        ),
    };
    Diagnostic::new(&BAD_MOMENT, span, message).with_help(help)
}

fn report_bundle(span: Span, bundle: Span, sku: &str, faults: &mut Faults) {
    faults.push(|| {
        Diagnostic::new(
            &BUNDLE_WITH_STOCK,
            span,
            format!("{} is a bundle and has stock of its own", quoted(sku)),
        )
        .with_related(bundle, "it is made of parts here")
        .with_help("give stock to its parts, or let it be no bundle")
    });
}

fn line_end(text: &str, at: u32) -> usize {
    let rest = text.get(at as usize..).unwrap_or("");
    let line = rest.lines().next().unwrap_or("");
    at as usize + line.len()
}
