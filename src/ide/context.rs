//! What stands around a place in a text that is being written: read from the characters before it, since half an item has no
//! tree yet.

use crate::check::FIELDS;
use crate::source::FileId;
use crate::syntax::{self, Kind, Token};

/// What may be written at a place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Context {
    /// An item.
    Top,
    /// A value of `let`.
    Let,
    /// A field of a rule; which it has already before this place.
    Rule(Vec<String>),
    /// A value of this field of a rule.
    Value(String),
    /// A field of a store's block; which it has already.
    Block(Vec<String>),
    /// A statement of a test.
    Test,
    /// A row of a `stock`, `bundle` or `expect`.
    Table(String),
    /// A name in quotes, a number, a comment: nothing that could be told.
    Nothing,
}

/// A place being written at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Place<'t> {
    pub(super) context: Context,
    /// What stands between the start of the word and the place.
    pub(super) typed: &'t str,
    /// Where the word starts; in a string behind its quote.
    pub(super) start: u32,
    /// Whether the place is in a string.
    pub(super) in_string: bool,
}

/// What is around the byte `offset`.
pub(super) fn place(file: FileId, text: &str, offset: u32) -> Option<Place<'_>> {
    let before = text.get(..offset as usize)?;
    let (mut tokens, comments) = syntax::tokens(file, before);
    let touches = |end: usize| end == before.len();
    if comments.last().is_some_and(|comment| touches(comment.end as usize)) {
        return None;
    }
    let last = tokens.last().copied().filter(|last| touches(last.end()));
    let (start, in_string) = match last.map(|last| (last.kind, last.start)) {
        Some((Kind::Text | Kind::Quoted, _)) => return None,
        Some((Kind::OpenText, quote)) => (quote + 1, true),
        Some((Kind::Word | Kind::Atom, start)) => (start, false),
        _ => (before.len(), false),
    };
    // What is being written says nothing of what stands around it.
    if in_string || start < before.len() {
        tokens.pop();
    }
    let typed = before.get(start..)?;
    let starts_line = before.get(..start)?.rsplit('\n').next().is_some_and(|line| line.trim().is_empty());
    let mut walk = Walk::default();
    tokens.iter().for_each(|token| walk.step(token));
    Some(Place { context: walk.context(starts_line && !in_string), typed, start: start as u32, in_string })
}

/// Where in the nesting of braces the text is.
#[derive(Default)]
struct Walk {
    /// The item: `rule`, `let`, `test`, or none.
    item: String,
    depth: usize,
    /// The key of the field or statement.
    key: String,
    /// Keys of the rule or block so far.
    keys: Vec<String>,
    /// Those of the rule, while in a block.
    outer: Vec<String>,
    /// The last piece was a comma, `=` or `except`: the value goes on.
    goes_on: bool,
    /// The last piece: `priority` before `store`.
    last: String,
    /// How many pieces the value has.
    pieces: usize,
}

impl Walk {
    fn step(&mut self, token: &Token<'_>) {
        match (token.kind, self.depth) {
            (Kind::Word, 0) if matches!(token.text, "rule" | "let" | "test") => {
                *self = Self { item: token.text.to_owned(), ..Self::default() };
            }
            (Kind::Open, depth) => {
                self.depth += token.text.len();
                if depth == 1 && self.item == "rule" {
                    self.outer = std::mem::take(&mut self.keys);
                    self.key.clear();
                }
            }
            (Kind::Close, depth) => {
                self.depth = depth.saturating_sub(1);
                self.key.clear();
                if depth == 2 && self.item == "rule" {
                    self.keys = std::mem::take(&mut self.outer);
                }
                if self.depth == 0 {
                    *self = Self::default();
                }
            }
            (Kind::Word, 1 | 2) if self.begins_field(token.text) => {
                self.key = token.text.to_owned();
                self.keys.push(self.key.clone());
                self.pieces = 0;
            }
            _ => self.pieces += 1,
        }
        self.goes_on =
            token.kind == Kind::Comma || matches!(token.text, "=" | "except" | "from" | "until" | "below");
        self.last = token.text.to_owned();
    }

    fn begins_field(&self, word: &str) -> bool {
        let is_key = match (self.item.as_str(), self.depth) {
            ("rule", _) => {
                FIELDS.iter().any(|field| field.key == word) && !(word == "store" && self.last == "priority")
            }
            ("test", 1) => matches!(word, "at" | "stock" | "bundle" | "expect"),
            _ => false,
        };
        is_key && !self.goes_on
    }

    fn context(self, starts_line: bool) -> Context {
        let fresh = starts_line && !self.goes_on && self.pieces > 0 || self.key.is_empty();
        match (self.item.as_str(), self.depth) {
            ("let", 0) if self.pieces >= 2 && (self.goes_on || !starts_line) => Context::Let,
            ("let", 0) if self.pieces < 2 => Context::Nothing,
            ("rule" | "test", 0) => Context::Nothing,
            (_, 0) => Context::Top,
            ("rule", 1) if fresh => Context::Rule(self.keys),
            ("rule", 1) => Context::Value(self.key),
            ("rule", 2) if fresh => Context::Block(self.keys),
            ("rule", 2) => Context::Value(self.key),
            ("test", 1) if self.key.is_empty() || starts_line => Context::Test,
            ("test", 2) => Context::Table(self.key),
            ("test", 1) if self.pieces == 0 && self.key != "at" => Context::Table(self.key),
            _ => Context::Nothing,
        }
    }
}
