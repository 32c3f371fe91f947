//! The SKU strings that stand in lists, with their places.

use crate::source::Span;
use crate::syntax::ast::{File, Item, Term, TermKind};

/// A string in a SKU list.
pub(super) struct ListedText<'a> {
    /// As written between the quotes.
    pub raw: &'a str,
    /// Where it stands, quotes included.
    pub span: Span,
    /// Whether it stands behind `except`.
    pub excepted: bool,
}

/// Every string of every `skus` field and `let` of a file.
pub(super) fn listed_texts(file: &File) -> impl Iterator<Item = ListedText<'_>> {
    let lists = file.items.iter().flat_map(|item| match item {
        Item::Let(list) => vec![list.value.as_slice()],
        Item::Rule(rule) => {
            let skus = rule.fields.iter().filter(|field| field.key.text == "skus");
            skus.map(|field| field.value.as_slice()).collect()
        }
        Item::Test(_) => Vec::new(),
    });
    lists.flat_map(texts_of)
}

fn texts_of(terms: &[Term]) -> impl Iterator<Item = ListedText<'_>> {
    let mut excepted = false;
    terms.iter().filter_map(move |term| match &term.kind {
        TermKind::Word(word) => {
            excepted |= word == "except";
            None
        }
        TermKind::Text(raw) => Some(ListedText { raw, span: term.span, excepted }),
        TermKind::Atom(_) | TermKind::Comma | TermKind::Block(_) => None,
    })
}
