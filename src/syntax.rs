//! Text to [`ast::File`], with recovery: every fault is reported, and what is whole is kept.

pub mod ast;
mod faults;
mod grammar;
mod lower;
mod recover;
mod shape;
mod strings;
mod token;

use pest::Parser as _;

pub use shape::shape;
pub use strings::{DecodeFault, decode};
pub(crate) use token::{Kind, Token};

use grammar::{Grammar, Rule};

use crate::diagnostic::{Diagnostic, codes::SYNTAX};
use crate::source::{FileId, Span};

/// The largest rule file that is read: 16 MiB, some 80,000 rules.
pub const FILE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// How many faults of one file are shown; a last one tells how many more there are.
pub const FAULTS_MAX: usize = 10_000;
/// How deep braces may stand in each other before the text is no longer taken for rules.
pub const NESTING_MAX: usize = 16;

/// The words that cannot be names.
pub const KEYWORDS: &[&str] = &[
    "active",
    "all",
    "at",
    "below",
    "bundle",
    "cap",
    "except",
    "expect",
    "floor",
    "from",
    "let",
    "none",
    "off",
    "order",
    "plus",
    "priority",
    "rate",
    "reserve",
    "round",
    "rule",
    "skus",
    "split",
    "stock",
    "store",
    "stores",
    "test",
    "threshold",
    "until",
    "warehouses",
];

/// Reads one rule file. Whatever stands in it, what could be read comes back, with a finding for each fault, in
/// the order of the text.
pub fn parse(file: FileId, text: &str) -> (ast::File, Vec<Diagnostic>) {
    let mut out = Out::new(file);
    if text.len() > FILE_BYTES_MAX {
        let message = format!("this file is larger than {} MiB, the most that is read", FILE_BYTES_MAX >> 20);
        out.fault(Span::new(file, 0, 0), message, "split it: all rule files of a project work as one");
        return out.finish();
    }
    match Grammar::parse(Rule::file, text) {
        Ok(pairs) => lower::file(pairs, text, &mut out),
        // The grammar takes every text, bad items and all; were it not so, the walk over tokens still would.
        Err(_) => recover::items(text, 0, &mut out),
    }
    out.finish()
}

/// The tokens of a text, sound or not, and its comments, each in the order of the text.
pub(crate) fn tokens(file: FileId, text: &str) -> (Vec<Token<'_>>, Vec<Span>) {
    let mut out = Out::new(file);
    let tokens = token::cut_plainly(text, 0, &mut out);
    (tokens, out.file.comments)
}

/// What a parse has found so far.
struct Out {
    id: FileId,
    file: ast::File,
    faults: Vec<Diagnostic>,
    untold: usize,
    /// A fault of a test says nothing of rules and lists.
    in_test: bool,
}

impl Out {
    fn new(id: FileId) -> Self {
        Self { id, file: ast::File::default(), faults: Vec::new(), untold: 0, in_test: false }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.id, start as u32, end as u32)
    }

    fn fault(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        let help = help.into();
        let fault = Diagnostic::new(&SYNTAX, span, message);
        self.push(if help.is_empty() { fault } else { fault.with_help(help) });
    }

    fn push(&mut self, fault: Diagnostic) {
        self.file.faulty |= !self.in_test;
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(fault);
        } else {
            self.untold += 1;
        }
    }

    fn finish(mut self) -> (ast::File, Vec<Diagnostic>) {
        self.faults.sort_by_key(|fault| fault.span.map_or(0, |span| span.start));
        // Two blocks that end nowhere lack their braces at one place: that is told once.
        self.faults.dedup_by(|a, b| a.span == b.span && a.message == b.message);
        if self.untold > 0 {
            let last = self.faults.last().and_then(|fault| fault.span);
            let message = format!("and {} more syntax faults in this file", self.untold);
            self.faults.push(Diagnostic::new(&SYNTAX, last, message));
        }
        (self.file, self.faults)
    }
}

#[cfg(test)]
mod tests;
