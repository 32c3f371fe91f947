//! The words of a rule file by what they are, for colours; and the small lexer behind it, which reads any text.

use super::View;
use super::occurrences::{Kind, occurrences};
use crate::source::{FileId, Span};
use crate::syntax::KEYWORDS;
use std::collections::HashMap;

/// What a word is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TokenKind {
    /// `# …`.
    Comment,
    /// A word of the language.
    Keyword,
    /// The key of a field.
    Property,
    /// The name of a rule or a test.
    Title,
    /// A SKU or a pattern.
    String,
    /// A quantity, a percentage, a moment.
    Number,
    /// The name of a list.
    List,
    /// The name of a store.
    Store,
    /// The name of a warehouse.
    Warehouse,
}

/// A word with its kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token {
    /// Where; on one line.
    pub span: Span,
    /// What it is.
    pub kind: TokenKind,
    /// Whether it declares what it names.
    pub declares: bool,
}

/// The tokens of a file in the order of the text. Names that nothing declares have none.
pub fn tokens(view: &View<'_>, file: FileId) -> Vec<Token> {
    let named: HashMap<u32, (Kind, bool)> = occurrences(view, file)
        .into_iter()
        .map(|found| (found.span.start, (found.kind, found.declares)))
        .collect();
    let text = view.sources.get(file).text();
    let tokens = lex(text).into_iter().filter_map(|lexeme| {
        let (kind, declares) = match (lexeme.kind, named.get(&lexeme.start)) {
            (_, Some((Kind::List, declares))) => (TokenKind::List, *declares),
            (_, Some((Kind::Rule | Kind::Test, declares))) => (TokenKind::Title, *declares),
            (_, Some((Kind::Store, _))) => (TokenKind::Store, false),
            (_, Some((Kind::Warehouse, _))) => (TokenKind::Warehouse, false),
            (_, Some((Kind::Field, _))) => (TokenKind::Property, false),
            (LexemeKind::Comment, _) => (TokenKind::Comment, false),
            (LexemeKind::Text, _) => (TokenKind::String, false),
            (LexemeKind::Atom, _) => (TokenKind::Number, false),
            (LexemeKind::Word, _) if KEYWORDS.contains(&lexeme.text) => (TokenKind::Keyword, false),
            _ => return None,
        };
        Some(Token { span: Span::new(file, lexeme.start, lexeme.end()), kind, declares })
    });
    tokens.collect()
}

/// A piece of text, as far as a look at its characters tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Lexeme<'t> {
    pub(super) kind: LexemeKind,
    pub(super) text: &'t str,
    pub(super) start: u32,
}

impl Lexeme<'_> {
    pub(super) fn end(&self) -> u32 {
        self.start + self.text.len() as u32
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum LexemeKind {
    Comment,
    /// With its quotes; one that is not closed ends with its line.
    Text,
    Word,
    Atom,
    Open,
    Close,
    Comma,
    Other,
}

/// Cuts any text into pieces; white space is between them.
pub(super) fn lex(text: &str) -> Vec<Lexeme<'_>> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or("");
        let (kind, length) = match c {
            c if c.is_whitespace() => {
                at += c.len_utf8();
                continue;
            }
            '#' => (LexemeKind::Comment, line_end(rest)),
            '"' => (LexemeKind::Text, string_end(rest)),
            '{' => (LexemeKind::Open, 1),
            '}' => (LexemeKind::Close, 1),
            ',' => (LexemeKind::Comma, 1),
            c if c.is_ascii_digit() || matches!(c, '-' | '+') => (LexemeKind::Atom, word_end(rest).max(1)),
            c if c.is_alphanumeric() || c == '_' => (LexemeKind::Word, word_end(rest)),
            c => (LexemeKind::Other, c.len_utf8()),
        };
        let length = length.max(c.len_utf8());
        all.push(Lexeme { kind, text: rest.get(..length).unwrap_or(rest), start: at as u32 });
        at += length;
    }
    all
}

fn line_end(text: &str) -> usize {
    text.find(['\n', '\r']).unwrap_or(text.len())
}

fn word_end(text: &str) -> usize {
    text.find(|c: char| c.is_whitespace() || matches!(c, ',' | '{' | '}' | '#' | '"' | '=' | ';'))
        .unwrap_or(text.len())
}

fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\n' | '\r' => return at,
            '"' if !escaped => return at + 1,
            _ => escaped = c == '\\' && !escaped,
        }
    }
    text.len()
}
