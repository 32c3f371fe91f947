//! Lines without a quote, taken apart many at a time: the way that nearly all of a large file goes.
//!
//! Whatever is not as expected — a quote, a blank line, a wrong number of cells, a quantity that is none — ends it there, and goes by
//! [`crate::records`], which says what is wrong.

use crate::QUANTITY_MAX;

const BLOCK_BYTES: usize = 64;

/// Where the two columns stand, and how many there are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Columns {
    pub(crate) sku: usize,
    pub(crate) quantity: usize,
    pub(crate) count: usize,
}

/// Takes lines from the front of `window` while they are sound; how many bytes and how many lines that were. What does not
/// end with a line end is left. `places` is working memory.
pub(crate) fn lines<'w>(
    window: &'w [u8],
    columns: Columns,
    places: &mut Vec<u32>,
    mut take: impl FnMut(&'w str, i64),
) -> (usize, usize) {
    let end = window.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let window = window.get(..end).unwrap_or_default();
    let (Ok(text), true) = (std::str::from_utf8(window), is_bare(window)) else { return (0, 0) };
    if window.len() > u32::MAX as usize || !separators(window, places) {
        return (0, 0);
    }
    let (mut done, mut lines) = (0, 0);
    for ends in places.chunks_exact(columns.count) {
        let Some((sku, quantity)) = row(text, done, ends, columns) else { break };
        take(sku, quantity);
        done = ends.last().map_or(done, |end| *end as usize + 1);
        lines += 1;
    }
    (done, lines)
}

/// The cells of the line that starts at `start`; none where the line is not as expected.
fn row<'t>(text: &'t str, start: usize, ends: &[u32], columns: Columns) -> Option<(&'t str, i64)> {
    let bytes = text.as_bytes();
    let (last, commas) = ends.split_last()?;
    if bytes.get(*last as usize) != Some(&b'\n')
        || commas.iter().any(|at| bytes.get(*at as usize) != Some(&b','))
    {
        return None;
    }
    let cell = |column: usize| {
        let from =
            column.checked_sub(1).and_then(|before| ends.get(before)).map_or(start, |end| *end as usize + 1);
        let end = *ends.get(column)? as usize;
        let last = column + 1 == columns.count && end > from && bytes.get(end - 1) == Some(&b'\r');
        Some(from..end - usize::from(last))
    };
    let sku = text.get(cell(columns.sku)?).filter(|sku| !sku.is_empty())?;
    Some((sku, number(bytes.get(cell(columns.quantity)?)?)?))
}

fn number(text: &[u8]) -> Option<i64> {
    let (digits, negative) = match text {
        [b'-', digits @ ..] => (digits, true),
        digits => (digits, false),
    };
    if digits.is_empty() || digits.len() > 16 {
        return None;
    }
    let add = |sum: i64, digit: &u8| -> Option<i64> {
        let value = digit.wrapping_sub(b'0');
        (value < 10).then(|| sum * 10 + i64::from(value))
    };
    let number = digits.iter().try_fold(0_i64, add).filter(|number| *number <= QUANTITY_MAX)?;
    Some(if negative { -number } else { number })
}

/// Whether there is neither a quote nor a NUL, and a carriage return only before a line feed.
fn is_bare(text: &[u8]) -> bool {
    let is = |byte: u8, other: u8| u8::from(byte == other);
    let odd = |byte: u8| is(byte, b'"') | is(byte, 0);
    // Two slices and no early end, so that many bytes are looked at together.
    let pairs = text.iter().zip(text.get(1..).unwrap_or_default());
    let found =
        pairs.fold(0, |found, (&byte, &next)| found | odd(byte) | (is(byte, b'\r') & (is(next, b'\n') ^ 1)));
    found == 0 && text.last().is_none_or(|&last| (odd(last) | is(last, b'\r')) == 0)
}

/// Where commas and line feeds stand, in order; whether each place could be told.
fn separators(text: &[u8], places: &mut Vec<u32>) -> bool {
    places.clear();
    let (blocks, rest) = text.as_chunks::<BLOCK_BYTES>();
    let mut at = 0;
    for block in blocks {
        let mut bits = hits(block);
        while bits != 0 {
            places.push(at + bits.trailing_zeros());
            bits &= bits - 1;
        }
        at += BLOCK_BYTES as u32;
    }
    places.extend(rest.iter().zip(at..).filter(|(byte, _)| is_separator(**byte)).map(|(_, at)| at));
    u32::try_from(text.len()).is_ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(window: &str, expect: &[(&str, i64)], left: &str) {
        let columns = Columns { sku: 0, quantity: 1, count: 2 };
        let mut rows = Vec::new();
        let (done, lines) =
            lines(window.as_bytes(), columns, &mut Vec::new(), |sku, number| rows.push((sku, number)));
        assert_eq!(
            (rows.as_slice(), window.get(done..), lines),
            (expect, Some(left), expect.len()),
            "{window:?}"
        );
    }

    #[test]
    fn sound_lines_are_taken() {
        check("", &[], "");
        check("a,1\nb,-2\r\n", &[("a", 1), ("b", -2)], "");
        check("a,1\nb,2", &[("a", 1)], "b,2");
        check(" ก ,007\n", &[(" ก ", 7)], "");
        let long = "x".repeat(100);
        check(&format!("{long},1\n{long},2\n"), &[(&long, 1), (&long, 2)], "");
    }

    /// Every text of up to five of these bytes, alone and behind many others.
    #[test]
    fn a_window_is_bare_as_it_is_looked_at_byte_by_byte() {
        let plainly = |text: &[u8]| {
            let rest = |at: usize| text.get(at + 1);
            let is_odd = |(at, byte): (usize, &u8)| match byte {
                b'"' | 0 => true,
                b'\r' => rest(at) != Some(&b'\n'),
                _ => false,
            };
            !text.iter().enumerate().any(is_odd)
        };
        let bytes = b"a,\n\r\"\0";
        for number in 0..6_usize.pow(5) {
            let digits = (0..5).map(|place| number / 6_usize.pow(place) % 6);
            let text: Vec<u8> = digits.filter_map(|digit| bytes.get(digit).copied()).collect();
            for text in (0..=5).filter_map(|len| text.get(..len)) {
                let behind = [&[b'x'; 67], text].concat();
                assert_eq!(is_bare(text), plainly(text), "{text:?}");
                assert_eq!(is_bare(&behind), plainly(&behind), "{behind:?}");
            }
        }
    }

    #[test]
    fn what_is_to_be_looked_at_is_left() {
        for left in [
            "a\n",
            "a,1,2\n",
            ",1\n",
            "a,\n",
            "a,1.5\n",
            "a,-\n",
            "\n",
            "a,9007199254740992\n",
            "a,00000000000000001\n",
            "a ,x\nb,1\n",
        ] {
            check(&format!("z,1\n{left}"), &[("z", 1)], left);
        }
        for left in ["z,1\n\"a\",1\n", "z,1\na\0,1\n", "z,1\ra,1\n"] {
            check(left, &[], left);
        }
    }
}
