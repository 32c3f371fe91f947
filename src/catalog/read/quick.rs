//! Tables without a fault, read as a stream by several threads.
//!
//! Whatever is not clean — a fault, a cell that goes over several lines at the end of a piece, too many new SKUs — is left to the plain
//! readers beside this module, which go row by row and say what is wrong. Where both can read a table, they give the same.

mod mappings;
mod skus;
mod stock;

use super::{Builder, Faults};
use crate::catalog::intern::{Names, NamesBeside, Short};
use crate::catalog::listings::Table as Listed;
use crate::catalog::scan::Column;
use crate::catalog::stock::Stock;
use crate::catalog::text::decode;
use crate::source::{FileId, Sources, Span};
use crate::threads::Threads;
use jiff::Timestamp;
use std::borrow::Cow;
use std::io::Read;

/// More SKUs of one piece than this are not in `skus.csv`: then most are not, and the plain reader is as good.
const NEW_IN_PIECE_MAX: usize = 1024;

/// A kind of table that can be read as a stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// `skus.csv`.
    Skus,
    /// `stock.csv`.
    Stock,
    /// `mappings.csv`.
    Mappings,
}

/// What a stream gave, not yet taken in.
#[derive(Debug)]
pub struct Scan {
    file: FileId,
    rows: Rows,
    new: NewSkus,
}

#[derive(Debug)]
enum Rows {
    Skus(NamesBeside),
    Stock(Stock),
    Mappings(Vec<Listed>),
}

impl Scan {
    /// Whether there is something to report, so that the table's text is needed.
    pub fn has_findings(&self) -> bool {
        self.new.names.len() > 0
    }
}

impl Builder<'_> {
    /// Reads a table that has no fault. `None` where it has one, or cannot be read this way: then it must be read whole.
    pub fn scan(
        &self,
        kind: Kind,
        file: FileId,
        stream: &mut (dyn Read + Send),
        threads: Threads,
    ) -> Option<Scan> {
        let mut new = NewSkus::new(self);
        let rows = match kind {
            Kind::Skus => Rows::Skus(skus::scan(file, stream, threads)?),
            Kind::Stock => Rows::Stock(stock::scan(self, file, stream, threads, &mut new)?),
            Kind::Mappings => Rows::Mappings(mappings::scan(self, file, stream, threads, &mut new)?),
        };
        Some(Scan { file, rows, new })
    }

    /// Takes in what a stream gave; `bytes` are the whole table where there is something to report.
    pub fn take(
        &mut self,
        scan: Scan,
        modified: Option<Timestamp>,
        bytes: Option<Vec<u8>>,
        sources: &mut Sources,
    ) {
        let mut faults = Faults::new(scan.file);
        for (id, &span) in scan.new.spans.iter().enumerate() {
            self.sku((Cow::Borrowed(scan.new.names.get(id as u32)), span), &mut faults);
        }
        match scan.rows {
            Rows::Skus(names) => {
                self.skus_known = true;
                self.catalog.declared = names.len() as u32;
                self.catalog.skus = names;
            }
            Rows::Stock(stock) => {
                self.catalog.stock = stock;
                self.catalog.stock_modified = modified;
            }
            Rows::Mappings(tables) => self.mappings.replace(tables),
        }
        if !faults.is_empty()
            && let Some(Ok(decoded)) = bytes.map(decode)
        {
            sources.fill(scan.file, decoded.text);
        }
        self.diagnostics.extend(faults.finish());
    }
}

/// SKUs that `skus.csv` does not have, in the order in which a table uses them first.
#[derive(Debug)]
struct NewSkus {
    /// The number of the first of them.
    first: u32,
    names: Names,
    spans: Vec<Span>,
}

/// A SKU that is not known, and which of its piece's rows it is.
#[derive(Debug)]
struct NewSku {
    row: usize,
    text: String,
    place: (u32, u32),
}

impl NewSkus {
    fn new(builder: &Builder<'_>) -> Self {
        Self { first: builder.catalog.skus.len() as u32, names: Names::default(), spans: Vec::new() }
    }

    /// The number that the SKU will have when all of them are taken in, in this order.
    fn number(&mut self, sku: &NewSku, file: FileId) -> Option<u32> {
        let (id, new) = self.names.intern(&sku.text)?;
        if new {
            self.spans.push(Span::new(file, sku.place.0, sku.place.1));
        }
        self.first.checked_add(id)
    }
}

/// The SKUs of the rows of a piece.
struct Skus {
    /// By row; [`UNKNOWN`] until it has its number.
    numbers: Vec<u32>,
    new: Vec<NewSku>,
}

/// No number of a SKU.
const UNKNOWN: u32 = u32::MAX;

impl Skus {
    /// Looks up a column. `None` where a cell of it is empty, or where too many are unknown.
    fn of(column: Column<'_, '_>, names: &NamesBeside) -> Option<Self> {
        let mut skus = Self { numbers: Vec::with_capacity(column.len()), new: Vec::new() };
        let mut found = Vec::new();
        column.each(0..column.len(), |first, shorts| {
            names.find_short(shorts, |at| column.text(first + at), &mut found);
            for (row, found) in (first..).zip(&found) {
                if found.is_none() {
                    let place = column.place(row);
                    let text = column.text(row).into_owned();
                    skus.new.push(NewSku { row, text, place: (place.start, place.end) });
                }
                skus.numbers.push(found.unwrap_or(UNKNOWN));
            }
            (skus.new.len() <= NEW_IN_PIECE_MAX).then_some(())
        })?;
        Some(skus)
    }

    /// The same in a piece that starts at a byte of its table.
    fn at(mut self, start: u32) -> Self {
        self.new.iter_mut().for_each(|sku| sku.place = (sku.place.0 + start, sku.place.1 + start));
        self
    }
}

/// A whole number between two others. What the plain reader must look at is none.
fn whole(text: &str, least: i64, most: i64) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let add = |sum: i64, &digit: &u8| {
        let value = digit.wrapping_sub(b'0');
        (value < 10).then(|| sum * 10 + i64::from(value))
    };
    let number = digits.iter().try_fold(0, add)?;
    let number = if digits.len() < text.len() { -number } else { number };
    (least..=most).contains(&number).then_some(number)
}

/// The places of names in `declared`, and the rows behind the last of each run of rows that say the same. `None` where a name is not declared.
fn runs_of(column: Column<'_, '_>, declared: &[String]) -> Option<Vec<(u16, usize)>> {
    let mut runs: Vec<(u16, usize)> = Vec::new();
    let mut last = Short::LONG;
    column.each(0..column.len(), |first, shorts| {
        for (row, short) in (first..).zip(shorts) {
            if *short == last && !short.is_long() {
                continue;
            }
            let text = column.text(row);
            let name = u16::try_from(declared.iter().position(|name| *name == text)?).ok()?;
            if let Some((_, end)) = runs.last_mut() {
                *end = row;
            }
            runs.push((name, column.len()));
            last = *short;
        }
        Some(())
    })?;
    Some(runs)
}

#[cfg(test)]
mod tests;
