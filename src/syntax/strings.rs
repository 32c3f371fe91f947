//! What stands between quotes, and how bytes become text.

/// Why bytes are no text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DecodeFault {
    /// The first byte that is at fault.
    pub offset: usize,
    /// What is wrong, for people.
    pub message: String,
}

/// The text of a file's bytes. A byte order mark stays, so that offsets are those of the file.
pub fn decode(bytes: Vec<u8>) -> Result<String, DecodeFault> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        let message = "this file is UTF-16; save it as UTF-8".to_owned();
        return Err(DecodeFault { offset: 0, message });
    }
    String::from_utf8(bytes).map_err(|fault| {
        let offset = fault.utf8_error().valid_up_to();
        DecodeFault { offset, message: format!("this file is not UTF-8: byte {offset} fits no character") }
    })
}

/// What an escape may stand for, beside `\"` and `\\`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Escapes {
    /// Nothing: a name or a literal SKU.
    Plain,
    /// `\*` and `\?` too.
    Pattern,
}

/// A fault inside a string: offset in bytes and length, and what it is.
pub(super) struct StringFault {
    pub(super) at: usize,
    pub(super) length: usize,
    pub(super) message: String,
    pub(super) help: &'static str,
}

/// The content of a string without its escapes, and the faults of `raw`, what stands between the quotes.
pub(super) fn unescape(raw: &str, escapes: Escapes) -> (String, Vec<StringFault>) {
    let (mut text, mut faults) = (String::with_capacity(raw.len()), Vec::new());
    let mut chars = raw.char_indices();
    while let Some((at, c)) = chars.next() {
        if c == '\\' {
            let next = chars.next().map_or('\\', |(_, next)| next);
            let known =
                matches!(next, '"' | '\\') || escapes == Escapes::Pattern && matches!(next, '*' | '?');
            if !known {
                faults.push(bad_escape(at, next, escapes));
            }
            text.push(next);
        } else {
            if is_control(c) {
                faults.push(control(at, c));
            }
            text.push(c);
        }
    }
    (text, faults)
}

/// Whether no text should hold this character: a tab is white space, the rest of the control characters are accidents.
pub(super) fn is_control(c: char) -> bool {
    c.is_control() && c != '\t'
}

/// The fault of a control character.
pub(super) fn control(at: usize, c: char) -> StringFault {
    let message = match c {
        '\0' => "there is a NUL character here".to_owned(),
        c => format!("there is a control character here (U+{:04X})", c as u32),
    };
    StringFault { at, length: c.len_utf8(), message, help: "delete it; it is invisible in most editors" }
}

fn bad_escape(at: usize, next: char, escapes: Escapes) -> StringFault {
    let help = match escapes {
        Escapes::Pattern => {
            r#"a backslash is written `\\`; before `"`, `*` and `?` it takes their meaning away"#
        }
        Escapes::Plain => r#"a backslash is written `\\`, a quote `\"`; nothing else needs a backslash here"#,
    };
    StringFault { at, length: 1 + next.len_utf8(), message: format!("`\\{next}` means nothing"), help }
}
