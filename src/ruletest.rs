//! The tests that stand in rule files: section 5 of the language.

pub mod coverage;

use crate::catalog::{Catalog, Rows};
use crate::check::{CheckedTest, Expected, Step};
use crate::diff::Live;
use crate::eval::{Candidates, Working, available, numbers};
use crate::pattern::Scratch;
use crate::plan::Reason;
use crate::rules::{Declared, RuleSet, StoreId, WarehouseId};
use crate::source::{Sources, Span};
use crate::trace::{Known, Trace, trace};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What tests are run against.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// The rules.
    pub rules: &'a RuleSet,
    /// The declared names.
    pub declared: &'a Declared,
    /// The texts, for places.
    pub sources: &'a Sources,
}

/// How one test went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TestResult<'a> {
    /// The test's name.
    pub name: &'a str,
    /// Where it stands.
    pub span: Span,
    /// How many numbers were compared.
    pub checked: usize,
    /// The numbers that are not as expected.
    pub failures: Vec<Failure<'a>>,
    /// What its expectations looked at, for the coverage.
    pub visits: Vec<Visit>,
}

/// A number that is not as expected.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure<'a> {
    /// Where the expectation stands.
    pub span: Span,
    /// The SKU.
    pub sku: &'a str,
    /// The store's name.
    pub store: &'a str,
    /// What the test says; `None`: the store is left alone.
    pub expected: Option<u64>,
    /// What the rules give.
    pub got: Option<(u64, Reason)>,
    /// The rule that takes the SKU.
    pub rule: Option<&'a str>,
    /// How the number came to be.
    pub trace: Trace,
}

/// What one `expect` looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Visit {
    /// The rule that took the SKU, as an index into [`RuleSet::rules`].
    pub winner: Option<usize>,
    /// Available stock under that rule.
    pub available: u64,
    /// The numbers of the stores that were checked and that the rule names.
    pub numbers: Vec<(StoreId, Working)>,
    /// The rules that match the SKU, and are not active at the moment.
    pub outside: Vec<usize>,
}

/// Runs tests, one after another.
pub fn run<'a>(tests: impl IntoIterator<Item = &'a CheckedTest>, ground: Ground<'a>) -> Vec<TestResult<'a>> {
    // Compiled rules serve until a test sets another moment.
    let mut compiled = Compiled { at: START, candidates: Candidates::new(ground.rules, START) };
    tests.into_iter().map(|test| run_one(test, ground, &mut compiled)).collect()
}

/// A test that sets no moment has no rule with a window for the SKUs it expects (`test-needs-moment`), so that the moment
/// at which it is run does not matter.
const START: Timestamp = Timestamp::UNIX_EPOCH;

/// How the number of one expectation comes to be: that whose place is `number`.
pub fn story_of(test: &CheckedTest, ground: Ground<'_>, number: Span) -> Option<Trace> {
    let mut bench = Bench { ground, at: START, stock: BTreeMap::new(), bundles: BTreeMap::new() };
    for step in &test.steps {
        if let Step::Expect { sku, rows, .. } = step
            && let Some((store, _)) = rows.iter().find(|(_, expected)| expected.span == number)
        {
            return Some(bench.story(sku, *store));
        }
        bench.take(step);
    }
    None
}

struct Compiled {
    at: Timestamp,
    candidates: Candidates,
}

fn run_one<'a>(test: &'a CheckedTest, ground: Ground<'a>, compiled: &mut Compiled) -> TestResult<'a> {
    let mut bench = Bench { ground, at: START, stock: BTreeMap::new(), bundles: BTreeMap::new() };
    let mut result = TestResult {
        name: &test.name,
        span: test.span,
        checked: 0,
        failures: Vec::new(),
        visits: Vec::new(),
    };
    for step in &test.steps {
        match step {
            Step::Expect { sku, rows, .. } => {
                if compiled.at != bench.at {
                    *compiled =
                        Compiled { at: bench.at, candidates: Candidates::new(ground.rules, bench.at) };
                }
                bench.expect(sku, rows, &compiled.candidates, &mut result);
            }
            _ => bench.take(step),
        }
    }
    result
}

/// The stock and the moment that the statements so far have set.
struct Bench<'a> {
    ground: Ground<'a>,
    at: Timestamp,
    stock: BTreeMap<&'a str, &'a [(WarehouseId, i64)]>,
    bundles: BTreeMap<&'a str, &'a [(String, u32)]>,
}

impl<'a> Bench<'a> {
    /// Takes in what a statement sets.
    fn take(&mut self, step: &'a Step) {
        match step {
            Step::At(moment) => self.at = *moment,
            Step::Stock { sku, rows } => _ = self.stock.insert(sku, rows),
            Step::Bundle { sku, parts } => _ = self.bundles.insert(sku, parts),
            Step::Expect { .. } => {}
        }
    }

    fn expect(
        &self,
        sku: &'a str,
        rows: &'a [(StoreId, Expected)],
        candidates: &Candidates,
        result: &mut TestResult<'a>,
    ) {
        let rules = self.ground.rules.rules();
        let catalog = self.catalog(sku, &[]);
        let winner = candidates.winner(sku, &mut Scratch::default());
        let rule = winner.and_then(|rank| rules.get(rank));
        let mut visit = Visit { winner, available: 0, numbers: Vec::new(), outside: self.outside(sku) };
        let mut shown = Vec::new();
        if let (Some(rule), Some(id)) = (rule, catalog.find_sku(sku)) {
            visit.available = available(rule, &catalog, id);
            numbers(rule, visit.available, &mut shown);
        }
        for (store, expected) in rows {
            result.checked += 1;
            let found = shown.binary_search_by_key(store, |&(named, _)| named).ok();
            let number = found.and_then(|at| shown.get(at));
            visit.numbers.extend(number);
            let got = number.map(|(_, working)| (working.capped, working.reason));
            if got.map(|(units, _)| units) != expected.quantity {
                result.failures.push(Failure {
                    span: expected.span,
                    sku,
                    store: self.store(*store),
                    expected: expected.quantity,
                    got,
                    rule: rule.map(|rule| rule.name.as_str()),
                    trace: self.story(sku, *store),
                });
            }
        }
        result.visits.push(visit);
    }

    fn store(&self, store: StoreId) -> &'a str {
        self.ground.declared.stores.get(store.0 as usize).map_or("", String::as_str)
    }

    /// The rules with a window that would be candidates at another moment.
    fn outside(&self, sku: &str) -> Vec<usize> {
        let rules = self.ground.rules.rules().iter().enumerate();
        let outside =
            rules.filter(|(_, rule)| rule.on && !rule.window.contains(self.at) && rule.skus.matches(sku));
        outside.map(|(rank, _)| rank).collect()
    }

    /// The same story as `why` tells, over the test's own stock.
    fn story(&self, sku: &str, store: StoreId) -> Trace {
        let Ground { rules, declared, sources } = self.ground;
        let catalog = self.catalog(sku, &[(sku, self.store(store), sku, 1)]);
        let live = Live::unread(&catalog);
        let known = Known {
            rules,
            catalog: &catalog,
            declared,
            sources,
            live: &live,
            bounds: &[],
            orders: &[],
            at: self.at,
        };
        trace(known, sku, Some(store))
    }

    /// The SKU, its parts and their stock.
    fn catalog(&self, sku: &str, mappings: &[(&str, &str, &str, u32)]) -> Catalog {
        let Declared { warehouses, stores, .. } = self.ground.declared;
        let warehouse = |id: WarehouseId| warehouses.get(id.0 as usize).map_or("", String::as_str);
        let parts = self.bundles.get(sku).copied().unwrap_or_default();
        let parts: Vec<_> = parts.iter().map(|(part, units)| (sku, part.as_str(), *units)).collect();
        let skus = std::iter::once(sku).chain(parts.iter().map(|&(_, part, _)| part));
        let stock: Vec<_> = skus
            .filter_map(|sku| self.stock.get_key_value(sku))
            .flat_map(|(sku, rows)| rows.iter().map(|&(id, units)| (*sku, warehouse(id), units)))
            .collect();
        Catalog::build(Rows { warehouses, stores, skus: &[sku], stock: &stock, mappings, bundles: &parts })
    }
}
