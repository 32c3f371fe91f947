//! The four tables, one after another: a table's text is dropped before the next one is needed.

mod ahead;
mod bundles;
mod mappings;
mod quick;
mod skus;
mod stock;

pub use quick::{Kind, Scan};

use super::faults::{Faults, quoted};
use super::listings::Mappings;
use super::text::{Decoded, Unreadable, decode};
use super::{Catalog, Part, SkuId};
use crate::diagnostic::codes::BAD_ROW;
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::lint::unknown_sku::UNKNOWN_SKU;
use crate::rules::Declared;
use crate::source::{FileId, Sources, Span};
use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A table as it was read.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its file, added without a text: it gets its text when there is a finding in it.
    pub file: FileId,
    /// What is in it.
    pub bytes: Vec<u8>,
    /// When the file was last changed: stands in for `as_of`.
    pub modified: Option<Timestamp>,
}

/// Every table of a project.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// `skus.csv`.
    pub skus: Table,
    /// `stock.csv`.
    pub stock: Table,
    /// `mappings.csv`.
    pub mappings: Table,
    /// `bundles.csv`, where there is one.
    pub bundles: Option<Table>,
}

/// Reads every table. The catalog of tables with faults holds what could be read.
pub fn read(inputs: Inputs, declared: &Declared, sources: &mut Sources) -> (Catalog, Vec<Diagnostic>) {
    let mut builder = Builder::new(declared);
    builder.skus(inputs.skus, sources);
    if let Some(bundles) = inputs.bundles {
        builder.bundles(bundles, sources);
    }
    builder.stock(inputs.stock, sources);
    builder.mappings(inputs.mappings, sources);
    builder.finish()
}

/// Reads tables one at a time, in this order: SKUs, bundles, stock, mappings. Each is judged by those before it.
#[derive(Debug)]
pub struct Builder<'d> {
    declared: &'d Declared,
    catalog: Catalog,
    /// The rows of bundles, and where each bundle is named first.
    parts: Vec<(u32, Part)>,
    bundle_places: BTreeMap<u32, Span>,
    mappings: Mappings,
    /// Whether `skus.csv` could be read; without it, no SKU is reported as unknown.
    skus_known: bool,
    /// The SKU of the row before.
    last_sku: u32,
    diagnostics: Vec<Diagnostic>,
}

impl<'d> Builder<'d> {
    /// Nothing read yet.
    pub fn new(declared: &'d Declared) -> Self {
        let catalog = Catalog {
            warehouses: declared.warehouses.clone(),
            stores: declared.stores.clone(),
            ..Catalog::default()
        };
        Self {
            declared,
            catalog,
            parts: Vec::new(),
            bundle_places: BTreeMap::new(),
            mappings: Mappings::new(declared.stores.len()),
            skus_known: false,
            last_sku: 0,
            diagnostics: Vec::new(),
        }
    }

    /// Reads `skus.csv`.
    pub fn skus(&mut self, table: Table, sources: &mut Sources) {
        self.table(table, sources, skus::read);
        self.catalog.declared = self.catalog.skus.len() as u32;
    }

    /// Reads `bundles.csv`, and keeps its text: findings in `stock.csv` point there.
    pub fn bundles(&mut self, table: Table, sources: &mut Sources) {
        let file = table.file;
        let mut text = String::new();
        self.table(table, sources, |builder, decoded, faults| {
            bundles::read(builder, decoded, faults);
            text.clone_from(&decoded.text);
        });
        sources.fill(file, text);
    }

    /// Reads `stock.csv`.
    pub fn stock(&mut self, table: Table, sources: &mut Sources) {
        self.catalog.stock_modified = table.modified;
        self.table(table, sources, stock::read);
    }

    /// Reads `mappings.csv`.
    pub fn mappings(&mut self, table: Table, sources: &mut Sources) {
        self.table(table, sources, mappings::read);
    }

    /// The catalog, and everything that was found in the tables.
    pub fn finish(mut self) -> (Catalog, Vec<Diagnostic>) {
        let count = self.catalog.skus.len();
        self.catalog.skus.shrink();
        self.catalog.bundles = super::bundles::Bundles::new(&self.parts, count);
        self.catalog.listings = self.mappings.finish(count);
        (self.catalog, self.diagnostics)
    }

    fn table(
        &mut self,
        table: Table,
        sources: &mut Sources,
        read: impl FnOnce(&mut Self, &Decoded, &mut Faults),
    ) {
        let mut faults = Faults::new(table.file);
        let mut decoded = Decoded::default();
        match decode(table.bytes) {
            Ok(text) => {
                decoded = text;
                read(self, &decoded, &mut faults);
            }
            Err(unreadable) => faults.push(|| report_unreadable(unreadable, table.file)),
        }
        if !faults.is_empty() {
            sources.fill(table.file, decoded.text);
        }
        self.diagnostics.extend(faults.finish());
    }

    /// The number of a SKU; one that `skus.csv` does not have is reported where it is used first.
    fn sku(&mut self, (text, span): (Cow<'_, str>, Span), faults: &mut Faults) -> Option<u32> {
        let Some((sku, new)) = self.catalog.skus.intern_near(&text, self.last_sku) else {
            faults.add(&BAD_ROW, span, || "there are more than 4 GiB of SKUs".into());
            return None;
        };
        self.last_sku = sku;
        if new {
            self.catalog.undeclared.push((SkuId(sku), span));
        }
        if new && self.skus_known {
            faults.push(|| {
                let message = format!("the SKU {} is not in the table of SKUs", quoted(&text));
                let help = match text.trim() == text {
                    true => "add it there, or correct it here",
                    false => "cells are not trimmed: take away the white space around it",
                };
                Diagnostic::new(&UNKNOWN_SKU, span, message).with_help(help)
            });
        }
        Some(sku)
    }
}

/// The cell in a column that must not be empty.
fn filled<'t>(
    row: &super::table::Row<'_, 't>,
    column: usize,
    name: &str,
    faults: &mut Faults,
) -> Option<(Cow<'t, str>, Span)> {
    let (text, span) = row.cell(column)?;
    if text.is_empty() {
        faults.add(&BAD_ROW, span, || format!("`{name}` is empty"));
        return None;
    }
    Some((text, span))
}

/// A whole number between two others.
fn number(
    (text, span): &(Cow<'_, str>, Span),
    name: &str,
    (least, most): (i64, i64),
    faults: &mut Faults,
) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        if text.is_empty() {
            faults.add(&BAD_ROW, *span, || format!("`{name}` is empty"));
            return None;
        }
        faults.push(|| {
            Diagnostic::new(&BAD_ROW, *span, format!("{} in `{name}` is not a whole number", quoted(text)))
                .with_help("write digits alone, like `1000`: no spaces, separators or decimals")
        });
        return None;
    }
    let number = text.parse().ok().filter(|number| (least..=most).contains(number));
    if number.is_none() {
        faults.push(|| {
            Diagnostic::new(&BAD_ROW, *span, format!("{} in `{name}` is out of range", quoted(text)))
                .with_help(format!("it goes from {least} to {most}"))
        });
    }
    number
}

/// A number of units: at least 1, and 1 where the cell is empty or not there.
fn units(cell: Option<(Cow<'_, str>, Span)>, faults: &mut Faults) -> Option<u32> {
    match cell {
        None => Some(1),
        Some((text, _)) if text.is_empty() => Some(1),
        Some(cell) => {
            let units = number(&cell, "units", (1, i64::from(u32::MAX)), faults)?;
            u32::try_from(units).ok()
        }
    }
}

/// Declared names, with the one that was asked for last at hand: rows of one name often stand together.
#[derive(Debug)]
struct NamesDeclared<'d> {
    names: &'d [String],
    by_name: BTreeMap<&'d str, u16>,
    last: Option<(&'d str, u16)>,
    code: &'static Code,
    kind: &'static str,
}

impl<'d> NamesDeclared<'d> {
    fn new(names: &'d [String], code: &'static Code, kind: &'static str) -> Self {
        let by_name = names.iter().enumerate().map(|(at, name)| (name.as_str(), at as u16)).collect();
        Self { names, by_name, last: None, code, kind }
    }

    fn find(&mut self, (text, span): &(Cow<'_, str>, Span), faults: &mut Faults) -> Option<u16> {
        if let Some((_, at)) = self.last.filter(|&(name, _)| *name == **text) {
            return Some(at);
        }
        self.last = self.by_name.get_key_value(&**text).map(|(&name, &at)| (name, at));
        if self.last.is_none() {
            faults.push(|| self.unknown(text, *span));
        }
        self.last.map(|(_, at)| at)
    }

    fn unknown(&self, text: &str, span: Span) -> Diagnostic {
        let Self { names, code, kind, .. } = self;
        let message = format!("the {kind} {} is not declared", quoted(text));
        let help = match nearest(text, names.iter().map(String::as_str)) {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("declare it under `{kind}s` in `stocksync.yaml`"),
        };
        Diagnostic::new(code, span, message).with_help(help)
    }
}

pub(super) fn report_unreadable(unreadable: Unreadable, file: FileId) -> Diagnostic {
    let (message, help) = match unreadable {
        Unreadable::TooLarge => ("the table is larger than 4 GiB", "split off what is no longer sold"),
        Unreadable::Utf16 => ("the table is UTF-16, not UTF-8", "save it as `CSV UTF-8`"),
    };
    Diagnostic::new(&BAD_ROW, Span::new(file, 0, 0), message).with_help(help)
}
