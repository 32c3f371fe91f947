//! What stands around a place in a text that is being written: read from the characters before it, since half an item has no
//! tree yet.

use super::tokens::{Lexeme, LexemeKind, lex};
use crate::check::FIELDS;

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
pub(super) fn place(text: &str, offset: u32) -> Option<Place<'_>> {
    let before = text.get(..offset as usize)?;
    let mut lexemes = lex(before);
    let is_open = |last: &Lexeme<'_>| {
        last.end() == offset
            && matches!(
                last.kind,
                LexemeKind::Word | LexemeKind::Text | LexemeKind::Comment | LexemeKind::Atom
            )
    };
    let last = lexemes.last().copied().filter(is_open);
    let closed = |text: &str| text.len() > 1 && text.ends_with('"') && !text.ends_with("\\\"");
    let (typed, start, in_string) = match last {
        Some(last) if last.kind == LexemeKind::Comment => return None,
        Some(last) if last.kind == LexemeKind::Text && closed(last.text) => return None,
        Some(last) if last.kind == LexemeKind::Text => (last.text.get(1..)?, last.start + 1, true),
        Some(last) => (last.text, last.start, false),
        None => ("", offset, false),
    };
    if last.is_some() {
        lexemes.pop();
    }
    lexemes.retain(|lexeme| lexeme.kind != LexemeKind::Comment);
    let starts_line =
        before.get(..start as usize)?.rsplit('\n').next().is_some_and(|line| line.trim().is_empty());
    let mut walk = Walk::default();
    lexemes.iter().for_each(|lexeme| walk.step(lexeme));
    Some(Place { context: walk.context(starts_line && !in_string), typed, start, in_string })
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
    fn step(&mut self, lexeme: &Lexeme<'_>) {
        match (lexeme.kind, self.depth) {
            (LexemeKind::Word, 0) if matches!(lexeme.text, "rule" | "let" | "test") => {
                *self = Self { item: lexeme.text.to_owned(), ..Self::default() };
            }
            (LexemeKind::Open, depth) => {
                self.depth += 1;
                if depth == 1 && self.item == "rule" {
                    self.outer = std::mem::take(&mut self.keys);
                    self.key.clear();
                }
            }
            (LexemeKind::Close, depth) => {
                self.depth = depth.saturating_sub(1);
                self.key.clear();
                if depth == 2 && self.item == "rule" {
                    self.keys = std::mem::take(&mut self.outer);
                }
                if self.depth == 0 {
                    *self = Self::default();
                }
            }
            (LexemeKind::Word, 1 | 2) if self.begins_field(lexeme.text) => {
                self.key = lexeme.text.to_owned();
                self.keys.push(self.key.clone());
                self.pieces = 0;
            }
            _ => self.pieces += 1,
        }
        self.goes_on = lexeme.kind == LexemeKind::Comma
            || matches!(lexeme.text, "=" | "except" | "from" | "until" | "below");
        self.last = lexeme.text.to_owned();
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
