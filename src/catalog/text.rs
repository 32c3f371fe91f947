//! From bytes to text: what is not UTF-8 is named, and stands for itself in the places that are reported.

/// So many bad places are remembered; the rows behind them are beyond any report.
const MARKS_MAX: usize = super::faults::FAULTS_MAX + 1;

/// A place that is no text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Mark {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) what: String,
}

/// A table's text, without its byte order mark.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    pub(super) text: String,
    /// Sorted.
    pub(super) marks: Vec<Mark>,
}

/// Why a table cannot be read at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unreadable {
    TooLarge,
    Utf16,
}

/// The text of a table. Bytes that are not UTF-8 become U+FFFD, each marked.
pub(super) fn decode(bytes: Vec<u8>) -> Result<Decoded, Unreadable> {
    if u32::try_from(bytes.len()).is_err() {
        return Err(Unreadable::TooLarge);
    }
    if is_utf16(&bytes) {
        return Err(Unreadable::Utf16);
    }
    let mut marks = Vec::new();
    let mut text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => lossy(error.as_bytes(), &mut marks),
    };
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
        let shift = '\u{feff}'.len_utf8() as u32;
        marks.iter_mut().for_each(|mark| (mark.start, mark.end) = (mark.start - shift, mark.end - shift));
    }
    if u32::try_from(text.len()).is_err() {
        return Err(Unreadable::TooLarge);
    }
    let nul = memchr::memchr_iter(0, text.as_bytes()).take(MARKS_MAX);
    let nul = nul.map(|at| Mark { start: at as u32, end: at as u32 + 1, what: "a NUL character".into() });
    let before = marks.len();
    marks.extend(nul);
    if before > 0 {
        marks.sort_by_key(|mark| mark.start);
    }
    Ok(Decoded { text, marks })
}

fn lossy(bytes: &[u8], marks: &mut Vec<Mark>) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        at += chunk.valid().len();
        if let Some(byte) = chunk.invalid().first() {
            let start = text.len() as u32;
            text.push('\u{fffd}');
            if marks.len() < MARKS_MAX {
                let what = format!("byte 0x{byte:02X} at offset {at}, which is not UTF-8");
                marks.push(Mark { start, end: text.len() as u32, what });
            }
        }
        at += chunk.invalid().len();
    }
    text
}

fn is_utf16(bytes: &[u8]) -> bool {
    match *bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => true,
        [a, b, c, d, ..] => {
            [a == 0, b == 0, c == 0, d == 0] == [true, false, true, false]
                || [a == 0, b == 0, c == 0, d == 0] == [false, true, false, true]
        }
        _ => false,
    }
}
