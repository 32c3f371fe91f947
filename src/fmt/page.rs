//! Lines being written.

use super::LINE_COLUMNS_MAX;
use super::pieces::{Comment, Notes};
use unicode_width::UnicodeWidthStr as _;

/// The text so far.
pub(super) struct Page {
    text: String,
    /// Whether a blank line would be one too many: at the start, behind an opening brace or another.
    fresh: bool,
}

impl Page {
    pub(super) fn new() -> Self {
        Self { text: String::new(), fresh: true }
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// What stands above a phrase.
    pub(super) fn above(&mut self, depth: usize, notes: &Notes<'_>) {
        self.comments(depth, &notes.above);
        self.blank_if(notes.blank);
    }

    /// Comments on lines of their own.
    pub(super) fn comments(&mut self, depth: usize, comments: &[Comment<'_>]) {
        for comment in comments {
            self.blank_if(comment.blank);
            self.line(depth, comment.text, &[]);
        }
    }

    /// One line, and the comments beside it.
    pub(super) fn line(&mut self, depth: usize, code: &str, beside: &[&str]) {
        let start = self.text.len();
        self.spaces(depth * 2);
        self.text.push_str(code);
        if let Some((first, more)) = beside.split_first() {
            self.spaces(2);
            let column = width(self.text.get(start..).unwrap_or_default());
            self.text.push_str(first);
            for comment in more {
                self.text.push('\n');
                self.spaces(column);
                self.text.push_str(comment);
            }
        }
        self.text.push('\n');
        self.fresh = false;
    }

    /// A line that opens a block or a list.
    pub(super) fn open(&mut self, depth: usize, code: &str, beside: &[&str]) {
        self.line(depth, code, beside);
        self.fresh = true;
    }

    fn blank_if(&mut self, blank: bool) {
        if blank && !self.fresh {
            self.text.push('\n');
            self.fresh = true;
        }
    }

    fn spaces(&mut self, count: usize) {
        self.text.extend(std::iter::repeat_n(' ', count));
    }
}

/// Whether a line is short enough.
pub(super) fn fits(depth: usize, code: &str) -> bool {
    depth * 2 + width(code) <= LINE_COLUMNS_MAX
}

/// Columns of a text on one line.
pub(super) fn width(text: &str) -> usize {
    text.width()
}
