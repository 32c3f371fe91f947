//! The tests that stand in rule files.

use super::CheckedRule;
use super::scope::{NameKind, Scope};
use super::terms::{as_written, is_word, said, syntax};
use super::values::{moment, quantity, stock_quantity, unescape};
use crate::diagnostic::{Diagnostic, codes};
use crate::hash::{HashMap, HashSet};
use crate::pattern::{Matcher, Scratch};
use crate::rules::{StoreId, WarehouseId};
use crate::source::Span;
use crate::syntax::ast::{StatementKind, Table, Term, TermKind, Test};
use jiff::Timestamp;

/// A test as far as it could be read.
#[derive(Clone, Debug)]
pub struct CheckedTest {
    /// Its name.
    pub name: String,
    /// The whole test.
    pub span: Span,
    /// What it does, in order.
    pub steps: Vec<Step>,
    /// Nothing of it is faulty: it may be run.
    pub whole: bool,
}

/// A statement of a test.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the fields are the statement's parts")]
pub enum Step {
    /// From here on, the moment is this.
    At(Timestamp),
    /// From here on, the SKU's stock is this and nothing else.
    Stock { sku: String, rows: Vec<(WarehouseId, i64)> },
    /// From here on, the SKU is a bundle of these.
    Bundle { sku: String, parts: Vec<(String, u32)> },
    /// The stores must show these numbers.
    Expect { sku: String, span: Span, rows: Vec<(StoreId, Expected)> },
}

/// What one store must show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Expected {
    /// Where it is said: the number, or `none`.
    pub span: Span,
    /// The number; nothing where the rules must leave the store alone.
    pub quantity: Option<u64>,
}

/// Checks one test against the rules as far as those could be read.
pub(super) fn check_test(
    scope: &Scope<'_>,
    test: &Test,
    windows: &Windows<'_>,
    out: &mut Vec<Diagnostic>,
) -> CheckedTest {
    let said_before = out.len();
    let mut reader = Reader { scope, out };
    let steps = test.statements.iter().filter_map(|statement| reader.step(&statement.kind)).collect();
    check_bundles(test, out);
    check_moment(test, windows, out);
    let whole = out.len() == said_before;
    CheckedTest { name: test.name.text.clone(), span: test.span, steps, whole }
}

/// The rules that are active at some times only, compiled: there may be as many tests as rules.
pub(super) struct Windows<'r> {
    rules: Vec<(&'r str, Span)>,
    matcher: Matcher,
}

impl<'r> Windows<'r> {
    pub(super) fn of(rules: &'r [CheckedRule]) -> Self {
        let with_window = |rule: &'r CheckedRule| {
            let (active, skus) = (rule.fields.active?, rule.fields.skus.as_ref()?);
            rule.on.then_some((rule.name.text.as_str(), active.span, &skus.value))
        };
        let all: Vec<_> = rules.iter().filter_map(with_window).collect();
        let sets: Vec<_> = all.iter().enumerate().map(|(rank, (.., skus))| (rank, *skus)).collect();
        let matcher = Matcher::new(&sets);
        Self { rules: all.into_iter().map(|(name, active, _)| (name, active)).collect(), matcher }
    }

    /// The first of them, in the order of the text, that matches a SKU.
    fn first(&self, sku: &str) -> Option<(&'r str, Span)> {
        let rank = self.matcher.first(sku, &mut Scratch::default())?;
        self.rules.get(rank).copied()
    }
}

/// An expectation on a SKU that a rule with a window matches needs to know when.
fn check_moment(test: &Test, windows: &Windows<'_>, out: &mut Vec<Diagnostic>) {
    for statement in &test.statements {
        let sku = match &statement.kind {
            StatementKind::At(_) => return,
            StatementKind::Expect(table) => &table.sku,
            StatementKind::Stock(_) | StatementKind::Bundle(_) => continue,
        };
        if let Some((rule, active)) = windows.first(&sku.text) {
            let message =
                format!("rule `{rule}` matches this SKU at some times only, and the test does not say when");
            let found = Diagnostic::new(&codes::TEST_NEEDS_MOMENT, sku.span, message);
            out.push(found.with_related(active, "its window").with_help("write `at 2026-11-27` before it"));
            return;
        }
    }
}

/// A part of a bundle is no bundle, and a bundle has no stock of its own.
fn check_bundles(test: &Test, out: &mut Vec<Diagnostic>) {
    let tables = |wanted: fn(&StatementKind) -> Option<&Table>| {
        test.statements.iter().filter_map(move |statement| wanted(&statement.kind))
    };
    let bundle_tables =
        || tables(|kind| if let StatementKind::Bundle(table) = kind { Some(table) } else { None });
    let stock_tables = tables(|kind| if let StatementKind::Stock(table) = kind { Some(table) } else { None });
    let bundles: HashSet<&str> = bundle_tables().map(|table| table.sku.text.as_str()).collect();
    for part in bundle_tables().flat_map(|table| &table.rows).map(|(part, _)| part) {
        if let TermKind::Text(raw) = &part.kind
            && unescape(raw).is_some_and(|sku| bundles.contains(sku.as_str()))
        {
            let found = Diagnostic::new(
                &codes::NESTED_BUNDLE,
                part.span,
                format!("{} is a bundle itself", said(part)),
            );
            out.push(found.with_help("name the parts that it is made of"));
        }
    }
    for table in stock_tables.filter(|table| bundles.contains(table.sku.text.as_str())) {
        let message = format!("bundle `{}` has stock of its own", table.sku.text);
        let found = Diagnostic::new(&codes::BUNDLE_WITH_STOCK, table.sku.span, message);
        out.push(found.with_help("give the stock of its parts"));
    }
}

struct Reader<'s, 'a> {
    scope: &'s Scope<'a>,
    out: &'s mut Vec<Diagnostic>,
}

impl Reader<'_, '_> {
    fn step(&mut self, kind: &StatementKind) -> Option<Step> {
        match kind {
            StatementKind::At(term) => {
                let read = moment(term, &self.scope.declared.timezone);
                self.keep(read).map(Step::At)
            }
            StatementKind::Stock(table) => {
                let rows = self.rows(table, |reader, warehouse, value| {
                    let id = reader.one(NameKind::Warehouse, warehouse);
                    let read = stock_quantity(value);
                    Some((WarehouseId(id?), reader.keep(read)?))
                });
                Some(Step::Stock { sku: table.sku.text.clone(), rows })
            }
            StatementKind::Bundle(table) => {
                let parts = self.rows(table, |reader, part, units| {
                    let part = reader.part(part);
                    let units = reader.units(units);
                    Some((part?, units?))
                });
                Some(Step::Bundle { sku: table.sku.text.clone(), parts })
            }
            StatementKind::Expect(table) => {
                let rows = self.rows(table, |reader, store, value| {
                    let id = reader.one(NameKind::Store, store);
                    Some((StoreId(id?), reader.expected(value)?))
                });
                Some(Step::Expect { sku: table.sku.text.clone(), span: table.sku.span, rows })
            }
        }
    }

    /// The rows of a table, and that none stands in it twice.
    fn rows<T>(
        &mut self,
        table: &Table,
        mut read: impl FnMut(&mut Self, &Term, &Term) -> Option<T>,
    ) -> Vec<T> {
        let mut seen: HashMap<(bool, &str), Span> = HashMap::default();
        let mut rows = Vec::with_capacity(table.rows.len());
        for (key, value) in &table.rows {
            let first = *seen.entry(as_written(key)).or_insert(key.span);
            if first != key.span {
                let message = format!("{} stands here a second time", said(key));
                let found = Diagnostic::new(&codes::DUPLICATE_ROW, key.span, message);
                self.out.push(found.with_related(first, "first written here").with_help("keep one of them"));
                continue;
            }
            rows.extend(read(self, key, value));
        }
        rows
    }

    fn keep<T>(&mut self, read: Result<T, Diagnostic>) -> Option<T> {
        read.map_err(|found| self.out.push(found)).ok()
    }

    fn one(&mut self, kind: NameKind, term: &Term) -> Option<u16> {
        let read = self.scope.one(kind, term);
        self.keep(read).flatten()
    }

    fn part(&mut self, term: &Term) -> Option<String> {
        let read = match &term.kind {
            TermKind::Text(raw) => unescape(raw)
                .ok_or_else(|| syntax(term.span, "a backslash here stands before `\"` or `\\` only")),
            _ => Err(syntax(term.span, format!("{} is no SKU", said(term)))
                .with_help("put the SKU in double quotes")),
        };
        self.keep(read)
    }

    fn units(&mut self, term: &Term) -> Option<u32> {
        let read = quantity(term).and_then(|units| match units {
            0 => Err(Diagnostic::new(
                &codes::BAD_QUANTITY,
                term.span,
                "a bundle needs at least 1 of each part",
            )),
            units => Ok(units),
        });
        self.keep(read)
    }

    fn expected(&mut self, term: &Term) -> Option<Expected> {
        if is_word(term, "none") {
            return Some(Expected { span: term.span, quantity: None });
        }
        let read = quantity(term).map(|units| Expected { span: term.span, quantity: Some(units.into()) });
        self.keep(read)
    }
}
