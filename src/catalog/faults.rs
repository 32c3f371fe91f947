//! Findings in one table, as many as anyone reads.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, Span};

/// So many findings of one table are reported; the rest is counted.
pub(super) const FAULTS_MAX: usize = 100_000;

const SHOWN_CHARS_MAX: usize = 60;

/// What was found in one table.
#[derive(Debug)]
pub(super) struct Faults {
    file: FileId,
    found: Vec<Diagnostic>,
    more: usize,
    /// The kind of the worst one that is only counted.
    worst: Option<&'static Code>,
}

impl Faults {
    pub(super) fn new(file: FileId) -> Self {
        Self { file, found: Vec::new(), more: 0, worst: None }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start as u32, end as u32)
    }

    /// Takes a finding in, or only counts it where there are too many.
    pub(super) fn push(&mut self, diagnostic: impl FnOnce() -> Diagnostic) {
        let diagnostic = diagnostic();
        if self.found.len() < FAULTS_MAX {
            self.found.push(diagnostic);
            return;
        }
        self.more += 1;
        if self.worst.is_none_or(|worst| worst.level < diagnostic.code.level) {
            self.worst = Some(diagnostic.code);
        }
    }

    /// Takes a finding in that needs no help.
    pub(super) fn add(&mut self, code: &'static Code, span: Span, message: impl FnOnce() -> String) {
        self.push(|| Diagnostic::new(code, span, message()));
    }

    /// Everything found, in the order of the table.
    pub(super) fn finish(mut self) -> Vec<Diagnostic> {
        self.found.sort_by_key(|diagnostic| diagnostic.span);
        if let Some(worst) = self.worst {
            let message = format!("{} more findings in this table are not listed", self.more);
            self.found.push(Diagnostic::new(worst, Span::new(self.file, 0, 0), message));
        }
        self.found
    }
}

/// A user's text within a message: in backticks, on one line, not too long.
pub(crate) fn quoted(text: &str) -> String {
    let mut shown = String::from("`");
    for (count, character) in text.chars().enumerate() {
        if count == SHOWN_CHARS_MAX {
            shown.push('…');
            break;
        }
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown.push('`');
    shown
}
