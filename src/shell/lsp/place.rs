//! Places as the protocol counts them: lines and, within a line, code units of the agreed encoding, all from 0.

use crate::source::{Source, Span};
use serde_json::{Value, json};

/// In what columns are counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Encoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units, as every editor knows them.
    Utf16,
}

impl Encoding {
    /// Bytes where the editor offers them, since that is how places are kept here.
    pub(super) fn agreed(initialize: &Value) -> Self {
        let offered = initialize.pointer("/capabilities/general/positionEncodings").and_then(Value::as_array);
        let utf8 = offered.is_some_and(|all| all.iter().any(|one| one == "utf-8"));
        if utf8 { Encoding::Utf8 } else { Encoding::Utf16 }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Utf16 => "utf-16",
        }
    }

    fn units(self, c: char) -> usize {
        match self {
            Encoding::Utf8 => c.len_utf8(),
            Encoding::Utf16 => c.len_utf16(),
        }
    }

    /// The length of a text.
    pub(super) fn length(self, text: &str) -> usize {
        text.chars().map(|c| self.units(c)).sum()
    }

    /// The byte of a position; past the end of its line, that end, and past the last line, the end of the text. In the middle of a character
    /// it is its start.
    pub(super) fn offset(self, text: &str, position: &Value) -> Option<usize> {
        let number = |key: &str| position.get(key).and_then(Value::as_u64);
        let (line, mut units) = (number("line")?, number("character")? as usize);
        let mut start = 0;
        for _ in 0..line {
            match text.get(start..)?.find('\n') {
                Some(end) => start += end + 1,
                None => return Some(text.len()),
            }
        }
        let rest = text.get(start..)?.split(['\n', '\r']).next().unwrap_or("");
        let mut at = start;
        for c in rest.chars() {
            if units < self.units(c) {
                break;
            }
            units -= self.units(c);
            at += c.len_utf8();
        }
        Some(at)
    }

    /// Where a byte of a text is.
    pub(super) fn position(self, source: &Source, offset: u32) -> Value {
        let line = source.position(offset).line;
        let start = source.line_start(line) as usize;
        let before = source.text().get(start..offset as usize).unwrap_or("");
        json!({ "line": line - 1, "character": self.length(before) })
    }

    /// Where a span is.
    pub(super) fn range(self, source: &Source, span: Span) -> Value {
        json!({ "start": self.position(source, span.start), "end": self.position(source, span.end) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_there_and_back() {
        let text = "let a\r\n鞋 👟 กี่ x\n\nend";
        let source = Source::new("a", text);
        for encoding in [Encoding::Utf8, Encoding::Utf16] {
            for (at, _) in text.char_indices().filter(|(_, c)| *c != '\r') {
                let position = encoding.position(&source, at as u32);
                // A line end belongs to its line.
                let expect = if text.get(at..at + 1) == Some("\n") && text.get(at - 1..at) == Some("\r") {
                    at - 1
                } else {
                    at
                };
                assert_eq!(encoding.offset(text, &position), Some(expect), "{at} {position}");
            }
        }
        let x = text.find('x').unwrap_or(0) as u32;
        assert_eq!(Encoding::Utf16.position(&source, x), json!({ "line": 1, "character": 9 }));
        assert_eq!(Encoding::Utf8.position(&source, x), json!({ "line": 1, "character": 19 }));
    }

    #[test]
    fn places_that_are_not_there() {
        let offset = |line: i64, character: i64| {
            Encoding::Utf16.offset("ab\n👟c\n", &json!({ "line": line, "character": character }))
        };
        assert_eq!(offset(0, 99), Some(2));
        assert_eq!(offset(9, 0), Some(9));
        assert_eq!(offset(1, 1), Some(3), "in the middle of a character");
        assert_eq!(offset(1, 2), Some(7));
        assert_eq!(offset(-1, 0), None);
        assert_eq!(Encoding::Utf8.offset("", &json!({})), None);
    }
}
