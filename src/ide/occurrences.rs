//! Every name in a rule file, with what it names.

use super::View;
use crate::source::{FileId, Span};
use crate::syntax::ast::{Field, Item, Rule, StatementKind, Table, Term, TermKind, Test};
use std::collections::HashSet;

/// What is named.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// A list, by `let`.
    List,
    /// A rule.
    Rule,
    /// A test.
    Test,
    /// A store of the configuration.
    Store,
    /// A warehouse of the configuration.
    Warehouse,
    /// A SKU or a pattern of SKUs.
    Sku,
    /// The key of a field.
    Field,
}

/// A name where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Occurrence {
    /// Where; a string's place includes its quotes.
    pub span: Span,
    /// What is named.
    pub kind: Kind,
    /// Its name, a SKU as it is written.
    pub name: String,
    /// Whether it is declared here.
    pub declares: bool,
}

/// The names of a file in the order of the text; of faulty items what is whole.
pub fn occurrences(view: &View<'_>, file: FileId) -> Vec<Occurrence> {
    let Some(parsed) = view.file(file) else { return Vec::new() };
    let mut finder = Finder { view, lists: list_names(view), found: Vec::new() };
    for item in &parsed.items {
        match item {
            Item::Let(list) => {
                finder.push(list.name.span, Kind::List, &list.name.text, true);
                finder.terms(&list.value, None);
            }
            Item::Rule(rule) => finder.rule(rule),
            Item::Test(test) => finder.test(test),
        }
    }
    finder.found.sort_by_key(|found| (found.span.start, found.span.end));
    finder.found
}

/// The names of all lists of the project.
pub(super) fn list_names<'a>(view: &View<'a>) -> HashSet<&'a str> {
    view.lists().map(|list| list.name.text.as_str()).collect()
}

struct Finder<'v, 'a> {
    view: &'v View<'a>,
    lists: HashSet<&'a str>,
    found: Vec<Occurrence>,
}

impl Finder<'_, '_> {
    fn push(&mut self, span: Span, kind: Kind, name: &str, declares: bool) {
        self.found.push(Occurrence { span, kind, name: name.to_owned(), declares });
    }

    fn rule(&mut self, rule: &Rule) {
        self.push(rule.name.span, Kind::Rule, &rule.name.text, true);
        rule.fields.iter().for_each(|field| self.field(field));
    }

    fn field(&mut self, field: &Field) {
        self.push(field.key.span, Kind::Field, &field.key.text, false);
        let named = match field.key.text.as_str() {
            "warehouses" => Some(Kind::Warehouse),
            "stores" | "store" | "split" | "priority" => Some(Kind::Store),
            _ => None,
        };
        // The words of other fields are no names: `down`, `from`.
        if named.is_some() || field.key.text == "skus" {
            self.terms(&field.value, named);
        }
        for term in &field.value {
            if let TermKind::Block(fields) = &term.kind {
                fields.iter().for_each(|field| self.field(field));
            }
        }
    }

    /// `named`: what a bare name is where it is no list.
    fn terms(&mut self, terms: &[Term], named: Option<Kind>) {
        for term in terms {
            match &term.kind {
                TermKind::Word(word) => self.word(term.span, word, named),
                TermKind::Text(text) => self.push(term.span, Kind::Sku, text, false),
                _ => {}
            }
        }
    }

    fn word(&mut self, span: Span, word: &str, named: Option<Kind>) {
        let declared = self.view.declared;
        let kind = if self.lists.contains(word) {
            Kind::List
        } else if named != Some(Kind::Warehouse) && declared.stores.iter().any(|store| store == word) {
            Kind::Store
        } else if named != Some(Kind::Store) && declared.warehouses.iter().any(|name| name == word) {
            Kind::Warehouse
        } else {
            return;
        };
        self.push(span, kind, word, false);
    }

    fn test(&mut self, test: &Test) {
        self.push(test.name.span, Kind::Test, &test.name.text, true);
        for statement in &test.statements {
            match &statement.kind {
                StatementKind::At(_) => {}
                StatementKind::Stock(table) => self.table(table, Kind::Warehouse),
                StatementKind::Bundle(table) => self.table(table, Kind::Sku),
                StatementKind::Expect(table) => self.table(table, Kind::Store),
            }
        }
    }

    fn table(&mut self, table: &Table, named: Kind) {
        self.push(table.sku.span, Kind::Sku, &table.sku.text, false);
        for (key, _) in &table.rows {
            match &key.kind {
                TermKind::Word(word) if named != Kind::Sku => self.word(key.span, word, Some(named)),
                TermKind::Text(text) => self.push(key.span, Kind::Sku, text, false),
                _ => {}
            }
        }
    }
}
