//! `mappings.csv`: `sku`, `store`, `store_sku`, and how many `units` one of them sells.

use super::super::faults::{Faults, quoted};
use super::super::listings::{Mapped, Mapping};
use super::super::table::{Columns, Table};
use super::super::text::Decoded;
use super::{Builder, NamesDeclared, filled, units};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::{BAD_ROW, DUPLICATE_ROW, MAPPING_CONFLICT, UNKNOWN_STORE};
use crate::rules::StoreId;
use crate::source::Span;

const COLUMNS: Columns = Columns { names: &["sku", "store", "store_sku", "units"], needed: 3 };

pub(super) fn read(builder: &mut Builder<'_>, decoded: &Decoded, faults: &mut Faults) {
    let Some(table) = Table::open(decoded, &COLUMNS, faults) else { return };
    let mut stores = NamesDeclared::new(&builder.declared.stores, &UNKNOWN_STORE, "store");
    table.each(faults, |row, faults| {
        if !row.whole {
            return;
        }
        let sku = filled(row, 0, "sku", faults);
        let store = filled(row, 1, "store", faults).and_then(|cell| stores.find(&cell, faults));
        let store_sku = filled(row, 2, "store_sku", faults);
        let units = units(row.cell(3), faults);
        let sku = sku.and_then(|cell| builder.sku(cell, faults));
        let (Some(sku), Some(store), Some((store_sku, span))) = (sku, store, store_sku) else { return };
        // A row whose units are faulty still maps its store SKU: another such row is a fault of its own.
        let units = units.unwrap_or(1);
        let mapping = Mapping { sku, store: StoreId(store), store_sku: &store_sku, units, at: span.start };
        match builder.mappings.push(mapping) {
            Mapped::New => {}
            Mapped::Full => faults.add(&BAD_ROW, span, || "there are too many listings".into()),
            Mapped::Before { sku: before, at } => {
                let first = faults.span(at as usize, at as usize + (span.end - span.start) as usize);
                let before = (before != sku).then(|| builder.catalog.skus.get(before));
                faults.push(|| report_twice(&store_sku, span, first, before));
            }
        }
    });
}

fn report_twice(store_sku: &str, span: Span, first: Span, other: Option<&str>) -> Diagnostic {
    let store_sku = quoted(store_sku);
    match other {
        None => Diagnostic::new(&DUPLICATE_ROW, span, format!("the store SKU {store_sku} is mapped twice"))
            .with_related(first, "first here"),
        Some(sku) => {
            let message = format!("the store SKU {store_sku} is mapped to {} already", quoted(sku));
            Diagnostic::new(&MAPPING_CONFLICT, span, message)
                .with_related(first, "mapped here")
                .with_help("a store SKU sells one merchant SKU; make a bundle of several")
        }
    }
}
