//! How far a comment reaches: over all of what begins on the line below it, so that laying it out anew changes nothing.

use super::Place;
use crate::hash::HashMap;
use crate::source::{FileId, Source, Span};
use crate::syntax::ast::{self, Field, Item, TermKind};

/// Where comments silence what.
#[derive(Default)]
pub(super) struct Reaches {
    /// By file and code, in the order of the first lines.
    by: HashMap<(FileId, &'static str), Vec<Reach>>,
}

/// The lines that a comment silences.
struct Reach {
    first: u32,
    last: u32,
    /// The last line of this one and all before it: where that lies before a line, none of them reaches it.
    furthest: u32,
    place: Place,
}

impl Reaches {
    /// Adds a comment; in a file they come in the order of the text.
    pub(super) fn add(&mut self, file: FileId, code: &'static str, (first, last): (u32, u32), place: Place) {
        let all = self.by.entry((file, code)).or_default();
        let furthest = all.last().map_or(last, |before| before.furthest.max(last));
        all.push(Reach { first, last, furthest, place });
    }

    /// The comment nearest above a line that reaches it.
    pub(super) fn find(&self, file: FileId, code: &'static str, line: u32) -> Option<Place> {
        let all = self.by.get(&(file, code))?;
        let above = all.get(..all.partition_point(|reach| reach.first <= line))?;
        let reaching = above.iter().rev().take_while(|reach| reach.furthest >= line);
        reaching.filter(|reach| reach.last >= line).map(|reach| reach.place).next()
    }
}

/// The last line of what begins on a line; of several things, that of the longest.
pub(super) fn ends(source: &Source, file: &ast::File) -> HashMap<u32, u32> {
    let mut ends = HashMap::default();
    let mut note = |span: Span| {
        let (first, last) = (source.position(span.start).line, source.position(span.end).line);
        let known = ends.entry(first).or_insert(last);
        *known = last.max(*known);
    };
    for item in &file.items {
        match item {
            Item::Let(list) => note(list.span),
            Item::Rule(rule) => {
                note(rule.span);
                rule.fields.iter().for_each(|field| note_field(field, &mut note));
            }
            Item::Test(test) => {
                note(test.span);
                test.statements.iter().for_each(|statement| note(statement.span));
            }
        }
    }
    ends
}

fn note_field(field: &Field, note: &mut impl FnMut(Span)) {
    note(field.span);
    for term in &field.value {
        if let TermKind::Block(fields) = &term.kind {
            // Blocks do not stand in blocks.
            fields.iter().for_each(|field| note(field.span));
        }
    }
}
