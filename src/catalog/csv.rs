//! Comma-separated rows (RFC 4180): where each cell lies, without copying any.

use super::intern::Short;
use memchr::{memchr, memchr_iter, memchr2};
use std::borrow::Cow;

/// How a cell is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Quoting {
    Bare,
    Quoted,
    /// In quotes, with doubled quotes inside.
    Doubled,
}

/// Where a cell lies, its quotes included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Cell {
    pub(super) start: u32,
    pub(super) end: u32,
    quoting: Quoting,
}

impl Cell {
    /// A cell without quotes.
    pub(super) fn bare(start: u32, end: u32) -> Self {
        Self { start, end, quoting: Quoting::Bare }
    }

    /// What a cell says, as it is looked for.
    #[inline]
    pub(super) fn short(&self, text: &str) -> Short {
        match self.quoting {
            Quoting::Bare => Short::cut(text, self.start as usize, self.end as usize),
            Quoting::Quoted | Quoting::Doubled => Short::of(&self.text(text)),
        }
    }

    /// Whether not a byte stands in it, not even quotes.
    pub(super) fn is_nothing(&self) -> bool {
        self.start == self.end
    }

    /// What a cell says.
    pub(crate) fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let (start, end) = (self.start as usize, self.end as usize);
        let inside = || text.get(start + 1..end.saturating_sub(1)).unwrap_or("");
        match self.quoting {
            Quoting::Bare => Cow::Borrowed(text.get(start..end).unwrap_or("")),
            Quoting::Quoted => Cow::Borrowed(inside()),
            Quoting::Doubled => Cow::Owned(inside().replace("\"\"", "\"")),
        }
    }
}

/// A row that cannot be taken apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Broken {
    pub(super) why: Why,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// Why not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Why {
    /// A quote opens and never closes.
    Unterminated,
    /// Something stands between a closing quote and the next comma.
    AfterQuote,
}

/// The rows of a text of at most 4 GiB, one after another; blank lines are skipped.
#[derive(Debug)]
pub(crate) struct CsvRows<'t> {
    bytes: &'t [u8],
    at: usize,
    /// The byte at which the row starts that was read last.
    pub(crate) start: usize,
    /// The byte after it, its line end included.
    pub(super) end: usize,
    /// Its cells.
    pub(crate) cells: Vec<Cell>,
}

impl<'t> CsvRows<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { bytes: text.as_bytes(), at: 0, start: 0, end: 0, cells: Vec::new() }
    }

    /// Reads the next row into `cells`.
    pub(crate) fn next(&mut self) -> Option<Result<(), Broken>> {
        loop {
            self.start = self.at;
            let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
            let length = memchr(b'\n', rest).unwrap_or(rest.len());
            let line = rest.get(..length).unwrap_or_default();
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            self.cells.clear();
            self.at = self.start + length + 1;
            if line.is_empty() {
                continue;
            }
            let read = if memchr(b'"', line).is_none() {
                self.bare(line);
                Ok(())
            } else {
                self.quoted()
            };
            self.end = self.at.min(self.bytes.len());
            return Some(read);
        }
    }

    fn bare(&mut self, line: &[u8]) {
        let mut start = 0;
        for comma in memchr_iter(b',', line).chain([line.len()]) {
            self.push(self.start + start, self.start + comma, Quoting::Bare);
            start = comma + 1;
        }
    }

    /// A row with a quote in it, perhaps over several lines.
    fn quoted(&mut self) -> Result<(), Broken> {
        let mut at = self.start;
        loop {
            at = if self.byte(at) == Some(b'"') { self.quoted_cell(at)? } else { self.bare_cell(at) };
            match self.byte(at) {
                Some(b',') => at += 1,
                Some(b'\r') => {
                    self.at = at + 2;
                    return Ok(());
                }
                _ => {
                    self.at = at + 1;
                    return Ok(());
                }
            }
        }
    }

    /// Takes the cell in, and says where it ends.
    fn bare_cell(&mut self, start: usize) -> usize {
        let rest = self.bytes.get(start..).unwrap_or_default();
        let length = memchr2(b',', b'\n', rest).unwrap_or(rest.len());
        let cell = rest.get(..length).unwrap_or_default();
        let last = rest.get(length) != Some(&b',');
        let cell = if last { cell.strip_suffix(b"\r").unwrap_or(cell) } else { cell };
        let end = start + cell.len();
        self.push(start, end, Quoting::Bare);
        end
    }

    /// Takes the cell in, and says where it ends. What follows is a comma or the end of the line.
    fn quoted_cell(&mut self, start: usize) -> Result<usize, Broken> {
        let mut quoting = Quoting::Quoted;
        let mut at = start + 1;
        loop {
            let Some(length) = memchr(b'"', self.bytes.get(at..).unwrap_or_default()) else {
                return Err(self.broken(Why::Unterminated, start));
            };
            at += length + 1;
            if self.byte(at) != Some(b'"') {
                break;
            }
            quoting = Quoting::Doubled;
            at += 1;
        }
        self.push(start, at, quoting);
        match (self.byte(at), self.byte(at + 1)) {
            (None | Some(b',' | b'\n'), _) | (Some(b'\r'), None | Some(b'\n')) => Ok(at),
            _ => Err(self.broken(Why::AfterQuote, at)),
        }
    }

    /// Goes on behind the line that holds `start`.
    fn broken(&mut self, why: Why, start: usize) -> Broken {
        let rest = self.bytes.get(start..).unwrap_or_default();
        let length = memchr(b'\n', rest).unwrap_or(rest.len());
        self.at = start + length + 1;
        let line = rest.get(..length).unwrap_or_default();
        let end = start + line.strip_suffix(b"\r").unwrap_or(line).len();
        Broken { why, start: start as u32, end: end as u32 }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    fn push(&mut self, start: usize, end: usize, quoting: Quoting) {
        self.cells.push(Cell { start: start as u32, end: end as u32, quoting });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(text: &str) -> Vec<Result<Vec<String>, (Why, u32)>> {
        let mut rows = CsvRows::new(text);
        let mut all = Vec::new();
        while let Some(read) = rows.next() {
            let cells = || rows.cells.iter().map(|cell| cell.text(text).into_owned()).collect();
            all.push(read.map(|()| cells()).map_err(|broken| (broken.why, broken.start)));
        }
        all
    }

    #[track_caller]
    fn check(text: &str, expected: &[&[&str]]) {
        let expected: Vec<_> =
            expected.iter().map(|row| Ok(row.iter().map(|&cell| cell.to_owned()).collect())).collect();
        assert_eq!(rows(text), expected);
    }

    #[test]
    fn rows_are_taken_apart() {
        check("", &[]);
        check("\n\r\n\n", &[]);
        check("a,b\nc,d\n", &[&["a", "b"], &["c", "d"]]);
        check("a,b\r\n\r\nc,d", &[&["a", "b"], &["c", "d"]]);
        check("a,\n,\n", &[&["a", ""], &["", ""]]);
        check(" a , b \n", &[&[" a ", " b "]]);
        check("\"a\",\"b\"\r\n", &[&["a", "b"]]);
        check("\"a,b\",c\n", &[&["a,b", "c"]]);
        check("\"a\nb\r\nc\",\"d\"\"e\"\"\"\nf,g\n", &[&["a\nb\r\nc", "d\"e\""], &["f", "g"]]);
        check("\"\"\n\"\",\"\"", &[&[""], &["", ""]]);
        check("27\" screen,x\n", &[&["27\" screen", "x"]]);
        check("a,\"b\"\r", &[&["a", "b"]]);
        check("a\rb,\"c\"\n", &[&["a\rb", "c"]]);
        check("a\r,\"c\",d\r\n", &[&["a\r", "c", "d"]]);
    }

    #[test]
    fn a_broken_row_hides_no_other() {
        let row = |cells: &[&str]| Ok(cells.iter().map(|&cell| cell.to_owned()).collect());
        assert_eq!(
            rows("a,\"b\" x\nc,d\n\"e\"f\n"),
            [Err((Why::AfterQuote, 5)), row(&["c", "d"]), Err((Why::AfterQuote, 15))]
        );
        assert_eq!(
            rows("a,b\nc,\"d\ne,f\n"),
            [row(&["a", "b"]), Err((Why::Unterminated, 6)), row(&["e", "f"])]
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(table in prop::collection::vec(prop::collection::vec("[a,\"\n\r ก]{0,4}", 2..4), 0..6)) {
            let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
            let text: String = table
                .iter()
                .map(|row| row.iter().map(quoted).collect::<Vec<_>>().join(",") + "\r\n")
                .collect();
            prop_assert_eq!(rows(&text), table.into_iter().map(Ok).collect::<Vec<_>>());
        }

        #[test]
        fn every_byte_is_in_one_row_at_most(text in "[a,\"\n\r]{0,40}") {
            let mut rows = CsvRows::new(&text);
            let mut last = 0;
            while rows.next().is_some() {
                prop_assert!(rows.start >= last && rows.end > rows.start);
                last = rows.end;
            }
        }
    }
}
