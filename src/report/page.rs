//! Markdown for a comment, always shorter than what one may hold.

use super::text::{fit, shown};

/// Characters of a whole comment; GitHub refuses one of 65,536.
pub(super) const CHARS_MAX: usize = 64_900;
/// Columns of one name; more is cut.
const NAME_WIDTH_MAX: usize = 80;

/// Text with its length in characters.
#[derive(Default)]
pub(super) struct Page {
    pub(super) text: String,
    pub(super) chars: usize,
}

impl Page {
    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.chars += text.chars().count();
    }

    /// Adds lines while they stay below `chars_max`; says how many it left out.
    pub(super) fn push_lines(&mut self, lines: impl Iterator<Item = String>, chars_max: usize) -> usize {
        let mut left_out = 0;
        for line in lines {
            if left_out > 0 || self.chars + line.chars().count() > chars_max {
                left_out += 1;
            } else {
                self.push(&line);
            }
        }
        left_out
    }
}

/// A name, so that nobody is mentioned and nothing is linked by it.
pub(super) fn code(name: &str) -> String {
    format!("<code>{}</code>", escape(&fit(name, NAME_WIDTH_MAX)))
}

/// The text without any meaning to Markdown or HTML.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars().map(shown) {
        match c {
            '&' | '<' | '>' | '"' | '\'' | '|' | '`' | '*' | '_' | '~' | '[' | ']' | '\\' | '#' | '@'
            | '$' | '!' => {
                escaped.push_str(&format!("&#{};", u32::from(c)));
            }
            _ => escaped.push(c),
        }
    }
    escaped
}
