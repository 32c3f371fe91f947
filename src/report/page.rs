//! Markdown for a comment, always shorter than what one may hold.

use super::text::{fit, shown};

/// Characters of a whole comment; GitHub refuses one of 65,536.
const CHARS_MAX: usize = 64_900;
/// Kept free for what closes a section.
const CHARS_CLOSING: usize = 600;
/// A list at the top takes no more than this, so that the rows that matter most always have room.
const LIST_CHARS_MAX: usize = 8_000;
/// Columns of one name; more is cut.
const NAME_WIDTH_MAX: usize = 80;

/// Text with its length in characters.
pub(super) struct Page {
    pub(super) text: String,
    chars: usize,
    /// The formats that leave nothing out.
    whole: &'static str,
}

/// What can be folded away.
pub(super) struct Section<'a> {
    pub(super) title: &'a str,
    pub(super) open: bool,
    /// The head of the table.
    pub(super) head: &'a str,
    /// How many rows there are, more than are given perhaps.
    pub(super) rows: usize,
}

impl Page {
    pub(super) fn new(whole: &'static str) -> Self {
        Self { text: String::new(), chars: 0, whole }
    }

    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.chars += text.chars().count();
    }

    /// Adds lines while there is room for a list, and says how many more `what` there are.
    pub(super) fn push_list(&mut self, what: &str, lines: impl Iterator<Item = String>) {
        let (_, left_out) = self.push_lines(lines, self.chars + LIST_CHARS_MAX);
        self.push_left_out(left_out, what);
    }

    /// Adds a section with as many of its lines as there is room for; none where it has no rows.
    pub(super) fn push_section(&mut self, section: &Section<'_>, lines: impl Iterator<Item = String>) {
        let Section { title, open, head, rows } = section;
        if *rows == 0 {
            return;
        }
        if self.chars + 2 * CHARS_CLOSING > CHARS_MAX {
            return self.push(&format!("\n{title}: {rows}, not shown for want of room.\n"));
        }
        let open = if *open { " open" } else { "" };
        self.push(&format!("\n<details{open}><summary>{title} ({rows})</summary>\n\n{head}"));
        let (shown, _) = self.push_lines(lines, CHARS_MAX - CHARS_CLOSING);
        self.push_left_out(rows - shown, "rows");
        self.push("\n</details>\n");
    }

    /// Adds lines while they stay below `chars_max`; how many it added, and how many it left out.
    fn push_lines(&mut self, lines: impl Iterator<Item = String>, chars_max: usize) -> (usize, usize) {
        let (mut shown, mut left_out) = (0, 0);
        for line in lines {
            if left_out > 0 || self.chars + line.chars().count() > chars_max {
                left_out += 1;
            } else {
                self.push(&line);
                shown += 1;
            }
        }
        (shown, left_out)
    }

    fn push_left_out(&mut self, number: usize, what: &str) {
        if number > 0 {
            self.push(&format!("\nand {number} more {what} ({} for all)\n", self.whole));
        }
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
