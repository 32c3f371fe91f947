//! Any text is read.

#![no_main]

use libfuzzer_sys::fuzz_target;
use stocksync::source::{Sources, Span};
use stocksync::syntax::ast::{Broken, Field, File, Item, Term, TermKind};
use stocksync::syntax::parse;

fuzz_target!(|text: &str| {
    let mut sources = Sources::new();
    let file = sources.add("a.sync", text);
    let (ast, found) = parse(file, text);
    stocksync_fuzz::judge(&sources, &found);
    spans(&ast).into_iter().for_each(|span| stocksync_fuzz::sound(&sources, span));
});

/// Every place in a file.
fn spans(file: &File) -> Vec<Span> {
    let mut spans = file.comments.clone();
    spans.extend(
        file.broken.iter().map(|(Broken::List(name) | Broken::Rule(name) | Broken::Test(name))| name.span),
    );
    for item in &file.items {
        match item {
            Item::Let(list) => {
                spans.extend([list.span, list.name.span]);
                terms(&list.value, &mut spans);
            }
            Item::Rule(rule) => {
                spans.extend([rule.span, rule.head, rule.name.span]);
                spans.extend(rule.off);
                spans.extend(rule.broken.iter().map(|key| key.span));
                fields(&rule.fields, &mut spans);
            }
            Item::Test(test) => {
                spans.extend([test.span, test.name.span]);
                spans.extend(test.statements.iter().map(|statement| statement.span));
            }
        }
    }
    spans
}

fn fields(all: &[Field], spans: &mut Vec<Span>) {
    for field in all {
        spans.extend([field.span, field.key.span]);
        terms(&field.value, spans);
    }
}

fn terms(all: &[Term], spans: &mut Vec<Span>) {
    for term in all {
        spans.push(term.span);
        if let TermKind::Block(inner) = &term.kind {
            fields(inner, spans);
        }
    }
}
