//! Where cells end in text that holds no quote: 64 bytes at a time, and rows made of that.

use super::csv::{Cell, CsvRows};
use super::intern::Short;
use std::borrow::Cow;

const BLOCK_BYTES: usize = 64;

/// Where commas and line feeds stand, in order, into `places`, which is emptied first. `text` is shorter than 4 GiB.
pub(super) fn separators(text: &[u8], places: &mut Vec<u32>) {
    places.clear();
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

/// A row with as many cells as the header.
#[derive(Clone, Copy, Debug)]
pub(super) struct QuickRow<'t, 'r> {
    text: &'t str,
    start: u32,
    cells: Cells<'r>,
}

#[derive(Clone, Copy, Debug)]
enum Cells<'r> {
    /// Where each ends; no quote stands in them.
    Bare(&'r [u32]),
    Written(&'r [Cell]),
}

impl<'t> QuickRow<'t, '_> {
    /// Where a cell lies in the text.
    #[inline]
    pub(super) fn place(&self, column: usize) -> Option<Cell> {
        match self.cells {
            Cells::Written(cells) => cells.get(column).copied(),
            Cells::Bare(ends) => {
                let start = match column.checked_sub(1) {
                    Some(before) => ends.get(before)? + 1,
                    None => self.start,
                };
                let end = *ends.get(column)?;
                let last = column + 1 == ends.len();
                let feed = last && end > start && self.text.as_bytes().get(end as usize - 1) == Some(&b'\r');
                Some(Cell::bare(start, end - u32::from(feed)))
            }
        }
    }

    /// What a cell says.
    #[inline]
    pub(super) fn cell(&self, column: usize) -> Option<Cow<'t, str>> {
        Some(self.place(column)?.text(self.text))
    }

    /// What a cell says, as it is looked for, and where it lies.
    #[inline]
    pub(super) fn short(&self, column: usize) -> Option<(Short, Cell)> {
        let place = self.place(column)?;
        Some((place.short(self.text), place))
    }

    /// The text that the cells lie in.
    pub(super) fn text(&self) -> &'t str {
        self.text
    }
}

/// Hands every row on; whether each had as many cells as `width`, could be taken apart, and was taken.
pub(super) fn each_row<'t>(
    text: &'t str,
    width: usize,
    places: &mut Vec<u32>,
    take: impl FnMut(QuickRow<'t, '_>) -> bool,
) -> bool {
    if memchr::memchr(b'"', text.as_bytes()).is_some() {
        return each_written(text, width, take);
    }
    separators(text.as_bytes(), places);
    if !text.ends_with('\n') {
        places.push(text.len() as u32);
    }
    each_bare(text, width, places, take)
}

fn each_bare<'t>(
    text: &'t str,
    width: usize,
    places: &[u32],
    mut take: impl FnMut(QuickRow<'t, '_>) -> bool,
) -> bool {
    let bytes = text.as_bytes();
    let is_comma = |place: u32| bytes.get(place as usize) == Some(&b',');
    let (mut start, mut rest) = (0_u32, places);
    while let Some(&first) = rest.first() {
        let line = bytes.get(start as usize..first as usize).unwrap_or_default();
        if matches!(line, [] | [b'\r']) && !is_comma(first) {
            (start, rest) = (first + 1, rest.get(1..).unwrap_or_default());
            continue;
        }
        let Some((ends, after)) = rest.split_at_checked(width) else { return false };
        let Some((&last, inner)) = ends.split_last() else { return false };
        if is_comma(last) || !inner.iter().all(|&place| is_comma(place)) {
            return false;
        }
        if !take(QuickRow { text, start, cells: Cells::Bare(ends) }) {
            return false;
        }
        (start, rest) = (last + 1, after);
    }
    true
}

fn each_written<'t>(text: &'t str, width: usize, mut take: impl FnMut(QuickRow<'t, '_>) -> bool) -> bool {
    let mut rows = CsvRows::new(text);
    while let Some(read) = rows.next() {
        let row = QuickRow { text, start: rows.start as u32, cells: Cells::Written(&rows.cells) };
        if read.is_err() || rows.cells.len() != width || !take(row) {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Read = Option<Vec<Vec<(String, (u32, u32))>>>;

    fn quick(text: &str, width: usize) -> Read {
        let mut rows = Vec::new();
        let clean = each_row(text, width, &mut Vec::new(), |row| {
            let cell = |at| {
                let place = row.place(at)?;
                let cell = row.cell(at)?;
                assert_eq!(row.short(at), Some((Short::of(&cell), place)));
                Some((cell.into_owned(), (place.start, place.end)))
            };
            rows.push((0..width).filter_map(cell).collect());
            true
        });
        clean.then_some(rows)
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
