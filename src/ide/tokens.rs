//! The words of a rule file by what they are, for colours.

use super::View;
use super::occurrences::{Kind, occurrences};
use crate::source::{FileId, Span};
use crate::syntax::{self, KEYWORDS, Kind as Lexeme};
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
    let (lexemes, comments) = syntax::tokens(file, view.sources.get(file).text());
    let mut tokens: Vec<Token> = lexemes
        .into_iter()
        .filter_map(|lexeme| {
            let start = lexeme.start as u32;
            let (kind, declares) = match (lexeme.kind, named.get(&start)) {
                (_, Some((Kind::List, declares))) => (TokenKind::List, *declares),
                (_, Some((Kind::Rule | Kind::Test, declares))) => (TokenKind::Title, *declares),
                (_, Some((Kind::Store, _))) => (TokenKind::Store, false),
                (_, Some((Kind::Warehouse, _))) => (TokenKind::Warehouse, false),
                (_, Some((Kind::Field, _))) => (TokenKind::Property, false),
                (Lexeme::Text | Lexeme::OpenText | Lexeme::Quoted, _) => (TokenKind::String, false),
                (Lexeme::Atom, _) => (TokenKind::Number, false),
                (Lexeme::Word, _) if KEYWORDS.contains(&lexeme.text) => (TokenKind::Keyword, false),
                _ => return None,
            };
            Some(Token { span: Span::new(file, start, lexeme.end() as u32), kind, declares })
        })
        .collect();
    tokens.extend(comments.into_iter().map(|span| Token { span, kind: TokenKind::Comment, declares: false }));
    tokens.sort_by_key(|token| token.span.start);
    tokens
}
