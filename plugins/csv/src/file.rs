//! The file as rows: what stands where, and what is wrong with it.

use crate::QUANTITY_MAX;
use crate::bare::{self, Columns};
use crate::records::{Found, RECORD_BYTES_MAX, record, unquoted};
use std::ops::Range;

/// So much is taken apart at once: it is gone over several times, and stays near the processor.
const PIECE_BYTES: usize = 64 << 10;

/// A file that comes in chunks. What a caller is given is in `text`, valid until the next chunk.
#[derive(Debug, Default)]
pub(crate) struct File {
    /// What was not yet passed on, and the newest chunk.
    window: Vec<u8>,
    /// How much of the window is behind us.
    done: usize,
    last: bool,
    /// How many lines are behind us.
    lines: usize,
    columns: Option<Columns>,
    cells: Vec<Range<usize>>,
    scratch: String,
    places: Vec<u32>,
}

/// One listing.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    pub(crate) line: usize,
    pub(crate) sku: &'a str,
    pub(crate) quantity: i64,
    /// The record as it stands, with its line end.
    pub(crate) bytes: &'a [u8],
    /// Where in `bytes` the quantity's digits are.
    pub(crate) digits: Range<usize>,
}

/// What comes next in the file.
#[derive(Debug)]
pub(crate) enum Next<'a> {
    Row(Row<'a>),
    /// A header or a blank line, to be kept.
    Other(&'a [u8]),
    /// The next chunk is needed.
    Chunk,
    End,
}

impl File {
    /// Takes a chunk.
    pub(crate) fn feed(&mut self, chunk: &[u8], last: bool) {
        self.window.drain(..self.done);
        self.done = 0;
        self.window.extend_from_slice(chunk);
        self.last = last;
    }

    /// Whether the header is behind us.
    pub(crate) fn has_header(&self) -> bool {
        self.columns.is_some()
    }

    /// Takes as many rows as come without anything to look at closely; [`File::next`] goes on behind them.
    pub(crate) fn bare(&mut self, mut take: impl FnMut(&str, i64)) {
        let Some(columns) = self.columns else { return };
        loop {
            let window = self.window.get(self.done..).unwrap_or_default();
            let piece = window.get(..PIECE_BYTES).unwrap_or(window);
            let (bytes, lines) = bare::lines(piece, columns, &mut self.places, &mut take);
            self.done += bytes;
            self.lines += lines;
            if bytes == 0 {
                return;
            }
        }
    }

    /// The next row; `Err` names line and column.
    pub(crate) fn next(&mut self) -> Result<Next<'_>, String> {
        let window = self.window.get(self.done..).unwrap_or_default();
        let mark = mark(window, self.lines);
        if window.len() < 3 && !self.last {
            return Ok(Next::Chunk);
        }
        if self.last && window.len() == mark {
            return if self.columns.is_some() {
                Ok(Next::End)
            } else {
                Err("the file has no header".to_owned())
            };
        }
        let (head, rest) = window.split_at_checked(mark).unwrap_or((&[], window));
        let len = match record(rest, self.last, &mut self.cells) {
            Found::Record(len) if len <= RECORD_BYTES_MAX => len,
            Found::Partial if rest.len() <= RECORD_BYTES_MAX => return Ok(Next::Chunk),
            Found::Fault(at, what) => return Err(Place { rest, lines: self.lines }.fault(at, what)),
            Found::Record(_) | Found::Partial => {
                return Err(format!("line {}: a row of more than {RECORD_BYTES_MAX} bytes", self.lines + 1));
            }
        };
        let bytes = rest.get(..len).unwrap_or_default();
        let place = Place { rest: bytes, lines: self.lines };
        let text = place.text()?;
        self.done += head.len() + len;
        self.lines += bytes.iter().filter(|byte| **byte == b'\n').count();
        let whole = window.get(..head.len() + len).unwrap_or_default();
        let Some(columns) = self.columns else {
            self.columns = Some(header(&place, text, &self.cells)?);
            return Ok(Next::Other(whole));
        };
        if self.cells.iter().all(Range::is_empty) && self.cells.len() == 1 {
            return Ok(Next::Other(whole));
        }
        place.row(text, &self.cells, columns, &mut self.scratch).map(Next::Row)
    }
}

/// How long the BOM is that stands at the start of a file.
fn mark(window: &[u8], lines: usize) -> usize {
    if lines == 0 && window.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 }
}

fn header(place: &Place<'_>, text: &str, cells: &[Range<usize>]) -> Result<Columns, String> {
    let find = |name: &str| {
        let mut scratch = String::new();
        let named =
            |cell: &Range<usize>| unquoted(text.get(cell.clone()).unwrap_or_default(), &mut scratch) == name;
        let places: Vec<usize> =
            cells.iter().map(named).enumerate().filter_map(|(at, is)| is.then_some(at)).collect();
        match places.as_slice() {
            [one] => Ok(*one),
            [] => Err(format!("line 1: the header has no column `{name}`")),
            [_, second, ..] => {
                let at = cells.get(*second).map_or(0, |cell| cell.start);
                Err(place.fault(at, &format!("the column `{name}` stands twice")))
            }
        }
    };
    Ok(Columns { sku: find("store_sku")?, quantity: find("quantity")?, count: cells.len() })
}

/// A record, and how many lines stand before it: what a message needs to say where.
struct Place<'a> {
    rest: &'a [u8],
    lines: usize,
}

impl<'a> Place<'a> {
    fn text(&self) -> Result<&'a str, String> {
        if let Some(at) = self.rest.iter().position(|byte| *byte == 0) {
            return Err(self.fault(at, "a NUL byte"));
        }
        std::str::from_utf8(self.rest).map_err(|why| self.fault(why.valid_up_to(), "this is not UTF-8"))
    }

    fn row<'b>(
        &self,
        text: &'b str,
        cells: &[Range<usize>],
        columns: Columns,
        scratch: &'b mut String,
    ) -> Result<Row<'b>, String> {
        if cells.len() != columns.count {
            let (has, want) = (cells.len(), columns.count);
            let last = cells.last().map_or(0, |cell| cell.start);
            return Err(self.fault(last, &format!("the row has {has} cells, the header has {want}")));
        }
        let cell = |column: usize| cells.get(column).cloned().unwrap_or_default();
        let (sku_cell, quantity_cell) = (cell(columns.sku), cell(columns.quantity));
        let sku = unquoted(text.get(sku_cell.clone()).unwrap_or_default(), scratch);
        if sku.is_empty() {
            return Err(self.fault(sku_cell.start, "the cell `store_sku` is empty"));
        }
        let raw = text.get(quantity_cell.clone()).unwrap_or_default();
        let quoted = usize::from(raw.starts_with('"'));
        let digits = quantity_cell.start + quoted..quantity_cell.end - quoted;
        let quantity = number(text.get(digits.clone()).unwrap_or_default())
            .map_err(|what| self.fault(quantity_cell.start, &what))?;
        Ok(Row { line: self.lines + 1, sku, quantity, bytes: text.as_bytes(), digits })
    }

    /// Columns count characters.
    fn fault(&self, at: usize, what: &str) -> String {
        let before = self.rest.get(..at).unwrap_or_default();
        let lines = before.iter().filter(|byte| **byte == b'\n').count();
        let line = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        let column = line.iter().filter(|byte| **byte & 0xC0 != 0x80).count() + 1;
        format!("line {}, column {column}: {what}", self.lines + lines + 1)
    }
}

fn number(text: &str) -> Result<i64, String> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(if text.is_empty() {
            "the cell `quantity` is empty".to_owned()
        } else {
            format!("the quantity `{}` is not a whole number", shown(text))
        });
    }
    match text.parse() {
        Ok(number) if (-QUANTITY_MAX..=QUANTITY_MAX).contains(&number) => Ok(number),
        _ => Err(format!("the quantity `{}` is too large", shown(text))),
    }
}

/// One line, and not too much of it.
pub(crate) fn shown(text: &str) -> String {
    text.chars().take(80).map(|char| if char.is_control() { ' ' } else { char }).collect()
}
