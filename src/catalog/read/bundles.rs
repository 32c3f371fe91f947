//! `bundles.csv`: `bundle`, `sku` and the `units` of it that one bundle needs.

use super::super::faults::{Faults, quoted};
use super::super::table::{Columns, Table};
use super::super::text::Decoded;
use super::super::{Part, SkuId};
use super::{Builder, filled, units};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::{DUPLICATE_ROW, NESTED_BUNDLE};
use crate::source::Span;
use std::collections::BTreeMap;

const COLUMNS: Columns = Columns { names: &["bundle", "sku", "units"], needed: 3 };

pub(super) fn read(builder: &mut Builder<'_>, decoded: &Decoded, faults: &mut Faults) {
    let Some(table) = Table::open(decoded, &COLUMNS, faults) else { return };
    let mut places: BTreeMap<(u32, u32), Span> = BTreeMap::new();
    table.each(faults, |row, faults| {
        if !row.whole {
            return;
        }
        let bundle = filled(row, 0, "bundle", faults);
        let part = filled(row, 1, "sku", faults);
        let units = units(row.cell(2), faults);
        let (Some(bundle), Some(part)) = (bundle, part) else { return };
        let (bundle_span, part_span) = (bundle.1, part.1);
        let (Some(bundle), Some(part)) = (builder.sku(bundle, faults), builder.sku(part, faults)) else {
            return;
        };
        builder.bundle_places.entry(bundle).or_insert(bundle_span);
        if let Some(&first) = places.get(&(bundle, part)) {
            let part = quoted(builder.catalog.skus.get(part));
            faults.push(|| {
                Diagnostic::new(
                    &DUPLICATE_ROW,
                    part_span,
                    format!("the part {part} of this bundle is there twice"),
                )
                .with_related(first, "first here")
            });
            return;
        }
        places.insert((bundle, part), part_span);
        if let Some(units) = units {
            builder.parts.push((bundle, Part { sku: SkuId(part), units }));
        }
    });
    for (&(_, part), &span) in &places {
        if let Some(&bundle) = builder.bundle_places.get(&part) {
            let part = quoted(builder.catalog.skus.get(part));
            faults.push(|| {
                Diagnostic::new(&NESTED_BUNDLE, span, format!("the part {part} is a bundle itself"))
                    .with_related(bundle, "it is made of parts here")
                    .with_help("name its parts instead")
            });
        }
    }
}
