//! One table: its header, its rows, and every fault that has to do with their form.

use super::csv::{Cell, CsvRows, Why};
use super::faults::{Faults, quoted};
use super::text::{Decoded, Mark};
use crate::diagnostic::codes::BAD_ROW;
use crate::diagnostic::{Diagnostic, nearest};
use crate::source::Span;
use std::borrow::Cow;

/// The columns of a kind of table.
#[derive(Debug)]
pub(super) struct Columns {
    /// By name; a row's cells are asked for by their place here.
    pub(super) names: &'static [&'static str],
    /// So many of the first ones must be there.
    pub(super) needed: usize,
}

/// Where a table's columns are, by their place in [`Columns`].
#[derive(Debug)]
pub(super) struct Header {
    places: Vec<Option<usize>>,
    /// How many cells it has, and so every row.
    pub(super) width: usize,
    /// The whole first row.
    pub(super) span: Span,
    spans: Vec<Span>,
}

impl Header {
    /// In which cell of a row each column stands, and how many cells a row has.
    pub(super) fn places(&self) -> (Vec<Option<usize>>, usize) {
        (self.places.clone(), self.width)
    }

    /// At which cell of a row a column is.
    pub(super) fn place(&self, column: usize) -> Option<usize> {
        *self.places.get(column)?
    }

    /// The cell of the header that names a column.
    pub(super) fn column(&self, column: usize) -> Option<Span> {
        self.spans.get((*self.places.get(column)?)?).copied()
    }
}

/// One row.
#[derive(Debug)]
pub(super) struct Row<'r, 't> {
    text: &'t str,
    header: &'r Header,
    cells: &'r [Cell],
    /// Whether it has as many cells as the header.
    pub(super) whole: bool,
    /// The byte at which it starts.
    pub(super) at: u32,
}

impl<'t> Row<'_, 't> {
    /// What the cell in a column says, and where it lies. `None` where the table has no such column.
    pub(super) fn cell(&self, column: usize) -> Option<(Cow<'t, str>, Span)> {
        let cell = self.cells.get((*self.header.places.get(column)?)?)?;
        Some((cell.text(self.text), Span::new(self.header.span.file, cell.start, cell.end)))
    }
}

/// A table whose header was read.
#[derive(Debug)]
pub(super) struct Table<'t> {
    text: &'t str,
    rows: CsvRows<'t>,
    marks: &'t [Mark],
    pub(super) header: Header,
}

impl<'t> Table<'t> {
    /// Reads the header. `None` where it makes no sense of the rows; that is reported.
    pub(super) fn open(decoded: &'t Decoded, columns: &Columns, faults: &mut Faults) -> Option<Self> {
        let Decoded { text, marks } = decoded;
        let mut table = Table {
            text,
            rows: CsvRows::new(text),
            marks,
            header: Header { places: Vec::new(), width: 0, span: faults.span(0, 0), spans: Vec::new() },
        };
        let Some(read) = table.rows.next() else {
            faults.push(|| empty_table(table.header.span, columns));
            return None;
        };
        if table.marked(faults) {
            return None;
        }
        if let Err(broken) = read {
            report_broken(broken, faults);
            return None;
        }
        table.header = header(text, &table.rows, columns, faults)?;
        Some(table)
    }

    /// Hands every row on that can be taken apart, and reports the others. Whether there are no others.
    pub(super) fn each(
        mut self,
        faults: &mut Faults,
        mut take: impl FnMut(&Row<'_, 't>, &mut Faults),
    ) -> bool {
        let mut all = true;
        while let Some(read) = self.rows.next() {
            if self.marked(faults) {
                all = false;
                continue;
            }
            if let Err(broken) = read {
                report_broken(broken, faults);
                all = false;
                continue;
            }
            if self.rows.cells.len() > 1 && self.rows.cells.iter().all(Cell::is_nothing) {
                self.report_nothing(faults);
                continue;
            }
            let whole = self.rows.cells.len() == self.header.width;
            if !whole {
                self.report_width(faults);
            }
            let (cells, at) = (self.rows.cells.as_slice(), self.rows.start as u32);
            take(&Row { text: self.text, header: &self.header, cells, whole, at }, faults);
        }
        all
    }

    /// Whether there is something in the row that is no text; the first such place is reported.
    fn marked(&mut self, faults: &mut Faults) -> bool {
        let in_row = self.marks.partition_point(|mark| (mark.start as usize) < self.rows.end);
        let (marks, rest) = self.marks.split_at_checked(in_row).unwrap_or_default();
        self.marks = rest;
        if let Some(mark) = marks.first() {
            let span = faults.span(mark.start as usize, mark.end as usize);
            faults.push(|| {
                Diagnostic::new(&BAD_ROW, span, format!("the row holds {}", mark.what))
                    .with_help("save the table as UTF-8")
            });
        }
        !marks.is_empty()
    }

    /// A spreadsheet saves an emptied row as commas.
    fn report_nothing(&self, faults: &mut Faults) {
        let to = self.rows.cells.last().map_or(self.rows.start, |cell| cell.end as usize);
        let span = faults.span(self.rows.start, to);
        faults.push(|| {
            Diagnostic::new(&BAD_ROW, span, "every cell of this row is empty").with_help("delete the row")
        });
    }

    fn report_width(&self, faults: &mut Faults) {
        let (has, width) = (self.rows.cells.len(), self.header.width);
        let from = self.rows.cells.get(width).map_or(self.rows.start, |cell| cell.start as usize);
        let to = self.rows.cells.last().map_or(from, |cell| cell.end as usize);
        let span = faults.span(from, to);
        let cells = if has == 1 { "1 cell" } else { &format!("{has} cells") };
        faults.push(|| {
            let message = format!("the row has {cells}, the header {width}");
            let diagnostic = Diagnostic::new(&BAD_ROW, span, message);
            let help = "put a cell that holds a comma in double quotes";
            if has > width { diagnostic.with_help(help) } else { diagnostic }
        });
    }
}

fn empty_table(span: Span, columns: &Columns) -> Diagnostic {
    let names = columns.names.iter().take(columns.needed).copied().collect::<Vec<_>>().join(",");
    Diagnostic::new(&BAD_ROW, span, "the table is empty, not even a header is there")
        .with_help(format!("a table without rows still starts with `{names}`"))
}

fn report_broken(broken: super::csv::Broken, faults: &mut Faults) {
    let span = faults.span(broken.start as usize, broken.end as usize);
    faults.push(|| match broken.why {
        Why::Unterminated => Diagnostic::new(&BAD_ROW, span, "this quote is never closed")
            .with_help("a quote within a quoted cell is written twice"),
        Why::AfterQuote => {
            Diagnostic::new(&BAD_ROW, span, "a comma or the end of the line must follow a closing quote")
                .with_help("a quote within a quoted cell is written twice")
        }
    });
}

fn header(text: &str, rows: &CsvRows<'_>, columns: &Columns, faults: &mut Faults) -> Option<Header> {
    let cells: Vec<_> = rows.cells.iter().map(|cell| cell.text(text)).collect();
    let spans: Vec<_> =
        rows.cells.iter().map(|cell| faults.span(cell.start as usize, cell.end as usize)).collect();
    let end = spans.last().map_or(0, |span| span.end as usize);
    let span = faults.span(rows.start, end);
    if let Some(message) = other_separator(&cells, columns) {
        faults.push(|| Diagnostic::new(&BAD_ROW, span, message).with_help("separate the cells by `,`"));
        return None;
    }
    let mut sound = true;
    let mut places = Vec::new();
    for (index, &name) in columns.names.iter().enumerate() {
        let mut named = cells.iter().zip(&spans).enumerate().filter(|(_, (cell, _))| **cell == name);
        let first = named.next().map(|(place, (_, &span))| (place, span));
        for (_, (_, &again)) in named {
            sound = false;
            let first = first.map_or(again, |(_, span)| span);
            faults.push(|| {
                let message = format!("the column `{name}` is there twice");
                Diagnostic::new(&BAD_ROW, again, message).with_related(first, "first here")
            });
        }
        if first.is_none() && index < columns.needed {
            sound = false;
            missing(name, &cells, &spans, span, columns, faults);
        }
        places.push(first.map(|(place, _)| place));
    }
    sound.then_some(Header { places, width: cells.len(), span, spans })
}

/// Reports a column that is not there, at the cell that may be meant for it.
pub(super) fn missing(
    name: &str,
    cells: &[Cow<'_, str>],
    spans: &[Span],
    whole: Span,
    columns: &Columns,
    faults: &mut Faults,
) {
    let unknown = |cell: &str| !columns.names.contains(&cell);
    let folded = |cell: &str| cell.trim().to_lowercase().replace(' ', "_");
    let meant = cells
        .iter()
        .zip(spans)
        .find(|(cell, _)| unknown(cell) && (folded(cell) == name || nearest(cell, [name]).is_some()));
    faults.push(|| {
        let message = format!("the column `{name}` is missing");
        match meant {
            Some((cell, &span)) => Diagnostic::new(&BAD_ROW, span, message)
                .with_help(format!("did you mean `{name}` by {}?", quoted(cell))),
            None => Diagnostic::new(&BAD_ROW, whole, message),
        }
    });
}

fn other_separator(cells: &[Cow<'_, str>], columns: &Columns) -> Option<String> {
    let [only] = cells else { return None };
    let named = |separator| only.split(separator).any(|name| columns.names.contains(&name.trim()));
    [(';', "`;`"), ('\t', "tabs"), ('|', "`|`")]
        .into_iter()
        .find(|&(separator, _)| only.contains(separator) && named(separator))
        .map(|(_, name)| format!("the cells are separated by {name}, not by `,`"))
}
