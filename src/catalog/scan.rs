//! Where cells end in text that holds no quote: 64 bytes at a time, and rows made of that.

use super::csv::{Cell, CsvRows};
use super::intern::Short;
use std::borrow::Cow;
use std::ops::Range;

const BLOCK_BYTES: usize = 64;

/// So many texts are looked up together.
const TOGETHER: usize = 128;

/// Adds where commas and line feeds stand, in order. `text` is shorter than 4 GiB.
fn separators(text: &[u8], places: &mut Vec<u32>) {
    let (blocks, rest) = text.as_chunks::<BLOCK_BYTES>();
    let mut at = 0;
    for block in blocks {
        push_bits(hits(block), at, places);
        at += BLOCK_BYTES as u32;
    }
    let rest = rest.iter().zip(at..).filter(|(byte, _)| is_separator(**byte));
    places.extend(rest.map(|(_, place)| place));
}

fn push_bits(mut bits: u64, at: u32, places: &mut Vec<u32>) {
    while bits != 0 {
        places.push(at + bits.trailing_zeros());
        bits &= bits - 1;
    }
}

/// Bit n: whether byte n is a separator. Two loops, since compilers make the first one of wide instructions.
fn hits(block: &[u8; BLOCK_BYTES]) -> u64 {
    let mut marks = [0_u8; BLOCK_BYTES];
    for (place, (mark, byte)) in marks.iter_mut().zip(block).enumerate() {
        *mark = if is_separator(*byte) { 1 << (place & 7) } else { 0 };
    }
    let mut bits = [0_u8; 8];
    for (bits, marks) in bits.iter_mut().zip(marks.as_chunks::<8>().0) {
        // The highest byte of the product is the sum of all eight.
        *bits = (u64::from_le_bytes(*marks).wrapping_mul(0x0101_0101_0101_0101) >> 56) as u8;
    }
    u64::from_le_bytes(bits)
}

fn is_separator(byte: u8) -> bool {
    byte == b',' || byte == b'\n'
}

/// A piece of a table taken apart: every row has as many cells as the header.
#[derive(Debug)]
pub(super) struct Lines<'t, 'p> {
    text: &'t str,
    width: usize,
    cells: Cells<'p>,
}

#[derive(Debug)]
enum Cells<'p> {
    /// Where cells end, row by row, one before the first row among them; no quote stands in any, and no line is blank.
    Bare(&'p [u32]),
    Written(Vec<Cell>),
}

/// What stands before the first cell: the byte behind it is the first one.
const BEFORE: u32 = u32::MAX;

impl<'t, 'p> Lines<'t, 'p> {
    /// Takes a text apart; `places` is working memory. `None` where a row has another number of cells than `width`, or cannot be taken apart.
    pub(super) fn of(text: &'t str, width: usize, places: &'p mut Vec<u32>) -> Option<Self> {
        let bytes = text.as_bytes();
        if memchr::memchr(b'"', bytes).is_none() {
            places.clear();
            places.push(BEFORE);
            separators(bytes, places);
            if are_rows(bytes, width, places) {
                return Some(Self { text, width, cells: Cells::Bare(places) });
            }
        }
        let mut rows = CsvRows::new(text);
        let mut cells = Vec::new();
        while let Some(read) = rows.next() {
            read.ok().filter(|()| rows.cells.len() == width)?;
            cells.extend_from_slice(&rows.cells);
        }
        Some(Self { text, width, cells: Cells::Written(cells) })
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        let cells = match &self.cells {
            Cells::Bare(places) => places.len().saturating_sub(1),
            Cells::Written(cells) => cells.len(),
        };
        cells / self.width.max(1)
    }

    /// The cells of a column, which is below the width.
    pub(super) fn column(&self, column: usize) -> Column<'t, '_> {
        let is_last = column + 1 == self.width;
        let has_returns = is_last && memchr::memchr(b'\r', self.text.as_bytes()).is_some();
        Column {
            text: self.text,
            cells: &self.cells,
            column,
            width: self.width,
            rows: self.len(),
            has_returns,
        }
    }
}

/// Adds the end of a last line that has none, and tells whether the places are those of rows of `width` bare cells.
fn are_rows(bytes: &[u8], width: usize, places: &mut Vec<u32>) -> bool {
    let mut line_ends = memchr::memchr_iter(b'\n', bytes).count();
    if bytes.last().is_some_and(|&last| last != b'\n') {
        places.push(bytes.len() as u32);
        line_ends += 1;
    }
    let Some((_, ends)) = places.split_first() else { return false };
    let rows = ends.chunks_exact(width);
    let is_end = |place: u32| bytes.get(place as usize).is_none_or(|&byte| byte == b'\n');
    let is_row = |row: &[u32]| row.last().is_some_and(|&place| is_end(place));
    // As many rows as lines, each with a line end behind it: then no line end stands anywhere else.
    if rows.len() != line_ends || !rows.remainder().is_empty() || !rows.clone().all(is_row) {
        return false;
    }
    let is_blank = |pair: &[u32]| match *pair {
        [before, end] => {
            let line = bytes.get(before.wrapping_add(1) as usize..end as usize);
            line.is_none_or(|line| matches!(line, [] | [b'\r']))
        }
        _ => true,
    };
    // A blank line is no row of several cells.
    width > 1 || !places.windows(2).any(is_blank)
}

/// The cells of one column, by row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column<'t, 'l> {
    text: &'t str,
    cells: &'l Cells<'l>,
    column: usize,
    width: usize,
    rows: usize,
    /// Whether carriage returns may stand behind its cells.
    has_returns: bool,
}

impl<'t> Column<'t, '_> {
    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.rows
    }

    /// Where the cell of a row lies; at the start of the text for a row that is not there.
    #[inline]
    pub(super) fn place(&self, row: usize) -> Cell {
        let at = row * self.width + self.column;
        let place = match self.cells {
            Cells::Written(cells) => cells.get(at).copied(),
            Cells::Bare(places) => self.bare(places.get(at..at + 2).unwrap_or_default()),
        };
        place.unwrap_or(Cell::bare(0, 0))
    }

    #[inline]
    fn bare(&self, ends: &[u32]) -> Option<Cell> {
        let &[before, end] = ends else { return None };
        let start = before.wrapping_add(1);
        let feed =
            self.has_returns && end > start && self.text.as_bytes().get(end as usize - 1) == Some(&b'\r');
        Some(Cell::bare(start, end - u32::from(feed)))
    }

    /// What a cell says.
    #[inline]
    pub(super) fn text(&self, row: usize) -> Cow<'t, str> {
        self.place(row).text(self.text)
    }

    /// What every cell says.
    pub(super) fn texts(&self) -> impl Iterator<Item = Cow<'t, str>> {
        (0..self.rows).map(|row| self.text(row))
    }

    /// What the cells of some rows say, as it is looked for, so many at a time as are looked up together; `take` is told the first row of each time. `None`
    /// where a cell is empty, or `take` gives none.
    pub(super) fn each(
        &self,
        rows: Range<usize>,
        mut take: impl FnMut(usize, &[Short]) -> Option<()>,
    ) -> Option<()> {
        let mut shorts = Vec::with_capacity(TOGETHER);
        for first in rows.clone().step_by(TOGETHER) {
            self.shorts(first..rows.end.min(first + TOGETHER), &mut shorts);
            if shorts.contains(&Short::EMPTY) {
                return None;
            }
            take(first, &shorts)?;
        }
        Some(())
    }

    /// What the cells of some rows say, into `shorts`, which is emptied first.
    fn shorts(&self, rows: Range<usize>, shorts: &mut Vec<Short>) {
        shorts.clear();
        let places = match self.cells {
            Cells::Bare(places) if self.width > 1 && !self.has_returns => places,
            Cells::Bare(_) | Cells::Written(_) => {
                shorts.extend(rows.map(|row| self.place(row).short(self.text)));
                return;
            }
        };
        let ends = places.get(rows.start * self.width + self.column..).unwrap_or_default();
        shorts.extend(ends.chunks(self.width).take(rows.len()).map(|ends| match ends {
            [before, end, ..] => Short::cut(self.text, before.wrapping_add(1) as usize, *end as usize),
            _ => Short::EMPTY,
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Read = Option<Vec<Vec<(String, (u32, u32))>>>;

    fn quick(text: &str, width: usize) -> Read {
        let mut places = Vec::new();
        let lines = Lines::of(text, width, &mut places)?;
        let cell = |row, column| {
            let column = lines.column(column);
            let (place, says) = (column.place(row), column.text(row));
            let mut shorts = Vec::new();
            column.shorts(row..row + 1, &mut shorts);
            assert_eq!(shorts, [Short::of(&says)]);
            (says.into_owned(), (place.start, place.end))
        };
        let row = |row| (0..width).map(|column| cell(row, column)).collect();
        Some((0..lines.len()).map(row).collect())
    }

    /// The same by the reader that goes from quote to quote.
    fn plain(text: &str, width: usize) -> Read {
        let mut rows = CsvRows::new(text);
        let mut all = Vec::new();
        while let Some(read) = rows.next() {
            read.ok().filter(|()| rows.cells.len() == width)?;
            let cell = |cell: &Cell| (cell.text(text).into_owned(), (cell.start, cell.end));
            all.push(rows.cells.iter().map(cell).collect());
        }
        Some(all)
    }

    proptest! {
        #[test]
        fn as_the_plain_reader_has_it(
            text in "([a-zก\r]{0,30}[,\n]|[a,]{1,3}\r?\n|\"[a,\n]{0,9}\"[,\n]){0,40}[a\r]{0,3}",
            width in 1_usize..4,
        ) {
            prop_assert_eq!(quick(&text, width), plain(&text, width));
        }

        #[test]
        fn tables_of_one_width(rows in prop::collection::vec("([a-z]{0,90},[A-Zก]{1,9},[0-9]{0,5}\r?)?\n", 0..40)) {
            let text = rows.concat();
            let read = quick(&text, 3);
            prop_assert!(read.is_some());
            prop_assert_eq!(read, plain(&text, 3));
        }

        #[test]
        fn separators_are_found_in_every_place(text in prop::collection::vec(prop::num::u8::ANY, 0..200)) {
            let mut found = Vec::new();
            separators(&text, &mut found);
            let all: Vec<u32> = (0..text.len()).filter(|&at| is_separator(text[at])).map(|at| at as u32).collect();
            prop_assert_eq!(found, all);
        }
    }
}
