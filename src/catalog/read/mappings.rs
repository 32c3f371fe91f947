//! `mappings.csv`: `sku`, `store`, `store_sku`, and how many `units` one of them sells.

use super::super::faults::{Faults, quoted};
use super::super::listings::{Mapped, Mapping};
use super::super::table::{Columns, Table};
use super::super::text::Decoded;
use super::ahead::Ahead;
use super::{Builder, NamesDeclared, filled, units};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::{BAD_ROW, DUPLICATE_ROW, MAPPING_CONFLICT, UNKNOWN_STORE};
use crate::rules::StoreId;
use crate::source::Span;
use std::borrow::Cow;

pub(super) const COLUMNS: Columns = Columns { names: &["sku", "store", "store_sku", "units"], needed: 3 };

pub(super) fn read(builder: &mut Builder<'_>, decoded: &Decoded, faults: &mut Faults) {
    let Some(table) = Table::open(decoded, &COLUMNS, faults) else { return };
    let mut stores = NamesDeclared::new(&builder.declared.stores, &UNKNOWN_STORE, "store");
    let mut ahead = Ahead::new();
    table.each(faults, |row, faults| {
        if !row.whole {
            return;
        }
        let sku = filled(row, 0, "sku", faults);
        let store = filled(row, 1, "store", faults).and_then(|cell| stores.find(&cell, faults));
        let store_sku = filled(row, 2, "store_sku", faults);
        // A row whose units are faulty still maps its store SKU: another such row is a fault of its own.
        let units = units(row.cell(3), faults).unwrap_or(1);
        let Some(sku) = sku else { return };
        let listing = store.zip(store_sku).map(|(store, store_sku)| (StoreId(store), store_sku, units));
        if ahead.push(sku, listing) {
            take_all(&mut ahead, builder, faults);
        }
    });
    take_all(&mut ahead, builder, faults);
}

/// The store, the store SKU, and how many units it sells; nothing where one of them is faulty.
type Listing<'t> = Option<(StoreId, (Cow<'t, str>, Span), u32)>;

fn take_all(ahead: &mut Ahead<'_, Listing<'_>>, builder: &mut Builder<'_>, faults: &mut Faults) {
    let named = ahead.rows().filter_map(|listing| listing.as_ref());
    builder.mappings.fetch(named.map(|(store, (store_sku, _), _)| (*store, &**store_sku)));
    ahead.hand_on(builder, faults, |builder, sku, (_, listing), faults| {
        if let Some(listing) = listing {
            take(builder, sku, listing, faults);
        }
    });
}

fn take(
    builder: &mut Builder<'_>,
    sku: u32,
    (store, (store_sku, span), units): (StoreId, (Cow<'_, str>, Span), u32),
    faults: &mut Faults,
) {
    match builder.mappings.push(Mapping { sku, store, store_sku: &store_sku, units, at: span.start }) {
        Mapped::New => {}
        Mapped::Full => faults.add(&BAD_ROW, span, || "there are too many listings".into()),
        Mapped::Before { sku: before, at } => {
            let first = faults.span(at as usize, at as usize + (span.end - span.start) as usize);
            let before = (before != sku).then(|| builder.catalog.skus.get(before));
            faults.push(|| report_twice(&store_sku, span, first, before));
        }
    }
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
