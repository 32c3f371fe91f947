//! Text to [`ast::File`], with recovery: every fault is reported, and what is whole is kept.

pub mod ast;
mod faults;
mod grammar;
mod lower;
mod quick;
mod recover;
mod shape;
mod strings;
mod token;

use pest::Parser as _;

pub use shape::shape;
pub use strings::{DecodeFault, decode};
pub(crate) use token::{Kind, Token};

use grammar::{Grammar, Rule};
use quick::Read;

use crate::diagnostic::{Diagnostic, codes::SYNTAX};
use crate::source::{FileId, Span};

/// The largest rule file that is read: 16 MiB, some 80,000 rules.
pub const FILE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// How many faults of one file are shown; a last one tells how many more there are.
pub const FAULTS_MAX: usize = 10_000;
/// How deep braces may stand in each other before the text is no longer taken for rules.
pub const NESTING_MAX: usize = 16;

macro_rules! keywords {
    ($($word:literal,)*) => {
        /// The words that cannot be names.
        pub const KEYWORDS: &[&str] = &[$($word),*];

        /// Whether a word cannot be a name.
        pub fn is_keyword(word: &str) -> bool {
            matches!(word, $($word)|*)
        }
    };
}

keywords![
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
    items(text, &mut out);
    out.finish()
}

/// Sound items by hand, those that the grammar refuses for sure by a walk over their tokens, all others by the grammar.
fn items(text: &str, out: &mut Out) {
    let mut at = if text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
    while at < text.len() {
        if let Some(end) = quick::gap(text, at, out).filter(|&end| end > at) {
            at = end;
            continue;
        }
        at = match quick::item(text, at, out) {
            Read::Taken(end) => end,
            Read::Odd => by_grammar(text, at, out),
            Read::Refused => {
                let next = next_item(text, at, out.id);
                recover::items(text.get(at..next).unwrap_or_default(), at, out);
                next
            }
        }
    }
}

/// Takes in what the grammar makes of the text at `at`, and gives back where that ends.
fn by_grammar(text: &str, at: usize, out: &mut Out) -> usize {
    let next = next_item(text, at, out.id);
    let rest = text.get(at..next).unwrap_or_default();
    let read = Grammar::parse(Rule::piece, rest).ok();
    let end = read.as_ref().and_then(|pairs| pairs.peek()).map_or(0, |pair| pair.as_span().end());
    match read.filter(|_| end > 0) {
        Some(pairs) => {
            lower::pieces(pairs, rest, at, out);
            at + end
        }
        // The grammar takes every text, bad items and all; were it not so, the walk over tokens still would.
        None => {
            recover::items(rest, at, out);
            next
        }
    }
}

/// The first line behind `at` that begins an item, or the end: no item, sound or bad, goes beyond it.
fn next_item(text: &str, at: usize, id: FileId) -> usize {
    let bytes = text.as_bytes();
    let behind = bytes.get(at..).unwrap_or_default();
    let mut lines = memchr::memchr2_iter(b'\n', b'\r', behind).map(|end| at + end + 1);
    let begins_item = |start: &usize| {
        let line = bytes.get(*start..).unwrap_or_default();
        let blank = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        quick::item_starts(text, start + blank, id)
    };
    lines.find(begins_item).unwrap_or(text.len())
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
