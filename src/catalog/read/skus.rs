//! `skus.csv`: `sku`, and a `name` for people.

use super::super::faults::{Faults, quoted};
use super::super::table::{Columns, Table};
use super::super::text::Decoded;
use super::{Builder, filled};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::{BAD_ROW, DUPLICATE_ROW};

pub(super) const COLUMNS: Columns = Columns { names: &["sku", "name"], needed: 1 };

pub(super) fn read(builder: &mut Builder<'_>, decoded: &Decoded, faults: &mut Faults) {
    let Some(table) = Table::open(decoded, &COLUMNS, faults) else { return };
    let mut places = Vec::new();
    // A row that cannot be taken apart hides its SKU: its uses are no further faults.
    builder.skus_known = table.each(faults, |row, faults| {
        // A row with too few cells still declares its SKU: its uses are no further faults.
        let Some((text, span)) = filled(row, 0, "sku", faults) else { return };
        match builder.catalog.skus.intern(&text) {
            None => faults.add(&BAD_ROW, span, || "there are more than 4 GiB of SKUs".into()),
            Some((_, true)) => places.push((span.start, span.end)),
            Some((sku, false)) => {
                let first = places.get(sku as usize).copied().unwrap_or_default();
                let first = faults.span(first.0 as usize, first.1 as usize);
                faults.push(|| {
                    Diagnostic::new(&DUPLICATE_ROW, span, format!("the SKU {} is there twice", quoted(&text)))
                        .with_related(first, "first here")
                });
            }
        }
    });
}
