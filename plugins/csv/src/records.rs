//! RFC 4180, record by record, over a window of the file.

use std::ops::Range;

/// The longest record, in bytes: a quote that is never closed must not make us hold the whole file.
pub(crate) const RECORD_BYTES_MAX: usize = 1 << 20;

/// What stands at the start of a window.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// A record, with its line end, up to here; its cells are in `cells`.
    Record(usize),
    /// The window ends inside a record.
    Partial,
    /// A fault at this byte.
    Fault(usize, &'static str),
}

/// Finds the cells of the record at the start of `window`, quotes included, as they stand.
pub(crate) fn record(window: &[u8], last: bool, cells: &mut Vec<Range<usize>>) -> Found {
    cells.clear();
    let mut start = 0;
    loop {
        let end = match cell_end(window, start) {
            Ok(end) => end,
            Err(Stop::Open) if last => return Found::Fault(start, "a quote that is never closed"),
            Err(Stop::Open) => return Found::Partial,
            Err(Stop::Stray(at)) => {
                return Found::Fault(at, "a quote inside a cell that does not begin with one");
            }
        };
        match window.get(end..).unwrap_or_default() {
            [] | [b'\r'] if !last => return Found::Partial,
            [b',', ..] => {
                cells.push(start..end);
                start = end + 1;
            }
            rest => {
                let line_end = match rest {
                    [] => 0,
                    [b'\n', ..] => 1,
                    [b'\r', b'\n', ..] => 2,
                    [b'\r', ..] => return Found::Fault(end, "a carriage return without a line feed"),
                    _ => return Found::Fault(end, "text behind a closing quote"),
                };
                cells.push(start..end);
                return Found::Record(end + line_end);
            }
        }
    }
}

enum Stop {
    Open,
    Stray(usize),
}

/// Where the cell that starts at `start` ends.
fn cell_end(window: &[u8], start: usize) -> Result<usize, Stop> {
    let cell = window.get(start..).unwrap_or_default();
    if let [b'"', quoted @ ..] = cell {
        return closing_quote(quoted).map(|at| start + 1 + at + 1).ok_or(Stop::Open);
    }
    let end = cell.iter().position(|byte| matches!(byte, b',' | b'\n' | b'\r' | b'"'));
    let end = start + end.unwrap_or(cell.len());
    if window.get(end) == Some(&b'"') { Err(Stop::Stray(end)) } else { Ok(end) }
}

fn closing_quote(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += text.get(at..)?.iter().position(|byte| *byte == b'"')?;
        if text.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

/// What a cell says, without its quotes. `scratch` holds it where quotes were doubled.
pub(crate) fn unquoted<'a>(cell: &'a str, scratch: &'a mut String) -> &'a str {
    let Some(inner) = cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"')) else {
        return cell;
    };
    if !inner.contains('"') {
        return inner;
    }
    *scratch = inner.replace("\"\"", "\"");
    scratch
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(window: &str, last: bool, found: Found, expect: &[&str]) {
        let mut cells = Vec::new();
        assert_eq!(record(window.as_bytes(), last, &mut cells), found, "{window:?}");
        let cells: Vec<_> = cells.into_iter().filter_map(|cell| window.get(cell)).collect();
        assert_eq!(cells, expect, "{window:?}");
    }

    #[test]
    fn records() {
        check("a,b\nc", false, Found::Record(4), &["a", "b"]);
        check("a,b\r\nc", false, Found::Record(5), &["a", "b"]);
        check("a,", true, Found::Record(2), &["a", ""]);
        check("\n", false, Found::Record(1), &[""]);
        check("\"a,\"\"\n\",b\n", false, Found::Record(10), &["\"a,\"\"\n\"", "b"]);
        check("\"\",\"\"\n", false, Found::Record(6), &["\"\"", "\"\""]);
        check("a b , c\n", false, Found::Record(8), &["a b ", " c"]);
    }

    #[test]
    fn a_window_that_ends_too_early() {
        for window in ["", "a", "a,b", "a,b\r", "\"a", "\"a\"", "\"a\"\""] {
            let mut cells = Vec::new();
            assert_eq!(record(window.as_bytes(), false, &mut cells), Found::Partial, "{window:?}");
        }
    }

    #[test]
    fn faults() {
        let quote = "a quote inside a cell that does not begin with one";
        check("ab\"c\n", false, Found::Fault(2, quote), &[]);
        check("x,\"a\"b\n", false, Found::Fault(5, "text behind a closing quote"), &["x"]);
        check("a,\"b\n", true, Found::Fault(2, "a quote that is never closed"), &["a"]);
        check("a\rb\n", false, Found::Fault(1, "a carriage return without a line feed"), &[]);
    }

    #[test]
    fn quotes_come_off() {
        let mut scratch = String::new();
        assert_eq!(unquoted("a", &mut scratch), "a");
        assert_eq!(unquoted("\"a\"", &mut scratch), "a");
        assert_eq!(unquoted("\"a\"\"b\"", &mut scratch), "a\"b");
        assert_eq!(unquoted("\"", &mut scratch), "\"");
    }
}
