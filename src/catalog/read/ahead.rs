//! SKUs of several rows looked up together: one by one, each look-up would wait for memory by itself.

use super::Builder;
use crate::catalog::faults::Faults;
use crate::source::Span;
use std::borrow::Cow;

/// So many rows wait for each other.
const ROWS: usize = 256;

/// Rows whose SKUs are still to be looked up.
#[derive(Debug)]
pub(super) struct Ahead<'t, R> {
    skus: Vec<Cow<'t, str>>,
    rows: Vec<(Span, R)>,
    found: Vec<Option<u32>>,
}

impl<'t, R> Ahead<'t, R> {
    pub(super) fn new() -> Self {
        let rows = Vec::with_capacity(ROWS);
        Self { skus: Vec::with_capacity(ROWS), rows, found: Vec::with_capacity(ROWS) }
    }

    /// Takes a row in; where that makes enough of them, they are to be handed on.
    pub(super) fn push(&mut self, (sku, span): (Cow<'t, str>, Span), row: R) -> bool {
        self.skus.push(sku);
        self.rows.push((span, row));
        self.rows.len() >= ROWS
    }

    /// The rows that wait.
    pub(super) fn rows(&self) -> impl Iterator<Item = &R> {
        self.rows.iter().map(|(_, row)| row)
    }

    /// Hands every row on with its SKU's number, in order, and is empty then.
    pub(super) fn hand_on(
        &mut self,
        builder: &mut Builder<'_>,
        faults: &mut Faults,
        mut take: impl FnMut(&mut Builder<'_>, u32, (Span, R), &mut Faults),
    ) {
        builder.catalog.skus.find_all(&self.skus, &mut self.found);
        let rows = self.skus.drain(..).zip(self.rows.drain(..)).zip(self.found.drain(..));
        for ((sku, row), found) in rows {
            if let Some(sku) = found.or_else(|| builder.sku((sku, row.0), faults)) {
                take(builder, sku, row, faults);
            }
        }
    }
}
